# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded store: one sealed file for each person and device, ``credentials/<device>/<person>.yml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..evidence import directory_name
from . import document, files
from .record import Owner, Record
from .unusable import Damaged, Sealed


class Seal(Protocol):
    """What makes clear text unreadable, and readable again. Both raise Sealed, which says why and shows nothing."""

    def encrypt(self, clear: bytes) -> bytes:
        """Sealed bytes that :meth:`decrypt` opens."""

    def decrypt(self, sealed: bytes) -> bytes:
        """The clear text; never anything that was altered."""


Step = Callable[[Record], Record]


@dataclass(frozen=True, slots=True)
class Store:
    """The credentials of one site. Reading takes no lock: a file is always whole."""

    directory: Path  # the site's own
    site: str
    seal: Seal

    def record(self, device: str, person: str) -> Record:
        """What is known; a record without credentials where there is no file."""
        owner = Owner(self.site, device, person)
        return self._record(owner) or Record(owner)

    def records(self, device: str) -> tuple[Record, ...]:
        """Everybody who has a file for the device, also who is on no list any more; by name."""
        found = [self._person(path, device) for path in files.found(self._folder(device), "*.yml")]
        return tuple(sorted((record for record in found if record), key=lambda record: record.owner.person))

    @contextmanager
    def changing(self, device: str) -> Iterator[Callable[[str, Step], Record]]:
        """``keep(person, step)``, for as long as nobody else may change this device's credentials.

        It returns when the record that the step made is on the disk. Raises Busy where another run is at it.
        """
        folder = self._folder(device)
        files.make(folder.parent)
        files.make(folder)
        with files.locked(folder / ".lock"):
            yield lambda person, step: self._keep(Owner(self.site, device, person), step)

    def _keep(self, owner: Owner, step: Step) -> Record:
        known = self._record(owner)
        if known is None:
            self._same_secret()
        before = known or Record(owner)
        after = step(before)
        if after != before:
            path = self._path(owner)
            files.put(path, self._sealed(path, after))
        return after

    def _same_secret(self) -> None:
        """A first file is not sealed with a secret that does not open the files which are there."""
        for path in files.found(self._credentials, "*/*.yml")[:1]:
            self._clear(path)

    def _sealed(self, path: Path, record: Record) -> bytes:
        """What cannot be opened again is not worth the file that it would replace."""
        clear = document.written(record)
        sealed = self.seal.encrypt(clear)
        if clear in sealed or self.seal.decrypt(sealed) != clear:
            raise Sealed(f"{path} could not be sealed so that it opens again. It was left as it is")
        return sealed

    def _record(self, owner: Owner) -> Record | None:
        path = self._path(owner)
        record = self._read(path)
        return _whose(path, record, owner) if record else None

    def _person(self, path: Path, device: str) -> Record | None:
        record = self._read(path)
        if record is None:  # removed since it was listed
            return None
        owner = Owner(self.site, device, record.owner.person)
        return _whose(path, record, owner if self._path(owner) == path else None)

    def _read(self, path: Path) -> Record | None:
        clear = self._clear(path)
        if clear is None:
            return None
        try:
            return document.read(clear)
        except Damaged as error:
            raise Damaged(f"{path} cannot be used: {error}") from None

    def _clear(self, path: Path) -> bytes | None:
        sealed = files.get(path)
        try:
            return None if sealed is None else self.seal.decrypt(sealed)
        except Sealed as error:
            raise Sealed(f"{path} cannot be opened: {error}") from None

    @property
    def _credentials(self) -> Path:
        return self.directory / "credentials"

    def _folder(self, device: str) -> Path:
        return self._credentials / directory_name(device)

    def _path(self, owner: Owner) -> Path:
        return self._folder(owner.device) / f"{directory_name(owner.person)}.yml"


def _whose(path: Path, record: Record, owner: Owner | None) -> Record:
    """A file that was moved or renamed opens as well; it must not stand for somebody else."""
    if record.owner != owner:
        belongs = f"it belongs to {record.owner} of site '{record.owner.site}'"
        raise Damaged(f"{path} cannot be used: {belongs}. Move it back to where it was")
    return record
