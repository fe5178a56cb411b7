# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's view, on a planted /proc and on the real one."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils import kernel

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


@pytest.fixture
def proc(tmp_path, monkeypatch):
    """An empty /proc, and a way to put processes and files into it."""
    monkeypatch.setattr(kernel, "PROC", str(tmp_path))
    (tmp_path / "net").mkdir()

    def put(path, content):
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def process(pid, parent, comm, environ=b"", sockets=()):
        put(f"{pid}/stat", f"{pid} ({comm}) S {parent} 1 1")
        put(f"{pid}/comm", f"{comm}\n")
        put(f"{pid}/environ", environ)
        (tmp_path / str(pid) / "fd").mkdir()
        for number, inode in enumerate(sockets):
            (tmp_path / str(pid) / "fd" / str(number)).symlink_to(f"socket:[{inode}]")
        (tmp_path / str(pid) / "exe").symlink_to(f"/usr/sbin/{comm}")

    put.process = process
    return put


def line(number, local, peer, state, inode):
    return (
        f"   {number}: {local} {peer} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0 100 0\n"
    )


@pytest.fixture
def ourselves(monkeypatch):
    monkeypatch.setattr(kernel.os, "getpid", lambda: 50)
    for name in ("SUDO_USER", "DOAS_USER"):
        monkeypatch.delenv(name, raising=False)


def test_the_session_is_found_above_sudo(proc, ourselves, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "noc-a")
    proc.process(20, 1, "sshd")
    proc.process(30, 20, "sh (odd) name", b"SSH_CONNECTION=203.0.113.10 50000 192.0.2.5 22\0HOME=/home/noc-a\0")
    proc.process(40, 30, "sudo")
    proc.process(50, 40, "python3")
    assert kernel.session()["ssh_connection"] == "203.0.113.10 50000 192.0.2.5 22"
    assert kernel.session()["sudo_user"] == "noc-a"


def test_without_any_environment_the_daemons_socket_tells(proc, ourselves):
    proc.process(20, 1, "sshd", sockets=[77, 78])
    proc.process(50, 20, "python3")
    proc(
        "net/tcp",
        HEADER
        + line(0, "050200C0:0016", "0A7100CB:C350", "01", 77)
        + line(1, "00000000:0016", "00000000:0000", "0A", 78),
    )
    assert kernel.session()["ssh_connection"] == "203.0.113.10 50000 192.0.2.5 22"


LISTENS = line(2, "00000000:0016", "00000000:0000", "0A", 70)
OURS, OTHERS = ("0A7100CB:C350", 77), ("0B7100CB:C350", 78)


def connections(*peers):
    return "".join(line(number, "050200C0:0016", peer, "01", inode) for number, (peer, inode) in enumerate(peers))


def test_where_root_may_not_look_one_peer_of_the_daemons_port_is_ours(proc, ourselves):
    proc.process(20, 1, "sshd", sockets=[70])  # the listener; the process that serves us shows nothing
    proc.process(50, 20, "python3")
    proc("net/tcp", HEADER + LISTENS + connections(OURS, OURS))
    assert kernel.session()["ssh_connection"] == "203.0.113.10 50000 192.0.2.5 22"


def test_two_peers_are_no_answer(proc, ourselves):
    proc.process(20, 1, "sshd", sockets=[70])
    proc.process(50, 20, "python3")
    proc("net/tcp", HEADER + LISTENS + connections(OURS, OTHERS))
    assert kernel.session()["ssh_connection"] == ""


def test_a_held_connection_is_certain_whoever_else_is_there(proc, ourselves):
    proc.process(20, 1, "sshd", sockets=[70])
    proc.process(30, 20, "sshd", sockets=[78])
    proc.process(50, 30, "python3")
    proc("net/tcp", HEADER + LISTENS + connections(OURS, OTHERS))
    assert kernel.session()["ssh_connection"] == "203.0.113.11 50000 192.0.2.5 22"


def test_a_console_session_has_no_address(proc, ourselves):
    proc.process(50, 1, "python3")
    assert kernel.session() == {"ssh_connection": "", "user": kernel.account(), "uid": os.geteuid(), "sudo_user": ""}


def test_listeners_of_both_families_with_their_programs(proc):
    proc.process(1, 0, "systemd", sockets=[11])
    proc.process(20, 1, "nginx", sockets=[11, 12])
    proc(
        "net/tcp",
        HEADER
        + line(0, "0100007F:1F90", "00000000:0000", "0A", 11)
        + line(1, "0100007F:1F90", "0100007F:C350", "01", 13),  # an open connection is no listener
    )
    proc(
        "net/tcp6",
        HEADER + line(0, "00000000000000000000000000000000:0050", "00000000000000000000000000000000:0000", "0A", 12),
    )
    proc(
        "net/udp6",
        HEADER + line(0, "B80D0120000000000000000001000000:00A1", "00000000000000000000000000000000:0000", "07", 99),
    )
    assert kernel.listeners() == [
        {"protocol": "tcp", "address": "127.0.0.1", "port": 8080, "program": "nginx"},
        {"protocol": "tcp", "address": "::", "port": 80, "program": "nginx"},
        {"protocol": "udp", "address": "2001:db8::1", "port": 161, "program": ""},
    ]


def test_who_is_connected_to_what_listens(proc, monkeypatch):
    nobody, mapped = "00000000:0000", "0000000000000000FFFF0000"
    proc("net/tcp", HEADER + "".join([
        line(0, "00000000:0016", nobody, kernel.LISTEN, 1),
        line(1, "050200C0:0016", "0A7100CB:C350", kernel.ESTABLISHED, 2),
        line(2, "050200C0:0016", "0A7100CB:C351", kernel.ESTABLISHED, 3),
        line(3, "050200C0:C350", "0B7100CB:01BB", kernel.ESTABLISHED, 4),
        line(4, "050200C0:0016", "0C7100CB:C350", "06", 0),
    ]))  # fmt: skip
    proc("net/tcp6", HEADER + "".join([
        line(0, f"{'0' * 32}:01BB", f"{'0' * 32}:0000", kernel.LISTEN, 5),
        line(1, f"{mapped}050200C0:01BB", f"{mapped}0D7100CB:C350", kernel.ESTABLISHED, 6),
    ]))  # fmt: skip
    told = kernel.sessions()
    assert told["sessions"] == [{"peer": "203.0.113.10", "port": 22}, {"peer": "203.0.113.13", "port": 443}]
    assert told["left_out"] == 0 and len(told["day"]) == 10
    monkeypatch.setattr(kernel, "SESSIONS", 1)
    assert len(kernel.sessions()["sessions"]) == kernel.sessions()["left_out"] == 1


def test_a_really_listening_socket_is_seen():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        datagrams.bind(("127.0.0.1", 0))
        found = {(entry["protocol"], entry["address"], entry["port"]): entry["program"] for entry in kernel.listeners()}
        assert found["tcp", "127.0.0.1", server.getsockname()[1]].startswith("python")
        assert ("udp", "127.0.0.1", datagrams.getsockname()[1]) in found


def test_the_root_file_system_and_what_lies_over_etc(proc):
    proc(
        "self/mountinfo",
        "1 0 8:1 / / rw,relatime - ext4 /dev/sda1 ro\n"
        "2 1 0:9 / / rw,relatime - overlay overlay rw,upperdir=/run/upper\n"
        "3 2 0:8 / /etc rw - tmpfs tmpfs rw\n",
    )
    found = kernel.root()
    assert (found["fstype"], found["etc_fstype"]) == ("overlay", "tmpfs")
    assert "upperdir=/run/upper" in found["options"]


def test_every_pseudo_command_answers_in_json_here():
    ourselves = [Path("/proc/self/comm").read_text().strip()]
    arguments = dict.fromkeys(("@processes", "@holders", "@started"), ourselves)
    with socket.create_server(("127.0.0.1", 0)):
        for name, answer in kernel.PSEUDO.items():
            assert json.loads(json.dumps(answer(*arguments.get(name, []))))


def test_processes_are_found_by_the_name_the_kernel_keeps(proc):
    proc.process(30, 1, "vsftpd")
    proc.process(20, 1, "vsftpd")
    proc.process(40, 1, "a-very-long-pro")
    assert kernel.processes("vsftpd") == [20, 30]
    assert kernel.processes("a-very-long-program") == [40]
    assert kernel.processes("nobody") == []
    assert kernel.processes("vsftpd", "a-very-long-program") == [20, 30, 40]


def test_one_look_is_one_look_and_ends(proc):
    proc("net/tcp", HEADER + line(0, "0100007F:0016", "00000000:0000", "0A", 11))
    with kernel.one_look():
        assert kernel.tcp_listeners() == [{"address": "127.0.0.1", "port": 22}]
        proc("net/tcp", HEADER)
        assert kernel.tcp_listeners() == [{"address": "127.0.0.1", "port": 22}]
    assert kernel.tcp_listeners() == []


def test_only_those_that_hold_a_listening_socket_are_holders(proc):
    listens, talks = (
        line(0, "0100007F:0016", "00000000:0000", "0A", 11),
        line(1, "0100007F:0016", "0100007F:9C40", "01", 12),
    )
    proc("net/tcp", HEADER + listens + talks)
    proc.process(20, 1, "dropbear", sockets=[11])
    proc.process(30, 20, "dropbear", sockets=[12])  # serves a visitor
    proc.process(40, 1, "telnetd", sockets=[11])
    assert kernel.holders("dropbear") == [20]
    assert kernel.holders("dropbear", "telnetd") == [20, 40]
    assert kernel.holders("busybox") == []


def test_how_processes_were_started_and_whether_they_live_in_our_root(proc, tmp_path):
    (tmp_path / "jail").mkdir()
    for pid, root, words in (
        ("self", "/", b""),
        (20, "/", b"nginx\0-c\0/etc/\xff.conf\0"),
        (30, tmp_path / "jail", b"nginx\0"),
    ):
        if pid != "self":
            proc.process(pid, 1, "nginx")
        proc(f"{pid}/cmdline", words)
        (tmp_path / str(pid) / "root").symlink_to(root)
    assert kernel.started("nginx") == [
        {"pid": 20, "at_home": True, "words": ["nginx", "-c", "/etc/\\xff.conf"]},
        {"pid": 30, "at_home": False, "words": ["nginx"]},
    ]
    (tmp_path / "20" / "root").unlink()  # where we may not look
    assert [one["at_home"] for one in kernel.started("nginx")] == [False, False]


# --- whose programs run -------------------------------------------------------------------------------------


def test_the_programs_of_a_login_are_told_from_those_that_work_by_themselves(proc, tmp_path):
    def runs(pid, parent, comm, uid, cgroup="", root="/"):
        proc.process(pid, parent, comm)
        proc(f"{pid}/status", f"Name:\t{comm}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
        if cgroup:
            proc(f"{pid}/cgroup", f"0::{cgroup}\n")
        (tmp_path / str(pid) / "root").symlink_to(root)

    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "root").symlink_to("/")
    (tmp_path / "container").mkdir()
    runs(10, 1, "cron", 0, "/system.slice/cron.service")
    runs(20, 1, "app", 1000, "/system.slice/app.service")
    runs(30, 1, "bash", 1001, "/user.slice/user-1001.slice/session-3.scope")
    runs(40, 1, "sshd", 0)
    runs(41, 40, "sh", 1002)
    runs(50, 1, "node", 1003, "/system.slice/docker-1.scope", root=tmp_path / "container")
    proc.process(60, 1, "ended")
    assert kernel.owners() == {"work": [0, 1000], "logins": [0, 1001, 1002]}
