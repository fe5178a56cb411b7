# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server, asked for one page by Basic (RFC 7617), where its configuration says that it asks for this login."""

from __future__ import annotations

import base64
import http.client
import socket
from collections.abc import Callable

from ..login_tests import Answer, Heard
from ..model import Door
from ..secret import Secret
from .base import Unreachable
from .deadline import bounded

_SECONDS = 2.0
_ASKS = 401
#: What is said to everybody where nobody is asked: a page, or that there is none of this name. To somebody who is in
#: the way to another one, too; without a login that may be the way to it.
_SHOWN = frozenset({*range(200, 300), 404})
_IN = _SHOWN | frozenset(range(300, 400))
_FORBIDDEN, _WHO = 403, " (the device's own address may not be on its list)"


class BasicPeer:
    """One account at the door to which ``dial`` opens a connection."""

    def __init__(self, dial: Callable[[], socket.socket], door: Door, account: str) -> None:
        self._dial, self._door, self._account = dial, door, account
        self._challenge = ""  # the server's own; that of an application behind it is another one

    def ask(self, secret: Secret | None) -> Heard:
        try:
            with bounded(_SECONDS):
                status, challenge = self._got({} if secret is None else {"Authorization": self._pair(secret)})
        except (OSError, ValueError, http.client.HTTPException, Unreachable) as reason:
            return Heard(Answer.LOST, why=f"no HTTP there ({type(reason).__name__})")
        if status == _ASKS and challenge.partition(" ")[0].casefold() == "basic":
            if secret is None:
                self._challenge = challenge
            if challenge == self._challenge:
                return Heard(Answer.REFUSED, why="it asks for the password again")
        if status in (_IN if secret else _SHOWN):
            return Heard(Answer.IN)
        return Heard(Answer.OTHER, why=f"it answers {status}{_WHO if status == _FORBIDDEN else ''}")

    def close(self) -> None:
        """Every question has a connection of its own, closed with its answer."""

    def _got(self, headers: dict[str, str]) -> tuple[int, str]:
        line = http.client.HTTPConnection(self._door.site or "localhost", self._door.port)
        line.sock = self._dial()
        try:
            line.request("GET", self._door.path, headers={**headers, "Connection": "close"})
            answer = line.getresponse()
            return answer.status, answer.headers.get("WWW-Authenticate") or ""
        finally:
            line.close()

    def _pair(self, secret: Secret) -> str:
        pair = f"{self._account}:{secret.reveal()}".encode("utf-8", "surrogatepass")
        return f"Basic {base64.b64encode(pair).decode()}"
