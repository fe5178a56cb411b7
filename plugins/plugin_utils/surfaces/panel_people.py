# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.person_account on web servers: everybody who looks at a panel logs in with an account of their own."""

from __future__ import annotations

from collections.abc import Iterator

from ..display import show
from ..model import AccountLine, Change, Given, Judgement, Person, Status
from . import whose_account
from .doors import of_files
from .login_files import Holders, placed

CONTROL, SURFACE = whose_account.CONTROL, "panel_users"

#: Their place in Intent.accounts_for and in Given.surface: C1's, which sees what the file keeps.
_OF_PANELS = "web_users"


def judge(holders: Holders) -> Iterator[Judgement]:
    """One judgement for each person."""
    expected = holders.intent.expected_at(_OF_PANELS)
    if not expected:
        yield whose_account.nobody(holders.intent, SURFACE, _OF_PANELS, "its web servers")
    for person in expected:
        yield _judged(holders, person)


def _judged(holders: Holders, person: Person) -> Judgement:
    undecided = whose_account.undecided(holders.intent, SURFACE, person)
    if undecided:
        return undecided
    name = person.account
    if places := holders.places(name):
        told = placed(name, places)
        return Judgement(CONTROL, SURFACE, Status.PASS, f"{person.name} logs in as {told}", before=told)
    return _missing(holders, person)


def _missing(holders: Holders, person: Person) -> Judgement:
    name, unread = person.account, holders.state["unread"]
    why = f"{person.name} has no account {name} in {', '.join(show(path, 120) for path in holders.files) or 'any file'}"
    if unread:
        why += f"; not read: {'; '.join(unread)}"
        return Judgement(CONTROL, SURFACE, Status.UNKNOWN, why, fix=f"Look there for {name}, as root.")
    path, obstacle = _file(holders)
    fix = f"Make it on the host: sudo htpasswd -B {show(path, 120) or '<the file>'} {name}"
    if obstacle:
        return Judgement(CONTROL, SURFACE, Status.MANUAL, f"{why}; {obstacle}", fix=fix)
    schemes = tuple(map(str, holders.state["takes"]))
    given = Given(person.name, name, _OF_PANELS, "htpasswd", schemes, doors=of_files(holders.state, [path]))
    after = f"{name}: a password of its own ({show(path, 120)})"
    change = Change(
        CONTROL, SURFACE, f"{person.name} gets the account {name} in {show(path, 120)}", "", after,
        edits=(AccountLine(path, name, given),), subject=name,
    )  # fmt: skip
    return Judgement(CONTROL, SURFACE, Status.GAP, why, after=after, fix=fix, changes=(change,))


def _file(holders: Holders) -> tuple[str, str]:
    """In which file to make an account, or why in none. Several may be for several kinds of people."""
    declared = holders.intent.user_file
    paths = [declared] if declared in holders.files else list(holders.files)
    if len(paths) > 1:
        return "", f"there are {len(paths)} password files, and login_required_user_file names none of them"
    (path,) = paths
    return path, "" if path in holders.state["writable"] else "its lines are of a kind that we do not make"
