# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credentials of one site, wherever they are kept: one record for each person and device, one run at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..evidence import directory_name
from . import files
from .record import Owner, Record

Step = Callable[[Record], Record]


class Keeper(Protocol):
    """Where records are kept, each whole: as it was, or as it was changed. All it raises is Unusable."""

    def record(self, owner: Owner) -> Record | None:
        """What is known; None where nothing is kept."""

    def records(self, site: str, device: str) -> Iterable[Record]:
        """Everybody of whom something is kept, in any order."""

    def change(self, owner: Owner, step: Step) -> Record:
        """What the step makes of the record, or of one without credentials. It returns when that is kept."""

    def where(self, owner: Owner) -> str:
        """The place, for messages."""


@dataclass(frozen=True, slots=True)
class Store:
    """The credentials of one site. Reading takes no lock: a record is always whole."""

    directory: Path  # the site's own
    site: str
    keeper: Keeper

    def record(self, device: str, person: str) -> Record:
        """What is known; a record without credentials where nothing is kept."""
        owner = Owner(self.site, device, person)
        return self.keeper.record(owner) or Record(owner)

    def records(self, device: str) -> tuple[Record, ...]:
        """Everybody who has a record of the device, also who is on no list any more; by name."""
        return tuple(sorted(self.keeper.records(self.site, device), key=lambda record: record.owner.person))

    def where(self, device: str, person: str) -> str:
        """Where the record is kept, for messages."""
        return self.keeper.where(Owner(self.site, device, person))

    @contextmanager
    def changing(self, device: str) -> Iterator[Callable[[str, Step], Record]]:
        """``keep(person, step)``, for as long as no other run of this controller may change this device's credentials.

        It returns when the record that the step made is kept. Raises Busy where another run is at it.
        """
        folder = self.directory / "credentials" / directory_name(device)
        files.make(folder.parent)
        files.make(folder)
        with files.locked(folder / ".lock"):
            yield lambda person, step: self.keeper.change(Owner(self.site, device, person), step)
