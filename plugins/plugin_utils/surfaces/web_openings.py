# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Something that a web server shows to whom it should not, or may: one finding, before it becomes a judgement."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Status


@dataclass(frozen=True, slots=True)
class Opening:
    """``general``: a file of ours at the server's highest level may close it; otherwise ``fix`` is for a person."""

    why: str
    fix: str = ""
    status: Status = Status.GAP
    general: bool = False
