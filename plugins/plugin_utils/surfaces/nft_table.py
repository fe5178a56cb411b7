# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own nftables table as data, in one canonical spelling: what is wanted and what is there compare as text."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

FAMILY, NAME = "inet", "iot_site_checklist"


@dataclass(frozen=True, slots=True)
class AddressSet:
    """A named set with intervals: one side of the allowlist."""

    name: str
    type: str  # ipv4_addr or ipv6_addr
    elements: tuple[str, ...]  # canonical: see elements()
    flags: tuple[str, ...] = ("interval",)


@dataclass(frozen=True, slots=True)
class Chain:
    """A base chain and its rules, each one line of nft."""

    name: str
    base: str  # "type filter hook input priority -150; policy accept;"
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``unexpected`` holds whatever we would never write: one entry, and the table is not ours as wanted."""

    sets: tuple[AddressSet, ...]
    chains: tuple[Chain, ...]
    unexpected: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The table in nft's language; equal texts filter alike."""
        lines = [f"table {FAMILY} {NAME} {{", *self.unexpected]
        for each in self.sets:
            lines += [f"\tset {each.name} {{", f"\t\ttype {each.type}", f"\t\tflags {', '.join(each.flags)}"]
            if each.elements:
                lines += ["\t\telements = {", *_comma_lines(each.elements), "\t\t}"]
            lines.append("\t}")
        for chain in self.chains:
            lines += [f"\tchain {chain.name} {{", f"\t\t{chain.base}", *(f"\t\t{rule}" for rule in chain.rules), "\t}"]
        return "\n".join([*lines, "}", ""])

    @property
    def replacement(self) -> str:
        """One atomic batch that puts this table in place of whatever has its name."""
        return f"{REMOVAL}{self.text}"

    def chain(self, name: str) -> str:
        """The rules of one chain, for people."""
        return "\n".join(rule for chain in self.chains if chain.name == name for rule in chain.rules)


#: Declaring first makes the deletion succeed where there is no such table (nft before 1.0.8 has no ``destroy``).
REMOVAL = f"table {FAMILY} {NAME}\ndelete table {FAMILY} {NAME}\n"


def elements(entries: Iterable[str]) -> tuple[str, ...]:
    """Addresses, networks and ranges of one family in canonical form: merged, sorted, as few as can be.

    nft may merge or split neighbours as it likes; this form is the same for equal sets of addresses. Raises
    ValueError on what is no address.
    """
    spans: list[tuple[int, int]] = []
    versions = set()
    for version, first, last in sorted(map(_span, entries)):
        versions.add(version)
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    if len(versions) > 1:
        raise ValueError("a set holds addresses of one family")
    return tuple(itertools.chain.from_iterable(_written(versions.copy().pop(), *span) for span in spans))


def _span(entry: str) -> tuple[int, int, int]:
    first, dash, last = entry.partition("-")
    if dash:
        low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
        if low.version != high.version or int(low) > int(high):
            raise ValueError(f"{entry} is no range")
        return low.version, int(low), int(high)
    net = ipaddress.ip_network(entry)
    return net.version, int(net.network_address), int(net.broadcast_address)


def _written(version: int, first: int, last: int) -> Iterator[str]:
    address = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    size = last - first + 1
    bits = 32 if version == 4 else 128
    if size == 1:
        yield str(address(first))
    elif size & (size - 1) == 0 and first % size == 0:
        yield f"{address(first)}/{bits - size.bit_length() + 1}"
    else:
        yield f"{address(first)}-{address(last)}"


def _comma_lines(entries: tuple[str, ...]) -> list[str]:
    return [f"\t\t\t{entry}," for entry in entries[:-1]] + [f"\t\t\t{entries[-1]}"]
