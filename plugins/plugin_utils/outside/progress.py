# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before and after: what the first look of a run found, beside what the last one does. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..findings import SEVERITY
from ..model import Finding, Json


def since(before: Iterable[Finding], after: Sequence[Finding]) -> list[Finding]:
    """The findings of ``after``; each with how it stood before, where that was seen from the same vantage."""
    first = list(before)
    return [_compared(finding, first) for finding in after]


def _compared(finding: Finding, first: Iterable[Finding]) -> Finding:
    was = [one for one in first if _same(one, finding)]
    if not was:
        return finding
    worst = min(was, key=lambda one: SEVERITY.index(one.status))
    evidence: dict[str, Json] = {**finding.evidence, "was": {"status": worst.status.value, "why": worst.why}}
    return replace(finding, evidence=evidence)


def _same(one: Finding, other: Finding) -> bool:
    """One control of one place; an endpoint that shows no text any more stands for all the texts that it had."""
    if (one.host, one.control, one.seen_from) != (other.host, other.control, other.seen_from):
        return False
    return one.surface == other.surface or one.evidence.get("place", "") == other.surface
