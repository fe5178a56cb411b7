# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that the router has towards the Internet now, as it says itself.

Never out of its configuration: what a provider gave it earlier is a stranger's by now. So an address counts only where
an interface is shown to hold it at this moment:

* PPPoE: ``show status pp N``, while connected. It goes on showing the last connection (command reference, 58.3).
* DHCP, and what is set: the interface's own network in ``show ip route``, whose gateway is the router itself. (m)
* IPv6: ``show ipv6 address``, of an outer interface, and of one that takes its address from an outer one's prefix.

A tunnel reports none: in MAP-E and DS-Lite others have the same IPv4 address, and answer at other ports of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..ip import AddrFormatError, IPAddress, IPNetwork
from ..model import Unreadable
from ..raw import Follow, Raw, Read
from .config import Line, read, starting
from .doors import Door, doors
from .forwarding import CONFIG

ROUTES = Read("show_ip_route", command=("show ip route",), limit=1 << 18)
PPPOE = Read(
    "show_status_pp",
    command=("show status pp {}",),
    follow=Follow(CONFIG.name, r"\b(?:gateway|backup|backup lan\S+) pp (\d+)\b"),
    limit=1 << 14,
)
#: Asked where an IPv6 address is set at all: the command's word is the one found there.
IPV6 = Read(
    "show_ipv6_address",
    command=("show {} address",),
    follow=Follow(CONFIG.name, r"^\s*(ipv6) \S+ address "),
    limit=1 << 18,
)

#: No site has more; a device that says so would have us knock at others' doors.
_MOST = 16

_IPV4 = r"\d+(?:\.\d+){3}"
_PP = re.compile(r"^PP\[0*(\d+)\]:", re.MULTILINE)
_CONNECTED = re.compile(
    r"^(?:Current PPPoE session status is Connected\.|PPPoEセッションは接続されています)\s*$", re.MULTILINE
)
_LOCAL = re.compile(rf"^\s+PP IP Address Local: ({_IPV4}), Remote: ", re.MULTILINE)

#: 192.168.100.0/24    192.168.100.1          LAN1  implicit
_OWN_NETWORK = re.compile(rf"^({_IPV4}/\d+)\s+({_IPV4})\s+([A-Z]+\d+(?:[./]\d+)?)\s+implicit\b", re.MULTILINE)

#: ``LAN[01] scopeId 1`` (vendor's guide), ``LAN1 scope-id 1 [up]``, ``PP[01] …``. (k)
_INTERFACE = re.compile(r"([A-Z]+)\[?0*(\d+(?:[./]\d+)?)\]?(?=[\s:]|$)")
#: Nothing but its lifetime may follow: one that is only tried, or that somebody else has too, is not ours.
_GLOBAL = re.compile(r"\s+(?:global|グローバル)\s+([0-9A-Fa-f:]+)/\d{1,3}(?:\s+\(lifetime[^()]*\))?\s*")
_UNICAST = "2000::/3"
_DELEGATED = re.compile(r"ipv6 (\S+) address (?:ra|dhcp)-prefix@([a-z]+\d+)::\S*")


def addresses(raw: Raw) -> tuple[str, ...]:
    """Every outer address that is certain, canonical; none where it is not known which interfaces are outer ones."""
    try:
        lines = read(raw.text(CONFIG.name))
        used = [door for door in doors(lines) if door.used]
    except Unreadable:
        return ()
    names4 = {door.interface for door in used if door.family == 4}
    found = [*_pppoe(raw, names4), *_routed(raw, names4), *_ipv6(raw, _with_delegated(lines, used))]
    return tuple(dict.fromkeys(found))[:_MOST]


def _texts(raw: Raw, wanted: Read) -> Iterator[str]:
    """What was answered in full. Old firmware that refuses the command has answered nothing.

    Every line that matters is shorter than any console.
    """
    for output in raw.all(wanted.name).values():
        if not output.error and not output.rc and not output.truncated:
            yield output.text


def _pppoe(raw: Raw, names: set[str]) -> Iterator[str]:
    for text in _texts(raw, PPPOE):
        numbers, local = _PP.findall(text), _LOCAL.findall(text)
        if len(numbers) == len(local) == 1 and f"pp {numbers[0]}" in names and _CONNECTED.search(text):
            yield from _canonical(local[0])


def _routed(raw: Raw, names: set[str]) -> Iterator[str]:
    for text in _texts(raw, ROUTES):
        for network, own, interface in _OWN_NETWORK.findall(text):
            if interface.lower() in names:
                yield from _canonical(own, network)


def _ipv6(raw: Raw, names: set[str]) -> Iterator[str]:
    for text in _texts(raw, IPV6):
        interface = ""
        for line in text.splitlines():
            if head := _INTERFACE.match(line):
                kind, which = head.group(1).lower(), head.group(2)
                interface = f"{kind} {which}" if kind in ("pp", "tunnel") else f"{kind}{which}"
            elif interface in names and (row := _GLOBAL.fullmatch(line)):
                yield from _canonical(row.group(1), _UNICAST)


def _with_delegated(lines: tuple[Line, ...], used: list[Door]) -> set[str]:
    """The outer interfaces of IPv6, and those with an address out of a prefix that one of them has learned."""
    outer = {door.interface for door in used if door.family == 6}
    inner = (_DELEGATED.fullmatch(line.text) for line in starting(lines, "ipv6"))
    return outer | {match.group(1) for match in inner if match and match.group(2) in outer}


def _canonical(address: str, network: str = "0.0.0.0/0") -> Iterator[str]:
    try:
        if IPAddress(address) in IPNetwork(network):
            yield str(IPAddress(address))
    except (AddrFormatError, ValueError):
        return
