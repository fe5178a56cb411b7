# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody outside is answered: a stranger, and a person of the site. The router takes 127.0.0.x for either."""

from __future__ import annotations

import asyncio
import html
import re

STRANGER, PERSON = "127.0.0.9", "127.0.0.2"
SEEN_AS = {STRANGER: "198.51.100.99", PERSON: "203.0.113.20"}

REFUSED = ""
_SECONDS = 5


async def page_title(source: str, port: int) -> str:
    """The title of the page at a port, or REFUSED."""
    answer = await _ask(source, port, b"GET / HTTP/1.1\r\nHost: panel\r\n\r\n", -1)
    title = re.search(r"<title>(.*?)</title>", answer)
    return html.unescape(title.group(1)) if title else REFUSED


async def greeting(source: str, port: int) -> str:
    """What an SSH server says first, or REFUSED."""
    return (await _ask(source, port, b"", 200)).strip()


async def _ask(source: str, port: int, question: bytes, most: int) -> str:
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
            writer.write(question)
            answer = await reader.read(most)
            writer.close()
    except (OSError, TimeoutError):
        return REFUSED
    return answer.decode("utf-8", "replace")
