# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of many stored secrets are among the candidates, within a budget; told by rule, never by the candidate.

No clock: the budget is spent by what each scheme is known to cost, so a search tries the same candidates on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ..model import Unreadable
from .scheme import Stored
from .stores import Readied, opens, readied

#: found: a candidate is the secret. not_found: none of those given. cut_short: none of those that the budget reached.
Outcome = Literal["found", "not_found", "cut_short", "empty", "locked", "unknown"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A guess and the id of the rule that made it. Only the id ever leaves the search."""

    rule: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one stored secret. Anything but ``found`` says only that so many candidates were not it."""

    account: str
    part: str
    outcome: Outcome
    scheme: str = ""
    tried: int = 0
    rule: str = ""
    why: str = ""
    spent: int = 0  # of the budget, in microseconds


def tried(entries: Sequence[Stored], candidates: Callable[[Stored], Iterable[Candidate]], budget: int) -> list[Tried]:
    """One result for each entry, in their order; candidates are tried in the order given, the likeliest first.

    ``budget`` is in microseconds for all entries together. Cheap schemes go first and take at most an equal share, so
    what they leave is shared by the costly ones.
    """
    results: dict[int, Tried] = {}
    queue: list[tuple[int, int, Readied]] = []
    for place, entry in enumerate(entries):
        ready = _readied(entry)
        if isinstance(ready, Tried):
            results[place] = ready
        else:
            queue.append((ready.cost, place, ready))
    queue.sort(key=lambda waiting: waiting[:2])
    for served, (cost, place, ready) in enumerate(queue):
        share = budget // (len(queue) - served)
        searched = _searched(ready, candidates(ready.stored), share // cost)
        results[place] = replace(searched, spent=searched.tried * cost)
        budget -= results[place].spent
    return [results[place] for place in range(len(entries))]


def _readied(entry: Stored) -> Readied | Tried:
    try:
        ready = readied(entry)
    except Unreadable as error:
        return Tried(entry.account, entry.part, "unknown", why=str(error))
    return Tried(entry.account, entry.part, ready.scheme.state, ready.scheme.name) if ready.scheme.state else ready


def _searched(ready: Readied, candidates: Iterable[Candidate], most: int) -> Tried:
    """How far the candidates were tried, and what came of it."""

    def told(outcome: Outcome, count: int, rule: str = "", why: str = "") -> Tried:
        return Tried(ready.stored.account, ready.stored.part, outcome, ready.scheme.name, count, rule, why)

    count = 0
    for candidate in candidates:
        if count >= most:
            why = "" if count else "too costly: the budget does not reach for one candidate"
            return told("cut_short" if count else "unknown", count, why=why)
        count += 1
        try:
            if opens(ready, candidate.text):
                return told("found", count, rule=candidate.rule)
        except Unreadable as error:
            return told("unknown", count, why=str(error))
    return told("not_found", count) if count else told("unknown", 0, why="no candidate was given")
