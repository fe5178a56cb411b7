# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd: logins, sources, banner and greeting. test_pre_login.py and test_logins.py prove it on real software."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    FileEdit,
    Intent,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sshd import Sshd

from tests.unit.plugins.plugin_utils.captures import load

SSHD = Sshd()
CAPTURES = Path(__file__).parent / "pre_login"
INTENT = Intent(site="k7", host="k7-panel", label="K-7Q2MXA", words=("弘前", "第一浄水場"))
MAIN, OURS = "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/00-iot-site-checklist.conf"
KNOWN_WORD = Output()
UNKNOWN_WORD = Output(b"command-line: line 0: Bad configuration option: DebianBanner", rc=255)
INCLUDE = "Include /etc/ssh/sshd_config.d/*.conf\n"


def raw(effective="banner none", main=INCLUDE, folder=None, banners=None, debian=KNOWN_WORD, unit=""):
    def outputs(texts):
        return {path: Output(text.encode()) for path, text in texts.items()}

    return Raw(
        {
            "sshd.effective": {"sshd -T": Output(f"port 22\n{effective}\n".encode())},
            "sshd.debian": {"sshd -t -o DebianBanner=no": debian},
            "sshd.config": outputs({MAIN: main}),
            "sshd.config_d": outputs(folder or {}),
            "sshd.banner": outputs(banners or {}),
            "sshd.match_banner": outputs(banners or {}),
            "sshd.unit": {"systemctl": Output(unit.encode())},
        }
    )


def verdicts(given, control):
    return [one for one in SSHD.judge(SSHD.parse(given), INTENT) if one.control == control]


def names_told(case):
    found = SSHD.judge(SSHD.parse(load(CAPTURES / case / "capture.json")), INTENT)
    return {one.control: one for one in found if one.control.startswith("B1.")}


def test_the_recorded_panel_before_and_after():
    before = names_told("exposed")
    assert {one.status for one in before.values()} == {Status.GAP} and all(one.changes for one in before.values())
    after = names_told("compliant")
    assert after["B1.ssh_banner"].status is Status.PASS
    assert after["B1.ssh_version"].status is Status.MANUAL and "no setting hides" in after["B1.ssh_version"].why
    assert not any(one.changes for one in after.values())


def test_not_installed_is_absent_and_what_was_not_understood_unreadable():
    with pytest.raises(Absent):
        SSHD.parse(Raw({"sshd.effective": {"sshd -T": Output(error="missing")}}))
    with pytest.raises(Unreadable):
        SSHD.parse(Raw({"sshd.effective": {"sshd -T": Output(b"sshd: no hostkeys available", rc=1)}}))
    with pytest.raises(Unreadable, match="DebianBanner"):
        SSHD.parse(raw(debian=Output(b"no hostkeys", rc=1)))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", Status.PASS),
        ("K-7Q2MXA\n", Status.PASS),
        ("Authorized access only.\n", Status.PASS),
        ("弘前市\n", Status.GAP),
        ("Ubuntu 22.04\n", Status.GAP),
        ("Nebuta pumps\n", Status.MANUAL),
    ],
)
def test_banners(text, status):
    found = verdicts(raw("banner /etc/ssh/banner", banners={"/etc/ssh/banner": text}), "B1.ssh_banner")
    assert [one.status for one in found] == [status]


def test_no_banner_and_a_banner_file_that_is_not_there_pass():
    assert [one.status for one in verdicts(raw(), "B1.ssh_banner")] == [Status.PASS]
    gone = raw("banner /none")
    gone = Raw({**gone.outputs, "sshd.banner": {"/none": Output(error="missing")}})
    assert [one.status for one in verdicts(gone, "B1.ssh_banner")] == [Status.PASS]


def test_a_banner_that_could_not_be_read_is_unreadable():
    with pytest.raises(Unreadable, match="not read"):
        SSHD.parse(raw("banner /etc/ssh/banner"))


def test_the_banner_of_a_match_block_is_judged_too():
    main = f"{INCLUDE}Match Address 192.0.2.0/24\n  Banner /etc/ssh/other\n"
    (one,) = verdicts(raw(main=main, banners={"/etc/ssh/other": "弘前\n"}), "B1.ssh_banner")
    assert one.status is Status.GAP and one.changes[0].edits[0] == FileEdit("/etc/ssh/other", "K-7Q2MXA\n")


@pytest.mark.parametrize(
    ("main", "folder", "where"),
    [
        (INCLUDE, {}, OURS),
        (f"Port 22\n{INCLUDE}DebianBanner yes\n", {}, OURS),
        (f"{INCLUDE}", {"/etc/ssh/sshd_config.d/50-x.conf": "debianbanner=yes\n"}, OURS),
        (f"DebianBanner yes\n{INCLUDE}", {}, MAIN),
        ("Port 22\n", {}, MAIN),
        ("Include other.d/*.conf\n", {}, MAIN),
        (f"Match User x\n{INCLUDE}", {}, MAIN),
    ],
)
def test_the_setting_goes_where_it_counts(main, folder, where):
    (one,) = verdicts(raw(main=main, folder=folder), "B1.ssh_version")
    (edit,) = one.changes[0].edits
    assert (one.status, edit.path) == (Status.GAP, where)
    assert one.changes[0].checks and one.changes[0].activate


@pytest.mark.parametrize(
    ("main", "status"),
    [
        ("DebianBanner no\n", Status.MANUAL),
        ("debianbanner=no\nDebianBanner yes\n", Status.MANUAL),
        ("DebianBanner yes\nDebianBanner no\n", Status.GAP),
        ("#DebianBanner no\n", Status.GAP),
        ("Match User x\nDebianBanner no\n", Status.GAP),
    ],
)
def test_the_first_value_counts(main, status):
    assert [one.status for one in verdicts(raw(main=main), "B1.ssh_version")] == [status]


def test_without_debians_patch_there_is_nothing_to_switch_off():
    (one,) = verdicts(raw(debian=UNKNOWN_WORD), "B1.ssh_version")
    assert one.status is Status.MANUAL and not one.changes


def test_files_that_sshd_has_not_taken_over_are_no_pass():
    def given(changed, taken_over):
        stamps = {
            "sshd.changed": {"sh": Output(f"100 {MAIN}\n{changed} {OURS}\n".encode())},
            "sshd.taken_over": {"stat": taken_over},
        }
        return Raw({**raw(main="DebianBanner no\n").outputs, **stamps})

    stale = verdicts(given(250, Output(b"200\n")), "B1.ssh_banner")
    assert Status.UNKNOWN in {one.status for one in stale} and any(OURS in one.why for one in stale)
    for fresh in (given(200, Output(b"200\n")), given(250, Output(b"stat: no such file", rc=1))):
        assert [one.status for one in verdicts(fresh, "B1.ssh_banner")] == [Status.PASS]


@pytest.mark.parametrize(
    ("unit", "reload"),
    [
        ("Id=ssh.service\nActiveState=active\n\nId=sshd.service\nActiveState=inactive\n",
         ["systemctl", "reload", "ssh.service"]),
        ("Id=ssh.service\nActiveState=inactive\n\nId=sshd.service\nActiveState=active\n",
         ["systemctl", "reload", "sshd.service"]),
        ("", ["pkill", "-HUP", "-F", "/run/sshd.pid"]),
    ],
)  # fmt: skip
def test_what_is_reloaded(unit, reload):
    assert SSHD.parse(raw(unit=unit))["reload"] == reload


# --- A1 and A2 ------------------------------------------------------------------------------------------------

RECORDED = Path(__file__).parent / "sshd"
WEB = replace(INTENT, enforce_with="web_server", allow4=("192.0.2.0/24",), allow6=("2001:db8::/32",))
NOBODY_ELSE = (
    "permitemptypasswords no\npermitrootlogin without-password\npasswordauthentication yes\n"
    "kbdinteractiveauthentication no\nhostbasedauthentication no\nusepam yes\n"
)
EVERYWHERE = '[{"protocol": "tcp", "address": "::", "port": 22, "program": "sshd"}]'


def serving(settings="", main=INCLUDE, folder=None, listeners=EVERYWHERE, title="sshd: /usr/sbin/sshd -D [listener]"):
    given = raw(effective=f"{settings}\n{NOBODY_ELSE}", main=main, folder=folder)
    more = {"listeners": {"@listeners": Output(listeners.encode())}, "sshd.title": {"x": Output(title.encode())}}
    return Raw({**given.outputs, **more})


def judged(given, control, intent=INTENT):
    return [one for one in SSHD.judge(SSHD.parse(given), intent) if one.control == control]


def recorded(case, control="A1.ssh"):
    return judged(load(RECORDED / case / "capture.json"), control)


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("stock", Status.PASS),
        ("exposed", Status.GAP),
        ("overridden", Status.GAP),
        ("ipv6", Status.PASS),
        ("port", Status.PASS),
        ("compliant", Status.PASS),
    ],
)
def test_what_debians_sshd_lets_in(case, status):
    found = recorded(case)
    assert {one.status for one in found} == {status}
    assert all(bool(one.changes) == (status is Status.GAP) for one in found)
    assert all(change.cuts_access and change.checks and change.activate for one in found for change in one.changes)


def test_a_configuration_that_sshd_refuses_is_unreadable():
    with pytest.raises(Unreadable, match="sometimes"):
        SSHD.parse(load(RECORDED / "broken/capture.json"))


def test_one_file_of_ours_holds_what_both_items_ask():
    ours = next(text for path, text in load(RECORDED / "compliant/capture.json").files("sshd.config_d").items())
    assert "(IoT device checklist A1, B1)" in ours
    assert ours.splitlines()[2:] == ["PermitEmptyPasswords no", "PermitRootLogin prohibit-password", "DebianBanner no"]


def test_the_other_item_keeps_what_one_wrote():
    folder = {OURS: "# ours\nDebianBanner no\n"}
    (one,) = judged(serving("permitemptypasswords yes", folder=folder), "A1.ssh")
    assert one.changes[0].edits[0].content.splitlines()[2:] == ["DebianBanner no", "PermitEmptyPasswords no"]
    folder = {OURS: "# ours\nPermitEmptyPasswords no\n"}
    (one,) = judged(serving(folder=folder), "B1.ssh_version")
    assert one.changes[0].edits[0].content.splitlines()[2:] == ["PermitEmptyPasswords no", "DebianBanner no"]


def test_match_blocks_that_open_the_door_are_shown_with_their_lines():
    found = recorded("overridden")
    assert [one.why.partition(": ")[0].rpartition("/")[2] for one in found] == [f"50-site.conf:{n}" for n in (4, 5, 7)]
    assert [one.changes[0].edits[0].after for one in found] == [
        "    PermitRootLogin prohibit-password", "    PermitEmptyPasswords no", "    AuthenticationMethods any",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "main", "status"),
    [
        ("permitrootlogin yes", INCLUDE, Status.GAP),
        ("permitrootlogin yes\nauthenticationmethods publickey", INCLUDE, Status.PASS),
        ("permitrootlogin yes\nauthenticationmethods publickey password", INCLUDE, Status.GAP),
        ("permitrootlogin yes\nauthenticationmethods publickey,password", INCLUDE, Status.PASS),
        ("permitrootlogin yes\npasswordauthentication no", INCLUDE, Status.PASS),
        ("permitrootlogin yes\npasswordauthentication no\nkbdinteractiveauthentication yes", INCLUDE, Status.GAP),
        ("permitrootlogin yes\npasswordauthentication no", "Match User a\nSkeyAuthentication yes\n", Status.GAP),
        ("permitrootlogin yes\npasswordauthentication no", "Match User a\nPasswordAuthentication yes\n", Status.GAP),
        ("permitrootlogin forced-commands-only", INCLUDE, Status.PASS),
        ("authenticationmethods none", INCLUDE, Status.GAP),
        ("hostbasedauthentication yes", INCLUDE, Status.MANUAL),
        ("", "Match Address 192.0.2.0/24\nHostbasedAuthentication yes\n", Status.MANUAL),
        ("", 'Match Address 192.0.2.0/24\nPermitEmptyPasswords "yes" # why not\n', Status.GAP),
        ("", "Match User a\nPermitRootLogin no\nMatch all\nPermitRootLogin no\n", Status.PASS),
    ],
)
def test_who_comes_in(settings, main, status):
    worst = [one.status for one in judged(serving(settings, main=main), "A1.ssh") if one.status is not Status.PASS]
    assert (worst or [Status.PASS])[0] is status


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (serving(title="sshd: /usr/sbin/sshd -D -o PermitEmptyPasswords=yes [listener]"), "of its own"),
        (serving(title="/usr/sbin/sshd\0-f/etc/ssh/other"), "of its own"),
        (serving(listeners=EVERYWHERE.replace("22", "2222")), "port 2222"),
        (serving(main="Include /etc/ssh/more/*.conf\n"), "sshd_config:1 includes"),
        (serving(listeners="[1]"), "not understood"),
    ],
)
def test_what_sshd_t_cannot_tell_is_unknown(given, why):
    try:
        found = judged(given, "A1.ssh")
    except Unreadable as reason:
        assert why in str(reason)
    else:
        assert [why in one.why for one in found if one.status is Status.UNKNOWN] == [True]


def test_without_a_word_of_sshd_or_the_kernel_nothing_passes():
    assert {one.status for one in judged(raw(), "A1.ssh")} == {Status.UNKNOWN}


@pytest.mark.parametrize(
    ("listeners", "enabled", "status"),
    [
        (EVERYWHERE.replace("::", "127.0.0.1"), {}, Status.NOT_APPLICABLE),
        ("[]", {}, Status.NOT_APPLICABLE),
        ("[]", {"/etc/systemd/system/multi-user.target.wants/ssh.service": Output()}, Status.PASS),
        (EVERYWHERE.replace('"sshd"', '"systemd"'), {}, Status.PASS),
        (EVERYWHERE.replace('"sshd"', '"dropbear"'), {}, Status.NOT_APPLICABLE),
    ],
)
def test_only_a_sshd_that_others_reach_is_judged(listeners, enabled, status):
    given = serving(listeners=listeners)
    given = Raw({**given.outputs, "sshd.enabled": enabled})
    assert {one.status for one in judged(given, "A1.ssh")} == {status}


@pytest.mark.parametrize(
    ("main", "folder"),
    [
        ('Match User guest\n"PermitEmptyPasswords" yes\n', ""),
        ('Match User guest\n"PermitEmptyPasswords"yes\n', ""),
        ('Match User guest\nPermit"EmptyPasswords" yes\n', ""),
        ('"Match" User guest\nPermitEmptyPasswords yes\n', ""),
        ('Match User guest\n"Include" /etc/ssh/sshd_config.d/*.conf\n', "PermitEmptyPasswords yes\n"),
        (f"Match User guest\n{INCLUDE}", "Match all\nPermitEmptyPasswords yes\n"),
    ],
)
def test_no_manner_of_writing_hides_what_a_match_block_opens(main, folder):
    given = serving(main=f"PermitEmptyPasswords no\n{main}", folder={"/etc/ssh/sshd_config.d/50-a.conf": folder})
    (one,) = judged(given, "A1.ssh")
    assert one.status is Status.GAP
    (edit,) = one.changes[0].edits
    assert edit.after.strip() == "PermitEmptyPasswords no"


def test_what_match_all_opens_is_closed_in_its_place_since_it_goes_before_what_stands_outside():
    found = judged(
        serving("permitemptypasswords yes", main=f"{INCLUDE}Match all\nPermitEmptyPasswords yes\n"), "A1.ssh"
    )
    edits = [edit for one in found for change in one.changes for edit in change.edits]
    assert (MAIN, 3) in [(edit.path, getattr(edit, "number", 0)) for edit in edits]


def test_a_quoted_include_that_is_not_read_is_no_pass():
    given = serving(main='Match User guest\n"Include" /etc/ssh/more.conf\n')
    assert Status.UNKNOWN in {one.status for one in judged(given, "A1.ssh")}


@pytest.mark.parametrize(
    ("settings", "main", "intent", "status"),
    [
        ("", INCLUDE, INTENT, Status.NOT_APPLICABLE),
        ("", INCLUDE, WEB, Status.GAP),
        ("allowusers ops", INCLUDE, WEB, Status.GAP),
        ("allowusers ops@192.0.2.7", INCLUDE, WEB, Status.PASS),
        ("allowusers ops@192.0.2.0/24\nallowusers ann@2001:db8::/40", INCLUDE, WEB, Status.PASS),
        ("allowusers ops@192.0.2.7\nallowusers ann@198.51.100.7", INCLUDE, WEB, Status.GAP),
        ("allowusers ops@192.0.2.*", INCLUDE, WEB, Status.GAP),
        ("allowusers ops@192.0.2.7", "Match User a\nAllowUsers a\n", WEB, Status.GAP),
        ("allowusers ops@192.0.2.7", 'Match User a\n"AllowUsers" a\n', WEB, Status.GAP),
    ],
)
def test_whom_sshd_itself_turns_away(settings, main, intent, status):
    (one,) = judged(serving(settings, main=main), "A2.service", intent)
    assert one.status is status and not one.changes and bool(one.fix) == (status is Status.GAP)


def test_a_file_that_sorts_before_ours_is_edited_in_its_place():
    folder = {"/etc/ssh/sshd_config.d/00-early.conf": "PermitRootLogin yes\n"}
    (one,) = judged(serving("permitrootlogin yes", folder=folder), "A1.ssh")
    (edit,) = one.changes[0].edits
    assert (edit.path, edit.number, edit.after) == (*folder, 1, "PermitRootLogin prohibit-password")


def test_what_systemd_starts_for_each_visitor_reads_its_files_anyway():
    by_socket = EVERYWHERE.replace('"sshd"', '"systemd"')
    given = serving(
        "permitrootlogin yes", main=f"{INCLUDE}Match User a\nPermitEmptyPasswords yes\n", listeners=by_socket
    )
    assert SSHD.parse(given)["speaks_of"] == ["tcp 22 systemd"]
    found = judged(given, "A1.ssh")
    assert len(found) == 2 and not any(change.activate for one in found for change in one.changes)
    active = {"sshd.unit": {"x": Output(b"Id=ssh.service\nActiveState=active\n")}}
    found = judged(Raw({**given.outputs, **active}), "A1.ssh")
    assert all(change.activate[0].argv[:2] == ("systemctl", "reload") for one in found for change in one.changes)


@pytest.mark.parametrize(
    ("listeners", "linked", "unit"),
    [
        (EVERYWHERE, {}, b"Id=ssh.service"),
        (EVERYWHERE.replace('"sshd"', '"systemd"'), {}, b"Id=ssh.service"),
        (EVERYWHERE.replace('"sshd"', '""'), {}, b"Id=ssh.service"),
        ("[]", {"/etc/rc2.d/S01ssh": Output()}, b"Id=ssh.service"),
        ("[]", {}, None),
        ("nonsense", {}, b"Id=ssh.service"),
    ],
)
def test_a_sshd_that_tells_nothing_is_absent_only_where_none_can_be(listeners, linked, unit):
    told = {
        "sshd.effective": {"sshd -T": Output(b"Missing privilege separation directory: /run/sshd", rc=255)},
        "sshd.linked": linked,
        "sshd.unit": {"x": Output(unit) if unit else Output(error="missing")},
    }
    with pytest.raises(Unreadable):
        SSHD.parse(Raw({**serving(listeners=listeners).outputs, **told}))
    off = serving(listeners=EVERYWHERE.replace('"sshd"', '"dropbear"'))
    rests = {**told, "sshd.linked": {}, "sshd.unit": {"x": Output(b"Id=ssh.service")}}
    with pytest.raises(Absent):
        SSHD.parse(Raw({**off.outputs, **rests}))


@pytest.mark.parametrize(
    ("main", "edits"),
    [
        (INCLUDE, [(OURS, 0)]),
        (f"VersionAddendum Hirosaki\n{INCLUDE}", [(MAIN, 1), (OURS, 0)]),
        ("Port 22\n", [(MAIN, 0), (MAIN, 0)]),
    ],
)
def test_words_of_its_own_leave_the_greeting_together_with_the_distribution(main, edits):
    (one,) = verdicts(raw("versionaddendum Hirosaki", main=main), "B1.ssh_version")
    assert one.status is Status.GAP and "Hirosaki" in one.why and "DebianBanner yes" in one.why
    found = [edit for change in one.changes for edit in change.edits]
    assert [(edit.path, getattr(edit, "number", 0)) for edit in found] == edits
    written = "\n".join(getattr(edit, "content", None) or edit.after for edit in found)
    assert "VersionAddendum none" in written and "DebianBanner no" in written


def test_without_an_include_the_settings_become_the_first_lines():
    (one,) = judged(serving("permitrootlogin yes\npermitemptypasswords yes", main="Port 22\n"), "A1.ssh")
    edits = one.changes[0].edits
    assert [(edit.path, edit.number) for edit in edits] == [(MAIN, 0)] * 2
