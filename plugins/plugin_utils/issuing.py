# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials in step with a change of a device: stored before it hears of them, active once it was seen to take them.

The order is that of credential_store/record.py. A plan names whose credential goes where (Given); here it gets the
texts that the device will keep, for as long as it takes to send them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .account_passwords import Known, generated, hidden, replaced
from .credential_store import record as records
from .credential_store.record import Credential, Record, candidates
from .credential_store.store import Step
from .credential_store.unusable import Unusable
from .made_secret import PLAIN, Shape, made_passphrase, made_secret
from .model import AccountLine, Edit, Given, Intent, Json, PasswordEdit, Plan, RunEdit, Unreadable
from .secret import Secret
from .secret_age import too_old
from .stored_secrets.making import made, made_usm
from .stored_secrets.scheme import Kept, Stored
from .stored_secrets.stores import opens, readied

#: One secret of a person serves every account on a device, so it is made for the narrowest of made_secret.PLACES.
_SHAPE = Shape(PLAIN, 8, 32)

_MAKERS: Mapping[str, Callable[[Sequence[str], str], str]] = {
    "random": lambda words, user: made_secret(_SHAPE, words, user),
    "unambiguous": lambda words, user: made_secret(replace(_SHAPE, unambiguous=True), words, user),
    "passphrase": lambda words, user: made_passphrase(replace(_SHAPE, alphabet=PLAIN + "-", longest=64), words, user),
}

Keep = Callable[[str, Step], Record]


class Unmakeable(Unusable):
    """This controller cannot make what the device keeps of a secret; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Issued:
    """One secret on its way to one account."""

    given: Given
    secret: Secret
    text: str = field(repr=False)  # what the device keeps of it
    anew: bool  # it was made for this change, so that a device which refused it lets us forget it

    @property
    def known(self) -> Known:
        """What C1 says of it: nobody has to search for what we have made."""
        return generated(self.given.surface, _entry(self), just_now=True)


def _entry(one: Issued) -> Stored:
    """As the device will be seen to keep it."""
    return Stored(one.given.account, one.given.store, one.text, one.given.part)


def issue(plan: Plan, keep: Keep, intent: Intent, at: str) -> tuple[Issued, ...]:
    """Every credential of the plan, on the disk when this returns. ``at``: now, ISO 8601, UTC.

    Raises Unusable where one cannot be stored or made; the device has not heard of any then.
    """
    wanted = plan.givens
    return tuple(
        issued
        for owner in dict.fromkeys(given.owner for given in wanted)
        for issued in _issued([given for given in wanted if given.owner == owner], keep, intent, at)
    )


def _issued(theirs: Sequence[Given], keep: Keep, intent: Intent, at: str) -> Iterator[Issued]:
    """Of one owner, who has one secret on a device, whatever keeps it there."""
    owner, account = theirs[0].owner, theirs[0].account
    surfaces = tuple(given.surface for given in theirs)

    def stored(record: Record) -> Record:
        if _serves(record, account, intent):
            return records.used_on(record, surfaces)
        secret = Secret(_MAKERS[_form(theirs, intent)](intent.words, account))
        return records.propose(record, account=account, secret=secret, surfaces=surfaces, made=at)

    before = keep(owner, lambda record: record)
    after = keep(owner, stored)
    secret = records.newest(after).secret
    for given in theirs:
        yield Issued(given, secret, _text(given, secret), anew=after.counter > before.counter)


def _form(theirs: Sequence[Given], intent: Intent) -> str:
    """A passphrase is longer than what a device takes that keeps the secret itself; typed easily is the other one."""
    too_long = intent.secret_form == "passphrase" and any(given.store == "plain" for given in theirs)
    return "unambiguous" if too_long else intent.secret_form


def _serves(record: Record, account: str, intent: Intent) -> bool:
    """Whether the newest one will do; what is pending is finished, not replaced."""
    old = record.active is not None and too_old(record.active.made, intent)
    if record.pending is None and (record.owner.person in intent.rotate or record.retired or old):
        return False
    credential = record.pending or record.active
    return credential is not None and credential.account == account


def _text(given: Given, secret: Secret) -> str:
    if given.store == "plain":  # such a device makes of it what it likes
        return secret.reveal()
    try:
        if given.store == "usm":
            return made_usm(given.engine, secret.reveal(), given.part)
        return made(given.store, secret.reveal(), given.takes)
    except ValueError as why:
        raise Unmakeable(f"{given.account}: {why}") from None


def written(plan: Plan, issued: Sequence[Issued]) -> Plan:
    """The plan with the texts in it. It goes to the device and nowhere else."""
    texts = {one.given: one.text for one in issued}
    changes = tuple(
        replace(change, edits=tuple(_with_texts(edit, texts) for edit in change.edits)) for change in plan.changes
    )
    return replace(plan, changes=changes)


def _with_texts(edit: Edit, texts: Mapping[Given, str]) -> Edit:
    if isinstance(edit, RunEdit):
        lines = "".join(f"{given.account}:{texts[given]}\n" for given in edit.given)
        return replace(edit, stdin=edit.stdin + lines, given=())
    if isinstance(edit, AccountLine) and edit.given:
        return replace(edit, given=None, text=f"{edit.given.account}:{texts[edit.given]}")
    if isinstance(edit, PasswordEdit):
        return replace(edit, text=texts[edit.given])
    return edit


def missing(issued: Sequence[Issued], kept: Mapping[str, Kept]) -> Iterator[str]:
    """The accounts for which a device keeps something else than was sent, in words."""
    found = {(name, one.account, one.text, one.part) for name, each in kept.items() for one in each.secrets}
    lacking = (
        one.given for one in issued if (one.given.surface, one.given.account, one.text, one.given.part) not in found
    )
    for surface, account in dict.fromkeys((given.surface, given.account) for given in lacking):
        yield f"{surface} does not keep the new password of {account}"


def recognised(kept: Mapping[str, Kept], stored: Sequence[Record]) -> Known:
    """What C1 says of the secrets that our store knows: it holds none that anybody thought up."""
    found: dict[tuple[str, Stored], Json] = {}
    for surface, each in kept.items():
        for entry in each.secrets:
            found.update(_recognised(surface, entry, stored))
    return found


def _recognised(surface: str, entry: Stored, stored: Sequence[Record]) -> Known:
    theirs = [(record, one) for record in stored for one in candidates(record) if one.account == entry.account]
    try:
        ready = readied(entry)
        fits = next((each for each in theirs if opens(ready, each[1].secret.reveal())), None)
    except Unreadable as why:
        given = (one for record, one in theirs if one is record.active and surface in one.surfaces)
        return next((hidden(surface, entry, str(why), one.made) for one in given), {})
    if fits is None or ready.scheme.state:
        return {}
    record, one = fits
    return replaced(surface, entry) if one is record.previous else generated(surface, entry, one.made)


def taken(kept: Mapping[str, Kept], record: Record) -> bool:
    """Whether the device keeps the pending one, and no other, in every place that it was made for."""
    pending = record.pending
    if pending is None or not pending.surfaces:
        return False
    return all(_all_open(kept.get(surface), pending) for surface in pending.surfaces)


def _all_open(kept: Kept | None, credential: Credential) -> bool:
    theirs = [entry for entry in (kept.secrets if kept else ()) if entry.account == credential.account]
    try:
        return bool(theirs) and all(opens(readied(entry), credential.secret.reveal()) for entry in theirs)
    except Unreadable:
        return False


def activate(issued: Sequence[Issued], keep: Keep) -> None:
    """The device was seen to take them."""
    for owner in dict.fromkeys(one.given.owner for one in issued):
        keep(owner, lambda record: records.activate(record) if record.pending else record)


def withdraw(issued: Sequence[Issued], keep: Keep) -> None:
    """The device was seen to be as it was: what was made for this change is forgotten."""
    for owner in dict.fromkeys(one.given.owner for one in issued if one.anew):
        keep(owner, lambda record: records.withdraw(record) if record.pending else record)
