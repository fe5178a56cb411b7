# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one endpoint, or one text of it, says of one item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import Json, Status


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status with its reason, what a person does about it, and what it rests on beside the endpoint."""

    status: Status
    why: str
    fix: str = ""
    surface: str = ""  # which text of the endpoint; "": the endpoint itself
    before: str = ""  # what was read there
    evidence: Mapping[str, Json] = field(default_factory=dict)
