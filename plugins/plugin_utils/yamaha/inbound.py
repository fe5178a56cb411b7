# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that lie on a door, from configuration to state and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..addresses import union
from ..ip import IPSet
from ..model import Intent, Json, Unreadable
from . import flows
from .config import Line, starting
from .doors import Door
from .filters import Opening, Rule, openings, parse, trigger

#: Filter numbers that are ours, static and dynamic, IPv4 and IPv6. The device takes 1-21474836; its GUI writes
#: 100000-600999. (d)
OWN = range(7700000, 7700900)
OWN_DYNAMIC = range(7700900, 7700990)
MARKER = 7700999  # the guard's, see guard.py

_COMMAND = {4: "ip", 6: "ipv6"}


@dataclass(frozen=True, slots=True)
class Guarded:
    """One door with its filters, as parsed."""

    door: Door
    inbound: str | None  # the text after "secure filter in"; None: no filter at all
    outbound: str | None
    by_name: str  # the name of a filter set
    filters: Mapping[int, str]  # of every filter in the list, and every own one
    dynamic: Mapping[int, str]  # of every dynamic filter in the list, and every own one

    @property
    def numbers(self) -> list[int]:
        return _numbers(self.inbound or "")[0]

    @property
    def triggers(self) -> list[int]:
        """The dynamic filters of the way in."""
        return _numbers(self.inbound or "")[1]

    def rules(self) -> list[Rule]:
        return [parse(number, self.filters[number], self.door.family) for number in self.numbers]


def guarded(state: Mapping[str, Any]) -> Guarded:
    """A door from the state."""
    inbound, outbound = state["inbound"], state["outbound"]
    return Guarded(
        Door(str(state["interface"]), 4 if state["family"] == 4 else 6, bool(state["used"])),
        None if inbound is None else str(inbound),
        None if outbound is None else str(outbound),
        str(state["by_name"]),
        _numbered(state["filters"]),
        _numbered(state["dynamic"]),
    )


def _numbered(bodies: Mapping[str, Any]) -> dict[int, str]:
    return {int(number): str(body) for number, body in bodies.items()}


def open_to(door: Guarded, intent: Intent, needed: list[str]) -> tuple[list[Opening], list[tuple[Opening, str]]]:
    """The openings for addresses outside the allowlist: those nothing needs, and the needed ones with the reason."""
    allowed = union(intent.allow4 if door.door.family == 4 else intent.allow6)
    idle: list[Opening] = []
    kept: list[tuple[Opening, str]] = []
    for opening in (*openings(door.rules(), allowed), *_triggered(door, allowed)):
        why = flows.reason(opening, needed, door.door.family)
        if why:
            kept.append((opening, why))
        else:
            idle.append(opening)
    return idle, kept


def _triggered(door: Guarded, allowed: IPSet) -> list[Opening]:
    """Dynamic filters that an address outside could set off. They count as letting in whatever they watch. (a)"""
    rules = [trigger(number, door.dynamic[number], door.door.family) for number in door.triggers]
    return [Opening(rule, "*", rule.sources - allowed) for rule in rules if not rule.sources.issubset(allowed)]


def described(lines: tuple[Line, ...], door: Door) -> dict[str, Json]:
    settings = door.settings(lines)
    inbound = _setting(settings, "secure filter in")
    by_name = _setting(settings, "secure filter name") or ""
    if by_name:
        inbound = _of_set(lines, door, by_name)
    defined, dynamic = _defined(lines, door.family), _dynamic(lines, door.family)
    try:
        listed, triggers = _numbers(inbound or "")
        _numbers(_setting(settings, "secure filter out") or "")
    except ValueError:
        raise Unreadable(f"{door.interface}: the list of filters is not understood: {inbound}") from None
    for number in listed:
        if number not in defined:
            raise Unreadable(f"{door.interface}: its list names filter {number}, which is not defined")
        parse(number, defined[number], door.family)
    for number in triggers:
        if number not in dynamic:
            raise Unreadable(f"{door.interface}: its list names dynamic filter {number}, which is not defined")
        trigger(number, dynamic[number], door.family)
    kept = sorted({*listed, *(number for number in defined if number in OWN)})
    kept_dynamic = sorted({*triggers, *(number for number in dynamic if number in OWN_DYNAMIC)})
    return {
        "interface": door.interface,
        "family": door.family,
        "used": door.used,
        "inbound": inbound,
        "outbound": _setting(settings, "secure filter out"),
        "by_name": by_name,
        "filters": {str(number): defined[number] for number in kept},
        "dynamic": {str(number): dynamic[number] for number in kept_dynamic},
    }


def _setting(settings: tuple[Line, ...], beginning: str) -> str | None:
    found = [line.text for line in settings if line.text == beginning or line.text.startswith(f"{beginning} ")]
    return found[-1].removeprefix(beginning).strip() if found else None


def _of_set(lines: tuple[Line, ...], door: Door, name: str) -> str:
    """What a named set applies on the way in: ``ip filter set NAME in N...``. (d)"""
    sets = starting(lines, _COMMAND[door.family], "filter", "set", name, "in")
    found = [" ".join(line.words[5:]) for line in sets]
    if not found:
        raise Unreadable(f"{door.interface}: the filter set {name} has no list for the way in")
    return found[-1]


def _defined(lines: tuple[Line, ...], family: int) -> dict[int, str]:
    return {
        int(line.words[2]): " ".join(line.words[3:])
        for line in starting(lines, _COMMAND[family], "filter")
        if len(line.words) > 3 and line.words[2].isdecimal()
    }


def _dynamic(lines: tuple[Line, ...], family: int) -> dict[int, str]:
    return {
        int(line.words[3]): " ".join(line.words[4:])
        for line in starting(lines, _COMMAND[family], "filter", "dynamic")
        if len(line.words) > 6 and line.words[3].isdecimal()
    }


def _numbers(text: str) -> tuple[list[int], list[int]]:
    """Static and dynamic filters of a list."""
    static, _dynamic_word, dynamic = text.partition("dynamic")
    return [int(word) for word in static.split()], [int(word) for word in dynamic.split()]
