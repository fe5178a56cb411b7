# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's packet filters and host lists: what a definition means, and whether a packet matches it.

Written from the command reference, chapters 4, 8 and 33, and from nothing else; deliberately not shared with the
collection, so that agreement between the two is evidence.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import CommandError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

ACTIONS = tuple(f"{verb}{log}" for verb in ("pass", "reject", "restrict") for log in ("", "-log", "-nolog"))

PORTS = {
    "ftpdata": (20, 20), "ftp": (20, 21), "ssh": (22, 22), "telnet": (23, 23), "smtp": (25, 25), "time": (37, 37),
    "domain": (53, 53), "dhcps": (67, 67), "dhcpc": (68, 68), "tftp": (69, 69), "gopher": (70, 70), "finger": (79, 79),
    "www": (80, 80), "pop3": (110, 110), "sunrpc": (111, 111), "ident": (113, 113), "nntp": (119, 119),
    "ntp": (123, 123), "netbios_ns": (137, 137), "netbios_dgm": (138, 138), "netbios_ssn": (139, 139),
    "imap": (143, 143), "snmp": (161, 161), "snmptrap": (162, 162), "bgp": (179, 179), "https": (443, 443),
    "ike": (500, 500), "syslog": (514, 514), "printer": (515, 515), "talk": (517, 517), "route": (520, 520),
    "uucp": (540, 540), "submission": (587, 587), "l2tp": (1701, 1701), "pptp": (1723, 1723),
}  # fmt: skip

PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6": 41, "gre": 47, "esp": 50, "ah": 51, "icmp6": 58}

#: A new TCP session begins with SYN alone, so what asks for other flags does not match it.
_TCP_STATES = {"tcpsyn": True, "tcpfin": False, "tcprst": False, "established": False}
_SYN = 0x0002
_TCP, _UDP = 6, 17

_ADDRESS_MNEMONIC = re.compile(
    r"(map-e|hb46pp|@[\w-]{1,32}|[A-Za-z0-9*-]+(\.[A-Za-z0-9-]+)*\.?[A-Za-z][A-Za-z0-9.-]*)$"
)


_OCTET = r"(\*|25[0-5]|2[0-4]\d|1?\d?\d)"
_OCTETS = re.compile(rf"{_OCTET}(\.{_OCTET}){{3}}$")


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of a new session as a filter sees it (after NAT on the way in)."""

    source: IPAddress
    destination: IPAddress
    protocol: int
    source_port: int
    port: int


@dataclass(frozen=True, slots=True)
class Filter:
    """``ip filter N ACTION SRC DST PROTO SPORT DPORT`` with its omitted fields filled in."""

    number: int
    action: str
    source: str
    destination: str
    protocol: str
    source_port: str
    port: str
    version: int

    @property
    def passes(self) -> bool:
        """``restrict`` passes while the line is up; the emulated lines are."""
        return not self.action.startswith("reject")

    def matches(self, packet: Packet) -> bool:
        return (
            packet.source.version == self.version
            and address_matches(self.source, packet.source)
            and address_matches(self.destination, packet.destination)
            and _protocol_matches(self.protocol, packet)
            and _ports_match(self, packet)
        )


def parse(tokens: tuple[str, ...]) -> Filter:
    """Read a filter definition or raise the router's error."""
    words = list(tokens[3:])
    if not 2 <= len(words) <= 6 or words[0] not in ACTIONS:
        raise CommandError("parameters" if len(words) < 2 or len(words) > 6 else "value")
    words += ["*"] * (6 - len(words))
    version = 6 if tokens[0] == "ipv6" else 4
    action, source, destination, protocol, source_port, port = words
    found = Filter(int(tokens[2]), action, source, destination, protocol, source_port, port, version)
    for spec in (found.source, found.destination):
        check_address(spec, version)
    for spec in (found.source_port, found.port):
        _check_ports(spec)
    _check_protocol(found.protocol)
    return found


def parse_list(words: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """``1 2 dynamic 3`` as ``((1, 2), (3,))``."""
    cut = words.index("dynamic") if "dynamic" in words else len(words)
    static, dynamic = words[:cut], words[cut + 1 :]
    if not words or not all(word.isdecimal() for word in (*static, *dynamic)) or (cut < len(words) and not dynamic):
        raise CommandError("value")
    return tuple(map(int, static)), tuple(map(int, dynamic))


# --- addresses


def check_address(spec: str, version: int) -> None:
    for part in spec.split(","):
        plain = part == "*" or _OCTETS.match(part) or _range_of(part, version)
        if not plain and not _ADDRESS_MNEMONIC.match(part):
            raise CommandError("value")


def address_matches(spec: str, address: IPAddress) -> bool:
    return any(_part_matches(part, address) for part in spec.split(","))


def _part_matches(part: str, address: IPAddress) -> bool:
    """``map-e``, FQDN and application names match nothing here: the emulator resolves no names."""
    if _OCTETS.match(part) and "*" in part:
        return address.version == 4 and all(
            want in ("*", have) for want, have in zip(part.split("."), str(address).split("."), strict=True)
        )
    span = None if part == "*" else _range_of(part, address.version)
    return part == "*" or (span is not None and span[0] <= int(address) <= span[1])


def _range_of(part: str, version: int) -> tuple[int, int] | None:
    """First and last address a specification covers; ``None`` for what is no plain address (or a wildcard)."""
    try:
        if "/" in part:
            return _masked(part, version)
        if "-" in part and not _ADDRESS_MNEMONIC.match(part):
            low, _dash, high = part.partition("-")
            floor, ceiling = 0, 2 ** (32 if version == 4 else 128) - 1
            return (_number(low, version) if low else floor, _number(high, version) if high else ceiling)
        number = _number(part, version)
    except ValueError:
        return None
    return (number, number)


def _number(text: str, version: int) -> int:
    address = ipaddress.ip_address(text)
    if address.version != version:
        raise ValueError(text)
    return int(address)


def _masked(part: str, version: int) -> tuple[int, int]:
    text, _slash, mask = part.partition("/")
    if mask.lower().startswith("0x"):
        mask = str(ipaddress.IPv4Address(int(mask, 16)))
    network = ipaddress.ip_network(f"{text}/{mask}", strict=False)
    if network.version != version:
        raise ValueError(part)
    return int(network.network_address), int(network.broadcast_address)


# --- protocols and ports


def _check_protocol(spec: str) -> None:
    known = {"*", "icmp-error", "icmp-info", *PROTOCOLS, *_TCP_STATES}
    for part in spec.split(","):
        if part not in known and not part.isdecimal() and not part.startswith("tcpflag"):
            raise CommandError("value")


def _protocol_matches(spec: str, packet: Packet) -> bool:
    return any(_one_protocol(part, packet) for part in spec.split(","))


def _one_protocol(part: str, packet: Packet) -> bool:
    if part == "*":
        return True
    if part in _TCP_STATES:
        return packet.protocol == _TCP and _TCP_STATES[part]
    if (flags := re.fullmatch(r"tcpflag(!?)=0x([0-9a-fA-F]+)/0x([0-9a-fA-F]+)", part)) is not None:
        same = _SYN & int(flags.group(3), 16) == int(flags.group(2), 16)
        return packet.protocol == _TCP and same is not bool(flags.group(1))
    return packet.protocol == (int(part) if part.isdecimal() else PROTOCOLS.get(part, -1))


def _check_ports(spec: str) -> None:
    parts = spec.split(",")
    if len(parts) > 10 or any(part != "*" and _port_span(part) is None for part in parts):
        raise CommandError("value")


def _port_span(part: str) -> tuple[int, int] | None:
    low, dash, high = part.partition("-")
    ends = [PORTS.get(end) or ((int(end), int(end)) if end.isdecimal() else None) for end in (low, high) if end]
    if not ends or None in ends:
        return None
    first = ends[0][0] if low else 0  # type: ignore[index]
    last = (ends[-1][1] if high else 65535) if dash else ends[0][1]  # type: ignore[index]
    return first, last


def _ports_match(rule: Filter, packet: Packet) -> bool:
    if packet.protocol not in (_TCP, _UDP):
        return True
    return _port_in(rule.source_port, packet.source_port) and _port_in(rule.port, packet.port)


def _port_in(spec: str, port: int) -> bool:
    spans = (_port_span(part) for part in spec.split(",") if part != "*")
    return "*" in spec.split(",") or any(span is not None and span[0] <= port <= span[1] for span in spans)


# --- host lists (``sshd host`` and its kin)

_HOST_WORD = re.compile(r"(any|none|lan|lan\d+([./]\d+)?|wan1|bridge1|vlan\d+)$")


def parse_hosts(words: tuple[str, ...]) -> None:
    """``any``, ``none`` and ``lan`` stand alone; addresses, ranges and interfaces mix freely."""
    for word in words:
        if not _HOST_WORD.match(word) and not _host_range(word):
            raise CommandError("value")
    if len(words) > 1 and {"any", "none", "lan"} & set(words):
        raise CommandError("parameters")


def _host_range(word: str) -> tuple[IPAddress, IPAddress] | None:
    low, _dash, high = word.partition("-")
    try:
        first = ipaddress.ip_address(low)
        last = ipaddress.ip_address(high or low)
    except ValueError:
        return None
    return (first, last) if first.version == last.version and int(first) <= int(last) else None


def host_allowed(words: Iterable[str], source: IPAddress, lan_networks: dict[str, list[str]]) -> bool:
    """Is this source in a host list? ``lan_networks`` are the networks of each LAN interface's own addresses."""
    return any(_one_host(word, source, lan_networks) for word in words)


def _one_host(word: str, source: IPAddress, lan_networks: dict[str, list[str]]) -> bool:
    if word in ("any", "none"):
        return word == "any"
    if word == "lan" or word in lan_networks or _HOST_WORD.match(word):
        names = lan_networks if word == "lan" else [word]
        return any(source in ipaddress.ip_network(net) for name in names for net in lan_networks.get(name, []))
    span = _host_range(word)
    return span is not None and source.version == span[0].version and int(span[0]) <= int(source) <= int(span[1])
