# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2 for the logins of the router itself: who has one, who shares one, and who may become administrator.

No line brings back a user who is deleted, for their password is hidden; a restart does. So it is done when it is asked
for, with users who are shut out already. What ``user attribute`` says can be undone, and a new user can go again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from ..contract import Surface
from ..display import show
from ..model import Change, Edit, Intent, Json, Judgement, LineEdit, Person, Status, Unreadable
from ..people import ACCESS
from ..raw import Raw
from .accounts import given_to
from .config import last, read
from .config_secrets import Lines, behind
from .forwarding import CONFIG
from .guard import USERS, session
from .user_attributes import EVERYBODY, NAMELESS, UserAttributes, written

_PERSON, _LEFTOVER, _SHARED, _RIGHTS = CONTROLS = (
    "C2.person_account",
    "C2.leftover_account",
    "C2.shared_account",
    "C2.rights",
)
_RADIUS = "login radius use: a RADIUS server has accounts too, which we do not read"
#: How the user without a name comes in over a network; never by SSH or SFTP (command reference, 4.10). (d)
_WAYS = ("telnet", "http", "remote")
#: Of a line that we may have to write anew.
_WORD = re.compile(r"[a-z-]+=[A-Za-z0-9.,:*/_-]+")


class Logins(Surface):
    """``login user`` and ``user attribute``, and the login without a name."""

    name = "logins"
    controls = CONTROLS
    reads = (CONFIG, USERS)

    def parse(self, raw: Raw) -> dict[str, Json]:
        lines = read(raw.text(CONFIG.name))
        attributes = written(lines)
        for name, told in attributes.items():
            if strange := [word for word in told if not _WORD.fullmatch(word)]:
                raise Unreadable(f"user attribute {show(name)}: {show(strange[0])} is not understood")
        return {
            "users": cast(Json, sorted({name for name, *_secret in behind(lines, "login", "user")})),
            "attributes": cast(Json, attributes),
            "ways": cast(Json, _ways(lines)),
            "radius": last(lines, "login", "radius", "use") not in ("", "off"),
            "in_use": session(raw)[0],
        }

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        router = _Router(state, intent)
        shared = list(_shared(router))
        yield from shared
        if not intent.people:
            why = "nobody is declared in iot_site_people, so whose accounts these are is not known"
            controls = (_PERSON, _LEFTOVER, _RIGHTS) if shared else CONTROLS
            yield from (Judgement(control, self.name, Status.UNKNOWN, why) for control in controls)
            return
        if not shared:
            why = "no two people have one account, and nobody comes in over the network without a name"
            yield Judgement(_SHARED, self.name, Status.PASS, why)
        yield from _persons(router)
        yield from _leftovers(router)
        yield from _rights(router)


def _ways(lines: Lines) -> list[str]:
    """Those that are open to a network. Remote setup comes over ISDN or NGN, where the router has such a line. (d)"""
    level = last(lines, "security", "class").partition(" ")[0] or "1"
    serve = {
        service: last(lines, service, "service") != "off" and last(lines, service, "host") != "none"
        for service in ("telnetd", "httpd")
    }
    found = {"telnet": serve["telnetd"] and level != "3", "http": serve["httpd"], "remote": level == "1"}
    return [way for way in _WAYS if found[way]]


class _Router:
    """The state, with what the intent makes of it."""

    def __init__(self, state: Mapping[str, Json], intent: Intent) -> None:
        self.users = cast("list[str]", state["users"])
        self.lines = cast("dict[str, list[str]]", state["attributes"])
        self.attributes = UserAttributes(self.lines)
        self.ways = cast("list[str]", state["ways"])
        self.radius = bool(state["radius"])
        self.in_use = str(state["in_use"])
        self.services = intent.service_accounts
        self.unwanted = intent.delete_retired
        wanted = intent.accounts_for.get(Logins.name, frozenset(ACCESS))
        self.people = tuple(person for person in intent.people if person.access in wanted)
        self.others = {person.account: person for person in intent.people if person.access not in wanted}

    @property
    def owners(self) -> dict[str, list[Person]]:
        """``{account: whose it is}``"""
        found: dict[str, list[Person]] = {}
        for person in self.people:
            if person.account:
                found.setdefault(person.account, []).append(person)
        return found

    def attribute_line(self, name: str) -> str:
        return " ".join(("user attribute", name, *self.lines[name])) if name in self.lines else ""


# --- one account, several people ----------------------------------------------------------------------------


def _shared(router: _Router) -> Iterator[Judgement]:
    for account, owners in router.owners.items():
        if len(owners) > 1:
            why = f"{account} is the account of {_names(one.name for one in owners)} (iot_site_people)"
            fix = "Give each of them an account of their own in iot_site_people."
            yield Judgement(_SHARED, Logins.name, Status.GAP, why, fix=fix)
    if router.attributes.has_nameless:
        yield from _nameless(router)


def _nameless(router: _Router) -> Iterator[Judgement]:
    """Whoever has its password comes in as nobody."""
    possible = router.attributes.possible(NAMELESS, "connection")
    each = [{way for way in router.ways if {way, "all"} & set(value.split(","))} for value in possible]
    surely, perhaps = set.intersection(*each) - {"remote"}, set.union(*each)
    if not perhaps:
        return
    words = [word for word in router.lines.get(NAMELESS, ()) if not word.startswith("connection=")]
    fix = (
        "Once each person has an account of their own, leave the login without a name to the serial console: "
        f"{' '.join(('user attribute', *words, 'connection=serial'))}, then save. "
        "Whoever used it for the web screens logs in with their account's name from then on."
    )
    before = router.attribute_line(NAMELESS)
    if surely:
        why = f"the login without a name, which anybody shares, is open by {_names(w for w in _WAYS if w in surely)}"
        yield Judgement(_SHARED, Logins.name, Status.GAP, why, before, fix=fix)
        return
    why = f"the login without a name may be open by {_names(way for way in _WAYS if way in perhaps)}"
    yield Judgement(_SHARED, Logins.name, Status.UNKNOWN, why, before, fix=fix)


# --- every person an account --------------------------------------------------------------------------------


def _persons(router: _Router) -> Iterator[Judgement]:
    if not router.people:
        why = "nobody is meant to have an account here (user_credentials_accounts_for)"
        yield Judgement(_PERSON, Logins.name, Status.NOT_APPLICABLE, why)
        return
    found = [one for person in router.people for one in _person(router, person)]
    if not found:
        why = f"{_names(sorted(router.owners))}: every person has an account of their own"
        found = [Judgement(_PERSON, Logins.name, Status.PASS, why)]
    yield from found


def _person(router: _Router, person: Person) -> Iterator[Judgement]:
    account, who = person.account, show(person.name)
    if not account:
        why = f"{who}: the name is none that a router takes as an account's"
        fix = f"Set account for {who} in iot_site_people."
        yield Judgement(_PERSON, Logins.name, Status.GAP, why, fix=fix)
    elif account not in router.users:
        status = Status.UNKNOWN if router.radius else Status.GAP
        attribute = _new_attribute(router, person)
        fix = f"login user {account} <a generated password>{f', {attribute}' if attribute else ''}, then save."
        why = f"{who} has no account here ({account})" + (f"; {_RADIUS}" if router.radius else "")
        changes = _created(router, person, attribute) if status is Status.GAP else ()
        yield Judgement(_PERSON, Logins.name, status, why, fix=fix, changes=changes)
    elif "off" in (possible := router.attributes.possible(account, "connection")):
        status = Status.GAP if len(possible) == 1 else Status.UNKNOWN
        why = f"{account} {'cannot' if status is Status.GAP else 'perhaps cannot'} log in (connection=off)"
        fix = f"Let {account} in: user attribute {account} connection=ssh, with what else the line has; then save."
        yield Judgement(_PERSON, Logins.name, status, why, router.attribute_line(account), fix=fix)


def _new_attribute(router: _Router, person: Person) -> str:
    """The line that a new user needs; "" where what is there will do."""
    there = told = _words(router, person.account)
    if not UserAttributes({NAMELESS: told}).enters_as_we_do(NAMELESS):
        told = _set(told, "connection", "ssh")
    if person.access != "admin":
        told = _set(told, "administrator", "off")
    return "" if sorted(told) == sorted(there) else " ".join(("user attribute", person.account, *told))


def _created(router: _Router, person: Person, attribute: str) -> tuple[Change, ...]:
    """Not where the new user could not log in from here, which proves it; nor where rights are to be given."""
    name = person.account
    then = UserAttributes({name: attribute.split()[3:] or _words(router, name)})
    may_not = person.access == "admin" and not then.may_rise(name)
    if name == router.in_use or may_not or not then.enters_as_we_do(name):
        return ()
    edits: tuple[Edit, ...] = (given_to(name, person.name, undo=f"no login user {name}"),)
    if attribute:
        edits = (*edits, LineEdit(attribute, router.attribute_line(name) or f"no user attribute {name}"))
    after = "\n".join((f"login user {name} *", *([attribute] if attribute else [])))
    summary = f"{person.name} gets the account {name}"
    return (Change(_PERSON, Logins.name, summary, "", after, edits, subject=name),)


# --- no account without a person ----------------------------------------------------------------------------


def _leftovers(router: _Router) -> Iterator[Judgement]:
    entering = [name for name in router.users if router.attributes.may_enter(name)]
    nobodys = [name for name in entering if name not in router.owners and name not in router.services]
    for name in nobodys:
        yield _in_use(name) if name == router.in_use else _leftover(router, name)
    unwanted = list(_unwanted(router))
    yield from unwanted
    if router.radius:
        yield Judgement(_LEFTOVER, Logins.name, Status.UNKNOWN, _RADIUS, fix="Look at its accounts yourself.")
    if not nobodys and not unwanted and not router.radius:
        kept = sorted(router.services.intersection(entering))
        why = "every account belongs to a person" + (f", or to a service ({', '.join(kept)})" if kept else "")
        yield Judgement(_LEFTOVER, Logins.name, Status.PASS, why)


def _leftover(router: _Router, name: str) -> Judgement:
    person = router.others.get(name)
    belongs = f"is of {person.name}, who is meant to have none here" if person else "belongs to nobody on the list"
    lock = " ".join(("user attribute", name, *_with(router, name, "connection", "off")))
    fix = (
        f"Shut it out first: {show(lock, 200)}. When nobody misses it: no login user {show(name)}, then save "
        f"(or let a run do it: user_credentials_delete_retired: {show(name)}). "
        "A service's own account stays: declare it in user_credentials_service_accounts."
    )
    before = f"login user {show(name)} *"
    return Judgement(_LEFTOVER, Logins.name, Status.GAP, f"{show(name)} {show(belongs)}", before, fix=fix)


def _unwanted(router: _Router) -> Iterator[Judgement]:
    """Of those that are to be deleted (user_credentials_delete_retired): who is shut out already."""
    for name in sorted(router.unwanted.intersection(router.users)):
        needed = _needed(router, name)
        if needed:
            why = f"{show(name)} is not deleted, though it is asked for: {needed}"
            fix = f"Leave {show(name)} out of user_credentials_delete_retired, or mend that."
            yield Judgement(_LEFTOVER, Logins.name, Status.MANUAL, why, fix=fix)
        elif not router.attributes.may_enter(name):
            yield _deleted(router, name)


def _needed(router: _Router, name: str) -> str:
    if name in router.owners or name in router.services:
        return "it is declared (iot_site_people, user_credentials_service_accounts)"
    if not router.in_use:
        return "the router does not tell which account is in use"
    return "it is the account in use" if name == router.in_use else ""


def _deleted(router: _Router, name: str) -> Judgement:
    attribute = router.attribute_line(name)
    gone = f"no user attribute {name}"
    edits = (LineEdit(f"no login user {name}", ""), *((LineEdit(gone, attribute),) if attribute else ()))
    before = "\n".join((f"login user {name} *", *([attribute] if attribute else [])))
    change = Change(_LEFTOVER, Logins.name, f"{name} is deleted", before, "", edits, subject=f"{name}, deleted")
    why = f"{name} is shut out, and to be deleted (user_credentials_delete_retired)"
    fix = f"no login user {name}{f', {gone}' if attribute else ''}, then save."
    return Judgement(_LEFTOVER, Logins.name, Status.GAP, why, before, fix=fix, changes=(change,))


def _in_use(name: str) -> Judgement:
    why = f"{show(name)}, the account in use, belongs to nobody on the list"
    fix = "Log in as a person, or declare it in user_credentials_service_accounts."
    return Judgement(_LEFTOVER, Logins.name, Status.MANUAL, why, fix=fix)


# --- rights -------------------------------------------------------------------------------------------------


def _rights(router: _Router) -> Iterator[Judgement]:
    """Only administrators may become one; on models whose users have levels, 1 lets them as well."""
    limited = [
        account
        for account, owners in router.owners.items()
        if account in router.users
        and router.attributes.may_enter(account)
        and all(one.access != "admin" for one in owners)
    ]
    rising = [account for account in limited if router.attributes.may_rise(account)]
    unsure = [account for account in rising if "off" in router.attributes.possible(account, "administrator")]
    surely = [account for account in rising if account not in unsure]
    if surely:
        yield _too_much(router, surely)
    if unsure:
        why = f"{_names(unsure)}: perhaps may become administrator: everybody's line says otherwise than the factory"
        fix = f"Say it in the line of each: user attribute {unsure[0]} administrator=off, with what else it has."
        yield Judgement(_RIGHTS, Logins.name, Status.UNKNOWN, why, fix=fix)
    if not rising:
        why = "nobody may become administrator who is none" if limited else "nobody but administrators has an account"
        yield Judgement(_RIGHTS, Logins.name, Status.PASS, why)


def _too_much(router: _Router, accounts: list[str]) -> Judgement:
    why = f"{_names(accounts)} may become administrator, but is none (iot_site_people)"
    edits = tuple(_lowered(router, account) for account in accounts)
    before = "\n".join(edit.undo for edit in edits)
    after = "\n".join(edit.line for edit in edits)
    if first := _must_stay(router, accounts):
        return Judgement(_RIGHTS, Logins.name, Status.GAP, why, before, after, fix=f"{first} Then run again.")
    change = Change(_RIGHTS, Logins.name, "only administrators may become one", before, after, edits)
    return Judgement(_RIGHTS, Logins.name, Status.GAP, why, before, after, changes=(change,))


def _must_stay(router: _Router, accounts: list[str]) -> str:
    """What a person does first, because we must not: the account in use and the last administrator stay."""
    if not router.in_use:
        return "The router does not tell which account is in use: log in as an administrator."
    if router.in_use in accounts:
        return f"{show(router.in_use)} is the account in use: log in as an administrator."
    levels = {"2"} if not router.attributes.has_nameless else {"2", "1", "on"}
    left = [
        name
        for name in router.users
        if name not in accounts
        and "off" not in router.attributes.possible(name, "connection")
        and router.attributes.possible(name, "administrator") <= levels
    ]
    return "" if left else "No other user could become administrator: make one first."


def _lowered(router: _Router, account: str) -> LineEdit:
    """Undone by the line as it was. That a line replaces the whole one before it is assumed (a)."""
    line = " ".join(("user attribute", account, *_with(router, account, "administrator", "off")))
    return LineEdit(line, router.attribute_line(account) or f"no user attribute {account}")


def _with(router: _Router, account: str, attribute: str, value: str) -> list[str]:
    return _set(_words(router, account), attribute, value)


def _words(router: _Router, account: str) -> list[str]:
    """The user's own words; where they have none, everybody's, which count no longer once they have."""
    return router.lines.get(account, router.lines.get(EVERYBODY, []))


def _set(told: list[str], attribute: str, value: str) -> list[str]:
    return [*(word for word in told if not word.startswith(f"{attribute}=")), f"{attribute}={value}"]


def _names(names: Iterable[str]) -> str:
    return ", ".join(show(name) for name in names)
