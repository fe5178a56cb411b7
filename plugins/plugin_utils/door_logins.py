# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new password, proved by a login where a service asks for it: three steps, and what the answers prove. Pure.

A door that lets in without a credential, or with a random wrong one, proves nothing by letting in with the new one: it
is open to everybody, which is A1. Where nothing is proved, that is said; what the device keeps is read back anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .display import show
from .login_tests import Answer, Peer
from .model import Door
from .secret import Secret

#: How often the new password is tried: a service that was told to read its file anew may take a moment. With the wrong
#: one that makes four refusals, and fail2ban shuts out at the fifth (its jail.conf, maxretry).
_TRIES = 3

_EVERYBODY = "it lets in everybody without a credential, so that it lets in with this one proves nothing (A1)"
_ANY = "it lets in with a random wrong password, so that it lets in with this one proves nothing (A1)"


@dataclass(frozen=True, slots=True)
class Login:
    """One account at one door."""

    door: Door
    account: str
    secret: Secret

    @property
    def place(self) -> str:
        return f"{show(self.account)} at {show(str(self.door), 120)}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of a login: it lets in with this password and with no other, or refuses it; None: nothing is known."""

    proved: bool | None
    why: str = ""


def entered(peer: Peer, secret: Secret, wrong: Secret, pause: Callable[[], None]) -> Entry:
    """Asks at most five times; ``pause`` is between two tries of the new one."""
    for tried, lets_in in ((None, _EVERYBODY), (wrong, _ANY)):
        heard = peer.ask(tried)
        if heard.answer is not Answer.REFUSED:
            return Entry(None, lets_in if heard.answer is Answer.IN else heard.why or str(heard.answer))
    heard = peer.ask(secret)
    for _again in range(_TRIES - 1):
        if heard.answer is not Answer.REFUSED:
            break
        pause()
        heard = peer.ask(secret)
    if heard.answer is Answer.IN:
        return Entry(True)
    return Entry(False if heard.answer is Answer.REFUSED else None, heard.why or str(heard.answer))
