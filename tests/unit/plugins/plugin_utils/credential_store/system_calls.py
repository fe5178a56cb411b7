# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System calls that fail, or at which the process dies or the power goes: the disk keeps what it must, and no more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

#: What the power takes with it. nothing: only the process died. data: what was written and not synced. names: renames
#: and directories that were not synced.
Lost = Literal["nothing", "data", "names"]

_COUNTED = ("open", "write", "fsync", "fchmod", "chmod", "mkdir", "replace", "unlink")


class Killed(BaseException):
    """The process is gone: no handler of it runs any more."""


class SystemCalls:
    """Counts them. At number ``stop`` the process dies, or that one call fails with ``error``; never when 0."""

    def __init__(self, stop: int = 0, error: OSError | None = None) -> None:
        self.made: list[str] = []
        self._stop, self._error = stop, error
        self._real = {name: getattr(os, name) for name in (*_COUNTED, "close")}
        self._paths: dict[int, Path] = {}
        self._unsynced: set[Path] = set()
        self._renamed: list[tuple[Path, bytes | None]] = []  # with what the name stood for on the disk
        self._directories: list[Path] = []

    @property
    def dead(self) -> bool:
        return self._error is None and 0 < self._stop <= len(self.made)

    @contextmanager
    def counting(self) -> Iterator[SystemCalls]:
        with pytest.MonkeyPatch.context() as patch:
            for name in _COUNTED:
                patch.setattr(os, name, self._counted(name))
            patch.setattr(os, "close", self._close)
            yield self

    def point(self, name: str) -> None:
        """Anything else that happens in between, such as a word with the device."""
        if self.dead:
            raise Killed
        self.made.append(name)
        if self._stop == len(self.made):
            raise self._error or Killed

    def lose(self, lost: Lost) -> None:
        """The power goes after the process."""
        if lost == "data":
            for path in filter(Path.exists, self._unsynced):
                path.write_bytes(b"")
        if lost == "names":
            for path, old in reversed(self._renamed):
                path.unlink() if old is None else path.write_bytes(old)
            for directory in reversed(self._directories):
                shutil.rmtree(directory)

    def _counted(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            alive = not self.dead
            try:
                self.point(name)
            except Killed:
                if alive and name == "write":  # half of it is out
                    self._real[name](arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise
            old = Path(arguments[1]) if name == "replace" else None
            content = old.read_bytes() if old and old.exists() else None
            result = self._real[name](*arguments, **named)
            self._made(name, arguments, result, content)
            return result

        return call

    def _made(self, name: str, arguments: tuple[Any, ...], result: Any, old: bytes | None = None) -> None:
        if name == "open":
            self._paths[result] = Path(arguments[0])
        elif name == "write":
            self._unsynced.add(self._paths[arguments[0]])
        elif name == "mkdir":
            self._directories.append(Path(arguments[0]))
        elif name == "replace":
            source, target = map(Path, arguments)
            self._renamed.append((target, old))
            self._unsynced = {target if path == source else path for path in self._unsynced}
        elif name == "fsync":
            synced = self._paths[arguments[0]]
            self._unsynced.discard(synced)
            self._renamed = [(path, was) for path, was in self._renamed if path.parent != synced]
            self._directories = [path for path in self._directories if path.parent != synced]

    def _close(self, handle: int) -> None:
        self._paths.pop(handle, None)
        self._real["close"](handle)  # also when dead: the kernel does it
