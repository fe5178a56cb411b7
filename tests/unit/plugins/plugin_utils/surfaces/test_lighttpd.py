# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""lighttpd: from what it prints of itself to verdicts and changes. A real one: tests/integration/test_lighttpd.py."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Exposure, Level
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    FileEdit,
    Intent,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.lighttpd import Lighttpd

from tests.unit.plugins.plugin_utils.captures import changed, load

LIGHTTPD = Lighttpd()
CAPTURES = Path(__file__).parent / "lighttpd"
INTENT = Intent(
    site="k7", host="k7-panel", allow4=("203.0.113.8/30",), allow6=("2001:db8:1::10/128",),
    enforce_with="web_server", label="K-7Q2MXA", words=("第一浄水場", "hirosaki"), user_file="/etc/lighttpd/accounts",
)  # fmt: skip
FOLDER = "/etc/lighttpd/conf-enabled"


@cache
def capture(name):
    return load(CAPTURES / name / "capture.json")


def verdicts(raw, control, intent=INTENT):
    return [one for one in LIGHTTPD.judge(LIGHTTPD.parse(raw), intent) if one.control == control]


def said(raw, control, intent=INTENT):
    return {one.status for one in verdicts(raw, control, intent)}


def printed(text, **more):
    """The stock machine, whose lighttpd prints this of itself."""
    ((command, _old),) = capture("stock").all("lighttpd.config").items()
    return changed(capture("stock"), **{"lighttpd.config": {command: f"config {{\n{text}\n}}"}}, **more)


LOGIN = """
server.modules = ("mod_auth", "mod_authn_file", "mod_access")
auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "/etc/lighttpd/accounts"
auth.require = ("/" => ("method" => "basic", "realm" => "K-7Q2MXA", "require" => "valid-user"))
"""
ACCOUNTS = {"lighttpd.user_file": {"stat -L -c %s %n /etc/lighttpd/accounts": "120 /etc/lighttpd/accounts\n"}}


# --- the recorded machines --------------------------------------------------------------------------------------


def test_the_stock_machine_is_open_and_each_gap_has_a_change():
    for control in ("A1.web", "A2.web", "B1.http_header"):
        (gap,) = verdicts(capture("stock"), control)
        assert (gap.status, len(gap.changes)) == (Status.GAP, 1), control
    assert said(capture("stock"), "B1.http_realm") == {Status.PASS}
    assert Status.PASS not in said(capture("stock"), "B1.http_title")


def test_only_the_allowlist_cuts_access_and_every_change_is_checked_before_it_counts():
    cuts = {control: verdicts(capture("stock"), control)[0].changes[0] for control in ("A1.web", "A2.web")}
    assert [cuts[control].cuts_access for control in cuts] == [False, True]
    assert [check.argv for check in cuts["A1.web"].checks] == [
        ("test", "-s", "/etc/lighttpd/accounts"),
        ("setpriv", "--reuid=www-data", "--regid=www-data", "--init-groups", "test", "-r", "/etc/lighttpd/accounts"),
        ("lighttpd", "-tt", "-f", "/etc/lighttpd/lighttpd.conf"),
    ]
    assert [run.argv for run in cuts["A2.web"].activate] == [("systemctl", "reload", "lighttpd.service")]


def test_the_machine_with_our_files_has_nothing_left():
    assert {one.status for one in LIGHTTPD.judge(LIGHTTPD.parse(capture("compliant")), INTENT)} == {Status.PASS}


def test_an_exception_deeper_down_is_shown_with_file_and_line():
    gaps = [one for one in verdicts(capture("overridden"), "A1.web") if one.status is Status.GAP]
    assert gaps and all(not one.changes for one in gaps), "only its owner can take it out"
    assert all(f"{FOLDER}/50-panel.conf:6" in one.why and '"/open/"' in one.why for one in gaps)
    (realm,) = verdicts(capture("overridden"), "B1.http_realm")
    assert realm.status is Status.GAP and "第一浄水場" in realm.why


def test_every_socket_counts_whatever_its_family_and_port():
    for name, where in (("ipv6", "[2001:db8:1::1]:8088"), ("port", "203.0.113.1:8080")):
        (gap,) = verdicts(capture(name), "A1.web")
        assert where in gap.why
    assert "127.0.0.1:8081" not in json.dumps([one.why for one in verdicts(capture("port"), "A1.web")])


def test_what_lighttpd_refuses_is_unreadable():
    with pytest.raises(Unreadable, match="missing closing quote"):
        LIGHTTPD.parse(capture("broken"))


def test_no_value_that_may_be_a_secret_is_kept():
    raw = printed(
        LOGIN + 'auth.backend.ldap.bind-pw = "planted"\nproxy.server = ("" => (("x" => "planted")))', **ACCOUNTS
    )
    assert "planted" not in json.dumps(LIGHTTPD.parse(raw))


# --- absent, unknown --------------------------------------------------------------------------------------------


def test_no_lighttpd_and_one_that_sleeps_are_absent():
    ((command, _old),) = capture("stock").all("lighttpd.config").items()
    with pytest.raises(Absent, match="not installed"):
        LIGHTTPD.parse(changed(capture("stock"), **{"lighttpd.config": {command: Output(error="missing")}}))
    off = "ActiveState=inactive\nUnitFileState={}\n"
    asleep = {"lighttpd.unit": {"systemctl": off.format("disabled")}, "listeners": {"@listeners": "[]"}}
    with pytest.raises(Absent, match="switched off"):
        LIGHTTPD.parse(changed(capture("stock"), **asleep))
    dead = {**asleep, "lighttpd.unit": {"systemctl": off.format("enabled")}}
    assert Status.GAP in said(changed(capture("stock"), **dead), "A1.web"), "the next boot starts it"


def test_one_that_only_the_machine_itself_reaches_is_not_applicable():
    raw = printed('server.bind = "127.0.0.1"\nserver.port = 8081')
    local = {"listeners": {"@listeners": json.dumps([
        {"protocol": "tcp", "address": "127.0.0.1", "port": 8081, "program": "lighttpd"}
    ])}}  # fmt: skip
    assert {one.status for one in LIGHTTPD.judge(LIGHTTPD.parse(changed(raw, **local)), INTENT)} == {
        Status.NOT_APPLICABLE
    }


def test_a_second_one_with_a_configuration_of_its_own_is_unknown():
    sockets = json.loads(capture("compliant").text("listeners"))
    more = [*sockets, {"protocol": "tcp", "address": "0.0.0.0", "port": 9090, "program": "lighttpd"}]
    raw = changed(capture("compliant"), listeners={"@listeners": json.dumps(more)})
    for control in LIGHTTPD.controls:
        assert Status.UNKNOWN in said(raw, control), control


def test_a_file_that_is_younger_than_the_last_reload_makes_all_unknown():
    old = {"lighttpd.unit": {"systemctl": "ActiveState=active\nStateChangeTimestampMonotonic=1000000\n"}}
    for control in LIGHTTPD.controls:
        assert Status.UNKNOWN in said(changed(capture("compliant"), **old), control), control


@pytest.mark.parametrize("text", ["", "config {", "config { a.b = ", 'config { $HTTP["url"] ?? "x" { } }', "nonsense"])
def test_what_is_not_understood_is_unreadable(text):
    ((command, _old),) = capture("stock").all("lighttpd.config").items()
    with pytest.raises(Unreadable):
        LIGHTTPD.parse(changed(capture("stock"), **{"lighttpd.config": {command: text}}))


# --- A1 ---------------------------------------------------------------------------------------------------------


def test_a_login_for_everything_passes():
    assert said(printed(LOGIN, **ACCOUNTS), "A1.web") == {Status.PASS}


@pytest.mark.parametrize(
    "hole",
    [
        '$HTTP["url"] =^ "/open/" { auth.require = () }',
        '$HTTP["host"] == "x" { auth.require = ("/admin" => ("method" => "basic", "realm" => "", "require" => "u")) }',
        '$HTTP["remoteip"] == "198.51.100.0/24" { auth.require = () }',
        '$SERVER["socket"] == "[::]:80" { auth.require = () }',
        '$HTTP["url"] =~ "x" { } else { auth.require = () }',
    ],
)
def test_wherever_a_request_can_go_without_a_login_is_a_gap(hole):
    assert Status.GAP in said(printed(LOGIN + hole, **ACCOUNTS), "A1.web")


def test_a_login_that_nobody_can_pass_is_a_gap():
    nobody = {"lighttpd.user_file": {"stat -L -c %s %n /etc/lighttpd/accounts": "0 /etc/lighttpd/accounts\n"}}
    assert said(printed(LOGIN, **nobody), "A1.web") == {Status.GAP}


def test_without_a_password_file_nothing_is_changed_and_the_way_is_named():
    (gap,) = verdicts(capture("stock"), "A1.web", replace(INTENT, user_file=""))
    assert not gap.changes and "login_required_user_file" in gap.fix


def test_an_application_asks_for_itself_or_not_and_only_a_person_can_see_it():
    assert Status.MANUAL in said(printed('proxy.server = ("" => (("host" => "127.0.0.1")))'), "A1.web")


def test_what_is_meant_to_be_public_is_no_gap_and_no_general_login_closes_it():
    public = Exposure(Level.PUBLIC_VIEW, "river", "owner", "2026-01-01", "2026-12-31", ("/live",))
    intent = replace(INTENT, today="2026-06-01", exposure=public)
    assert said(printed(LOGIN + '$HTTP["url"] =^ "/live/" { auth.require = () }', **ACCOUNTS), "A1.web", intent) == {
        Status.PASS
    }
    (gap,) = verdicts(capture("stock"), "A1.web", intent)
    assert not gap.changes and "/live" in gap.fix


# --- A2 ---------------------------------------------------------------------------------------------------------


def test_the_packet_filter_limits_access_unless_the_inventory_says_otherwise():
    assert said(capture("stock"), "A2.web", replace(INTENT, enforce_with="packet_filter")) == {Status.NOT_APPLICABLE}


def test_our_list_names_each_network_of_the_allowlist_and_loopback():
    (edit,) = verdicts(capture("stock"), "A2.web")[0].changes[0].edits
    assert isinstance(edit, FileEdit) and edit.path == f"{FOLDER}/zz-iot-site-checklist-access.conf"
    assert edit.content.startswith("# Written by iot_site.checklist (IoT device checklist A2)")
    for network in ("127.0.0.0/8", "203.0.113.8/30", "::1", "2001:db8:1::10"):
        assert f'$HTTP["remoteip"] == "{network}" {{ }}' in edit.content


LIST = (
    'server.modules = ("mod_access")\n{}\n$HTTP["remoteip"] == "203.0.113.8/30" {{ }}\n'
    'else $HTTP["remoteip"] == "2001:db8:1::10" {{ }}\nelse {{ url.access-deny = ("") }}\n{}'
)


def test_a_list_of_the_owner_with_just_these_addresses_passes():
    assert said(printed(LIST.format("", "")), "A2.web") == {Status.PASS}


@pytest.mark.parametrize(
    "deeper",
    [
        'url.access-allow = (".jpg")',
        '$HTTP["url"] =^ "/open/" { url.access-deny = ("~") }',
        'extforward.forwarder = ("all" => "trust")',
    ],
)
def test_what_lets_a_stranger_past_our_list_is_a_gap(deeper):
    first, last = ("", deeper) if "$" in deeper else (deeper, "")
    assert Status.GAP in said(printed(LIST.format(first, last)), "A2.web")


# --- B1 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "status"), [("web", Status.PASS), ("lighttpd/1.4.69", Status.GAP), ("第一浄水場", Status.GAP)]
)
def test_the_server_header_names_nothing(tag, status):
    assert said(printed(f'server.tag = "{tag}"'), "B1.http_header") == {status}


def test_pages_behind_the_login_are_nobodys_business():
    pages = {"lighttpd.pages": {"/var/www/html/index.html": "<title>第一浄水場</title>"}}
    text = 'server.document-root = "/var/www/html"\n'
    assert Status.PASS not in said(printed(text, **pages), "B1.http_title")
    assert said(printed(text + LOGIN, **ACCOUNTS, **pages), "B1.http_title") == {Status.PASS}


def test_only_pages_that_a_request_without_a_login_can_get_are_judged():
    titles = {"panel/index.html": "第一浄水場", "panel/view/index.html": "ログイン", "own/a.html": "第一浄水場"}
    pages = {"lighttpd.pages": {f"/srv/{place}": f"<title>{title}</title>" for place, title in titles.items()}}
    text = LOGIN + 'server.document-root = "/srv/panel"\n'
    view = '$HTTP["url"] =^ "/view/" { auth.require = () }\n'
    local = '$SERVER["socket"] == "127.0.0.1:8099" { server.document-root = "/srv/own" }\n'
    assert said(printed(text + view + local, **ACCOUNTS, **pages), "B1.http_title") == {Status.PASS}
    index = '$HTTP["url"] == "/" { auth.require = () }\n'
    assert Status.PASS not in said(printed(text + index, **ACCOUNTS, **pages), "B1.http_title")
    elsewhere = 'url.rewrite-once = ("^/view/(.*)" => "/$1")\n'
    assert Status.PASS not in said(printed(text + elsewhere + view, **ACCOUNTS, **pages), "B1.http_title")


def test_the_line_in_a_file_that_is_included_from_elsewhere_is_shown():
    line = {"lighttpd.included_more": {"/opt/panel/lighttpd.conf": "# panel\nauth.require = ()\n"}}
    hole = '$HTTP["url"] =^ "/open/" { auth.require = () }'
    gaps = [
        one.why for one in verdicts(printed(LOGIN + hole, **ACCOUNTS, **line), "A1.web") if one.status is Status.GAP
    ]
    assert gaps and all("/opt/panel/lighttpd.conf:2" in why for why in gaps)
