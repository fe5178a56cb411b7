# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Static NAT: which services behind the router are published, in the words of the report's join."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..model import Json
from .config import Line, starting

MASQUERADE = ("nat", "descriptor", "masquerade", "static")
_NUMBERED = re.compile(r"(\d+)(?:-(\d+))?(?:=(\d+)(?:-\d+)?)?")
_NAMED = {
    "www": "80",
    "https": "443",
    "ftp": "21",
    "ssh": "22",
    "telnet": "23",
    "smtp": "25",
    "domain": "53",
    "pop3": "110",
}
_MOST = 64  # ports of one range that are listed


def published(lines: tuple[Line, ...], interfaces: Iterable[str]) -> list[Json]:
    """Every port that a static entry of these interfaces' descriptors leads inside.

    ``nat descriptor static`` (all ports of an address) names no port and is not listed: what depends on it stays
    unknown.
    """
    used = {descriptor for interface in interfaces for descriptor in _descriptors(lines, interface)}
    return [
        {"port": port, "protocol": protocol, "to": f"{inner}:{target}"}
        for line in starting(lines, *MASQUERADE)
        if len(line.words) >= 8 and line.words[4] in used
        for inner, protocol, ports in [tuple(line.words[6:9]) if len(line.words) > 8 else (*line.words[6:8], "*")]
        for port, target in _ports(ports)
    ]


def _descriptors(lines: tuple[Line, ...], interface: str) -> Iterator[str]:
    kind, _space, which = interface.partition(" ")
    for line in starting(lines, "ip", kind, "nat", "descriptor"):
        if not which or (line.pp if kind == "pp" else line.tunnel) == which:
            yield from (word for word in line.words[4:] if word.isdecimal())


def _ports(text: str) -> Iterator[tuple[int, int]]:
    """(outer, inner): ``443``, ``www``, ``8443=443``, ``6000-6010``. (d)"""
    for part in text.split(","):
        numbers = _NUMBERED.fullmatch(_NAMED.get(part, part))
        if numbers is None:
            continue
        first = int(numbers.group(1))
        final = min(int(numbers.group(2) or first), first + _MOST)
        inner = int(numbers.group(3) or first)
        yield from ((port, inner + port - first) for port in range(first, final + 1))
