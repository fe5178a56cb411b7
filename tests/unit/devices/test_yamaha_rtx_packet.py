# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets in: NAT, then the filter of the ingress interface, then the host list; only new sessions are judged."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.yamaha_rtx import Config, Options, Router, Server, filters, packet
from tests.devices.yamaha_rtx.errors import CommandError
from tests.unit.devices.console_client import reachable, terminal, title, with_router

_STRANGER, _OFFICE, _USER, _LAN = "127.0.0.9", "127.0.0.1", "127.0.0.2", "127.0.0.50"


def _packet(source: str, destination: str = "192.168.100.20", port: int = 443) -> filters.Packet:
    return filters.Packet(ipaddress.ip_address(source), ipaddress.ip_address(destination), 6, 50000, port)


def _matches(definition: str, source: str = "203.0.113.10", **where: object) -> bool:
    rule = filters.parse(tuple(f"ip filter 1 pass {definition}".split()))
    return rule.matches(_packet(source, **where))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("*", True),
        ("* * tcp", True),
        ("203.0.113.10 * tcp * 443", True),
        ("203.0.113.0/24 192.168.100.20 tcp * https", True),
        ("203.0.113.0/255.255.255.0 *", True),
        ("203.0.113.0/0xffffff00 *", True),
        ("203.0.113.8-203.0.113.12 *", True),
        ("-203.0.113.12 *", True),
        ("203.0.113.11- *", False),
        ("198.51.100.1,203.0.113.10 *", True),
        ("203.*.113.10 *", True),
        ("203.*.114.10 *", False),
        ("* 192.168.100.21 tcp * 443", False),
        ("* * udp * 443", False),
        ("* * udp,tcp * 443", True),
        ("* * 6 * 440-450", True),
        ("* * tcp * -442", False),
        ("* * tcp * 22,80,443", True),
        ("* * established * *", False),
        ("* * tcpsyn * *", True),
        ("* * tcpfin * *", False),
        ("* * tcpflag=0x0002/0x0017 * *", True),
        ("* * tcpflag!=0x0000/0x0007 * *", True),
        ("* * icmp * *", False),
        ("office.example.com * tcp * 443", False),
    ],
)
def test_static_filter(definition: str, expected: bool) -> None:
    assert _matches(definition) is expected


@pytest.mark.parametrize(
    "definition",
    ["allow * *", "pass 300.1.1.1 *", "pass * * tpc", "pass * * tcp * http-x", "pass", "pass * * tcp * 1 2"],
)
def test_unreadable_filter(definition: str) -> None:
    with pytest.raises(CommandError):
        filters.parse(tuple(f"ip filter 1 {definition}".split()))


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_prefixes_agree_with_arithmetic(network: int, address: int, bits: int) -> None:
    net = ipaddress.ip_network((network, bits), strict=False)
    spec, host = f"{ipaddress.IPv4Address(network)}/{bits}", ipaddress.IPv4Address(address)
    assert filters.address_matches(spec, host) is (host in net)


def test_order_and_the_silent_end_of_the_list() -> None:
    text = "ip lan2 address 203.0.113.1/24\nip lan2 secure filter in 1 2\nsshd service on\n"
    arrival = packet.Arrival(ipaddress.ip_address("198.51.100.9"), "lan2", 22)
    open_first = Config(text + "ip filter 1 pass * *\nip filter 2 reject 198.51.100.9 *\n")
    assert packet.judge(open_first, arrival).passed
    shut_first = Config(text + "ip filter 2 pass * *\nip filter 1 reject 198.51.100.9 *\n")
    assert "filter 1" in packet.judge(shut_first, arrival).why
    nothing = Config(text + "ip filter 1 pass 203.0.113.7 *\nip filter 2 pass 203.0.113.8 *\n")
    assert packet.judge(nothing, arrival).why == "no filter of lan2 matched"
    assert packet.judge(Config(text.replace("ip lan2 secure filter in 1 2\n", "")), arrival).passed


def test_named_filter_sets() -> None:
    text = "ip lan2 address 203.0.113.1/24\nip lan2 secure filter name K7\nsshd service on\nip filter 1 reject * *\n"
    arrival = packet.Arrival(ipaddress.ip_address("198.51.100.9"), "lan2", 22)
    assert packet.judge(Config(text), arrival).passed
    assert not packet.judge(Config(text + "ip filter set K7 in 1\n"), arrival).passed


def test_nat_comes_before_the_filter() -> None:
    """A filter that names the global address of a translated service never matches."""

    async def work(router: Router, server: Server) -> None:
        assert await title(server, source=_STRANGER) == "第一浄水場 監視"
        router.configure("", "ip filter 200037 pass * 203.0.113.1 tcp * 8443")
        assert await title(server, source=_STRANGER) is None
        router.configure("", "ip filter 200037 pass 203.0.113.10 192.168.100.20 tcp * 443")
        assert await title(server, source=_STRANGER) is None
        assert await title(server, source=_OFFICE) == "第一浄水場 監視"

    with_router(work)


def test_without_a_masquerade_entry_nothing_comes_in_from_outside() -> None:
    async def work(router: Router, server: Server) -> None:
        assert await reachable(server)
        router.configure("", "no nat descriptor masquerade static 1 1")
        assert not await reachable(server)
        assert "NAT descriptor 1" in router.refused[-1]["why"]
        assert await reachable(server, _LAN)
        router.configure("", "nat descriptor masquerade incoming 1 forward 192.168.100.1")
        assert await reachable(server)

    with_router(work)


def test_filter_refuses_new_sessions_and_spares_the_old_one() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server, _USER) as console:
            await console.plain()
            await console.administrator()
            await console.type("ip filter 200036 pass 203.0.113.10 192.168.100.1 tcp * 22")
            assert "203.0.113.20" in await console.type("show status user")
            assert not await reachable(server, _USER)
            assert not await reachable(server, _STRANGER)
            assert await reachable(server, _OFFICE)

    with_router(work)


def test_host_lists_gate_new_sessions() -> None:
    async def work(router: Router, server: Server) -> None:
        async with terminal(server) as console:
            await console.plain()
            await console.administrator()
            await console.type("sshd host 203.0.113.20-203.0.113.30 192.168.100.50")
            assert not await reachable(server, _OFFICE)
            assert await reachable(server, _USER)
            assert await reachable(server, _LAN)
            await console.type("sshd host lan")
            assert not await reachable(server, _USER)
            assert await reachable(server, _LAN)
            await console.type("sshd host none")
            assert not await reachable(server, _LAN)
            assert (await console.type("sshd host any 203.0.113.1")).startswith("Error: ")
            await console.type("no sshd host")
            assert await reachable(server, _STRANGER)
            await console.type("sshd service off")
            assert not await reachable(server)

    with_router(work)


def test_the_routers_own_page_and_telnet_obey_their_lists() -> None:
    async def work(router: Router, server: Server) -> None:
        assert await title(server, "wan_gui", _STRANGER) == "RTX830"
        router.configure("", "no httpd host")
        assert await title(server, "wan_gui", _STRANGER) is None
        assert await title(server, "httpd", _LAN) == "RTX830"
        assert router.judge(_LAN, 23).passed
        assert not router.judge(_STRANGER, 23).passed
        router.configure("", "telnetd service off")
        assert not router.judge(_LAN, 23).passed

    with_router(work)


def test_ipv6_is_judged_by_its_own_filters() -> None:
    async def work(router: Router, server: Server) -> None:
        assert await reachable(server, "127.0.0.7")
        router.configure("", "ipv6 filter 200035 pass 2001:db8:aa::/64 * tcp * 22")
        assert not await reachable(server, "127.0.0.7")
        assert await reachable(server, "127.0.0.6")
        assert await reachable(server, _STRANGER)

    with_router(work, "rtx1210_mape")


def test_restrict_passes_while_the_line_is_up() -> None:
    text = "ip lan2 address 203.0.113.1/24\nip lan2 secure filter in 1\nsshd service on\nip filter 1 restrict * *\n"
    assert packet.judge(Config(text), packet.Arrival(ipaddress.ip_address("198.51.100.9"), "lan2", 22)).passed


def test_lost_service_and_its_return() -> None:
    async def work(router: Router, server: Server) -> None:
        router.faults.lose_service_when = "^ip filter 200037 pass 203"
        router.configure("", "ip filter 200037 pass 203.0.113.10 192.168.100.20 tcp * 443")
        assert await title(server) is None
        router.configure("", "ip filter 200037 pass * 192.168.100.20 tcp * 443")
        assert await title(server) == "第一浄水場 監視"
        router.faults.update({"lost_services": ["panel"]})
        assert await title(server) is None

    with_router(work)


def test_a_lan_visitor_reaches_the_panel_directly() -> None:
    async def work(router: Router, server: Server) -> None:
        router.configure("", "no nat descriptor masquerade static 1 2")
        assert await title(server, source=_OFFICE) is None
        assert await title(server, source=_LAN) == "第一浄水場 監視"

    with_router(work, options=Options())
