# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's own words, Japanese beside English: statuses, modes, viewpoints' groups."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Status


@dataclass(frozen=True, slots=True)
class Word:
    """One notion in both languages; ``mark`` is what a table cell has room for."""

    ja: str
    en: str
    mark: str


STATUSES = {
    Status.PASS: Word("合格", "pass", "pass"),
    Status.FIXED: Word("修正済", "fixed", "fixed"),
    Status.GAP: Word("ギャップ", "gap", "GAP"),
    Status.FAILED: Word("失敗", "failed", "FAILED"),
    Status.MANUAL: Word("要作業", "manual", "manual"),
    Status.PLANNED: Word("対策予定", "planned", "planned"),
    Status.WAIVED: Word("受容", "waived", "waived"),
    Status.NOT_APPLICABLE: Word("該当なし", "not applicable", "n/a"),
    Status.NOT_SUPPORTED: Word("未対応", "not supported", "n/s"),
    Status.UNKNOWN: Word("判定不能", "unknown", "???"),
    Status.UNREACHABLE: Word("接続不可", "unreachable", "no conn"),
}

NOT_IN_RUN = Word("対象外", "not in this run", "-")

#: What an outside view cannot say.
UNSEEN = Word(
    "宣言した公開先と通常の管理用ポートのみを確認。それ以外の開放ポートは外部視点では分からない。",
    "Only what is declared, and usual management ports, was tried: any other open port is not seen from outside.",
    "",
)

MODES = {
    "check": Word("読取のみ", "read-only", "AUDIT"),
    "apply": Word("修正適用", "changes applied", "REMEDIATE"),
    "none": Word("機器に未接触", "no device was contacted", "REPORT"),
}

#: What a person still has to do, worst first; what could not be judged; what we changed or tried to.
OPEN = (Status.FAILED, Status.GAP, Status.MANUAL, Status.PLANNED, Status.WAIVED)
UNJUDGED = (Status.UNREACHABLE, Status.UNKNOWN, Status.NOT_SUPPORTED)
TRIED = (Status.FIXED, Status.FAILED)

#: The order of work where only some can be done (checklist P4): access first.
WORK_ORDER = ("A2", "A1", "B1", "C1", "C2", "D1", "D2", "D3", "P1", "P2", "P3", "P4")
