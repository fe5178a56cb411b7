# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown before the login at a console: texts and the host name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Consent,
    FileEdit,
    Intent,
    LineInFile,
    RunEdit,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.login_text import LoginText

from tests.unit.plugins.plugin_utils.captures import load

SURFACE = LoginText()
CAPTURES = Path(__file__).parent / "pre_login"
INTENT = Intent(site="k7", host="k7-panel", label="K-7Q2MXA", words=("弘前", "hirosaki"))
RENAMING = replace(INTENT, consent=frozenset({Consent.HOSTNAME}))


def raw(name="k-7q2mxa", links="", hosts="", program=True, **texts):
    """A host; ``issue``, ``issue_net``, ``issue_d``, ``generated``, ``vendor`` are texts of these files."""
    paths = {
        "issue": "/etc/issue",
        "issue_net": "/etc/issue.net",
        "issue_d": "/etc/issue.d/50-x.issue",
        "generated": "/run/issue",
        "vendor": "/usr/lib/issue",
    }
    outputs = {
        f"login_text.{key}": {path: Output(texts[key].encode()) if key in texts else Output(error="missing")}
        for key, path in paths.items()
    }
    return Raw(
        {
            **outputs,
            "login_text.links": {"stat": Output(links.encode())},
            "login_text.running": {"/proc/sys/kernel/hostname": Output(f"{name}\n".encode())},
            "login_text.hostname": {"/etc/hostname": Output(f"{name}\n".encode())},
            "login_text.hosts": {"/etc/hosts": Output(hosts.encode())},
            "login_text.hostname_program": {"/bin/hostname": Output(b"\x7f") if program else Output(error="missing")},
        }
    )


def verdicts(given, control, intent=INTENT):
    return [one for one in SURFACE.judge(SURFACE.parse(given), intent) if one.control == control]


def test_the_recorded_panel_before_and_after():
    before = list(SURFACE.judge(SURFACE.parse(load(CAPTURES / "exposed/capture.json")), RENAMING))
    assert {one.status for one in before} == {Status.GAP} and all(one.changes for one in before)
    after = list(SURFACE.judge(SURFACE.parse(load(CAPTURES / "compliant/capture.json")), RENAMING))
    assert {one.status for one in after} == {Status.PASS} and not any(one.changes for one in after)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", Status.PASS),
        ("\n", Status.PASS),
        ("K-7Q2MXA\n", Status.PASS),
        ("Authorized access only \\l \\e{red}\\t\n", Status.PASS),
        ("Debian GNU/Linux 12 \\n \\l\n", Status.GAP),
        ("\\S\n", Status.GAP),
        ("\\S{PRETTY_NAME}\n", Status.GAP),
        ("\\s \\r\n", Status.GAP),
        ("login at \\n\n", Status.GAP),
        ("弘前\n", Status.GAP),
        ("Nebuta\n", Status.MANUAL),
        ("\\q\n", Status.MANUAL),
        ("login \x1b]0;x\x07\n", Status.MANUAL),
    ],
)
def test_issue(text, status):
    (one,) = verdicts(raw(issue=text), "B1.login_text")
    assert one.status is status
    assert bool(one.changes) == (status is Status.GAP)
    if one.changes:
        assert one.changes[0].edits == (FileEdit("/etc/issue", "K-7Q2MXA\n"),)


def test_without_a_label_the_text_goes_but_the_file_is_not_empty():
    """agetty takes an empty /etc/issue for none and shows the vendor's instead."""
    (one,) = verdicts(raw(issue="Debian\n", vendor="Debian\n"), "B1.login_text", replace(INTENT, label=""))
    assert one.changes[0].edits == (FileEdit("/etc/issue", "\n"),)


def test_issue_net_has_escapes_of_its_own():
    assert [one.status for one in verdicts(raw(issue_net="%h\n"), "B1.login_text")] == [Status.GAP]
    assert [one.status for one in verdicts(raw(issue_net="%d %t\n"), "B1.login_text")] == [Status.PASS]


def test_a_text_of_a_directory_goes_away():
    (one,) = verdicts(raw(issue_d="弘前\n"), "B1.login_text")
    assert one.changes[0].edits == (FileEdit("/etc/issue.d/50-x.issue", None),)


def test_the_vendors_text_counts_while_ours_says_nothing_and_is_never_touched():
    (one,) = verdicts(raw(vendor="Debian\n"), "B1.login_text")
    assert one.status is Status.GAP and one.changes[0].edits == (FileEdit("/etc/issue", "K-7Q2MXA\n"),)
    (own,) = verdicts(raw(issue="K-7Q2MXA\n", vendor="Debian\n"), "B1.login_text")
    assert own.status is Status.PASS


def test_a_text_that_a_program_writes_is_for_a_person():
    (one,) = verdicts(raw(generated="https://hirosaki:9090\n"), "B1.login_text")
    assert one.status is Status.MANUAL and "program writes" in one.fix
    (linked,) = verdicts(raw(issue="弘前\n", links="'/etc/issue' -> '../run/issue'\n"), "B1.login_text")
    assert linked.status is Status.MANUAL


def test_a_link_is_said_to_be_one():
    (one,) = verdicts(raw(issue="弘前\n", links="'/etc/issue' -> '../usr/share/issue'\n"), "B1.login_text")
    assert one.status is Status.GAP and "a link to ../usr/share/issue" in one.why


def test_no_text_at_all_passes_and_nothing_read_is_unreadable():
    assert [one.status for one in verdicts(raw(), "B1.login_text")] == [Status.PASS]
    with pytest.raises(Unreadable):
        SURFACE.parse(Raw())
    denied = raw()
    with pytest.raises(Unreadable, match="denied"):
        SURFACE.parse(Raw({**denied.outputs, "login_text.issue": {"/etc/issue": Output(error="permission denied")}}))


def test_ten_megabytes_of_issue_are_cut_and_still_found():
    given = raw()
    long = Output(("弘前 " * 100).encode(), truncated=True)
    (one,) = verdicts(Raw({**given.outputs, "login_text.issue": {"/etc/issue": long}}), "B1.login_text")
    assert one.status is Status.GAP and len(one.why) < 500


@pytest.mark.parametrize(
    ("name", "status"),
    [("k-7q2mxa", Status.PASS), ("localhost", Status.PASS), ("panel-x", Status.MANUAL), ("hirosaki-1", Status.MANUAL)],
)
def test_a_host_name_is_changed_by_nobody_but_who_consented(name, status):
    (one,) = verdicts(raw(name), "B1.hostname")
    assert one.status is status and not one.changes
    assert status is Status.PASS or name in one.why


def test_with_consent_the_host_is_renamed_and_still_finds_itself():
    hosts = "127.0.0.1 localhost\n127.0.1.1 pump.example hirosaki-1\n"
    (one,) = verdicts(raw("hirosaki-1", hosts=hosts), "B1.hostname", RENAMING)
    (change,) = one.changes
    name, line = change.edits
    assert name == FileEdit("/etc/hostname", "k-7q2mxa\n")
    was = "127.0.1.1 pump.example hirosaki-1"
    assert line == LineInFile("/etc/hosts", 2, was, f"{was} k-7q2mxa")
    assert change.activate == (RunEdit(("hostname", "k-7q2mxa"), undo=("hostname", "hirosaki-1")),)


def test_the_state_holds_no_other_line_of_hosts():
    given = raw("hirosaki-1", hosts="127.0.1.1 hirosaki-1\n192.0.2.9 customer-db\n")
    assert "customer-db" not in str(SURFACE.parse(given))


@pytest.mark.parametrize("label", ["", "浄水", "a b", "-x"])
def test_a_label_that_cannot_be_a_host_name_is_said_so(label):
    (one,) = verdicts(raw("hirosaki-1"), "B1.hostname", replace(RENAMING, label=label))
    assert one.status is Status.MANUAL and not one.changes and one.fix


def test_without_the_program_hostname_systemd_renames():
    (one,) = verdicts(raw("hirosaki-1", program=False), "B1.hostname", RENAMING)
    assert one.changes[0].activate[0].argv == ("hostnamectl", "set-hostname", "k-7q2mxa")
