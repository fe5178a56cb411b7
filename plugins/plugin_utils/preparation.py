# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Preparation: what the inventory declares about people, decisions, guidelines and items (P1 to P4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from . import readers
from .checklist import ITEMS, VIEWPOINTS
from .declarations import Decision, Preparation
from .guidelines import SECTORS
from .problems import Problems

Made = TypeVar("Made")

STAKEHOLDERS = ("owner", "builder", "operator", "user")

#: The items that a device can be said not to need; the preparation itself is never left out.
CHOSEN = tuple(item.id for item in ITEMS.values() if item.viewpoint != "P")

_DECISION_KEYS = frozenset({"item", "decision", "who", "when"})
_GUIDELINE_KEYS = frozenset({"title", "on"})
_ITEM = readers.choice(*CHOSEN)
_DECIDED = readers.choice(*CHOSEN, *(viewpoint for viewpoint in VIEWPOINTS if viewpoint != "P"))
_SECTOR = readers.choice(*SECTORS)
_DAYS = readers.whole(1, 3650)
_LINE = readers.line(128)
_REASON = readers.line(200)


def preparation_from(declared: Mapping[str, Any], args: Mapping[str, Any], wrong: Problems) -> Preparation:
    """``declared`` holds what the site says everywhere, ``args`` what only the role preparation reads."""
    return Preparation(
        stakeholders=_stakeholders(declared.get("stakeholders"), wrong),
        decisions=_entries("preparation_decisions", args.get("decisions"), _DECISION_KEYS, _decision, wrong),
        exposure_max_age_days=wrong.read(
            "preparation_exposure_max_age_days", args.get("exposure_max_age_days"), _DAYS, 365
        ),
        temporary_until=wrong.read("preparation_temporary_until", args.get("temporary_until") or None, readers.day, ""),
        sector=wrong.read("preparation_sector", args.get("sector") or None, _SECTOR, ""),
        guidelines=dict(_entries("preparation_guidelines", args.get("guidelines"), _GUIDELINE_KEYS, _guideline, wrong)),
        left_out=_left_out(args.get("left_out"), wrong),
    )


def _stakeholders(value: Any, wrong: Problems) -> dict[str, str]:
    variable = "iot_site_stakeholders"
    entry = wrong.mapping(variable, value or None)
    wrong.unknown_keys(variable, entry, frozenset(STAKEHOLDERS))
    named = {role: wrong.read(f"{variable}.{role}", entry.get(role) or None, _LINE, "") for role in STAKEHOLDERS}
    return {role: name for role, name in named.items() if name}


def _entries(
    variable: str,
    value: Any,
    known: frozenset[str],
    made: Callable[[str, Mapping[Any, Any], Problems], Made],
    wrong: Problems,
) -> tuple[Made, ...]:
    found = []
    for number, entry in enumerate(wrong.items(variable, value)):
        place = f"{variable}[{number}]"
        if isinstance(entry, Mapping):
            written = readers.keys(entry)
            wrong.unknown_keys(place, written, known)
            found.append(made(place, written, wrong))
        else:
            wrong.add(place, entry, f"a dictionary of {', '.join(sorted(known))}")
    return tuple(found)


def _decision(place: str, entry: Mapping[Any, Any], wrong: Problems) -> Decision:
    return Decision(
        item=wrong.read(f"{place}.item", entry.get("item") or "", _DECIDED, ""),
        decision=wrong.read(f"{place}.decision", entry.get("decision") or "", _REASON, ""),
        who=wrong.read(f"{place}.who", entry.get("who") or "", _LINE, ""),
        when=wrong.read(f"{place}.when", entry.get("when") or "", readers.day, ""),
    )


def _guideline(place: str, entry: Mapping[Any, Any], wrong: Problems) -> tuple[str, str]:
    return (
        wrong.read(f"{place}.title", entry.get("title") or "", _LINE, ""),
        wrong.read(f"{place}.on", entry.get("on") or "", readers.day, ""),
    )


def _left_out(value: Any, wrong: Problems) -> dict[str, str]:
    """A reason that is missing is a finding, not a mistake: somebody still has to give it."""
    variable = "preparation_left_out"
    return {
        wrong.read(f"{variable}[{item}]", item, _ITEM, ""): wrong.read(
            f"{variable}[{item}]", reason or None, _REASON, ""
        )
        for item, reason in wrong.mapping(variable, value or None).items()
    }
