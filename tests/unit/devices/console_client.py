# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small SSH client for the emulated router: type a line, get the text up to the next prompt."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncssh

from tests.devices.yamaha_rtx import Faults, Options, Personality, Router, Server

_PROMPT = re.compile(rb"(?:^|[\r\n])[\w-]*[>#] $|[Pp]assword(\(Confirm\))?: $|\(Y/N\)$|---$")
_T = TypeVar("_T")


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run one test's coroutine, never longer than a test may take."""
    return asyncio.run(asyncio.wait_for(work, 20))


@dataclass
class Terminal:
    """An open session at the router."""

    connection: asyncssh.SSHClientConnection
    process: asyncssh.SSHClientProcess[bytes]
    greeting: bytes = b""

    async def read(self) -> bytes:
        out = b""
        while not _PROMPT.search(out):
            part = await asyncio.wait_for(self.process.stdout.read(65536), 5)
            if not part:
                raise ConnectionError(out.decode(errors="replace"))
            out += part
        return out

    async def key(self, text: str) -> bytes:
        self.process.stdin.write(text.encode())
        return await self.read()

    async def raw(self, line: str) -> bytes:
        return await self.key(f"{line}\r")

    async def type(self, line: str) -> str:
        """What the router prints after the echoed line, without the prompt that follows."""
        text = (await self.raw(line)).decode("utf-8", errors="replace").replace("\r\n", "\n")
        return "\n".join(text.split("\n")[1:-1])

    async def lines(self, *lines: str) -> list[str]:
        return [await self.type(line) for line in lines]

    async def plain(self) -> None:
        """English, wide, without stops, as a client would ask for it."""
        await self.lines("console character en.ascii", "console columns 200", "console lines infinity")

    async def administrator(self, password: str = "rtx830-admin") -> None:
        await self.raw("administrator")
        await self.raw(password)

    async def gone(self) -> bool:
        """Wait until the router has closed the session."""
        await asyncio.wait_for(self.connection.wait_closed(), 5)
        return True


@contextlib.asynccontextmanager
async def terminal(
    server: Server, source: str = "127.0.0.1", user: str = "noc-a", password: str = "noc-a-pass"
) -> AsyncIterator[Terminal]:
    async with asyncssh.connect(
        "127.0.0.1",
        server.port,
        local_addr=(source, 0),
        username=user,
        password=password,
        known_hosts=None,
        config=None,
        client_keys=None,
        agent_path=None,
        login_timeout=5,
        preferred_auth="password",
    ) as connection:
        process = await connection.create_process(term_type="vt100", encoding=None)
        session = Terminal(connection, process)
        session.greeting = await session.read()
        yield session


async def reachable(server: Server, source: str = "127.0.0.1") -> bool:
    """Does a new SSH session from there get in?"""
    try:
        async with terminal(server, source):
            return True
    except (OSError, asyncssh.Error):
        return False


async def title(server: Server, name: str = "panel", source: str = "127.0.0.1") -> str | None:
    """The page title a visitor from there sees at a published port; ``None`` when nothing answers."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.ports[name], local_addr=(source, 0))
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        page = (await asyncio.wait_for(reader.read(), 5)).decode()
        writer.close()
    except OSError:
        return None
    found = re.search("<title>(.*)</title>", page)
    return found.group(1) if found else None


def with_router(
    test: Callable[[Router, Server], Awaitable[None]],
    personality: str = "rtx830_pppoe",
    options: Options | None = None,
    faults: Faults | None = None,
) -> None:
    """Run a test against a fresh router."""

    async def work() -> None:
        router = Router(Personality.load(personality), options or Options(), faults=faults or Faults())
        async with Server(router) as server:
            await test(router, server)

    run(work())
