# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which device first: points for what makes it worse, added up, each with its reason. Pure.

The survey behind the checklist scored every device that it found in an important facility, to look into the worst
first and to alert its owner first (総務省「IoT機器チェックリスト」2024-03-29, 調査の概要 ②); it published no figures.
These points are ours: they give an order of work and measure nothing. docs/triage.md explains them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from .model import Finding, Json, Status

#: Name of a rule: its points. The role report changes single ones (report_triage).
POINTS: Mapping[str, int] = MappingProxyType(
    {
        # what kind of facility it is: the highest of these counts, once
        "facility_water": 30,
        "facility_power": 30,
        "facility_medical": 30,
        "facility_river": 25,
        "facility_safety": 25,
        "facility_transport": 20,
        "facility_welfare": 20,
        "facility_administration": 15,
        "facility_education": 15,
        "facility_factory": 15,
        "facility_other": 10,
        # what is wrong with it: each counts once
        "control_visible": 40,
        "known_exploited": 40,
        "open_without_login": 30,
        "default_password": 30,
        "reached_by_strangers": 20,
        "weak_password": 15,
        "no_login_inside": 10,
        "access_not_limited": 10,
        "names_itself": 5,
    }
)

#: What a declared sector (P3) and the detector's kinds of sites (Disclosure.site) are called above; every other is
#: "other".
_FACILITIES = {
    "water": "water",
    "power": "power",
    "electricity": "power",
    "medical": "medical",
    "river": "river",
    "safety": "safety",
    "disaster_prevention": "safety",
    "transport": "transport",
    "welfare": "welfare",
    "administration": "administration",
    "government": "administration",
    "local_government": "administration",
    "education": "education",
    "school": "education",
    "factory": "factory",
    "works": "factory",
}

#: Decided or not, what is open is open.
_OPEN = (Status.GAP, Status.FAILED, Status.PLANNED, Status.WAIVED)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that a device met."""

    rule: str
    points: int
    why: str


@dataclass(frozen=True, slots=True)
class _Hit:
    rule: str
    why: str


def reasons(found: Sequence[Finding], points: Mapping[str, int] = POINTS) -> tuple[Reason, ...]:
    """Why one device comes first, the heaviest reason on top, from all findings about it."""
    facility = max(_facilities(found), key=lambda hit: points[hit.rule], default=None)
    wrong: dict[str, _Hit] = {}
    for hit in _wrong(found):
        wrong.setdefault(hit.rule, hit)
    hits = [*wrong.values(), *([facility] if facility and wrong else [])]
    scored = [Reason(hit.rule, points[hit.rule], hit.why) for hit in hits if points[hit.rule]]
    return tuple(sorted(scored, key=lambda reason: (-reason.points, reason.rule)))


def weighed(changed: Mapping[str, int]) -> dict[str, int]:
    """The table with somebody's own points. Raises ValueError for a rule that does not exist."""
    unknown = sorted(set(changed) - set(POINTS))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no such rule; there are {', '.join(POINTS)}")
    return {**POINTS, **changed}


# --- what kind of facility ----------------------------------------------------------------------------------


def _facilities(found: Iterable[Finding]) -> Iterator[_Hit]:
    """By what the inventory declares, and by what the device itself tells everybody."""
    for finding in found:
        sector = finding.evidence.get("sector") if finding.item == "P3" else None
        if isinstance(sector, str) and sector:
            yield _Hit(f"facility_{_FACILITIES.get(sector, 'other')}", f"its sector is {sector}")
        named = finding.evidence.get("named") if finding.item == "B1" else None
        for one in named if isinstance(named, list) else ():
            if isinstance(one, dict) and one.get("category") == "facility":
                kind = _FACILITIES.get(str(one.get("site")), "other")
                yield _Hit(f"facility_{kind}", f"it names itself {one.get('match')}")


# --- what is wrong ------------------------------------------------------------------------------------------


def _wrong(found: Iterable[Finding]) -> Iterator[_Hit]:
    for finding in found:
        if finding.status in _OPEN:
            where = f"{finding.place}" + ("" if finding.seen_from == "inside" else f" from {finding.seen_from}")
            yield from (_Hit(rule, where) for rule in _rules(finding))


def _rules(finding: Finding) -> Iterator[str]:
    outside = finding.seen_from != "inside"
    if finding.item == "A1":
        yield "open_without_login" if outside else "no_login_inside"
        if _listed(finding.evidence.get("operates")):
            yield "control_visible"
    elif finding.item == "A2":
        stranger = finding.evidence.get("expects") == "refused"
        if stranger or not outside:
            yield "reached_by_strangers" if outside else "access_not_limited"
    elif finding.item == "B1":
        yield "names_itself"
    elif finding.control == "C1.default_password":
        yield "default_password"
    elif finding.control == "C1.weak_password":
        yield "weak_password"
    elif finding.item == "D3" and finding.evidence.get("known_exploited") is True:
        yield "known_exploited"


def _listed(value: Json) -> bool:
    return isinstance(value, list) and bool(value)
