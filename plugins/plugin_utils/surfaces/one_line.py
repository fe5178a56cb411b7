# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of one line in somebody else's file, on the device: the rest of the file never travels and stays as it is.

The whole line must be what was read, or nothing is changed. A state may keep such a line only where it can hold
no secret.
"""

from __future__ import annotations

import re

from ..model import RunEdit

#: Between the parts of a sed command: in no line of text.
_DELIMITER = "\x01"


def possible(line: str) -> bool:
    """Whether ``line`` can be replaced by :func:`replace_line`."""
    return not any(char in line for char in ("\n", "\0", _DELIMITER))


def replace_line(path: str, number: int, before: str, after: str) -> RunEdit:
    """Line ``number`` of ``path`` becomes ``after``, provided it is still ``before``."""
    return RunEdit(_sed(path, _substitute(number, before, after)), undo=_sed(path, _substitute(number, after, before)))


def insert_first(path: str, line: str) -> RunEdit:
    """``line`` becomes the first of ``path``, above everything that is there."""
    if not possible(line):
        raise ValueError("not one line of text")
    return RunEdit(_sed(path, f"1i\\\n{line}"), undo=_sed(path, f"1{{\n/^{_pattern(line)}$/d\n}}"))


def _sed(path: str, script: str) -> tuple[str, ...]:
    return ("sed", "-i", "--follow-symlinks", "-e", script, path)


def _substitute(number: int, before: str, after: str) -> str:
    if not (possible(before) and possible(after)):
        raise ValueError("not one line of text")
    return _DELIMITER.join((f"{number}s", f"^{_pattern(before)}$", re.sub(r"([\\&])", r"\\\1", after), ""))


def _pattern(text: str) -> str:
    return re.sub(r"([][\\.*^$/])", r"\\\1", text)
