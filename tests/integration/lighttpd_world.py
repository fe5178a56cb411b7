# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A panel whose web server is Debian's lighttpd, in namespaces of its own (see panel_world.py).

There is no systemd inside: what its unit would say is said here, and its reload is the signal that the unit sends.

    python -m tests.integration.lighttpd_world FOLDER     records the captures
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, FileEdit, Intent, RunEdit
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.lighttpd import Lighttpd

from tests.integration.panel_world import Panel, panel, unavailable
from tests.unit.plugins.plugin_utils.captures import changed, dump

LIGHTTPD = Lighttpd()
FOLDER = "/etc/lighttpd/conf-enabled"
INTENT = Intent(
    site="k7", host="k7-panel", allow4=("203.0.113.8/30",), allow6=("2001:db8:1::10/128",),
    enforce_with="web_server", label="K-7Q2MXA", words=("第一浄水場", "hirosaki"), user_file="/etc/lighttpd/accounts",
)  # fmt: skip
ACCOUNTS = (
    "operator:$6$doc$5qZfMPTUh0RpOhqgqKfGl3JGjFrc.wDIM..boUV4SrDki1Hn/0OY4"
    "m04EUwwSZH2HsULqmvYIrvVd6aIC5S.s0\n"  # of "panel-only"
)

#: What each capture has beyond the package's own files.
CASES = {
    "stock": "",
    "overridden": """\
server.modules += ( "mod_auth", "mod_authn_file" )
auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "/etc/lighttpd/accounts"
auth.require = ( "/" => ( "method" => "basic", "realm" => "第一浄水場", "require" => "valid-user" ) )
setenv.add-response-header = ( "X-Secret" => "planted" )
$HTTP["url"] =^ "/open/" { auth.require = ( ) }
$HTTP["host"] == "panel.example" {
    dir-listing.activate = "enable"
    $HTTP["url"] =~ "^/(live|still)$" { url.access-deny = ( "disable" ) }
}
""",
    "ipv6": '$SERVER["socket"] == "[2001:db8:1::1]:8088" { server.tag = "panel 2.1" }\n',
    "port": 'server.port := 8080\nserver.bind = "203.0.113.1"\n$SERVER["socket"] == "127.0.0.1:8081" { }\n',
    "broken": 'server.tag = "never closed\n',
}


def unit(
    text: str = "ActiveState=active\nStateChangeTimestampMonotonic=4102444800000000\n",
) -> dict[str, dict[str, str]]:
    """What systemd says of a unit that was reloaded just now."""
    return {"lighttpd.unit": {"systemctl show -p ActiveState,StateChangeTimestampMonotonic lighttpd.service": text}}


@contextmanager
def server(own: str = "", running: bool = True) -> Iterator[Panel]:
    """Debian's lighttpd with one file more."""
    with panel() as made:
        shutil.copytree("/etc/lighttpd", made.root / "etc/lighttpd", symlinks=True)
        made.write("/etc/lighttpd/accounts", ACCOUNTS)
        if own:
            made.write(f"{FOLDER}/50-panel.conf", own)
        made.run("mkdir", "-p", "/var/log/lighttpd")
        made.run("chown", "www-data", "/var/log/lighttpd")
        made.run("ip", "addr", "add", "2001:db8:1::1/128", "dev", "lo")
        if running:
            made.run("sh", "-c", "lighttpd -D -f /etc/lighttpd/lighttpd.conf >/run/said 2>&1 & echo $! >/run/pid")
            made.run("sh", "-c", f"until {_UP}; do :; done")
        yield made


_UP = "pgrep -x lighttpd >/dev/null && grep -q 'server started' /var/log/lighttpd/error.log"


def read(made: Panel) -> Raw:
    return changed(made.read(LIGHTTPD), **unit())


def changes_of(raw: Raw, intent: Intent = INTENT) -> list[Change]:
    return [change for one in LIGHTTPD.judge(LIGHTTPD.parse(raw), intent) for change in one.changes]


def apply(made: Panel, changes: Iterable[Change]) -> None:
    """Writes, checks as planned, and does what the unit's reload does."""
    for change in changes:
        for edit in change.edits:
            assert isinstance(edit, FileEdit) and edit.content is not None
            made.write(edit.path, edit.content)
        for check in change.checks:
            assert isinstance(check, RunEdit)
            made.run(*check.argv)
    reload(made)


def reload(made: Panel) -> None:
    """What the unit's reload does: a graceful restart, awaited."""
    made.run("sh", "-c", "cp /var/log/lighttpd/error.log /run/before; kill -USR1 $(cat /run/lighttpd.pid)")
    made.run("sh", "-c", "until [ $(grep -c 'server started' /var/log/lighttpd/error.log) -gt "
                         "$(grep -c 'server started' /run/before) ]; do :; done")  # fmt: skip


def record(folder: Path) -> None:
    for name, own in CASES.items():
        with server(own, running=name != "broken") as made:
            dump(changed(made.read(LIGHTTPD), **unit()), folder / name / "capture.json")
            if name == "stock":
                apply(made, changes_of(read(made)))
                dump(read(made), folder / "compliant" / "capture.json")


if __name__ == "__main__":
    sys.exit(unavailable() or record(Path(sys.argv[1])))
