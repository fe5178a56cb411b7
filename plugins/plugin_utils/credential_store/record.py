# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of one person's credential on one device, and the steps it can take. Pure.

A credential is *pending* before the device hears of it, *active* once the device was seen to take it, and *previous*
when another one took its place. Whoever changes a device keeps this order, each step on the disk before the next::

    propose -> the device is changed -> a new login with it -> activate

So wherever it is cut short, one of :func:`candidates` opens the device. What is pending then is finished, not replaced:
some surface of the device may have it already. ``withdraw`` is only for a device that was seen to refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..secret import Secret
from .unusable import OutOfStep


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose credential it is, and where: kept inside the file, so that no file is taken for another one."""

    site: str
    device: str
    person: str

    def __str__(self) -> str:
        return f"{self.person} on {self.device}"


@dataclass(frozen=True, slots=True)
class Credential:
    """One secret of one account. The later one has the greater number, whatever the clocks said."""

    number: int
    account: str
    secret: Secret
    surfaces: tuple[str, ...]
    made: str  # ISO 8601, UTC: its age is asked by user_credentials_max_age_days, and nothing else is decided by it


@dataclass(frozen=True, slots=True)
class Record:
    """Everything about one owner. ``counter`` is the number given last; ``retired`` says since when it is not used."""

    owner: Owner
    counter: int = 0
    active: Credential | None = None
    pending: Credential | None = None
    previous: Credential | None = None
    retired: str = ""


def candidates(record: Record) -> tuple[Credential, ...]:
    """What may open the device, the likeliest first: an account locks after a few tries.

    active: unless something was cut short. pending: the device had it, and nobody came to say so. previous: the device
    went back to an older configuration afterwards.
    """
    return tuple(each for each in (record.active, record.pending, record.previous) if each is not None)


def working(record: Record, opens: Callable[[Credential], bool]) -> Credential | None:
    """The first candidate that opens the device; asks for no more than needed."""
    return next((each for each in candidates(record) if opens(each)), None)


def propose(record: Record, *, account: str, secret: Secret, surfaces: tuple[str, ...], made: str) -> Record:
    """A new credential, before any device hears of it."""
    if record.pending is not None:
        raise OutOfStep(
            f"{record.owner} has a pending credential already (number {record.pending.number}), which the device may "
            "have. Bring that one to its end first: set it again, log in with it, and activate it"
        )
    number = record.counter + 1
    return replace(record, counter=number, pending=Credential(number, account, secret, surfaces, made))


def newest(record: Record) -> Credential:
    """What the device shall have: the pending one, else the active one."""
    credential = record.pending or record.active
    if credential is None:
        raise OutOfStep(f"{record.owner} has no credential yet")
    return credential


def used_on(record: Record, surfaces: tuple[str, ...]) -> Record:
    """The newest one is also used there."""
    credential = newest(record)
    every = tuple(dict.fromkeys((*credential.surfaces, *surfaces)))
    wider = replace(credential, surfaces=every)
    return replace(record, pending=wider) if record.pending else replace(record, active=wider)


def activate(record: Record) -> Record:
    """The device was seen to take the pending one. Whoever had been retired is back."""
    pending = _pending(record, "activate")
    return replace(record, active=pending, pending=None, previous=record.active or record.previous, retired="")


def withdraw(record: Record) -> Record:
    """The device was seen not to have the pending one: it refused, or went back."""
    _pending(record, "withdraw")
    return replace(record, pending=None)


def reinstate(record: Record) -> Record:
    """The device was seen to have gone back to the previous one. What was active may return with its configuration."""
    if record.previous is None:
        raise OutOfStep(f"{record.owner} has no previous credential to go back to")
    return replace(record, active=record.previous, previous=record.active)


def retire(record: Record, *, at: str) -> Record:
    """The account is closed on the device. Nothing is forgotten: a device that goes back has it open again."""
    if not candidates(record):
        raise OutOfStep(f"{record.owner} has no credential that could be retired")
    return replace(record, retired=at)


def settled(record: Record, opened: Credential) -> Record:
    """After a run that was cut short: the candidate that opened the device becomes the active one.

    A pending one beside an active one that opens stays pending, for the next run to finish.
    """
    if opened == record.pending:
        return activate(record)
    return reinstate(record) if opened == record.previous else record


def _pending(record: Record, step: str) -> Credential:
    if record.pending is None:
        raise OutOfStep(f"{record.owner} has no pending credential to {step}")
    return record.pending
