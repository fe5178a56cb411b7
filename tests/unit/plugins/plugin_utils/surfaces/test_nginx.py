# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx: from its whole configuration to verdicts and changes. test_pre_login.py proves the same on real software."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    Consent,
    FileEdit,
    Intent,
    LineInFile,
    Status,
    Unreadable,
    as_json,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx

from tests.unit.plugins.plugin_utils.captures import changed, load

NGINX = Nginx()
CAPTURES = Path(__file__).parent / "pre_login"
INTENT = Intent(
    site="k7", host="k7-panel", allow4=("203.0.113.8-203.0.113.12",), allow6=("2001:db8:1::10/128",),
    enforce_with="web_server", label="K-7Q2MXA", words=("弘前", "第一浄水場", "hirosaki"),
    user_file="/etc/nginx/htpasswd", consent=frozenset({Consent.APPLICATION_FILES}),
)  # fmt: skip
LOGIN = f'auth_basic "{INTENT.label}";\nauth_basic_user_file {INTENT.user_file};'
SITE, PAGES = "/etc/nginx/sites-enabled/panel", "/srv/panel"
ALLOW = "allow 203.0.113.8/30; allow 203.0.113.12; allow 2001:db8:1::10;"


def listening(*found):
    """The kernel's sockets, each as ``(address, port, program)``."""
    listed = [{"protocol": "tcp", "address": ip, "port": port, "program": program} for ip, port, program in found]
    return {"listeners": {"@listeners": Output(json.dumps(listed).encode())}}


def raw(config, pages=None, include="include /etc/nginx/conf.d/*.conf;", http=""):
    """One site in a configuration like Debian's."""
    main = f"http {{ {include} include /etc/nginx/sites-enabled/*; {http} }}"
    text = f"# configuration file /etc/nginx/nginx.conf:\n{main}\n# configuration file {SITE}:\n{config}\n"
    shown = {path: Output(page if isinstance(page, bytes) else page.encode()) for path, page in (pages or {}).items()}
    nothing = {name: {} for name in ("nginx.aliased", "nginx.built", "nginx.default")}
    return Raw({**nothing, **listening(), "nginx.config": {"nginx -T": Output(text.encode())}, "nginx.pages": shown})


def with_file(given, name, content):
    """The same device with one more file in nginx's directory for them."""
    mark = "# configuration file /etc/nginx/sites-enabled/panel:"
    text = given.text("nginx.config").replace(
        mark, f"# configuration file /etc/nginx/conf.d/{name}:\n{content}\n{mark}"
    )
    return changed(given, **{"nginx.config": {"nginx -T": text}})


def verdicts(given, control, intent=INTENT):
    return [one for one in NGINX.judge(NGINX.parse(given), intent) if one.control == control]


def said(given, control, intent=INTENT):
    return {one.status for one in verdicts(given, control, intent)}


# --- at rest ----------------------------------------------------------------------------------------------------

OFF = "ActiveState=inactive\nUnitFileState={}\n"


def test_an_nginx_that_is_switched_off_is_absent_and_one_that_the_next_boot_starts_is_judged():
    asleep = changed(raw("server { listen 80; }"), **{"nginx.unit": {"systemctl": OFF.format("disabled")}})
    with pytest.raises(Absent, match="switched off"):
        NGINX.parse(asleep)
    dead = changed(asleep, **{"nginx.unit": {"systemctl": OFF.format("enabled")}})
    assert Status.GAP in said(dead, "A1.web")


def test_one_that_somebody_started_by_hand_is_judged():
    asleep = changed(raw("server { listen 80; }"), **{"nginx.unit": {"systemctl": OFF.format("disabled")}})
    by_hand = changed(asleep, **listening(("0.0.0.0", 80, "nginx")))
    assert Status.GAP in said(by_hand, "A1.web")


# --- the recorded panel -------------------------------------------------------------------------------------


def test_the_exposed_panel_has_every_gap_and_a_change_for_each():
    for control in NGINX.controls:
        (one,) = verdicts(load(CAPTURES / "exposed/capture.json"), control)
        assert (one.status, len(one.changes)) == (Status.GAP, 1), control
    (access,) = verdicts(load(CAPTURES / "exposed/capture.json"), "A2.web")
    assert access.changes[0].cuts_access, "the guard must know"


def test_the_compliant_panel_passes_without_a_change():
    given = with_file(load(CAPTURES / "compliant/capture.json"), "zz-iot-site-checklist-login.conf", LOGIN)
    for control in NGINX.controls:
        assert said(given, control) == {Status.PASS}, control


@pytest.mark.parametrize("which", ["exposed", "compliant"])
def test_no_secret_and_nothing_unjudged_reaches_the_state(which):
    state = str(as_json(NGINX.parse(load(CAPTURES / which / "capture.json"))))
    assert "cGxhbnRlZDpzZWNyZXQ" not in state and "planted" not in state


def test_without_consent_pages_are_for_a_person_with_their_text():
    (one,) = verdicts(load(CAPTURES / "exposed/capture.json"), "B1.http_title", replace(INTENT, consent=frozenset()))
    assert one.status is Status.MANUAL and "第一浄水場 監視" in one.before
    assert "banner_blanking_change_application_files: true" in one.fix


# --- A2 -----------------------------------------------------------------------------------------------------


def test_not_installed_is_absent_and_a_broken_configuration_unreadable():
    with pytest.raises(Absent):
        NGINX.parse(Raw({"nginx.config": {"nginx -T": Output(error="missing")}, **listening()}))
    with pytest.raises(Unreadable, match="emerg"):
        NGINX.parse(Raw({"nginx.config": {"nginx -T": Output(b"nginx: [emerg] unexpected", rc=1)}}))


@pytest.mark.parametrize(
    "site",
    [
        f"server {{ {ALLOW} deny all; location / {{ }} }}",
        f"server {{ allow 127.0.0.1; {ALLOW} deny all; location /x {{ deny all; }} }}",
        f"server {{ {ALLOW} deny all; location /y {{ allow ::1; deny all; }} }}",
        f"server {{ {ALLOW} deny all; }} server {{ listen 127.0.0.1:8080; }} server {{ listen unix:/x; allow all; }}",
        f"server {{ {ALLOW} deny all; location = /old {{ return 301 /; }} location /gone {{ return 410; }} }}",
    ],
)
def test_exactly_the_allowlist_passes(site):
    assert said(raw(site), "A2.web") == {Status.PASS}


@pytest.mark.parametrize(
    ("site", "why"),
    [
        (f"server {{ {ALLOW} }}", "does not end in deny all"),
        (f"server {{ {ALLOW} allow 198.51.100.0/24; deny all; }}", "198.51.100.0/24"),
        (f"server {{ {ALLOW} deny all; allow all; }}", "no part of an allowlist"),
        (f"server {{ {ALLOW} deny all; location /x {{ allow all; }} }}", "location /x"),
        (f"server {{ {ALLOW} deny all; location / {{ location /x {{ allow all; }} }} }}", "location /x"),
        (f"server {{ {ALLOW} deny all; location / {{ if ($a) {{ return 200 hi; }} }} }}", "return"),
        (f"server {{ {ALLOW} deny all; satisfy any; auth_basic x; }}", "satisfy any"),
        (f"server {{ {ALLOW} deny all; location /x {{ satisfy any; }} }}", "satisfy any"),
        (f"server {{ {ALLOW} deny all; set_real_ip_from 10.0.0.0/8; }}", "header, which can be forged"),
        (f"server {{ {ALLOW} deny all; location @late {{ allow all; }} }}", "location @late"),
        ("server { allow 203.0.113.8/30; deny all; }", "is kept out"),
        ("server { allow $friends; deny all; }", "not understood"),
        (f"server {{ {ALLOW} deny all; }} server {{ listen 8080; }}", "everybody may come in"),
        (f"server {{ {ALLOW} deny all; }} server {{ listen 127.0.0.1:80; listen 80; }}", "everybody may come in"),
    ],
)
def test_anything_else_is_a_gap_with_its_place(site, why):
    found = verdicts(raw(site), "A2.web")
    assert {one.status for one in found} == {Status.GAP}
    assert any(why in one.why for one in found) and any(
        "/etc/nginx/" in one.why + one.fix or one.changes for one in found
    )


def test_a_tcp_proxy_needs_the_list_too():
    given = raw(f"server {{ {ALLOW} deny all; }}")
    text = given.text("nginx.config").replace(
        "http {", "stream { server { listen 502; proxy_pass 192.0.2.1:502; } } http {", 1
    )
    found = verdicts(Raw({**given.outputs, "nginx.config": {"nginx -T": Output(text.encode())}}), "A2.web")
    assert {one.status for one in found} == {Status.GAP} and "stream" in found[0].why


def test_owners_rules_at_the_http_level_are_named_and_not_mixed_with_ours():
    (one,) = verdicts(raw("server { }", http="allow 10.0.0.0/8; deny all;"), "A2.web")
    assert one.status is Status.GAP and not one.changes and "nginx.conf:1 (allow 10.0.0.0/8;)" in one.fix


def test_without_an_included_directory_a_person_writes_the_rules():
    text = raw("server { }", include="").text("nginx.config").replace("sites-enabled/*", "sites-enabled/panel")
    given = Raw({**raw("").outputs, "nginx.config": {"nginx -T": Output(text.encode())}})
    (one,) = verdicts(given, "A2.web")
    assert one.status is Status.GAP and not one.changes and "deny all;" in one.after and "by hand" in one.fix


def test_not_applicable_where_the_packet_filter_or_nobody_else_is_concerned():
    assert said(raw("server { }"), "A2.web", replace(INTENT, enforce_with="packet_filter")) == {Status.NOT_APPLICABLE}
    assert said(raw("server { listen [::1]:80; }"), "A2.web") == {Status.NOT_APPLICABLE}
    assert said(raw("server { }"), "A2.web", replace(INTENT, allow4=(), allow6=())) == {Status.MANUAL}


def test_a_person_more_on_the_allowlist_is_a_gap_again():
    (one,) = verdicts(load(CAPTURES / "compliant/capture.json"), "A2.web", replace(INTENT, allow4=("192.0.2.7/32",)))
    assert one.status is Status.GAP and one.changes


# --- what else serves the web, and what nginx has not taken over ----------------------------------------------

SAFE = f"server {{ listen 80; listen [::]:8000-8001; server_tokens off; {ALLOW} deny all; return 404; }}"
MISSING = {"nginx.config": {"nginx -T": Output(error="missing")}}


@pytest.mark.parametrize(
    ("sockets", "known"),
    [
        ([], True),
        ([("0.0.0.0", 80, "nginx"), ("::", 8001, "nginx")], True),
        ([("0.0.0.0", 80, "")], True),  # who it is cannot be seen, but nginx is to be there
        ([("127.0.0.1", 8080, "lighttpd"), ("0.0.0.0", 22, "sshd"), ("::1", 80, "apache2")], True),
        ([("0.0.0.0", 80, "nginx"), ("0.0.0.0", 8080, "docker-proxy")], False),
        ([("192.0.2.1", 4711, "thttpd")], False),
        ([("::", 8443, "nginx")], False),  # another nginx, or one that was not reloaded
        ([("0.0.0.0", 80, "caddy")], False),
        ([("0.0.0.0", 8080, "apache2")], True),  # has a surface of its own
    ],
)
def test_a_web_server_that_nobody_judges_is_never_a_pass(sockets, known):
    judged = Raw({**raw(SAFE).outputs, **listening(*sockets)})
    for control in NGINX.controls:
        assert (Status.UNKNOWN in said(judged, control)) == (not known), control
    if not known:
        assert any(f"{sockets[-1][0]} port {sockets[-1][1]}" in one.why for one in verdicts(judged, "A2.web"))


@pytest.mark.parametrize("program", ["nginx", "docker-proxy", ""])
def test_without_a_nginx_of_our_own_another_web_server_is_unknown(program):
    found = Raw({**MISSING, **listening(("0.0.0.0", 8080, program))})
    assert {status for control in NGINX.controls for status in said(found, control)} == {Status.UNKNOWN}
    by_filter = replace(INTENT, enforce_with="packet_filter")
    assert said(found, "A2.web", by_filter) == {Status.NOT_APPLICABLE}
    assert said(found, "B1.http_title", by_filter) == {Status.UNKNOWN}


def test_without_the_list_of_sockets_nothing_is_said_to_be_absent():
    with pytest.raises(Unreadable, match="listeners"):
        NGINX.parse(Raw(MISSING))


def running(changed, started, pids=b"7\n8\n"):
    """nginx whose youngest worker began ``started`` seconds after the machine, and a file ``changed`` after it."""
    stat = f"8 (nginx: worker (x)) S {'0 ' * 18}{started * 100} 0 0"
    return Raw(
        {
            **raw(SAFE).outputs,
            "booted": {"grep": Output(b"btime 1000000\n")},
            "nginx.process": {"pgrep -x nginx": Output(pids, rc=0 if pids else 1)},
            "nginx.started": {"/proc/7/stat": Output(error="missing"), "/proc/8/stat": Output(stat.encode())},
            "nginx.changed": {"stat": Output(f"{1000000 + changed} {SITE}\n".encode())},
        }
    )


def test_files_that_nginx_has_not_taken_over_are_no_pass():
    for control in NGINX.controls:
        assert Status.UNKNOWN not in said(running(changed=50, started=49), control), "both sides are rounded"
        assert Status.UNKNOWN in said(running(changed=60, started=50), control)
    stale = [one for one in verdicts(running(changed=60, started=50), "A2.web") if one.status is Status.UNKNOWN]
    assert SITE in stale[0].why and "nginx -s reload" in stale[0].fix
    assert said(running(changed=60, started=50, pids=b""), "A2.web") == {Status.PASS}, "it will read them at its start"


# --- B1: headers and prompts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "status"),
    [
        ("server { server_tokens off; }", Status.PASS),
        ("server { server_tokens off; add_header X-Frame-Options DENY; }", Status.PASS),
        ("server { server_tokens off; more_clear_headers Server; }", Status.PASS),
        ("server { }", Status.GAP),
        ("server { server_tokens off; location /x { server_tokens build; } }", Status.GAP),
        ("server { server_tokens off; add_header X-Powered-By PHP/8.2; }", Status.GAP),
        ('server { server_tokens off; add_header Content-Security-Policy "report-uri /第一浄水場"; }', Status.GAP),
        ('server { server_tokens off; more_set_headers "Server: RTX830"; }', Status.GAP),
        ("server { server_tokens off; add_header X-Site pump; }", Status.MANUAL),
        ("server { server_tokens off; location / { proxy_pass http://192.0.2.1; } }", Status.GAP),
        ("server { server_tokens off; location / { proxy_pass http://a; proxy_hide_header X-Powered-By; } }",
         Status.PASS),
        ("server { server_tokens off; location / { proxy_pass http://a; proxy_hide_header X-Powered-By;"
         " proxy_pass_header Server; } }", Status.GAP),
    ],
)  # fmt: skip
def test_headers(site, status):
    assert said(raw(site), "B1.http_header") == {status}


def test_our_file_never_repeats_what_the_owner_says_at_the_same_level():
    given = raw("server { location / { proxy_pass http://a; } }", http="\nserver_tokens on;\n")
    edits = [edit for one in verdicts(given, "B1.http_header") for change in one.changes for edit in change.edits]
    (ours,) = [edit.content for edit in edits if isinstance(edit, FileEdit)]
    assert "proxy_hide_header X-Powered-By;" in ours and "server_tokens" not in ours, "nginx refuses a duplicate"
    assert LineInFile("/etc/nginx/nginx.conf", 2, "server_tokens on;", "server_tokens off;") in edits


def test_a_prompt_among_other_words_on_its_line_is_left_to_the_owner():
    (one,) = verdicts(raw('server { auth_basic "第一浄水場"; proxy_set_header A "secret"; }'), "B1.http_realm")
    assert one.status is Status.GAP and not one.changes and f'auth_basic "{INTENT.label}";' in one.fix
    assert "secret" not in str(one)


@pytest.mark.parametrize(
    ("realm", "status"),
    [
        ("off", Status.PASS),
        ('"Restricted"', Status.PASS),
        ('"K-7Q2MXA"', Status.PASS),
        ("$host", Status.MANUAL),
        ("Nebuta", Status.MANUAL),
    ],
)
def test_prompts(realm, status):
    assert said(raw(f"server {{ auth_basic {realm}; }}"), "B1.http_realm") == {status}


# --- B1: pages ----------------------------------------------------------------------------------------------

OPEN = f"server {{ root {PAGES}; }}"


def page(body, **given):
    return raw(given.get("site", OPEN), {f"{PAGES}/index.html": body})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<title>K-7Q2MXA</title><h1>ログイン</h1>", Status.PASS),
        ("<title>第一浄水場</title>", Status.GAP),
        ("<title>&#31532;一浄水場</title>", Status.MANUAL),  # found, but not where a line could be edited
        ("<title>つがる</title>", Status.MANUAL),
        ("<p>Firmware 2.4.1</p>", Status.GAP),
        ("<img src=a alt='弘前'>", Status.GAP),
        ("<!-- 弘前 panel --><title>Login</title>", Status.GAP),
        ("<!-- end of navigation --><title>Login</title>", Status.PASS),
        ("<title>Login</title><script>document.title = name</script>", Status.MANUAL),
        ("<title>Login</title><iframe src=x></iframe>", Status.MANUAL),
        ("<title>Login</title><meta http-equiv=refresh content='0; url=/x'>", Status.MANUAL),
        ("<title>第一浄水場 監視</title>".encode("cp932"), Status.MANUAL),
        (b"<title>\xff\xfe</title>", Status.MANUAL),
    ],
)
def test_pages(body, status):
    assert status in said(page(body), "B1.http_title")
    assert status is Status.PASS or Status.PASS not in said(page(body), "B1.http_title")


def test_a_shift_jis_page_is_judged_and_never_edited():
    found = verdicts(page("<title>第一浄水場 監視</title>".encode("cp932")), "B1.http_title")
    assert not any(one.changes for one in found)
    assert any("第一浄水場" in one.why for one in found) and any("UTF-8" in one.why for one in found)


def test_a_page_behind_a_login_is_not_kept():
    given = page("<title>第一浄水場</title>", site=f"server {{ root {PAGES}; auth_basic x; auth_basic_user_file f; }}")
    assert said(given, "B1.http_title") == {Status.PASS} and "浄水場" not in str(NGINX.parse(given))


@pytest.mark.parametrize(
    ("site", "status"),
    [
        ("server { root /srv/none; }", Status.PASS),
        ("server { return 301 https://$host/; }", Status.PASS),
        ("server { }", Status.MANUAL),  # nginx's own default directory
        ("server { root html; }", Status.MANUAL),
        ("server { root $dir; }", Status.MANUAL),
        ("server { root /srv; location /a/b/c/ { } }", Status.PASS),
        ('server { root "/srv/my panel"; }', Status.MANUAL),  # no read looks there
        ("server { root /srv/[a]; }", Status.MANUAL),
        ("server { root /srv/none; autoindex on; }", Status.MANUAL),
        ("server { root /srv/none; location / { proxy_pass http://192.0.2.1; } }", Status.MANUAL),
        ("server { auth_basic_user_file f; location / { auth_basic x; proxy_pass http://192.0.2.1; } }", Status.PASS),
        ("server { location / { auth_basic x; proxy_pass http://192.0.2.1; } }", Status.MANUAL),  # asks nobody
        ("server { satisfy any; auth_basic x; location / { proxy_pass http://192.0.2.1; } }", Status.MANUAL),
        ('server { root /srv/none; location /x { return 200 "弘前"; } }', Status.GAP),
    ],
)
def test_what_answers_without_a_page(site, status):
    assert said(raw(site), "B1.http_title") == {status}


def test_pages_that_could_not_be_read_are_unknown():
    given = raw(OPEN)
    denied = Raw({**given.outputs, "nginx.pages": {PAGES: Output(error="Permission denied")}})
    assert said(denied, "B1.http_title") == {Status.UNKNOWN}


@pytest.mark.parametrize(
    ("site", "where", "concerned"),
    [
        (OPEN, PAGES, True),
        (OPEN, f"{PAGES}/deep/below", True),
        (OPEN, f"{PAGES}/**/*.*htm*", True),
        (OPEN, "nginx.pages", True),
        (OPEN, "/srv/other", False),
        ("server { root /srv; location / { deny all; return 403; } location /a/b/ { } }", "/srv", True),
        ("server { root /srv; location / { deny all; return 403; } location /a/b/ { } }", "/srv/**/*.*htm*", True),
        ("server { root /srv; location / { deny all; return 403; } location /a/b/ { } }", "/srv/x", False),
    ],
)
def test_pages_that_our_bounds_leave_out_are_for_a_person_who_is_told_where(site, where, concerned):
    cut = Output(truncated=True, error="only 1000 folders below it were looked into, not /x and later ones")
    found = verdicts(Raw({**raw(site).outputs, "nginx.pages": {where: cut}}), "B1.http_title")
    assert {one.status for one in found} == {Status.MANUAL if concerned else Status.PASS}
    assert not concerned or (where in found[0].why and cut.error in found[0].why)


def test_more_pages_than_anybody_reads_are_for_a_person():
    many = {f"{PAGES}/{number}.html": "<title>K-7Q2MXA</title>" for number in range(60)}
    (one,) = verdicts(raw(OPEN, many), "B1.http_title")
    assert one.status is Status.MANUAL and "60 pages" in one.why


def test_a_read_that_was_not_made_is_no_pass():
    outputs = {name: outputs for name, outputs in raw(OPEN).outputs.items() if name != "nginx.aliased"}
    assert said(Raw(outputs), "B1.http_title") == {Status.MANUAL}


def test_pages_in_nginxs_own_directory_are_judged_where_it_was_built_to_look():
    built = Output(b"nginx version: nginx/1.22.1\nconfigure arguments: --prefix=/usr/share/nginx --conf-path=/etc/x\n")
    page = {"/usr/share/nginx/html/a/b/c/index.html": Output("<title>弘前</title>".encode())}
    for site in ("server { }", "server { root html; }", "server { location /a/b/ { } location / { return 404; } }"):
        own = Raw({**raw(site).outputs, "nginx.built": {"nginx -V": built}, "nginx.default": page})
        assert said(own, "B1.http_title") == {Status.GAP}
        empty = Raw({**own.outputs, "nginx.default": {}})
        assert said(empty, "B1.http_title") == {Status.PASS}


def test_a_page_with_a_place_of_its_own_is_judged():
    site = "server { location / { return 404; } location = /x { alias /opt/x.html; } }"
    given = raw(site)
    own = Raw({**given.outputs, "nginx.aliased": {"/opt/x.html": Output("<title>弘前</title>".encode())}})
    assert said(own, "B1.http_title") == {Status.GAP}


def test_ten_megabytes_of_page_stay_small_in_the_state():
    given = page("<title>x</title>" + "<p>弘前 \x1b[2J {{ evil }}</p>" * 5000)
    found = verdicts(given, "B1.http_title")
    assert len(str(NGINX.parse(given))) < 400_000 and all(len(one.why) < 2000 for one in found)
    assert all("\x1b" not in one.why + one.before for one in found)
