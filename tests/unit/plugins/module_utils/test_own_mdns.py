# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is announced by multicast DNS: a responder on a socket of the test's own answers as RFC 6762 has it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils import dns_packet, own_mdns
from ansible_collections.iot_site.checklist.plugins.module_utils.own_mdns import HINFO, PTR, SRV, TXT
from hypothesis import given
from hypothesis import strategies as st


def name(text):
    return b"".join(bytes([len(label.encode())]) + label.encode() for label in text.split("/")) + b"\0"


def record(owner, kind, data):
    return name(owner) + struct.pack(">HHIH", kind, 0x8001, 10, len(data)) + data


def answer(*records):
    return struct.pack(">6H", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


_INSTANCE = "第一浄水場 a.b/_http/_tcp/local"

ANSWERS = {
    ("_services", "_dns-sd", "_udp", "local"): record("_services/_dns-sd/_udp/local", PTR, name("_http/_tcp/local")),
    ("7", "2", "0", "192", "in-addr", "arpa"): record("7/2/0/192/in-addr/arpa", PTR, name("pump/local")),
    ("pump", "local"): record("pump/local", HINFO, b"\x06X86_64\x05LINUX"),
    ("_http", "_tcp", "local"): record("_http/_tcp/local", PTR, name(_INSTANCE)),
    tuple(_INSTANCE.split("/")): record(_INSTANCE, SRV, b"\0\0\0\0\0\x50" + name("pump/local"))
    + record(_INSTANCE, TXT, b"\x06path=/\x00"),
}


def asked(packet):
    """The names in a question."""
    at, found = 12, []
    for _question in range(struct.unpack(">H", packet[4:6])[0]):
        labels, at = dns_packet.labels(packet, at)
        at += 4
        found.append(labels)
    return found


@pytest.fixture
def responder(monkeypatch):
    """One door, behind which these answers stand."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    questions = []

    def start(answers, deaf=0):
        def serve():
            left = deaf
            with contextlib.suppress(OSError):
                while True:
                    packet, to = server.recvfrom(9000)
                    if not packet:
                        return
                    questions.append(asked(packet))
                    left -= 1
                    for each in asked(packet) if left < 0 else ():
                        if each in answers:
                            count = 2 if len(each) == 4 and each[1] == "_http" else 1
                            server.sendto(struct.pack(">6H", 0, 0x8400, 0, count, 0, 0) + answers[each], to)

        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own = {(("7", "2", "0", "192", "in-addr", "arpa"), PTR)}
        monkeypatch.setattr(own_mdns, "_doors", lambda: [(door, server.getsockname(), own)])
        threading.Thread(target=serve, daemon=True).start()
        return questions

    yield start
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"", server.getsockname())
    server.close()


def test_every_answer_leads_on_to_all_that_is_said(responder):
    responder(ANSWERS)
    assert own_mdns.ask() == {
        "heard": [
            ["host", "pump.local", ""],
            ["service", "第一浄水場 a.b", "_http._tcp"],
            ["system", "pump.local", "X86_64 LINUX"],
            ["text", "第一浄水場 a.b", "path=/"],
            ["type", "_http._tcp", ""],
        ],
        "error": "",
    }


def test_one_that_has_just_started_is_asked_again(responder, monkeypatch):
    monkeypatch.setattr(own_mdns, "FIRST_SECONDS", 0.1)
    responder(ANSWERS, deaf=2)
    assert ["host", "pump.local", ""] in own_mdns.ask()["heard"]


def test_nobody_answers(responder, monkeypatch):
    monkeypatch.setattr(own_mdns, "FIRST_SECONDS", 0.05)
    questions = responder({})
    assert own_mdns.ask() == {"heard": [], "error": "nobody answered"}
    assert len(questions) == own_mdns.TRIES


def test_without_an_interface_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(own_mdns, "_doors", list)
    assert own_mdns.ask() == {"heard": [], "error": "no interface takes multicast"}


def test_our_questions_go_no_further_than_this_host():
    for family, level, option in (
        (socket.AF_INET, socket.IPPROTO_IP, socket.IP_MULTICAST_TTL),
        (socket.AF_INET6, socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS),
    ):
        with own_mdns._silent(family, 1) as door:
            assert door.getsockopt(level, option) == 0


def test_a_name_that_leads_back_to_itself_is_no_answer():
    loop = struct.pack(">6H", 0, 0x8400, 0, 1, 0, 0) + b"\xc0\x0c" + struct.pack(">HHIH", PTR, 1, 1, 0)
    with pytest.raises(ValueError, match="without an end"):
        list(own_mdns._records(loop))


def test_a_question_is_no_answer():
    assert list(own_mdns._records(dns_packet.asking([(("a", "local"), PTR)]))) == []


@given(st.binary(max_size=300))
def test_no_packet_is_too_strange(packet):
    with contextlib.suppress(ValueError, IndexError, struct.error):
        records = list(own_mdns._records(struct.pack(">6H", 0, 0x8400, 0, 3, 0, 0) + packet))
        assert all(isinstance(text, str) for one in own_mdns._told(records) for text in one)
