# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a terminal table: one line per device, then what is open, what is unknown, and what to do next."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..checklist import CONTROLS
from ..display import show
from ..model import Finding, Json, Status
from .document import Device, Document, Waived
from .words import MODES, NOT_IN_RUN, STATUSES, TRIED, UNSEEN

#: Characters of a line, and lines of either side of a gap: the page beside it has the whole. Reasons and what to do
#: next are our own words and are told in full, within bounds.
_LINE, _SIDE_LINES = 160, 4
_REASON, _REASON_LINES = 600, 12


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the terminal; the tone is for whoever paints it: "" (plain), title, bad, doubt or good."""

    text: str
    tone: str = ""


def table(document: Document) -> list[Line]:
    """The whole table, safe to print whatever a device said."""
    return [
        _heading(document),
        *_authorisation(document),
        Line(""),
        *_devices(document),
        Line(""),
        *_open(document),
        *_changes(document),
        *_outside(document),
        *_unknown(document),
        *_waivers(document),
        Line(""),
        *_totals(document),
    ]


# --- columns ------------------------------------------------------------------------------------------------


def width(text: str) -> int:
    """Terminal columns: a full-width character takes two, a combining one none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def padded(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of equal length, every column as wide as its widest cell."""
    columns = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(padded(cell, wide) for cell, wide in zip(row, columns, strict=True)).rstrip() for row in rows]


# --- the parts ----------------------------------------------------------------------------------------------


def _heading(document: Document) -> Line:
    mode = MODES[document.mode]
    title = {"check": "監査", "apply": "対策", "none": "報告"}[document.mode]
    return Line(f"{title} {mode.mark} {show(document.site)}   {mode.ja} {mode.en}   {document.run}", "title")


def _authorisation(document: Document) -> Iterable[Line]:
    if not document.authorised:
        yield Line("承認 未宣言 AUTHORISATION not declared: 読取のみ read only (iot_site_authorised)", "doubt")
    for one in document.authorised:
        yield Line(f"承認 authorised by {_field(one, 'by')}   {_field(one, 'until')}まで until   {_scope(one)}")


def _field(mapping: Mapping[str, Json], name: str) -> str:
    return show(str(mapping.get(name) or "?"))


def _scope(authorisation: Mapping[str, Json]) -> str:
    scope = authorisation.get("scope")
    return show(", ".join(map(str, scope))) if isinstance(scope, list) else ""


def _devices(document: Document) -> list[Line]:
    header = ["機器 device", *document.items, ""]
    rows = [[show(device.host, _LINE), *_cells(document, device), note(device)] for device in document.devices]
    tones = [_tone(document, device) for device in document.devices]
    return [Line(text, tone) for text, tone in zip(_aligned([header, *rows]), ["title", *tones], strict=True)]


def _cells(document: Document, device: Device) -> list[str]:
    return [_mark(document.status(device.host, item)) for item in document.items]


def _mark(status: Status | None) -> str:
    return STATUSES[status].mark if status else NOT_IN_RUN.mark


def _tone(document: Document, device: Device) -> str:
    statuses = {document.status(device.host, item) for item in document.items}
    if statuses & {Status.GAP, Status.FAILED}:
        return "bad"
    if statuses & {Status.UNKNOWN, Status.UNREACHABLE}:
        return "doubt"
    return "good" if device.in_run else ""


def note(device: Device) -> str:
    """What else one line has room for: what the device is, its label, and how it is reached."""
    if not device.in_run:
        return f"{NOT_IN_RUN.ja} {NOT_IN_RUN.en}"
    ways = [f"{entry.get('via')}:{entry.get('port')}" for entry in device.published]
    parts = (
        f"優先 score {device.score}" if device.score else "",
        device.label and f"[{device.label}]",
        " ".join(part for part in (device.vendor, device.model, device.firmware) if part),
        f"経由 via {', '.join(ways)}" if ways else "",
    )
    return "  ".join(show(part, _LINE) for part in parts if part)


def _open(document: Document) -> Iterable[Line]:
    for number, finding in enumerate(document.open, start=1):
        where = f"{show(finding.host)} {finding.control}{_surface(finding)}"
        status = STATUSES[finding.status]
        tone = "bad" if finding.status in (Status.GAP, Status.FAILED) else "doubt"
        yield Line(f"[{number}] {where}  {status.ja} {status.mark}  {_title(finding)}", tone)
        yield from _side("理由 why   ", finding.why, _REASON_LINES, _REASON)
        yield from _side("現状 before", finding.before)
        yield from _side("目標 wanted", finding.after)
        yield from _side("対策 fix   ", finding.fix, _REASON_LINES, _REASON)


def _surface(finding: Finding) -> str:
    surface = f" ({show(finding.surface)})" if finding.surface else ""
    return surface if finding.seen_from == "inside" else f"{surface} from {show(finding.seen_from)}"


def _title(finding: Finding) -> str:
    control = CONTROLS.get(finding.control)
    return f"{control.ja} {control.en}" if control else ""


def _side(word: str, text: str, most: int = _SIDE_LINES, limit: int = _LINE) -> Iterable[Line]:
    lines = text.strip().split("\n") if text.strip() else []
    lead = f"    {word}  "
    for position, line in enumerate(lines[:most]):
        yield Line((lead if position == 0 else " " * width(lead)) + show(line, limit))
    if len(lines) > most:
        yield Line(" " * width(lead) + f"… (+{len(lines) - most} 行 lines)")


def _changes(document: Document) -> Iterable[Line]:
    for finding in document.findings:
        if finding.status in TRIED:
            tone = "good" if finding.status is Status.FIXED else "bad"
            what = f"{show(finding.host)} {finding.control}{_surface(finding)}: {show(finding.why, _LINE)}"
            yield Line(f"変更 {STATUSES[finding.status].en.upper()}  {what}", tone)


def _outside(document: Document) -> Iterable[Line]:
    """Who looked from outside, and how what was met there has changed in this run."""
    for look in document.looks:
        expected = {"refused": "拒否 refused", "served": "許可 served"}.get(look.expects, look.expects)
        seen = f"{show(look.vantage)} ({show(', '.join(look.sources), _LINE)}) {expected}"
        extent = f"{look.targets} 箇所 endpoints  対照 controls {look.reached}/{look.controls}"
        short = "" if look.complete else f"  未完了 not complete {show(look.why, _LINE)}".rstrip()
        yield Line(f"外部視点 OUTSIDE {seen}: {extent}{short}", "" if look.complete else "doubt")
    for finding in document.outside:
        was = finding.evidence.get("was")
        if isinstance(was, dict) and was.get("status") != finding.status.value:
            where = f"{show(finding.host)} {finding.control}{_surface(finding)}"
            yield Line(f"    {where}: {show(str(was.get('status')))} → {finding.status.value}")
    if document.looks:
        yield Line(f"    {UNSEEN.ja} {UNSEEN.en}")


def _unknown(document: Document) -> Iterable[Line]:
    """Every verdict we owe and could not give, with the reason."""
    unknown = [group for group in document.unjudged if group.status is not Status.NOT_SUPPORTED]
    if unknown:
        yield Line(f"判定不能 UNKNOWN {sum(len(group.controls) for group in unknown)}", "doubt")
    for group in unknown:
        yield Line(f"    {show(group.host)} {show(', '.join(group.controls), _LINE)}: {show(group.why)}")
    absent = [device.host for device in document.devices if not device.in_run]
    if absent:
        yield Line(f"{NOT_IN_RUN.ja} NOT IN THIS RUN {len(absent)}: {show(', '.join(absent), _LINE)}", "doubt")


def _waivers(document: Document) -> Iterable[Line]:
    """What the site's people have decided about gaps, who stands for it, and until when."""
    if document.waivers:
        yield Line(f"受容・対策予定 WAIVERS {len(document.waivers)}")
    for waiver in document.waivers:
        word = STATUSES[waiver.decision]
        parts = (
            f"{word.ja} {word.en}  {waived(waiver)}",
            f"{show(waiver.owner) or '責任者なし no owner'}  {show(waiver.until)}まで until",
            show(waiver.reason),
            f"無効 void: {show(waiver.lapse)}" if waiver.lapse else "",
        )
        yield Line("    " + "  ".join(part for part in parts if part), "doubt" if waiver.lapse else "")


def waived(waiver: Waived) -> str:
    """Which hosts and which control a waiver is about."""
    surface = f" ({show(waiver.surface)})" if waiver.surface else ""
    return f"{show(waiver.hosts)} {show(waiver.control)}{surface}"


def _totals(document: Document) -> Iterable[Line]:
    counted = [(STATUSES[status], document.counts.get(status.value, 0)) for status in Status]
    parts = [f"{word.ja} {word.en} {count}" for word, count in counted if count]
    yield Line(f"{' · '.join(parts) or '判定なし no verdicts'}   / 計 total {len(document.findings)}")
    changed = document.counts.get(Status.FIXED.value, 0)
    yield Line(f"変更 changes {changed}   次 NEXT: {next_step(document)}   exit {document.exit}", "title")


def next_step(document: Document) -> str:
    """The one thing to do now, in the order of danger."""
    counts = {status for status, count in document.counts.items() if count}
    if Status.FAILED.value in counts:
        return "失敗した機器を確認 look at the devices that failed before anything else"
    if Status.GAP.value in counts:
        if not any("change" in _scope(one).split(", ") for one in document.authorised):
            return "変更の承認を得る get the change authorised (iot_site_authorised, scope change)"
        if document.mode == "check":
            return "承認後 remediate: ansible-playbook iot_site.checklist.remediate"
        return "残るギャップの対策欄に従う follow the fix of each gap that is left"
    if counts & {Status.UNKNOWN.value, Status.UNREACHABLE.value}:
        return "判定不能の原因を除き再実行 mend what could not be judged, and run again"
    if Status.MANUAL.value in counts:
        return "要作業の項目を担当者が実施 let a person do what is manual"
    if Status.PLANNED.value in counts:
        return "対策予定を期限までに実施 close what is promised before its day"
    return "次回点検まで対応不要 nothing until the next check"
