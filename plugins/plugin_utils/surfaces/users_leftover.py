# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.leftover_account: an account that lets somebody in belongs to a person on the list, or is declared a service's.

It is locked, and never where that could take away a way in, or work that is done: those are left to a person.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from ..model import Judgement, Status
from . import users_changes, users_retired
from .users_changes import lacking
from .users_whose import SURFACE, Users, called, described, evidence, together
from .visits import ACTIVE_DAYS

CONTROL = "C2.leftover_account"

_WHOSE = (
    "Find out whose it is. Add that person to iot_site_people (account: its name), or the account to "
    "user_credentials_service_accounts"
)


def judge(users: Users) -> Iterator[Judgement]:
    """One judgement for each verdict; its text, and its changes, name every account."""
    left = [name for name in users.accounts if not users.intent.is_declared(name) and users.lets_in(name) is not False]
    unclear = [name for name in left if users.lets_in(name) is None]
    retired = list(users_retired.judge(CONTROL, users))
    obstacles = {name: list(_obstacles(users, name)) for name in left if name not in unclear}
    free = [name for name, found in obstacles.items() if not found]
    held = {name: found for name, found in obstacles.items() if found}
    if free:
        yield _gap(users, free)
    if held:
        yield _manual(users, held)
    if unclear or users.state["elsewhere"]:
        yield _unknown(users, unclear)
    yield from retired
    if not left and not retired and not users.state["elsewhere"]:
        inside = [name for name in users.accounts if users.lets_in(name)]
        why = f"no account lets in anybody who is not declared; these let somebody in: {', '.join(map(called, inside))}"
        yield Judgement(CONTROL, SURFACE, Status.PASS, why, evidence=evidence(users, inside))


def _gap(users: Users, names: Sequence[str]) -> Judgement:
    changes = tuple(users_changes.locked(CONTROL, users, name) for name in names)
    told = [described(name, users.accounts[name]) for name in names]
    return Judgement(
        CONTROL, SURFACE, Status.GAP, f"nobody's, and lets somebody in: {together(told)}",
        "\n".join(told), "\n".join(change.after for change in changes),
        _fix(users, names[0]), evidence(users, names), changes,
    )  # fmt: skip


def _manual(users: Users, held: Mapping[str, Sequence[str]]) -> Judgement:
    told = [described(name, users.accounts[name]) for name in held]
    why = [f"{one}: not locked, for {'; '.join(found)}" for one, found in zip(told, held.values(), strict=True)]
    fix = _fix(users, next(iter(held)))
    return Judgement(
        CONTROL, SURFACE, Status.MANUAL, f"nobody's, and lets somebody in: {together(why)}", "\n".join(told),
        fix=fix, evidence=evidence(users, list(held)),
    )  # fmt: skip


def _fix(users: Users, name: str) -> str:
    """Of root the password alone: on its expiry the machine could not work any more."""
    if users.accounts[name]["in_use"]:
        return f"{_WHOSE}."
    locks = "passwd -l" if users.accounts[name]["uid"] == 0 else "usermod -L -e 1"
    return f"{_WHOSE}; or end its use and lock it on the host: sudo {locks} {shlex.quote(called(name))}"


def _unknown(users: Users, unclear: Sequence[str]) -> Judgement:
    keys = users.state["keys_unknown"] or "their keys could not be read"
    reasons = [f"accounts come from {source} too, where we do not look" for source in users.state["elsewhere"]]
    if unclear:
        reasons.append(f"whether {', '.join(map(called, unclear))} let somebody in is not known: {keys}")
    fix = "Look on the host which accounts there are (getent passwd), and which keys open them."
    return Judgement(CONTROL, SURFACE, Status.UNKNOWN, together(reasons), fix=fix, evidence=evidence(users, unclear))


def _obstacles(users: Users, name: str) -> Iterator[str]:
    """Why we do not lock it; none where nothing is lost by it."""
    account = users.accounts[name]
    if account["in_use"]:
        yield "we are logged in with it"
    if account["uid"] == 0:
        yield "it is root"
    if not users.keeps_an_administrator(name):
        yield "no declared administrator can log in yet (give them their accounts first, then run again)"
    yield from account["work"]
    if account["recent"]:
        yield f"somebody logged in with it within {ACTIVE_DAYS} days"
    if not account["own_keys"]:
        yield "its file of keys is a link to somebody else's"
    if account["key_files"] and _shares_home(users, name):
        yield "its file of keys is also that of another account"
    if missing := lacking(users, "locked"):
        yield missing


def _shares_home(users: Users, name: str) -> bool:
    others = (other for other in users.accounts if other != name and users.lets_in(other) is not False)
    return any(users.accounts[other]["home"] == users.accounts[name]["home"] for other in others)
