# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded store: one sealed file for each person and device, ``credentials/<device>/<person>.yml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..evidence import directory_name
from . import document, files
from .record import Owner, Record
from .store import Step, Store
from .unusable import Damaged, Sealed


class Seal(Protocol):
    """What makes clear text unreadable, and readable again. Both raise Sealed, which says why and shows nothing."""

    def encrypt(self, clear: bytes) -> bytes:
        """Sealed bytes that :meth:`decrypt` opens."""

    def decrypt(self, sealed: bytes) -> bytes:
        """The clear text; never anything that was altered."""


def embedded(directory: Path, site: str, seal: Seal) -> Store:
    """The store of a site that keeps its credentials in its own directory."""
    return Store(directory, site, SealedFiles(directory, seal))


@dataclass(frozen=True, slots=True)
class SealedFiles:
    """A keeper (store.py)."""

    directory: Path  # the site's own
    seal: Seal

    def record(self, owner: Owner) -> Record | None:
        path = self._path(owner)
        record = self._read(path)
        return document.owned(record, owner, path) if record else None

    def records(self, site: str, device: str) -> Iterator[Record]:
        for path in files.found(self._folder(device), "*.yml"):
            record = self._read(path)
            if record is not None:  # else it was removed since it was listed
                owner = Owner(site, device, record.owner.person)
                yield document.owned(record, owner if self._path(owner) == path else None, path)

    def change(self, owner: Owner, step: Step) -> Record:
        known = self.record(owner)
        if known is None:
            self._same_secret()
        before = known or Record(owner)
        after = step(before)
        if after != before:
            path = self._path(owner)
            files.put(path, self._sealed(path, after))
        return after

    def where(self, owner: Owner) -> str:
        return str(self._path(owner))

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
