# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of net-snmp's agent, in the order in which it meets them. They may hold secrets.

Measured on net-snmp 5.9.3: of the lines with one name the last counts; words are case-blind; a line that is not
understood is skipped and the rest counts; included files stand in the place of their include.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ..display import show
from ..model import Unreadable

MAIN = "/etc/snmp/snmpd.conf"

#: A word, in quotes or not. A ``#`` that begins one begins a remark.
_WORD = re.compile(r"\s*(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([^\s#]\S*))")

_SWITCH = re.compile(r"\s*\[\s*([^\s\]]+)\s*\]\s*(.*?)\s*$")
_SETTING = re.compile(r"\s*([^\s#]+)\s*(.*?)\s*$")

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One setting where it stands. ``text`` may hold a secret."""

    word: str  # in lower case
    args: tuple[str, ...]
    rest: str  # everything after the word, as names take it
    file: str
    number: int
    text: str

    @property
    def at(self) -> str:
        return f"{self.file}:{self.number}"


def lines(
    files: Mapping[str, str], folders: Collection[str], start: str, kind: str = "snmpd", depth: int = 0
) -> Iterator[Line]:
    """The agent's lines of one file and of what it includes; Unreadable where that was not read.

    ``folders`` are those whose files were read. ``kind`` is what the file is about: ``[snmpd]`` alone on its line
    changes it for the rest of the file, and before a setting for that one.
    """
    if depth > _DEEPEST:
        raise Unreadable(f"{start}: files include each other without end")
    for number, text in enumerate(files[start].split("\n"), 1):
        switched = _SWITCH.match(text)
        about, said = (switched[1].lower(), switched[2]) if switched else (kind, text)
        if switched and not said:
            kind = about
        line = _line(said, start, number, text)
        if line is None or about not in ("snmpd", "snmp"):
            continue
        if line.word in ("includefile", "includedir"):
            for path in _included(files, folders, line):
                yield from lines(files, folders, path, about, depth + 1)
        elif about == "snmpd" or line.word == "persistentdir":
            yield line


def _line(said: str, file: str, number: int, text: str) -> Line | None:
    found = _SETTING.match(said)
    return Line(found[1].lower(), tuple(_words(found[2])), found[2], file, number, text) if found else None


def _words(rest: str) -> Iterator[str]:
    place = 0
    while found := _WORD.match(rest, place):
        yield from [group for group in found.groups() if group is not None][:1]
        place = found.end()


def _included(files: Mapping[str, str], folders: Collection[str], line: Line) -> list[str]:
    if not line.args:
        return []
    path = posixpath.normpath(posixpath.join(posixpath.dirname(line.file), line.args[0]))
    if path not in (folders if line.word == "includedir" else files):
        raise Unreadable(f"{line.at} includes what was not read: {show(path)}")
    if line.word == "includefile":
        return [path]
    return sorted(name for name in files if posixpath.dirname(name) == path and name.endswith(".conf"))
