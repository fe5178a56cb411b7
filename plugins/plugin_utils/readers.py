# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads single inventory values: each reader returns the value in its one form, or raises :class:`Expected`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

from .problems import Expected

_YAML_ON: dict[Any, str] = {True: "on"}  # what YAML 1.1 makes of the key on without quotes
_TRUE = frozenset({"true", "yes", "on", "1"})  # "-e name=true" arrives as text
_FALSE = frozenset({"false", "no", "off", "0"})


def text(pattern: str, expected: str) -> Callable[[Any], str]:
    """A text of which the whole matches the pattern."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise Expected(expected)
        return str(value)

    return read


def line(longest: int, shortest: int = 1) -> Callable[[Any], str]:
    """One printable line in any language."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not shortest <= len(value.strip()) <= longest or not value.isprintable():
            raise Expected(f"one line of {shortest} to {longest} printable characters")
        return value.strip()

    return read


def whole(low: int, high: int, why: str = "") -> Callable[[Any], int]:
    """A whole number between two bounds, also as digits."""

    def read(value: Any) -> int:
        digits = isinstance(value, str) and re.fullmatch("[0-9]{1,12}", value)
        number = int(value) if digits else value
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise Expected(f"a whole number from {low} to {high}{why}")
        return number

    return read


def choice(*allowed: str) -> Callable[[Any], str]:
    """One of a few words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise Expected(f"one of {', '.join(allowed)}")
        return str(value)

    return read


def some_of(*allowed: str, fewest: int = 1) -> Callable[[Any], frozenset[str]]:
    """A list of ``fewest`` or more of a few words."""

    def read(value: Any) -> frozenset[str]:
        if not isinstance(value, (list, tuple)) or len(value) < fewest or not all(word in allowed for word in value):
            raise Expected(f"a list of some of {', '.join(allowed)}")
        return frozenset(str(word) for word in value)

    return read


def keys(entry: Mapping[Any, Any]) -> dict[Any, Any]:
    """The entry with the keys that its author wrote."""
    return {_YAML_ON.get(key, key): value for key, value in entry.items()}


def flag(value: Any) -> bool:
    """Yes or no, as YAML or the command line writes it."""
    word = str(value).casefold()
    if not isinstance(value, (bool, str, int)) or word not in _TRUE | _FALSE:
        raise Expected("true or false")
    return word in _TRUE


def day(value: Any) -> str:
    """A day in ISO 8601. YAML makes a date of an unquoted one."""
    if isinstance(value, datetime.datetime):
        raise Expected("a day without a time, e.g. 2027-03-31")
    if isinstance(value, datetime.date):
        return value.isoformat()
    try:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise Expected("a day that exists, e.g. 2027-03-31") from error
