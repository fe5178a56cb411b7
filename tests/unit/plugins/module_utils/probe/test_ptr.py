# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of an address, asked of resolvers on loopback that answer as RFC 1035 has it."""

from __future__ import annotations

import asyncio
import struct

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import ptr, site_run
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import Pace
from hypothesis import given
from hypothesis import strategies as st


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def answer(asked, *names):
    """The question as it came, and the names, which lead back to it (4.1.4)."""
    head = asked[:2] + struct.pack(">5H", 0x8180, 1, len(names), 0, 0)
    records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", 12, 1, 60, len(wire(name))) + wire(name) for name in names)
    return head + asked[12:] + records


def asked_for(address, *answers):
    """What is found when each resolver, one after the other, answers with these; and what they were asked."""
    heard = []

    class Resolver(asyncio.DatagramProtocol):
        def __init__(self, give):
            self.give = give

        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, peer):
            heard.append(data)
            for one in self.give(data):
                self.transport.sendto(one, peer)

    async def scenario():
        loop = asyncio.get_running_loop()
        doors = []
        for give in answers:
            door, _made = await loop.create_datagram_endpoint(lambda give=give: Resolver(give), ("127.0.0.1", 0))
            doors.append(door)
        places = [door.get_extra_info("sockname") for door in doors]
        found = await ptr.names(address, Pace(1000), places)
        for door in doors:
            door.close()
        return found

    return asyncio.run(scenario()), heard


REVERSED = {
    "192.0.2.7": "7.2.0.192.in-addr.arpa",
    "2001:db8::7": "7" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa",
}


@pytest.mark.parametrize(("address", "asked"), REVERSED.items(), ids=REVERSED)
def test_the_names_of_an_address_are_found(address, asked):
    found, (heard,) = asked_for(address, lambda data: [answer(data, "hirosaki-jousui.example.org", "k7.example.org")])
    assert found == (True, ["hirosaki-jousui.example.org", "k7.example.org"])
    assert heard[12:] == wire(asked) + b"\0\x0c\0\x01"


def test_an_answer_to_another_question_is_none():
    def forged(data):
        other = bytes((data[0] ^ 1, data[1]))
        return [other + answer(data, "forged.example.org")[2:], answer(data, "k7.example.org")]

    assert asked_for("192.0.2.7", forged)[0] == (True, ["k7.example.org"])


def test_where_one_resolver_is_silent_the_next_is_asked(monkeypatch):
    monkeypatch.setattr(ptr, "SECONDS", 0.2)
    found, heard = asked_for("192.0.2.7", lambda _data: [], lambda data: [answer(data, "k7.example.org")])
    assert found == (True, ["k7.example.org"]) and len(heard) == 2


def failing(code, flags=0):
    """A resolver that answers with this RCODE (RFC 1035, 4.1.1)."""
    return lambda data: [data[:2] + struct.pack(">5H", 0x8180 | flags | code, 1, 0, 0, 0) + data[12:]]


@pytest.mark.parametrize("broken", [failing(2), failing(5), failing(0, 0x0200)], ids=["failed", "refused", "cut"])
def test_a_resolver_that_does_not_know_says_nothing_of_the_address(broken):
    found, heard = asked_for("192.0.2.7", broken, lambda data: [answer(data, "k7.example.org")])
    assert found == (True, ["k7.example.org"]) and len(heard) == 2
    assert asked_for("192.0.2.7", broken)[0] == (False, [])


def test_that_there_is_no_name_is_an_answer_and_that_nobody_tells_is_none(tmp_path):
    assert asked_for("192.0.2.7", lambda data: [answer(data)])[0] == (True, [])
    assert asked_for("192.0.2.7", failing(3))[0] == (True, [])
    assert asked_for("192.0.2.7")[0] == (False, [])
    assert ptr.resolvers(str(tmp_path / "none")) == []
    lines = ("search example.org", "nameserver 192.0.2.1", "#nameserver 192.0.2.2", "nameserver 2001:db8::1", "")
    (tmp_path / "conf").write_text("\n".join(lines))
    assert ptr.resolvers(str(tmp_path / "conf")) == ["192.0.2.1", "2001:db8::1"]


@given(st.binary(max_size=80), st.integers(0, 5))
def test_no_answer_is_too_strange(data, answers):
    found = ptr.read(b"\0\7\x81\x80\0\1" + struct.pack(">H", answers) + b"\0\0\0\0" + data, 7)
    assert found is None or all(isinstance(name, str) for name in found)


def test_the_name_stands_in_the_first_row_of_its_address(monkeypatch):
    async def named(address, _pace, _doors):
        return True, [f"{address.replace('.', '-')}.example.org"]

    async def closed(one, _pace, _limits):
        return [site_run._row(one, site_run.found.Answer("tcp", "closed"), 1, "192.0.2.99")]

    monkeypatch.setattr(ptr, "names", named)
    monkeypatch.setattr(site_run, "_endpoint", closed)
    targets = [{"host": "k7", "address": address, "port": port, "transport": "tcp"}
               for address, port in (("192.0.2.7", 80), ("192.0.2.7", 443), ("192.0.2.8", 80))]  # fmt: skip
    rows, _controls, complete = site_run.run(targets, [], site_run.Limits())
    assert complete
    assert [[text["text"] for text in row["texts"]] for row in rows] == [
        ["192-0-2-7.example.org"], [], ["192-0-2-8.example.org"],
    ]  # fmt: skip
    assert not [row for row in rows if "ptr_name" in row["facts"]]


@pytest.mark.parametrize(
    ("told", "facts", "cuts"),
    [
        ((False, []), {"ptr_name": "not told"}, []),
        ((True, []), {}, []),
        ((True, ["k7.example.org"] * ptr.NAMES), {}, [False] * ptr.NAMES),
        ((True, ["k7.example.org"] * (ptr.NAMES + 1)), {}, [False] * (ptr.NAMES - 1) + [True]),
    ],
)
def test_what_nobody_told_and_what_was_left_out_is_said(told, facts, cuts):
    rows = [[{"address": "192.0.2.7", "facts": {}, "texts": []}]]
    site_run._name(rows, "192.0.2.7", *told)
    assert rows[0][0]["facts"] == facts and [one["cut"] for one in rows[0][0]["texts"]] == cuts
