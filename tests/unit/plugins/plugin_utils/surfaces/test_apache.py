# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""apache2: from what it says of its configuration to verdicts. tests/integration/test_apache.py asks the real one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Exposure, Level
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    FileEdit,
    LineInFile,
    Status,
    Unreadable,
    as_json,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.apache import Apache

from tests.unit.plugins.plugin_utils.captures import changed, load

from . import test_nginx
from .test_nginx import listening

APACHE = Apache()
CAPTURES = Path(__file__).parent / "apache2"
FILE = "/etc/apache2/htpasswd"
INTENT = replace(test_nginx.INTENT, user_file=FILE)
LOGIN = f"AuthType Basic\nAuthName {INTENT.label}\nAuthUserFile {FILE}\nRequire valid-user"
ALLOW = "Require ip 127.0.0.0/8 ::1 203.0.113.8/30 203.0.113.12 2001:db8:1::10"
OURS = {what: f"/etc/apache2/conf-enabled/zz-iot-site-checklist-{what}.conf" for what in ("access", "login", "names")}
DENIED = "<Directory />\nAllowOverride None\nRequire all denied\n</Directory>"
OPEN = "<Directory /srv/panel>\nRequire all granted\n</Directory>"


def capture(case):
    return load(CAPTURES / case / "capture.json")


def dumped(text):
    """As apache2 prints it: two blanks for each level, and the number of the line above every directive."""
    depth, found = 0, []
    for number, line in enumerate(text.split("\n"), 1):
        depth -= line.startswith("</")
        if line.strip():
            found += [] if line.startswith("</") else [f"{'  ' * depth}# {number:3}:"]
            found.append("  " * depth + line.strip())
        depth += line.startswith("<") and not line.startswith("</")
    return "\n".join(found)


MODULES = (
    "core", "so", "http", "alias", "auth_basic", "authn_core", "authn_file", "authz_core", "authz_host", "authz_user",
    "headers", "dir",
)  # fmt: skip


def raw(site="", main=DENIED, ours=None, modules=MODULES, sizes=None, htaccess=None, **more):
    """A configuration like Debian's: the server's own part, our files, then one site."""
    parts = {"/etc/apache2/apache2.conf": f"Listen 80\n{main}"}
    parts |= {OURS[what]: text for what, text in (ours or {}).items()}
    parts["/etc/apache2/sites-enabled/site.conf"] = site
    files = "".join(f"    (1) {path}\n" for path in parts)
    middle = "".join(f"# In file: {path}\n{dumped(text)}\n" for path, text in parts.items() if text)
    loaded = "".join(f" {name}_module (shared)\n" for name in modules)
    tail = (
        'ServerRoot: "/etc/apache2"\nMain DocumentRoot: "/var/www/html"\nPidFile: "/run/apache2/apache2.pid"\n'
        f'User: name="www-data" id=33\nGroup: name="www-data" id=33\nLoaded Modules:\n{loaded}'
    )
    text = f"Included configuration files:\n  (*) /etc/apache2/apache2.conf\n{files}{middle}{tail}"
    sizes = {FILE: 44} if sizes is None else sizes
    return Raw({
        **listening(),
        "apache2.main": {"/etc/apache2/apache2.conf": Output(b"Listen 80\nIncludeOptional conf-enabled/*.conf\n")},
        "apache2.config": {"sh": Output(text.encode())},
        "apache2.pages": {}, "apache2.aliased": {},
        "apache2.htaccess": {path: Output(said.encode()) for path, said in (htaccess or {}).items()},
        "apache2.user_file": {f"stat {path}": Output(f"{size} {path}\n".encode()) for path, size in sizes.items()},
        **more,
    })  # fmt: skip


def host(inside, listen="*:80", root="/srv/panel"):
    return f"<VirtualHost {listen}>\nDocumentRoot {root}\n{inside}\n</VirtualHost>"


def verdicts(given, control, intent=INTENT):
    return [one for one in APACHE.judge(APACHE.parse(given), intent) if one.control == control]


def said(given, control, intent=INTENT):
    return {one.status for one in verdicts(given, control, intent)}


# --- the recorded cases -------------------------------------------------------------------------------------

GAP, PASS, MANUAL, NONE = Status.GAP, Status.PASS, Status.MANUAL, Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("case", "expected"),
    {
        "stock": ({GAP}, {GAP}, {GAP}, {PASS}, {GAP, MANUAL}),
        "exposed": ({GAP}, {GAP}, {GAP}, {GAP}, {GAP, MANUAL}),
        "compliant": ({PASS}, {PASS}, {PASS}, {PASS}, {PASS}),
        "overridden": ({GAP}, {GAP}, {GAP}, {PASS}, {GAP, MANUAL}),
        "satisfy_any": ({GAP}, {GAP}, {GAP}, {PASS}, {GAP, MANUAL}),
        "htaccess": ({GAP}, {GAP}, {GAP}, {PASS}, {MANUAL}),
        "ipv6": ({GAP}, {GAP}, {GAP}, {PASS}, {GAP, MANUAL}),
        "other_port": ({GAP}, {GAP}, {GAP}, {PASS}, {GAP, MANUAL}),
        "loopback": ({NONE}, {NONE}, {NONE}, {NONE}, {NONE}),
    }.items(),
)
def test_every_recorded_case_is_what_a_visitor_finds(case, expected):
    assert tuple(said(capture(case), control) for control in APACHE.controls) == expected


def test_a_broken_configuration_is_unreadable_with_apaches_own_words():
    with pytest.raises(Unreadable, match="NoSuchDirective"):
        APACHE.parse(capture("broken"))


@pytest.mark.parametrize("case", ["stock", "exposed", "ipv6", "other_port", "htaccess"])
def test_our_files_close_it(case):
    """What one item closes stays closed while the next one comes, in the order of a full run."""
    for control in ("A2.web", "A1.web", "B1.http_header"):
        gaps = [one for one in verdicts(capture(case), control) if one.status is GAP]
        assert gaps and all(len(one.changes) == 1 for one in gaps)
        for change in (one.changes[0] for one in gaps):
            assert all(isinstance(edit, FileEdit) and edit.path in OURS.values() for edit in change.edits)
            assert ("apache2ctl", "-t") in [check.argv for check in change.checks]
            assert change.cuts_access == (control == "A2.web")


def test_one_line_of_the_owners_is_edited_where_it_stands():
    (gap,) = verdicts(capture("exposed"), "B1.http_realm")
    (edit,) = gap.changes[0].edits
    assert isinstance(edit, LineInFile) and edit.after == f' AuthName "{INTENT.label}"'
    assert "弘前市" in edit.before and edit.path == "/etc/apache2/sites-enabled/000-default.conf"


def test_what_comes_later_than_ours_is_for_a_person_with_its_place():
    found = verdicts(capture("overridden"), "A1.web")
    (by_hand,) = [one for one in found if not one.changes]
    assert "AuthMerging And" in by_hand.fix and "000-default.conf:7" in by_hand.fix


# --- whether it is there at all -----------------------------------------------------------------------------

UNIT = "systemctl show"


@pytest.mark.parametrize(
    ("unit", "sockets", "absent"),
    [
        ("ActiveState=inactive\nUnitFileState=disabled\n", [], True),
        ("ActiveState=inactive\nUnitFileState=masked\n", [], True),
        ("ActiveState=inactive\nUnitFileState=enabled\n", [], False),
        ("ActiveState=active\nUnitFileState=disabled\n", [], False),
        ("ActiveState=inactive\nUnitFileState=disabled\n", [("127.0.0.1", 80, "apache2")], False),
    ],
)
def test_a_server_that_rests_and_is_not_started_at_boot_is_absent(unit, sockets, absent):
    given = raw(host(OPEN), **{"apache2.unit": {UNIT: Output(unit.encode())}}, **listening(*sockets))
    if absent:
        with pytest.raises(Absent, match="not started at boot"):
            APACHE.parse(given)
    elif sockets:
        with pytest.raises(Unreadable, match="PidFile"):
            APACHE.parse(given)
    else:
        assert said(given, "A1.web") == {GAP}


def test_nothing_installed_is_absent_and_another_httpd_is_unknown():
    nothing = {"apache2.main": {"/etc/apache2/apache2.conf": Output(error="missing")}}
    with pytest.raises(Absent, match="not installed"):
        APACHE.parse(Raw({**nothing, **listening()}))
    given = Raw({**nothing, **listening(("0.0.0.0", 80, "httpd"))})
    assert {one.status for one in APACHE.judge(APACHE.parse(given), INTENT)} == {Status.UNKNOWN}


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("/usr/sbin/apache2 -k start", True),
        ("/usr/sbin/apache2 -D FOREGROUND", True),
        ("/usr/sbin/apache2 -f /srv/other.conf -k start", False),
        ("/usr/sbin/apache2 -d /srv/other", False),
    ],
)
def test_a_server_started_with_another_configuration_is_unknown(line, known):
    process = {"/proc/7/cmdline": Output(line.replace(" ", "\0").encode() + b"\0")}
    given = raw(host(OPEN), **{"apache2.process": process})
    if known:
        assert said(given, "A1.web") == {GAP}
    else:
        with pytest.raises(Unreadable, match="arguments of its own"):
            APACHE.parse(given)


def test_a_file_changed_since_the_start_is_unknown():
    stamps = {
        "apache2.loaded": {"stat": Output(b"1000 /run/apache2/apache2.pid\n")},
        "apache2.changed": {"find": Output(b"1100.25 /etc/apache2/sites-enabled/site.conf\n1100.25 /etc/apache2/x\n")},
        "apache2.process": {"/proc/7/cmdline": Output(b"/usr/sbin/apache2\0-k\0start\0")},
    }
    given = raw(host(f"<Location />\n{LOGIN}\n</Location>"), **stamps)
    assert said(given, "A1.web") == {PASS, Status.UNKNOWN}
    assert any("site.conf" in one.why and "/x" not in one.why for one in verdicts(given, "A1.web"))


def test_a_module_nobody_knows_is_unknown():
    given = raw(host(f"<Location />\n{LOGIN}\n</Location>"), modules=(*MODULES, "lua"))
    assert Status.UNKNOWN in said(given, "A1.web") and Status.UNKNOWN in said(given, "A2.web")


# --- A1 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "site",
    [
        host(f"<Location />\n{LOGIN}\n</Location>"),
        host(f"<Directory />\n{LOGIN}\n</Directory>"),
        host(f"<Directory /srv/panel/>\n{LOGIN}\n</Directory>"),
        host("Redirect permanent / https://k7.example/"),
        host("Redirect gone /"),
        host(f"{OPEN}\n<Location />\n{LOGIN}\n</Location>\n<Location /status>\nRequire local\n</Location>"),
        host(f"{OPEN}\n<Location />\n{LOGIN}\n</Location>\n<Directory /srv/other>\nRequire all granted\n</Directory>"),
        host(f"Alias /x /srv/x\n<Location />\n{LOGIN}\n</Location>\n<Files *.h>\nRequire all granted\n</Files>"),
        host(f"ProxyPass / http://127.0.0.1:8080/\n<Location />\n{LOGIN}\n</Location>"),
        host(f"<Location />\n{LOGIN}\n</Location>", listen="[2001:db8::1]:80 192.0.2.1:80")
        + "\n" + host(f"<Location />\n{LOGIN}\n</Location>"),
        host(f"<Location />\n{LOGIN}\n</Location>") + "\n" + host(OPEN, listen="*:8443"),  # nobody listens there
    ],
)  # fmt: skip
def test_a_login_everywhere_passes(site):
    assert said(raw(site), "A1.web") == {PASS}, [one.why for one in verdicts(raw(site), "A1.web")]


@pytest.mark.parametrize(
    ("inside", "status", "why"),
    [
        (OPEN, GAP, "shown to everybody"),
        (f"<Location /x>\n{LOGIN}\n</Location>\n{OPEN}", GAP, "/ (/srv/panel"),
        (f"<Location />\n{LOGIN}\n</Location>\n<Location /x>\nRequire all granted\n</Location>", GAP, "/x"),
        (f"<Location />\n{LOGIN}\n</Location>\n<Location ~ a>\nRequire all granted\n</Location>", GAP, "~ a"),
        (f"<Location />\n{LOGIN}\n</Location>\n<Location /x>\nSatisfy Any\n</Location>", GAP, "Satisfy Any"),
        (f"<Location />\n{LOGIN}\nRequire ip 203.0.113.0/24\n</Location>", GAP, "shown to everybody"),
        (f"<Location />\n{LOGIN}\n</Location>\n<Location /x>\nRequire host x\n</Location>", Status.UNKNOWN, "by"),
        (f"<Location />\n{LOGIN}\n</Location>\n<If \"-n 'x'\">\nRequire all granted\n</If>", Status.UNKNOWN, "if"),
        (f"<Location />\n{LOGIN}\n</Location>\n<Location /x>\n<Limit GET>\nRequire valid-user\n</Limit>\n</Location>",
         Status.UNKNOWN, "/x"),
        ("<Location />\nRequire valid-user\n</Location>", GAP, "nobody can log in"),
        (f"<Location />\n{LOGIN}\nAuthType None\n</Location>", GAP, "nobody can log in"),
        (f"<Location />\n{LOGIN}\nAuthType Kerberos\n</Location>", Status.UNKNOWN, "not understood"),
        (f"<Location />\n{LOGIN}\nAuthBasicProvider anon\n</Location>", Status.UNKNOWN, "not understood"),
        (f"<Location />\n{LOGIN}\nAuthUserFile /srv/unread\n</Location>", Status.UNKNOWN, "not known whether"),
        ("ProxyPass / http://127.0.0.1:8080/", MANUAL, "only the application"),
        (f"ProxyPass /a http://127.0.0.1/\n<Directory />\n{LOGIN}\n</Directory>", MANUAL, "/a"),
        (f"UserDir public_html\n<Directory /srv/panel>\n{LOGIN}\n</Directory>\n<Directory /home>\n"
         "Require all granted\n</Directory>", GAP, "any file"),
        (f"AliasMatch ^/(.*) /srv/$1\n<Directory /srv/panel>\n{LOGIN}\n</Directory>\n<Directory /srv/x>\n"
         "Require all granted\n</Directory>", GAP, "any file"),
        (f"<Directory /srv/panel>\n{LOGIN}\n</Directory>\n<Directory /srv/*/x>\nRequire all granted\n</Directory>",
         GAP, "/srv/*/x"),
        (f"<Location />\n{LOGIN}\n</Location>\nAlias /icons /srv/icons\n<Location /icons>\nRequire all granted\n"
         "</Location>", GAP, "/icons"),
        (f"<Location />\n<RequireAny>\n{LOGIN}\nRequire all granted\n</RequireAny>\n</Location>", GAP, "everybody"),
        ("<Location />\n<RequireAll>\nRequire all granted\nRequire not ip 192.0.2.1\n</RequireAll>\n</Location>",
         GAP, "everybody"),
        ("Redirect permanent /x https://k7.example/\n" + OPEN, GAP, "everybody"),
    ],
)  # fmt: skip
def test_what_is_shown_without_a_login_is_named_with_its_place(inside, status, why):
    found = verdicts(raw(host(inside)), "A1.web")
    assert {one.status for one in found} == {status}, [one.why for one in found]
    assert any(why in one.why for one in found), [one.why for one in found]
    assert all(one.fix or one.changes for one in found)


def test_a_port_without_a_virtual_host_is_served_by_the_main_server():
    given = raw(host(f"<Location />\n{LOGIN}\n</Location>"), main=f"Listen 8080\n{DENIED}")
    assert said(given, "A1.web") == {PASS}, "the main server shows nothing"
    given = raw(host(f"<Location />\n{LOGIN}\n</Location>"), main="Listen 8080")
    assert said(given, "A1.web") == {GAP}


@pytest.mark.parametrize(("size", "status"), [(44, PASS), (0, GAP)])
def test_a_password_file_must_hold_somebody(size, status):
    assert said(raw(host(f"<Location />\n{LOGIN}\n</Location>"), sizes={FILE: size}), "A1.web") == {status}


def ours_of(given, control, intent=INTENT):
    (gap,) = [one for one in verdicts(given, control, intent) if one.changes]
    (edit,) = gap.changes[0].edits
    lines = [line for line in edit.content.split("\n") if not line.startswith("#")]
    return "\n".join(line.strip() for line in lines).strip()


@pytest.mark.parametrize(
    "inside",
    [
        OPEN,
        f"{OPEN}\nAlias /icons /srv/icons\n<Directory /srv/icons>\nRequire all granted\n</Directory>",
        f'{OPEN}\n<FilesMatch "h">\nRequire all granted\n</FilesMatch>',
        "<Directory /srv/panel>\nRequire ip 203.0.113.0/24\nRequire host x\n</Directory>",
        "ProxyPass /app http://127.0.0.1:8080/\n" + OPEN,
    ],
)
def test_our_login_closes_what_inherits_and_then_nothing_is_left(inside):
    modules = [*MODULES, "proxy", "proxy_http"]
    login = ours_of(raw(host(inside), modules=modules), "A1.web")
    assert said(raw(host(inside), modules=modules, ours={"login": login}), "A1.web") == {PASS}
    allow = ours_of(raw(host(inside), modules=modules, ours={"login": login}), "A2.web")
    both = raw(host(inside), modules=modules, ours={"login": login, "access": allow})
    assert said(both, "A1.web") == {PASS} and GAP not in said(both, "A2.web")


def test_our_login_is_not_put_where_nobody_could_log_in():
    inside = f"{OPEN}\n<Directory /srv/panel/x>\nAuthType None\nRequire all granted\n</Directory>"
    found = [one for one in verdicts(raw(host(inside)), "A1.web") if one.status is GAP]
    assert found and not any(one.changes for one in found)
    assert any("AuthType None" in one.fix for one in found)


def test_without_a_password_file_a_module_or_a_place_it_is_for_a_person():
    (gap,) = verdicts(raw(host(OPEN)), "A1.web", replace(INTENT, user_file=""))
    assert not gap.changes and "login_required_user_file" in gap.fix
    (gap,) = verdicts(raw(host(OPEN), modules=[one for one in MODULES if one != "auth_basic"]), "A1.web")
    assert not gap.changes and "a2enmod auth_basic" in gap.fix
    main = {
        "apache2.main": {"/etc/apache2/apache2.conf": Output(b"<If x>\nIncludeOptional conf-enabled/*.conf\n</If>")}
    }
    (gap,) = verdicts(raw(host(OPEN), **main), "A1.web")
    assert not gap.changes and "by hand" in gap.fix and FILE in gap.after


def public(*paths, until="2026-12-31"):
    exposure = Exposure(Level.PUBLIC_VIEW, "open day", "the owner", "2026-01-01", until, paths)
    return replace(INTENT, exposure=exposure, today="2026-05-01")


@pytest.mark.parametrize(
    ("path", "status"), [("/cam", PASS), ("/cam/x", PASS), ("/camera", GAP), ("/", GAP), ("/c", GAP)]
)
def test_exactly_the_declared_paths_are_public(path, status):
    inside = f"<Location />\n{LOGIN}\n</Location>\n<Location {path}>\nRequire all granted\n</Location>"
    assert said(raw(host(inside)), "A1.web", public("/cam")) == {status}
    assert said(raw(host(inside)), "A1.web", public("/cam", until="2026-02-01")) == {GAP}
    assert said(raw(host(inside)), "A1.web", public("/")) == {PASS}


def test_our_login_leaves_open_what_is_meant_to_be_public_and_nothing_else():
    intent = public("/cam", "/open-day")
    login = ours_of(raw(host(OPEN)), "A1.web", intent)
    after = raw(host(OPEN), ours={"login": login})
    assert said(after, "A1.web", intent) == {PASS} and said(after, "A1.web") == {GAP}


# --- A2 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside",
    [
        f"<Location />\n{ALLOW}\n</Location>",
        f"{OPEN}\n<If \"true\">\nAuthMerging And\n{ALLOW}\n</If>\n<Location /x>\nRequire all granted\n</Location>",
        f"<Location />\n<RequireAll>\n{ALLOW}\nRequire valid-user\n</RequireAll>\n</Location>",
        "<Location />\nRequire ip 203.0.113.8/30 203.0.113.12 2001:db8:1::10\n</Location>\n<Location /x>\n"
        "Require ip 203.0.113.9\n</Location>",
        "Redirect permanent / https://k7.example/",
    ],
)  # fmt: skip
def test_exactly_the_allowlist_passes(inside):
    found = verdicts(raw(host(inside)), "A2.web")
    assert {one.status for one in found} == {PASS}, [one.why for one in found]


@pytest.mark.parametrize(
    ("inside", "status", "why"),
    [
        (OPEN, GAP, "everybody may come in"),
        (f"<Location />\n{ALLOW} 198.51.100\n</Location>", GAP, "198.51.100.0/24 may come in"),
        (f"<Location />\n{ALLOW}\n</Location>\n<Location /x>\nRequire all granted\n</Location>", GAP, "/x"),
        (f"<Location />\n{ALLOW}\n</Location>\n<Location /x>\n{LOGIN}\n</Location>", GAP, "/x"),
        (f"<Location />\n{ALLOW}\nRequire valid-user\n</Location>", GAP, "everybody"),
        (f"<Location />\n{ALLOW}\nSatisfy Any\n</Location>", GAP, "Satisfy Any"),
        (f"<Location />\n{ALLOW}\n</Location>\nRemoteIPHeader X-Client", GAP, "can be forged"),
        ("<Location />\nRequire ip 203.0.113.8/30\n</Location>", GAP, "is kept out"),
        ("<Location />\nRequire ip nonsense\n</Location>", GAP, "not understood"),
        (
            "<Location />\nOrder deny,allow\nDeny from all\nAllow from 203.0.113.9\n</Location>\n" + OPEN,
            GAP,
            "everybody",
        ),
    ],
)
def test_anything_else_is_said_with_its_place(inside, status, why):
    found = verdicts(raw(host(inside)), "A2.web")
    assert status in {one.status for one in found} and PASS not in {one.status for one in found}
    assert any(why in one.why for one in found), [one.why for one in found]


def test_our_list_counts_also_where_a_virtual_host_says_something_of_its_own():
    inside = f"{OPEN}\n<Location /admin>\n{LOGIN}\n</Location>\n<Location /x>\nRequire all granted\n</Location>"
    allow = ours_of(raw(host(inside)), "A2.web")
    assert said(raw(host(inside), ours={"access": allow}), "A2.web") == {PASS}
    more = replace(INTENT, allow4=("192.0.2.7/32",))
    assert ours_of(raw(host(inside), ours={"access": allow}), "A2.web", more) != allow


def test_the_packet_filter_makes_it_not_applicable():
    assert said(raw(host(OPEN)), "A2.web", replace(INTENT, enforce_with="packet_filter")) == {NONE}


# --- .htaccess ----------------------------------------------------------------------------------------------

LETS = "<Directory /srv/panel>\nAllowOverride All\nRequire all granted\n</Directory>"


@pytest.mark.parametrize(
    ("section", "files", "status"),
    [
        (LETS, {"/srv/panel/.htaccess": LOGIN}, PASS),
        (LETS, {"/srv/panel/.htaccess": LOGIN, "/srv/panel/x/.htaccess": "Require all granted"}, GAP),
        (LETS.replace("All\n", "None\n"), {"/srv/panel/.htaccess": LOGIN}, GAP),
        (LETS.replace("All\n", "Nonfatal=All\n"), {"/srv/panel/.htaccess": LOGIN}, GAP),
        (LETS.replace("All\n", "FileInfo\n"), {"/srv/panel/.htaccess": LOGIN}, GAP),
        (LETS, {"/srv/panel/.htaccess": f"<IfModule mod_lua.c>\n{LOGIN}\n</IfModule>"}, GAP),
        (LETS, {"/srv/panel/.htaccess": f"<IfModule !mod_lua.c>\n{LOGIN}\n</IfModule>"}, PASS),
    ],
)
def test_htaccess_files_count_where_they_may(section, files, status):
    assert said(raw(host(section), htaccess=files), "A1.web") == {status}


@pytest.mark.parametrize(
    ("inside", "files"),
    [
        (LETS, {"/srv/panel/.htaccess": "<IfDefine X>\nRequire all granted\n</IfDefine>"}),
        (LETS, {"/srv/panel/.htaccess": "<IfModule mod_x.c>\nRequire all granted"}),
        (LETS.replace("/srv/panel", "/"), {}),  # one in /srv may count, and nobody looked there
        (LETS + "\nAccessFileName .access", {}),
        (LETS + "\nUserDir public_html", {}),
    ],
)
def test_what_cannot_be_told_of_htaccess_files_is_unreadable(inside, files):
    with pytest.raises(Unreadable):
        APACHE.parse(raw(host(inside), htaccess=files))


# --- B1 -----------------------------------------------------------------------------------------------------

QUIET = "ServerTokens Prod\nServerSignature Off"


def test_our_names_file_closes_the_servers_own_level():
    given = raw(host(OPEN), main=f"{DENIED}\nServerTokens OS\nServerSignature EMail")
    names = ours_of(given, "B1.http_header")
    after = raw(host(OPEN), main=f"{DENIED}\nServerTokens OS\nServerSignature EMail", ours={"names": names})
    assert names == QUIET and said(after, "B1.http_header") == {PASS}


def test_an_application_behind_a_proxy_hides_what_it_is():
    given = raw(host("ProxyPass / http://127.0.0.1:8080/"))
    names = ours_of(given, "B1.http_header")
    after = raw(host("ProxyPass / http://127.0.0.1:8080/"), ours={"names": names})
    assert said(after, "B1.http_header") == {PASS}
    (gap,) = verdicts(raw(host("ProxyPass / http://127.0.0.1/"), modules=["core", "proxy"]), "B1.http_header")
    assert not gap.changes and "a2enmod headers" in gap.fix


@pytest.mark.parametrize(
    ("inside", "control", "status"),
    [
        ("ServerSignature On", "B1.http_header", GAP),
        ('Header set X-Device "RTX830"', "B1.http_header", GAP),
        ('Header always set X-Place "第一浄水場"', "B1.http_header", GAP),
        ('Header edit Location "a" "第一浄水場"', "B1.http_header", GAP),
        ("Header unset X-Place", "B1.http_header", PASS),
        ("Header set X-Frame-Options DENY", "B1.http_header", PASS),
        ('<Location /x>\nAuthName "第一浄水場"\n</Location>', "B1.http_realm", GAP),
        (f"<Location /x>\nAuthName {INTENT.label}\n</Location>", "B1.http_realm", PASS),
        ('ErrorDocument 404 "第一浄水場"', "B1.http_title", GAP),
        ("ErrorDocument 404 /missing.html", "B1.http_title", PASS),
        ("ServerAdmin hirosaki@example.org", "B1.http_title", GAP),
        ("ServerAdmin webmaster@localhost", "B1.http_title", PASS),
        ("<Location /s>\nSetHandler server-status\nRequire all granted\n</Location>", "B1.http_title", GAP),
        ("<Location /s>\nSetHandler server-status\nRequire local\n</Location>", "B1.http_title", PASS),
        ("ProxyPass /a http://127.0.0.1/", "B1.http_title", MANUAL),
    ],
)
def test_texts_of_the_owner(inside, control, status):
    assert status in said(raw(host(f"{OPEN}\n{inside}"), main=f"{DENIED}\n{QUIET}"), control)


def test_only_pages_that_open_without_a_login_are_judged():
    page = Output("<title>第一浄水場</title>".encode())
    pages = {"apache2.pages": {"/srv/panel/index.html": page, "/srv/panel/in/index.html": page, "/srv/x.html": page}}
    inside = f"{OPEN}\n<Location /in>\n{LOGIN}\n</Location>"
    (gap,) = verdicts(raw(host(inside), **pages), "B1.http_title")
    assert "/srv/panel/index.html" in gap.why and [edit.path for edit in gap.changes[0].edits] == [
        "/srv/panel/index.html"
    ]
    assert said(raw(host(f"{OPEN}\n<Location />\n{LOGIN}\n</Location>"), **pages), "B1.http_title") == {PASS}


def test_no_password_reaches_the_state():
    inside = f'{OPEN}\nProxyPass / http://planted:secret@192.0.2.1/\nAuthLDAPBindPassword "planted"'
    assert "planted" not in str(as_json(APACHE.parse(raw(host(inside)))))


# --- the text itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "Included configuration files:\n", "<Location />", '# In file: /x\n#  1:\n!\nServerRoot: "/"\n'],
)
def test_what_is_no_dump_is_unreadable(text):
    with pytest.raises(Unreadable):
        APACHE.parse(changed(raw(host(OPEN)), **{"apache2.config": {"sh": text}}))


@pytest.mark.parametrize("inside", ["</Location>", "<Location />\nRequire ip 192.0.2.1", "<Perl>\nHeader x\n</Perl>"])
def test_a_tree_that_does_not_close_or_a_section_nobody_knows_is_unreadable(inside):
    with pytest.raises(Unreadable):
        APACHE.parse(raw(host(OPEN) + "\n" + inside, main=f"{DENIED}\n{inside}"))
