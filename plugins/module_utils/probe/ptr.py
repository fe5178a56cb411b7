# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name that DNS has for an address, which everybody can ask for (RFC 1035, 3.5): asked of our own resolvers."""

from __future__ import annotations

import ipaddress
import os
import re
import struct

from ansible_collections.iot_site.checklist.plugins.module_utils.dns_packet import INTERNET, PTR, asking, labels
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import (
    Refused,
    Silent,
    Unreachable,
    Visit,
)

PORT, SECONDS, NAMES = 53, 2.0, 5
RECURSION, ANSWER, CUT = 0x0100, 0x8000, 0x0200  # RFC 1035, 4.1.1
NONE, NO_SUCH_NAME = 0, 3  # its RCODE
_RESOLVER = re.compile(r"(?m)^nameserver[ \t]+([0-9A-Fa-f:.]+)[ \t]*$")


def resolvers(path="/etc/resolv.conf"):
    """The addresses of this host's resolvers, at most three (resolv.conf(5))."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return _RESOLVER.findall(file.read(1 << 16))[:3]
    except OSError:
        return []


async def names(address, pace, doors):
    """``(whether it is known, names)`` of an address, by the first of the resolvers ``[(address, port)]`` to know."""
    for resolver, port in doors:
        visit = Visit(resolver, port, pace, SECONDS)
        number = int.from_bytes(os.urandom(2), "big")
        try:
            async with visit.datagrams() as door:
                door.send(asking([(reverse(address), PTR)], number, RECURSION))
                while True:
                    heard = await door.hear()
                    if failed(heard, number):
                        break
                    found = read(heard, number)
                    if found is not None:
                        return True, found
        except (Refused, Silent, Unreachable):
            continue
    return False, []


def reverse(address):
    return tuple(ipaddress.ip_address(address).reverse_pointer.split("."))


def failed(packet, number):
    """Whether this answers question ``number`` with an error, or in part; that there is no such name is an answer."""
    if len(packet) < 4:
        return False
    told, flags = struct.unpack(">2H", packet[:4])
    return told == number and bool(flags & ANSWER) and (bool(flags & CUT) or flags & 0xF not in (NONE, NO_SUCH_NAME))


def read(packet, number):
    """The names in an answer to question ``number``, one more than are told; None where it is none."""
    try:
        told, flags, questions, answers = struct.unpack(">4H", packet[:8])
        if told != number or not flags & ANSWER:
            return None
        at, found = 12, []
        for _question in range(questions):
            at = labels(packet, at)[1] + 4
        for _answer in range(min(answers, 50)):
            at = labels(packet, at)[1]
            kind, place, _ttl, length = struct.unpack(">HHIH", packet[at : at + 10])
            if (kind, place) == (PTR, INTERNET):
                found.append(".".join(labels(packet, at + 10)[0]))
            at += 10 + length
    except (struct.error, IndexError, ValueError):
        return None
    return found[: NAMES + 1]
