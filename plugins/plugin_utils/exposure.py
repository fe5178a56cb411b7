# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""P2 in the report's join: what is meant to be reachable against what the other items of this run found.

Closed is the default. A device for which nothing was declared passes only where nothing was found open to everybody.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .contract import DECLARED
from .declarations import Level
from .findings import SEVERITY
from .model import Finding, Json, Status

_DEVICE = ("A2.management", "A2.service")
_ACCESS = (*_DEVICE, "A2.forwarded", "A2.web", "A2.enforced")
_LOGIN = ("A1.",)

#: Level: the controls whose gap says that more is open than was declared. A public page is open to everybody on
#: purpose, so there it is the login of everything else that counts, and the device itself.
_AGAINST: dict[Level, tuple[str, ...]] = {
    Level.NONE: _ACCESS,
    Level.PEOPLE: (*_ACCESS, *_LOGIN),
    Level.PUBLIC_VIEW: (*_DEVICE, *_LOGIN),
    Level.PUBLIC_OPERATE: (*_DEVICE, *_LOGIN),
}

#: What another finding makes of this one: decided or not, what is open is open. Every other status is no objection.
_OBJECTION = {
    Status.GAP: Status.GAP,
    Status.FAILED: Status.GAP,
    Status.PLANNED: Status.GAP,
    Status.WAIVED: Status.GAP,
    Status.MANUAL: Status.MANUAL,
    Status.UNKNOWN: Status.UNKNOWN,
    Status.UNREACHABLE: Status.UNKNOWN,
}

_FIX = {
    Status.GAP: "Close what is open, or have somebody declare in iot_site_exposure who needs it, and until when.",
    Status.MANUAL: "Settle by hand what is named. A forwarded port belongs into iot_site_published of the host that it "
    "leads to; one that leads to the gateway itself, into the gateway's iot_site_exposure.",
    Status.UNKNOWN: "Judge A2 and A1 in the same run, and mend what could not be judged.",
}


@dataclass(frozen=True, slots=True)
class _Objection:
    status: Status
    why: str


def settled(finding: Finding, found: Sequence[Finding], contexts: Mapping[str, Mapping[str, Json]]) -> Finding:
    """P2 of one device. ``contexts`` tell what each host of this run publishes."""
    if finding.control != "P2.exposure" or finding.surface != DECLARED or finding.status is not Status.UNKNOWN:
        return finding
    declared = finding.evidence.get("declared")
    declared = declared if isinstance(declared, dict) else {}
    level = _level(declared)
    mine = [other for other in found if other.host == finding.host and other.seen_from == "inside"]
    objections = [
        *_unjudged(mine, _AGAINST[level]),
        *_open(mine, _AGAINST[level]),
        *_published(finding, declared),
        *_undeclared(finding.host, level, mine, contexts),
    ]
    if not objections:
        return replace(finding, status=Status.PASS, why=_closed(level, declared), fix="")
    worst = min((objection.status for objection in objections), key=SEVERITY.index)
    why = "; ".join(dict.fromkeys(objection.why for objection in objections if objection.status is worst))
    meant = f"declared: {level.value}" if declared else "nothing is declared, and closed is the default"
    return replace(finding, status=worst, why=f"{meant}; {why}", fix=_FIX[worst])


def _level(declared: Mapping[str, Json]) -> Level:
    """Closed where nothing was declared."""
    return Level(str(declared.get("level") or Level.NONE.value))


def _unjudged(mine: Sequence[Finding], controls: tuple[str, ...]) -> Iterator[_Objection]:
    """An item that the level rests on, and that nobody judged, proves nothing."""
    for item in sorted({control.partition(".")[0] for control in controls}):
        statuses = {other.status for other in mine if other.item == item and other.control.startswith(controls)}
        if not statuses:
            yield _Objection(Status.UNKNOWN, f"{item} was not judged in this run, so what is open is not known")
        elif Status.NOT_SUPPORTED in statuses and statuses <= {Status.NOT_SUPPORTED, Status.NOT_APPLICABLE}:
            yield _Objection(Status.MANUAL, f"{item} cannot be judged on this device, so a person has to look")


def _open(mine: Iterable[Finding], controls: tuple[str, ...]) -> Iterator[_Objection]:
    for other in mine:
        if other.control.startswith(controls) and other.status in _OBJECTION:
            where = f"{other.control} ({other.surface})" if other.surface else other.control
            yield _Objection(_OBJECTION[other.status], f"{where} is {other.status.value}")


def _published(finding: Finding, declared: Mapping[str, Json]) -> Iterator[_Objection]:
    """Somebody decided that nobody needs this device from outside, and somebody published it."""
    services = finding.evidence.get("published")
    if declared and _level(declared) is Level.NONE and isinstance(services, list) and services:
        ways = ", ".join(
            f"{service.get('via')}:{service.get('port')}" for service in services if isinstance(service, dict)
        )
        yield _Objection(Status.GAP, f"iot_site_published publishes it through {ways}")


_Way = tuple[str, str]  # protocol, port of the gateway


def _undeclared(
    host: str, level: Level, mine: Iterable[Finding], contexts: Mapping[str, Mapping[str, Json]]
) -> Iterator[_Objection]:
    """A gateway's port that leads to a device, though nobody has declared that one is needed."""
    if level is not Level.NONE:
        return
    declared = {_way(service) for context in contexts.values() for service in _services(context, host)}
    for other in mine:
        covers = other.evidence.get("covers") if other.control == "A2.forwarded" else None
        for cover in covers if isinstance(covers, list) else ():
            if isinstance(cover, dict) and _way(cover) not in declared:
                way = f"{cover.get('port')}/{cover.get('protocol')} is forwarded to {cover.get('to')}"
                yield _Objection(Status.MANUAL, f"{way}, and no host of this run declares it")


def _services(context: Mapping[str, Json], gateway: str) -> Iterator[Mapping[str, Json]]:
    published = context.get("published")
    for service in published if isinstance(published, list) else ():
        if isinstance(service, dict) and service.get("via") == gateway:
            yield service


def _way(service: Mapping[str, Json]) -> _Way:
    return str(service.get("protocol")), str(service.get("port"))


def _closed(level: Level, declared: Mapping[str, Json]) -> str:
    if not declared:
        return "nothing is declared, and nothing was found open to everybody: closed is the default"
    until = f"as {declared.get('by')} decided, until {declared.get('until')}"
    if level is Level.NONE:
        return f"nothing was found open to everybody, {until}"
    if level is Level.PEOPLE:
        return f"only the people reach it, after a login, {until}"
    paths = declared.get("paths")
    shown = ", ".join(map(str, paths)) if isinstance(paths, list) else ""
    return f"everybody may see {shown} and nothing else was found open, {until}"
