# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's lighttpd: what a visitor gets before and after, and that no verdict is better than what visitors get."""

from __future__ import annotations

import json
import shutil
import sys

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import lighttpd_print
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.lighttpd_config import parse

from tests.integration import panel_world
from tests.integration.lighttpd_world import CASES, FOLDER, INTENT, LIGHTTPD, apply, changes_of, read, reload, server
from tests.integration.panel_world import ALLOWED, STRANGER

_WHY = panel_world.unavailable() or ("" if shutil.which("lighttpd", path="/usr/sbin") else "lighttpd is not installed")
pytestmark = pytest.mark.skipif(bool(_WHY), reason=_WHY)

_LOGIN = """
import base64, http.client, json, sys
peer = http.client.HTTPConnection("203.0.113.1", 80, timeout=5, source_address=(sys.argv[1], 0))
login = base64.b64encode(b"operator:panel-only").decode()
peer.request("GET", "/", headers={"Authorization": f"Basic {login}"})
print(json.dumps(peer.getresponse().status))
"""


#: Awaits that somebody listens on port 80.
_LISTENS = "until grep -q ':0050 .* 0A ' /proc/net/tcp; do sleep 0.05; done"


def with_login(made, source):
    return json.loads(made.run(sys.executable, "-c", _LOGIN, source))


def statuses(made, control):
    return {one.status for one in LIGHTTPD.judge(LIGHTTPD.parse(read(made)), INTENT) if one.control == control}


def test_a_visitor_is_served_before_and_asked_for_a_login_after_and_a_stranger_refused():
    with server() as made:
        assert [made.ask(who)[0] for who in (ALLOWED, STRANGER)] == [200, 200]
        assert "lighttpd/" in made.ask(STRANGER)[1]["Server"]
        apply(made, changes_of(read(made)))
        assert [made.ask(who)[0] for who in (ALLOWED, STRANGER)] == [401, 401], "the login is asked for first"
        assert [with_login(made, who) for who in (ALLOWED, STRANGER)] == [200, 403]
        _status, headers, _page = made.ask(ALLOWED)
        assert headers["Server"] == "web" and f'realm="{INTENT.label}"' in headers["WWW-Authenticate"]
        assert changes_of(read(made)) == [], "a second run changes nothing"
        verdicts = LIGHTTPD.judge(LIGHTTPD.parse(read(made)), INTENT)
        assert {one.status for one in verdicts} == {Status.PASS}


@pytest.mark.parametrize("order", [("A2.web", "A1.web", "B1.http_header"), ("B1.http_header", "A1.web", "A2.web")])
def test_each_item_alone_works_from_a_clean_state_and_never_opens_what_another_closed(order):
    with server() as made:
        closed = []
        for control in order:
            apply(made, [one for one in changes_of(read(made)) if one.control == control])
            closed.append(control)
            assert (with_login(made, STRANGER) == 403) is ("A2.web" in closed)
            assert (made.ask(ALLOWED)[0] == 401) is ("A1.web" in closed)
            assert statuses(made, control) == {Status.PASS}


def printed(made, *command):
    """The blocks without what differs from one question to the next, and whether there are types of files."""
    blocks = parse(made.run(*command))
    types = [block["keys"].pop("mimetype.assign", None) for block in blocks]
    for block in blocks:
        for differing in ("var.PID", "var.CWD"):
            block["keys"].pop(differing, None)
    return blocks, any(types)


@pytest.mark.parametrize(
    ("own", "short"),
    [
        *((own, True) for name, own in CASES.items() if name != "broken"),
        ('include "beside.conf"\n', True),  # from the folder of the main file
        ('server.tag = var.CWD + "x"\n', False),
        ('include "/srv/elsewhere.conf"\n', False),  # which may speak of var.CWD
        ('include "../../srv/elsewhere.conf"\n', False),
        ('$SERVER["socket"] == ":81" { include "/srv/elsewhere.conf" }\n', False),
        ('$HTTP["url"] == "/#" { include "/srv/elsewhere.conf" }\n', False),
        ('include_shell "cat /srv/elsewhere.conf"\n', False),
    ],
)
def test_without_the_types_of_files_lighttpd_prints_all_the_rest(own, short):
    _having, _lighttpd, *command = lighttpd_print.COMMAND
    with server(own, running=False) as made:
        made.write("/etc/lighttpd/beside.conf", 'server.tag = "beside"\n')
        made.write("/srv/elsewhere.conf", 'server.errorfile-prefix = var.CWD + "pages"\n')
        long_way = printed(made, "sh", "-c", f"cd / && exec lighttpd -p -f {lighttpd_print.MAIN}")
        assert long_way[1] and printed(made, *command) == (long_way[0], not short)
        command[-1] = command[-1].replace(lighttpd_print.KNOWN[0], "0" * 64)
        assert printed(made, *command) == long_way, "a script that is not known may print anything"


#: One more snippet, and a path that a stranger, or somebody without a login, then gets.
HOLES = {
    "a path without a login": ('$HTTP["url"] =^ "/open/" { auth.require = () }', "A1.web", ALLOWED, "/open/"),
    "a path for everybody": ('$HTTP["url"] =^ "/open/" { url.access-deny = () }', "A2.web", STRANGER, "/open/"),
    "a name without a login": ('$HTTP["host"] == "203.0.113.1" { auth.require = () }', "A1.web", ALLOWED, "/open/"),
    "files of a kind": (
        '$HTTP["url"] =~ "[.]html$" { url.access-deny = ("~") }',
        "A2.web",
        STRANGER,
        "/open/index.html",
    ),
}


@pytest.mark.parametrize(("snippet", "control", "who", "path"), HOLES.values(), ids=HOLES)
def test_a_hole_is_a_gap_and_somebody_comes_through_it(snippet, control, who, path):
    with server() as made:
        made.run("mount", "-t", "tmpfs", "none", "/var/www/html")
        made.run("sh", "-c", "mkdir /var/www/html/open && echo panel >/var/www/html/open/index.html")
        apply(made, changes_of(read(made)))
        made.write(f"{FOLDER}/zzz-owner.conf", 'index-file.names := ( "index.html" )\n' + snippet + "\n")
        made.run("lighttpd", "-tt", "-f", "/etc/lighttpd/lighttpd.conf")
        reload(made)
        through = {"A1.web": 200, "A2.web": 401}[control]  # past the list, the login is what is left
        assert made.ask(who, path)[0] == through, "no hole, so this proves nothing"
        assert Status.PASS not in statuses(made, control)


def test_what_lighttpd_refuses_is_unknown_and_left_alone():
    with server() as made:
        made.write(f"{FOLDER}/broken.conf", 'server.tag = "never closed\n')
        with pytest.raises(Unreadable, match="missing closing quote"):
            LIGHTTPD.parse(read(made))


def test_pages_in_a_chroot_are_not_looked_for_outside_of_it():
    """They were, none was found, and their names passed."""
    with (
        server('server.chroot = "/srv/panel"\n', running=False) as made,
        pytest.raises(Unreadable, match=r"server\.chroot"),
    ):
        LIGHTTPD.parse(read(made))


def test_a_lighttpd_with_another_file_is_not_judged_by_the_one_of_the_package():
    with server(running=False) as made:
        made.write("/etc/other.conf", 'server.port = 80\nserver.document-root = "/srv/panel"\n')
        with made.started("sh", "-c", f"lighttpd -D -f /etc/other.conf & {_LISTENS}; echo; cat; kill $!"):
            assert made.ask(STRANGER, "/index.html")[0] == 200, "nobody listens, so this proves nothing"
            with pytest.raises(Unreadable, match=r"-f /etc/other\.conf, so it may read another configuration"):
                LIGHTTPD.parse(read(made))
