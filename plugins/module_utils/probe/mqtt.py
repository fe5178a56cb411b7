# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MQTT 3.1.1 (OASIS): does a broker take a client without a name, and what does it tell such a client of itself?

Nothing is published. Only the broker's own ``$SYS`` topics are subscribed to: what the site's devices send is not read.
"""

from __future__ import annotations

import asyncio
import re

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import tls
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import NotThis, Stopped

CONNACK, PUBLISH = 2, 3
TLS_PORT = 8883  # registered for MQTT over TLS
#: Without a name, a clean session, 30 seconds to live; the broker chooses the client's id (3.1.3.1).
CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x1e\x00\x00"
DISCONNECT = b"\xe0\x00"
#: First what people have named, lest there be so many messages that it is left out.
TOPICS = (b"$SYS/broker/version", b"$SYS/broker/connection/#", b"$SYS/#")
QUIET, MESSAGES = 0.7, 100
#: What a broker counts by itself (mosquitto(8), "Broker status"): figures under words that are always the same.
_WORD = (
    rb"(?:1min|5min|15min|active|bytes|clients|connected|connections|count|current|disconnected|dropped|expired|heap|"
    rb"inactive|load|maximum|messages|publish|received|retained messages|sent|shared_subscriptions|sockets|store|"
    rb"stored|subscriptions|total|uptime)"
)
_COUNTS = re.compile(rb"\$SYS/broker(?:/" + _WORD + rb")+ [0-9]+(?:\.[0-9]+)?(?: seconds)?")
#: Return codes of CONNACK (3.2.2.3).
REFUSALS = {4: "wants a user name and a password", 5: "does not let clients in without a login"}


async def mqtt(visit):
    async with visit.connection(tls.context() if visit.port == TLS_PORT else None) as line:
        line.send(CONNECT)
        answer = read_connack(await _packet(line))
        if answer.state == found.NO_LOGIN:
            line.send(subscribe())
            await _listen(line, answer)
            line.send(DISCONNECT)
    if visit.certificate:
        tls.keep(answer, visit.certificate)
    return answer


def read_connack(packet):
    """The Answer of its first packet. Raises NotThis where it is none of MQTT."""
    kind, body = packet
    if kind != CONNACK or len(body) < 2:
        raise NotThis(body)
    code = body[1]
    answer = found.Answer("mqtt", why=f"refuses this client (code {code})", connack=code)
    if code == 0:
        answer.state, answer.why = found.NO_LOGIN, "takes a client without a name and a password"
    elif code in REFUSALS:
        answer.state, answer.why = found.LOGIN, REFUSALS[code]
    return answer


def subscribe():
    filters = b"".join(len(topic).to_bytes(2, "big") + topic + b"\0" for topic in TOPICS)
    body = b"\0\1" + filters
    return b"\x82" + bytes((len(body),)) + body


async def _listen(line, answer):
    """Retained messages come at once (3.3.1.3); after a silence there are no more, else the last is marked as cut."""
    loop = asyncio.get_running_loop()
    for _message in range(MESSAGES):
        left = line.end - loop.time()
        try:
            kind, body = await asyncio.wait_for(_packet(line), min(QUIET, max(0.01, left)))
        except asyncio.TimeoutError:
            if left >= QUIET:
                return
            break
        except (Stopped, NotThis):
            break
        if kind == PUBLISH:
            said = b" ".join(message(body))
            if said.startswith(b"$SYS/") and not _COUNTS.fullmatch(said):
                answer.tell("mqtt_sys", said)
    for text in answer.texts[-1:]:
        text["cut"] = True


def message(body):
    """``(topic, payload)`` of quality 0."""
    length = int.from_bytes(body[:2], "big")
    return body[2 : 2 + length], body[2 + length :]


async def _packet(line):
    """``(kind, body)``. Raises NotThis on a length that MQTT does not have (2.2.3)."""
    (first,) = head = await line.exactly(1)
    length = shift = 0
    while True:
        (digit,) = one = await line.exactly(1)
        head += one
        length |= (digit & 0x7F) << shift
        shift += 7
        if digit < 0x80:
            return first >> 4, await line.exactly(length)
        if shift > 21:
            raise NotThis(head)
