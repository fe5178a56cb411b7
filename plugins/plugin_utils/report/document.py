# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One site's report as data: versioned, complete, and all that the renderers may look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..checklist import ITEMS, VIEWPOINTS
from ..findings import SEVERITY
from ..join import Contexts, Scope, current
from ..model import Finding, Json, Status, as_json
from ..triage import POINTS, Reason, reasons
from ..waivers import waivers_in
from .words import OPEN, UNJUDGED, WORK_ORDER

DOCUMENT_SCHEMA = 2

#: 総務省's survey behind the checklist: of the owners it alerted, the share that took or planned measures, in percent.
SURVEY = {"A": 18, "B": 17, "C": 87, "D": 88}

#: Characters kept of any one text and members of any one list: a device does not decide how large our files are.
TEXT_LIMIT, LIST_LIMIT = 20_000, 1_000


@dataclass(frozen=True, slots=True)
class Device:
    """One inventory host of the site."""

    host: str
    in_run: bool  # False: outside --limit, not judged
    label: str = ""
    platform: str = ""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    enforced_by: str = ""
    published: tuple[Mapping[str, Json], ...] = ()
    reasons: tuple[Reason, ...] = ()  # why it comes where it does in the triage
    score: int = 0  # their points together


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """How many devices stand where on one of the survey's viewpoints. Each device counts once, by its worst verdict."""

    id: str
    en: str
    ja: str
    judged_items: tuple[str, ...]
    unjudged_items: tuple[str, ...]
    survey_percent: int | None
    devices: int  # the denominator: every device of the site but those the viewpoint does not concern
    done: int  # pass, fixed
    planned: int
    manual: int
    waived: int
    open: int  # gap, failed
    unknown: int  # unknown, unreachable, not supported
    not_in_run: int
    not_applicable: int

    @property
    def percent(self) -> int | None:
        """Measures taken or planned, as the survey counts; rounded down, so that 100 means every device."""
        return 100 * (self.done + self.planned) // self.devices if self.devices else None


@dataclass(frozen=True, slots=True)
class Unjudged:
    """One reason why controls of one device have no verdict."""

    host: str
    status: Status
    why: str
    fix: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waived:
    """One waiver of the inventory, and whether it still decides anything."""

    hosts: str
    control: str
    surface: str
    decision: Status
    owner: str
    reason: str
    until: str
    lapse: str  # why it decides nothing; "" while it stands


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at the site from outside."""

    vantage: str
    expects: str  # refused or served
    sources: tuple[str, ...]
    controls: int  # declared endpoints that everybody reaches
    reached: int  # those that answered
    targets: int  # endpoints that were to be tried
    complete: bool  # False: the time was over before all of them were
    why: str  # why nothing was seen at all
    at: str


@dataclass(frozen=True, slots=True)
class Document:
    """The report of one run on one site."""

    run: str
    site: str
    at: str
    mode: str  # check, apply, or none: no device was contacted
    authorised: tuple[Mapping[str, Json], ...]  # the different authorisations of the site's hosts; empty: undeclared
    waivers: tuple[Waived, ...]
    fail_on: tuple[str, ...]
    exit: int  # what the gate makes of it
    counts: Mapping[str, int]  # findings by status
    viewpoints: tuple[Viewpoint, ...]
    looks: tuple[Looked, ...]  # from outside; empty: nobody looked
    devices: tuple[Device, ...]  # the worst of the triage first
    findings: tuple[Finding, ...]
    schema: int = DOCUMENT_SCHEMA

    @property
    def items(self) -> tuple[str, ...]:
        """The items judged in this run, in checklist order."""
        judged = {finding.item for finding in self.findings}
        return tuple(item for item in ITEMS if item in judged)

    @property
    def open(self) -> tuple[Finding, ...]:
        """What is left to do, in the order of work; its position here is its number in every rendering."""
        return _by_work([finding for finding in self.findings if finding.status in OPEN])

    @property
    def unjudged(self) -> tuple[Unjudged, ...]:
        """What we owe and could not give; one cause on one device is said once, however many controls it cost."""
        causes: dict[tuple[str, Status, str, str], list[str]] = {}
        for finding in self.findings:
            if finding.status in UNJUDGED:
                named = f"{finding.control} ({finding.surface})" if finding.surface else finding.control
                causes.setdefault((finding.host, finding.status, finding.why, finding.fix), []).append(named)
        groups = [Unjudged(*cause, controls=tuple(controls)) for cause, controls in causes.items()]
        return tuple(sorted(groups, key=lambda group: UNJUDGED.index(group.status)))

    @property
    def outside(self) -> tuple[Finding, ...]:
        """What visitors met."""
        return tuple(finding for finding in self.findings if finding.seen_from != "inside")

    def status(self, host: str, item: str) -> Status | None:
        """The worst verdict of one item on one device; None where there is none."""
        return _worst(finding for finding in self.findings if finding.host == host and finding.item == item)


def document(
    scope: Scope,
    findings: Sequence[Finding],
    contexts: Contexts,
    fail_on: Sequence[str],
    looks: Iterable[Mapping[str, Json]] = (),
    points: Mapping[str, int] = POINTS,
) -> Document:
    """``contexts`` is what the engine told of each host it touched in this run (the fact iot_site_context).

    ``looks`` is what the vantages told of theirs, ``points`` the table of the triage.
    """
    kept = tuple(_bounded(finding) for finding in findings)
    told = current(scope, contexts)
    counts = Counter(finding.status.value for finding in kept)
    modes = {context.get("mode") for context in told.values()}
    return Document(
        run=scope.run,
        site=scope.site,
        at=scope.at,
        mode=next((mode for mode in ("apply", "check") if mode in modes), "none"),
        authorised=_distinct(context.get("authorised") for context in told.values()),
        waivers=_waivers(told.values()),
        fail_on=tuple(fail_on),
        exit=2 if any(counts.get(status) for status in fail_on) else 0,
        counts={status.value: counts[status.value] for status in Status},
        viewpoints=tuple(_viewpoint(viewpoint, scope, kept) for viewpoint in VIEWPOINTS),
        looks=tuple(_looked(one) for one in looks),
        devices=_worst_first(_device(host, scope, told.get(host, {}), kept, points) for host in scope.hosts),
        findings=kept,
    )


def _distinct(authorisations: Iterable[Json]) -> tuple[Mapping[str, Json], ...]:
    distinct: list[Mapping[str, Json]] = []
    for authorisation in authorisations:
        if isinstance(authorisation, dict) and authorisation not in distinct:
            distinct.append(authorisation)
    return tuple(distinct)


def _waivers(contexts: Iterable[Mapping[str, Json]]) -> tuple[Waived, ...]:
    """Each once, however many hosts it is for; what ends first comes first."""
    waived = {
        Waived(
            hosts=waiver.hosts,
            control=waiver.control,
            surface=waiver.surface,
            decision=waiver.decision,
            owner=waiver.owner,
            reason=waiver.reason,
            until=waiver.until,
            lapse=waiver.lapse(_text(context, "today")),
        )
        for context in contexts
        for waiver in waivers_in(context)
    }
    return tuple(sorted(waived, key=lambda one: (one.until, one.hosts, one.control, one.surface, one.owner)))


def _by_work(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    def rank(finding: Finding) -> tuple[bool, int, int]:
        severity = OPEN.index(finding.status)
        return finding.status not in (Status.FAILED, Status.GAP), WORK_ORDER.index(finding.item), severity

    return tuple(sorted(findings, key=rank))


def _worst(findings: Iterable[Finding]) -> Status | None:
    return min((finding.status for finding in findings), key=SEVERITY.index, default=None)


# --- devices ------------------------------------------------------------------------------------------------


def _worst_first(devices: Iterable[Device]) -> tuple[Device, ...]:
    """Those of one score stay in the order of the inventory."""
    return tuple(sorted(devices, key=lambda device: -device.score))


def _device(
    host: str, scope: Scope, context: Mapping[str, Json], findings: Sequence[Finding], points: Mapping[str, int]
) -> Device:
    why = reasons([finding for finding in findings if finding.host == host], points)
    identity = next((f.evidence for f in findings if f.host == host and f.control == "D2.identity"), {})
    published = context.get("published")
    return Device(
        host=host,
        in_run=host in scope.played,
        label=_text(context, "label"),
        platform=_text(context, "platform"),
        vendor=_text(identity, "vendor"),
        model=_text(identity, "model"),
        serial=_text(identity, "serial"),
        firmware=_text(identity, "firmware"),
        enforced_by=_text(context, "enforced_by"),
        published=tuple(entry for entry in published if isinstance(entry, dict)) if isinstance(published, list) else (),
        reasons=why,
        score=sum(reason.points for reason in why),
    )


def _looked(told: Mapping[str, Json]) -> Looked:
    sources = told.get("sources")
    return Looked(
        vantage=_text(told, "vantage"),
        expects=_text(told, "expects"),
        sources=tuple(map(str, sources)) if isinstance(sources, list) else (),
        controls=_count(told, "controls"),
        reached=_count(told, "reached"),
        targets=_count(told, "targets"),
        complete=told.get("complete") is True,
        why=_cut(_text(told, "why")),
        at=_text(told, "at"),
    )


def _count(mapping: Mapping[str, Json], name: str) -> int:
    value = mapping.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _text(mapping: Mapping[str, Json], name: str) -> str:
    value = mapping.get(name)
    return str(value) if isinstance(value, (str, int, float)) else ""


# --- figures ------------------------------------------------------------------------------------------------

_GROUP = {
    Status.PASS: "done",
    Status.FIXED: "done",
    Status.PLANNED: "planned",
    Status.MANUAL: "manual",
    Status.WAIVED: "waived",
    Status.GAP: "open",
    Status.FAILED: "open",
    Status.UNKNOWN: "unknown",
    Status.UNREACHABLE: "unknown",
    Status.NOT_SUPPORTED: "unknown",
    Status.NOT_APPLICABLE: "not_applicable",
}


def _viewpoint(viewpoint: str, scope: Scope, findings: Sequence[Finding]) -> Viewpoint:
    items = tuple(item.id for item in ITEMS.values() if item.viewpoint == viewpoint)
    mine = [finding for finding in findings if finding.item in items]
    judged = tuple(item for item in items if any(finding.item == item for finding in mine))
    groups = Counter(_group(host, scope, mine) for host in scope.hosts)
    en, ja = VIEWPOINTS[viewpoint]
    return Viewpoint(
        id=viewpoint,
        en=en,
        ja=ja,
        judged_items=judged,
        unjudged_items=tuple(item for item in items if item not in judged),
        survey_percent=SURVEY.get(viewpoint),
        devices=len(scope.hosts) - groups["not_applicable"],
        done=groups["done"],
        planned=groups["planned"],
        manual=groups["manual"],
        waived=groups["waived"],
        open=groups["open"],
        unknown=groups["unknown"],
        not_in_run=groups["not_in_run"],
        not_applicable=groups["not_applicable"],
    )


def _group(host: str, scope: Scope, findings: Iterable[Finding]) -> str:
    worst = _worst(finding for finding in findings if finding.host == host)
    if worst is None:
        return "unknown" if host in scope.played else "not_in_run"
    return _GROUP[worst]


# --- bounds -------------------------------------------------------------------------------------------------


def _bounded(finding: Finding) -> Finding:
    evidence = _short(as_json(finding.evidence))
    return replace(
        finding,
        why=_cut(finding.why),
        before=_cut(finding.before),
        after=_cut(finding.after),
        fix=_cut(finding.fix),
        evidence=evidence if isinstance(evidence, dict) else {},
    )


def _short(value: Json) -> Json:
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, list):
        return [_short(member) for member in value[:LIST_LIMIT]]
    if isinstance(value, dict):
        return {_cut(name): _short(member) for name, member in list(value.items())[:LIST_LIMIT]}
    return value


def _cut(text: str) -> str:
    beyond = len(text) - TEXT_LIMIT
    return f"{text[:TEXT_LIMIT]}… (+{beyond} characters)" if beyond > 0 else text
