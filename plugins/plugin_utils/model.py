# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the house as types: what is wanted, what is there, what to change, what was found.

Everything here is frozen, knows nothing of Ansible, and turns into plain JSON with :func:`as_json`.
docs/architecture.md shows how the pieces follow each other.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Literal, TypeAlias, cast

from .declarations import Authorisation, Exposure, Front, Preparation, Published
from .stored_secrets.scheme import Store

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

#: The present state of one device, parsed and redacted: ``{surface name: that surface's own mapping}``.
State: TypeAlias = Mapping[str, Json]


class Status(StrEnum):
    """The verdict on one control of one device."""

    PASS = "pass"
    GAP = "gap"
    FIXED = "fixed"
    FAILED = "failed"
    MANUAL = "manual"
    PLANNED = "planned"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    NOT_SUPPORTED = "not_supported"
    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"


class Consent(StrEnum):
    """What a person must allow, host by host, before we touch it."""

    HOSTNAME = "hostname"  # renaming breaks monitoring and licences
    APPLICATION_FILES = "application_files"  # pages that belong to somebody's application
    UNGUARDED = "unguarded"  # a change that can cut access, on a device with no way back
    ACTIVE_SOURCES = "active_sources"  # somebody who comes in today would be kept out
    ANONYMOUS_CLIENTS = "anonymous_clients"  # sensors and pollers that come in today without a login would be kept out
    OWN_PASSWORD = "own_password"  # the session's own: whoever logs in with the old one is out
    LOGIN_TEST = "login_test"  # a password is guessed by a login: a device may lock the account
    CERTIFICATES = "certificates"  # whoever has pinned the old certificate must accept a new one


class Unreadable(Exception):
    """Device text that a parser does not understand. The verdict is ``unknown``, never ``pass``."""


class Absent(Exception):
    """The device has no such surface; the message is the evidence. The verdict is ``not_applicable``."""


# --- what is wanted -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may use the site's devices: the one list behind A2 and C2."""

    name: str
    sources: tuple[str, ...] = ()  # canonical CIDR or "first-last" ranges
    via: str = ""  # a VPN's name: only that VPN's pool is allowed
    shared: bool = False  # the source address is shared with strangers (CGNAT, MAP-E, carriers)
    access: str = "operator"
    account: str = ""  # the name of this person's accounts; "": ``name`` is none that a device takes
    age: str = ""  # public key for what is handed over to this person: an age recipient, or
    gpg: str = ""  # an armored OpenPGP key
    variable: str = ""  # the inventory variable that declares this person, for messages


@dataclass(frozen=True, slots=True)
class Waiver:
    """A gap that its owner accepts, or has promised to close, until a day (ISO 8601, inclusive)."""

    hosts: str  # the pattern it was declared for; it matches the host of the intent
    control: str  # or an item: all of its controls
    surface: str  # "" is every one
    decision: Status  # waived: accepted; planned: promised
    owner: str  # "": nobody stands for it, so it decides nothing
    reason: str
    until: str

    def concerns(self, control: str, surface: str) -> bool:
        return self.control in (control, control.partition(".")[0]) and self.surface in ("", surface)

    def lapse(self, today: str) -> str:
        """Why it decides nothing today; "" while it stands."""
        if not self.owner:
            return "has no owner"
        return "" if today and today <= self.until else f"of {self.owner} expired on {self.until}"


@dataclass(frozen=True, slots=True)
class Intent:
    """The wanted state of one host, vendor-neutral, validated, computed from inventory variables."""

    site: str
    host: str
    allow4: tuple[str, ...] = ()  # merged, sorted, non-overlapping: "203.0.113.10/32" or "192.0.2.5-192.0.2.9"
    allow6: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()  # the members of the allowlist that strangers share
    people: tuple[Person, ...] = ()
    published: tuple[Published, ...] = ()
    enforced_by: str = ""  # the inventory host that limits access for this one; "" = this host itself
    enforce_with: str = "packet_filter"  # or web_server
    label: str = ""  # the symbol that replaces names; "" = names are deleted
    words: tuple[str, ...] = ()  # the owner's own words that must not be readable before login
    authorised: Authorisation | None = None  # None: read only
    unsaved: str = "refuse"  # or adopt: what to do when running and saved configuration differ
    guard_seconds: int = 120
    consent: frozenset[Consent] = frozenset()
    today: str = ""  # ISO 8601, where the controller is: what is valid "until" is judged by it
    exposure: Exposure | None = None  # None: nobody has decided, so closed
    user_file: str = ""  # on the device: the password file with which web servers ask for a login
    fronts: tuple[Front, ...] = ()
    plaintext_needed: frozenset[str] = frozenset()  # services whose plain text somebody needs: telnet, ftp
    accounts_for: Mapping[str, frozenset[str]] = field(default_factory=dict)  # surface: who gets an account, by access
    service_accounts: frozenset[str] = frozenset()  # that belong to no person, and stay
    delete_retired: frozenset[str] = frozenset()  # accounts to delete, where a run before this one has locked them
    secret_form: str = "random"  # of generated secrets; or unambiguous, or passphrase
    rotate: frozenset[str] = frozenset()  # whose secrets are made anew: people, service accounts
    max_age_days: int = 0  # of a secret that we have made; 0: it may have any age
    search_seconds: int = 30  # what the search for weak passwords may cost on this host
    preparation: Preparation = field(default_factory=Preparation)
    waivers: tuple[Waiver, ...] = ()  # those of this host, lapsed ones too: a finding says so

    def people_of(self, account: str) -> list[Person]:
        """Whose account of this name is declared to be; several, where it is declared to be shared."""
        return [person for person in self.people if account and person.account == account]

    def is_declared(self, account: str) -> bool:
        """Whether an account is a person's or a service's (C2)."""
        return bool(self.people_of(account)) or account in self.service_accounts

    def expected_at(self, place: str) -> list[Person]:
        """Who is to have an account there (user_credentials_accounts_for)."""
        return [person for person in self.people if person.access in self.accounts_for.get(place, ())]

    def is_public(self, path: str) -> bool:
        """Whether everybody is meant to see this web path without a login (P2)."""
        return self.exposure is not None and self.exposure.opens(path, self.today)


# --- what to change -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One whole file on a host. The guard keeps the original and puts it back."""

    path: str
    content: str | None  # None: the file goes away
    mode: int = 0o644  # of a file that is new; an existing one keeps owner, group, mode and context


@dataclass(frozen=True, slots=True)
class LineInFile:
    """One line of somebody else's file on a host. The rest of the file never travels and stays as it is."""

    path: str
    number: int  # 1 is the first; 0, with an empty ``before``: ``after`` comes above everything
    before: str  # the whole line as it was read; where another one is there now, nothing is changed
    after: str

    def __post_init__(self) -> None:
        if "\n" in self.before + self.after or bool(self.number) != bool(self.before):
            raise ValueError(f"{self.path}:{self.number}: not one line of text in place of another")


@dataclass(frozen=True, slots=True)
class MadeFile:
    """Like FileEdit, of a file that exists, as a command there prints it: what it is made of, a key, never travels."""

    path: str
    argv: tuple[str, ...]
    stdin: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a service of a host asks for a login, as the host itself reaches it."""

    kind: Literal["mqtt", "http"]
    address: str  # an IP address: of a loopback interface, or the one that the service is bound to
    port: int
    tls: bool = False
    path: str = ""  # HTTP: what is asked for, and of which of several sites
    site: str = ""

    def __str__(self) -> str:
        """As a person is told of it; the words of a configuration are hostile, and go through show()."""
        return f"{self.kind} port {self.port}{f' {self.site}{self.path}' if self.path else ''}"


@dataclass(frozen=True, slots=True)
class Given:
    """What a device keeps of a generated secret. No plan holds it: it is made when that is applied (issuing.py)."""

    owner: str  # in whose name it is stored: a person's, or the service account's own
    account: str
    surface: str
    store: Store  # how the text is written: stored_secrets/making.py
    takes: tuple[str, ...]  # the schemes that this device can check
    session: bool = False  # with it somebody logs in as we do, so a new login proves it
    own: bool = False  # whatever the account in use is called, what this session may do rests on it
    part: str = ""  # which of several that are kept of one account: Stored.part
    engine: str = ""  # SNMPv3: whose id goes into the key, in hexadecimal
    doors: tuple[Door, ...] = ()  # where it lets in (door_logins.py)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """The one line of an account in a file of lines ``account:text`` on a host; the others never travel."""

    path: str
    account: str
    given: Given | None  # None: the line goes away
    text: str = ""  # the line itself, once it is made
    mode: int = 0o600  # of a file that is new


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file on a host that commands of this plan change. The guard keeps its original and puts it back."""

    path: str


@dataclass(frozen=True, slots=True)
class RunEdit:
    """One command on a host that changes running state, with the command that undoes it."""

    argv: tuple[str, ...]
    stdin: str = ""
    undo: tuple[str, ...] = ()
    undo_stdin: str = ""
    given: tuple[Given, ...] = ()  # lines that stand on its standard input after ``stdin``


@dataclass(frozen=True, slots=True)
class LineEdit:
    """One configuration line on a CLI device, with the line that undoes it."""

    line: str
    undo: str  # "": only the device's own way back does, as with the password of a user who is deleted


@dataclass(frozen=True, slots=True)
class PasswordEdit:
    """One command of a CLI device that asks for a new password: a line that held one would be echoed, and logged."""

    line: str
    given: Given
    whose: str = ""  # of the session's own: login, become or console; "": somebody else's
    first: bool = False  # there was none before
    undo: str = ""  # the line that undoes it; "": only the old password does, or the device's own way back
    text: str = field(default="", repr=False)  # the password itself, once it is made


Edit: TypeAlias = FileEdit | LineInFile | MadeFile | AccountLine | KeptFile | RunEdit | LineEdit | PasswordEdit


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a plan: it closes (part of) one control's gap on one surface."""

    control: str
    surface: str
    summary: str
    before: str  # in the device's own language, redacted: one side of --diff
    after: str
    edits: tuple[Edit, ...]
    checks: tuple[RunEdit, ...] = ()  # must succeed once the files are in place, before anything is activated
    activate: tuple[RunEdit, ...] = ()  # makes edited files take effect: reload, never restart where reload does
    persist: tuple[Edit, ...] = ()  # makes it survive a reboot; only after the guard was confirmed
    cuts_access: bool = False
    subject: str = ""  # whom it is about, where a control of a surface has a change for each of many


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a surface says about one control: pure, from state and intent alone.

    ``status`` is one of pass, gap, manual, unknown, not_applicable. A gap we can close carries ``changes``;
    every other status carries none. Only waivers.py makes it waived, or planned: that may still be closed.
    """

    control: str
    surface: str
    status: Status
    why: str
    before: str = ""  # what is there, in the device's own language
    after: str = ""  # what is wanted
    fix: str = ""  # what a person does, where, when we cannot or must not
    evidence: Mapping[str, Json] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        if self.status not in JUDGED | DECIDED:
            raise ValueError(f"{self.control}: a surface cannot judge {self.status.value}")
        if self.changes and self.status not in (Status.GAP, Status.PLANNED):
            raise ValueError(f"{self.control}: only a gap can carry changes, not {self.status.value}")


JUDGED = frozenset({Status.PASS, Status.GAP, Status.MANUAL, Status.UNKNOWN, Status.NOT_APPLICABLE})

#: What a person has decided about a gap, or about what is left to a person.
DECIDED = frozenset({Status.PLANNED, Status.WAIVED})


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered changes that take a state to intent, bound to the state they were made from."""

    host: str
    state_hash: str
    changes: tuple[Change, ...]

    @property
    def cuts_access(self) -> bool:
        return any(change.cuts_access for change in self.changes)

    @property
    def givens(self) -> tuple[Given, ...]:
        """Whose credentials it sets, each once."""
        edits = (edit for change in self.changes for edit in change.edits)
        return tuple(dict.fromkeys(given for edit in edits for given in givens(edit)))


def givens(edit: Edit) -> tuple[Given, ...]:
    """Whose credentials an edit sets, as long as none of them is in it."""
    if isinstance(edit, RunEdit):
        return edit.given
    if isinstance(edit, PasswordEdit):
        return () if edit.text else (edit.given,)
    return (edit.given,) if isinstance(edit, AccountLine) and edit.given else ()


# --- what the guard must know -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vitals:
    """What must not be lost: read with the state, compared before and after a change."""

    source: str = ""  # the address the *device* sees for this session; "" = not seen
    account: str = ""  # the account in use
    unsaved: str = ""  # diff of running against saved configuration; "" = equal (or the platform has no such thing)
    unsafe: str = ""  # why nothing may be changed at all: volatile root, one session only, leftover guard
    canaries: Mapping[str, str] = field(default_factory=dict)  # {what: what it looks like while it works}
    visitors: Mapping[str, str] = field(default_factory=dict)  # {address: how} of who comes in today with a login
    inside: tuple[str, ...] = ()  # the networks that a packet filter of ours does not limit
    visitors_unknown: str = ""  # why ``visitors`` cannot be told
    addresses: tuple[str, ...] = ()  # that its interfaces towards the outside have now


@dataclass(frozen=True, slots=True)
class GuardLines:
    """The way back of a CLI platform, in the device's own commands."""

    arm: tuple[str, ...]
    revert: tuple[str, ...]  # roll back at once, over the old connection
    disarm: tuple[str, ...]  # remove the guard's own lines, after confirmation; the last takes what ``armed`` finds
    armed: str  # regular expression: found in the output of ``look`` while our guard is armed
    left: str  # regular expression: found there while any line of a guard is left, and must not be saved
    look: str  # the command that shows both
    save: tuple[str, ...]  # makes the running configuration survive a reload


# --- what was found -----------------------------------------------------------------------------------------

FINDING_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one control of one device, with evidence."""

    run: str
    site: str
    host: str
    platform: str
    item: str
    control: str
    surface: str
    status: Status
    why: str
    at: str  # ISO 8601, UTC
    before: str = ""
    after: str = ""
    fix: str = ""
    evidence: Mapping[str, Json] = field(default_factory=dict)
    enforced_by: str = ""
    seen_from: str = "inside"
    schema: int = FINDING_SCHEMA

    @property
    def place(self) -> str:
        """What it is about on its device: the control, and the surface if there is one."""
        return f"{self.control} {self.surface}".rstrip()


# --- to and from JSON ---------------------------------------------------------------------------------------

_PLAIN = frozenset({str, int, float, bool, type(None)})


def as_json(value: object) -> Json:
    """Plain JSON types, at any depth: what an action may return and a file may hold."""
    kind = type(value)
    if kind in _PLAIN:  # most of what a state holds; a subclass may carry tags, and goes the long way
        return cast(Json, value)
    if kind is dict:
        return {str(key): as_json(item) for key, item in cast(dict[object, object], value).items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if isinstance(value, Edit):
            named["kind"] = type(value).__name__
        return named
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted((as_json(item) for item in value), key=str)
    if isinstance(value, (tuple, list)):
        return [as_json(item) for item in value]
    for plain in (int, float, str):
        if isinstance(value, plain):
            return plain(value)  # subclasses carry tags that name the controller's paths
    raise TypeError(f"{type(value).__name__} has no JSON form")


def digest(value: object) -> str:
    """SHA-256 over the canonical JSON of ``value``: the same state gives the same hash on every machine."""
    canonical = json.dumps(value, default=as_json, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
