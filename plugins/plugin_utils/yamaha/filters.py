# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One ``ip filter`` rule, and what a list of them lets in: first match decides, what matches nothing is rejected. (d)

Addresses are computed as sets, never sampled. The computation may only err to the open side: a rule that rejects
takes away from a later pass exactly where it covers it whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..ip import AddrFormatError, IPNetwork, IPRange, IPSet
from ..model import Unreadable

Ports = tuple[tuple[int, int], ...]

WORLD = {4: IPSet(["0.0.0.0/0"]), 6: IPSet(["::/0"])}
_ENDS = {4: ("0.0.0.0", "255.255.255.255"), 6: ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}
ALL_PORTS: Ports = ((0, 65535),)

#: TCP packets that cannot begin a connection. (d)
ANSWERS = frozenset({"established", "tcpfin", "tcprst"})
#: Names that stand for a part of a protocol: as a pass the whole of it counts, as a reject nothing. (a)
_PARTS = {"tcpsyn": "6", "icmp-error": "1", "icmp-info": "1"}
_PROTOCOLS = dict(
    pair.split("=")
    for pair in "icmp=1 igmp=2 ipip=4 tcp=6 udp=17 ipv6=41 gre=47 esp=50 ah=51 icmp6=58 ospf=89".split()  # noqa: SIM905
)
_WITH_PORTS = frozenset({"*", "6", "17"})
_ACTIONS = {
    f"{action}{logging}": "reject" if action == "reject" else "pass"  # restrict passes while the line is up
    for action in ("pass", "reject", "restrict")
    for logging in ("", "-log", "-nolog")
}
#: The command reference's names of ports. (d)
_PORTS = {
    name: int(port)
    for name, port in re.findall(
        r"(\S+)=(\d+)",
        """
        ftpdata=20 ftp=21 ssh=22 telnet=23 smtp=25 time=37 whois=43 domain=53 dns=53 dhcps=67 bootps=67 dhcpc=68
        bootpc=68 tftp=69 gopher=70 finger=79 www=80 http=80 pop3=110 sunrpc=111 ident=113 nntp=119 ntp=123
        netbios_ns=137 netbios_dgm=138 netbios_ssn=139 imap=143 snmp=161 snmptrap=162 bgp=179 https=443
        ike=500 syslog=514 printer=515 rip=520 ripng=521 dhcpv6c=546 dhcpv6s=547 submission=587
        l2tp=1701 pptp=1723 radius=1812 sip=5060
        """,
    )
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One filter, with every field understood."""

    number: int
    passes: bool
    sources: IPSet
    targets: IPSet
    protocols: frozenset[str]
    source_ports: Ports
    target_ports: Ports
    partial: bool  # it rejects less than it seems to
    body: str  # as the device writes it, after the number
    dynamic: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule that lets somebody in, for one protocol."""

    rule: Rule
    protocol: str
    sources: IPSet


def parse(number: int, body: str, family: int) -> Rule:
    """One filter's text after its number. Raises Unreadable for every word not understood."""
    words = body.split()
    if len(words) < 2 or words[0] not in _ACTIONS or len(words) > 6:
        raise Unreadable(f"filter {number} is not understood: {body}")
    action, source, target, protocol, source_port, target_port = (*words, *"*****")[:6]
    names = protocol.split(",")
    protocols = frozenset(_protocol(name, number) for name in names)
    has_ports = bool(protocols & _WITH_PORTS)
    narrow = any(_is_part(name) for name in names) or (not has_ports and (source_port, target_port) != ("*", "*"))
    return Rule(
        number,
        _ACTIONS[action] == "pass",
        _addresses(source, family, number),
        _addresses(target, family, number),
        protocols,
        _ports(source_port, number) if has_ports else ALL_PORTS,
        _ports(target_port, number) if has_ports else ALL_PORTS,
        narrow,
        body,
    )


def trigger(number: int, body: str, family: int) -> Rule:
    """A dynamic filter, by the addresses it watches; what it watches there is taken to be everything."""
    source, target, *_what = body.split()
    sources, targets = (_addresses(text, family, number) for text in (source, target))
    return Rule(number, True, sources, targets, frozenset({"*"}), ALL_PORTS, ALL_PORTS, False, body, dynamic=True)


def openings(rules: Sequence[Rule], allowed: IPSet) -> Iterator[Opening]:
    """Every way in for a new connection from an address outside ``allowed``, in the list's order."""
    for position, rule in enumerate(rules):
        if not rule.passes:
            continue
        for protocol in sorted(rule.protocols - ANSWERS):
            outside = rule.sources - allowed
            for earlier in rules[:position]:
                if _hides(earlier, rule, protocol):
                    outside -= earlier.sources
            if outside:
                yield Opening(rule, protocol, outside)


def within(ports: Ports, most: Ports) -> bool:
    """Whether every port of ``ports`` is one of ``most``."""
    return all(any(low <= first and last <= high for low, high in most) for first, last in ports)


def only(rule: Rule, protocol: str) -> Rule:
    """The part of a rule that concerns one protocol."""
    return replace(rule, protocols=frozenset({protocol}))


def _hides(earlier: Rule, rule: Rule, protocol: str) -> bool:
    return (
        not earlier.passes
        and not earlier.partial
        and bool(earlier.protocols & {"*", protocol})
        and rule.targets.issubset(earlier.targets)
        and within(rule.source_ports, earlier.source_ports)
        and within(rule.target_ports, earlier.target_ports)
    )


def _is_part(name: str) -> bool:
    return name in _PARTS or name.startswith("tcpflag")


def _protocol(name: str, number: int) -> str:
    if name == "*" or name in ANSWERS:
        return name
    if _is_part(name):
        return _PARTS.get(name, "6")
    if name.isdecimal() and int(name) < 256:
        return str(int(name))
    if name in _PROTOCOLS:
        return _PROTOCOLS[name]
    raise Unreadable(f"filter {number}: the protocol {name} is not understood")


def _addresses(text: str, family: int, number: int) -> IPSet:
    if text == "*":
        return WORLD[family]
    addresses = IPSet()
    try:
        for part in text.split(","):
            addresses |= _block(part, family)
    except (AddrFormatError, ValueError, TypeError):
        raise Unreadable(f"filter {number}: the address {text} is not understood") from None
    if any(cidr.version != family for cidr in addresses.iter_cidrs()):
        raise Unreadable(f"filter {number}: {text} is an address of the other IP version")
    return addresses


def _block(text: str, family: int) -> IPSet:
    if family == 4 and re.fullmatch(r"(\d+\.){1,3}(\*\.){0,2}\*", text) and text.count(".") == 3:
        fixed = text.split(".*")[0]
        missing = 4 - len(fixed.split("."))
        return IPSet([IPNetwork(f"{fixed}{'.0' * missing}/{32 - 8 * missing}")])
    if not re.fullmatch(r"[0-9A-Fa-f:.]+(/[0-9.]+)?|[0-9A-Fa-f:.]*-[0-9A-Fa-f:.]*", text) or text == "-":
        raise ValueError(text)
    if "-" not in text:
        return IPSet([IPNetwork(text).cidr])
    first, last = text.split("-")
    lowest, highest = _ENDS[family]
    return IPSet(IPRange(first or lowest, last or highest))


def _ports(text: str, number: int) -> Ports:
    if text == "*":
        return ALL_PORTS
    return tuple(_port_range(part, number) for part in text.split(","))


def _port_range(text: str, number: int) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    low = _port(first, number) if first else 0
    high = _port(last, number) if last else 65535 if dash else low
    if text == "-" or not text or low > high:
        raise Unreadable(f"filter {number}: the port {text!r} is not understood")
    return low, high


def _port(text: str, number: int) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    if text in _PORTS:
        return _PORTS[text]
    raise Unreadable(f"filter {number}: the port {text!r} is not understood")
