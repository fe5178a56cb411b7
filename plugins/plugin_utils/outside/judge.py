# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one look at a site to findings: A2, A1 and B1 of every endpoint, as the site's people have decided it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..findings import Stamp
from ..model import Finding, Json, Judgement, Status, as_json
from ..waivers import decided
from .access import access
from .content import content
from .names import named, names
from .seen import Endpoint, Look
from .targets import Member, Target, Untried
from .verdict import Verdict

ITEMS = ("A2", "A1", "B1")

_NOTHING = (
    "nothing of it is declared to be reachable from outside (iot_site_published, iot_site_outside_addresses), and "
    "what is not declared is not tried"
)


def judged(look: Look, members: Mapping[str, Member], untried: Sequence[Untried], run: str, at: str) -> list[Finding]:
    """The findings of every host of ``members``, each with the vantage in ``seen_from``."""
    stamps = {item: Stamp(run=run, item=item, platform="", at=at) for item in ITEMS}
    found = []
    for member in members.values():
        for item, verdict, evidence, place in _of_host(member, look, untried):
            judgement = Judgement(
                control=f"{item}.outside", surface=" ".join(part for part in (place, verdict.surface) if part),
                status=verdict.status, why=verdict.why, before=verdict.before, fix=verdict.fix,
                evidence={**evidence, **verdict.evidence},
            )  # fmt: skip
            finding = stamps[item].finding(decided(judgement, member.intent), member.intent)
            found.append(replace(finding, seen_from=look.vantage.host))
    return found


_Said = tuple[str, Verdict, Mapping[str, Json], str]  # item, verdict, evidence, place


def _of_host(member: Member, look: Look, untried: Iterable[Untried]) -> Iterator[_Said]:
    host = member.intent.host
    targets: dict[Target, list[Endpoint]] = {}
    for endpoint in look.endpoints:
        if endpoint.target.host == host:
            targets.setdefault(endpoint.target, []).append(endpoint)
    for target, endpoints in targets.items():
        if not _says_nothing(target, endpoints):
            yield from _of_target(endpoints, look, member)
    left = [one for one in untried if one.host == host]
    for one in left:
        for item in ITEMS:
            yield item, Verdict(Status.UNKNOWN, one.why, one.fix), {"expects": look.vantage.expects}, one.place
    if not targets and not left:
        for item in ITEMS:
            yield item, Verdict(Status.NOT_APPLICABLE, _NOTHING), {"expects": look.vantage.expects}, ""
    for name in member.outside.names:
        yield "B1", named(name, member.intent), {"expects": look.vantage.expects}, name


def _says_nothing(target: Target, endpoints: Iterable[Endpoint]) -> bool:
    """A UDP port that nobody declared, and that is silent as all of them are."""
    return target.transport == "udp" and not target.to and not any(endpoint.answered for endpoint in endpoints)


def _of_target(endpoints: Sequence[Endpoint], look: Look, member: Member) -> Iterator[_Said]:
    """Whoever is answered in one protocol is answered; what is shown is asked of each."""
    first = next((endpoint for endpoint in endpoints if endpoint.answered), endpoints[0])
    reached = access(first, look, member)
    yield "A2", reached, _evidence(first, look), first.target.place
    for endpoint in endpoints:
        evidence = _evidence(endpoint, look)
        yield "A1", content(endpoint, member.intent, reached.status), evidence, endpoint.spoken
        for one in names(endpoint, member.intent, reached.status):
            yield "B1", one, evidence, endpoint.spoken


def _evidence(endpoint: Endpoint, look: Look) -> dict[str, Json]:
    """What every verdict on an endpoint rests on. ``via`` and ``kind`` are what contradiction.py goes by."""
    target = endpoint.target
    return {
        "expects": look.vantage.expects,
        "place": target.place,
        "via": target.via,
        "to": target.to,
        "state": endpoint.state,
        "kind": endpoint.kind,
        "source": endpoint.source,
        "tries": endpoint.tries,
        "controls": as_json(look.reached),
        "facts": as_json(endpoint.facts),
    }
