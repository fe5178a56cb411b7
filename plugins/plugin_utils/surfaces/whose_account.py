# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C2 says wherever accounts are kept: who is to have one there, and of whom that cannot be asked yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..model import Intent, Judgement, Person, Status

CONTROL = "C2.person_account"


def declared_twice(intent: Intent, names: Iterable[str]) -> Iterator[str]:
    """Which of these accounts are declared to be used by several (C2.shared_account), and by whom."""
    for name in names:
        people = [person.name for person in intent.people_of(name)]
        if len(people) > 1:
            yield f"{name} is the account of {' and '.join(people)}"
        elif people and name in intent.service_accounts:
            yield f"{name} is the account of {people[0]}, and a service's (user_credentials_service_accounts)"


def nobody(intent: Intent, surface: str, place: str, where: str) -> Judgement:
    """Nobody on the list needs an account at this place (Intent.accounts_for)."""
    wanted = ", ".join(sorted(intent.accounts_for.get(place, ()))) or "nobody"
    why = f"no person on the list needs an account on {where} (user_credentials_accounts_for: {wanted})"
    return Judgement(CONTROL, surface, Status.NOT_APPLICABLE, why)


def undecided(intent: Intent, surface: str, person: Person) -> Judgement | None:
    """Which account would be this person's is not told; None where it is."""
    name = person.account
    if not name:
        place = person.variable or "iot_site_people"
        fix = f"Give this person an account in {place}: account: a name of a-z, 0-9, - and _."
        return Judgement(CONTROL, surface, Status.MANUAL, f"{person.name} is no name that an account has", fix=fix)
    if len(intent.people_of(name)) > 1:
        fix = "Give each of them another account in iot_site_people; then run again."
        return Judgement(CONTROL, surface, Status.MANUAL, f"{name} is not the account of {person.name} alone", fix=fix)
    return None
