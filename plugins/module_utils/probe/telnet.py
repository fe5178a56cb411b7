# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telnet (RFC 854): every option is declined (RFC 1143); what the device then shows is its banner and its prompt."""

from __future__ import annotations

import re

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Stopped

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
QUIET, FIRST = 0.7, 3.0  # seconds of silence after which all is said, and before anything is

_LOGIN = re.compile(
    r"(?:(?:login|log-?in name|user ?name|password|passcode|ユーザー?名|ログイン|パスワード)\s{0,3}[:：>?]?"
    r"|(?:user|account|ユーザー?)\s{0,3}[:：])\s{0,3}\Z",
    re.IGNORECASE,
)
_SHELL = re.compile(r"(?:\A|\n)[^\n]{0,80}[#$%>\]]\s{0,3}\Z")


async def telnet(visit):
    async with visit.connection() as line:
        shown, heard = await _conversation(line)
    if not heard:
        raise Stopped("accepts the connection and shows nothing")
    if bytes((IAC,)) not in heard and not _LOGIN.search(found.plain(shown)):
        raise NotThis(heard)
    return read(shown, negotiated=bytes((IAC,)) in heard)


async def _conversation(line):
    """``(the text, all bytes)``, declining what is proposed; ends when the device is silent."""
    shown, heard, pending = b"", b"", b""
    try:
        while await line.more(QUIET if heard else FIRST):
            heard, pending = heard + line.buffer, pending + line.buffer
            line.buffer = b""
            text, answers, pending = understood(pending)
            shown += text
            if answers:
                line.send(answers)
    except Stopped as stop:
        heard += stop.heard
    return shown, heard


def understood(data):
    """``(text, our answers, what is not there in full yet)`` of bytes with commands in them."""
    text, answers, at = bytearray(), bytearray(), 0
    while at < len(data):
        mark = data.find(IAC, at)
        if mark < 0:
            return bytes(text + data[at:]), bytes(answers), b""
        text += data[at:mark]
        command = data[mark + 1 : mark + 2]
        length = _length(data, mark, command)
        if not length or len(data) < mark + length:
            return bytes(text), bytes(answers), data[mark:]
        if command == b"\xff":
            text += command
        elif command[0] in (DO, WILL):
            answers += bytes((IAC, WONT if command[0] == DO else DONT, data[mark + 2]))
        at = mark + length
    return bytes(text), bytes(answers), b""


def _length(data, mark, command):
    """Of the command at ``mark``; 0 when that cannot be said yet."""
    if not command:
        return 0
    if command[0] == SB:
        end = data.find(bytes((IAC, SE)), mark)
        return end + 2 - mark if end >= 0 else 0
    return 3 if WILL <= command[0] <= DONT else 2


def read(shown, negotiated=True):
    """The Answer of what was shown."""
    answer = found.Answer("telnet", why="shows neither a login nor a prompt that we know")
    answer.tell("telnet_banner", shown.strip(b"\r\n\0"))
    answer.facts["negotiated"] = negotiated
    text = re.sub(r"\x1b\[[0-9;?]{0,20}[A-Za-z]", "", found.plain(shown)).replace("\r", "\n").replace("\0", "")
    if _LOGIN.search(text):
        answer.state, answer.why = found.LOGIN, "asks for a login"
    elif _SHELL.search(text):
        answer.state, answer.why = found.NO_LOGIN, "shows a command prompt without a login"
    return answer
