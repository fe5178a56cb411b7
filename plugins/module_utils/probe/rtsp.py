# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RTSP (RFC 2326), what cameras stream by: OPTIONS and DESCRIBE, without a login and without starting a stream."""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import http_client, http_message

#: Streams by their usual names: the server's own, then those of the makers' manuals (ONVIF devices in general, Axis,
#: Hikvision, Panasonic).
PATHS = ("/", "/stream1", "/axis-media/media.amp", "/Streaming/Channels/101", "/MediaInput/h264")
ABSENT = (400, 404, 451, 454, 455, 500, 501)


async def rtsp(visit):
    answer = found.Answer("rtsp", why="speaks RTSP; none of the usual stream names is there")
    answer.facts["methods"] = found.plain(keep(await _asked(visit, "OPTIONS", "*", 1), answer).header("public"))[:200]
    for number, path in enumerate(PATHS, 2):
        message = keep(await _asked(visit, "DESCRIBE", url(visit, path), number), answer)
        state = read(message, answer, path)
        if state:
            answer.state, answer.why = state
            break
    return answer


async def _asked(visit, method, target, number):
    async with visit.connection() as line:
        headers = (f"CSeq: {number}", *(("Accept: application/sdp",) if method == "DESCRIBE" else ()))
        line.send(http_message.request(method, target, "", headers, protocol="RTSP/1.0"))
        return await http_client.answer(line, b"RTSP/")


def url(visit, path):
    host = f"[{visit.address}]" if ":" in visit.address else visit.address
    return f"rtsp://{host}:{visit.port}{path}"


def keep(message, answer):
    for value in message.headers.get("server", []):
        answer.tell("rtsp_server", value)
    for realm in message.realms:
        answer.tell("rtsp_realm", realm)
    return message


def read(message, answer, path):
    """``(state, why)``; None where this name says nothing."""
    if message.status == 401:
        return found.LOGIN, "asks for a login (RTSP 401)"
    if message.status == 200:
        answer.tell("rtsp_sdp", message.body, message.cut)
        answer.facts["path"] = path
        return found.NO_LOGIN, f"describes the stream {path} without a login"
    return None if message.status in ABSENT else (found.OPEN, f"answers with RTSP {message.status}")
