# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console: keys in, echo and wrapped text out, as a terminal of the router behaves.

Wrapping is the trap: every line, echoed input included, is broken after ``columns - 1`` characters, in mid-word too
(captures).
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable

from . import commands, grammar
from .commands import CODES, Leave
from .errors import CommandError
from .router import Login, Router

_ENTER, _ERASE, _KILL_LINE, _INTERRUPT, _END = b"\r\n", b"\x08\x7f", b"\x15", b"\x03", b"\x04"
_LINE_LIMIT = 4096


class Gone(Exception):
    """The other side has left."""


class Console:
    """One terminal. ``write`` sends bytes; keys arrive through :meth:`feed`."""

    def __init__(self, router: Router, login: Login, write: Callable[[bytes], Awaitable[None]]) -> None:
        self.router = router
        self.login = login
        self._write = write
        self._keys: asyncio.Queue[int | None] = asyncio.Queue()
        self._column = 0
        self._after_return = False

    def feed(self, data: bytes) -> None:
        for byte in data:
            self._keys.put_nowait(byte)

    def hang_up(self) -> None:
        self._keys.put_nowait(None)

    # --- settings

    def _setting(self, name: str, default: str) -> str:
        value = self.router.running.get(f"console {name}")
        return grammar.unquoted(value[0]) if value else default

    @property
    def code(self) -> str:
        return self._setting("character", "ja.sjis")

    @property
    def japanese(self) -> bool:
        return not self.code.endswith("ascii")

    @property
    def width(self) -> int:
        return int(self._setting("columns", "80")) - 1

    @property
    def prompt(self) -> str:
        where = self.login.section.replace(" ", "")
        return f"{self._setting('prompt', '')}{where}{'#' if self.login.administrator else '>'} "

    # --- output

    async def send(self, text: str) -> None:
        await self._write(text.encode(CODES.get(self.code, "ascii"), errors="replace"))

    async def put(self, text: str) -> None:
        """Write on the current line, breaking it where the terminal's width ends."""
        out = []
        for character in text:
            size = _width(character)
            if self._column + size > self.width:
                out.append("\r\n")
                self._column = 0
            out.append(character)
            self._column += size
        await self.send("".join(out))

    async def end_line(self) -> None:
        self._column = 0
        await self.send("\r\n")

    async def say(self, line: str) -> None:
        await self.put(line)
        await self.end_line()

    def _rows(self, lines: list[str]) -> list[str]:
        return [row for line in lines for row in wrap(line, self.width)]

    async def page(self, lines: list[str]) -> None:
        """Print an answer, stopping at every screenful unless ``console lines infinity``."""
        rows = self._rows(lines)
        height = self._setting("lines", "24")
        if height == "infinity" or len(rows) <= int(height):
            await self.send("".join(f"{row}\r\n" for row in rows))
            return
        left = int(height)
        for index, row in enumerate(rows):
            await self.send(f"{row}\r\n")
            left -= 1
            if left == 0 and index + 1 < len(rows):
                left = await self._more(int(height))
                if left == 0:
                    return

    async def _more(self, height: int) -> int:
        """How many rows to go on with; 0 to stop."""
        mark = "---つづく---" if self.japanese else "---More---"
        await self.send(mark)
        while True:
            key = await self._key()
            if key in b" \r\nq" + _INTERRUPT:
                blank = " " * sum(map(_width, mark))
                await self.send(f"\r{blank}\r")
                return {ord(" "): height, 10: 1, 13: 1}.get(key, 0)

    # --- input

    async def _key(self) -> int:
        while True:
            key = await self._keys.get()
            if key is None:
                raise Gone
            self.login.last_key = self.router.clock.seconds()
            skip = key == 10 and self._after_return
            self._after_return = key == 13
            if not skip:
                return key

    async def read_line(self, *, echo: bool = True) -> str:
        """One line with the editing keys; ``^C`` gives an empty one."""
        line = bytearray()
        while True:
            key = await self._key()
            if key in _ENTER:
                await self.end_line()
                return line.decode("utf-8", errors="replace")
            if key in _INTERRUPT:
                await self.send("^C")
                await self.end_line()
                return ""
            if key in _END and not line:
                raise Gone
            await self._edit(line, key, echo)

    async def _edit(self, line: bytearray, key: int, echo: bool) -> None:
        if key in _ERASE or key in _KILL_LINE:
            count = min(len(line), 1) if key in _ERASE else len(line)
            del line[len(line) - count :]
            if echo and count:
                self._column = max(0, self._column - count)
                await self.send("\b \b" * count)
        elif key >= 32 and len(line) < _LINE_LIMIT:
            line.append(key)
            if echo:
                await self.put(chr(key) if key < 127 else "?")

    async def ask_hidden(self, prompt: str) -> str:
        await self.put(prompt)
        return await self.read_line(echo=False)

    async def ask_yes(self, prompt: str) -> bool:
        """A single key answers; no Enter is needed."""
        await self.put(prompt)
        while True:
            key = chr(await self._key()).upper()
            if key in "YN":
                await self.put(key)
                await self.end_line()
                return key == "Y"

    # --- the session

    async def run(self) -> None:
        """Greet, then read and run commands until somebody leaves."""
        for line in self._greeting():
            await self.say(line)
        while True:
            await self.put(self.prompt)
            line = (await self.read_line()).strip()
            if not line:
                continue
            try:
                await self._run_one(line)
            except Leave:
                return

    def _greeting(self) -> list[str]:
        who = self.router.personality
        year = who.built.split()[-1]
        return [
            "",
            self.router.version,
            f"Copyright (c) 1994-{year} Yamaha Corporation. All Rights Reserved.",
            "To display the software copyright statement, use 'show copyright' command.",
            ", ".join(who.macs),
            f"Memory {who.memory}",
            "",
        ]

    async def _run_one(self, line: str) -> None:
        faults, mode = self.router.faults, "administrator" if self.login.administrator else "user"
        section, error = self.login.section, ""
        if faults.hits(faults.kill_before, line):
            self._record(mode, section, line, "fault: session killed before")
            self.login.kill()
            raise Leave
        await asyncio.sleep(self.router.options.answer_delay)
        try:
            answer = await commands.run(self, line)
        except CommandError as refused:
            answer, error = [refused.message(self.japanese)], refused.message(False)
        except Leave:
            self._record(mode, section, line)
            raise
        self._record(mode, section, line, error)
        if faults.hits(faults.kill_after, line):
            self.login.kill()
            raise Leave
        while faults.hits(faults.freeze_after, line):
            await self._key()
        await self._dirt(line)
        await self.page(answer)

    async def _dirt(self, line: str) -> None:
        """Injected: bytes no text should hold, or one line too long for anybody."""
        faults = self.router.faults
        if faults.hits(faults.garble_when, line):
            await self._write(bytes.fromhex(faults.garble_bytes) + b"\r\n")
        if faults.hits(faults.flood_when, line):
            await self._write(b"A" * faults.flood_bytes + b"\r\n")

    def _record(self, mode: str, section: str, line: str, error: str = "") -> None:
        self.router.record(self.login.number, self.login.user, mode, section, line, error)


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(line: str, width: int) -> list[str]:
    """Break a line hard at the terminal's width, whatever stands there."""
    rows: list[str] = []
    row: list[str] = []
    used = 0
    for character in line:
        size = _width(character)
        if used + size > width:
            rows.append("".join(row))
            row, used = [], 0
        row.append(character)
        used += size
    rows.append("".join(row))
    return rows
