# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""P1 to P4 from intent alone: who is involved, what is decided, what is meant to be reachable, which items apply.

What is really reachable is seen by other items of the same run, so P2 is settled by the report's join (exposure.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ..checklist import ITEMS
from ..contract import DECLARED
from ..guidelines import SECTORS, published
from ..model import Intent, Json, Judgement, Status, as_json
from ..preparation import CHOSEN, STAKEHOLDERS

CONTROLS = (
    "P1.stakeholders",
    "P1.decisions",
    "P1.authorised",
    "P2.exposure",
    "P3.guidelines",
    "P4.items",
)


def judgements(intent: Intent) -> Iterator[Judgement]:
    """One for each of CONTROLS."""
    yield _stakeholders(intent)
    yield _decisions(intent)
    yield _authorised(intent)
    yield _exposure(intent)
    yield _guidelines(intent)
    yield _items(intent)


def _said(
    control: str, status: Status, why: str, fix: str = "", evidence: Mapping[str, Json] | None = None
) -> Judgement:
    return Judgement(control, DECLARED, status, why, fix=fix, evidence=evidence or {})


# --- P1 -----------------------------------------------------------------------------------------------------


def _stakeholders(intent: Intent) -> Judgement:
    named = intent.preparation.stakeholders
    evidence: dict[str, Json] = {"stakeholders": as_json(named)}
    missing = [role for role in STAKEHOLDERS if role not in named]
    if missing:
        why = f"nobody is named as {', '.join(missing)}"
        return _said("P1.stakeholders", Status.GAP, why, "Name everybody in iot_site_stakeholders.", evidence)
    return _said("P1.stakeholders", Status.PASS, "owner, builder, operator and user are named", "", evidence)


def _decisions(intent: Intent) -> Judgement:
    made = [decision for decision in intent.preparation.decisions if decision.when <= intent.today]
    decided = {item for decision in made for item in _of(decision.item)}
    undecided = [item for item in CHOSEN if item not in decided and item not in intent.preparation.left_out]
    evidence: dict[str, Json] = {"decisions": as_json(tuple(made))}
    if undecided:
        why = f"no decision is on record about {', '.join(undecided)}"
        fix = "Record what was decided, by whom and when, in preparation_decisions: {item, decision, who, when}."
        return _said("P1.decisions", Status.MANUAL, why, fix, evidence)
    return _said("P1.decisions", Status.PASS, "a decision is on record about every item that applies", "", evidence)


def _of(item: str) -> Iterable[str]:
    """The items that a decision is about: one, or all of a viewpoint."""
    return [one.id for one in ITEMS.values() if item in (one.id, one.viewpoint)]


def _authorised(intent: Intent) -> Judgement:
    given = intent.authorised
    fix = "Have the owner say who may do what until when, in iot_site_authorised."
    if given is None:
        why = "nobody is on record who allowed this work (iot_site_authorised)"
        return _said("P1.authorised", Status.GAP, why, fix)
    evidence: dict[str, Json] = {"authorised": as_json(given)}
    if not given.on <= intent.today <= given.until:
        why = f"what {given.by} allowed holds from {given.on} to {given.until}, not today"
        return _said("P1.authorised", Status.GAP, why, fix, evidence)
    why = f"{given.by} allows {', '.join(sorted(given.scope))} until {given.until}"
    return _said("P1.authorised", Status.PASS, why, "", evidence)


# --- P2 -----------------------------------------------------------------------------------------------------


def _exposure(intent: Intent) -> Judgement:
    declared = intent.exposure
    evidence: dict[str, Json] = {"declared": as_json(declared), "published": as_json(intent.published)}
    stale = _stale(intent)
    if stale:
        fix = "Decide again whether anybody must reach this device from the Internet: iot_site_exposure."
        return _said("P2.exposure", Status.GAP, stale, fix, evidence)
    why = "what is reachable was not compared with what is declared: the report does that"
    return _said("P2.exposure", Status.UNKNOWN, why, evidence=evidence)


def _stale(intent: Intent) -> str:
    """Why what was declared no longer stands; "" while it does, also when nothing was."""
    prepared, declared = intent.preparation, intent.exposure
    if prepared.temporary_until and not "" < intent.today <= prepared.temporary_until:
        return f"this device was to be gone after {prepared.temporary_until} (preparation_temporary_until)"
    if declared is None:
        return ""
    if not declared.on <= intent.today <= declared.until:
        return f"what {declared.by} decided holds from {declared.on} to {declared.until}, not today"
    age = (date.fromisoformat(intent.today) - date.fromisoformat(declared.on)).days
    if age > prepared.exposure_max_age_days:
        most = f"{prepared.exposure_max_age_days} (preparation_exposure_max_age_days)"
        return f"what {declared.by} decided on {declared.on} is {age} days old, more than {most}"
    return ""


# --- P3 and P4 ----------------------------------------------------------------------------------------------


def _guidelines(intent: Intent) -> Judgement:
    prepared = intent.preparation
    if not prepared.sector:
        fix = f"Set preparation_sector to one of {', '.join(SECTORS)}."
        return _said("P3.guidelines", Status.MANUAL, "nothing says which sector this site belongs to", fix)
    known = published(prepared.sector)
    used = {title: day for title, day in prepared.guidelines.items() if day <= intent.today}
    evidence: dict[str, Json] = {"sector": prepared.sector, "published": as_json(known), "used": as_json(used)}
    if not used:
        why = "nothing says that the guidelines of the sector were looked up and used"
        listed = "\n".join(["Look these up, and record in preparation_guidelines which were used, and when:",
                            *map(str, known)])  # fmt: skip
        return _said("P3.guidelines", Status.MANUAL, why, listed, evidence)
    why = "used: " + ", ".join(f"{title} ({day})" for title, day in sorted(used.items()))
    return _said("P3.guidelines", Status.PASS, why, "", evidence)


def _items(intent: Intent) -> Judgement:
    left_out = intent.preparation.left_out
    evidence: dict[str, Json] = {"left_out": as_json(left_out)}
    unexplained = [item for item in left_out if not left_out[item]]
    if unexplained:
        status = Status.GAP if any(ITEMS[item].viewpoint == "A" for item in unexplained) else Status.MANUAL
        why = f"{', '.join(unexplained)} left out without a reason"
        fix = "Give the reason in preparation_left_out, or let the item apply."
        return _said("P4.items", status, why, fix, evidence)
    why = "; ".join(f"{item} left out: {reason}" for item, reason in left_out.items()) or "every item applies"
    return _said("P4.items", Status.PASS, why, "", evidence)
