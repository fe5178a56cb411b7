# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From judgements to findings: pure, the one place that stamps run, site, host and time on a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .checklist import CONTROLS, controls_of
from .model import Finding, Intent, Json, Judgement, Plan, Status


@dataclass(frozen=True, slots=True)
class Stamp:
    """What all findings of one control action share."""

    run: str
    item: str
    platform: str
    at: str  # ISO 8601, UTC

    def finding(self, judgement: Judgement, intent: Intent) -> Finding:
        return Finding(
            run=self.run,
            site=intent.site,
            host=intent.host,
            platform=self.platform,
            item=self.item,
            control=judgement.control,
            surface=judgement.surface,
            status=judgement.status,
            why=judgement.why,
            at=self.at,
            before=judgement.before,
            after=judgement.after,
            fix=judgement.fix,
            evidence=judgement.evidence,
            enforced_by=intent.enforced_by if self.item == "A2" else "",
        )

    def blank(self, intent: Intent, status: Status, why: str, fix: str = "") -> list[Finding]:
        """One finding for every control that each device has, when the device could not be judged at all."""
        return [self._blank(intent, control, status, why, fix) for control in _everywhere(self.item)]

    def unsupported(self, intent: Intent, judged: Iterable[Judgement]) -> list[Finding]:
        """A control that no surface of this platform speaks about is said to be so, not left out."""
        spoken = {judgement.control for judgement in judged}
        return [
            self._blank(intent, control, Status.NOT_SUPPORTED, f"not judged on {self.platform} in this version", "")
            for control in _everywhere(self.item)
            if control not in spoken
        ]

    def _blank(self, intent: Intent, control: str, status: Status, why: str, fix: str) -> Finding:
        return Finding(
            run=self.run, site=intent.site, host=intent.host, platform=self.platform, item=self.item, control=control,
            surface="", status=status, why=why, at=self.at, fix=fix,
        )  # fmt: skip


def _everywhere(item: str) -> Iterator[str]:
    return (control for control in controls_of(item) if not CONTROLS[control].optional)


def findings(stamp: Stamp, intent: Intent, judgements: Sequence[Judgement]) -> list[Finding]:
    """One finding per control and surface, and one for each control of the item that nobody judges."""
    return some_findings(stamp, intent, judgements) + stamp.unsupported(intent, judgements)


def some_findings(stamp: Stamp, intent: Intent, judgements: Sequence[Judgement]) -> list[Finding]:
    """One finding per control and surface of these, which are not all that is judged of the item."""
    return _one_per_place([stamp.finding(judgement, intent) for judgement in judgements])


#: Of several judgements on one control of one surface, the worst speaks for it.
SEVERITY = (
    Status.FAILED,
    Status.GAP,
    Status.UNREACHABLE,
    Status.UNKNOWN,
    Status.MANUAL,
    Status.PLANNED,
    Status.WAIVED,
    Status.FIXED,
    Status.PASS,
    Status.NOT_SUPPORTED,
    Status.NOT_APPLICABLE,
)


def _one_per_place(found: Sequence[Finding]) -> list[Finding]:
    groups: dict[str, list[Finding]] = {}
    for finding in found:
        groups.setdefault(finding.place, []).append(finding)
    return [_worst(group) for group in groups.values()]


def _worst(group: Sequence[Finding]) -> Finding:
    first = min(group, key=lambda finding: SEVERITY.index(finding.status))
    if len(group) == 1:
        return first
    alike = [finding for finding in group if finding.status is first.status]
    evidence: dict[str, Json] = {key: value for finding in group for key, value in finding.evidence.items()}
    return replace(
        first,
        why=_joined("; ", (finding.why for finding in alike)),
        before=_joined("\n", (finding.before for finding in alike)),
        after=_joined("\n", (finding.after for finding in alike)),
        fix=_joined("\n", (finding.fix for finding in alike)),
        evidence=evidence,
    )


def _joined(glue: str, texts: Iterable[str]) -> str:
    return glue.join(dict.fromkeys(text for text in texts if text))


def restated(
    found: Sequence[Finding],
    plan: Plan,
    status: Status | None = None,
    why: str = "",
    fix: str = "",
    evidence: Mapping[str, Json] | None = None,
) -> list[Finding]:
    """The findings; those that a plan is about say what became of it."""
    planned = {(change.control, change.surface) for change in plan.changes}
    return [
        replace(
            finding,
            status=status or finding.status,
            why=f"{finding.why}; {why}" if why else finding.why,
            fix=fix or finding.fix,
            evidence={**finding.evidence, **(evidence or {})},
        )
        if (finding.control, finding.surface) in planned
        else finding
        for finding in found
    ]
