# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 for what lies behind the router: the inbound filters of every interface that faces the world.

The order on the way in is NAT, filter, route: the filters name the private addresses that NAT leads to. (d)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from ..contract import Surface
from ..model import Intent, Json, Judgement, Status
from ..raw import Raw, Read
from . import flows, nat
from .config import read
from .doors import doors
from .filters import Opening, Rule
from .inbound import Guarded, described, guarded, open_to
from .narrowing import Manual, changes

CONFIG = Read("show_config", command=("show config",), limit=1 << 21)

_CONTROL = "A2.forwarded"
#: Protocols of which we know whether a router needs them from outside.
_KNOWN = frozenset({"*", "1", "4", "6", "17", "41", "47", "50", "51", "58"})


class Forwarding(Surface):
    """Only the allowlist begins connections to what lies behind, IPv4 and IPv6, on every way in."""

    name = "filters"
    controls = (_CONTROL,)
    reads = (CONFIG,)

    def parse(self, raw: Raw) -> dict[str, Json]:
        lines = read(raw.text(CONFIG.name))
        found = doors(lines)
        interfaces = dict.fromkeys(door.interface for door in found)
        return {
            "doors": [described(lines, door) for door in found],
            "needs": cast(Json, flows.needs(lines)),
            "covers": nat.published(lines, interfaces),
        }

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        found = [guarded(door) for door in cast("list[dict[str, Json]]", state["doors"])]
        needed = cast("list[str]", state["needs"])
        yield _judged(found, needed, intent, _evidence(found, needed, intent, state["covers"]))


def _judged(found: Sequence[Guarded], needed: list[str], intent: Intent, evidence: Mapping[str, Json]) -> Judgement:
    ways_in = [text for door in found for text in _ways_in(door, needed, intent)]
    strange = [text for door in found for text in _strange(door, needed, intent)]
    if strange:
        why = (
            f"it is not known whether this router needs what these filters let in from everywhere: {'; '.join(strange)}"
        )
        return Judgement(_CONTROL, "filters", Status.UNKNOWN, why, before="\n".join(ways_in), evidence=evidence)
    planned = changes(found, needed, intent)
    before = "\n".join(ways_in)
    if isinstance(planned, Manual):
        return Judgement(
            _CONTROL,
            "filters",
            Status.MANUAL,
            f"{_why(ways_in)}; {planned.why}",
            before,
            fix=planned.fix,
            evidence=evidence,
        )
    if planned:
        after = "\n".join(change.after for change in planned)
        return Judgement(
            _CONTROL, "filters", Status.GAP, _why(ways_in), before, after, evidence=evidence, changes=planned
        )
    judged = ", ".join(_named(door) for door in found if door.door.used)
    why = f"only the allowlist can begin connections through {judged}"
    return Judgement(_CONTROL, "filters", Status.PASS, why, evidence=evidence)


def _why(ways_in: list[str]) -> str:
    if not ways_in:
        return "the filters do not admit the allowlist as it is now"
    return f"addresses outside the allowlist can begin connections: {'; '.join(ways_in)}"


def _ways_in(door: Guarded, needed: list[str], intent: Intent) -> list[str]:
    if not door.door.used:
        return []
    if door.inbound is None:
        return [f"{_named(door)}: no filter on the way in"]
    rules = {_filter(door, opening.rule): None for opening in open_to(door, intent, needed)[0]}
    return [f"{_named(door)}: {rule}" for rule in rules]


def _strange(door: Guarded, needed: list[str], intent: Intent) -> list[str]:
    if not door.door.used or door.inbound is None:
        return []
    found = [opening for opening in open_to(door, intent, needed)[0] if opening.protocol not in _KNOWN]
    return [f"{_named(door)}: {_filter(door, opening.rule)}" for opening in found]


def _evidence(found: Sequence[Guarded], needed: list[str], intent: Intent, covers: Json) -> dict[str, Json]:
    return {
        "judged": [_named(door) for door in found if door.door.used],
        "not_running": [_named(door) for door in found if not door.door.used],
        "kept": [
            _kept(door, opening, why)
            for door in found
            if door.door.used
            for opening, why in _needed(door, needed, intent)
        ],
        "covers": covers,
    }


def _needed(door: Guarded, needed: list[str], intent: Intent) -> list[tuple[Opening, str]]:
    return [] if door.inbound is None else open_to(door, intent, needed)[1]


def _kept(door: Guarded, opening: Opening, why: str) -> str:
    return f"{why}: {_named(door)}: {_filter(door, opening.rule)}"


def _named(door: Guarded) -> str:
    return f"{door.door.interface} IPv{door.door.family}"


def _filter(door: Guarded, rule: Rule) -> str:
    command = "ip filter" if door.door.family == 4 else "ipv6 filter"
    return f"{command} {'dynamic ' if rule.dynamic else ''}{rule.number} {rule.body}"
