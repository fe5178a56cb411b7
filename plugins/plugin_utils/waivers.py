# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: the gaps that the site's people accept, or have promised to close, by whom and until when.

A waiver decides about what is a gap or left to a person. What could not be judged, failed, or was not reached stays
what it is, whatever was decided. Past its day, or without an owner, a waiver decides nothing, and the finding says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from . import readers
from .checklist import CONTROLS, ITEMS
from .model import Finding, Intent, Json, Judgement, Status, Waiver, as_json
from .problems import Expected, Problems

_VARIABLE = "iot_site_waivers"
_KEYS = frozenset({"hosts", "control", "surface", "decision", "owner", "reason", "until"})
_DECISIONS = {"accepted": Status.WAIVED, "planned": Status.PLANNED}

_PATTERN = readers.text(r"\S{1,255}", "the name of an inventory host, or a pattern in quotes such as 'k7-*'")
_DECISION = readers.choice(*_DECISIONS)
_NAME = readers.line(64)
_REASON = readers.line(200)

_WAIVABLE = (Status.GAP, Status.MANUAL)
_SAID = {
    Status.WAIVED: "accepted by {owner} until {until}: {reason}",
    Status.PLANNED: "{owner} has promised to close it by {until}: {reason}",
}


# --- what is declared ---------------------------------------------------------------------------------------


def waivers_from(declared: Any, host: str, wrong: Problems) -> tuple[Waiver, ...]:
    """The waivers that concern ``host``, in the order of the inventory; whatever is wrong in any of them is named."""
    example = "a waiver: {hosts: 'k7-*', control: A1.web, owner: ..., reason: ..., until: 2027-03-31}"
    waivers = [_waiver(place, entry, wrong) for place, entry in wrong.entries(_VARIABLE, declared, _KEYS, example)]
    return tuple(waiver for waiver in waivers if fnmatchcase(host, waiver.hosts))


def _waiver(place: str, entry: Mapping[Any, Any], wrong: Problems) -> Waiver:
    return Waiver(
        hosts=wrong.read(f"{place}.hosts", entry.get("hosts") or "", _PATTERN, ""),
        control=wrong.read(f"{place}.control", entry.get("control") or "", _control, ""),
        surface=wrong.read(f"{place}.surface", entry.get("surface") or None, _NAME, ""),
        decision=_DECISIONS[wrong.read(f"{place}.decision", entry.get("decision"), _DECISION, "accepted")],
        owner=wrong.read(f"{place}.owner", entry.get("owner") or None, _NAME, ""),
        reason=wrong.read(f"{place}.reason", entry.get("reason") or "", _REASON, ""),
        until=wrong.read(f"{place}.until", entry.get("until") or "", readers.day, ""),
    )


def _control(value: Any) -> str:
    if not isinstance(value, str) or value not in {*CONTROLS, *ITEMS}:
        raise Expected(f"a control such as A1.web, or one of the items {', '.join(ITEMS)}")
    return str(value)


# --- what it decides ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Decision:
    """What a verdict becomes."""

    status: Status
    why: str
    evidence: Mapping[str, Json]


def decided(judgement: Judgement, intent: Intent) -> Judgement:
    """The judgement as the site's people have decided it. What they accept is not changed."""
    made = _decision(judgement, intent.waivers, intent.today)
    changes = () if made.status is Status.WAIVED else judgement.changes
    return replace(judgement, status=made.status, why=made.why, evidence=made.evidence, changes=changes)


def decided_later(finding: Finding, waivers: Iterable[Waiver], today: str) -> Finding:
    """The same for a verdict that was settled only after the run, from several hosts or items."""
    made = _decision(finding, waivers, today)
    return replace(finding, status=made.status, why=made.why, evidence=made.evidence)


def _decision(verdict: Judgement | Finding, waivers: Iterable[Waiver], today: str) -> _Decision:
    mine = [waiver for waiver in waivers if waiver.concerns(verdict.control, verdict.surface)]
    if verdict.status not in _WAIVABLE or not mine:
        return _Decision(verdict.status, verdict.why, verdict.evidence)
    standing = next((waiver for waiver in mine if not waiver.lapse(today)), None)
    if standing is None:
        lapsed = [f"waiver {waiver.lapse(today)}" for waiver in mine]
        return _Decision(verdict.status, "; ".join([verdict.why, *lapsed]), verdict.evidence)
    said = _SAID[standing.decision].format(owner=standing.owner, until=standing.until, reason=standing.reason)
    evidence = {**verdict.evidence, "waiver": as_json(standing)}
    return _Decision(standing.decision, f"{verdict.why}; {said}", evidence)


# --- as facts -----------------------------------------------------------------------------------------------


def waivers_in(context: Mapping[str, Json]) -> Iterator[Waiver]:
    """The waivers that a host's context carries to the report."""
    carried = context.get("waivers")
    for fact in carried if isinstance(carried, list) else ():
        if isinstance(fact, dict):
            texts = {name: str(fact.get(name) or "") for name in _KEYS}
            yield Waiver(**{**texts, "decision": Status(texts["decision"])})  # type: ignore[arg-type]
