# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run: every endpoint its rows, the controls, the pace; and what is refused before anybody is visited."""

from __future__ import annotations

import asyncio
import socket
from itertools import pairwise

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import bounds, kinds, site_run
from ansible_collections.iot_site.checklist.plugins.modules import exposure_probe
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils.probe.peers import closing, says, tcp, texts, visited, web

LIMITS = site_run.Limits(timeout=5, rate=1000)


def target(port, **more):
    return {"host": "k7-panel", "address": "127.0.0.1", "port": port, "transport": "tcp", **more}


@pytest.fixture
def closed():
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_who_refuses_is_closed(transport, closed):
    rows, _controls, complete = site_run.run([target(closed, transport=transport, kinds=["upnp"])], [], LIMITS)
    assert complete
    assert rows == [
        {
            "host": "k7-panel", "address": "127.0.0.1", "port": closed, "transport": transport, "state": "closed",
            "kind": transport, "source": "127.0.0.1", "tries": 1, "why": "nobody listens there", "texts": [],
            "facts": {},
        }
    ]  # fmt: skip


def test_a_control_is_reached_or_it_is_not(closed):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        asked = [{"address": "127.0.0.1", "port": one} for one in (port, closed)]
        rows, controls, complete = site_run.run([], asked, LIMITS)
    assert complete and rows == []
    assert controls == [
        {"address": "127.0.0.1", "port": port, "reached": True, "source": "127.0.0.1"},
        {"address": "127.0.0.1", "port": closed, "reached": False, "source": "127.0.0.1"},
    ]


def test_rows_come_in_the_order_of_the_targets(closed):
    rows, _controls, _complete = site_run.run([target(closed, host=str(number)) for number in range(50)], [], LIMITS)
    assert [row["host"] for row in rows] == [str(number) for number in range(50)]


def test_a_network_that_does_not_lead_there_is_unknown_and_not_closed(monkeypatch):
    async def nowhere(_visit, _transport, _kinds=()):
        raise bounds.Unreachable("Network is unreachable")

    monkeypatch.setattr(kinds, "look", nowhere)
    (row,), _controls, _complete = site_run.run([target(80)], [], LIMITS)
    assert row["state"] == "unknown" and "Network is unreachable" in row["why"]


def test_a_connection_that_is_never_made_is_filtered_after_all_tries(monkeypatch):
    async def silence(_visit, _transport, _kinds=()):
        raise bounds.Silent()

    monkeypatch.setattr(kinds, "look", silence)
    (row,), _controls, _complete = site_run.run([target(80)], [], site_run.Limits(tries=3))
    assert (row["state"], row["tries"], row["kind"]) == ("filtered", 3, "tcp")


def test_a_udp_port_of_which_nothing_is_known_is_not_visited():
    (row,), _controls, _complete = site_run.run([target(9, transport="udp")], [], LIMITS)
    assert row["state"] == "unknown" and "kinds" in row["why"]


@given(st.integers(1, 200), st.integers(1, 30))
def test_connections_keep_their_pace(rate, count):
    """By a clock that goes only where somebody sleeps."""
    now, begun = [0.0], []

    class Loop:
        def time(self):
            return now[0]

    async def sleep(seconds):
        now[0] += seconds

    async def scenario():
        pace = bounds.Pace(rate)
        for _turn in range(count):
            await pace.turn()
            begun.append(now[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds.asyncio, "get_running_loop", Loop)
        patch.setattr(bounds.asyncio, "sleep", sleep)
        running = scenario()
        with pytest.raises(StopIteration):
            running.send(None)
    assert all(later - earlier >= 0.999 / rate for earlier, later in pairwise(begun))


# --- which protocol -------------------------------------------------------------------------------------------


SPEAKERS = {
    "http": web({"/": b"<p>pump"}), "ftp": says(b"220 K-7\r\n"), "telnet": says(b"\xff\xfb\x01login: "),
    "ssh": says(b"SSH-2.0-K\r\n"), "vnc": says(b"RFB 003.008\n\x01\x02"),
}  # fmt: skip


@pytest.mark.parametrize("expected", [(), ("modbus",), ("http",), ("ftp",)], ids=["nothing", "modbus", "http", "ftp"])
def test_a_peer_is_known_by_how_it_speaks_whatever_was_expected(expected, monkeypatch):
    monkeypatch.setattr(kinds, "GREETING", 0.3)

    async def scenario():
        return await asyncio.gather(*(visited(meet, *expected, timeout=1.5) for meet in SPEAKERS.values()))

    assert [[row["kind"] for row in rows] for rows in asyncio.run(scenario())] == [[kind] for kind in SPEAKERS]


def test_who_has_answered_is_asked_for_nothing_else(monkeypatch):
    monkeypatch.setattr(kinds, "GREETING", 0.1)
    asked = []

    async def meet(reader, writer):
        asked.append(await reader.readline())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n<p>pump"
            if b" / " in asked[-1]
            else b"HTTP/1.1 404 No\r\n\r\n"
        )

    (row,) = tcp(meet)
    assert row["kind"] == "http"
    assert [line.split(b" ")[:2] for line in asked if line] == [
        [b"GET", b"/"], [b"GET", b"/favicon.ico"], [b"POST", b"/onvif/device_service"],
    ]  # fmt: skip


def test_an_address_of_ipv6_is_visited_alike():
    asked = []

    async def scenario():
        server = await asyncio.start_server(closing(web({"/": b"<p>pump"}, asked)), "::1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return port, await site_run._run([target(port, address="::1", kinds=["http"])], [], LIMITS)

    if not socket.has_ipv6 or not site_run.own({"address": "::1", "port": 9}):
        pytest.skip("this machine has no IPv6")
    port, ((row,), _controls, _complete) = asyncio.run(scenario())
    assert (row["kind"], row["source"]) == ("http", "::1") and f"Host: [::1]:{port}\r\n" in asked[0]


def test_smtp_is_not_taken_for_ftp():
    async def meet(reader, writer):
        writer.write("220 第一浄水場 ESMTP\r\n".encode())
        while await reader.readline():
            writer.write(b"502 5.5.2 Error: command not recognized\r\n")

    (row,) = tcp(meet)
    assert (row["kind"], row["state"]) == ("tcp", "open") and "第一浄水場" in texts(row, "telnet_banner")[0]


# --- the module's parameters ----------------------------------------------------------------------------------

RIGHT = {"targets": [target(80, kinds=[])], "controls": [], "timeout": 5.0, "total_seconds": 9.0, "rate": 50.0,
         "tries": 2, "max_bytes": 1000}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"targets": [target(80, address="192.0.2.0/24")]}, "targets[0]: '192.0.2.0/24' is no IPv4 or IPv6 address"),
        ({"targets": [target(80, address="pump.example.org")]}, "no name and no range"),
        ({"targets": [target(0)]}, "there is no port 0"),
        ({"targets": [target(80, transport="udp", kinds=["ssh"])]}, "ssh is not spoken over udp"),
        ({"controls": [{"address": "x", "port": 70000}]}, "controls[0]: there is no port 70000"),
        ({"rate": 0.0}, "rate must be more than 0"),
        ({"tries": -1}, "tries must be more than 0"),
    ],
)
def test_what_cannot_be_asked_is_named(wrong, problem):
    assert problem in "; ".join(exposure_probe.problems({**RIGHT, **wrong}))
    assert exposure_probe.problems(RIGHT) == []


def test_the_documentation_and_the_code_name_the_same_kinds():
    assert f"choices: [{', '.join(kinds.KINDS)}]" in exposure_probe.DOCUMENTATION
