# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was made for a person, on the disk: ``handover/<person>/`` in the site's directory, mode 0700, files 0600.

Three files: the bundle, the sheet, and ``made.yml``, which says what they were made from, so that a run without news
changes nothing. A digest of secrets could be guessed at, so ``made.yml`` is sealed as the credentials are. It is
written last: whatever a dead run, a hand or a disk left otherwise is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

from ..credential_store import files
from ..credential_store.sealed_files import Seal
from ..credential_store.unusable import Damaged, Sealed
from ..evidence import directory_name, json_text
from ..model import Json

SHEET = "sheet.html"
_MADE = "made.yml"


@dataclass(frozen=True, slots=True)
class Made:
    """What the files of a person were made from."""

    site: str
    person: str
    content: str  # Bundle.digest
    key: str  # the public key as people compare it
    day: str
    files: Mapping[str, str] = field(default_factory=dict)  # {name: SHA-256}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The place of one person of one site. Everything here raises Unusable, which says what to do."""

    directory: Path  # the site's own
    site: str
    person: str
    seal: Seal

    @property
    def folder(self) -> Path:
        return self.directory / "handover" / directory_name(self.person)

    def made(self) -> Made | None:
        """What lies there whole; None where something is missing or altered. Raises Damaged for somebody else's."""
        path = self.folder / _MADE
        sealed = files.get(path)
        made = None if sealed is None else _read(self._opened(path, sealed))
        if made is None:
            return None
        if (made.site, made.person) != (self.site, self.person):
            belongs = f"it belongs to {made.person} of site '{made.site}'"
            raise Damaged(f"{path} cannot be used: {belongs}. Give each site an iot_site_directory of its own")
        whole = all(_has(self.folder / name, digest) for name, digest in made.files.items())
        return made if whole else None

    def put(self, made: Made, content: Mapping[str, bytes], others: Collection[str]) -> None:
        """The files, and nothing of the other names; ``made.files`` are the digests of ``content``."""
        sealed = self.seal.encrypt(json_text(cast(Json, asdict(made))).encode("utf-8"))
        files.make(self.folder.parent)
        files.make(self.folder)
        with files.locked(self.folder / ".lock"):
            for name, data in content.items():
                files.put(self.folder / name, data)
            for name in set(others) - set(content):
                files.remove(self.folder / name)
            files.put(self.folder / _MADE, sealed)

    def _opened(self, path: Path, sealed: bytes) -> bytes:
        try:
            return self.seal.decrypt(sealed)
        except Sealed as error:
            raise Sealed(f"{path} cannot be opened: {error}. Or remove {self.folder}: it is made anew") from None


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _has(path: Path, digest: str) -> bool:
    data = files.get(path)
    return data is not None and sha256(data) == digest


def _read(clear: bytes) -> Made | None:
    """None for what another version wrote: it is made anew."""
    try:
        return Made(**json.loads(clear))
    except (TypeError, ValueError):
        return None
