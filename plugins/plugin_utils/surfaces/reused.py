# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.reused, which no device can answer alone: whether others have its secrets is settled in the report (reuse.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..contract import Surface
from ..model import Intent, Json, Judgement, Status
from ..raw import Raw

CONTROL = "C2.reused"
SURFACE = "secrets"


class Reused(Surface):
    """All the secrets that the accounts of a device keep. They are read with them; this asks nothing more."""

    name = SURFACE
    controls = (CONTROL,)
    reads = ()
    compares_secrets = True

    def parse(self, raw: Raw) -> dict[str, Json]:
        return {}

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        why = "the secrets of this device were compared with no others: that is done by the report of a run"
        fix = "Let the role report end the playbook, as ours do."
        yield Judgement(CONTROL, SURFACE, Status.UNKNOWN, why, fix=fix)
