# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.person_account: everybody who works on the machine has an account of their own, and gets in with it."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Judgement, Person, Status
from . import users_changes, whose_account
from .users_changes import lacking
from .users_whose import MACHINE, SURFACE, Users, described, evidence

CONTROL = whose_account.CONTROL


def judge(users: Users) -> Iterator[Judgement]:
    """One judgement for each person."""
    expected = users.intent.expected_at(MACHINE)
    if not expected:
        yield whose_account.nobody(users.intent, SURFACE, MACHINE, "this machine")
    for person in expected:
        yield _judged(users, person)


def _judged(users: Users, person: Person) -> Judgement:
    undecided = whose_account.undecided(users.intent, SURFACE, person)
    if undecided:
        return undecided
    name = person.account
    if name not in users.accounts:
        return _missing(users, person)
    if users.lets_in(name) is None:
        return _unclear(users, person)
    if not users.lets_in(name):
        return _closed(users, person)
    return _limited(users, person) if _lacks_rights(users, person) else _good(users, person)


def _good(users: Users, person: Person) -> Judgement:
    told = described(person.account, users.accounts[person.account])
    proof = evidence(users, [person.account])
    return Judgement(CONTROL, SURFACE, Status.PASS, f"{person.name} logs in as {told}", before=told, evidence=proof)


def _missing(users: Users, person: Person) -> Judgement:
    name, others = person.account, ", ".join(users.state["elsewhere"])
    why = f"{person.name} has no account {name}"
    if others:
        why += f" in /etc/passwd, and accounts come from {others} too, where we do not look"
        return Judgement(CONTROL, SURFACE, Status.UNKNOWN, why, fix=f"Look for it on the host: getent passwd {name}")
    taken = f"there is a group {name} that is not this person's" if name in users.state["groups"] else ""
    obstacle = lacking(users, "created") or taken or _no_administrators(users, person)
    fix = f"Make it on the host, with what it has for that (sudo useradd -m {name}; sudo passwd {name})."
    if obstacle:
        return Judgement(CONTROL, SURFACE, Status.MANUAL, f"{why}; {obstacle}", fix=fix)
    change = users_changes.created(CONTROL, users, person)
    return Judgement(CONTROL, SURFACE, Status.GAP, why, after=change.after, fix=fix, changes=(change,))


def _unclear(users: Users, person: Person) -> Judgement:
    name = person.account
    reason = users.state["keys_unknown"] or "its keys could not be read"
    why = f"whether {person.name} can log in as {described(name, users.accounts[name])} is not known: {reason}"
    fix = f"Let {person.name} log in, or give the account a password on the host: sudo passwd {name}"
    return Judgement(CONTROL, SURFACE, Status.UNKNOWN, why, fix=fix, evidence=evidence(users, [name]))


def _closed(users: Users, person: Person) -> Judgement:
    name, account = person.account, users.accounts[person.account]
    told, proof = described(name, account), evidence(users, [name])
    why = f"{person.name} cannot log in as {told}"
    system = account["uid"] < users.state["first_uid"]
    foreign = f"it is an account of the system (uid {account['uid']})" if system else ""
    obstacle = foreign or lacking(users, "reopened") or _no_administrators(users, person)
    fix = (
        f"Give {person.name} another account in iot_site_people."
        if foreign
        else f"Open it on the host: sudo usermod -e '' -s {users.state['new_shell']} {name}; sudo passwd {name}"
    )
    if obstacle:
        return Judgement(CONTROL, SURFACE, Status.MANUAL, f"{why}; {obstacle}", told, fix=fix, evidence=proof)
    change = users_changes.reopened(CONTROL, users, person)
    return Judgement(CONTROL, SURFACE, Status.GAP, why, told, change.after, fix, proof, (change,))


def _limited(users: Users, person: Person) -> Judgement:
    name, unknown = person.account, users.state["rights_unknown"]
    told, proof = described(name, users.accounts[name]), evidence(users, [name])
    why = f"{person.name} logs in as {told}, but cannot administer the machine"
    fix = "Look on the host what its groups and sudo give it (sudo -l -U), and make it an administrator there."
    if unknown:
        return Judgement(CONTROL, SURFACE, Status.UNKNOWN, f"{why}, as far as is known: {unknown}", told, fix=fix)
    obstacle = lacking(users, "promoted") or _no_administrators(users, person)
    if obstacle:
        return Judgement(CONTROL, SURFACE, Status.MANUAL, f"{why}; {obstacle}", told, fix=fix, evidence=proof)
    change = users_changes.promoted(CONTROL, users, person)
    return Judgement(CONTROL, SURFACE, Status.GAP, why, told, change.after, fix, proof, (change,))


def _lacks_rights(users: Users, person: Person) -> bool:
    return person.access == "admin" and not users.is_administrator(person.account)


def _no_administrators(users: Users, person: Person) -> str:
    """Why this person cannot be made an administrator; "" where that can be done, or need not be."""
    if person.access != "admin" or (person.account in users.accounts and not _lacks_rights(users, person)):
        return ""
    if users.state["rights_unknown"]:
        return f"what makes an administrator here is not known: {users.state['rights_unknown']}"
    return "" if users.state["administrators_group"] else "no group makes an administrator here, by sudo or by doas"
