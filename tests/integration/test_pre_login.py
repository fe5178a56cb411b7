# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real nginx and sshd: what a visitor sees before and after, and that no verdict is better than what visitors get."""

from __future__ import annotations

import sys
import time

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sshd import Sshd

from tests.integration import panel_world
from tests.integration.panel_world import ALLOWED, FILES, INTENT, PAGE, STRANGER, SURFACES, changes_of, panel

pytestmark = pytest.mark.skipif(bool(panel_world.unavailable()), reason=panel_world.unavailable())

LABEL = INTENT.label


def statuses(made, surface, control):
    state = surface.parse(made.read(surface))
    return {one.status for one in surface.judge(state, INTENT) if one.control == control}


def test_a_visitor_sees_names_before_and_the_label_after():
    with panel() as made:
        made.start()
        assert [made.ask(who)[0] for who in (ALLOWED, STRANGER)] == [200, 200]
        assert "第一浄水場" in made.ask(STRANGER)[2] and "/" in made.ask(STRANGER)[1]["Server"]
        until(lambda: made.greets(debian=True))

        changes = changes_of(made.read())
        made.apply(changes)

        assert [made.ask(who)[0] for who in (ALLOWED, STRANGER)] == [200, 403]
        status, headers, page = made.ask(ALLOWED)
        assert (status, headers["Server"]) == (200, "nginx") and f"<title>{LABEL}</title>" in page
        assert not any(word in page for word in INTENT.words)
        assert made.ask(ALLOWED, "/admin/")[1]["WWW-Authenticate"] == f'Basic realm="{LABEL}"'
        until(lambda: made.greets(debian=False))
        assert made.run("hostname").strip() == LABEL.lower()
        after = made.read()
        assert changes_of(after) == [], "a second run changes nothing"
        verdicts = [one for surface in SURFACES for one in surface.judge(surface.parse(after), INTENT)]
        # This panel's pages stay open without a login: nobody named accounts (A1), and that is said. So is that sshd
        # has no list of its own (A2): a person makes it.
        left = {one.control for one in verdicts if one.status is not Status.PASS}
        assert left == {"A1.web", "A2.service", "B1.ssh_version"}


def test_lines_of_the_owner_come_back_exactly():
    with panel() as made:
        made.start()
        lines = [change for change in changes_of(made.read()) if change.control in ("B1.http_realm", "B1.http_title")]
        with made.trying(lines):
            assert LABEL in made.text("/srv/panel/index.html") and LABEL in made.text("/etc/nginx/sites-enabled/panel")
        assert made.text("/srv/panel/index.html") == PAGE
        assert made.text("/etc/nginx/sites-enabled/panel") == FILES["etc/nginx/sites-enabled/panel"]
        assert "弘前" in made.run("nginx", "-T")


#: One more location or directive in the site, and a path a stranger asks for.
HOLES = {
    "a location that allows all": ("location /open { allow all; }", "/open/"),
    "a location that allows another network": ("location /open { allow 203.0.113.64/26; deny all; }", "/open/"),
    "a location without deny": ("location /open { allow 203.0.113.10; }", "/open/"),
    "a nested location": ("location /open { deny all; location /open/x { allow all; } }", "/open/x/"),
    "deny only one": ("location /open { deny 203.0.113.10; }", "/open/"),
    "return with a text": ('location /open { return 200 "pump 3"; }', "/open/"),
    "satisfy any": ("location /open { satisfy any; auth_basic x; auth_basic_user_file /etc/nginx/htpasswd; }", None),
    "a forged header": ("location /open { set_real_ip_from 0.0.0.0/0; real_ip_header X-Real-IP; }", None),
    "GET is free": ("location /open { limit_except POST { allow all; } }", "/open/"),
    "a condition that returns": ('if ($uri = "/open/") { return 200 "pump 3"; }', "/open/"),
}
SAFE = {
    "a location for nobody": ("location /open { deny all; }", "/open/"),
    "a location for fewer": ("location /open { allow 203.0.113.10; deny all; }", "/open/"),
    "a redirect": ("location /open { return 301 /; }", "/open/"),
    "a status": ("location /open { return 404; }", "/open/"),
    "GET is for nobody": ("location /open { limit_except POST { deny all; } }", "/open/"),
    "a quoted brace": ('location /open { add_header X-Frame-Options "}deny;{"; }', "/open/"),
}


@pytest.fixture(scope="module")
def limited():
    """A panel where the allowlist is in force; each test adds a snippet of its own."""
    with panel() as made:
        made.start()
        made.write("/srv/panel/open/index.html", PAGE)
        made.write("/srv/panel/open/x/index.html", PAGE)
        made.apply(one for one in changes_of(made.read()) if one.control == "A2.web")
        yield made


def with_snippet(made, snippet):
    site = FILES["etc/nginx/sites-enabled/panel"]
    made.write(
        "/etc/nginx/sites-enabled/panel", site.replace("    root /srv/panel;", f"    root /srv/panel;\n{snippet}", 1)
    )
    made.run("nginx", "-t")
    made.run("sh", "-c", "kill -QUIT $(cat /run/nginx.pid); while [ -e /run/nginx.pid ]; do sleep 0.05; done; nginx")


@pytest.mark.parametrize(("snippet", "path"), HOLES.values(), ids=HOLES)
def test_a_hole_is_a_gap_and_a_stranger_comes_through_it(limited, snippet, path):
    with_snippet(limited, snippet)
    if path:
        assert limited.ask(STRANGER, path)[0] == 200, "no hole, so this proves nothing"
    (verdict,) = statuses(limited, Nginx(), "A2.web")
    assert verdict is Status.GAP


@pytest.mark.parametrize(("snippet", "path"), SAFE.values(), ids=SAFE)
def test_what_is_safe_passes_and_a_stranger_is_refused(limited, snippet, path):
    with_snippet(limited, snippet)
    assert limited.ask(STRANGER, path)[0] != 200
    assert statuses(limited, Nginx(), "A2.web") == {Status.PASS}


def test_what_nginx_refuses_is_unknown(limited):
    limited.write("/etc/nginx/conf.d/broken.conf", "server {\n")
    try:
        with pytest.raises(Unreadable, match="broken"):
            Nginx().parse(limited.read(Nginx()))
    finally:
        (limited.root / "etc/nginx/conf.d/broken.conf").unlink()


def test_a_line_of_the_owner_before_ours_is_edited_in_its_place():
    """sshd keeps the first value: a file of ours would count for nothing here."""
    with panel({"etc/ssh/sshd_config": "DebianBanner yes\nInclude /etc/ssh/sshd_config.d/*.conf\n"}) as made:
        made.start()
        made.apply(one for one in changes_of(made.read()) if one.control == "B1.ssh_version")
        until(lambda: made.greets(debian=False))
        assert made.text("/etc/ssh/sshd_config").splitlines()[0] == "DebianBanner no"


def test_without_an_include_the_setting_becomes_the_first_line():
    with panel({"etc/ssh/sshd_config": "Port 22\nMatch User x\n  Banner none\n"}) as made:
        made.start()
        changes = [one for one in changes_of(made.read()) if one.control == "B1.ssh_version"]
        with made.trying(changes):
            until(lambda: made.greets(debian=False))
        assert made.text("/etc/ssh/sshd_config") == "Port 22\nMatch User x\n  Banner none\n"
        until(lambda: made.greets(debian=True))


def test_what_sshd_refuses_is_unknown():
    with (
        panel({"etc/ssh/sshd_config": "NoSuchKeyword yes\n"}) as made,
        pytest.raises(Unreadable, match="NoSuchKeyword"),
    ):
        Sshd().parse(made.read(Sshd()))


def test_a_name_on_a_page_deep_below_the_root_is_found_and_goes():
    with panel({"srv/panel/a/b/c/help.html": "<title>第一浄水場 help</title>"}) as made:
        made.start()
        assert "第一浄水場" in made.ask(STRANGER, "/a/b/c/help.html")[2]
        made.apply(one for one in changes_of(made.read()) if one.control == "B1.http_title")
        assert f"<title>{LABEL}</title>" in made.ask(STRANGER, "/a/b/c/help.html")[2]


def test_what_was_edited_and_not_reloaded_is_unknown_until_it_is(limited):
    with_snippet(limited, "")
    assert statuses(limited, Nginx(), "A2.web") == {Status.PASS}
    limited.run("touch", "-d", "+1 hour", "/etc/hostname")  # another file says nothing
    assert statuses(limited, Nginx(), "A2.web") == {Status.PASS}
    site = limited.text("/etc/nginx/sites-enabled/panel")
    until(lambda: _edited(limited, Nginx(), "A2.web", "/etc/nginx/sites-enabled/panel", site))
    limited.run("nginx", "-s", "reload")
    until(lambda: statuses(limited, Nginx(), "A2.web") == {Status.PASS})


def test_sshd_edited_and_not_reloaded_is_unknown_until_it_is():
    with panel() as made:
        made.start()
        assert Status.UNKNOWN not in statuses(made, Sshd(), "B1.ssh_banner")
        more = "PermitEmptyPasswords no\n"
        until(lambda: _edited(made, Sshd(), "B1.ssh_banner", "/etc/ssh/sshd_config.d/60-more.conf", more))
        made.run("pkill", "-HUP", "-F", "/run/sshd.pid")
        until(lambda: Status.UNKNOWN not in statuses(made, Sshd(), "B1.ssh_banner"))


def _edited(made, surface, control, path, text):
    """Whether an edit of just now is noticed: stamps of files and processes are compared to the second, with slack."""
    made.write(path, text)
    return Status.UNKNOWN in statuses(made, surface, control)


OTHER = "events {} http { server { listen 203.0.113.10:80; root /srv/panel; } }"


def test_an_nginx_with_another_file_is_not_judged_by_the_one_of_the_package():
    with panel() as made:
        made.write("/etc/other.conf", OTHER)
        made.run("sh", "-c", "nginx -c /etc/other.conf >/run/said 2>&1")
        with pytest.raises(Unreadable, match=r"-c /etc/other\.conf, so it may read another configuration"):
            Nginx().parse(made.read(Nginx()))


def test_a_second_nginx_on_the_port_of_the_first_is_unknown():
    site = (
        FILES["etc/nginx/sites-enabled/panel"]
        .replace("listen 80 ", "listen 203.0.113.1:80 ")
        .replace("listen [::]:80 default_server;", "")
    )
    with panel({"etc/nginx/sites-enabled/panel": site}) as made:
        made.start()
        made.write("/etc/other.conf", "pid /run/other.pid; " + OTHER)
        made.run("sh", "-c", "nginx -c /etc/other.conf >/run/said 2>&1")
        judged = Nginx().judge(Nginx().parse(made.read(Nginx())), INTENT)
        unknown = [one.why for one in judged if one.control == "A1.web" and one.status is Status.UNKNOWN]
        assert any("203.0.113.10 port 80 (nginx)" in why for why in unknown)


def test_another_web_server_beside_nginx_is_unknown(limited):
    with_snippet(limited, "")
    server = "import socket, sys; s = socket.create_server(('203.0.113.1', 8080)); print(flush=True); sys.stdin.read()"
    with limited.started(sys.executable, "-c", server):
        (said,) = [
            one for one in Nginx().judge(Nginx().parse(limited.read(Nginx())), INTENT) if one.control == "A2.web"
            and one.status is not Status.PASS
        ]  # fmt: skip
        assert said.status is Status.UNKNOWN and "203.0.113.1 port 8080 (python" in said.why
    until(lambda: statuses(limited, Nginx(), "A2.web") == {Status.PASS})


def until(holds):
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it never came true"
