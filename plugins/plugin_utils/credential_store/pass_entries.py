# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of pass, the standard Unix password manager, by way of the lookup community.general.passwordstore.

The first line is the secret, one line that begins with ``iot_site:`` is the record, and every other one is left alone.
``pass insert`` writes over an entry as it goes, and what dies halfway leaves a half. So it writes a new one beside it,
which is seen to open, and ``pass mv`` gives that the name, whole.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..secret import Secret
from . import files
from .entries import Entry
from .lookups import Lookups
from .unusable import Damaged, Sealed, Unkept

LOOKUP = "community.general.passwordstore"
_OURS = "iot_site: "

#: The lookup adds nothing of its own: no time, no old secret.
_AS_IT_IS = {"create": True, "overwrite": True, "backup": False, "timestamp": False, "preserve": False,
             "subkey": "password"}  # fmt: skip
_WHOLE = {"returnall": True, "missing": "empty"}


def moved(home: Path, old: str, new: str) -> None:
    """``pass mv``, which tells git as well where the store has one."""
    done = subprocess.run(
        ["pass", "mv", "--force", old, new],
        env={**os.environ, "PASSWORD_STORE_DIR": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise Unkept(f"pass does not give {new} its new content. What was there is as it was. See why with: pass mv")


@dataclass(frozen=True, slots=True)
class PassEntries:
    """A manager (entries.py)."""

    lookups: Lookups
    move: Callable[[Path, str, str], None] = moved

    def get(self, path: str) -> Entry | None:
        text = self._text(path)
        return None if text is None else _read(text, path)

    def put(self, path: str, entry: Entry) -> None:
        if self.lookups.option(LOOKUP, "backend") != "pass":
            raise Unkept("Credentials are written to pass only, not to gopass: set passwordstore_backend to pass")
        folder, _slash, name = path.rpartition("/")
        fresh, text = f"{folder}/.{name}.new", _written(entry)
        files.remove(self._file(fresh))  # a dead run's, which may be half of one
        self.lookups.ask(LOOKUP, fresh, userpass=f"{text}\n", **_AS_IT_IS)
        if self._text(fresh) != text:
            raise Sealed(f"pass does not encrypt {path} so that it opens again. What was there is as it was")
        files.settle(self._file(fresh), self._file(fresh).parent)
        self.move(self._home, fresh, path)
        files.settle(self._file(path), self._home)

    def names(self, folder: str) -> Sequence[str]:
        found = [file.name.removesuffix(".gpg") for file in files.found(self._home / folder, "*.gpg")]
        return [name for name in found if not name.startswith(".")]

    def _text(self, path: str) -> str | None:
        text = self.lookups.ask(LOOKUP, path, **_WHOLE)
        return None if text is None else str(text)

    @property
    def _home(self) -> Path:
        return Path(self.lookups.option(LOOKUP, "directory") or "~/.password-store").expanduser()

    def _file(self, path: str) -> Path:
        return self._home / f"{path}.gpg"


def _read(text: str, path: str) -> Entry:
    password, *lines = text.split("\n")
    told = [line.removeprefix(_OURS) for line in lines if line.startswith(_OURS)]
    if len(told) > 1:
        raise Damaged(
            f"{path} in pass cannot be used: more than one line begins with {_OURS.strip()} Remove the others"
        )
    rest = tuple(line for line in lines if not line.startswith(_OURS))
    return Entry(Secret(password), "".join(told), rest)


def _written(entry: Entry) -> str:
    rest = entry.rest if isinstance(entry.rest, tuple) else ()
    return "\n".join([entry.password.reveal(), *rest, f"{_OURS}{entry.told}"])
