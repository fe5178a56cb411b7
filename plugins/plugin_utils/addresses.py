# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network addresses: as people write them, and in the one merged form in which the house writes them.

Only spellings that nobody can read in two ways are accepted; everything else is named and refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .ip import AddrFormatError, IPNetwork, IPRange, IPSet
from .problems import Expected

FORM = "an address (203.0.113.10), a network (203.0.113.0/28, 2001:db8:1::/56) or a range (192.0.2.5-192.0.2.9)"

#: The public space. Holding this share of it, or more, is "everybody": 0.0.0.0/1 is as open as 0.0.0.0/0.
_PUBLIC = (
    IPSet(["0.0.0.0/0"])
    - IPSet(["0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"]),
    IPSet(["2000::/3"]),
)
_WORLD_SHARE = 4  # a quarter
WORLD = "the addresses of the people who need access, never (nearly) everybody's; open access is not an allowlist"

#: A block of IPv6 that strangers share: wider than what one home or office is given.
_MAX_IPV6 = 1 << (128 - 56)

_LOOPBACK = IPSet(["127.0.0.0/8", "::1/128"])
_NOT_SOURCES = tuple(
    (IPSet([network]), why)
    for network, why in (
        ("0.0.0.0/8", "an address that a person can come from, not the unspecified network"),
        ("127.0.0.0/8", "an address that a person can come from; loopback never leaves the device and needs no entry"),
        ("224.0.0.0/4", "an address that a person can come from, not multicast"),
        ("240.0.0.0/4", "an address that a person can come from, not reserved space"),
        ("::/96", "an address that a person can come from, not an unspecified, loopback or IPv4-compatible one"),
        ("::ffff:0:0/96", "the IPv4 address itself instead of its IPv6 spelling"),
        ("64:ff9b::/96", "the IPv4 address itself instead of its NAT64 spelling"),
        ("ff00::/8", "an address that a person can come from, not multicast"),
    )
)

_OCTET = "(?:0|[1-9][0-9]{0,2})"
_ADDRESS = rf"(?:{_OCTET}(?:\.{_OCTET}){{3}}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*)"
_NETWORK = re.compile(rf"{_ADDRESS}(?:/(?:0|[1-9][0-9]{{0,2}}))?")
_RANGE = re.compile(rf"({_ADDRESS}) ?- ?({_ADDRESS})")

#: What was probably meant, tried in this order on a text that is none of the forms.
_MISTAKES = tuple(
    (re.compile(pattern, re.IGNORECASE), expected)
    for pattern, expected in (
        (r"\*|any[46]?|all|world|internet|everyone|0+(\.0+){0,3}/0+", WORLD),
        (r".*%.*", f"{FORM}, without a zone"),
        (r".*[,;\s].*", f"one entry in the list for each: {FORM}"),
        (r".*:.*\..*", f"{FORM}; an IPv4 address is written as such"),
        (r".*/.*\..*", f"{FORM}; with a prefix length instead of a netmask"),
        (r"(.*\D)?0\d+(\D.*)?", f"{FORM}; without leading zeros, which some programs read as octal"),
        (r"[\d.]+(/\d*)?", f"{FORM}; IPv4 addresses in full, four numbers from 0 to 255"),
        (
            r"[a-z0-9.-]*[a-z][a-z0-9.-]*",
            f"{FORM}; never a name: whoever answers for it in DNS would decide who may enter",
        ),
    )
)


def parse(text: Any, *, loopback: bool = False) -> IPSet:
    """The addresses that one entry stands for. Raises Expected for everything that is not clearly one of the forms.

    ``loopback`` is for the controller alone: a tunnel that ends on the device arrives from there.
    """
    addresses = _parsed(text)
    if is_world(addresses):
        raise Expected(WORLD)
    unusual = addresses - _LOOPBACK if loopback else addresses
    for senseless, expected in _NOT_SOURCES:
        if not unusual.isdisjoint(senseless):
            raise Expected(expected)
    return addresses


def _parsed(text: Any) -> IPSet:
    if not isinstance(text, str):
        raise Expected(f"{FORM}, in quotes where YAML would make a number of it")
    try:
        if ends := _RANGE.fullmatch(text):
            return _range(*ends.groups())
        if _NETWORK.fullmatch(text):
            return _network(text)
    except AddrFormatError:
        pass
    raise Expected(next((expected for pattern, expected in _MISTAKES if pattern.fullmatch(text)), FORM))


def _range(first: str, last: str) -> IPSet:
    try:
        return IPSet(IPRange(first, last))
    except (AddrFormatError, TypeError) as error:
        raise Expected("a range from a lower to a higher address of the same kind, e.g. 192.0.2.5-192.0.2.9") from error


def _network(text: str) -> IPSet:
    network = IPNetwork(text)
    if network.ip != network.network:
        raise Expected(f"a network without host bits: {network.cidr}; or the one address {network.ip}")
    return IPSet([network])


def union(entries: Iterable[str]) -> IPSet:
    """The addresses of entries that are known to be right (canonical ones)."""
    united = IPSet()
    for entry in entries:
        united |= _parsed(entry)
    return united


def written(addresses: IPSet, version: int = 0) -> tuple[str, ...]:
    """The one form: contiguous blocks, sorted, each as CIDR where it is one, else as "first-last"."""
    return tuple(_block(block) for block in addresses.iter_ipranges() if version in (0, block.version))


def _block(block: IPRange) -> str:
    cidrs = block.cidrs()
    return str(cidrs[0]) if len(cidrs) == 1 else f"{cidrs[0].network}-{cidrs[-1][-1]}"


def is_world(addresses: IPSet) -> bool:
    """Whether this is (nearly) everybody, in any spelling and in however many pieces."""
    return any((addresses & public).size * _WORLD_SHARE >= public.size for public in _PUBLIC)


def wide(addresses: IPSet, most: int) -> IPSet:
    """The blocks that are wider than one person's network: strangers share them."""
    limits = {4: most, 6: _MAX_IPV6}
    blocks = IPSet()
    for block in addresses.iter_ipranges():
        if block.size > limits[block.version]:
            blocks |= IPSet(block)
    return blocks
