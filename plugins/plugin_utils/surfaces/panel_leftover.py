# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.leftover_account on web servers: an account belongs to a person on the list, or is declared a service's.

Its line is taken out of the file, and the file as it was stays on the device. Never where somebody on the list may
still need it: before one of them has an account there, or while somebody logs in with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..display import show
from ..model import AccountLine, Change, Judgement, Status
from .login_files import Holders, placed
from .users_whose import together
from .visits import ACTIVE_DAYS

CONTROL, SURFACE = "C2.leftover_account", "panel_users"

_WHOSE = (
    "Find out whose it is. Add that person to iot_site_people (account: its name), or the account to "
    "user_credentials_service_accounts"
)


def judge(holders: Holders) -> Iterator[Judgement]:
    """One judgement for each verdict; its text, and its changes, name every account."""
    obstacles = {name: list(_obstacles(holders, name)) for name in holders.left}
    free = [name for name, found in obstacles.items() if not found]
    held = {name: found for name, found in obstacles.items() if found}
    if free:
        yield _gap(holders, free)
    if held:
        yield _manual(holders, held)
    if holders.state["unread"]:
        fix = "Look as root whose accounts stand there."
        yield Judgement(CONTROL, SURFACE, Status.UNKNOWN, together(holders.state["unread"]), fix=fix)
    elif not holders.left:
        yield nobody_left(holders, SURFACE)


def nobody_left(holders: Holders, surface: str) -> Judgement:
    if not holders.everybody:
        return Judgement(CONTROL, surface, Status.NOT_APPLICABLE, "no password file has an account in it")
    everybody = together([show(name, 40) for name in holders.everybody])
    return Judgement(CONTROL, surface, Status.PASS, f"every account of the password files is declared: {everybody}")


def _gap(holders: Holders, names: Sequence[str]) -> Judgement:
    told = [placed(name, holders.places(name)) for name in names]
    changes = tuple(_removed(holders, name) for name in names)
    return Judgement(
        CONTROL, SURFACE, Status.GAP, f"nobody's, and lets somebody in: {together(told)}", "\n".join(told),
        "\n".join(change.after for change in changes), _fix(holders, names[0]), changes=changes,
    )  # fmt: skip


def _removed(holders: Holders, name: str) -> Change:
    places = holders.places(name)
    told = placed(name, places)
    return Change(
        CONTROL, SURFACE, f"nobody can log in as {told}", told, f"{told}: removed, the file as it was is kept",
        edits=tuple(AccountLine(path, name, None) for path in places), cuts_access=True, subject=name,
    )  # fmt: skip


def _manual(holders: Holders, held: Mapping[str, Sequence[str]]) -> Judgement:
    told = [placed(name, holders.places(name)) for name in held]
    why = [f"{one}: not removed, for {'; '.join(found)}" for one, found in zip(told, held.values(), strict=True)]
    return Judgement(
        CONTROL, SURFACE, Status.MANUAL, f"nobody's, and lets somebody in: {together(why)}", "\n".join(told),
        fix=_fix(holders, next(iter(held))),
    )  # fmt: skip


def _fix(holders: Holders, name: str) -> str:
    path = show(holders.places(name)[0], 120)
    return f"{_WHOSE}; or take its line out of the file on the host: sudo htpasswd -D {path} {show(name, 40)}"


def _obstacles(holders: Holders, name: str) -> Iterator[str]:
    """Why we do not remove it; none where nobody on the list can miss it."""
    for path in holders.places(name):
        if not any(holders.intent.people_of(other) for other in holders.files[path]):
            yield f"no person on the list has an account in {show(path, 120)} yet"
    if holders.state["logins_unknown"]:
        yield f"who logs in cannot be told: {holders.state['logins_unknown']}"
    elif not holders.state["logins_recorded"]:
        yield "no log of a web server tells whether somebody uses it"
    elif name in holders.state["networks"]:
        yield f"somebody logged in with it within {ACTIVE_DAYS} days"
