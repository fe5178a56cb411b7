# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 on nginx: what is shown without a login, and the file of ours that asks for one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Exposure, Level
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx

from .test_nginx import INTENT, listening

NGINX = Nginx()
CONTROL = "A1.web"
FILE = INTENT.user_file
BASIC = f"auth_basic login; auth_basic_user_file {FILE};"
OURS = "/etc/nginx/conf.d/zz-iot-site-checklist-login.conf"
TODAY = "2026-05-01"


def raw(*sites, http="", ours="", sizes=None):
    """A configuration like Debian's, one file for each site."""
    main = f"user www-data; http {{ include /etc/nginx/conf.d/*.conf; include /etc/nginx/sites-enabled/*; {http} }}"
    files = {"/etc/nginx/nginx.conf": main, **({OURS: ours} if ours else {})}
    files |= {f"/etc/nginx/sites-enabled/{number}": site for number, site in enumerate(sites)}
    text = "".join(f"# configuration file {path}:\n{content}\n" for path, content in files.items())
    sizes = {FILE: 44} if sizes is None else sizes
    found = {
        f"stat -L -c %s %n {path}": Output(
            f"{size} {path}\n".encode() if size is not None else b"", rc=int(size is None)
        )
        for path, size in sizes.items()
    }
    return Raw({**listening(), "nginx.config": {"nginx -T": Output(text.encode())}, "nginx.user_file": found})


def judged(given, intent=INTENT):
    return [one for one in NGINX.judge(NGINX.parse(given), intent) if one.control == CONTROL]


def said(given, intent=INTENT):
    return {one.status for one in judged(given, intent)}


def public(*paths, until="2026-12-31"):
    exposure = Exposure(Level.PUBLIC_VIEW, "open day", "the owner", "2026-01-01", until, paths)
    return replace(INTENT, exposure=exposure, today=TODAY)


@pytest.mark.parametrize(
    "site",
    [
        f"server {{ {BASIC} }}",
        f"server {{ location / {{ {BASIC} }} }}",
        f"server {{ listen [2001:db8::1]:8443; {BASIC} location /x {{ location /x/y {{ }} }} }}",
        f"server {{ {BASIC} location /old {{ return 301 /; }} location /gone {{ auth_basic off; return 404; }} }}",
        "server { if ($host = a) { return 301 https://a$request_uri; } return 404; }",
        f"server {{ {BASIC} satisfy all; allow 192.0.2.1; deny all; }}",
        "server { auth_request /ask; location = /ask { internal; auth_request off; proxy_pass http://192.0.2.9; } }",
        f"server {{ {BASIC} location /api {{ proxy_pass http://192.0.2.9; limit_except GET {{ deny all; }} }} }}",
        f"server {{ {BASIC} location /status {{ stub_status; }} location /l {{ autoindex on; }} }}",
    ],
)
def test_a_login_everywhere_passes(site):
    assert said(raw(site)) == {Status.PASS}, [one.why for one in judged(raw(site))]


@pytest.mark.parametrize(
    ("site", "status", "why"),
    [
        ("server { }", Status.GAP, "shows files"),
        (f"server {{ location / {{ {BASIC} }} location /x {{ }} }}", Status.GAP, "location /x"),
        (f"server {{ {BASIC} location /x {{ auth_basic off; }} }}", Status.GAP, "sites-enabled/0:1: auth_basic off"),
        (f"server {{ {BASIC} location /x {{ location /x/y {{ auth_basic off; }} }} }}", Status.GAP, "location /x/y"),
        (f"server {{ {BASIC} location @x {{ auth_basic off; }} }}", Status.GAP, "location @x"),
        ("server { return 404; error_page 404 @x; location @x { root /srv; } }", Status.GAP, "location @x"),
        (f"server {{ {BASIC} satisfy any; allow 192.0.2.1; deny all; }}", Status.GAP, "satisfy any"),
        (f"server {{ {BASIC} location /x {{ satisfy any; }} }}", Status.GAP, "satisfy any"),
        (f"server {{ {BASIC} location /l {{ auth_basic off; autoindex on; }} }}", Status.GAP, "lists them (autoindex)"),
        (f"server {{ {BASIC} location /s {{ auth_basic off; stub_status; }} }}", Status.GAP, "stub_status"),
        (f"server {{ {BASIC} location /s {{ limit_except GET {{ auth_basic off; }} }} }}", Status.GAP, "limit_except"),
        (f"server {{ {BASIC} location /h {{ return 200 ok; }} }}", Status.GAP, "return answers everybody"),
        (f"server {{ {BASIC} if ($a) {{ return 200 ok; }} }}", Status.GAP, "return answers everybody"),
        ("server { if ($a) { break; } return 404; }", Status.GAP, "shows files"),
        ("server { location / { rewrite ^/a /b break; return 404; } }", Status.GAP, "location /"),
        (f"server {{ auth_basic_user_file {FILE}; }}", Status.GAP, "shows files"),
        ("server { auth_basic login; }", Status.GAP, "shows files"),
        (f"server {{ {BASIC} }} server {{ listen 8080; }}", Status.GAP, "(default)"),
        (f"server {{ auth_basic $realm; auth_basic_user_file {FILE}; }}", Status.UNKNOWN, "a variable decides"),
        ("server { auth_basic login; auth_basic_user_file /srv/$host; }", Status.UNKNOWN, "variable names"),
        ("server { auth_basic login; auth_basic_user_file /srv/unread; }", Status.UNKNOWN, "not known whether"),
        ("server { auth_request /ask; location = /ask { internal; return 200; } }", Status.UNKNOWN, "no application"),
        ("server { access_by_lua_file /x.lua; }", Status.UNKNOWN, "access_by_lua_file"),
        ("server { location / { proxy_pass http://192.0.2.9; } }", Status.MANUAL, "proxy_pass"),
        ("server { location / { fastcgi_pass unix:/x; if ($a) { set $b 1; } } }", Status.MANUAL, "fastcgi_pass"),
        (f"server {{ {BASIC} location = /50x {{ internal; auth_basic off; }} }}", Status.MANUAL, "in place of other"),
    ],
)
def test_what_is_shown_without_a_login_is_named_with_its_place(site, status, why):
    found = judged(raw(site))
    assert {one.status for one in found} == {status}, [one.why for one in found]
    assert any(why in one.why and "/etc/nginx/sites-enabled/0:1" in one.why + one.fix for one in found)
    assert all(one.fix or one.changes for one in found)


@pytest.mark.parametrize(("size", "status"), [(44, Status.PASS), (0, Status.GAP), (None, Status.GAP)])
def test_a_password_file_must_hold_somebody(size, status):
    assert said(raw(f"server {{ {BASIC} }}", sizes={FILE: size})) == {status}


def test_a_file_named_without_a_directory_lies_beside_nginx_conf():
    given = raw("server { auth_basic login; auth_basic_user_file htpasswd; }")
    assert said(given) == {Status.PASS}


def test_only_loopback_and_a_tcp_proxy():
    assert said(raw("server { listen 127.0.0.1:80; }")) == {Status.NOT_APPLICABLE}
    given = raw("server { listen 127.0.0.1:80; }")
    text = f"{given.text('nginx.config')}".replace("user www-data;", "stream { server { listen 502; } }")
    found = judged(Raw({**given.outputs, "nginx.config": {"nginx -T": Output(text.encode())}}))
    assert [one.status for one in found] == [Status.MANUAL]


# --- our own file -------------------------------------------------------------------------------------------


def applied(change):
    (edit,) = change.edits
    assert edit.path == OURS
    return edit.content


@pytest.mark.parametrize(
    ("site", "http"),
    [
        ("server { } server { listen 8080; location /x { autoindex on; } }", ""),
        ("server { auth_basic own; }", ""),
        (f"server {{ auth_basic_user_file {FILE}; }}", ""),
        ("server { auth_request off; }", f"auth_basic_user_file {FILE};"),
    ],
)
def test_our_file_closes_what_inherits_and_then_nothing_is_left(site, http):
    (gap,) = judged(raw(site, http=http))
    (change,) = gap.changes
    assert not change.cuts_access, "a login on the web takes nobody's way to the device"
    assert [check.argv for check in change.checks] == [
        ("test", "-s", FILE), ("setpriv", "--reuid=www-data", "--regid=www-data", "--init-groups", "test", "-r", FILE),
        ("nginx", "-t"),
    ]  # fmt: skip
    assert said(raw(site, http=http, ours=applied(change))) == {Status.PASS}


def test_without_a_password_file_it_is_for_a_person():
    (gap,) = judged(raw("server { }"), replace(INTENT, user_file=""))
    assert gap.status is Status.GAP and not gap.changes and "login_required_user_file" in gap.fix


def test_without_a_directory_the_lines_are_for_a_person():
    given = raw("server { }")
    text = given.text("nginx.config").replace("conf.d/*.conf;", "mime.type[s];").replace("enabled/*;", "enabled/[0];")
    (gap,) = judged(Raw({**given.outputs, "nginx.config": {"nginx -T": Output(text.encode())}}))
    assert not gap.changes and "by hand" in gap.fix and FILE in gap.after


def test_the_owners_word_at_the_http_level_is_not_said_twice():
    (gap,) = judged(raw("server { }", http="auth_basic own;"))
    assert "auth_basic_user_file" in applied(gap.changes[0]) and 'auth_basic "' not in applied(gap.changes[0])


def test_no_password_reaches_the_state():
    given = raw(f"server {{ {BASIC} location / {{ proxy_pass http://planted:secret@192.0.2.9; }} }}")
    assert "planted" not in str(as_json(NGINX.parse(given)))


# --- what is meant to be public -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "inside", "status"),
    [
        (("/cam",), "location /cam/ { auth_basic off; } location = /cam { auth_basic off; }", Status.PASS),
        (("/cam",), "location /cam { auth_basic off; }", Status.GAP),  # also answers for /camera
        (("/cam",), "location /camera/ { auth_basic off; }", Status.GAP),
        (("/cam",), "location ~ ^/cam/ { auth_basic off; }", Status.GAP),
        (("/cam",), "location /cam/ { auth_basic off; location /admin/ { auth_basic off; } }", Status.GAP),
        (("/",), "location ~ x { auth_basic off; }", Status.PASS),
        (("/cam",), "location /cam/ { auth_basic off; if ($a) { return 200 hi; } }", Status.PASS),
    ],
)
def test_exactly_the_declared_paths_are_public(paths, inside, status):
    given = raw(f"server {{ {BASIC} {inside} }}")
    assert said(given, public(*paths)) == {status}
    assert said(given, public(*paths, until="2026-02-01")) == {Status.GAP}, "an exposure that has ended opens nothing"


def test_our_file_never_closes_what_is_meant_to_be_public():
    (gap,) = judged(raw("server { }"), public("/cam"))
    assert not gap.changes and "/cam" in gap.fix and "auth_basic off;" in gap.fix
    (gap,) = judged(raw("server { location /cam/ { auth_basic off; } }"), public("/cam"))
    assert gap.changes
