# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records in a password manager that people use as well: one entry for each person and device.

An entry shows the active secret where everybody who opens it looks for it, and holds the whole record beside it. What
else people keep in it stays. Whoever changes the secret by hand is believed: it is active then, and the record says
that it was not made by us.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from ..evidence import directory_name
from ..secret import Secret
from . import document
from .record import Credential, Owner, Record, candidates, settled
from .store import Step
from .unusable import Damaged, Unkept, Unusable

T = TypeVar("T")

#: The account of a secret that somebody put into an entry. No device has one of that name: it is not taken for ours.
BY_HAND = "\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry holds. ``version`` is the manager's own number of it, where it has one."""

    password: Secret = field(default_factory=lambda: Secret(""))
    told: str = field(default="", repr=False)  # the record, as one line of JSON; "" where we have written none
    rest: object = field(default=None, repr=False)  # what people keep beside it; only its own manager knows its form
    version: int = 0


class Manager(Protocol):
    """A password manager. It may raise anything: whose words those are, and what they hold, nobody knows."""

    def get(self, path: str) -> Entry | None:
        """The entry; None where there is none."""

    def put(self, path: str, entry: Entry) -> None:
        """The entry, whole or not at all, in place of the one that it was made from."""

    def names(self, folder: str) -> Sequence[str]:
        """The last steps of the paths in a folder; none where there is no folder."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A keeper (store.py)."""

    name: str  # of the manager, for messages
    manager: Manager
    meaning: Callable[[Exception], str]  # of what the manager raises, in words that hold no secret

    def record(self, owner: Owner) -> Record | None:
        entry = self._get(path(owner))
        return self._read(entry, owner) if entry else None

    def records(self, site: str, device: str) -> Iterator[Record]:
        """Of those who have a record of ours: an entry without one does not say whose it is."""
        folder = _folder(site, device)
        for name in self._said("does not list", folder, lambda: self.manager.names(folder)):
            where = f"{folder}/{name}"
            entry = self._get(where)
            if entry and entry.told:
                known = self._told(entry, where)
                owner = Owner(site, device, known.owner.person)
                yield as_shown(entry, document.owned(known, owner if path(owner) == where else None, self._at(where)))

    def change(self, owner: Owner, step: Step) -> Record:
        where = path(owner)
        entry = self._get(where) or Entry()
        before = self._read(entry, owner)
        after = step(before)
        if after != before:
            self._said("does not take", where, lambda: self.manager.put(where, shown(entry, after)))
        return after

    def where(self, owner: Owner) -> str:
        return self._at(path(owner))

    def _get(self, where: str) -> Entry | None:
        return self._said("gives no secret of", where, lambda: self.manager.get(where))

    def _read(self, entry: Entry, owner: Owner) -> Record:
        where = path(owner)
        known = document.owned(self._told(entry, where), owner, self._at(where)) if entry.told else Record(owner)
        return as_shown(entry, known)

    def _told(self, entry: Entry, where: str) -> Record:
        try:
            return document.read(entry.told.encode("utf-8", "replace"))
        except Damaged as error:
            raise Damaged(f"{self._at(where)} cannot be used: {error}") from None

    def _at(self, where: str) -> str:
        return f"{where} in {self.name}"

    def _said(self, what: str, where: str, call: Callable[[], T]) -> T:
        """Its own error is left behind before ours is raised: it could quote the secret."""
        try:
            return call()
        except Unusable:
            raise
        except Exception as error:
            why = self.meaning(error)
        raise Unkept(f"{self.name} {what} {where}: {why}")


def path(owner: Owner) -> str:
    """Where an entry lies. Names are made harmless: some lookups read options behind a space."""
    return f"{_folder(owner.site, owner.device)}/{directory_name(owner.person)}"


def _folder(site: str, device: str) -> str:
    return "/".join(["iot_site", *map(directory_name, (site, device))])


def as_shown(entry: Entry, known: Record) -> Record:
    """The record, with the secret that the entry shows as the active one.

    Another secret of the record: somebody has brought to its end what a run began. One that the record does not know:
    somebody has set it by hand.
    """
    if not entry.password:
        return known
    opened = next((one for one in candidates(known) if one.secret == entry.password), None)
    if opened is not None:
        return settled(known, opened)
    number = known.counter + 1
    by_hand = Credential(number, BY_HAND, entry.password, (), "")
    return replace(known, counter=number, active=by_hand, previous=known.active or known.previous, retired="")


def shown(entry: Entry, record: Record) -> Entry:
    """The entry that the record makes of this one."""
    told = json.dumps(json.loads(document.written(record)))
    return replace(entry, password=record.active.secret if record.active else Secret(""), told=told)
