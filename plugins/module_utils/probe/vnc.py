# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RFB, what VNC speaks (RFC 6143): its security types, and the name of a desktop that asks for none."""

from __future__ import annotations

import re

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Stopped

NONE = 1  # security type
_VERSION = re.compile(rb"RFB ([0-9]{3})\.([0-9]{3})\n\Z")
NAME = 1024  # bytes


async def vnc(visit):
    async with visit.connection() as line:
        greeting = await line.exactly(12)
        told = _VERSION.match(greeting)
        if not told:
            raise NotThis(greeting)
        minor = min(8, int(told.group(2))) if int(told.group(1)) == 3 else 8
        minor = minor if minor >= 7 else 3
        line.send(b"RFB 003.%03d\n" % minor)
        types = await _types(line, minor)
        answer = read(types, greeting.decode("ascii").strip())
        if NONE in types:
            answer.tell("vnc_name", await _name(line, minor))
    return answer


def read(types, version):
    answer = found.Answer("vnc", found.LOGIN, "wants a password or a login", security_types=types, version=version)
    if NONE in types:
        answer.state, answer.why = found.NO_LOGIN, "shows its screen without a password (security type None)"
    elif not types:
        answer.state, answer.why = found.OPEN, "refuses the connection before it says how to log in"
    return answer


async def _types(line, minor):
    """RFC 6143, 7.1.2; before 3.7 the server decides alone. None of them: it says why in words."""
    if minor < 7:
        chosen = int.from_bytes(await line.exactly(4), "big")
        return [chosen] if chosen else []
    (count,) = await line.exactly(1)
    return list(await line.exactly(count))


async def _name(line, minor):
    """Of the desktop, from ServerInit (7.3.2). Shared: nobody else is cut off. Nothing is drawn, nothing is typed."""
    try:
        if minor >= 7:
            line.send(bytes((NONE,)))
        if minor >= 8 and await line.exactly(4) != bytes(4):
            return b""
        line.send(b"\1")
        length = int.from_bytes((await line.exactly(24))[20:], "big")
        return await line.exactly(min(length, NAME))
    except Stopped:
        return b""
