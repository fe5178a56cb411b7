# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd: banner and greeting. test_pre_login.py proves the same on real software."""

from __future__ import annotations

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


def test_the_recorded_panel_before_and_after():
    before = {one.control: one for one in SSHD.judge(SSHD.parse(load(CAPTURES / "exposed/capture.json")), INTENT)}
    assert {one.status for one in before.values()} == {Status.GAP} and all(one.changes for one in before.values())
    after = {one.control: one for one in SSHD.judge(SSHD.parse(load(CAPTURES / "compliant/capture.json")), INTENT)}
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
        ("Tsugaru pumps\n", Status.MANUAL),
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
