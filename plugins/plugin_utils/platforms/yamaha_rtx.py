# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Yamaha RTX, NVR, FWX and vRX routers, over their console. Their language is read and written in ../yamaha/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .. import account_passwords
from ..account_passwords import Known
from ..contract import Platform
from ..model import Change, GuardLines, Intent, Json, Judgement, LineEdit, Plan, State, Status, Vitals
from ..raw import Raw
from ..session_secrets import SESSION_SECRETS, only_asked
from ..surfaces.declared import Declared
from ..surfaces.reused import Reused
from ..yamaha import guard as yamaha_guard
from ..yamaha.accounts import RouterAccounts
from ..yamaha.dns_names import DnsNames
from ..yamaha.forwarding import CONFIG, Forwarding
from ..yamaha.identity import Identity
from ..yamaha.logins import Logins
from ..yamaha.management import Management, Snmp
from ..yamaha.names import Names
from ..yamaha.snmp_accounts import RouterSnmpAccounts
from ..yamaha.vpn_accounts import RouterVpnAccounts


class YamahaRtx(Platform):
    """A router: it limits access to itself and to what lies behind it."""

    name = "yamaha_rtx"
    title = "Yamaha RTX"
    network_os = "iot_site.checklist.yamaha_rtx"
    transport = "cli"
    surfaces = (Declared(), Identity(), Management(), Snmp(), Forwarding(), Names(), DnsNames(), Logins(), Reused())
    accounts = (RouterAccounts(), RouterSnmpAccounts(), RouterVpnAccounts())
    reads = yamaha_guard.READS

    def parse(self, raw: Raw) -> State:
        """What a save must not write travels along: the session's console settings, a spent guard.

        So does what a restart would bring back, where that is something else.
        """
        state: dict[str, Json] = {**super().parse(raw), "before_saving": list(yamaha_guard.before_saving(raw))}
        if yamaha_guard.difference(raw):
            saved = super().parse(_restarted(raw))
            state["as_saved"] = {name: one for name, one in saved.items() if one != state[name]}
        return state

    def examined(self, raw: Raw, state: State, intent: Intent, known: Known | None = None) -> State:
        """So do the accounts that a restart would bring back."""
        now = super().examined(raw, state, intent, known)
        if not yamaha_guard.difference(raw):
            return now
        then = super().examined(_restarted(raw), state, intent, known)
        other = {one.name: then[one.name] for one in self.accounts if then[one.name] != now[one.name]}
        saved = state.get("as_saved")
        return {**now, "as_saved": {**(saved if isinstance(saved, dict) else {}), **other}}

    def judge(self, state: State, intent: Intent, item: str) -> list[Judgement]:
        """What is not saved is no pass: a restart would end it."""
        found = super().judge(state, intent, item)
        saved = state.get("as_saved")
        if not isinstance(saved, dict):
            return found
        after = super().judge({**state, **saved}, intent, item)
        restarted = {(one.control, one.surface): one for one in reversed(after)}  # of two the first, which is the gap
        return [_careful(_lasting(one, restarted.get((one.control, one.surface), one))) for one in found]

    def plan(self, state: State, intent: Intent, judgements: Sequence[Judgement]) -> Plan:
        """Before a save the device is the owner's again."""
        plan = super().plan(state, intent, judgements)
        lines = state.get("before_saving")
        if not plan.changes or not isinstance(lines, list):
            return plan
        restored = tuple(LineEdit(str(line), "") for line in lines)
        *others, final = plan.changes
        return replace(plan, changes=(*others, replace(final, persist=(*final.persist, *restored))))

    def vitals(self, raw: Raw) -> Vitals:
        return yamaha_guard.vitals(raw)

    def guard(self, plan: Plan, token: str, seconds: int) -> GuardLines | None:
        return yamaha_guard.guard(plan, token, seconds)


_CLOSED = (Status.PASS, Status.NOT_APPLICABLE)


def _restarted(raw: Raw) -> Raw:
    """The device as its saved configuration would make it. What opened the session it may not know."""
    saved = raw.outputs[yamaha_guard.SAVED.name]
    return Raw({**raw.outputs, CONFIG.name: saved, SESSION_SECRETS.name: only_asked(raw)})


def _lasting(now: Judgement, restarted: Judgement) -> Judgement:
    """The verdict of the present, unless it ends at the next restart."""
    if now.status not in _CLOSED or restarted.status in _CLOSED:
        return now
    why = f"{now.why}; but that is not saved, and a restart would bring back: {restarted.why}"
    if now.control in account_passwords.CONTROLS:  # of what is hidden, we do not save what we cannot tell
        return replace(restarted, why=why, fix="Save what is there.", changes=())
    save = Change(now.control, now.surface, "save what is there", restarted.before, restarted.after, edits=())
    return replace(restarted, why=why, changes=(save,) if restarted.status is Status.GAP else ())


def _careful(one: Judgement) -> Judgement:
    """A restart is no way back while something is not saved: it would be lost."""
    if not yamaha_guard.needs_restart(one.changes):
        return one
    by_hand = f", or set it by hand: {one.after}" if one.after else ", then run again."
    return replace(one, changes=(), fix=f"Save what is there first{by_hand}")


PLATFORM = YamahaRtx()
