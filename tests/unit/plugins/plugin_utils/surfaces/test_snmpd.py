# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""net-snmp's agent: whom it answers, from where, what it tells. test_telemetry.py proves it on the real one."""

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
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.snmpd import Snmpd
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.captures import changed, load

SNMPD = Snmpd()
CAPTURES = Path(__file__).parent / "snmpd"
MAIN, FOLDER = "/etc/snmp/snmpd.conf", "/etc/snmp/snmpd.conf.d"
OURS = f"{FOLDER}/zz-iot-site-checklist.conf"
EVERYWHERE = (("udp", "0.0.0.0", 161, "snmpd"),)
INTENT = Intent(
    site="k7",
    host="k7-panel",
    allow4=("203.0.113.0/28",),
    label="K-7Q2MXA",
    words=("弘前", "第一浄水場", "hirosaki"),
    consent=frozenset({Consent.ANONYMOUS_CLIENTS}),
)


def recorded(case: str) -> Raw:
    return load(CAPTURES / case / "capture.json")


def agent(text: str, sockets=EVERYWHERE, **answers) -> Raw:
    """An agent with this configuration, and other answers to some reads."""
    listed = [{"protocol": a, "address": b, "port": c, "program": d} for a, b, c, d in sockets]
    given = {
        "listeners": {"@listeners": json.dumps(listed)},
        "snmpd.config": {MAIN: text},
        "snmpd.folder": {},
        "snmpd.shared": {},
        **answers,
    }
    return changed(recorded("exposed"), **given)


def judged(raw: Raw, intent: Intent = INTENT):
    return list(SNMPD.judge(SNMPD.parse(raw), intent))


def said(raw: Raw, control: str, intent: Intent = INTENT) -> set[Status]:
    return {one.status for one in judged(raw, intent) if one.control == control}


def edits(found):
    return [edit for one in found for change in one.changes for edit in change.edits]


def applied(raw: Raw, found) -> Raw:
    """The same device with the edits of all changes in its files."""
    files = {name: dict(raw.all(name)) for name in ("snmpd.config", "snmpd.folder", "snmpd.file_d")}
    for edit in sorted(edits(found), key=lambda one: -getattr(one, "number", 0)):
        name = next((name for name, each in files.items() if edit.path in each), "snmpd.folder")
        if isinstance(edit, FileEdit):
            files[name][edit.path] = Output(edit.content.encode())
            continue
        lines = files[name][edit.path].text.split("\n")
        if edit.number:
            assert lines[edit.number - 1] == edit.before
            lines[edit.number - 1] = edit.after
        else:
            lines.insert(0, edit.after)
        files[name][edit.path] = Output("\n".join(lines).encode())
    return Raw({**raw.outputs, **files})


# --- recorded agents ----------------------------------------------------------------------------------------


def test_as_debian_installs_it_nobody_else_reaches_it():
    with pytest.raises(Absent, match="no other machine"):
        SNMPD.parse(recorded("stock"))


def test_the_recorded_site_before_and_after():
    before = judged(recorded("exposed"))
    assert said(recorded("exposed"), "A1.snmp") == {Status.GAP}
    assert Status.GAP in said(recorded("exposed"), "B1.snmp_names")
    assert {edit.path for edit in edits(before)} == {MAIN, f"{FOLDER}/50-site.conf", OURS}
    after = judged(recorded("compliant"))
    assert not edits(after)
    left = {one.why for one in after if one.control == "A1.snmp" and one.status is Status.GAP}
    assert len(left) == 1 and "50-site.conf:4" in left.pop(), "the line with a secret is for a person"
    assert {one.status for one in after if one.control == "B1.snmp_names"} == {Status.PASS}


def test_what_a_plan_writes_is_judged_as_closed():
    before = recorded("exposed")
    assert not edits(judged(applied(before, judged(before))))


@pytest.mark.parametrize("case", ["exposed", "deeper", "compliant"])
def test_no_secret_leaves_the_parser(case):
    assert "planted" in str([out.text for each in recorded(case).outputs.values() for out in each.values()])
    state = SNMPD.parse(recorded(case))
    shown = json.dumps(as_json([state, *SNMPD.judge(state, INTENT)]), ensure_ascii=False)
    assert "planted" not in shown and "50-site.conf" in shown


def test_a_broken_line_is_unknown_and_named():
    with pytest.raises(Unreadable, match=r"50-site\.conf: line 1"):
        SNMPD.parse(recorded("broken"))


def test_what_stands_deeper_counts():
    found = judged(recorded("deeper"))
    whys = [one.why for one in found if one.control == "A1.snmp" and one.status is Status.GAP]
    assert any("deep.inc:2: a community (not shown)" in why for why in whys)
    names = [one for one in found if one.control == "B1.snmp_names" and one.changes]
    assert any("sysName hirosaki-panel" in one.before and "deep.inc" in one.why for one in names)
    assert not any("sysDescr is not set" in one.why for one in found)


@pytest.mark.parametrize(
    ("case", "where"), [("ipv6", "udp fd00:db8:114::11 port 161"), ("port", "udp 0.0.0.0 port 1161")]
)
def test_other_addresses_and_ports(case, where):
    state = SNMPD.parse(recorded(case))
    assert state["listens"] == [where] and Status.GAP in said(recorded(case), "A1.snmp")


# --- A1 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("rocommunity public", Status.GAP),
        ("ROCOMMUNITY public default .1", Status.GAP),
        ('rwcommunity "private" 203.0.113.1', Status.GAP),
        ("rocommunity6 public default", Status.GAP),
        ("rocommunity s3cret", Status.GAP),
        ("rocommunity s3cret 0.0.0.0/0", Status.GAP),
        ("rocommunity s3cret 128.0.0.0/1", Status.GAP),
        ("rocommunity s3cret default -V all", Status.GAP),
        ("rocommunity s3cret 203.0.113.0/28", Status.PASS),
        ("rocommunity s3cret 203.0.113.0/255.255.255.240", Status.PASS),
        ("rocommunity s3cret nms.example.org", Status.PASS),
        ("rocommunity public 127.0.0.1", Status.PASS),
        ("rocommunity public localhost", Status.PASS),
        ("rocommunity public localhost.example.org", Status.GAP),
        ("rocommunity public !203.0.113.0/28", Status.PASS),
        ("authcommunity read,write public default", Status.GAP),
        ("authcommunity read s3cret 203.0.113.1", Status.PASS),
        ("com2sec r default public\ngroup g v2c r\naccess g '' any noauth exact all none none", Status.GAP),
        ("com2sec -Cn x r default s3cret\ngroup g v1 r", Status.GAP),
        ("com2sec r default public", Status.PASS),  # no group, so no access
        ("com2sec r 203.0.113.1 s3cret\ngroup g v2c r\naccess g '' any noauth exact all none none", Status.PASS),
        ("rouser u", Status.PASS),
        ("rouser u auth", Status.PASS),
        ("rwuser u priv", Status.PASS),
        ("rouser u noauth", Status.GAP),
        ("rwuser u noAuthNoPriv", Status.GAP),
        ("rouser -s usm u noauth .1", Status.GAP),
        ("authuser read u noauth", Status.GAP),
        ("authuser read,write -s usm u priv", Status.PASS),
        ("group g usm u\naccess g '' usm noauth exact all all none", Status.GAP),
        ("group g usm u\naccess g '' any auth exact all none none", Status.PASS),
        ("group g usm u\nsetaccess g '' any noauth exact read all", Status.GAP),
        ("group g usm u\nauthgroup read g noauth", Status.GAP),
        ("group g usm u\nauthaccess x read g all", Status.PASS),
        ("[snmpd] rocommunity public", Status.GAP),
        ("[snmp]\nrocommunity public\n[snmpd]\n", Status.PASS),
        ("# rocommunity public", Status.PASS),
        ("com2secunix r /run/x public\ngroup g v2c r", Status.PASS),
    ],
)
def test_who_is_answered(text, status):
    assert said(agent(text), "A1.snmp") == {status}


@pytest.mark.parametrize("text", ["rocommunity", "com2sec a b", "rouser u sometimes", "access g x", "vacmAccess x"])
def test_what_is_not_understood_is_unreadable(text):
    with pytest.raises(Unreadable):
        SNMPD.parse(agent(f"group g usm u\n{text}"))


@given(
    st.sampled_from(["rocommunity", "rwcommunity6", "com2sec"]),
    st.from_regex(r"[a-z0-9]{9,20}", fullmatch=True),
    st.sampled_from(["", " default", " 203.0.113.0/28"]),
    st.sampled_from(["", "  # old: remark-secret"]),
)
def test_no_community_is_shown_and_no_line_with_one_is_edited(word, secret, source, remark):
    line = (
        f"{word} {secret}{source}" if word != "com2sec" else f"com2sec r {source or 'default'} {secret}\ngroup g v1 r"
    )
    found = judged(agent(f"sysLocation x\n{line}{remark}\n"))
    assert secret not in str(found) and "remark-secret" not in str(found)
    assert not [edit for one in found if one.control == "A1.snmp" for edit in edits([one])]


def test_a_remark_on_a_line_is_never_carried():
    (one,) = [one for one in judged(agent("rocommunity public # was planted")) if one.control == "A1.snmp"]
    assert one.status is Status.GAP and not one.changes and "planted" not in str(one) and "Delete" in one.fix


def test_closing_needs_consent():
    found = judged(agent("rocommunity public default"), replace(INTENT, consent=frozenset()))
    (one,) = [one for one in found if one.control == "A1.snmp"]
    assert one.status is Status.MANUAL and "login_required_refuse_anonymous" in one.fix and not one.changes


def test_a_known_community_is_silenced_in_its_place_and_an_account_has_to_prove_itself():
    found = [one for one in judged(agent("rocommunity public\nrouser noauth noauth .1\n")) if one.control == "A1.snmp"]
    assert edits(found)[0] == LineInFile(MAIN, 1, "rocommunity public", "# iot_site.checklist A1: rocommunity public")
    assert edits(found)[1].after == "rouser noauth auth .1"
    assert all(change.checks and change.activate for one in found for change in one.changes)


# --- A2 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("rocommunity s3cret 203.0.113.0/28", Status.PASS),
        ("rocommunity s3cret 127.0.0.1", Status.PASS),
        ("rocommunity s3cret 203.0.113.0/24", Status.GAP),
        ("rocommunity s3cret", Status.GAP),
        ("rocommunity s3cret nms.example.org", Status.GAP),
        ("rouser u priv", Status.GAP),
        ("", Status.PASS),
    ],
)
def test_from_where(text, status):
    given = agent(f"sysServices 72\n{text}")
    assert said(given, "A2.service", replace(INTENT, enforce_with="web_server")) == {status}
    assert said(given, "A2.service") == {Status.NOT_APPLICABLE}


# --- B1 -----------------------------------------------------------------------------------------------------

PUBLIC = "rocommunity public default\n"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("sysLocation 弘前市", Status.GAP),
        ("sysName rtx830-gw", Status.GAP),
        ("sysContact 第一浄水場\nsysContact K-7Q2MXA", Status.GAP),
        ("sysLocation Nebuta", Status.MANUAL),
        ("sysDescr Linux 6.1", Status.GAP),
        ("engineID hirosaki", Status.GAP),
    ],
)
def test_names(text, status):
    full = "".join(f"{name} K-7Q2MXA\n" for name in ("sysName", "sysDescr", "sysLocation", "sysContact")
                   if name not in text)  # fmt: skip
    found = said(agent(f"{PUBLIC}{full}{text}\n"), "B1.snmp_names")
    assert found - {Status.MANUAL} == ({status} - {Status.MANUAL})


@pytest.mark.parametrize(
    ("reader", "line", "gap"),
    [
        ("rocommunity public", "extend hirosaki /usr/local/bin/level", True),
        ("rocommunity public", "extend-sh level /opt/第一浄水場/level", True),
        ("rocommunity public", "exec .1.3.6.1.4.1.8072.9 hirosaki /bin/echo", True),
        ("rocommunity public", "exec level /bin/echo hirosaki", False),  # what it prints is for a person to look at
        ("rocommunity public", "pass_persist .1.3.6.1.4.1.8072.9999 /opt/hirosaki", False),  # its command is not shown
        ("rocommunity public", "proc hirosaki-pump", True),
        ("rocommunity public", "extend level /usr/local/bin/level", False),
        ("rocommunity public default .1.3.6.1.2.1.1", "extend hirosaki /usr/local/bin/level", False),
        ("rocommunity s3cret", "extend hirosaki /usr/local/bin/level", False),
    ],
)
def test_names_of_commands_that_the_agent_runs_are_read_with_the_whole_tree(reader, line, gap):
    full = "".join(f"{name} K-7Q2MXA\n" for name in ("sysName", "sysDescr", "sysLocation", "sysContact"))
    found = [one for one in judged(agent(f"{reader}\n{full}{line}\n")) if one.control == "B1.snmp_names"]
    assert [f"{MAIN}:6: " in one.why and one.fix != "" for one in found if one.status is Status.GAP] == [True] * gap
    shown = any("runs commands" in one.why for one in found if one.status is Status.MANUAL)
    assert shown == (reader == "rocommunity public" and not line.startswith("proc"))


def test_arguments_of_a_command_are_not_carried():
    state = SNMPD.parse(agent(f"{PUBLIC}extend level /opt/level -p s3cret\nsh level s3cret\nproc level s3cret\n"))
    assert "s3cret" not in json.dumps(as_json(state))


def test_names_that_nobody_reads_without_a_secret_pass():
    given = agent("sysLocation 弘前市\nrocommunity s3cret\n")
    assert said(given, "B1.snmp_names") == {Status.PASS} and said(given, "A1.snmp") == {Status.GAP}


def test_what_the_agent_finds_by_itself_is_replaced_in_a_file_of_ours():
    text = f"{PUBLIC}includeDir {FOLDER}\nsysLocation 弘前市\n"
    own, line = sorted(edits(one for one in judged(agent(text)) if one.control == "B1.snmp_names"), key=type_of)
    assert own.path == OURS and "sysName K-7Q2MXA\nsysDescr K-7Q2MXA\nsysContact K-7Q2MXA\n" in own.content
    assert line == LineInFile(MAIN, 3, "sysLocation 弘前市", "sysLocation K-7Q2MXA")
    again = agent(text.replace("弘前市", "K-7Q2MXA"), **{"snmpd.folder": {OURS: own.content}})
    assert not edits(one for one in judged(again) if one.control == "B1.snmp_names")
    other = [one for one in judged(again, replace(INTENT, label="K-AAAAAAA")) if one.control == "B1.snmp_names"]
    assert any(isinstance(edit, FileEdit) and "K-AAAAAAA" in edit.content for edit in edits(other))


def type_of(edit):
    return type(edit).__name__


def test_without_a_folder_names_become_the_first_lines():
    found = edits(one for one in judged(agent(PUBLIC)) if one.control == "B1.snmp_names")
    assert {(edit.path, edit.number) for edit in found} == {(MAIN, 0)} and len(found) == 4


def test_without_a_label_a_dash_stands_for_nothing():
    found = judged(agent(PUBLIC + "sysLocation 弘前\n"), replace(INTENT, label=""))
    assert any(edit.after == "sysLocation -" for edit in edits(found) if isinstance(edit, LineInFile))


def test_a_name_whose_line_is_gone_is_written_anew():
    """The agent keeps it until it is restarted, whatever the files say after a reload."""
    stat = f"7 (snmpd) S {'0 ' * 18}1000 0 0"
    given = agent(
        PUBLIC + "sysName K-7Q2MXA\nsysDescr K-7Q2MXA\n",
        booted={"grep": "btime 1000000"},
        **{
            "snmpd.started": {"/proc/7/stat": stat},
            "snmpd.changed": {"stat": f"1000060 {MAIN}\n"},
            "snmpd.unit": {"systemctl": "Id=snmpd.service\nActiveState=active\nStateChangeTimestampMonotonic=70000000"},
        },
    )
    assert Status.UNKNOWN not in said(given, "B1.snmp_names")
    assert any("sysLocation is not set" in one.why for one in judged(given))


def test_a_file_that_is_not_in_utf8_is_mended_by_hand():
    given = agent("", **{"snmpd.config": {MAIN: Output(f"{PUBLIC}sysLocation 弘前市\n".encode("cp932"))}})
    (one,) = [one for one in judged(given) if "sysLocation: names" in one.why]
    assert one.status is Status.GAP and not one.changes and "UTF-8" in one.fix


def test_a_name_that_was_set_over_snmp_is_judged():
    given = agent(PUBLIC, **{"snmpd.kept": {"grep": "3:psyslocation 弘前市"}})
    assert any("set over SNMP" in one.why and one.status is Status.GAP for one in judged(given))


# --- is it there, is it this one ------------------------------------------------------------------------------


def test_nothing_installed_is_absent():
    with pytest.raises(Absent, match="no SNMP agent"):
        SNMPD.parse(Raw({"listeners": {"@listeners": Output(b"[]")}, "snmpd.config": {MAIN: Output(error="missing")}}))


@pytest.mark.parametrize(
    "answers",
    [
        {"sockets": (("udp", "0.0.0.0", 161, "snmpsimd"),)},
        {"snmpd.started": {}},
        {"snmpd.started": {"/proc/7/stat": "x", "/proc/8/stat": "x"}},
        {"sockets": ()},  # it runs and listens nowhere
        {"sockets": (), "snmpd.started": {}, "snmpd.enabled": {"/x.wants/snmpd.service": "[Unit]"}},
        {"snmpd.arguments": {"/proc/7/cmdline": "/usr/sbin/snmpd\0-C\0-c\0/opt/x.conf\0-f\0"}},
        {"snmpd.unit": {"systemctl": "Id=snmpd.service\nEnvironment=SNMPCONFPATH=/opt"}},
        {"snmpd.errors": {"sh": Output(error="no end after 20 seconds")}},
        {"snmpd.kept": {"grep": Output(error="Permission denied")}},
        {"snmpd.general": {"/etc/snmp/snmp.conf": "persistentDir /opt"}},
    ],
)
def test_an_agent_that_is_not_known_for_sure_is_unknown(answers):
    with pytest.raises(Unreadable):
        SNMPD.parse(agent("rouser u\n", **answers))


@pytest.mark.parametrize("line", ["includeFile x.conf", "includeDir /opt/x", "agentXSocket tcp:0.0.0.0:705"])
def test_what_was_not_read_or_speaks_for_the_agent_is_unknown(line):
    given = agent(f"{line}\n")
    if line.startswith("includeDir"):
        assert said(given, "A1.snmp") == {Status.PASS}, "a folder that is read and holds nothing"
    else:
        with pytest.raises(Unreadable):
            SNMPD.parse(given)


def test_a_folder_named_in_an_included_file_was_not_read():
    with pytest.raises(Unreadable, match="/opt/y"):
        SNMPD.parse(agent(f"includeDir {FOLDER}\n", **{"snmpd.folder": {f"{FOLDER}/a.conf": "includeDir opt/y\n"}}))


def test_a_file_given_to_it_counts_alone():
    given = agent(
        "rocommunity public\n",
        **{
            "snmpd.arguments": {"/proc/7/cmdline": "/usr/sbin/snmpd\0-C\0-c\0/opt/x.conf\0-f\0"},
            "snmpd.given": {"/opt/x.conf": "rouser u\n"},
        },
    )
    assert said(given, "A1.snmp") == {Status.PASS}


def test_files_that_it_has_not_taken_over_are_no_pass():
    unit = "Id=snmpd.service\nActiveState=active\nStateChangeTimestampMonotonic=70000000"
    given = agent("rouser u\n", booted={"grep": "btime 1000000"}, **{
        "snmpd.unit": {"systemctl": unit}, "snmpd.changed": {"stat": f"1000080 {MAIN}\n"},
        "snmpd.started": {"/proc/7/stat": f"7 (snmpd) S {'0 ' * 18}1000 0 0"},
    })  # fmt: skip
    for control in SNMPD.controls:
        assert Status.UNKNOWN in said(given, control)


@pytest.mark.parametrize(
    ("address", "absent"), [("agentaddress 127.0.0.1,[::1]", True), ("agentaddress udp:161", False), ("", False)]
)
def test_loopback_only_counts_if_it_stays_so(address, absent):
    given = agent(f"{address}\n", (("udp", "127.0.0.1", 161, "snmpd"),), booted={"grep": "btime 1000000"}, **{
        "snmpd.changed": {"stat": f"1000080 {MAIN}\n"},
        "snmpd.started": {"/proc/7/stat": f"7 (snmpd) S {'0 ' * 18}1000 0 0"},
    })  # fmt: skip
    with pytest.raises(Absent if absent else Unreadable):
        SNMPD.parse(given)
