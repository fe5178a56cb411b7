# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a plan must not be applied to this device now. Pure; an empty answer is the only permission.

Refusing is cheap, a lockout is a drive of three hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .addresses import union
from .model import Consent, Intent, Plan, Vitals
from .visitors import kept_out

#: Visitors that a message names; the finding's evidence names all.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the engine knows beyond intent, plan and vitals at the moment of decision."""

    today: str  # ISO 8601 day, the controller's
    way_back: bool  # the platform can bring the device back by itself
    blind: str = ""  # why a new connection would prove nothing
    seconds_needed: float = 0.0  # apply + connection tries + one read
    failed_hosts: tuple[str, ...] = ()  # hosts of this site with a failed finding in this run
    visitors_behind: Mapping[str, str] = field(default_factory=dict)  # who comes to the devices behind this one
    password_login: bool = False  # this session, or its becoming root, rests on a password


def refusals(plan: Plan, intent: Intent, vitals: Vitals, now: Circumstances) -> list[str]:
    """Every reason, in words for the person who reads the report at night."""
    return [
        *_not_authorised(intent, now),
        *_unsafe(intent, vitals, now),
        *_own_password(plan, intent, vitals, now),
        *_cutting(plan, intent, vitals, now),
    ]


def _not_authorised(intent: Intent, now: Circumstances) -> Iterable[str]:
    if intent.authorised is None:
        yield "nobody has authorised changes here: declare iot_site_authorised with scope change"
    elif not intent.authorised.allows("change", now.today):
        yield (
            f"the authorisation by {intent.authorised.by} ({intent.authorised.on} to {intent.authorised.until}, "
            f"scope {', '.join(sorted(intent.authorised.scope))}) does not allow a change on {now.today}"
        )


def _unsafe(intent: Intent, vitals: Vitals, now: Circumstances) -> Iterable[str]:
    if vitals.unsafe:
        yield vitals.unsafe
    if vitals.unsaved and intent.unsaved == "refuse":
        yield (
            "running and saved configuration differ before we start; our save would commit somebody's unsaved work. "
            "Save or discard it, or set iot_site_unsaved: adopt. The difference:\n" + vitals.unsaved
        )
    others = [host for host in now.failed_hosts if host != intent.host]
    if others:
        yield f"{', '.join(others)} of this site failed in this run; the rest of the site is left untouched"


def _own_password(plan: Plan, intent: Intent, vitals: Vitals, now: Circumstances) -> Iterable[str]:
    own = [one.account for one in plan.givens if one.own or (one.session and one.account == vitals.account)]
    if now.password_login and own and Consent.OWN_PASSWORD not in intent.consent:
        yield (
            f"the password of {', '.join(own)} would change, with which this session logs in: let the inventory read "
            "ansible_password (and ansible_become_password, iot_site_console_password) with "
            "lookup('iot_site.checklist.credential', ...), then consent with user_credentials_rotate_own: true"
        )


def _cutting(plan: Plan, intent: Intent, vitals: Vitals, now: Circumstances) -> Iterable[str]:
    if not plan.cuts_access:
        return
    if intent.host in now.failed_hosts:
        yield "a change on this device was rolled back in this run; nothing more that can cut access is tried"
    if now.blind:
        yield now.blind
    if not vitals.source:
        yield "the device does not tell from which address it sees this session, so it could be locked out"
    elif vitals.source.partition("%")[0] not in union((*intent.allow4, *intent.allow6)):
        yield (
            f"the allowlist does not hold {vitals.source}, the address from which the device sees this session: "
            "add it to iot_site_management_sources, or we would lock ourselves out"
        )
    yield from _keeping_out(plan, intent, vitals, now)
    if not now.way_back and Consent.UNGUARDED not in intent.consent:
        yield "this device has no way back by itself: a change that can cut access needs ip_allowlist_unguarded: true"
    if intent.guard_seconds < now.seconds_needed:
        yield (
            f"iot_site_guard_seconds is {intent.guard_seconds}, but applying and proving takes up to "
            f"{now.seconds_needed:.0f} s on this device: the guard would fire on success"
        )


def _keeping_out(plan: Plan, intent: Intent, vitals: Vitals, now: Circumstances) -> Iterable[str]:
    """An allowlist that keeps out somebody who comes in today. A login that is asked for (A1) keeps out nobody.

    Of those who come to a device behind this one, only a gateway that knows its inner networks can tell who passes it.
    """
    limits = any(change.cuts_access and change.control.startswith("A2.") for change in plan.changes)
    if not limits or Consent.ACTIVE_SOURCES in intent.consent:
        return
    consent = "or consent with ip_allowlist_cut_active_sources: true"
    if vitals.visitors_unknown:
        yield f"who comes in today cannot be told ({vitals.visitors_unknown}): make it readable, {consent}"
    visitors = {**(now.visitors_behind if vitals.inside else {}), **vitals.visitors}
    out = kept_out(visitors, vitals.inside, intent)
    if out:
        named = "; ".join(f"{visitor} ({visitors[visitor]})" for visitor in out[:SHOWN])
        more = f"; and {len(out) - SHOWN} more" if len(out) > SHOWN else ""
        yield (
            f"the allowlist would keep out who comes in today with a login: {named}{more}. "
            f"Add them to iot_site_people, {consent}"
        )


def lost(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The canaries that worked before a change and do not look the same after it."""
    return [f"{what} (was: {value}; now: {after.get(what, 'gone')})" for what, value in before.items()
            if after.get(what) != value]  # fmt: skip
