# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and questions in DNS packets (RFC 1035, section 4), which multicast DNS has as well. Pure; Python 3.8."""

from __future__ import annotations

import struct

PTR, INTERNET = 12, 1


def asking(questions, number=0, flags=0):
    """A packet with ``(name, type)`` questions; a name is a tuple of labels."""
    body = b""
    for name, kind in questions:
        parts = [label.encode("utf-8", "surrogateescape")[:63] for label in name]
        body += b"".join(bytes([len(part)]) + part for part in parts) + b"\0" + struct.pack(">HH", kind, INTERNET)
    return struct.pack(">6H", number, flags, len(questions), 0, 0, 0) + body


def labels(packet, at):
    """A name, which may go on elsewhere in the packet, and where its end is. Raises ValueError, IndexError."""
    found, end = [], 0
    for _jump in range(128):
        length = packet[at]
        if length & 0xC0:
            end = end or at + 2
            at = (length & 0x3F) << 8 | packet[at + 1]
        elif not length:
            return tuple(found), end or at + 1
        else:
            found.append(packet[at + 1 : at + 1 + length].decode("utf-8", "backslashreplace"))
            at += 1 + length
    raise ValueError("a name without an end")
