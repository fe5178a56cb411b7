# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settles what one host alone cannot: verdicts that lean on another host, and hosts that gave no verdict at all.

Pure. Only findings of this run and this site are believed (a fact cache on disk keeps those of earlier runs), and
a finding's own ``host`` says whom it is about, wherever the fact was found.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from . import exposure, reuse
from .checklist import CONTROLS, ITEMS
from .findings import SEVERITY
from .model import FINDING_SCHEMA, Finding, Json, Status
from .outside.contradiction import contradicted, met
from .reuse import NOBODY, Compared
from .waivers import decided_later, waivers_in

_FIELDS = frozenset(field.name for field in dataclasses.fields(Finding))

#: What a gateway's own verdict on its forwarded services says about a device behind it; every other is unknown.
_THROUGH_GATEWAY = {
    Status.PASS: Status.PASS,
    Status.FIXED: Status.FIXED,
    Status.GAP: Status.GAP,
    Status.FAILED: Status.GAP,
    Status.MANUAL: Status.MANUAL,
    Status.PLANNED: Status.GAP,  # what its owner decided about the gateway; each device needs a decision of its own
    Status.WAIVED: Status.GAP,
}

_CLOSED = (Status.PASS, Status.FIXED)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose findings are joined: one run of one site."""

    run: str
    site: str
    at: str  # ISO 8601, UTC: when the report is made
    hosts: tuple[str, ...]  # every inventory host of the site
    played: frozenset[str]  # those of them that were in this run
    items: tuple[str, ...] = ()  # what the run was to judge, where that is less than everything
    silent: str = ""  # why a host may have no verdict on them; "": it failed or was lost


#: What the engine told of each host in this run (the fact iot_site_context), by host.
Contexts = Mapping[str, Mapping[str, Json]]


def current(scope: Scope, contexts: Contexts) -> Contexts:
    """Those of this run, site and host; another's in a fact cache is nobody's."""
    return {
        host: context
        for host, context in contexts.items()
        if (context.get("run"), context.get("site"), context.get("host")) == (scope.run, scope.site, host)
    }


def join(
    scope: Scope, facts: Iterable[object], contexts: Contexts = MappingProxyType({}), among: Compared = NOBODY
) -> tuple[Finding, ...]:
    """The settled findings of one site: each host that was in the run speaks to every item that was judged.

    ``among``: whose secrets were compared.
    """
    found = _one_each(finding for fact in facts if (finding := _believed(scope, fact)) is not None)
    told = current(scope, contexts)
    strangers = met(found)
    seen = [_decided(finding, contradicted(finding, strangers), told) for finding in found]
    limited = [_decided(finding, _settled(finding, seen), told) for finding in seen]
    behind = [_decided(finding, contradicted(finding, strangers), told) for finding in limited]
    meant = [_decided(finding, exposure.settled(finding, behind, told), told) for finding in behind]
    settled = [_decided(finding, reuse.settled(finding, among), told) for finding in meant]
    return tuple(sorted([*settled, *_missing(scope, settled)], key=lambda finding: _order(scope, finding)))


def _order(scope: Scope, finding: Finding) -> tuple[int, str, str, str]:
    return scope.hosts.index(finding.host), finding.item, finding.control, finding.surface


def _decided(before: Finding, after: Finding, contexts: Contexts) -> Finding:
    """What was settled only here can be waived only here."""
    if after is before:
        return before
    context = contexts.get(after.host, {})
    return decided_later(after, waivers_in(context), str(context.get("today") or ""))


# --- which findings are believed ----------------------------------------------------------------------------


def _believed(scope: Scope, fact: object) -> Finding | None:
    """The fact as a finding of this run and site, or None. What we cannot understand of it makes it unknown."""
    if not isinstance(fact, Mapping):
        return None
    if fact.get("run") != scope.run or fact.get("site") != scope.site or fact.get("host") not in scope.hosts:
        return None
    known = {name: value for name, value in fact.items() if name in _FIELDS}
    try:
        finding = Finding(**{**known, "status": Status(known["status"])})
        whole = finding.schema == FINDING_SCHEMA and finding.item in ITEMS and isinstance(finding.evidence, Mapping)
    except (KeyError, TypeError, ValueError):
        whole = False
    return finding if whole else _broken(scope, fact)


def _broken(scope: Scope, fact: Mapping[str, Json]) -> Finding:
    control = str(fact.get("control") or "")
    control = control if control.partition(".")[0] in ITEMS else "A2"
    why = "a finding of this run cannot be read: it has another schema than this version of the collection"
    surface = str(fact.get("surface") or "")
    return _unknown(scope, str(fact["host"]), control, why, surface, str(fact.get("platform") or ""))


def _one_each(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per host, control, surface and side; where two disagree, the worst stands."""
    worst: dict[tuple[str, str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.host, finding.control, finding.surface, finding.seen_from)
        known = worst.get(key)
        if known is None or SEVERITY.index(finding.status) < SEVERITY.index(known.status):
            worst[key] = finding
    return list(worst.values())


# --- a device whose gateway limits access -------------------------------------------------------------------


def _settled(finding: Finding, found: Sequence[Finding]) -> Finding:
    """``A2.enforced`` by the gateway's own findings. Whatever it claimed before is not evidence."""
    if finding.control != "A2.enforced" or not finding.enforced_by or finding.status is Status.UNREACHABLE:
        return finding
    gateway = finding.enforced_by
    own = [
        other
        for other in found
        if other.host == gateway
        and other.control == "A2.forwarded"
        and other.seen_from == "inside"
        and other.status not in (Status.NOT_APPLICABLE, Status.NOT_SUPPORTED)
    ]
    status, why = _by_gateway(finding, gateway, own)
    rival = _claimed_twice(_published(finding), finding.host, found)
    if rival and status in _CLOSED:
        status, why = Status.UNKNOWN, f"{rival} declares the same port of {gateway} as its own (iot_site_published)"
    fix = "" if status in _CLOSED else finding.fix or _FIX[status].format(gateway=gateway)
    evidence: dict[str, Json] = {**finding.evidence, "gateway": gateway, "gateway_surfaces": [f.surface for f in own]}
    return replace(finding, status=status, why=why, fix=fix, evidence=evidence)


_FIX = {
    Status.GAP: "Close the gap A2.forwarded of {gateway}; this device's follows.",
    Status.MANUAL: "See A2.forwarded of {gateway}: the same person has to act.",
    Status.UNKNOWN: "Run both hosts together; iot_site_enforced_by and iot_site_published must agree with {gateway}.",
}


def _by_gateway(finding: Finding, gateway: str, own: Sequence[Finding]) -> tuple[Status, str]:
    if gateway == finding.host:
        return Status.UNKNOWN, "iot_site_enforced_by names this host itself"
    if not own:
        return Status.UNKNOWN, f"{gateway} gave no verdict on what it forwards: not in this run, or of another site"
    worst = min(own, key=lambda other: SEVERITY.index(other.status))
    status = _THROUGH_GATEWAY.get(worst.status, Status.UNKNOWN)
    if status not in _CLOSED:
        return status, f"{gateway} limits access for this device; its own verdict is {worst.status.value}: {worst.why}"
    published = _published(finding)
    if not published:
        return Status.UNKNOWN, f"iot_site_published names no port of this device; nothing shows {gateway} covers it"
    covered = {port for other in own for port in _ports(other.evidence.get("covers"))}
    uncovered = [_shown(entry) for entry in published if not _covers(entry, gateway, covered)]
    if uncovered:
        return Status.UNKNOWN, f"{gateway} does not forward {', '.join(uncovered)}: inventory and device disagree"
    return status, f"{gateway} lets only the allowlist reach every published port of this device"


def _published(finding: Finding) -> list[Json]:
    published = finding.evidence.get("published")
    return published if isinstance(published, list) else []


#: Protocol, port of the gateway, port of the device behind it.
_Port = tuple[str, int, int]


def _ports(covers: Json) -> Iterable[_Port]:
    """What a gateway says it forwards under its rules; its ``to`` is ``address:port``. Anything else covers nothing."""
    for cover in covers if isinstance(covers, list) else ():
        if isinstance(cover, dict):
            inner = str(cover.get("to")).rpartition(":")[2]
            if inner.isdecimal():
                yield from _port({**cover, "to": int(inner)})


def _port(entry: Mapping[str, Json]) -> Iterable[_Port]:
    protocol, port, inner = entry.get("protocol"), _number(entry.get("port")), _number(entry.get("to"))
    if isinstance(protocol, str) and port is not None and inner is not None:
        yield protocol, port, inner


def _number(value: Json) -> int | None:
    """In Python true is a number, too."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _covers(entry: Json, gateway: str, covered: Collection[_Port]) -> bool:
    if not isinstance(entry, dict) or entry.get("via") != gateway:
        return False
    return any(port in covered for port in _port(entry))


def _claimed_twice(published: Sequence[Json], host: str, found: Iterable[Finding]) -> str:
    """The other host that declares one of these gateway ports as its own; "" when there is none."""
    mine = {_outer(entry) for entry in published}
    rivals = (other for other in found if other.control == "A2.enforced" and other.host != host)
    return next((rival.host for rival in rivals if not mine.isdisjoint(map(_outer, _published(rival)))), "")


def _outer(entry: Json) -> tuple[str, ...]:
    return tuple(str(entry.get(name)) for name in ("via", "port", "protocol")) if isinstance(entry, dict) else ()


def _shown(entry: Json) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    return f"{entry.get('via')}:{entry.get('port')}/{entry.get('protocol')} to {entry.get('to')}"


# --- hosts without a verdict --------------------------------------------------------------------------------


_LOST = "no verdict in this run: the host failed or was lost before this item, or the item was not run for it"


def _missing(scope: Scope, found: Sequence[Finding]) -> list[Finding]:
    """A host that was in the run and is silent on an item is unknown there; one outside ``--limit`` is not judged."""
    spoken = {(finding.host, finding.item) for finding in found}
    items = sorted({finding.item for finding in found} or scope.items or {one.item for one in CONTROLS.values()})
    why = scope.silent or _LOST
    return [
        _unknown(scope, host, item, why)
        for host in scope.hosts
        for item in items
        if host in scope.played and (host, item) not in spoken
    ]


def _unknown(scope: Scope, host: str, control: str, why: str, surface: str = "", platform: str = "") -> Finding:
    return Finding(
        run=scope.run, site=scope.site, host=host, platform=platform, item=control.partition(".")[0], control=control,
        surface=surface, status=Status.UNKNOWN, why=why, at=scope.at,
        fix="Read what this run printed about the host, mend the cause, and run again.",
    )  # fmt: skip
