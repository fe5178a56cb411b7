# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers on loopback, written from the protocols' documents, and what the probe says of them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import site_run
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.kinds import TCP

Meet = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Row = dict[str, Any]

#: A peer that answers is never hurried, one that does not is not waited for.
PATIENT, HURRIED = 20.0, 0.4


def closing(meet: Meet) -> Meet:
    """The same, when the visitor leaves early."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await meet(reader, writer)
            await writer.drain()
        writer.close()

    return met


async def visited(meet: Meet, *kinds: str, tls: ssl.SSLContext | None = None, **limits: Any) -> list[Row]:
    """The rows of a TCP endpoint that meets every visitor with ``meet``."""
    server = await asyncio.start_server(closing(meet), "127.0.0.1", 0, ssl=tls)
    async with server:
        return await probed("tcp", server.sockets[0].getsockname()[1], kinds, **limits)


def tcp(meet: Meet, *kinds: str, **options: Any) -> list[Row]:
    return asyncio.run(visited(meet, *kinds, **options))


def each_kind(*meetings: Meet, **limits: Any) -> list[tuple[str, list[Row]]]:
    """``(kind, the rows that its reader gives)`` of each such endpoint, all of them at once."""

    async def scenario() -> list[list[Row]]:
        return await asyncio.gather(*(visited(meet, kind, **limits) for meet in meetings for kind in TCP))

    return list(zip([*TCP] * len(meetings), asyncio.run(scenario()), strict=True))


def udp(answers: Callable[[bytes], Sequence[bytes]], *kinds: str, **limits: Any) -> list[Row]:
    """The rows of a UDP endpoint that answers each datagram with these."""

    class Peer(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: Any) -> None:
            for answer in answers(data):
                self.transport.sendto(answer, address)

    async def scenario() -> list[Row]:
        loop = asyncio.get_running_loop()
        transport, _peer = await loop.create_datagram_endpoint(Peer, local_addr=("127.0.0.1", 0))
        try:
            return await probed("udp", transport.get_extra_info("sockname")[1], kinds, **limits)
        finally:
            transport.close()

    return asyncio.run(scenario())


async def probed(transport: str, port: int, kinds: Sequence[str] = (), name: str = "", **limits: Any) -> list[Row]:
    target = {
        "host": "k7-panel", "address": "127.0.0.1", "port": port, "transport": transport, "kinds": list(kinds),
        "name": name,
    }  # fmt: skip
    made = site_run.Limits(**{"timeout": PATIENT, "rate": 5000.0, "tries": 1, **limits})
    rows, _controls, _complete = await site_run._run([target], [], made)
    return rows


def texts(row: Row, surface: str) -> list[str]:
    return [one["text"] for one in row["texts"] if one["surface"] == surface]


def web(pages: dict[str, bytes | tuple[str, bytes]], asked: list[str] | None = None) -> Meet:
    """A web server that knows these paths: a body, or a head (status and headers) and a body."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        if asked is not None:
            asked.append(head)
        page = pages.get(path, ("404 Not Found\r\n", b""))
        lines, body = page if isinstance(page, tuple) else ("200 OK\r\nContent-Type: text/html\r\n", page)
        writer.write(b"HTTP/1.1 " + lines.encode() + b"\r\n" + body)

    return meet


def says(*words: bytes) -> Meet:
    """Says this at once, then waits for the visitor to leave."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for one in words:
            writer.write(one)
        await reader.read()

    return meet
