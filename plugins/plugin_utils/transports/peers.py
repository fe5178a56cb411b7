# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asked in a login test: the device of a session, at its own address, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ..login_tests import Answer, Heard, Peer, Subject
from ..secret import Secret
from .base import Transport
from .http_peer import HttpPeer
from .ssh_peer import SshPeer

_NO_ADDRESS = "this connection does not come over SSH, so where the device itself answers is not known"


def peers(transport: Transport) -> Callable[[Subject], Peer]:
    """``knock`` of login_tests.probed for the device of this session."""
    where = transport.address
    if where is None:
        return lambda subject: _Nobody()
    address, port = where

    @cache
    def proof() -> str:
        """A page proves not whose it is; the host key at the same address does, and no password is needed for it."""
        return _unproved(SshPeer(address, port, transport.account or "root"))

    def knock(subject: Subject) -> Peer:
        if subject.service == "ssh":
            return SshPeer(address, port, subject.account)
        return HttpPeer(address, subject.port, subject.account, proof)

    return knock


def _unproved(peer: Peer) -> str:
    heard = peer.ask(None)
    peer.close()
    return heard.why or "no answer" if heard.answer in (Answer.LOST, Answer.LOCKED) else ""


class _Nobody:
    """Where nobody can be asked."""

    def ask(self, secret: Secret | None) -> Heard:
        return Heard(Answer.LOST, why=_NO_ADDRESS)

    def close(self) -> None:
        """Nothing was opened."""
