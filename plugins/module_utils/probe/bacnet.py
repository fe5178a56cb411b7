# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BACnet/IP (ASHRAE 135, annex J and clauses 15.5, 16.10): Who-Is to one address, and the device's names.

BACnet/IP knows no login: whoever may read may write, unless a BACnet firewall stands before it.
"""

from __future__ import annotations

import struct

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Silent

WHO_IS = bytes.fromhex("810a0008 0100 1008")
DEVICE, ANY = 8, 4194303  # the object type, and the instance that stands for whichever it has (12.11)
PROPERTIES = {77: "name", 121: "vendor", 70: "model", 28: "description", 58: "location", 44: "firmware"}
QUIET = 0.5
I_AM, COMPLEX_ACK = 0x10, 0x30


async def bacnet(visit):
    """I-Am goes to everybody on the device's own network and may not reach us, so the names are asked for, too."""
    answer = found.Answer("bacnet", found.NO_LOGIN, "answers BACnet/IP, which has no login")
    async with visit.datagrams() as door:
        door.send(WHO_IS)
        for number in PROPERTIES:
            door.send(read_property(number))
        said, understood = await door.hear(), False
        while said:
            understood = read(said, answer) or understood
            try:
                said = await door.hear(QUIET)
            except Silent:
                break
    if not understood:
        raise NotThis(said)
    return answer


def read_property(number):
    """ReadProperty of the device object; the property's number is the request's id as well."""
    instance = struct.pack(">I", DEVICE << 22 | ANY)
    service = bytes((0x00, 0x05, number, 0x0C, 0x0C)) + instance + bytes((0x19, number))
    body = b"\x01\x04" + service
    return struct.pack(">BBH", 0x81, 0x0A, len(body) + 4) + body


def read(said, answer):
    """Whether this datagram is BACnet/IP; keeps what it tells."""
    if len(said) < 8 or said[0] != 0x81 or int.from_bytes(said[2:4], "big") != len(said) or said[4] != 1:
        return False
    apdu = said[_npdu_end(said) :]
    if apdu[:1] == bytes((I_AM,)) and len(apdu) >= 7:
        answer.facts["instance"] = int.from_bytes(apdu[3:7], "big") & 0x3FFFFF
    elif apdu[:1] == bytes((COMPLEX_ACK,)) and len(apdu) > 12:
        kind, text = PROPERTIES.get(apdu[1]), _string(apdu)
        if kind and text.strip():
            answer.tell("bacnet_name", text)
            answer.facts[kind] = text[:200]
    return True


def _npdu_end(said):
    """Where the application's part begins (6.2): addresses of other networks may stand before it."""
    control, at = said[5], 6
    if control & 0x20:
        at += 3 + said[at + 2] if len(said) > at + 2 else len(said)
    if control & 0x08:
        at += 3 + said[at + 2] if len(said) > at + 2 else len(said)
    return at + (1 if control & 0x20 else 0)


#: Character sets (20.2.9).
_CODECS = {0: "utf-8", 1: "cp932", 2: "cp932", 3: "utf-32-be", 4: "utf-16-be", 5: "latin-1"}


def _string(apdu):
    """The value between the opening and the closing tag 3, when it is a character string."""
    at = apdu.find(b"\x3e", 8)
    if at < 0 or len(apdu) < at + 4 or apdu[at + 1] >> 4 != 7:
        return ""
    length, at = apdu[at + 1] & 7, at + 2
    if length == 5:
        length, at = apdu[at], at + 1
        if length == 254:
            length, at = int.from_bytes(apdu[at : at + 2], "big"), at + 2
    value = apdu[at : at + length]
    return value[1:].decode(_CODECS.get(value[0] if value else 0, "utf-8"), "replace") if value else ""
