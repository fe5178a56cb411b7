# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan applied so that it cannot lock us out: arm, edit, prove over a new connection, confirm, save."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from .account_passwords import Known, remembered
from .contract import Platform
from .display import show
from .door_logins import Login
from .issuing import Issued, missing, written
from .model import Intent, Json, Plan, Status, Vitals
from .reading import Reading, examined, kept, read
from .refusal import lost
from .run import RUN_ID
from .transports.base import Arming, Refused, Reverted, Transport, Unable, Unreachable

#: Seconds that arming and editing may take at most; what one try of a new connection may take; and how many tries.
APPLY_SECONDS, CONNECT_SECONDS, CONNECT_TRIES = 20.0, 10.0, 3
#: What is left of a guard's time when logins at services have been tried, beside the proving read.
CONFIRM_SECONDS = 10.0


def seconds_needed(reading: Reading) -> float:
    """Apply, connection tries and the proving read: a guard shorter than this would fire on success."""
    return APPLY_SECONDS + CONNECT_TRIES * CONNECT_SECONDS + 2 * reading.seconds


_READ_BACK = "what the device keeps of the password was read back instead"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan."""

    proved: bool  # applied, re-read over a new connection, confirmed, saved, re-read
    touched: bool  # something was changed, even if it was taken back
    why: str
    reading: Reading  # the device as last seen
    evidence: Mapping[str, Json] = field(default_factory=dict)
    restored: bool = False  # seen to be as it was, or never changed


class _Disproved(Exception):
    """The change does not hold; the message says how we know."""


class Guarded:
    """One plan on its way to one device, with the credentials that it sets there."""

    def __init__(
        self, platform: Platform, transport: Transport, intent: Intent, item: str, issued: Sequence[Issued] = ()
    ) -> None:
        self._platform = platform
        self._transport = transport
        self._intent = intent
        self._item = item
        self._issued = issued
        self._known: Known = {}  # what need not be searched anew

    def apply(self, plan: Plan, before: Reading) -> Outcome:
        """Never raises for what a device does: the outcome says it."""
        self._known = remembered(kept(self._platform, before), before.state) if self._judges_secrets else {}
        token = f"{RUN_ID}-{secrets.token_hex(4)}"
        seconds = self._intent.guard_seconds
        arming = Arming(token, seconds, self._platform.guard(plan, token, seconds))
        started = time.monotonic()
        try:
            self._transport.apply(written(plan, self._issued), arming)
        except Refused as reason:
            return Outcome(False, False, f"not changed: {reason}", before, restored=True)
        except Reverted as reason:
            return self._taken_back(plan, str(reason))
        except (Unreachable, Unable) as reason:
            return self._left_to_the_guard(f"the connection was lost while applying ({reason})")
        try:
            proof = self._proof_connection(before.vitals.account)
        except _Disproved as reason:
            return self._revert(plan, arming, str(reason))
        try:
            return self._proved(plan, arming, before, proof, started)
        finally:
            proof.close()

    # --- the proof ------------------------------------------------------------------------------------------

    def _proof_connection(self, account: str) -> Transport:
        """Established flows survive a new rule and hide a lockout, so only a really new connection proves."""
        own = next((one.secret for one in self._issued if one.given.session and one.given.account == account), None)
        tries = 1 if own or any(one.given.own for one in self._issued) else CONNECT_TRIES  # a wrong password locks
        why = ""
        for attempt in range(tries):
            if attempt:
                time.sleep(1)  # a reloaded service may need a moment
            try:
                return self._transport.fresh(own)
            except (Unreachable, Unable) as reason:
                why = str(reason)
        raise _Disproved(f"no new connection after the change (tries: {tries}): {why}")

    def _proved(self, plan: Plan, arming: Arming, before: Reading, proof: Transport, started: float) -> Outcome:
        try:
            told = self._opens(proof)  # first: of what a device hides, a login is all that tells
            left = self._intent.guard_seconds - (time.monotonic() - started) - 2 * before.seconds - CONFIRM_SECONDS
            told |= self._enters(proof, left)
            after = self._read(proof)
            self._holds(plan, before.vitals, after, still=True)
            for why in missing(self._issued, kept(self._platform, after)) if self._issued else ():
                raise _Disproved(why)
        except (_Disproved, Unreachable, Unable) as reason:
            return self._revert(plan, arming, str(reason))
        except Exception as error:  # a fault of ours proves nothing either: never leave a change to the timer alone
            return self._revert(plan, arming, f"an error of this collection while proving ({type(error).__name__})")
        outage = round(time.monotonic() - started, 1)
        try:
            if not proof.confirm(arming):
                return self._revert(plan, arming, "the guard had already fired when we came to confirm")
        except (Unreachable, Unable, Reverted) as reason:
            return self._revert(plan, arming, f"applied and proved, but not confirmed ({reason})")
        try:
            proof.persist([edit for change in plan.changes for edit in change.persist], arming)
            final = self._read(proof)
            self._holds(plan, before.vitals, final, still=False)
        except (Unreachable, Unable, Reverted) as reason:
            return Outcome(False, True, f"applied and proved, but not made permanent: {reason}", after)
        except _Disproved as reason:
            return Outcome(False, True, f"applied and confirmed, but it did not last: {reason}", final)
        why = "applied; re-read over a new connection, it holds"
        return Outcome(True, True, why, final, {"outage_seconds_at_most": outage, **told})

    @property
    def _judges_secrets(self) -> bool:
        return self._platform.judges_secrets(self._item)

    def _read(self, transport: Transport) -> Reading:
        asked = self._platform.asks_secrets(self._item) or bool(self._issued)
        reading = read(self._platform, transport, asked)
        if not self._judges_secrets:
            return reading
        ours = {key: told for one in self._issued for key, told in one.known.items()}
        return examined(self._platform, reading, self._intent, {**self._known, **ours})

    def _opens(self, proof: Transport) -> dict[str, Json]:
        """Every new credential that opens a session opens one."""
        if not self._issued:
            return {}
        opened = {one.given.account: proof.logs_in(one.given.account, one.secret) for one in self._issued
                  if one.given.session}  # fmt: skip
        refused = [account for account, opens in opened.items() if opens is False]
        if refused:
            raise _Disproved(f"the device does not let {', '.join(refused)} in with the new password")
        unasked = [account for account, opens in opened.items() if opens is None]
        return {
            "logged_in": [account for account in opened if opened[account]],
            **({"asks_no_password": cast(Json, unasked)} if unasked else {}),
        }

    def _enters(self, proof: Transport, seconds: float) -> dict[str, Json]:
        """Every new credential of a service lets in at its doors, and nothing else does, wherever that can be tried."""
        logins = [Login(door, one.given.account, one.secret) for one in self._issued for door in one.given.doors]
        found = list(zip(logins, proof.enters(logins, seconds) if logins else (), strict=True))
        refused = [f"{login.place} ({entry.why})" for login, entry in found if entry.proved is False]
        if refused:
            raise _Disproved(f"the new password does not let in {'; '.join(refused)}")
        untried = {login.place: entry.why for login, entry in found if entry.proved is None}
        for given in (one.given for one in self._issued):
            if not (given.session or given.doors):
                untried[f"{show(given.account)} ({given.surface})"] = "no place is known where a login could be tried"
        return {
            **({"entered": cast(Json, [login.place for login, entry in found if entry.proved])} if found else {}),
            **(
                {"not_entered": cast(Json, {at: f"{why}; {_READ_BACK}" for at, why in untried.items()})}
                if untried
                else {}
            ),
        }

    def _holds(self, plan: Plan, before: Vitals, after: Reading, still: bool) -> None:
        """Nothing left to change, no canary lost; ``still`` under guard, what only persists it may be missing."""
        if not after.readable:
            raise _Disproved(f"the device could not be re-read: {after.why}")
        gone = lost(before.canaries, after.vitals.canaries)
        if gone:
            raise _Disproved("something that worked before the change does not now: " + "; ".join(gone))
        if after.vitals.unsaved and not still:
            raise _Disproved(f"running and saved configuration differ after our save:\n{after.vitals.unsaved}")
        judgements = self._platform.judge(after.state, self._intent, self._item)
        open_changes = self._platform.plan(after.state, self._intent, judgements).changes
        planned = {(change.control, change.surface, change.subject) for change in plan.changes}
        missing = [
            f"{change.control} ({change.surface}): {change.summary}"
            for change in open_changes
            if (change.control, change.surface, change.subject) in planned and (change.edits or not still)
        ]
        if missing:
            raise _Disproved("read back, the change is not there: " + "; ".join(missing))

    # --- the way back ---------------------------------------------------------------------------------------

    def _revert(self, plan: Plan, arming: Arming, why: str) -> Outcome:
        try:
            self._transport.revert(arming)
        except (Unreachable, Unable, Reverted) as reason:
            return self._left_to_the_guard(f"{why}; rolling back over the old connection failed too ({reason})")
        return self._taken_back(plan, f"{why}; rolled back")

    def _taken_back(self, plan: Plan, why: str) -> Outcome:
        after = self._read(self._transport)
        same = after.readable and self._platform.fingerprint(after.state) == plan.state_hash
        seen = "the device is as it was" if same else "COULD NOT SEE that the device is as it was: look at it"
        return Outcome(False, True, f"{why}; {seen}", after, restored=same)

    def _left_to_the_guard(self, why: str) -> Outcome:
        seconds = self._intent.guard_seconds
        after = Reading(self._platform.name, status=Status.UNREACHABLE, why=why)
        return Outcome(False, True, f"{why}; the device restores itself within {seconds} s", after)
