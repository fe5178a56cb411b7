# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vsftpd: anonymous, sources, greeting. test_logins.py proves the same on real software."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.ip import IPSet
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    Consent,
    FileEdit,
    Intent,
    LineInFile,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import hosts_access
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.vsftpd import Vsftpd

from tests.unit.plugins.plugin_utils.captures import changed, load

VSFTPD = Vsftpd()
CAPTURES = Path(__file__).parent / "vsftpd"
INTENT = Intent(
    site="k7",
    host="k7-panel",
    label="K-7Q2MXA",
    words=("弘前", "hirosaki"),
    allow4=("192.0.2.0/24",),
    consent=frozenset({Consent.ANONYMOUS_CLIENTS}),
)
NO_CONSENT = replace(INTENT, consent=frozenset())
CONF = "/etc/vsftpd.conf"


def capture(case):
    return load(CAPTURES / case / "capture.json")


def judged(given, control, intent=INTENT):
    return [one for one in VSFTPD.judge(VSFTPD.parse(given), intent) if one.control == control]


def configured(text, more=None, arguments=f"/usr/sbin/vsftpd\0{CONF}\0"):
    """The exposed host with another configuration, which vsftpd takes."""
    files = {CONF: text, **(more or {})}
    said = "".join(
        f"{path}: 500 OOPS: vsftpd: not configured for standalone, must be started from inetd\n" for path in files
    )
    return changed(
        capture("exposed"),
        **{
            "vsftpd.config": files,
            "vsftpd.check": {"sh": said},
            "vsftpd.arguments": {"/proc/7/cmdline": arguments},
            "vsftpd.changed": {"sh": ""},
            "vsftpd.given": {},
        },
    )


@pytest.mark.parametrize(
    ("case", "login", "banner"),
    [
        ("stock", Status.PASS, Status.GAP),
        ("exposed", Status.GAP, Status.GAP),
        ("silent", Status.GAP, Status.GAP),
        ("overridden", Status.GAP, Status.GAP),
        ("ipv6", Status.GAP, Status.GAP),
        ("port", Status.GAP, Status.GAP),
        ("compliant", Status.PASS, Status.PASS),
    ],
)
def test_the_vsftpd_of_debian(case, login, banner):
    for control, status in (("A1.ftp", login), ("B1.ftp_banner", banner)):
        (one,) = judged(capture(case), control)
        assert (one.status, bool(one.changes)) == (status, status is Status.GAP), one


def test_loopback_is_nobody_elses_concern_and_a_broken_file_is_unreadable():
    with pytest.raises(Absent, match="::1"):
        VSFTPD.parse(capture("loopback"))
    with pytest.raises(Unreadable, match="bad bool value"):
        VSFTPD.parse(capture("broken"))


def test_anonymous_clients_are_refused_only_with_consent():
    (one,) = judged(capture("exposed"), "A1.ftp", NO_CONSENT)
    assert one.status is Status.MANUAL and "login_required_refuse_anonymous" in one.fix and not one.changes


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("anonymous_enable=YES\n", LineInFile(CONF, 1, "anonymous_enable=YES", "anonymous_enable=NO")),
        ("#x\nanonymous_enable=1\n", LineInFile(CONF, 2, "anonymous_enable=1", "anonymous_enable=NO")),
        ("anonymous_enable=NO\nanonymous_enable=true\n",
         LineInFile(CONF, 2, "anonymous_enable=true", "anonymous_enable=NO")),
        ("listen=YES\n", LineInFile(CONF, 0, "", "anonymous_enable=NO")),
    ],
)  # fmt: skip
def test_the_one_line_that_counts_is_edited(text, edit):
    (one,) = judged(configured(text), "A1.ftp")
    assert one.status is Status.GAP and one.changes[0].edits == (edit,)
    assert "must be started from inetd" in one.changes[0].checks[0].argv[2]
    lines = text.split("\n")
    closed = "\n".join(
        [edit.after, *lines] if not edit.number else [*lines[: edit.number - 1], edit.after, *lines[edit.number :]]
    )
    assert {one.status for one in judged(configured(closed), "A1.ftp")} == {Status.PASS}


@pytest.mark.parametrize("text", ["anonymous_enable=MAYBE\n", "anonymous_enable\n", "anonymous_enable = NO\n"])
def test_a_word_that_vsftpd_does_not_know_is_unreadable(text):
    with pytest.raises(Unreadable):
        VSFTPD.parse(configured(text))


def test_what_the_command_line_says_is_for_a_person():
    given = configured("anonymous_enable=NO\n", arguments=f"/usr/sbin/vsftpd\0{CONF}\0-oanonymous_enable=YES\0")
    (one,) = judged(given, "A1.ftp")
    assert one.status is Status.GAP and "command line" in one.why and one.fix and not one.changes


def test_several_instances_are_judged_and_left_to_a_person():
    given = configured("anonymous_enable=NO\n", {"/etc/vsftpd-b.conf": "anonymous_enable=YES\n"})
    both = {"/proc/7/cmdline": f"vsftpd\0{CONF}\0", "/proc/8/cmdline": "vsftpd\0/etc/vsftpd-b.conf\0"}
    (one,) = judged(changed(given, **{"vsftpd.arguments": both}), "A1.ftp")
    assert one.status is Status.GAP and one.why.startswith("/etc/vsftpd-b.conf:1") and one.fix and not one.changes


@pytest.mark.parametrize("arguments", ["vsftpd: LISTENER", "/usr/sbin/vsftpd\0/srv/other.conf\0", "vsftpd\0-x\0"])
def test_a_process_whose_files_are_not_known_is_unreadable(arguments):
    with pytest.raises(Unreadable):
        VSFTPD.parse(configured("anonymous_enable=NO\n", arguments=arguments))


def test_not_installed_and_not_started_are_absent_and_starting_later_is_unreadable():
    with pytest.raises(Absent):
        VSFTPD.parse(Raw({"listeners": {"@listeners": Output(b"[]")}}))
    silent = changed(configured("anonymous_enable=YES\n"), listeners={"@listeners": "[]"})
    with pytest.raises(Absent):
        VSFTPD.parse(Raw({**silent.outputs, "vsftpd.enabled": {}}))
    with pytest.raises(Unreadable, match="next boot"):
        VSFTPD.parse(changed(silent, **{"vsftpd.enabled": {"/etc/systemd/system/x.wants/vsftpd.service": "x"}}))


def test_started_by_a_super_server_nothing_is_reloaded():
    given = changed(
        configured("anonymous_enable=YES\n"),
        listeners={"@listeners": '[{"protocol": "tcp", "address": "::", "port": 21, "program": "inetutils-inetd"}]'},
    )
    (one,) = judged(Raw({**given.outputs, "vsftpd.arguments": {}}), "A1.ftp")
    assert one.changes and not one.changes[0].activate


@pytest.mark.parametrize(
    ("text", "status", "after"),
    [
        ("", Status.GAP, "ftpd_banner=K-7Q2MXA"),
        ("ftpd_banner=\n", Status.GAP, "ftpd_banner=K-7Q2MXA"),
        ("ftpd_banner=vsFTPd 3.0.3\n", Status.GAP, "ftpd_banner=K-7Q2MXA"),
        ("ftpd_banner=弘前\n", Status.GAP, "ftpd_banner=K-7Q2MXA"),
        ("ftpd_banner=K-7Q2MXA\n", Status.PASS, "ftpd_banner=K-7Q2MXA"),
        ("ftpd_banner=Nebuta pumps\n", Status.MANUAL, "ftpd_banner=K-7Q2MXA"),
    ],
)
def test_greetings(text, status, after):
    (one,) = judged(configured(f"anonymous_enable=NO\n{text}"), "B1.ftp_banner")
    assert (one.status, one.after) == (status, after)
    assert bool(one.changes) == (status is Status.GAP)


def test_without_a_label_the_greeting_is_a_word_that_passes():
    unlabelled = replace(INTENT, label="")
    (one,) = judged(configured("listen=YES\n"), "B1.ftp_banner", unlabelled)
    (after,) = judged(configured(f"{one.after}\n"), "B1.ftp_banner", unlabelled)
    assert one.status is Status.GAP and after.status is Status.PASS


def test_a_file_of_greetings_becomes_the_label():
    (one,) = judged(capture("ipv6"), "B1.ftp_banner")
    assert one.changes[0].edits == (FileEdit("/etc/ftp-greeting", "K-7Q2MXA\n"),)


@pytest.mark.parametrize(
    ("text", "allow", "deny", "status"),
    [
        ("", "", "", Status.GAP),
        ("tcp_wrappers=YES\n", "vsftpd: 192.0.2.7\n", "ALL: ALL\n", Status.PASS),
        ("tcp_wrappers=YES\n", "vsftpd: 192.0.2.7\n", "", Status.GAP),
        ("tcp_wrappers=YES\n", "vsftpd: 198.51.100.7\n", "vsftpd: ALL\n", Status.GAP),
        ("tcp_wrappers=NO\n", "vsftpd: 192.0.2.7\n", "vsftpd: ALL\n", Status.GAP),
    ],
)
def test_whom_tcp_wrappers_let_through(text, allow, deny, status):
    given = changed(
        configured(f"anonymous_enable=NO\n{text}"),
        **{"vsftpd.hosts": {"/etc/hosts.allow": allow}, "vsftpd.hosts_deny": {"/etc/hosts.deny": deny}},
    )
    (one,) = judged(given, "A2.service", replace(INTENT, enforce_with="web_server"))
    assert one.status is status and not one.changes
    assert {one.status for one in judged(given, "A2.service")} == {Status.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", Status.PASS),
        ("local_enable=NO\n", Status.PASS),
        ("local_enable=YES\n", Status.GAP),
        ("local_enable=YES\nssl_enable=NO\n", Status.GAP),
        ("local_enable=YES\nssl_enable=YES\n", Status.PASS),
        ("local_enable=YES\nssl_enable=YES\nforce_local_logins_ssl=NO\n", Status.GAP),
    ],
)
def test_logins_in_plain_text(text, status):
    given = configured(f"anonymous_enable=NO\n{text}")
    (one,) = judged(given, "A1.telnet")
    assert one.status is status and not one.changes and bool(one.fix) == (status is Status.GAP)
    (one,) = judged(given, "A1.telnet", replace(INTENT, plaintext_needed=frozenset({"ftp"})))
    assert one.status is (Status.MANUAL if status is Status.GAP else Status.PASS)
    (one,) = judged(given, "A1.telnet", replace(INTENT, plaintext_needed=frozenset({"telnet"})))
    assert one.status is status


def test_a_socket_that_a_super_server_holds_for_it_is_named():
    given = changed(
        configured("anonymous_enable=NO\n"),
        listeners={"@listeners": '[{"protocol": "tcp", "address": "::", "port": 21, "program": "inetutils-inetd"}]'},
    )
    assert VSFTPD.parse(given)["speaks_of"] == ["tcp 21 inetutils-inetd"]


@pytest.mark.parametrize(
    ("wrappers", "line", "status"),
    [
        ("YES", "vsftpd: 192.0.2.7 : setenv VSFTPD_LOAD_CONF /etc/vsftpd_open.conf", Status.UNKNOWN),
        ("YES", "ALL: ALL: SETENV vsftpd_load_conf /etc/vsftpd_open.conf", Status.UNKNOWN),
        ("YES", "vsftpd: 192.0.2.7 : spawn /usr/bin/logger %a", Status.PASS),
        ("YES", "sshd: 192.0.2.7 : setenv VSFTPD_LOAD_CONF /etc/vsftpd_open.conf", Status.PASS),
        ("NO", "vsftpd: 192.0.2.7 : setenv VSFTPD_LOAD_CONF /etc/vsftpd_open.conf", Status.PASS),
    ],
)
def test_another_configuration_for_some_visitors_is_not_judged(wrappers, line, status):
    text = f"anonymous_enable=NO\nftpd_banner=K-7Q2MXA\ntcp_wrappers={wrappers}\n"
    for folder in ({}, {"/etc/vsftpd/second.conf": text}):
        given = changed(configured(text, folder), **{"vsftpd.hosts": {"/etc/hosts.allow": f"{line}\n"}})
        for control in ("A1.ftp", "B1.ftp_banner"):
            assert max((one.status for one in judged(given, control)), key=[Status.PASS, status].index) is status


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("in.telnetd: 192.0.2. 127.0.0.1", True),
        ("in.telnetd, vsftpd: 192.0.2.0/255.255.255.0", True),
        ("in.telnetd: [2001:db8::]/32", True),
        ("vsftpd: ALL", True),
        ("#in.telnetd: ALL", True),
        ("in.telnetd: ALL", False),
        ("ALL: ALL", False),
        ("in.telnetd: .example.org", False),
        ("in.telnetd: 198.51.100.", False),
        ("in.telnetd: ALL EXCEPT 192.0.2.7", False),
        ("in.telnetd: 192.0.2.7 : spawn /bin/true", False),
        ("in.telnetd: \\\n ALL", False),
    ],
)
def test_lines_of_hosts_allow(line, safe):
    wanted = IPSet(["192.0.2.0/24", "2001:db8::/32"])
    allowed = list(hosts_access.clients(f"{line}\n", "in.telnetd"))
    assert (not hosts_access.beyond(allowed, ["ALL"], "in.telnetd", wanted)) is safe
