# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checklist's steps of A2 (count, learn, decide, design, apply, test, operate): how far this site is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..findings import SEVERITY
from ..model import Finding, Status
from .document import Document
from .words import OPEN

_CLOSED = (Status.PASS, Status.FIXED)
_OUTSIDE = "no outside view in this run 外部視点は未実施"
_LIMITS = ("A2.management", "A2.forwarded", "A2.web", "A2.enforced")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how far it is ("done", "open" or "unknown"), and what shows it."""

    ja: str
    en: str
    state: str
    shown: str


def access_steps(document: Document) -> tuple[Step, ...]:
    """Empty when A2 was not judged in this run."""
    found = [finding for finding in document.findings if finding.item == "A2" and finding.seen_from == "inside"]
    if not found:
        return ()
    people = [finding for finding in found if finding.control == "A2.people"]
    limits = [
        finding for finding in found
        if finding.control in _LIMITS and finding.status not in (Status.NOT_APPLICABLE, Status.NOT_SUPPORTED)
    ]  # fmt: skip
    return (
        Step("利用者の数を確認", "Count the users", *_people(people)),
        Step("接続元アドレスを把握", "Learn their source addresses", *_sources(people)),
        Step("制限を行う機器を決定", "Decide which device enforces", *_enforcers(document)),
        Step("現在の設定を把握", "Learn how it is configured", *_read(limits)),
        Step("設計・適用", "Design and apply", *_applied(limits)),
        Step("試験: 新しい接続で確認", "Test over a new connection", *_tested(limits)),
        Step("試験: 外部からの拒否を確認", "Test that strangers are refused", *_refused(document)),
    )


def _refused(document: Document) -> tuple[str, str]:
    """Only a stranger shows it; whether somebody allowed is served is another question."""
    found = [one for one in document.outside if one.item == "A2" and one.evidence.get("expects") == "refused"]
    tried = [finding for finding in found if finding.status is not Status.NOT_APPLICABLE]
    if not tried:
        return "open", _OUTSIDE
    passed = [finding for finding in tried if finding.status is Status.PASS]
    worst = min(tried, key=lambda finding: SEVERITY.index(finding.status)).status
    state = "done" if len(passed) == len(tried) else "open" if worst in OPEN else "unknown"
    return state, f"{len(passed)} / {len(tried)}: {', '.join(sorted({one.seen_from for one in tried}))}"


def _people(people: Sequence[Finding]) -> tuple[str, str]:
    counts = [count for finding in people if isinstance(count := finding.evidence.get("people"), int)]
    return ("done", f"{max(counts)} 名 people") if counts else ("open", _whys(people))


def _sources(people: Sequence[Finding]) -> tuple[str, str]:
    if people and all(finding.status is Status.PASS for finding in people):
        allow = {str(entry) for finding in people for entry in _listed(finding)}
        return "done", ", ".join(sorted(allow))
    return "open", _whys(people)


def _listed(finding: Finding) -> list[object]:
    allow = finding.evidence.get("allow")
    return list(allow) if isinstance(allow, list) else []


def _whys(findings: Sequence[Finding]) -> str:
    return "; ".join(sorted({finding.why for finding in findings if finding.status is not Status.PASS})) or "-"


def _enforcers(document: Document) -> tuple[str, str]:
    played = [device for device in document.devices if device.in_run]
    return "done", "; ".join(f"{device.host} → {device.enforced_by or '自身 itself'}" for device in played)


def _read(limits: Sequence[Finding]) -> tuple[str, str]:
    unread = sorted({f"{f.host} {f.control}" for f in limits if f.status in (Status.UNKNOWN, Status.UNREACHABLE)})
    if not limits:
        return "unknown", "-"
    return ("unknown", ", ".join(unread)) if unread else ("done", f"{len(limits)} 箇所 places")


def _applied(limits: Sequence[Finding]) -> tuple[str, str]:
    if not limits:
        return "unknown", "-"
    left = [finding for finding in limits if finding.status not in _CLOSED]
    worst = min(limits, key=lambda finding: SEVERITY.index(finding.status)).status
    state = "done" if not left else "open" if worst in OPEN else "unknown"
    return state, f"{len(limits) - len(left)} / {len(limits)}"


def _tested(limits: Sequence[Finding]) -> tuple[str, str]:
    fixed = [finding for finding in limits if finding.status is Status.FIXED]
    if fixed:
        return "done", "; ".join(f"{finding.host} {finding.control}: {finding.why}" for finding in fixed)
    return "open", "nothing was applied in this run 本実行では適用なし"
