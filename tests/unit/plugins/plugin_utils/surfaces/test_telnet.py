# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins in plain text: who starts them, who answers for which socket. test_plain_logins.py proves it for real."""

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
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import plain_logins, super_servers
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.listening import Listening
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.telnet import Telnet
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.captures import changed, load

TELNET = Telnet()
CAPTURES = Path(__file__).parent / "telnet"
INTENT = Intent(site="k7", host="k7-panel", label="K-7Q2MXA", allow4=("192.0.2.0/24",))
NEEDED = replace(INTENT, plaintext_needed=frozenset({"telnet"}))
SITE = "/etc/inetd.d/site"
LINE = "telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/telnetd"


def capture(case):
    return load(CAPTURES / case / "capture.json")


def judged(given_, control="A1.telnet", intent=INTENT):
    return [one for one in TELNET.judge(TELNET.parse(given_), intent) if one.control == control]


def is_closed(given_):
    return [one.status for one in judged(given_)] == [Status.PASS]


def listening(*rows):
    listed = [{"protocol": "tcp", "address": address, "port": port, "program": name} for address, port, name in rows]
    return {"listeners": {"@listeners": json.dumps(listed)}}


def inetd(text, *rows):
    """The host whose inetd runs, with another file of the site's."""
    rows = rows or (("0.0.0.0", 23, "inetutils-inetd"),)
    return changed(capture("exposed"), **listening(*rows), **{"plain.inetd_d": {SITE: text}})


def socket_unit(active, at_boot):
    """The host with a socket unit, which is in this state."""
    (said,) = capture("socket").all("plain.sockets").values()
    text = said.text.replace(
        "Id=telnet.socket\nActiveState=active\nUnitFileState=enabled",
        f"Id=telnet.socket\nActiveState={active}\nUnitFileState={at_boot}",
    )
    return changed(capture("socket"), **{"plain.sockets": {"systemctl": text}})


@pytest.mark.parametrize(
    ("case", "services", "without_login"),
    [
        ("exposed", ["telnet", "rsh"], 0),
        ("overridden", ["telnet"], 1),
        ("ipv6", ["telnet"], 0),
        ("port", ["telnet"], 1),
        ("socket", ["telnet"], 0),
        ("xinetd", ["a shell", "telnet"], 1),
        ("busybox", ["telnet", "telnet"], 1),
    ],
)
def test_every_way_in_is_a_gap(case, services, without_login):
    found = judged(capture(case))
    assert {one.status for one in found} == {Status.GAP}
    assert [one.evidence["service"] for one in found] == services
    assert sum("no login is asked" in one.why for one in found) == without_login
    assert all(bool(one.changes) != bool(one.fix) for one in found), "what we do not close, somebody is told to"


@pytest.mark.parametrize("case", ["stock", "compliant"])
def test_nothing_served_and_nothing_started_at_boot_passes(case):
    assert is_closed(capture(case))
    web = replace(INTENT, enforce_with="web_server")
    for control in ("A2.service", "B1.login_text"):
        assert [one.status for one in judged(capture(case), control, web)] == [Status.NOT_APPLICABLE]


def test_what_nobody_else_reaches_is_absent():
    with pytest.raises(Absent):
        TELNET.parse(capture("loopback"))


@pytest.mark.parametrize("name", ["plain.sockets", "plain.inetd_unit"])
def test_what_a_boot_starts_is_not_guessed(name):
    with pytest.raises(Unreadable):
        TELNET.parse(changed(capture("compliant"), **{name: {"systemctl": Output(error="no end after 20 seconds")}}))
    assert is_closed(changed(capture("compliant"), **{name: {"systemctl": Output(error="missing")}}))


def test_a_file_that_inetd_does_not_understand_is_unreadable():
    with pytest.raises(Unreadable, match="site:1"):
        TELNET.parse(capture("broken"))


def test_the_one_line_is_switched_off_as_debian_marks_it_and_inetd_told_when_our_own_copy_is_gone():
    found = judged(capture("exposed"))
    assert found[0].changes[0].edits == (LineInFile(SITE, 1, LINE, f"#<off># {LINE}"),)
    assert not found[0].changes[0].activate, "inetd would read the original that the guard keeps beside it"
    assert found[0].changes[0].persist[0].argv == ("systemctl", "reload", "inetutils-inetd.service")
    main = changed(inetd(""), **{"plain.inetd": {"/etc/inetd.conf": f"{LINE}\n"}})
    (one,) = judged(main)
    assert one.changes[0].activate and not one.changes[0].persist


def test_a_hidden_file_of_inetd_counts_and_our_own_copy_does_not():
    kept = "/etc/inetd.d/.site.20261128T000000Z-aaaaaa.original"
    assert is_closed(changed(inetd("", ("::", 80, "x")), **{"plain.inetd_hidden": {kept: LINE}}))
    (one,) = judged(changed(inetd("", ("::", 80, "x")), **{"plain.inetd_hidden": {"/etc/inetd.d/.more": LINE}}))
    assert one.why.startswith("/etc/inetd.d/.more:1")


def test_xinetd_is_told_in_the_services_own_block_or_a_person_is():
    shell, telnet = judged(capture("xinetd"))
    assert telnet.changes[0].edits == (
        LineInFile("/etc/xinetd.d/telnet", 11, "\tdisable\t\t= no", "\tdisable\t\t= yes"),
    )
    assert not shell.changes and "disable = yes in its block of /etc/xinetd.d/maker" in shell.fix


def test_a_socket_unit_is_stopped_first_and_no_boot_starts_it_once_that_is_proved():
    (one,) = judged(capture("socket"))
    (change,) = one.changes
    assert change.edits[0].argv == ("systemctl", "stop", "telnet.socket") and change.edits[0].undo[1] == "start"
    assert change.persist[0].argv == ("systemctl", "disable", "telnet.socket")
    (one,) = judged(socket_unit("inactive", "enabled"))
    assert not one.changes[0].edits and one.changes[0].persist
    (one,) = judged(socket_unit("active", "static"))
    assert not one.changes and "systemctl disable --now telnet.socket" in one.fix
    assert is_closed(changed(socket_unit("inactive", "disabled"), **listening()))


def test_what_starts_at_the_next_boot_is_a_gap_though_nothing_runs():
    link = "/etc/systemd/system/multi-user.target.wants/panel-telnetd.service"
    (one,) = judged(changed(capture("stock"), **{"plain.enabled": {link: "x"}}))
    assert one.status is Status.GAP and "systemctl disable --now panel-telnetd.service" in one.fix
    units = "Id=inetutils-inetd.service\nActiveState=inactive\nUnitFileState=generated\n"
    silent = changed(inetd(LINE), **listening(), **{"plain.inetd_unit": {"x": units}, "plain.inetd_process": {}})
    assert is_closed(silent)
    (one,) = judged(changed(silent, **{"plain.inetd_linked": {"/etc/rc2.d/S01inetutils-inetd": "x"}}))
    assert one.status is Status.GAP and one.changes
    (one,) = judged(Raw({**silent.outputs, "plain.inetd_unit": {}}))
    assert one.status is Status.GAP, "without systemd nobody knows what a boot starts"


def test_what_somebody_needs_is_shown_to_a_person_unless_no_login_is_asked():
    (one,) = judged(capture("ipv6"), intent=NEEDED)
    assert one.status is Status.MANUAL and "login_required_plaintext_needed" in one.why and not one.changes
    (one,) = judged(capture("overridden"), intent=NEEDED)
    assert one.status is Status.GAP and not one.changes and one.fix
    telnet, rsh = judged(capture("exposed"), intent=NEEDED)
    assert (telnet.status, rsh.status) == (Status.MANUAL, Status.GAP)


def test_a_socket_that_no_file_explains_is_unknown():
    for program in ("inetutils-inetd", "systemd", "xinetd", "busybox", "telnetd", ""):
        (one,) = judged(changed(capture("compliant"), **listening(("::", 23, program))))
        assert one.status is Status.UNKNOWN and "port 23" in one.why
    assert is_closed(changed(capture("compliant"), **listening(("::", 23, "ser2net"))))


@pytest.mark.parametrize(
    ("rows", "case", "left"),
    [
        ([("0.0.0.0", 23, "inetutils-inetd"), ("0.0.0.0", 514, "inetutils-inetd")], "exposed", []),
        ([("0.0.0.0", 23, "inetutils-inetd"), ("::", 13, "inetutils-inetd")], "exposed", [13]),
        ([("::", 23, "systemd"), ("::", 9100, "systemd")], "socket", [9100]),
        ([("::", 2324, "busybox"), ("::", 80, "busybox")], "busybox", [80]),
        ([("::", 23, "")], "compliant", []),
        ([("::", 23, "telnetd")], "compliant", []),
        ([("::", 23, "ser2net")], "compliant", [23]),
        ([("::", 23, "inetutils-inetd")], "compliant", []),
    ],
)
def test_every_socket_is_spoken_about_once(rows, case, left):
    given_ = changed(capture(case), **listening(*rows))
    state = Listening([TELNET]).parse(given_)
    assert [one["port"] for one in state["sockets"]] == left


@pytest.mark.parametrize(
    ("line", "service", "port", "nothing"),
    [
        (LINE, "telnet", 23, False),
        ("192.0.2.1:telnet stream tcp nowait root /usr/sbin/telnetd telnetd -L /bin/bash", "telnet", 23, True),
        ("telnet stream tcp46 nowait root /bin/busybox telnetd -i -l /bin/login", "telnet", 23, False),
        ("2323 stream tcp nowait root /bin/busybox telnetd -i -l/bin/ash", "telnet", 2323, True),
        ("login stream tcp nowait root /usr/sbin/in.rlogind in.rlogind", "rlogin", 513, False),
        ("exec stream tcp nowait root /usr/sbin/in.rexecd in.rexecd", "rexec", 512, False),
        ("ftp stream tcp nowait root /usr/sbin/in.ftpd in.ftpd -l", "ftp", 21, False),
        ("31337 stream tcp nowait root /bin/sh sh -i", "a shell", 31337, True),
        ("panel stream tcp nowait root /usr/sbin/telnetd telnetd --exec-login=/bin/sh", "telnet", 0, True),
    ],
)
def test_lines_of_inetd(line, service, port, nothing):
    (door,) = super_servers.inetd({"/etc/inetd.conf": f"{line}\n"})
    assert (door["service"], door["port"], plain_logins.asks_nothing(door)) == (service, port, nothing)


@pytest.mark.parametrize(
    "line",
    [
        f"#{LINE}",
        f"#<off># {LINE}",
        "",
        "ftp stream tcp nowait root /usr/sbin/tcpd /usr/sbin/vsftpd",
        "tftp dgram udp wait nobody /usr/sbin/in.tftpd in.tftpd /srv",
        "9100 stream tcp nowait lp /bin/sh sh /usr/lib/print.sh",
        "daytime stream tcp nowait root internal",
        "127.0.0.1:",
    ],
)
def test_lines_of_inetd_that_are_no_login_in_plain_text(line):
    assert not list(super_servers.inetd({"/etc/inetd.conf": f"{line}\n"}))


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("service telnet\n{\n server = /usr/sbin/in.telnetd\n disable = no\n}\n", ["telnet"]),
        ("service telnet\n{\n server = /usr/sbin/in.telnetd\n}\n", ["telnet"]),
        ("service telnet {\n server = /usr/sbin/in.telnetd\n disable = yes\n}\n", []),
        ("defaults\n{\n disabled = telnet\n}\nservice telnet\n{\n disable = no\n}\n", []),
        ("defaults\n{\n disabled = other\n}\nservice telnet\n{\n id = t\n}\n", ["telnet"]),
        ("defaults\n{\n disabled = t\n}\nservice telnet\n{\n id = t\n}\n", []),
        ("service x\n{\n type = UNLISTED\n port = 99\n server = /bin/sh\n}\n", ["a shell"]),
        ("service tftp\n{\n socket_type = dgram\n port = 69\n}\n# x\nincludedir /etc/xinetd.d\n", []),
    ],
)
def test_blocks_of_xinetd(text, services):
    assert [door["service"] for door in super_servers.xinetd({"/etc/xinetd.conf": text})] == services


def test_a_block_of_xinetd_that_is_not_understood_is_unreadable():
    with pytest.raises(Unreadable):
        list(super_servers.xinetd({"/etc/xinetd.conf": "service telnet\n{\n nonsense\n}\n"}))


def test_telnetd_itself_names_the_host_unless_told_not_to():
    (one,) = judged(capture("exposed"), "B1.login_text")
    assert one.status is Status.GAP and one.changes[0].edits[0].after == f"{LINE} -h"
    (one,) = judged(capture("socket"), "B1.login_text")
    assert one.status is Status.GAP and one.fix and not one.changes
    unexplained = changed(capture("compliant"), **listening(("::", 23, "inetutils-inetd")))
    assert {one.status for one in judged(unexplained, "B1.login_text")} == {Status.UNKNOWN}
    for case in ("ipv6", "busybox"):
        assert {one.status for one in judged(capture(case), "B1.login_text")} == {Status.PASS}


@pytest.mark.parametrize(
    ("case", "allow", "deny", "status"),
    [
        ("ipv6", "telnetd: 192.0.2.7\n", "ALL: ALL\n", Status.PASS),
        ("ipv6", "telnetd: 198.51.100.7\n", "ALL: ALL\n", Status.GAP),
        ("ipv6", "telnetd: 192.0.2.7\n", "", Status.GAP),
        ("socket", "ALL: 192.0.2.7\n", "ALL: ALL\n", Status.GAP),
    ],
)
def test_whom_tcp_wrappers_let_through(case, allow, deny, status):
    lists = {"plain.hosts": {"/etc/hosts.allow": allow}, "plain.hosts_deny": {"/etc/hosts.deny": deny}}
    given_ = changed(capture(case), **lists)
    (one,) = judged(given_, "A2.service", replace(INTENT, enforce_with="web_server"))
    assert one.status is status and not one.changes
    assert {one.status for one in judged(given_, "A2.service")} == {Status.NOT_APPLICABLE}


@given(st.text(max_size=200))
def test_noise_in_a_file_of_inetd_is_unreadable_or_no_door_without_its_line(text):
    try:
        doors = list(super_servers.inetd({"/etc/inetd.conf": text}))
    except Unreadable:
        return
    assert all(text.split("\n")[door["number"] - 1] == door["text"] for door in doors)


def test_not_root_sees_a_program_that_cannot_be_looked_into():
    hidden = {"plain.holders": {"sh": Output()}, **listening(("::", 23, ""))}
    assert {one.status for one in judged(changed(capture("compliant"), **hidden))} == {Status.UNKNOWN}
