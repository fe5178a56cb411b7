# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modbus/TCP's device identification (Modbus Application Protocol 1.1b3, 6.21): function 43/14, which only reads.

Modbus knows no login: whoever gets an answer could also write.
"""

from __future__ import annotations

import struct

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Stopped

FUNCTION, KIND = 0x2B, 0x0E
CATEGORIES = (1, 2)  # basic, regular
OBJECTS = {0: "vendor", 1: "product code", 2: "revision", 3: "vendor URL", 4: "product", 5: "model", 6: "application"}
UNITS = (255, 1)  # the device itself (Modbus Messaging on TCP/IP 1.0b, 4.4.2), and what older gateways want
FOLLOWS = 8


async def modbus(visit):
    answer = found.Answer("modbus", found.NO_LOGIN, "answers Modbus requests; Modbus knows no login")
    async with visit.connection() as line:
        for unit in UNITS:
            if await _identified(line, unit, answer):
                break
    return answer


async def _identified(line, unit, answer):
    """Whether this unit tells of itself; an exception is an answer, too."""
    for category in CATEGORIES:
        number = 0
        for _again in range(FOLLOWS):
            line.send(request(unit, category, number))
            try:
                said = await _said(line)
            except Stopped:
                if not answer.facts:
                    raise
                return bool(answer.texts)
            answer.facts["unit"] = unit
            if not said or said[0] != FUNCTION:
                return bool(answer.texts)
            objects, follows, number = read(said)
            for kind, value in objects:
                answer.tell("modbus_id", value)
                answer.facts[OBJECTS.get(kind, f"object {kind}")] = found.plain(value)[:200]
            if not follows:
                break
    return bool(answer.texts)


async def _said(line):
    """The PDU of one answer."""
    head = await line.exactly(7)
    _transaction, protocol, length, _unit = struct.unpack(">HHHB", head)
    if protocol or not 2 <= length <= 260:
        raise NotThis(head)
    pdu = await line.exactly(length - 1)
    if pdu[0] & 0x7F != FUNCTION:
        raise NotThis(head + pdu)
    return pdu


def request(unit, category, number):
    pdu = bytes((FUNCTION, KIND, category, number))
    return struct.pack(">HHHB", 1, 0, len(pdu) + 1, unit) + pdu


def read(pdu):
    """``([(object, value)], whether more follow, from which on)``; what is cut off is left out."""
    if len(pdu) < 7 or pdu[1] != KIND:
        return [], False, 0
    objects, at = [], 7
    for _object in range(pdu[6]):
        if len(pdu) < at + 2 or len(pdu) < at + 2 + pdu[at + 1]:
            break
        objects.append((pdu[at], pdu[at + 2 : at + 2 + pdu[at + 1]]))
        at += 2 + pdu[at + 1]
    return objects, pdu[4] == 0xFF, pdu[5]
