# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A panel whose web server is the real apache2 of Debian, in the namespaces of panel_world.

``python -m tests.integration.apache_world DIRECTORY`` records from it the fixtures of the unit tests of apache2.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, Intent, Judgement, Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.apache import Apache

from tests.integration import panel_world
from tests.integration.panel_world import PAGE, PANEL, Panel, panel
from tests.unit.plugins.plugin_utils.captures import dump

APACHE = Apache()
USER_FILE = "/etc/apache2/htpasswd"
INTENT: Intent = replace(panel_world.INTENT, user_file=USER_FILE)
SITE = "/etc/apache2/sites-enabled/000-default.conf"
CONF = "/etc/apache2/conf-enabled"
LOGIN = f'AuthType Basic\n AuthName "{INTENT.label}"\n AuthUserFile {USER_FILE}\n Require valid-user'
ALLOW = "Require ip 127.0.0.0/8 ::1 203.0.113.8/30 203.0.113.12 2001:db8:1::10"
QUIET = "ServerTokens Prod\nServerSignature Off\n"

#: The order of a full run.
ITEMS = ("A2", "A1", "B1")


def site(inside: str = "", listen: str = "*:80", root: str = "/srv/panel", outside: str = "") -> str:
    """One virtual host like Debian's."""
    granted = f"<Directory {root}>\n Require all granted\n</Directory>\n"
    return f"{outside}\n<VirtualHost {listen}>\n DocumentRoot {root}\n {granted}{inside}\n</VirtualHost>\n"


#: What each recorded case puts into /etc/apache2, besides what Debian installs.
CASES: dict[str, dict[str, str]] = {
    "stock": {},
    "exposed": {
        SITE: site('<Location "/admin">\n AuthType Basic\n AuthName "弘前市 第一浄水場"\n'
                   f" AuthUserFile {USER_FILE}\n Require valid-user\n</Location>"),
    },
    "compliant": {
        SITE: site(f"<Location />\n {LOGIN}\n</Location>\n<Location />\n AuthMerging And\n {ALLOW}\n</Location>"),
        f"{CONF}/zz-site.conf": QUIET,
        "/srv/panel/index.html": f"<title>{INTENT.label}</title>",
    },
    "broken": {SITE: site("NoSuchDirective on")},
    "overridden": {SITE: site("<Location /open>\n Require all granted\n</Location>")},
    "satisfy_any": {
        SITE: site(f"<Location />\n {LOGIN}\n Satisfy Any\n Order deny,allow\n Deny from all\n Allow from 192.0.2.1\n"
                   "</Location>"),
    },
    "htaccess": {
        SITE: site("<Directory /srv/panel>\n AllowOverride All\n</Directory>"),
        "/srv/panel/.htaccess": f"{LOGIN}\n",
        "/srv/panel/open/.htaccess": "<IfModule mod_authz_core.c>\nRequire all granted\n</IfModule>\n",
    },
    "ipv6": {
        "/etc/apache2/ports.conf": "Listen [2001:db8::1]:8443\n",
        SITE: site(listen="[2001:db8::1]:8443"),
    },
    "other_port": {"/etc/apache2/ports.conf": "Listen 8088\nListen 80\n", SITE: site(listen="*:8088")},
    "loopback": {"/etc/apache2/ports.conf": "Listen 127.0.0.1:80\n"},
}  # fmt: skip


def unavailable() -> str:
    if reason := panel_world.unavailable():
        return reason
    return "" if shutil.which("apache2ctl", path="/usr/sbin") else "not installed: apache2 (apt-get install apache2)"


@contextmanager
def apache(files: dict[str, str] | None = None, *, start: bool = True) -> Iterator[Panel]:
    """A panel with this configuration, where ``operator`` has an account."""
    given = {USER_FILE: "operator:{SHA}5RHHxMx7cSmCcm8WcohomRVxHgE=\n", "/srv/panel/index.html": PAGE, **(files or {})}
    with panel() as made:
        for path, text in given.items():
            made.write(path, text)
        made.run("ip", "addr", "add", "2001:db8::1/128", "dev", "lo", "nodad")
        made.run("mkdir", "/run/apache2")
        if start:
            made.run("apache2ctl", "start")
            _await(made, "grep -q ' 0A ' /proc/net/tcp /proc/net/tcp6")
        yield made


def _await(made: Panel, condition: str) -> None:
    made.run("sh", "-c", f"for try in $(seq 400); do {condition} && exit 0; sleep 0.05; done; exit 1")


def generation(made: Panel) -> str:
    """Another one for every configuration that was taken over."""
    return made.run("stat", "-c", "%y", "/run/apache2/apache2.pid").strip()


def loaded(made: Panel, changes: Iterable[Change]) -> None:
    """Applies changes, and awaits that apache2 has taken them over where it was asked to."""
    planned, before = list(changes), generation(made)
    made.apply(planned)
    if any(change.activate for change in planned):
        taken_over(made, before)


def taken_over(made: Panel, before: str) -> None:
    """Awaits another generation than this one."""
    _await(made, f'[ "$(stat -c %y /run/apache2/apache2.pid)" != "{before}" ]')


_ASK = """
import base64, http.client, json, sys
source, host, port, path, password = sys.argv[1:]
peer = http.client.HTTPConnection(host, int(port), timeout=5, source_address=(source, 0))
login = {"Authorization": "Basic " + base64.b64encode(password.encode()).decode()} if password else {}
peer.request("GET", path, headers=login)
answer = peer.getresponse()
print(json.dumps([answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace")]))
"""


def ask(
    made: Panel, source: str, path: str = "/", password: str = "", port: int = 80
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body that a visitor from ``source`` gets, with ``name:password`` or without."""
    status, headers, body = json.loads(made.run(sys.executable, "-c", _ASK, source, PANEL, str(port), path, password))
    return status, headers, body


def judged(made: Panel, intent: Intent = INTENT) -> list[Judgement]:
    return list(APACHE.judge(APACHE.parse(made.read(APACHE)), intent))


def changes(made: Panel, item: str, intent: Intent = INTENT) -> list[Change]:
    return [change for one in judged(made, intent) if one.control.startswith(f"{item}.") for change in one.changes]


def statuses(made: Panel, intent: Intent = INTENT) -> dict[str, set[Status]]:
    found: dict[str, set[Status]] = {}
    for one in judged(made, intent):
        found.setdefault(one.control, set()).add(one.status)
    return found


def record(folder: Path) -> None:
    for name, files in CASES.items():
        with apache(files, start=name != "broken") as made:
            dump(made.read(APACHE), folder / name / "capture.json")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
