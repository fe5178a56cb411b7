# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Yamaha RTX, NVR, FWX and vRX routers, over their console. Their language is read and written in ../yamaha/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..contract import Platform
from ..model import GuardLines, Intent, Judgement, LineEdit, Plan, State, Vitals
from ..raw import Raw
from ..surfaces.declared import Declared
from ..yamaha import guard
from ..yamaha.forwarding import Forwarding
from ..yamaha.identity import Identity
from ..yamaha.management import Management, Snmp
from ..yamaha.names import Names


class YamahaRtx(Platform):
    """A router: it limits access to itself and to what lies behind it."""

    name = "yamaha_rtx"
    title = "Yamaha RTX"
    network_os = "iot_site.checklist.yamaha_rtx"
    transport = "cli"
    surfaces = (Declared(), Identity(), Management(), Snmp(), Forwarding(), Names())
    reads = guard.READS

    def parse(self, raw: Raw) -> State:
        """The console's own settings travel along: the session changes them, a save must not."""
        return {**super().parse(raw), "console": list(guard.console(raw))}

    def plan(self, state: State, intent: Intent, judgements: Sequence[Judgement]) -> Plan:
        """Before a save the console is the owner's again."""
        plan = super().plan(state, intent, judgements)
        console = state.get("console")
        if not plan.changes or not isinstance(console, list):
            return plan
        restored = tuple(LineEdit(str(line), "") for line in console)
        *others, final = plan.changes
        return replace(plan, changes=(*others, replace(final, persist=(*final.persist, *restored))))

    def vitals(self, raw: Raw) -> Vitals:
        return guard.vitals(raw)

    def guard(self, plan: Plan, token: str, seconds: int) -> GuardLines | None:
        return guard.guard(plan, token, seconds)


PLATFORM = YamahaRtx()
