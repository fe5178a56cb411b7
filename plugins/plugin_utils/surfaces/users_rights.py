# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.rights: only root is root, and only those on the list who administer the machine can become it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..display import show
from ..model import Judgement, Status
from . import users_changes
from .users_changes import lacking
from .users_root import Right
from .users_whose import SURFACE, Users, called, described, evidence, together

CONTROL = "C2.rights"

_FIX = "Take it away on the host (visudo, gpasswd -d), or declare access: admin for this person."


def judge(users: Users) -> Iterator[Judgement]:
    declared = {name: {person.access for person in users.intent.people_of(name)} for name in users.accounts}
    others = [name for name, access in declared.items() if access and "admin" not in access]
    found = [*_twins(users), *(one for name in others for one in _too_much(users, name))]
    yield from found
    if users.state["rights_unknown"]:
        fix = "Look on the host who may become root: sudo -l -U with each account's name."
        yield Judgement(CONTROL, SURFACE, Status.UNKNOWN, users.state["rights_unknown"], fix=fix)
    elif not found:
        administrators = ", ".join(called(name) for name in users.accounts if users.is_administrator(name))
        why = (
            f"nobody on the list is root without being an administrator; administrators are {administrators or 'none'}"
        )
        yield Judgement(CONTROL, SURFACE, Status.PASS, why)


def _twins(users: Users) -> Iterator[Judgement]:
    twins = [name for name, account in users.accounts.items() if account["uid"] == 0 and name != "root"]
    if twins:
        told = [described(name, users.accounts[name]) for name in twins]
        fix = "Look what it is for, then give it a uid of its own or delete it, on the host: sudo vipw; sudo vipw -s"
        yield Judgement(
            CONTROL, SURFACE, Status.GAP, f"is root under another name: {together(told)}", "\n".join(told),
            fix=fix, evidence=evidence(users, twins),
        )  # fmt: skip


def _too_much(users: Users, name: str) -> Iterator[Judgement]:
    rights = users.accounts[name]["rights"]
    as_root = [right for right in rights if right["kind"] != "limited"]
    limited = [show(right["why"], 120) for right in rights if right["kind"] == "limited"]
    told, proof = described(name, users.accounts[name]), evidence(users, [name])
    who = " and ".join(person.name for person in users.intent.people_of(name))
    if as_root:
        why = f"{who} is no administrator on the list, and is one here: {told}"
        obstacle = _obstacle(users, name, as_root)
        if obstacle:
            yield Judgement(CONTROL, SURFACE, Status.MANUAL, f"{why}; {obstacle}", told, fix=_FIX, evidence=proof)
        else:
            groups = dict.fromkeys(right["group"] for right in as_root)
            change = users_changes.demoted(CONTROL, users, name, groups)
            yield Judgement(CONTROL, SURFACE, Status.GAP, why, told, change.after, _FIX, proof, (change,))
    elif limited:
        why = f"{who} is no administrator on the list, and {together(limited)}"
        fix = "Look at these commands (sudo -l -U): with an editor, a shell or a file manager among them it is root."
        yield Judgement(CONTROL, SURFACE, Status.MANUAL, f"{why} ({called(name)})", told, fix=fix, evidence=proof)


def _obstacle(users: Users, name: str, rights: Sequence[Right]) -> str:
    """Why we do not take it away; "" where leaving groups is enough, and somebody remains."""
    account = users.accounts[name]
    rules = [show(right["why"], 120) for right in rights if not right["group"]]
    if rules:
        return f"this is no matter of groups: {together(rules)}"
    if account["in_use"]:
        return "we are logged in with it"
    if not users.keeps_an_administrator(name):
        return "no declared administrator can log in yet"
    return lacking(users, "demoted")
