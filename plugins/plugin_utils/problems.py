# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong inventory variables: every one is collected and named, none hides behind the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

_SHOWN = 120  # characters of a wrong value: enough to recognise it


class Expected(ValueError):
    """A value is wrong. The message says what was expected, to the person who wrote the value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong variable of one host: where it is, what it says, what it should look like."""

    host: str
    variable: str  # with the place inside it: iot_site_people[noc-a].sources
    value: str  # as shown: escaped, bounded; "" where it must not be shown
    expected: str

    def __str__(self) -> str:
        found = f" is {self.value}" if self.value else ""
        return f"{self.host}: {self.variable}{found}; expected {self.expected}"


class Problems:
    """The wrong variables of one host, in the order they were met."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.found: list[Problem] = []

    def add(self, variable: str, value: object, expected: str) -> None:
        self.found.append(Problem(self.host, variable, shown(value), expected))

    def add_unshown(self, variable: str, expected: str) -> None:
        """For values that may be secret: the name of the variable must do."""
        self.found.append(Problem(self.host, variable, "", expected))

    def read(self, variable: str, value: object, reader: Callable[[Any], T], default: T) -> T:
        """What ``reader`` makes of the value; the default when it is absent, or wrong (then it is recorded)."""
        if value is None:
            return default
        try:
            return reader(value)
        except Expected as expected:
            self.add(variable, value, str(expected))
            return default

    def items(self, variable: str, value: object) -> list[Any]:
        """A list; a single text is not one, however tempting."""
        if value is not None and not isinstance(value, (list, tuple)):
            self.add(variable, value, "a list")
            return []
        return list(value or [])

    def entries(
        self, variable: str, value: object, known: frozenset[str], expected: str
    ) -> Iterator[tuple[str, Mapping[Any, Any]]]:
        """``(place, entry)`` of a list of mappings with these keys; what is no mapping is recorded and left out."""
        for number, entry in enumerate(self.items(variable, value)):
            place = f"{variable}[{number}]"
            if isinstance(entry, Mapping):
                self.unknown_keys(place, entry, known)
                yield place, entry
            else:
                self.add(place, entry, expected)

    def mapping(self, variable: str, value: object) -> Mapping[Any, Any]:
        """A mapping of names to values."""
        if value is not None and not isinstance(value, Mapping):
            self.add(variable, value, "a mapping")
            return {}
        return value or {}

    def unknown_keys(self, variable: str, entry: Mapping[Any, Any], known: frozenset[str]) -> None:
        """A misspelt key must not be ignored. Its value is not shown: people put passwords in odd places."""
        for key in sorted({str(key) for key in entry} - known):
            self.add_unshown(f"{variable}[{shown(key)}]", f"only the keys {', '.join(sorted(known))}")


def shown(value: object) -> str:
    """A value for a message: control characters escaped, bounded."""
    text = repr(str(value) if isinstance(value, str) else value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
