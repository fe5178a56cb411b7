# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Item C1 on the secrets that a device keeps: is one of them what its maker set, what nobody typed, or what a neighbour
would guess? Nobody logs in to find out. What is said of a secret is the id of a rule; the one guess that leaves this
file does so as a Secret (:func:`opening`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeAlias, cast

from .defaultcreds import listed
from .display import show
from .model import Change, Edit, Intent, Json, Judgement, RunEdit, State, Status, givens
from .password_weakness import weaknesses
from .secret import Secret
from .secret_age import days_old, too_old
from .shipped_defaults import is_factory_account, shipped
from .stored_secrets.guesses import dressed, guesses, plain
from .stored_secrets.scheme import Kept, Stored
from .stored_secrets.search import Candidate, Tried, tried

CONTROLS = ("C1.default_password", "C1.weak_password", "C1.default_account_name")
_DEFAULT, _WEAK, _NAME = CONTROLS

#: What a rule of password_weakness.py says of an account, for a person.
_SAID = {
    "empty": "asks for no password",
    "factory": "has a password that devices are shipped with",
    "user": "has a password made from its own name",
    "common": "has a password that everybody tries first",
    "site_word": "has a password made from the site's own words",
    "short": "has a password of fewer than 8 characters",
    "word": "has a password made from an ordinary word or name",
    "number": "has a password made from a year, a date or a number",
    "pattern": "has a password made from keys in a row or a repetition",
    "guessable": "has a password of too few characters for what they are",
}
_RULES = {_DEFAULT: ("empty", "factory"), _WEAK: tuple(rule for rule in _SAID if rule not in ("empty", "factory"))}

_SHOWN = 5


def control_of(rule: str) -> str:
    """Which control an account fails by this rule."""
    return next(control for control, rules in _RULES.items() if rule in rules)


def said_of(rule: str) -> str:
    """What this rule says of an account, for a person."""
    return f"{_SAID[rule]} (rule {rule})"


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody knows who stands before it (D2)."""

    vendor: str = ""
    model: str = ""
    serial: str = ""


#: What is said of a secret, by its surface and itself.
Known: TypeAlias = Mapping[tuple[str, Stored], Json]


def remembered(kept: Mapping[str, Kept], state: State) -> Known:
    """What :func:`examined` said of these secrets."""
    return {
        _key(name, entry): told
        for name, each in kept.items()
        for entry, told in zip(each.secrets, _accounts(state.get(name)), strict=True)
    }


_GENERATED, _JUST_NOW, _REPLACED = "generated", "generated just now", "replaced"


def generated(surface: str, entry: Stored, made: str = "", just_now: bool = False) -> Known:
    """What is said of a secret that we have made, when (ISO 8601): nobody has to search for it."""
    return _ours(surface, entry, _JUST_NOW if just_now else _GENERATED, made)


def replaced(surface: str, entry: Stored) -> Known:
    """What is said of one that we have made and replaced: whoever it was taken from gets in again."""
    return _ours(surface, entry, _REPLACED)


def hidden(surface: str, entry: Stored, why: str, made: str) -> Known:
    """What is said of one that cannot be checked, where the device has taken one of ours."""
    return {_key(surface, entry): _told(entry, Tried(entry.account, entry.part, "unknown", why=why), made)}


def _ours(surface: str, entry: Stored, scheme: str, made: str = "") -> Known:
    return {_key(surface, entry): _told(entry, Tried(entry.account, entry.part, "not_found", scheme), made)}


def _key(surface: str, entry: Stored) -> tuple[str, Stored]:
    """Where a secret stands in its file is not part of what it is, but names the one that is nobody's."""
    return surface, entry if not entry.account else replace(entry, at="")


def _accounts(state: Json) -> list[Json]:
    accounts = state.get("accounts") if isinstance(state, dict) else None
    return accounts if isinstance(accounts, list) else []


def examined(
    kept: Mapping[str, Kept], device: Device, intent: Intent, before: Known | None = None
) -> dict[str, dict[str, Json]]:
    """What came of each secret of each surface, redacted. The budget is one for all of which nothing is known yet."""
    known = before or {}
    words, given = _words(device, intent), _given(device)

    def first(entry: Stored) -> Iterator[Candidate]:
        return plain(entry.account, words, given(entry.account))

    def then(entry: Stored) -> Iterator[Candidate]:
        return dressed(entry.account, words, given(entry.account), _year(intent))

    secrets = [entry for name, each in kept.items() for entry in each.secrets if _key(name, entry) not in known]
    hashed = [entry for entry in secrets if entry.store != "plain"]
    found = _in_two_rounds(hashed, first, then, intent.search_seconds * 1_000_000)
    found |= {id(one): _read(one, words, given(one.account)) for one in secrets if one.store == "plain"}

    def said(name: str, entry: Stored) -> Json:
        told = _told(entry, found[id(entry)]) if id(entry) in found else known[_key(name, entry)]
        factory = is_factory_account(device.vendor, device.model, entry.account) or ""
        return {**cast(dict[str, Json], told), "shipped_name": factory}

    return {
        name: {
            "accounts": [said(name, entry) for entry in each.secrets],
            "unread": list(each.unread),
            **cast(dict[str, Json], each.about),
        }
        for name, each in kept.items()
    }


def opening(entry: Stored, told: Mapping[str, Any], device: Device, intent: Intent) -> Secret | None:
    """The guess that :func:`examined` says opened it: found by its number, for a search always tries the same ones."""
    if told["outcome"] != "found" or not told["tried"]:
        return None
    made = guesses(entry.account, _words(device, intent), _given(device)(entry.account), _year(intent))
    found = next(islice(made, told["tried"] - 1, None), None)
    return Secret(found.text) if found else None


_Guesses = Callable[[Stored], Iterable[Candidate]]


def _in_two_rounds(entries: Sequence[Stored], first: _Guesses, then: _Guesses, budget: int) -> dict[int, Tried]:
    """By the identity of the entry. Nobody's second guesses are made before everybody's first ones."""
    once = tried(entries, first, budget)
    left = [place for place, one in enumerate(once) if one.outcome == "not_found"]
    again = tried([entries[place] for place in left], then, budget - sum(one.spent for one in once))
    for place, more in zip(left, again, strict=True):
        if more.tried:  # how far these were made is told, and decides nothing
            outcome = "not_found" if more.outcome == "cut_short" else more.outcome
            once[place] = replace(more, outcome=outcome, tried=once[place].tried + more.tried)
    return {id(entry): one for entry, one in zip(entries, once, strict=True)}


def _given(device: Device) -> Callable[[str], list[str]]:
    """What such a device leaves its factory with, by account."""
    made, more = shipped(device.vendor, device.model, device.serial), listed(device.vendor)
    return lambda account: [*made.texts(account), *more]


def _year(intent: Intent) -> int:
    return int(intent.today[:4] or 0)


def _words(device: Device, intent: Intent) -> tuple[str, ...]:
    people = (person.name for person in intent.people)
    own = (intent.site, intent.label, intent.host, device.vendor, device.model, device.serial)
    return tuple(dict.fromkeys(word for word in (*intent.words, *own, *people) if word))


def _read(entry: Stored, words: Sequence[str], given: Sequence[str]) -> Tried:
    """A secret in the clear needs no search."""
    rules = ("factory",) if entry.text in given else weaknesses(entry.text, words, entry.account)
    worst = next((rule for rule in (*_RULES[_DEFAULT], *rules) if rule in rules), "")
    return Tried(entry.account, entry.part, "found" if rules else "not_found", "plain", rule=worst)


def _told(entry: Stored, found: Tried, made: str = "") -> Json:
    return {
        "account": entry.account, "store": entry.store, "part": entry.part, "at": entry.at,
        "outcome": found.outcome, "scheme": found.scheme, "tried": found.tried, "made": made,
        "rule": found.rule or ("empty" if found.outcome == "empty" else ""), "why": found.why,
    }  # fmt: skip


# --- what is said of it -------------------------------------------------------------------------------------


#: Given those of a surface's accounts that need another password, with what each will keep: what to change for it.
Setting: TypeAlias = Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]], Intent], "Work | None"]


@dataclass(frozen=True, slots=True)
class Work:
    """How a device is made to keep other passwords; none of them is in it."""

    edits: tuple[Edit, ...]
    activate: tuple[RunEdit, ...] = ()
    afterwards: str = ""  # what a person then does elsewhere, and what happens until then


def owner(account: str, intent: Intent) -> str:
    """In whose name the secret of an account is stored; "" for that of nobody or of several, which C2 is about."""
    people = [person.name for person in intent.people_of(account)]
    if not people:
        return account if account in intent.service_accounts else ""
    return people[0] if len(people) == 1 else ""  # one of several would keep the others out


def judge(state: Mapping[str, Any], intent: Intent, surface: str, change: str, setting: Setting) -> Iterator[Judgement]:
    """``change``: how a person gives ``{}`` another password."""
    accounts = [one for one in state["accounts"] if one["outcome"] != "locked"]
    if not accounts and not state["unread"]:
        for control in CONTROLS:
            yield Judgement(control, surface, Status.NOT_APPLICABLE, "no account here has a password")
        return
    for control in (_DEFAULT, _WEAK):
        weak = [one for one in accounts if one["rule"] in _RULES[control]]
        wanted = [one for one in accounts if _reason(one, intent)] if control == _WEAK else []
        ours = [one for one in (*weak, *wanted) if owner(one["account"], intent)]
        work = setting(state, ours, intent) if ours else None
        changes = _changes(control, surface, work)
        afterwards = work.afterwards if work else ""
        yield from _passwords(control, accounts, weak, surface, change, changes, afterwards)
        yield from _unread(control, accounts, weak, state["unread"], surface)
        if wanted:
            why = _some(f"{_called(one)} {_reason(one, intent)}" for one in wanted)
            fix = _fix(wanted, change, changes)
            yield Judgement(control, surface, Status.GAP, why, after=afterwards, fix=fix, changes=changes)
    yield from _undated(accounts, surface, intent)
    yield from _names(accounts, state["unread"], surface)


def _reason(one: Mapping[str, Any], intent: Intent) -> str:
    """Why a password that nobody guesses shall be made anew; "" where it need not, or was by this run."""
    if one["scheme"] == _JUST_NOW:
        return ""
    if owner(one["account"], intent) in intent.rotate:
        return "shall have another password (user_credentials_rotate)"
    if one["scheme"] == _REPLACED:
        return "has a password again that was replaced: the device went back to an older configuration"
    if too_old(one["made"], intent):
        days, most = days_old(one["made"], intent.today), intent.max_age_days
        return f"was given its password {days} days ago (user_credentials_max_age_days: {most})"
    return ""


def _undated(accounts: Sequence[Mapping[str, Any]], surface: str, intent: Intent) -> Iterator[Judgement]:
    """A controller's clock that was set back makes a password of ours one of tomorrow."""
    ours = [one for one in accounts if one["scheme"] == _GENERATED or one["made"]] if intent.max_age_days else []
    wrong = [one for one in ours if days_old(one["made"], intent.today) is None]
    if wrong:
        why = _some(f"{_called(one)} has a password of {show(one['made'], 10) or 'no day'}" for one in wrong)
        why += f"; today is {intent.today}, so how old it is nobody knows"
        fix = "Set the controller's clock. Where it is right, make them anew: -e user_credentials_rotate=NAME."
        yield Judgement(_WEAK, surface, Status.UNKNOWN, why, fix=fix)


def _changes(control: str, surface: str, work: Work | None) -> tuple[Change, ...]:
    if work is None:
        return ()
    names = list(dict.fromkeys(show(given.account) for edit in work.edits for given in givens(edit)))
    return (
        Change(
            control, surface, f"generated passwords for {_some(names)}",
            before="".join(f"{name}: another password\n" for name in names),
            after="".join(f"{name}: a generated password\n" for name in names),
            edits=work.edits, activate=work.activate,
        ),
    )  # fmt: skip


def _passwords(
    control: str, accounts: Sequence[Mapping[str, Any]], weak: Sequence[Mapping[str, Any]], surface: str,
    change: str, changes: tuple[Change, ...], afterwards: str,
) -> Iterator[Judgement]:  # fmt: skip
    if not weak:
        return
    why = _some(f"{_called(one)} {said_of(one['rule'])}" for one in weak)
    fix = _fix(weak, change, changes)
    evidence = _evidence(accounts)
    yield Judgement(control, surface, Status.GAP, why, after=afterwards, fix=fix, evidence=evidence, changes=changes)


def _fix(accounts: Sequence[Mapping[str, Any]], change: str, changes: tuple[Change, ...]) -> str:
    covered = {given.account for each in changes for edit in each.edits for given in givens(edit)}
    left = [one for one in accounts if one["account"] not in covered]
    fixes = ["Run remediate: it makes the passwords, stores them encrypted and sets them."] if changes else []
    if left:
        fixes.append(f"Give it a generated one: {change.format(show(left[0]['account']) or '...')}")
    return "\n".join(fixes)


def _unread(
    control: str, accounts: Sequence[Mapping[str, Any]], weak: Sequence[Mapping[str, Any]], unread: Sequence[str],
    surface: str,
) -> Iterator[Judgement]:  # fmt: skip
    open_ends = [*unread, *(f"{_called(one)}: {_doubt(one)}" for one in accounts if _doubt(one))]
    if open_ends:
        fix = (
            "Where the search was too short, raise user_credentials_budget_seconds; else look at the account yourself."
        )
        yield Judgement(control, surface, Status.UNKNOWN, _some(open_ends), fix=fix, evidence=_evidence(accounts))
    elif not weak:
        count = "1 account has" if len(accounts) == 1 else f"{len(accounts)} accounts have"
        why = f"{count} a password, and no guess opens it"
        yield Judgement(control, surface, Status.PASS, why, evidence=_evidence(accounts))


def _evidence(accounts: Sequence[Mapping[str, Any]]) -> dict[str, Json]:
    return {"tried": {_called(one): f"{one['tried']} ({one['scheme']})" for one in accounts}}


def _doubt(one: Mapping[str, Any]) -> str:
    """Why nothing can be said of an account; "" when something can."""
    if one["outcome"] == "cut_short":
        return f"only {one['tried']} guesses fitted into the budget"
    return str(one["why"]) if one["outcome"] == "unknown" else ""


def _names(accounts: Sequence[Mapping[str, Any]], unread: Sequence[str], surface: str) -> Iterator[Judgement]:
    named = [one for one in accounts if one["shipped_name"]]
    if named:
        why = _some(f"{_called(one)} is a name that such devices are shipped with" for one in named)
        evidence: dict[str, Json] = {"sources": {_called(one): one["shipped_name"] for one in named}}
        fix = "Give every person an account of their own, log in with it, then lock this one."
        yield Judgement(_NAME, surface, Status.GAP, why, fix=fix, evidence=evidence)
    elif unread:
        fix = "Look at the names of its accounts yourself."
        yield Judgement(_NAME, surface, Status.UNKNOWN, _some(unread), fix=fix)
    else:
        yield Judgement(_NAME, surface, Status.PASS, "no account with a password has a factory's name")


def _called(one: Mapping[str, Any]) -> str:
    return called(one["account"], one["part"], one["at"])


def called(account: str, part: str, at: str) -> str:
    """A secret as a person is told of it."""
    return f"{show(account or at)}{f' ({part})' if part else ''}"


def _some(said: Any) -> str:
    told = list(said)
    return "; ".join(told[:_SHOWN]) + (f"; and {len(told) - _SHOWN} more" if told[_SHOWN:] else "")
