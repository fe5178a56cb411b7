# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that somebody asks to delete by name (user_credentials_delete_retired), as a part of C2.leftover_account.

Locking comes first, in a run of its own, so that whoever misses the account says so while it can still be opened again.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from ..model import Judgement, Status
from . import users_changes
from .users_changes import lacking
from .users_there import LOCKED_SINCE
from .users_whose import SURFACE, Users, called, described, evidence, together
from .visits import ACTIVE_DAYS

#: A home that find(1) takes as it is written.
_PLAIN = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


def judge(control: str, users: Users) -> Iterator[Judgement]:
    """Of those that are asked for and still there. Who lets somebody in is locked first, and is not deleted then."""
    asked = [name for name in sorted(users.intent.delete_retired) if name in users.accounts]
    closed = [name for name in asked if users.intent.is_declared(name) or users.lets_in(name) is False]
    obstacles = {name: list(_obstacles(users, name)) for name in closed}
    free = [name for name, found in obstacles.items() if not found]
    held = {name: found for name, found in obstacles.items() if found}
    if free:
        yield _gap(control, users, free)
    if held:
        yield _manual(control, users, held)


def _gap(control: str, users: Users, names: Sequence[str]) -> Judgement:
    changes = tuple(users_changes.deleted(control, users, name) for name in names)
    told = [described(name, users.accounts[name]) for name in names]
    homes = ", ".join(users.accounts[name]["home"] for name in names)
    why = (
        f"locked, and to be deleted (user_credentials_delete_retired): {together(told)}; "
        f"what lies in its home stays and keeps its number, the home itself becomes root's: {homes}"
    )
    looks = together([f"sudo find / -user {name}" for name in names])
    fix = f"What it owns outside its home keeps it ({looks}): give that to somebody (sudo chown), then run again."
    return Judgement(
        control, SURFACE, Status.GAP, why, "\n".join(told), "", fix, evidence(users, names), changes
    )  # fmt: skip


def _manual(control: str, users: Users, held: Mapping[str, Sequence[str]]) -> Judgement:
    why = [f"{called(name)}: {'; '.join(found)}" for name, found in held.items()]
    names = " ".join(shlex.quote(name) for name in held)
    fix = f"Mend that on the host, or leave {names} out of user_credentials_delete_retired: locked is enough."
    return Judgement(
        control, SURFACE, Status.MANUAL, f"not deleted, though it is asked for: {together(why)}",
        fix=fix, evidence=evidence(users, list(held)),
    )  # fmt: skip


def _obstacles(users: Users, name: str) -> Iterator[str]:
    """Why we do not delete it; none where nobody loses anything by it."""
    account, first = users.accounts[name], users.state["first_uid"]
    if users.intent.is_declared(name):
        yield "it is declared (iot_site_people, user_credentials_service_accounts)"
    if account["in_use"]:
        yield "we are logged in with it"
    if account["uid"] < first:
        yield f"it is an account of the system (uid {account['uid']})"
    if (account["password"], account["expires"], account["keys"]) != ("locked", LOCKED_SINCE, 0):
        yield "no run of ours has locked it, or somebody has opened it since"
    yield from account["work"]
    if account["recent"]:
        yield f"somebody logged in with it within {ACTIVE_DAYS} days"
    yield from _ties(users, name)
    if missing := lacking(users, "deleted"):
        yield missing


def _ties(users: Users, name: str) -> Iterator[str]:
    """What it has together with others, and what would wait for the next one of its name or number."""
    account = users.accounts[name]
    others = [one for other, one in users.accounts.items() if other != name]
    if any(one["uid"] == account["uid"] for one in others):
        yield "another account has its number"
    if account["shared_group"]:
        yield "others are in its group"
    if rules := [right["why"] for right in account["rights"] if not right["group"]]:
        yield f"a rule gives rights to its name or number ({rules[0]})"
    home = account["home"]
    if not _PLAIN.fullmatch(home):
        yield f"its home has no plain name ({called(home)})"
    elif any(f"{one['home']}/".startswith(f"{home}/") or f"{home}/".startswith(f"{one['home']}/") for one in others):
        yield f"its home {home} is in, or holds, that of another account"
