# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a transport must do. It moves bytes and knows no vendor; the engine alone decides when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..door_logins import Entry, Login
from ..model import Edit, GuardLines, Json, Plan
from ..raw import Raw, Read
from ..secret import Secret


class Unreachable(Exception):
    """No connection, or it ended. The finding is ``unreachable``."""


class Unable(Exception):
    """Connected, but the device cannot answer: no Python, no sudo, wrong prompt. The finding is ``unknown``."""


class Refused(Exception):
    """An apply that was refused before the first edit: nothing on the device has changed."""


class Reverted(Exception):
    """An apply that went wrong and was rolled back by the device or over the old connection."""


@dataclass(frozen=True, slots=True)
class Arming:
    """How the way back is armed: the token is the lock, and a device restores itself after ``seconds``."""

    token: str
    seconds: int
    lines: GuardLines | None = None  # CLI devices only


class Transport(Protocol):
    """One connection to one device."""

    @property
    def blind(self) -> str:
        """Why a new connection of this kind would prove nothing (a local connection, say); "" when it proves."""

    @property
    def password_login(self) -> bool:
        """Whether this session, or its becoming root, rests on a password."""

    @property
    def address(self) -> tuple[str, int] | None:
        """Where SSH leads to the device itself; None where no SSH does (a local connection, say)."""

    @property
    def account(self) -> str:
        """The account that this session logs in as; "" where it is the user's own default."""

    @property
    def learned(self) -> Mapping[str, Json]:
        """Facts that spare later tasks a round trip (the interpreter that was found)."""

    def read(self, reads: Sequence[Read]) -> Raw:
        """All of ``reads`` in one remote execution or one session. Raises Unreachable or Unable."""

    def apply(self, plan: Plan, arming: Arming) -> None:
        """Arm the way back, validate, edit. Raises Refused, Reverted or Unreachable."""

    def fresh(self, password: Secret | None = None) -> Transport:
        """A really new connection to the same device, this one staying open. Raises Unreachable.

        ``password`` takes the place of the one that this session logs in with, where it logs in with one.
        """

    def logs_in(self, account: str, secret: Secret) -> bool | None:
        """Whether a new session opens with this password; None where the device asks for none."""

    def enters(self, logins: Sequence[Login], seconds: float) -> list[Entry]:
        """What comes of each of these at the device's own services, and of none for which there is no time left.

        Never raises for what a device does.
        """

    def confirm(self, arming: Arming) -> bool:
        """Atomic test-and-clear of the armed guard; False when it has already fired."""

    def revert(self, arming: Arming) -> None:
        """Roll back now, over this (old) connection. Raises Unreachable: then the device's own timer does it."""

    def persist(self, edits: Sequence[Edit], arming: Arming) -> None:
        """After confirm: run what makes the change survive a reboot."""

    def close(self) -> None:
        """End the connection; never raises."""
