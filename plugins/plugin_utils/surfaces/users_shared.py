# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.shared_account: behind every account stands one person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..addresses import union
from ..ip import IPSet
from ..model import Judgement, Person, Status
from .users_whose import SURFACE, Users, called, evidence, together
from .whose_account import declared_twice

CONTROL = "C2.shared_account"


def judge(users: Users) -> Iterator[Judgement]:
    named = dict.fromkeys(person.account for person in users.intent.people)  # also what the machine has not yet
    shared = [*declared_twice(users.intent, named), *_one_number(users)]
    if shared:
        fix = "Give each person an account of their own in iot_site_people; then run again."
        yield Judgement(CONTROL, SURFACE, Status.GAP, together(shared), fix=fix)
    seen = {name: networks for name in users.accounts if (networks := _networks(users, name))}
    if seen:
        told = [f"{called(name)} from {', '.join(networks)}" for name, networks in seen.items()]
        fix = "Ask who they are. Give each of them an account, or declare from where this one person comes (sources)."
        yield Judgement(
            CONTROL, SURFACE, Status.MANUAL, f"logins from several networks: {together(told)}",
            fix=fix, evidence=evidence(users, list(seen)),
        )  # fmt: skip
    if not shared and not seen:
        yield _nothing_seen(users)


def _nothing_seen(users: Users) -> Judgement:
    if users.state["logins_unknown"]:
        why = f"who logged in cannot be told: {users.state['logins_unknown']}"
        fix = "Look on the host who uses which account: last -i"
        return Judgement(CONTROL, SURFACE, Status.UNKNOWN, why, fix=fix)
    if not users.state["logins_recorded"]:
        why = (
            "no account is declared for two persons, but this host records no logins: there is no trace of who uses it"
        )
        fix = "Ask everybody who uses it which account they log in with."
        return Judgement(CONTROL, SURFACE, Status.MANUAL, why, fix=fix)
    why = "no account is declared for two persons, and none was used from several networks"
    return Judgement(CONTROL, SURFACE, Status.PASS, why)


def _one_number(users: Users) -> Iterator[str]:
    """For the kernel they are one; those of root are C2.rights' business."""
    by_uid: dict[int, list[str]] = {}
    for name, account in users.accounts.items():
        if account["uid"] and users.lets_in(name) is not False:
            by_uid.setdefault(account["uid"], []).append(name)
    for uid, names in by_uid.items():
        if len(names) > 1:
            yield f"{' and '.join(map(called, names))} are one account (uid {uid})"


def _networks(users: Users, name: str) -> list[str]:
    """From which somebody logged in, if one person hardly did: those that its person declares count as one."""
    networks = users.accounts[name]["networks"]
    return networks if are_several(networks, users.intent.people_of(name)) else []


def are_several(networks: Sequence[str], people: Iterable[Person]) -> bool:
    theirs = union(source for person in people for source in person.sources)
    others = [network for network in networks if not IPSet([network]) & theirs]
    return len(others) + (len(others) < len(networks)) > 1
