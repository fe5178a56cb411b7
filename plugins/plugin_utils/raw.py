# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device is asked, and what it answered: reads and raw outputs, before any parser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import Json, Unreadable

#: The declared fallback: Japanese devices answer in UTF-8 or in one of these.
ENCODINGS = ("utf-8", "cp932", "euc-jp")


@dataclass(frozen=True, slots=True)
class Follow:
    """Expands a read on the device: once for each match of ``pattern``'s group 1 in the output of ``of``.

    The match replaces ``{}`` in the read's ``files`` or ``command``. So all reads still travel together.
    """

    of: str
    pattern: str  # Python regular expression, MULTILINE


@dataclass(frozen=True, slots=True)
class Read:
    """One thing wanted from a device. Hosts: a file, a glob, or an argv. CLI devices: one command line."""

    name: str
    files: str = ""
    command: tuple[str, ...] = ()
    follow: Follow | None = None
    secret: bool = False  # travels with no_log and never becomes a fact
    limit: int = 1 << 20  # bytes kept
    answers: tuple[tuple[str, str], ...] = ()  # CLI: (pattern of a question, whose secret: become or console)


@dataclass(frozen=True, slots=True)
class Output:
    """One answer. ``error`` says why there is none (missing file, missing program, timeout)."""

    data: bytes = b""
    rc: int = 0
    truncated: bool = False
    error: str = ""

    @property
    def text(self) -> str:
        """Decoded with the declared fallbacks; a byte that fits nowhere shows as an escape, never raises."""
        for encoding in ENCODINGS:
            try:
                return self.data.decode(encoding)
            except UnicodeDecodeError:
                continue
        return self.data.decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Raw:
    """All outputs of one read of one device: ``{read name: {path or expanded command: output}}``.

    A capture saved from a device is the same thing, so parsers never know which one they see.
    """

    outputs: Mapping[str, Mapping[str, Output]] = field(default_factory=dict)
    parsed: dict[str, dict[str, Json] | Exception] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )  # by surface

    def all(self, name: str) -> Mapping[str, Output]:
        """Every output of a glob or a followed read, by path or command; empty when nothing matched."""
        return self.outputs.get(name, {})

    def files(self, name: str) -> dict[str, str]:
        """The texts of the files that exist, by path; an unreadable or truncated one raises Unreadable."""
        return {path: self._checked(name, path, out) for path, out in self.all(name).items() if not missing(out)}

    def text(self, name: str) -> str:
        """The one output of a plain read. Raises Unreadable when it is missing, failed or was cut off."""
        outputs = list(self.all(name).items())
        if not outputs:
            raise Unreadable(f"{name} was not read")
        key, output = outputs[0]
        return self._checked(name, key, output)

    def has(self, name: str) -> bool:
        """Whether a plain read gave an answer at all (the file exists, the program is installed and succeeded)."""
        return any(not out.error and out.rc == 0 for out in self.all(name).values())

    @staticmethod
    def _checked(name: str, key: str, output: Output) -> str:
        if output.error:
            raise Unreadable(f"{name} ({key}): {output.error}")
        if output.rc:
            raise Unreadable(f"{name} ({key}) ended with status {output.rc}: {output.text.strip()[-200:]}")
        if output.truncated:
            raise Unreadable(f"{name} ({key}) is longer than we read; it cannot be judged in part")
        return output.text


def missing(output: Output) -> bool:
    """The file or program does not exist on the device (the transports give exactly this error)."""
    return output.error == "missing"
