# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A broker, asked for one login by a CONNECT of MQTT 3.1.1 (OASIS). Nothing is subscribed or published."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from contextlib import suppress

from ..login_tests import Answer, Heard
from ..secret import Secret
from .base import Unreachable
from .deadline import bounded

_SECONDS = 2.0
#: Flags of a CONNECT (3.1.2.3): a clean session; a user name and a password.
_CLEAN, _NAMED = 0x02, 0xC0
_KEEP_ALIVE = 30  # seconds
_CONNECT, _CONNACK, _DISCONNECT = b"\x10", b"\x20\x02", b"\xe0\0"
#: Return codes of a CONNACK (3.2.2.3): a wrong user name or password; not let in.
_REFUSED = frozenset({4, 5})


class MqttPeer:
    """One account of the broker to which ``dial`` opens a connection."""

    def __init__(self, dial: Callable[[], socket.socket], account: str) -> None:
        self._dial, self._account = dial, account

    def ask(self, secret: Secret | None) -> Heard:
        try:
            with bounded(_SECONDS), self._dial() as line:
                line.sendall(connect(None if secret is None else (self._account, secret)))
                answer = _exactly(line, 4)
                if answer[:2] != _CONNACK:
                    return Heard(Answer.OTHER, why="what answers there is no MQTT")
                if answer[3] == 0:
                    with suppress(OSError):  # what it said holds, wherever it is by now
                        line.sendall(_DISCONNECT)
                    return Heard(Answer.IN)
                if answer[3] in _REFUSED:
                    return Heard(Answer.REFUSED, why=f"it answers with code {answer[3]}")
                return Heard(Answer.OTHER, why=f"it refuses every client of this kind (code {answer[3]})")
        except (OSError, Unreachable) as reason:
            return Heard(Answer.LOST, why=f"nobody answers there ({type(reason).__name__})")

    def close(self) -> None:
        """Every question has a connection of its own, closed with its answer."""


def connect(pair: tuple[str, Secret] | None) -> bytes:
    """The packet, with an id that no other client has: a second client of one id ends the first (3.1.4)."""
    texts = [f"iotsite{secrets.token_hex(8)}"]  # 23 letters and digits, which every broker takes (3.1.3.1)
    if pair:
        texts += [pair[0], pair[1].reveal()]
    flags = _CLEAN | (_NAMED if pair else 0)
    body = _text("MQTT") + bytes((4, flags)) + _KEEP_ALIVE.to_bytes(2, "big") + b"".join(map(_text, texts))
    return _CONNECT + _length(len(body)) + body


def _text(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return len(encoded).to_bytes(2, "big") + encoded


def _length(length: int) -> bytes:
    """Seven bits a byte, the lowest first (2.2.3)."""
    more, digit = divmod(length, 128)
    return bytes((digit | 0x80,)) + _length(more) if more else bytes((digit,))


def _exactly(line: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = line.recv(count - len(found))
        if not more:
            raise ConnectionResetError
        found += more
    return found
