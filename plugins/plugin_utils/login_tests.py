# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 where nobody can read what a device keeps: one guess, by a login, and when to leave the device alone. Pure.

Three steps, and nothing after the first answer that is not the one expected: no credential, a random wrong one, the
guess. A device that lets in at the first or the second step asks for no login, and that is A1. An account is tried
three times at most, counting every step, so there is one guess. Its text leaves this file for the device only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol

from .account_passwords import CONTROLS, Device, control_of, said_of
from .display import show
from .model import Consent, Intent, Json, Judgement, Status
from .secret import Secret
from .shipped_defaults import shipped

SURFACE = "login_test"
CONTROL = CONTROLS[0]

#: Accounts of one service that are tried in one run. Two refused passwords each make four, and fail2ban shuts out at
#: the fifth (its jail.conf, maxretry).
MOST_ACCOUNTS = 2
#: A refusal that takes so many times the first one and so many seconds more is a growing delay.
_TIMES, _MORE_SECONDS = 2.0, 2.0


class Step(StrEnum):
    """What is tried, in this order."""

    NOTHING = "no credential"
    WRONG = "a random wrong one"
    GUESS = "one guess"


class Answer(StrEnum):
    """What a device may say to it."""

    IN = "lets in"
    REFUSED = "asks for another password"
    OTHER = "asks for no such login"
    LOCKED = "shows a lock"
    LOST = "no answer"


class Outcome(StrEnum):
    """How a test ended."""

    FOUND = "found"
    REFUSED = "refused"
    OPEN = "open"
    OTHER = "other"
    UNREACHED = "unreached"
    STOPPED = "stopped"
    LEFT = "left"


#: What each answer means; None: the next step. Whatever is not here is a sign of a lock.
_MEANS: dict[tuple[Step, Answer], Outcome | None] = {
    (Step.NOTHING, Answer.REFUSED): None,
    (Step.NOTHING, Answer.IN): Outcome.OPEN,
    (Step.NOTHING, Answer.OTHER): Outcome.OTHER,
    (Step.WRONG, Answer.REFUSED): None,
    (Step.WRONG, Answer.IN): Outcome.OPEN,
    (Step.GUESS, Answer.REFUSED): Outcome.REFUSED,
    (Step.GUESS, Answer.IN): Outcome.FOUND,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer. ``why`` is in our own words: those of a device may quote what it was given."""

    answer: Answer
    seconds: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One account of one service, and what would be tried there."""

    service: Literal["ssh", "http"]
    account: str
    rule: str
    guess: Secret
    change: str  # how a person gives it another password
    port: int = 0  # 0: that of the session

    @property
    def place(self) -> str:
        port = f", port {self.port}" if self.port else ""
        return f"{show(self.account)} ({self.service}{port})"


class Peer(Protocol):
    """The service of one subject, which is asked at most three times."""

    def ask(self, secret: Secret | None) -> Heard:
        """Log in with this password, or without a credential. Never raises for what a device does."""

    def close(self) -> None:
        """End the connection; never raises."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one test."""

    subject: Subject
    outcome: Outcome
    steps: tuple[Step, ...] = ()
    why: str = ""


# --- what is tried ------------------------------------------------------------------------------------------


def hidden(state: Mapping[str, Any], accounts: Collection[str]) -> list[Mapping[str, Any]]:
    """Those of these accounts whose secret cannot be verified, in a state of C1; a factory's names come first."""
    found = [one for one in state.get("accounts", ()) if one["outcome"] == "unknown" and one["account"] in accounts]
    return sorted(found, key=lambda one: not one["shipped_name"])


def by_ssh(found: Iterable[Mapping[str, Any]], device: Device, change: str) -> Iterator[Subject]:
    """The hidden accounts that SSH asks for."""
    for one in found:
        rule, text = _likeliest(one["account"], device)
        yield Subject("ssh", one["account"], rule, Secret(text), change.format(show(one["account"])))


def by_http(ports: Iterable[int], device: Device) -> Iterator[Subject]:
    """The panels that keep accounts of their own: of each the one that such a device is shipped with."""
    known = shipped(device.vendor, device.model, device.serial).accounts
    account = "admin" if "admin" in known else next(iter(known), "admin")
    rule, text = _likeliest(account, device)
    for port in ports:
        yield Subject("http", account, rule, Secret(text), "on the pages of the application itself", port)


def _likeliest(account: str, device: Device) -> tuple[str, str]:
    """Rule and text: what is published for this account of this device; its own name, if that is not known better."""
    pairs = shipped(device.vendor, device.model, device.serial).pairs
    texts = [text for name, text in pairs if name.casefold() == account.casefold()]
    text = account if account in texts or not texts else texts[0]
    return ("user" if not texts else "factory" if text else "empty"), text


# --- the tests ----------------------------------------------------------------------------------------------


def probed(
    subjects: Sequence[Subject], knock: Callable[[Subject], Peer], wrong: Callable[[], Secret], ours: Collection[str]
) -> list[Told]:
    """Each subject once, one after the other. ``ours`` are the accounts that this run uses, which nobody may lock."""
    device = _Device(frozenset(ours))
    return [device.test(subject, knock, wrong) for subject in subjects]


class _Device:
    """What was tried on one device so far, and what it answered."""

    def __init__(self, ours: frozenset[str]) -> None:
        self._ours = ours
        self._named: dict[str, set[str]] = {"ssh": set(), "http": set()}  # the accounts that were asked about
        self._sent = False  # a password
        self._stopped = ""
        self._usual: float | None = None  # seconds of the first refusal

    def test(self, subject: Subject, knock: Callable[[Subject], Peer], wrong: Callable[[], Secret]) -> Told:
        why = self._left(subject)
        if why:
            return Told(subject, Outcome.LEFT, why=why)
        peer = knock(subject)
        try:
            return self._asked(subject, peer, wrong)
        finally:
            peer.close()

    def _left(self, subject: Subject) -> str:
        if subject.account in self._ours:
            return "it is an account that this run uses"
        if self._stopped:
            return f"the tests were stopped: {self._stopped}"
        if any(subject.account in accounts for accounts in self._named.values()):
            return "an account of this name was tried already"
        if len(self._named[subject.service]) >= MOST_ACCOUNTS:
            return f"a run tries {MOST_ACCOUNTS} accounts of a service and no more"
        return ""

    def _asked(self, subject: Subject, peer: Peer, wrong: Callable[[], Secret]) -> Told:
        steps: list[Step] = []
        for step, make in ((Step.NOTHING, None), (Step.WRONG, wrong), (Step.GUESS, lambda: subject.guess)):
            if make or subject.service == "ssh":  # a page is first asked for in nobody's name
                self._named[subject.service].add(subject.account)
            self._sent = self._sent or make is not None
            heard = peer.ask(make() if make else None)
            steps.append(step)
            if heard.answer is Answer.LOST and not self._sent:
                return Told(subject, Outcome.UNREACHED, tuple(steps), heard.why)
            self._stopped = self._sign(step, heard)
            if self._stopped:
                return Told(subject, Outcome.STOPPED, tuple(steps), self._stopped)
            outcome = _MEANS[step, heard.answer]
            if outcome:
                return Told(subject, outcome, tuple(steps), heard.why)
        raise AssertionError("the last step has no next one")

    def _sign(self, step: Step, heard: Heard) -> str:
        """Why the device is to be left alone; "" where it is not."""
        if (step, heard.answer) not in _MEANS:
            return heard.why or str(heard.answer)
        return "it takes longer and longer" if self._slower(step, heard) else ""

    def _slower(self, step: Step, heard: Heard) -> bool:
        """Whether this refusal of a password took much longer than the first one."""
        if step is Step.NOTHING or heard.answer is not Answer.REFUSED:
            return False
        if self._usual is None:
            self._usual = heard.seconds
        return heard.seconds > _TIMES * self._usual + _MORE_SECONDS


# --- what is said of it -------------------------------------------------------------------------------------

_SWITCHES = "user_credentials_probe: true, and login_test in the scope of iot_site_authorised"


def offer(intent: Intent) -> str:
    """What would let us try; "" where it is asked for already."""
    if Consent.LOGIN_TEST in intent.consent:
        return ""
    return f"Or let one password that such devices have be tried by a login: {_SWITCHES}."


def forbidden(intent: Intent) -> str:
    """Why nobody may log in to find out today; "" where somebody allowed it."""
    allowed = intent.authorised
    if allowed is None:
        return "iot_site_authorised is not set"
    if "login_test" not in allowed.scope:
        return "the scope of iot_site_authorised has no login_test"
    if not allowed.allows("login_test", intent.today):
        return f"iot_site_authorised holds from {allowed.on} to {allowed.until}"
    return ""


_STATUS = {
    Outcome.FOUND: Status.GAP,
    Outcome.UNREACHED: Status.UNKNOWN,
    Outcome.STOPPED: Status.UNKNOWN,
}
_SAID = {
    Outcome.REFUSED: "refused a wrong password and one guess, which says nothing of others",
    Outcome.OPEN: "lets in without the right password, so no guess was made: that is A1",
    Outcome.OTHER: "was not tried: {why}",
    Outcome.UNREACHED: "was not tried: {why}",
    Outcome.STOPPED: "was left alone at the first sign of a lock: {why}",
    Outcome.LEFT: "was not tried: {why}",
}
_FIX = {
    Outcome.REFUSED: "Give it a generated password where it is not known to have one: {change}",
    Outcome.OPEN: "Make it ask for a login first (A1), then run again.",
    Outcome.OTHER: "Log in yourself, and look at its password there.",
    Outcome.UNREACHED: "Make it reachable from the controller, with its host key in known_hosts, then run again.",
    Outcome.STOPPED: "Wait until the device lets in again, and look at the account yourself: {change}",
    Outcome.LEFT: "Look at the account yourself: {change}",
}


def judge(told: Sequence[Told]) -> Iterator[Judgement]:
    """One judgement for each status; the guess is in none."""
    if not told:
        why = "nothing is hidden here that a login could tell, so nothing was tried"
        yield Judgement(CONTROL, SURFACE, Status.NOT_APPLICABLE, why)
    for one in told:
        evidence: dict[str, Json] = {f"tries of {one.subject.place}": _tries(one)}
        change = one.subject.change
        if one.outcome is Outcome.FOUND:
            why = f"{one.subject.place} {said_of(one.subject.rule)}, and somebody can log in by it"
            fix = f"Give it a generated password: {change}"
            yield Judgement(control_of(one.subject.rule), SURFACE, Status.GAP, why, fix=fix, evidence=evidence)
            continue
        why = f"{one.subject.place} {_SAID[one.outcome].format(why=one.why)}"
        fix = _FIX[one.outcome].format(change=change)
        status = _STATUS.get(one.outcome, Status.MANUAL)
        yield Judgement(CONTROL, SURFACE, status, why, fix=fix, evidence=evidence)


def not_allowed(why: str) -> Judgement:
    """Asked for, and nobody has allowed it."""
    fix = f"Needed are {_SWITCHES}, on a day within it."
    return Judgement(CONTROL, SURFACE, Status.UNKNOWN, f"nothing was tried: {why}", fix=fix)


def _tries(one: Told) -> str:
    return ": ".join((str(len(one.steps)), ", ".join(one.steps))) if one.steps else "0"
