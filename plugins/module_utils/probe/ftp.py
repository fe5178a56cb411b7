# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FTP's greeting (RFC 959) and what it offers before a login (RFC 2389).

``USER anonymous`` is already an attempt to log in, so it is never sent: whether anonymous visitors are let in is told
only where the server itself says so, and else left open.
"""

from __future__ import annotations

import re

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Stopped

_REPLY = re.compile(rb"[1-5][0-9]{2}[ -]")
_ANONYMOUS = re.compile(r"anonymous|匿名", re.IGNORECASE)
_NO_ANONYMOUS = re.compile(
    r"no anonymous|anonymous[^.]{0,40}(?:not|disabled|denied)|匿名[^。]{0,20}(?:不可|禁止)", re.IGNORECASE
)


async def ftp(visit):
    answer = found.Answer("ftp", why="speaks FTP; whether it lets anonymous visitors in is not told without a login")
    async with visit.connection() as line:
        greeting = await reply(line)
        if greeting[:3] not in (b"220", b"120", b"230", b"421"):
            raise NotThis(greeting)
        line.send(b"FEAT\r\n")
        features = await _second(line)
        line.send(b"QUIT\r\n")
    if features.startswith((b"250", b"502 5.5.", b"214-")):  # SMTP has the same form
        raise NotThis(greeting)
    answer.tell("ftp_banner", spoken(greeting))
    read(answer, greeting)
    return answer


def read(answer, greeting):
    text = found.plain(spoken(greeting))
    if greeting.startswith(b"230"):
        answer.state, answer.why = found.NO_LOGIN, "greets with 230: the visitor is already logged in"
    answer.facts["anonymous"] = None
    if _ANONYMOUS.search(text):
        answer.facts["anonymous"] = not _NO_ANONYMOUS.search(text)
    if answer.facts["anonymous"]:
        answer.state, answer.why = found.NO_LOGIN, "its greeting offers anonymous logins"


async def reply(line):
    """One reply, which may have many lines. Raises NotThis on anything else."""
    said = await line.until(b"\n")
    if not _REPLY.match(said):
        raise NotThis(said)
    code = said[:3]
    while said[3:4] == b"-" and not re.search(rb"(?:\A|\n)" + code + rb" [^\n]*\n\Z", said):
        said += await line.until(b"\n")
    return said


async def _second(line):
    try:
        return await reply(line)
    except (NotThis, Stopped):
        return b""


def spoken(said):
    """The words of a reply, without its codes."""
    return re.sub(rb"(?m)^[1-5][0-9]{2}[ -]", b"", said).strip()
