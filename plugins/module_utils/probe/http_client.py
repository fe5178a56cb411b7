# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One question in HTTP (or RTSP) and its answer, over a connection of its own."""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import http_message
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Stopped

HEADERS = ("Accept: */*", "Accept-Encoding: identity", "Connection: close")


async def ask(visit, target="/", tls=None, method="GET", headers=HEADERS, body=b""):
    """The Message. Raises what a connection raises, and NotThis where something else is spoken."""
    async with visit.connection(tls) as line:
        line.send(http_message.request(method, target, host_header(visit, tls), headers, body))
        return await answer(line)


async def answer(line, protocol=b"HTTP/"):
    why = ""
    try:
        while not http_message.ended(line.buffer) and await line.more():
            pass
    except Stopped as stop:
        why = stop.why
    heard, line.buffer = line.buffer, b""
    if not heard:
        raise Stopped(why or "accepts the connection and ends it without an answer")
    if not heard.startswith(protocol):
        raise NotThis(heard)
    try:
        return http_message.parse(heard, cut=bool(why))
    except ValueError:
        raise Stopped(why or "ends the connection within its headers", heard) from None


def host_header(visit, tls):
    host = visit.name or (f"[{visit.address}]" if ":" in visit.address else visit.address)
    return host if visit.port == (443 if tls else 80) else f"{host}:{visit.port}"
