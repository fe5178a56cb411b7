# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The interfaces through which the world reaches this router: every one that carries a default route.

``lan2``, ``pp 1``, ``tunnel 1``, ``wan1``, ``onu1``; main, weighted, hidden and backup lines alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..ip import AddrFormatError, IPAddress, IPNetwork
from ..model import Unreadable
from .config import Line, starting

Lines = tuple[Line, ...]

_INTERFACE = re.compile(r"(?:lan|wan|bridge|vlan|onu)\d+(?:[./]\d+)?")
_FAMILIES = {4: "ip", 6: "ipv6"}
#: Routing protocols that may bring a default route we do not see in the configuration.
_DYNAMIC = (
    ("rip", "use", "on"),
    ("ospf", "use", "on"),
    ("bgp", "use", "on"),
    ("ipv6", "rip", "use", "on"),
    ("ipv6", "ospf", "use", "on"),
)


@dataclass(frozen=True, slots=True)
class Door:
    """One interface that the world reaches, for one IP version."""

    interface: str  # "lan2", "pp 1", "tunnel 1"
    family: int
    used: bool  # False: this IP version does not run there

    @property
    def command(self) -> str:
        """What its own commands begin with: ``ip pp``, ``ipv6 lan2``."""
        return f"{_FAMILIES[self.family]} {self.interface.partition(' ')[0]}"

    def settings(self, lines: Lines) -> Lines:
        """This interface's own lines of this IP version, without the command's beginning."""
        kind, _space, which = self.interface.partition(" ")
        beginning = self.command.split()
        own = starting(lines, *beginning)
        return tuple(
            Line(" ".join(line.words[2:]))
            for line in own
            if not which or (line.pp if kind == "pp" else line.tunnel) == which
        )


def doors(lines: Lines) -> tuple[Door, ...]:
    """Every door, IPv4 and IPv6 of each. Raises Unreadable where a default route's way is not understood."""
    for protocol in _DYNAMIC:
        if any(starting(lines, *protocol)):
            raise Unreadable(f"{' '.join(protocol)}: a default route may come from a routing protocol")
    if any(starting(lines, "ip", "policy", "filter", "set", "enable")):
        raise Unreadable("this router filters by policies (ip policy filter), which this version does not judge")
    ways = {4: _with_backups(lines, [*_routed(lines, 4)])}
    ways[6] = _with_backups(lines, [*_routed(lines, 6), *_advertised(lines)])
    names = dict.fromkeys((*ways[4], *ways[6]))
    if not names:
        raise Unreadable("no default route is configured, so it is not known which interface faces the Internet")
    return tuple(
        Door(name, family, name in ways[family] or _runs(lines, name, family)) for name in names for family in (4, 6)
    )


def _with_backups(lines: Lines, names: list[str]) -> list[str]:
    for name in names:  # grows while backups of backups are found
        names += [backup for backup in _backups(lines, name) if backup not in names]
    return names


def _routed(lines: Lines, family: int) -> Iterator[str]:
    for line in starting(lines, _FAMILIES[family], "route", "default"):
        words = line.words
        gateways = [position for position, word in enumerate(words) if word == "gateway"]
        if not gateways:
            raise Unreadable(f"the route is not understood: {line.text}")
        for position in gateways:
            yield from _gateway(lines, words[position + 1 :], family, line.text)


def _gateway(lines: Lines, words: list[str], family: int, text: str) -> Iterator[str]:
    first, second = (*words, "", "")[:2]
    if first in ("pp", "tunnel") and (second.isdecimal() or second == "anonymous"):
        yield f"{first} {second}"
    elif first in ("dhcp", "pdp") and _INTERFACE.fullmatch(second):
        yield second
    elif _INTERFACE.fullmatch(first):
        yield first
    elif first == "null" or re.fullmatch(r"(loopback|null)\d+", first):
        return
    elif family == 6 and (zone := re.fullmatch(r"[0-9A-Fa-f:]+%(\d+)", first)):
        yield f"lan{zone.group(1)}"  # the zone is the number of the LAN interface (d)
    else:
        yield _interface_of(lines, first, family, text)


def _interface_of(lines: Lines, address: str, family: int, text: str) -> str:
    try:
        gateway = IPAddress(address)
    except (AddrFormatError, ValueError):
        raise Unreadable(f"the gateway is not understood: {text}") from None
    for line in starting(lines, _FAMILIES[family]):
        words = [word for word in line.words if word != "secondary"]
        if len(words) > 3 and words[2] == "address" and _INTERFACE.fullmatch(words[1]) and _holds(words[3], gateway):
            return words[1]
    raise Unreadable(f"it is not known which interface leads to the gateway: {text}")


def _holds(network: str, address: IPAddress) -> bool:
    try:
        return address in IPNetwork(network)
    except (AddrFormatError, ValueError):
        return False


def _advertised(lines: Lines) -> Iterator[str]:
    """Interfaces that learn IPv6 from outside, and with it a default route (router advertisement). (d)"""
    for line in starting(lines, "ipv6"):
        yield from re.findall(r"\b(?:ra-prefix|dhcp-prefix)@((?:lan|wan|onu|bridge)\d+)", line.text)
        if re.fullmatch(r"ipv6 (\S+) (address auto|dhcp service client.*)", line.text):
            yield _named(line)
    for line in starting(lines, "ngn", "type"):
        if len(line.words) > 3 and line.words[3] != "off":
            yield line.words[2]


def _named(line: Line) -> str:
    kind = line.words[1]
    which = {"pp": line.pp, "tunnel": line.tunnel}.get(kind)
    return kind if which is None else f"{kind} {which}"


def _backups(lines: Lines, name: str) -> Iterator[str]:
    """What takes over when ``name`` fails: pp backup, lan backup, tunnel backup. (d)"""
    kind, _space, which = name.partition(" ")
    for line in starting(lines, kind if which else "lan", "backup"):
        words = line.words[2:]
        if which and (line.pp if kind == "pp" else line.tunnel) != which:
            continue
        if not which:
            if words[:1] != [name]:
                continue
            words = words[1:]
        if words[:1] in ([], ["none"]):
            continue
        yield from _gateway(lines, words, 4, line.text)


def _runs(lines: Lines, name: str, family: int) -> bool:
    """Whether this IP version runs there though its default route lies elsewhere. Filters alone start none. (a)"""
    settings = Door(name, family, used=True).settings(lines)
    starts = ("address", "secondary", "prefix", "dhcp", "rtadv", "rip", "unnumbered")
    if any(line.words[0] in starts for line in settings):
        return True
    kind, _space, which = name.partition(" ")
    if family == 6 and kind == "pp" and any(line.pp == which for line in starting(lines, "ppp", "ipv6cp", "use", "on")):
        return True
    routes = starting(lines, _FAMILIES[family], "route")
    return any(f" gateway {name} " in f"{line.text} " for line in routes)
