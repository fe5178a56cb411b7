# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ASN.1 in its basic encoding (X.690): what SNMP speaks and certificates are made of. Pure."""

from __future__ import annotations

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30


def encoded(tag, *parts):
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content


def integer(number):
    """Of a number that is not negative."""
    return encoded(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(dotted):
    first, second, *rest = (int(one) for one in dotted.split("."))
    return encoded(OID, bytes((40 * first + second,)), *(_base128(one) for one in rest))


def _base128(number):
    digits = [number & 0x7F]
    while number > 0x7F:
        number >>= 7
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))


def items(data):
    """``[(tag, content)]`` of everything one after the other. Raises ValueError on what is not of this form."""
    found, at = [], 0
    while at < len(data):
        tag, content, at = _item(data, at)
        found.append((tag, content))
    return found


def first(data):
    """The first item alone; what follows it is not looked at."""
    tag, content, _at = _item(data, 0)
    return tag, content


def number(content):
    return int.from_bytes(content, "big", signed=True)


def dotted(content):
    """An object identifier as text."""
    if not content:
        raise ValueError("an empty object identifier")
    found, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            found.append(value)
            value = 0
    top = min(found[0] // 40, 2) if found else 0
    return ".".join(map(str, (top, found[0] - 40 * top, *found[1:]))) if found else ""


def _item(data, at):
    if len(data) < at + 2:
        raise ValueError("cut off")
    tag, length = data[at], data[at + 1]
    at += 2
    if length > 0x7F:
        digits = length & 0x7F
        if not 1 <= digits <= 4 or len(data) < at + digits:
            raise ValueError("a length that we do not read")
        length = int.from_bytes(data[at : at + digits], "big")
        at += digits
    if len(data) < at + length:
        raise ValueError("cut off")
    return tag, data[at : at + length], at + length
