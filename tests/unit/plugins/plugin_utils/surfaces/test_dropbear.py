# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dropbear: command lines, where they come from, logins, banner. test_logins.py proves the same on real software."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    FileEdit,
    Intent,
    LineInFile,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import dropbear_config, dropbear_login
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.dropbear import Dropbear
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.captures import changed, load

DROPBEAR = Dropbear()
CAPTURES = Path(__file__).parent / "dropbear"
INTENT = Intent(site="k7", host="k7-panel", label="K-7Q2MXA", words=("弘前", "第一浄水場"))
DEFAULT = "/etc/default/dropbear"
NOBODY = {"@listeners": "[]"}


def capture(case):
    return load(CAPTURES / case / "capture.json")


def judged(given_, control, intent=INTENT):
    return [one for one in DROPBEAR.judge(DROPBEAR.parse(given_), intent) if one.control == control]


def running(words, given_=None):
    """The compliant host, whose dropbear was started with other words."""
    line = "\0".join(["/usr/sbin/dropbear", *shlex.split(words)]) + "\0"
    return changed(given_ or capture("compliant"), **{"dropbear.arguments": {"/proc/7/cmdline": line}})


def unit(**values):
    """What systemd says of Debian's unit, with other values."""
    (said,) = capture("compliant").all("dropbear.unit").values()
    told = dict(line.partition("=")[::2] for line in said.text.splitlines()) | values
    return {"dropbear.unit": {"systemctl": "".join(f"{name}={value}\n" for name, value in told.items())}}


def without_systemd(**more):
    """A host whose init is another, and whose dropbear does not run."""
    given_ = changed(capture("compliant"), listeners=NOBODY, **{"dropbear.unit": {"x": Output(error="missing")}})
    none = {name: {} for name in ("dropbear.arguments", "dropbear.linked", "dropbear.uci", "dropbear.default")}
    return Raw({**given_.outputs, **none, **changed(Raw(), **more).outputs})


@pytest.mark.parametrize(
    ("case", "login", "banner"),
    [
        ("stock", Status.GAP, Status.PASS),
        ("exposed", Status.GAP, Status.GAP),
        ("overridden", Status.GAP, Status.GAP),
        ("ipv6", Status.PASS, Status.PASS),
        ("port", Status.PASS, Status.PASS),
        ("compliant", Status.PASS, Status.PASS),
    ],
)
def test_the_dropbear_of_debian(case, login, banner):
    for control, status in (("A1.ssh", login), ("B1.ssh_banner", banner)):
        (one,) = judged(capture(case), control)
        assert (one.status, bool(one.changes)) == (status, status is Status.GAP), one
        assert all(change.activate and change.cuts_access for change in one.changes)
    (version,) = judged(capture(case), "B1.ssh_version")
    assert version.status is Status.MANUAL and "no setting hides" in version.why


def test_loopback_is_nobody_elses_concern_and_an_unknown_option_is_unreadable():
    with pytest.raises(Absent, match=r"127\.0\.0\.1"):
        DROPBEAR.parse(capture("loopback"))
    with pytest.raises(Unreadable, match="-Y"):
        DROPBEAR.parse(capture("broken"))


def test_the_one_line_that_counts_is_edited():
    (one,) = judged(capture("exposed"), "A1.ssh")
    before, after = (
        'DROPBEAR_EXTRA_ARGS="-B -b /etc/dropbear/banner"',
        'DROPBEAR_EXTRA_ARGS="-b /etc/dropbear/banner -g"',
    )
    assert one.changes[0].edits == (LineInFile(DEFAULT, 2, before, after),)
    assert one.changes[0].checks[0].argv == ("dropbear", "-g", "-V")
    (one,) = judged(capture("overridden"), "A1.ssh")
    (edit,) = one.changes[0].edits
    assert edit.path.endswith("override.conf") and edit.after.endswith("-EF -p 2222 -b /etc/dropbear/banner -g")
    assert one.changes[0].activate[0].argv == ("systemctl", "daemon-reload")
    (one,) = judged(capture("stock"), "A1.ssh")
    assert one.changes[0].edits == (LineInFile(DEFAULT, 0, "", 'DROPBEAR_EXTRA_ARGS="-g"'),)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("-EF -g", Status.PASS),
        ("-w", Status.PASS),
        ("-s -B", Status.PASS),
        ("-Bt", Status.PASS),
        ("", Status.GAP),
        ("-gB", Status.GAP),
        ("-wB -p 22", Status.GAP),
        ("-p22 -b/etc/dropbear/banner -Fg", Status.PASS),
        ("-c -g", Status.GAP),
    ],
)
def test_what_runs_is_judged_by_its_own_command_line(words, status):
    given_ = running(words)
    given_ = Raw({**given_.outputs, "dropbear.banner": {"/etc/dropbear/banner": Output(b"K-7Q2MXA\n")}})
    (one,) = judged(given_, "A1.ssh")
    assert one.status is status and not one.changes, "what the next boot starts is right already"
    assert status is Status.PASS or "restart" in one.fix


@pytest.mark.parametrize("words", ["-Y", "-g extra", "--help", "-"])
def test_a_command_line_that_is_not_understood_is_unreadable(words):
    with pytest.raises(Unreadable):
        DROPBEAR.parse(running(words))


def test_who_listens_and_hides_how_it_was_started_is_unreadable():
    for hidden in ({"dropbear.arguments": {}}, {"dropbear.process": {"sh": Output(rc=127)}}):
        with pytest.raises(Unreadable):
            DROPBEAR.parse(changed(capture("compliant"), **hidden))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"KillMode": "control-group"}, "ends every session"),
        ({"ActiveState": "inactive", "UnitFileState": "enabled"}, "not systemd that started it"),
    ],
)
def test_no_restart_that_would_end_sessions_or_miss_the_process(values, why):
    (one,) = judged(changed(capture("exposed"), **unit(**values)), "A1.ssh")
    assert one.status is Status.GAP and not one.changes and why in one.fix
    (one,) = judged(changed(capture("exposed"), **unit(**values)), "B1.ssh_banner")
    assert one.status is Status.GAP and not one.changes and why in one.fix


@pytest.mark.parametrize("value", ['"-B $MORE"', "'-B `x`'", '"-B" # why', '"-b \\"a\\""'])
def test_a_line_that_is_no_plain_list_of_words_is_left_to_a_person(value):
    given_ = changed(capture("exposed"), **{"dropbear.default": {DEFAULT: f"DROPBEAR_EXTRA_ARGS={value}\n"}})
    try:
        (one,) = judged(given_, "A1.ssh")
    except Unreadable:
        return
    assert one.status is Status.GAP and not one.changes and "Add -g" in one.fix.replace("add -g", "Add -g")


def test_what_starts_at_the_next_boot_counts_though_nothing_runs():
    silent = changed(capture("exposed"), listeners=NOBODY)
    silent = Raw({**silent.outputs, "dropbear.arguments": {}})
    enabled = {"ActiveState": "inactive", "UnitFileState": "enabled"}
    (one,) = judged(changed(silent, **unit(**enabled)), "A1.ssh")
    assert one.status is Status.GAP and one.changes and not one.changes[0].activate
    for off in ({"UnitFileState": "disabled"}, {"LoadState": "masked", "UnitFileState": "masked"}):
        with pytest.raises(Absent):
            DROPBEAR.parse(changed(silent, **unit(ActiveState="inactive", **off)))


@pytest.mark.parametrize(
    "more",
    [
        {"NeedDaemonReload": "yes"},
        {"ExecStart": ""},
        {"EnvironmentFiles": "/etc/sysconfig/dropbear (ignore_errors=yes)"},
    ],
)
def test_a_unit_that_is_not_understood_is_unreadable(more):
    with pytest.raises(Unreadable):
        DROPBEAR.parse(changed(capture("compliant"), **unit(**more)))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("config dropbear\n\toption PasswordAuth 'on'\n\toption RootPasswordAuth 'on'\n", Status.GAP),
        ("config dropbear\n\toption Port '22'\n", Status.GAP),
        ("config dropbear main\n\toption RootPasswordAuth 'off'\n\toption Port 2222\n", Status.PASS),
        ("config dropbear\n\toption PasswordAuth 'off'\n", Status.PASS),
        ("config dropbear\n\toption RootLogin '0'\n", Status.PASS),
        ("config dropbear\n\toption RootLogin 0\nconfig dropbear\n\toption Port 2222\n", Status.GAP),
        ("config dropbear\n\toption RootLogin 0\nconfig dropbear\n\toption enable 0\n", Status.PASS),
    ],
)
def test_openwrt(text, status):
    found = judged(without_systemd(**{"dropbear.uci": {"/etc/config/dropbear": text}}), "A1.ssh")
    assert {one.status for one in found} == {status} and not any(one.changes for one in found)
    assert status is Status.PASS or all("uci" in one.fix and "/etc/config/dropbear:" in one.why for one in found)


def test_an_init_script_and_its_variables():
    linked = {"dropbear.linked": {"/etc/rc2.d/S01dropbear": ""}}
    default = {"dropbear.default": {DEFAULT: "export DROPBEAR_EXTRA_ARGS=-B\nDROPBEAR_PORT=2222\n"}}
    (one,) = judged(without_systemd(**linked, **default), "A1.ssh")
    assert not one.changes[0].activate and one.changes[0].edits[0].after == 'export DROPBEAR_EXTRA_ARGS="-g"'
    with pytest.raises(Absent):
        DROPBEAR.parse(without_systemd(**default))


def test_a_banner_that_was_changed_after_the_start_is_no_pass():
    now = 9_999_999_999
    given_ = changed(capture("compliant"), **{"dropbear.banner_changed": {"stat": f"{now} /etc/dropbear/banner\n"}})
    assert Status.UNKNOWN in {one.status for one in judged(given_, "B1.ssh_banner")}
    assert {one.status for one in judged(given_, "A1.ssh")} == {Status.PASS}


def test_the_banner_becomes_the_label_and_one_that_was_not_read_is_unreadable():
    (one,) = judged(capture("exposed"), "B1.ssh_banner")
    assert one.changes[0].edits == (FileEdit("/etc/dropbear/banner", "K-7Q2MXA\n"),)
    none = {name: {} for name in ("dropbear.banner", "dropbear.banner_next", "dropbear.banner_unit")}
    with pytest.raises(Unreadable, match="/etc/dropbear/banner"):
        DROPBEAR.parse(Raw({**capture("exposed").outputs, **none}))


def test_it_has_no_list_of_addresses():
    web = replace(INTENT, enforce_with="web_server", allow4=("192.0.2.0/24",))
    (one,) = judged(capture("compliant"), "A2.service", web)
    assert one.status is Status.GAP and one.fix and not one.changes
    (one,) = judged(capture("compliant"), "A2.service")
    assert one.status is Status.NOT_APPLICABLE


@given(
    words=st.lists(st.sampled_from(["-B", "-g", "-w", "-s", "-t", "-EF", "-EBm", "-p 22", "-p22", "-b /x", "-I 60"])),
    name=st.sampled_from(dropbear_config.VARIABLES),
)
def test_what_is_rewritten_lets_nobody_in_and_keeps_the_rest(words, name):
    before = dropbear_config.options(shlex.split(" ".join(words)))
    doors = dropbear_login.open_doors(before)
    drop, add = ("".join(one[place] for one in doors) for place in (1, 2))
    source = dropbear_config.Source(file=DEFAULT, number=1, text=f'{name}="{" ".join(words)}"', name=name)
    edited = dropbear_config.rewritten(source, drop, add)
    after = dropbear_config.options(dropbear_config.assigned({DEFAULT: edited["text"]})[name][0].split())
    assert not dropbear_login.open_doors(after)
    assert (after["ports"], after["banner"]) == (before["ports"], before["banner"])
    assert set(after["switches"]) - {"g"} == set(before["switches"]) - {"g"} - set(drop)
