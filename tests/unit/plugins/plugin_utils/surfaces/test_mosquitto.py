# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mosquitto: whom it serves, from where, what it tells. test_telemetry.py proves it on the real one."""

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
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.mosquitto import Mosquitto
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.mosquitto_access import anonymous_topics

from tests.unit.plugins.plugin_utils.captures import changed, load

MOSQUITTO = Mosquitto()
CAPTURES = Path(__file__).parent / "mosquitto"
MAIN, FOLDER = "/etc/mosquitto/mosquitto.conf", "/etc/mosquitto/conf.d"
OURS = f"{FOLDER}/zz-iot-site-checklist.conf"
PASSWD, ACL = "/etc/mosquitto/passwd", "/etc/mosquitto/acl"
EVERYWHERE = (("tcp", "0.0.0.0", 1883, "mosquitto"),)
INTENT = Intent(
    site="k7",
    host="k7-panel",
    label="K-7Q2MXA",
    words=("弘前", "第一浄水場", "hirosaki"),
    consent=frozenset({Consent.ANONYMOUS_CLIENTS}),
)


def recorded(case: str) -> Raw:
    return load(CAPTURES / case / "capture.json")


def broker(text: str, sockets=EVERYWHERE, **answers) -> Raw:
    """A broker with this configuration, and other answers to some reads."""
    listed = [{"protocol": a, "address": b, "port": c, "program": d} for a, b, c, d in sockets]
    given = {
        "listeners": {"@listeners": json.dumps(listed)},
        "mosquitto.given": {MAIN: text},
        "mosquitto.folder": {},
        "mosquitto.password_f": {},
        "mosquitto.password_g": {f"stat -L -c '%s %n' {PASSWD}": f"120 {PASSWD}\n"},
        "mosquitto.acl_g": {ACL: "topic read weather/#\nuser x\ntopic #\n"},
        **answers,
    }
    return changed(recorded("exposed"), **given)


def judged(raw: Raw, intent: Intent = INTENT):
    return list(MOSQUITTO.judge(MOSQUITTO.parse(raw), intent))


def said(raw: Raw, control: str, intent: Intent = INTENT) -> set[Status]:
    return {one.status for one in judged(raw, intent) if one.control == control}


def edits(found):
    return [edit for one in found for change in one.changes for edit in change.edits]


# --- recorded brokers ---------------------------------------------------------------------------------------


def test_as_debian_installs_it_nobody_else_reaches_it():
    with pytest.raises(Absent, match="no other machine"):
        MOSQUITTO.parse(recorded("stock"))


def test_the_recorded_site_before_and_after():
    before = recorded("exposed")
    assert said(before, "A1.mqtt") == {Status.GAP} and Status.GAP in said(before, "B1.mqtt_names")
    assert {edit.path for edit in edits(judged(before))} == {f"{FOLDER}/10-listen.conf", OURS}
    after = judged(recorded("compliant"))
    assert not edits(after)
    assert {one.status for one in after} == {Status.PASS, Status.NOT_APPLICABLE}


@pytest.mark.parametrize("case", ["exposed", "compliant"])
def test_no_secret_leaves_the_parser(case):
    assert "planted" in str([out.text for each in recorded(case).outputs.values() for out in each.values()])
    state = MOSQUITTO.parse(recorded(case))
    shown = json.dumps(as_json([state, *MOSQUITTO.judge(state, INTENT)]), ensure_ascii=False)
    assert "planted" not in shown and "10-listen.conf" in shown


def test_a_line_that_the_broker_would_not_start_with_is_unknown_and_named():
    with pytest.raises(Unreadable, match=r"60-broken\.conf:1"):
        MOSQUITTO.parse(recorded("broken"))


def test_the_last_file_counts_by_letters_and_hidden_ones_too():
    found = judged(recorded("deeper"))
    (opened,) = [one for one in found if one.control == "A1.mqtt"]
    assert opened.status is Status.GAP and "Z-last.conf:1" in opened.why
    assert any(edit.path == f"{FOLDER}/.hidden.conf" and edit.before == "sys_interval 30" for edit in edits(found))


@pytest.mark.parametrize(("case", "where"), [("ipv6", "fd00:db8:114::11 port 1883"), ("port", "0.0.0.0 port 11883")])
def test_other_addresses_and_ports(case, where):
    (one,) = MOSQUITTO.parse(recorded(case))["doors"]
    assert one["listens"][0] == where and said(recorded(case), "A1.mqtt") == {Status.GAP}


def test_listeners_with_settings_of_their_own():
    doors = MOSQUITTO.parse(recorded("listeners"))["doors"]
    assert [(one["anonymous"], one["topics"]) for one in doors] == [
        (False, None),
        (True, ["weather/#", "#"]),
        (True, None),
    ]
    whys = [one.why for one in judged(recorded("listeners")) if one.control == "A1.mqtt"]
    assert len(whys) == 2 and "port 1884" in whys[0] and "port 1885" in whys[1]


# --- A1 -----------------------------------------------------------------------------------------------------

TLS = "cafile /c\ncertfile /c\nkeyfile /k\n"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("listener 1883", Status.PASS),
        ("port 1883", Status.PASS),
        ("listener 1883\nallow_anonymous true", Status.GAP),
        ("allow_anonymous 1\nlistener 1883", Status.GAP),
        ("  listener   1883\nallow_anonymous   true  ", Status.GAP),
        ("port 1883\nallow_anonymous true", Status.GAP),
        ("listener 1883\nallow_anonymous true\nallow_anonymous false", Status.PASS),
        ("listener 1883\nallow_anonymous false\nallow_anonymous true", Status.GAP),
        ("# allow_anonymous true\nlistener 1883", Status.PASS),
        (f"listener 1883\nallow_anonymous true\npassword_file {PASSWD}", Status.GAP),
        (f"listener 1883\nallow_anonymous true\nacl_file {ACL}", Status.GAP),
        ("listener 1883\nallow_anonymous true\nacl_file /etc/mosquitto/none", Status.GAP),
        ("listener 1883\nallow_anonymous true\nplugin /x.so", Status.GAP),
        ("listener 1883\nallow_anonymous false\nplugin /opt/own.so", Status.MANUAL),
        ("listener 1883\nauth_plugin /opt/own.so", Status.MANUAL),
        ("listener 1883\nplugin /usr/lib/mosquitto_dynamic_security.so", Status.PASS),
        (f"listener 1883\nplugin /opt/own.so\n{TLS}require_certificate true", Status.PASS),
        (f"listener 1883\nallow_anonymous true\n{TLS}", Status.GAP),
        (f"listener 1883\nallow_anonymous true\n{TLS}require_certificate true", Status.PASS),
        (f"listener 1883\nallow_anonymous true\n{TLS}require_certificate false", Status.GAP),
        ("listener 1883\nallow_anonymous true\npsk_hint x\npsk_file /p", Status.PASS),
        ("listener 1883\nallow_anonymous true\npsk_hint x", Status.GAP),
        (f"require_certificate true\nlistener 1883\nallow_anonymous true\n{TLS}", Status.GAP),
        ("listener 1883\nprotocol websockets\nhttp_dir /srv", Status.GAP),
        ("per_listener_settings true\nallow_anonymous true\nlistener 1883", Status.PASS),
        ("per_listener_settings true\nlistener 1883\nallow_anonymous true\nlistener 1884", Status.GAP),
        ("per_listener_settings true\nlistener 1884\nallow_anonymous true\nlistener 1883", Status.PASS),
        ("per_listener_settings true\nport 1883", Status.GAP),
        (f"per_listener_settings true\nport 1883\npassword_file {PASSWD}", Status.GAP),
        (f"per_listener_settings true\npassword_file {PASSWD}\nlistener 1884", Status.GAP),
        ("per_listener_settings true\npsk_file /p\nlistener 1884", Status.GAP),
        ("per_listener_settings true\nbind_address 0.0.0.0\nlistener 1884", Status.GAP),
        ("per_listener_settings true\nport 1883\nallow_anonymous false", Status.PASS),
        ("listener 1883\nallow_anonymous true\nrequire_certificate true", Status.GAP),
        ("listener 1883\nallow_anonymous true\ncafile /c\nrequire_certificate true", Status.GAP),
        ("listener 1883 127.0.0.1\nlistener 1883 0.0.0.0\nallow_anonymous true", Status.GAP),
        ("listener 1883 panel.example.org\nallow_anonymous true", Status.GAP),
    ],
)
def test_who_is_served(text, status):
    assert said(broker(f"{text}\n"), "A1.mqtt") == {status}


@pytest.mark.parametrize("text", ["listener 1884", "listener 1883 192.0.2.1", "listener x", "port 70 000", "port x"])
def test_a_socket_that_no_line_explains_is_unreadable(text):
    with pytest.raises(Unreadable):
        MOSQUITTO.parse(broker(f"{text}\nallow_anonymous false\n"))


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("", []),
        ("user a\ntopic read #\n", []),
        ("topic read $SYS/#\n", ["$SYS/#"]),
        ("topic a b\n", ["a b"]),
        ("topic readwrite x y\nuser a\npattern write c/%c\n", ["x y", "c/%c"]),
        ("topic deny #\n# topic read #\n", []),
        ("topic read\n", ["read"]),
    ],
)
def test_what_an_access_list_gives_to_those_without_a_login(text, topics):
    assert anonymous_topics(text) == topics


def test_an_access_list_that_gives_them_nothing_closes_the_broker():
    text, answers = (
        f"listener 1883\nallow_anonymous true\nacl_file {ACL}\n",
        {"mosquitto.acl_g": {ACL: "user a\ntopic #"}},
    )
    assert said(broker(f"{text}password_file {PASSWD}\n", **answers), "A1.mqtt") == {Status.PASS}
    assert said(broker(text, **answers), "A1.mqtt") == {Status.GAP}, "where nobody has an account, anybody is a"


def test_closing_is_one_line_and_needs_consent():
    text = f"listener 1883\npassword_file {PASSWD}\nallow_anonymous true\n"
    (one,) = [one for one in judged(broker(text)) if one.control == "A1.mqtt"]
    (change,) = one.changes
    assert change.edits == (LineInFile(MAIN, 3, "allow_anonymous true", "allow_anonymous false"),)
    assert change.checks and change.activate[0].argv == ("systemctl", "reload", "mosquitto.service")
    assert said(broker(text.replace("us true", "us false")), "A1.mqtt") == {Status.PASS}
    (one,) = [one for one in judged(broker(text), replace(INTENT, consent=frozenset())) if one.control == "A1.mqtt"]
    assert one.status is Status.MANUAL and "login_required_refuse_anonymous" in one.fix


@pytest.mark.parametrize("size", ["0", "", "error"])
def test_a_broker_without_accounts_is_never_closed(size):
    out = Output(error="denied") if size == "error" else f"{size} {PASSWD}\n" if size else ""
    text = f"listener 1883\npassword_file {PASSWD}\nallow_anonymous true\n"
    (one,) = [
        one
        for one in judged(broker(text, **{"mosquitto.password_g": {f"stat {PASSWD}": out}}))
        if one.control == "A1.mqtt"
    ]
    assert one.status is Status.GAP and not one.changes and "mosquitto_passwd" in one.fix


def test_where_tls_is_the_proof_a_change_restarts_the_broker():
    text = (
        f"per_listener_settings true\nlistener 8883\n{TLS}require_certificate true\nallow_anonymous true\n"
        f"listener 1883\npassword_file {PASSWD}\nallow_anonymous true\n"
    )
    both = (*EVERYWHERE, ("tcp", "0.0.0.0", 8883, "mosquitto"))
    found = judged(broker(text, both))
    (change,) = [change for one in found if one.control == "A1.mqtt" for change in one.changes]
    assert change.activate[0].argv[1] == "restart"


def running(text: str, started: int, reloaded: int, touched: int) -> Raw:
    """A broker that began, reloaded, and whose file was changed, so many seconds after the machine's start."""
    unit = (
        f"Id=mosquitto.service\nActiveState=active\nCanReload=yes\nStateChangeTimestampMonotonic={reloaded * 1000000}"
    )
    return broker(text, booted={"grep": "btime 1000000"}, **{
        "mosquitto.started": {"/proc/7/stat": f"7 (mosquitto) S {'0 ' * 18}{started * 100} 0 0"},
        "mosquitto.unit": {"systemctl": unit},
        "mosquitto.changed": {"find": f"{1000000 + touched} {MAIN}\n"},
    })  # fmt: skip


def test_what_tls_asks_for_is_taken_over_by_a_restart_only():
    text = f"listener 1883\n{TLS}require_certificate true\nallow_anonymous true\n"
    assert said(running(text, 10, 10, 5), "A1.mqtt") == {Status.PASS}
    assert said(running(text, 10, 60, 50), "A1.mqtt") == {Status.UNKNOWN}


def test_files_that_it_has_not_taken_over_are_no_pass():
    text = "listener 1883\n"
    assert said(running(text, 10, 60, 50), "A1.mqtt") == {Status.PASS}
    for control in MOSQUITTO.controls:
        assert Status.UNKNOWN in said(running(text, 10, 60, 80), control)


def test_an_old_broker_serves_everybody_unless_told_otherwise():
    old = {"mosquitto.errors": {"sh": "mosquitto version 1.6.9\nError: Invalid port specified (0).\n"}}
    assert said(broker("listener 1883\n", **old), "A1.mqtt") == {Status.GAP}
    assert said(broker(f"listener 1883\npassword_file {PASSWD}\n", **old), "A1.mqtt") == {Status.PASS}
    (one,) = [one for one in judged(broker("plugin /x\nlistener 1883\nallow_anonymous true\n", **old)) if one.changes
              and one.control == "A1.mqtt"]  # fmt: skip
    assert one.status is Status.GAP


# --- A2 -----------------------------------------------------------------------------------------------------


def test_the_broker_has_no_list_of_addresses():
    given = broker("listener 1883\n")
    assert said(given, "A2.service") == {Status.NOT_APPLICABLE}
    (one,) = [one for one in judged(given, replace(INTENT, enforce_with="web_server")) if one.control == "A2.service"]
    assert one.status is Status.MANUAL and "0.0.0.0 port 1883" in one.why


# --- B1 -----------------------------------------------------------------------------------------------------

OPEN = "listener 1883\nallow_anonymous true\n"


def names(raw: Raw, intent: Intent = INTENT):
    return [one for one in judged(raw, intent) if one.control == "B1.mqtt_names"]


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        (f"{OPEN}include_dir {FOLDER}\n", OURS),
        (f"{OPEN}include_dir {FOLDER}/\n", OURS),
        (OPEN, LineInFile(MAIN, 0, "", "sys_interval 0")),
        (f"{OPEN}sys_interval 20\n", LineInFile(MAIN, 3, "sys_interval 20", "sys_interval 0")),
        (f"sys_interval 0\n{OPEN}sys_interval 20\n", LineInFile(MAIN, 4, "sys_interval 20", "sys_interval 0")),
        (f"{OPEN}sys_interval 0\n", None),
        (f"{OPEN}acl_file {ACL}\n", None),
        ("listener 1883\n", None),
    ],
)
def test_the_version_goes_with_the_brokers_own_topics(text, edit):
    found = [change for one in names(broker(text)) for change in one.changes]
    if edit is None:
        assert not found
        return
    (change,) = found
    (made,) = change.edits
    assert made == edit or (
        isinstance(made, FileEdit) and made.path == edit and made.content.endswith("sys_interval 0\n")
    )
    assert change.activate[0].argv == ("systemctl", "restart", "mosquitto.service") and "reconnect" in change.summary


def test_a_plugin_that_lets_clients_in_by_rules_of_its_own_leaves_what_they_are_told_to_a_person():
    given = broker("listener 1883\nplugin /opt/own.so\n")
    assert said(given, "B1.mqtt_names") == {Status.MANUAL}
    assert all("/opt/own.so" in one.why and one.fix for one in judged(given) if one.status is Status.MANUAL)


def test_topics_stay_for_a_persons_eye_while_somebody_reads_without_a_login():
    assert {one.status for one in names(broker(f"{OPEN}sys_interval 0\n"))} == {Status.MANUAL}
    assert {one.status for one in names(broker("listener 1883\n"))} == {Status.PASS}


def test_a_version_that_is_kept_until_a_restart_is_no_pass():
    (one,) = [one for one in names(running(f"{OPEN}sys_interval 0\n", 10, 60, 50)) if one.status is Status.GAP]
    assert "Restart" in one.fix and not one.changes


@pytest.mark.parametrize(
    ("bridge", "status"),
    [
        ("connection hirosaki\naddress 192.0.2.7", Status.GAP),
        ("connection up\nremote_clientid hirosaki-3", Status.GAP),
        ("connection up\nnotification_topic 弘前/state", Status.GAP),
        ("connection hirosaki\nnotifications false", None),
        ("connection up\nremote_clientid K-7Q2MXA", None),
        ("connection up\nremote_clientid nebuta", Status.MANUAL),
    ],
)
def test_the_names_of_bridges(bridge, status):
    found = [one for one in names(broker(f"{OPEN}sys_interval 0\n{bridge}\n")) if "bridge" in one.why]
    assert [one.status for one in found] == ([status] if status else [])


def test_a_hint_is_told_before_any_proof():
    (one,) = [
        one for one in names(broker("listener 1883\npsk_hint hirosaki\npsk_file /p\n")) if one.status is Status.GAP
    ]
    assert "psk_hint" in one.why


# --- is it there, is it this one ------------------------------------------------------------------------------


def test_nothing_installed_is_absent():
    nothing = {"listeners": {"@listeners": Output(b"[]")}, "mosquitto.config": {MAIN: Output(error="missing")}}
    with pytest.raises(Absent, match="no MQTT broker"):
        MOSQUITTO.parse(Raw(nothing))


@pytest.mark.parametrize(
    "answers",
    [
        {"sockets": (("tcp", "0.0.0.0", 1883, "docker-proxy"),)},
        {"sockets": (("tcp", "0.0.0.0", 8883, "beam.smp"),)},
        {"mosquitto.started": {}},
        {"mosquitto.started": {"/proc/7/stat": "x", "/proc/8/stat": "x"}},
        {"sockets": ()},
        {"sockets": (), "mosquitto.started": {}, "mosquitto.enabled": {"/x.wants/mosquitto.service": "[Unit]"}},
        {"mosquitto.given": {}},
        {"mosquitto.errors": {"sh": Output(error="no end after 20 seconds")}},
        {"mosquitto.errors": {"sh": "Error found at /etc/mosquitto/mosquitto.conf:3."}},
        {"mosquitto.folder": {FOLDER: Output(error="Permission denied")}},
        {
            "mosquitto.given": {MAIN: f"include_dir {FOLDER}\n"},
            "mosquitto.folder": {f"{FOLDER}/a.conf": "include_dir /x\n"},
        },
        {"mosquitto.given": {MAIN: 'include_dir "/a b"\nlistener 1883\n'}},
    ],
)
def test_a_broker_that_is_not_known_for_sure_is_unknown(answers):
    with pytest.raises(Unreadable):
        MOSQUITTO.parse(broker("listener 1883\n", **answers))


@pytest.mark.parametrize(("text", "absent"), [("listener 1883 127.0.0.1", True), ("listener 1883", False), ("", True)])
def test_loopback_only_counts_if_it_stays_so(text, absent):
    given = running(f"{text}\n", 10, 60, 50)
    listed = [{"protocol": "tcp", "address": "127.0.0.1", "port": 1883, "program": "mosquitto"}]
    with pytest.raises(Absent if absent else Unreadable):
        MOSQUITTO.parse(changed(given, listeners={"@listeners": json.dumps(listed)}))
