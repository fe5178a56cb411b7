# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""avahi: the host's name, its options, its services. test_names.py proves the same on real software."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    Intent,
    LineInFile,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.avahi import Avahi
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.avahi_config import CONF, service, settings
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.captures import changed, load

AVAHI = Avahi()
CAPTURES = Path(__file__).parent / "avahi"
INTENT = Intent(site="k7", host="k7-panel", label="K-7Q2MXA", words=("弘前", "第一浄水場", "hirosaki"))
SERVICE = "/etc/avahi/services/panel.service"


def capture(case):
    return load(CAPTURES / case / "capture.json")


def judged(raw, intent=INTENT):
    return list(AVAHI.judge(AVAHI.parse(raw), intent))


def heard(*records, error=""):
    return {"@mdns": json.dumps({"heard": [list(one) for one in records], "error": error}, ensure_ascii=False)}


def listeners(*programs):
    found = [{"address": "0.0.0.0", "port": 5353, "program": program, "protocol": "udp"} for program in programs]
    return {"@listeners": json.dumps(found)}


def said(**lines):
    """Debian's host, whose configuration says this."""
    server = [
        f"{name.replace('_', '-')}={value}" for name, value in lines.items() if name in ("host_name", "enable_dbus")
    ]
    publish = [f"{name.replace('_', '-')}={value}" for name, value in lines.items()
               if name.startswith(("publish", "disable"))]  # fmt: skip
    text = "\n".join(["[server]", *server, "[publish]", *publish, ""])
    return changed(capture("stock"), **{"avahi.config": {CONF: text}})


@pytest.mark.parametrize(
    ("case", "statuses"),
    [
        ("stock", [Status.PASS]),
        ("exposed", [Status.GAP] * 4),
        ("texts", [Status.GAP]),
        ("short", [Status.GAP]),
        ("ipv6", [Status.GAP]),
        ("broken", [Status.GAP]),
        ("silent", [Status.PASS]),
        ("compliant", [Status.PASS]),
    ],
)
def test_the_avahi_of_debian(case, statuses):
    assert [one.status for one in judged(capture(case))] == statuses


def test_loopback_and_nothing_at_all_are_absent_and_starting_later_is_unreadable():
    with pytest.raises(Absent, match="loopback"):
        AVAHI.parse(capture("loopback"))
    nobody = changed(capture("stock"), listeners=listeners())
    with pytest.raises(Unreadable, match="next boot"):
        AVAHI.parse(nobody)
    with pytest.raises(Absent, match="5353"):
        AVAHI.parse(Raw({**nobody.outputs, "avahi.enabled": {}, "avahi.started": {}}))


def test_every_planted_name_is_one_edit_of_its_own_line():
    edits = [edit for one in judged(capture("exposed")) for change in one.changes for edit in change.edits]
    assert [(edit.path, edit.after.strip()) for edit in edits] == [
        (CONF, "host-name=K-7Q2MXA"),
        (CONF, "publish-hinfo=no"),
        (CONF, "publish-workstation=no"),
        (SERVICE, '<name replace-wildcards="yes">K-7Q2MXA</name>'),
    ]
    assert all(edit.before == line(edit) for edit in edits)


def line(edit):
    text = capture("exposed").outputs["avahi.config" if edit.path == CONF else "avahi.services"][edit.path].text
    return text.split("\n")[edit.number - 1]


def test_a_service_file_needs_a_reload_and_a_setting_a_restart():
    commands = [
        [run.argv[1] for run in change.activate] for one in judged(capture("exposed")) for change in one.changes
    ]
    assert commands == [["restart"], ["restart"], ["restart"], ["reload"]]


def test_a_text_of_a_service_is_left_to_its_owner():
    (one,) = judged(capture("texts"))
    assert "note=弘前" in one.why and f"{SERVICE}:9" in one.why and one.fix and not one.changes


def test_without_the_line_the_setting_comes_above_all_in_a_section_of_its_own():
    given = changed(said(), **{"avahi.heard": heard(("system", "x.local", "X86_64 LINUX"))})
    (one,) = judged(given)
    assert one.changes[0].edits == (LineInFile(CONF, 0, "", "publish-hinfo=no"), LineInFile(CONF, 0, "", "[publish]"))
    assert settings("[publish]\npublish-hinfo=no\n[server]\n")["publish-hinfo"]["value"] == "no"


def test_without_a_label_the_name_is_a_neutral_word():
    given = changed(said(host_name="hirosaki-pump"), **{"avahi.heard": heard(("host", "hirosaki-pump.local", ""))})
    (one,) = judged(given, replace(INTENT, label=""))
    assert one.after == "host-name=device"
    for name in ("device", "K-7Q2MXA", "k-7q2mxa", "K-7Q2MXA-2"):
        assert [each.status for each in judged(said(host_name=name))] == [Status.PASS]


def test_a_name_that_no_rule_knows_is_for_a_person():
    (one,) = judged(said(host_name="kp-17"))
    assert one.status is Status.MANUAL and "kp-17" in one.why and "host-name" in one.fix


# --- what only the network tells ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (("service", "第一浄水場", "_ipp._tcp"), Status.GAP),
        (("text", "x", "ty=Brother HL-2270"), Status.GAP),
        (("host", "hirosaki-old.local", ""), Status.GAP),
        (("type", "_axis-video._tcp", ""), Status.GAP),
        (("service", "kp-17", "_http._tcp"), Status.MANUAL),
        (("service", "K-7Q2MXA #2", "_http._tcp"), Status.PASS),
        (("text", "x", "path=/"), Status.PASS),
        (("type", "_printer._tcp", ""), Status.PASS),
    ],
)
def test_what_another_program_announces_is_judged_and_never_edited(record, status):
    (one,) = judged(changed(said(host_name="K-7Q2MXA"), **{"avahi.heard": heard(record)}))
    assert one.status is status and not one.changes and bool(one.fix) is (status is not Status.PASS)


def test_what_is_switched_off_and_still_heard_is_no_pass():
    given = said(host_name="K-7Q2MXA", publish_hinfo="no", publish_workstation="no")
    for record in (("system", "K-7Q2MXA.local", "X86_64 LINUX"), ("service", "x [02:00]", "_workstation._tcp")):
        (one,) = judged(changed(given, **{"avahi.heard": heard(record)}))
        assert one.status is Status.GAP and "restart" in one.fix


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ({}, Status.UNKNOWN),
        ({"disable_user_service_publishing": "yes"}, Status.PASS),
        ({"enable_dbus": "no"}, Status.PASS),
        ({"disable_publishing": "yes"}, Status.PASS),
        ({"disable_publishing": "no", "disable_user_service_publishing": "no", "enable_dbus": "yes"}, Status.UNKNOWN),
    ],
)
def test_silence_passes_only_where_no_other_program_can_announce_something(lines, status):
    given = changed(said(host_name="K-7Q2MXA", **lines), **{"avahi.heard": heard(error="nobody answered")})
    assert [one.status for one in judged(given)] == [status]


def test_in_silence_files_that_are_not_in_force_pass_nothing():
    given = changed(
        said(host_name="K-7Q2MXA", disable_publishing="yes"),
        **{"avahi.heard": heard(error="nobody answered"), "avahi.changed": {"sh": f"99999999999 {CONF}\n"}},
    )
    assert Status.UNKNOWN in [one.status for one in judged(given)]


@pytest.mark.parametrize("programs", [("mdnsd",), ("",), ("avahi-daemon", "chrome")])
def test_another_program_that_is_silent_is_unknown(programs):
    given = changed(
        said(host_name="K-7Q2MXA", disable_publishing="yes"),
        listeners=listeners(*programs), **{"avahi.heard": heard(error="nobody answered")},
    )  # fmt: skip
    assert [one.status for one in judged(given)] == [Status.UNKNOWN]


@pytest.mark.parametrize("answer", ["", "[]", '{"heard": [["host"]], "error": ""}', '{"heard": 3}'])
def test_an_answer_that_is_none_is_unreadable(answer):
    with pytest.raises(Unreadable):
        AVAHI.parse(changed(capture("stock"), **{"avahi.heard": {"@mdns": answer}}))
    with pytest.raises(Unreadable):
        AVAHI.parse(changed(capture("stock"), **{"avahi.heard": {"@mdns": Output(error="too slow")}}))


# --- its files ------------------------------------------------------------------------------------------------


def test_a_setting_counts_in_its_own_section_only_and_the_last_one_wins():
    found = settings("[publish]\nhost-name=a\n[server]\n#host-name=foo\nhost-name = b \nhost-name=c\n")
    assert found == {"host-name": {"value": "c", "number": 6, "line": "host-name=c"}}


def test_a_comment_hides_a_name_and_moves_no_line():
    (one,) = service("<!-- a\n<name>x</name> -->\n<group>\n <name>b &amp; %h</name>\n", "pump")
    assert (one["text"], one["number"], one["line"]) == ("b & %h", 4, " <name>b &amp; %h</name>")


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text):
    assert isinstance(settings(text), dict)
    assert all(one["number"] >= 1 for one in service(f"<name>{text}</name>", "pump"))
