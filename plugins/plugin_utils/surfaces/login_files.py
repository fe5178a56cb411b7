# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose names stand in password files of lines ``name:…``. What stands behind a name stays on the device (C2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..display import show
from ..model import Intent, Unreadable
from ..raw import Follow, Output, Raw, Read, missing

#: Prints ``name:digest`` of a line in the form of htdigest(1), and ``name:`` of any other account. Whose hash begins
#: with a mark gets in nowhere: crypt(5).
_DIGESTS = r"s/^([^:#][^:]*):.*:([0-9a-fA-F]{32}|[0-9a-fA-F]{64})$/\1:digest/p;t;"
_LOCKED = r"/^[^:]*:[!*]/d;"
_NAMES = r"s/^([^:#][^:]*):.*/\1:/p"
_MOST = 500
_GONE = "No such file"  # GNU's and busybox's sed say it


def names(name: str, file: str, follow: Follow | None, hashed: bool = True) -> Read:
    """``hashed``: what stands behind a name is for crypt(3), and may be locked."""
    script = f"{_DIGESTS}{_LOCKED if hashed else ''}{_NAMES}"
    return Read(f"{name}_names", command=("sed", "-nE", script, file), follow=follow, limit=1 << 16)


@dataclass(slots=True)
class Files:
    """``{path: names}`` of the files that are there, which of them have lines of digests, and what was not read."""

    names: dict[str, list[str]] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)


def files(raw: Raw, reads: Iterable[Read]) -> Files:
    """Raises Unreadable where nobody asked."""
    found = Files()
    for read in reads:
        if read.name not in raw.outputs:
            raise Unreadable("whose names stand in the password files was not read")
        for key, out in raw.all(read.name).items():
            _take(found, key.rpartition(" ")[2], out)
    found.unread = list(dict.fromkeys(found.unread))
    return found


def _take(found: Files, path: str, out: Output) -> None:
    if missing(out) or (out.rc and _GONE in out.text):
        return
    told = [line.rpartition(":") for line in out.text.split("\n") if line]
    if out.error or out.rc or out.truncated or len(told) > _MOST:
        found.unread.append(f"{show(path)}: {show(out.error, 80) or 'its accounts could not be read, or not all'}")
        return
    found.names[path] = list(dict.fromkeys(name for name, _colon, _kind in told))
    if any(kind for _name, _colon, kind in told):
        found.digests.add(path)


@dataclass(frozen=True, slots=True)
class Holders:
    """Whose the accounts of some password files are."""

    state: Mapping[str, Any]
    intent: Intent

    @property
    def files(self) -> Mapping[str, list[str]]:
        found: Mapping[str, list[str]] = self.state["files"]
        return found

    def places(self, name: str) -> list[str]:
        return [path for path, held in self.files.items() if name in held]

    @property
    def everybody(self) -> list[str]:
        return list(dict.fromkeys(name for held in self.files.values() for name in held))

    @property
    def left(self) -> list[str]:
        """The accounts of nobody who is declared."""
        return [name for name in self.everybody if not self.intent.is_declared(name)]


def placed(name: str, paths: Iterable[str]) -> str:
    """One account for a person: ``office (/etc/nginx/panel.users)``."""
    return f"{show(name, 40)} ({', '.join(show(path, 120) for path in paths)})"
