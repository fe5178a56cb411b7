# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one person is handed over: their own active credentials on the devices of one site. Pure.

Two views of it: :class:`Bundle` holds secrets and goes into the encrypted file alone; :class:`Row` holds none, and is
all that the sheet on paper is made from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..credential_store.entries import BY_HAND
from ..credential_store.record import Credential, Record
from ..disclosure import Category, disclosures
from ..model import digest
from ..secret import Secret


@dataclass(frozen=True, slots=True)
class Entry:
    """One credential on one device. ``secret`` is None where only a pending one exists: the device may not have it."""

    device: str
    label: str  # "" where the device has none
    account: str  # "" where nobody told whose it is
    secret: Secret | None
    surfaces: tuple[str, ...]
    number: int
    changing: bool  # another one is on its way to the device

    @property
    def password(self) -> str:
        """The secret in clear, for the encrypted file; "" where there is none."""
        return self.secret.reveal() if self.secret else ""


@dataclass(frozen=True, slots=True)
class Row:
    """What everybody may read of an entry. ``label`` and ``account`` are "" where they would tell where it is."""

    number: int  # the same in the bundle, for devices without a label
    label: str
    account: str
    changing: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything of one person on one site."""

    site: str
    person: str
    entries: tuple[Entry, ...]
    words: tuple[str, ...] = ()  # of the site, which nobody may read outside

    def __bool__(self) -> bool:
        """Whether there is anything to hand over."""
        return any(entry.secret is not None for entry in self.entries)

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(
            Row(number, self.outside(entry.label), self.outside(entry.account), entry.changing)
            for number, entry in enumerate(self.entries, 1)
        )

    def outside(self, text: str) -> str:
        """The text, if it may stand where everybody reads it; "" when it names the facility."""
        told = disclosures(text, self.words)
        return "" if any(found.category is Category.FACILITY for found in told) else text

    def digest(self, key: str) -> str:
        """Another one when anything of it, or the key, is another. It could be guessed at: keep it sealed."""
        entries = [
            [entry.device, entry.label, entry.account, entry.password, list(entry.surfaces), entry.number,
             entry.changing]
            for entry in self.entries
        ]  # fmt: skip
        return digest([self.site, self.person, entries, sorted(self.words), key])


def bundle(site: str, person: str, records: Iterable[tuple[str, Record]], words: Iterable[str] = ()) -> Bundle:
    """From ``(label, record)`` of each device of the site. Who was retired on one has nothing there."""
    found = [entry for label, record in records if (entry := _entry(label, record))]
    entries = sorted(found, key=lambda entry: entry.device)
    return Bundle(site, person, tuple(entries), tuple(sorted(set(words))))


def _entry(label: str, record: Record) -> Entry | None:
    credential: Credential | None = record.active or record.pending
    if credential is None or record.retired:
        return None
    return Entry(
        device=record.owner.device,
        label=label,
        account="" if credential.account == BY_HAND else credential.account,
        secret=record.active.secret if record.active else None,
        surfaces=credential.surfaces,
        number=credential.number,
        changing=record.pending is not None,
    )
