# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a surface and a platform must be. tests/unit/plugins/plugin_utils/test_contract.py holds every one to it.

Pure: text in, state out; state and intent in, judgements out. No I/O, no Ansible, no clock, no randomness.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from . import account_passwords, login_tests
from .model import Absent, Change, GuardLines, Intent, Json, Judgement, Plan, State, Status, Unreadable, Vitals, digest
from .raw import Raw, Read
from .stored_secrets.scheme import Kept

#: The one surface that is no device's: what the inventory itself declares (surfaces/declared.py).
DECLARED = "declared"


class Surface:
    """A place where a device meets visitors or users: nginx, sshd, nftables, a router's filters."""

    name: ClassVar[str]
    controls: ClassVar[tuple[str, ...]]  # ids of plugin_utils/checklist.py that this surface can judge
    reads: tuple[Read, ...]

    #: The programs whose every exposed socket this surface speaks about in A1, and the ports ("tcp 80") at which it
    #: also speaks about a program that cannot be seen. What no surface answers for is found by surfaces/listening.py.
    #: A socket that another program holds for it ("tcp 22 systemd") is named in its state, under "speaks_of".
    programs: ClassVar[frozenset[str]] = frozenset()
    hidden_at: ClassVar[frozenset[str]] = frozenset()

    #: Its verdict needs the secrets that the device keeps, to compare them with those of others.
    compares_secrets: ClassVar[bool] = False

    #: Its state tells of people who come and go, not of what is set: it binds no plan.
    passing: ClassVar[bool] = False

    def parse(self, raw: Raw) -> dict[str, Json]:
        """The present state, redacted, stable (no counters, no times): JSON types only.

        Raises Unreadable on text it does not understand, Absent (with the evidence) where the device has no
        such surface.
        """
        raise NotImplementedError

    def parsed(self, raw: Raw) -> dict[str, Json]:
        """The same, worked out once for everybody who asks for it; nobody changes it."""
        if self.name not in raw.parsed:
            try:
                raw.parsed[self.name] = self.parse(raw)
            except (Absent, Unreadable) as reason:
                raw.parsed[self.name] = reason
        found = raw.parsed[self.name]
        if isinstance(found, Exception):
            raise found
        return found

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        """One judgement or more for **every** control of this surface. A compliant state gives no changes."""
        items = dict.fromkeys(map(_item, self.controls))
        judged = [(item, each) for item in items for each in self.judge_item(state, intent, item)]
        return [each for item, each in judged if _item(each.control) == item]

    def judge_item(self, state: Mapping[str, Json], intent: Intent, item: str) -> Iterable[Judgement]:
        """The same for the controls of one item. A surface has one of both: this where its items cost much apart.

        Judgements on other items may be among them; they are left aside.
        """
        return self.judge(state, intent)


class Accounts(Surface):
    """Where a surface keeps the secrets of its accounts (C1). What it reads travels sealed (sealed.py)."""

    controls = account_passwords.CONTROLS
    change: ClassVar[str]  # how a person gives the account ``{}`` another password
    of: ClassVar[tuple[str, ...]] = ()  # the surfaces that ask for them; without any of them there are none
    doors_of: ClassVar[str] = ""  # whose state tells where they are asked for: no configuration is read with secrets

    def kept(self, raw: Raw, present: Collection[str]) -> Kept:
        """Every secret, and what could not be read; ``present`` are those of ``of`` that the device has.

        Raises Unreadable and Absent as :meth:`Surface.parse` does.
        """
        raise NotImplementedError

    def setting(
        self, state: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]], intent: Intent
    ) -> account_passwords.Work | None:
        """How these accounts of the state get generated passwords; None where a person must do it."""
        return None

    def opens_ssh(self, state: Mapping[str, Any]) -> Collection[str]:
        """The accounts of the state whose password SSH asks for, where it can be tried (login_tests.py)."""
        return ()

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        offer = login_tests.offer(intent) if login_tests.hidden(state, self.opens_ssh(state)) else ""
        for one in account_passwords.judge(state, intent, self.name, self.change, self.setting):
            if one.status is Status.UNKNOWN:
                fix = self.unread_fix(one)
                one = replace(one, fix=f"{fix} {offer}" if offer and one.control == login_tests.CONTROL else fix)
            yield one

    def unread_fix(self, judgement: Judgement) -> str:
        """What a person does where something could not be read."""
        return judgement.fix


class Platform:
    """A kind of device: what it is matched by, how bytes reach it, and the surfaces it is made of."""

    name: ClassVar[str]
    title: ClassVar[str]  # what a person calls it
    network_os: ClassVar[str] = ""  # value of ansible_network_os; "" = the plain SSH host platform
    transport: ClassVar[str]  # host or cli
    surfaces: ClassVar[tuple[Surface, ...]]
    accounts: ClassVar[tuple[Accounts, ...]] = ()
    reads: ClassVar[tuple[Read, ...]] = ()  # what the vitals need beyond the surfaces' own reads

    @property
    def controls(self) -> frozenset[str]:
        return frozenset(control for surface in (*self.surfaces, *self.accounts) for control in surface.controls)

    @property
    def all_reads(self) -> tuple[Read, ...]:
        """Every read of every surface, each name once: what one remote execution or one session asks."""
        return self._each_once(*self.reads, *(read for surface in self.surfaces for read in surface.reads))

    @property
    def secret_reads(self) -> tuple[Read, ...]:
        """What the accounts ask beside that, or with it."""
        return self._each_once(*(read for accounts in self.accounts for read in accounts.reads))

    @property
    def reads_with_secrets(self) -> tuple[Read, ...]:
        return self._each_once(*self.all_reads, *self.secret_reads)

    def _each_once(self, *reads: Read) -> tuple[Read, ...]:
        named: dict[str, Read] = {}
        for read in reads:
            if named.setdefault(read.name, read) != read:
                raise ValueError(f"{self.name}: two different reads are called {read.name}")
        return tuple(named.values())

    def asks_device(self, item: str) -> bool:
        """Whether any verdict on ``item`` needs something read; what the inventory alone declares does not."""
        return any(
            _item(control) == item
            for surface in (*self.surfaces, *self.accounts)
            if surface.name != DECLARED
            for control in surface.controls
        )

    def asks_secrets(self, item: str) -> bool:
        """Whether a verdict on ``item`` needs the secrets that the device keeps."""
        comparing = (surface for surface in self.surfaces if surface.compares_secrets)
        return self.judges_secrets(item) or any(_item(one) == item for each in comparing for one in each.controls)

    def judges_secrets(self, item: str) -> bool:
        """Whether it is about what these secrets are, so that guesses are made."""
        return any(_item(control) == item for accounts in self.accounts for control in accounts.controls)

    def parse(self, raw: Raw) -> State:
        """``{surface: its state}``; an unreadable or absent surface says so in its place and spoils no other."""
        return {surface.name: _parsed(surface, raw) for surface in self.surfaces}

    def examined(self, raw: Raw, state: State, intent: Intent, known: account_passwords.Known | None = None) -> State:
        """The state with what came of the accounts' secrets; of the secrets themselves nothing is in it.

        ``known`` is what came of some of them before.
        """
        kept, told = self.kept(raw, state)
        found = account_passwords.examined(kept, self.device(state), intent, known)
        return {**state, **told, **found}

    def kept(self, raw: Raw, state: State) -> tuple[dict[str, Kept], dict[str, Json]]:
        """By surface: its secrets; or why there are none, or none that can be read."""
        kept: dict[str, Kept] = {}
        told: dict[str, Json] = {}
        for accounts in self.accounts:
            found = {name: _mapping(state.get(name)) for name in accounts.of}
            present = [name for name, surface in found.items() if "absent" not in surface]
            try:
                if found and not present:
                    raise Absent("; ".join(str(surface["absent"]) for surface in found.values()))
                made = accounts.kept(raw, present)
                doors = _mapping(state.get(accounts.doors_of)).get("doors")
                kept[accounts.name] = replace(made, about={**made.about, "doors": doors}) if doors else made
            except Absent as absent:
                told[accounts.name] = {"absent": str(absent)}
            except Unreadable as unreadable:
                told[accounts.name] = {"unreadable": str(unreadable)}
        return kept, told

    def judge(self, state: State, intent: Intent, item: str) -> list[Judgement]:
        """Every control of ``item`` on every surface; a control nobody spoke about is ``unknown``."""
        return [
            _shared_is_no_pass(judgement, intent)
            for surface in (*self.surfaces, *self.accounts)
            for judgement in _judged(surface, state.get(surface.name), intent, item)
        ]

    def plan(self, state: State, intent: Intent, judgements: Sequence[Judgement]) -> Plan:
        changes = tuple(change for judgement in judgements for change in judgement.changes)
        return Plan(host=intent.host, state_hash=self.fingerprint(state), changes=self.order(changes))

    def fingerprint(self, state: State) -> str:
        """What binds a plan to the state it was made from; what merely passes by is no part of it."""
        passing = {surface.name for surface in self.surfaces if surface.passing}
        return digest({name: each for name, each in state.items() if name not in passing})

    def login_subjects(self, state: State) -> list[login_tests.Subject]:
        """What only a login can tell of a device whose accounts' secrets were examined."""
        device = self.device(state)
        found: list[login_tests.Subject] = []
        for accounts in self.accounts:
            told = _mapping(state.get(accounts.name))
            if "accounts" in told:
                found += login_tests.by_ssh(login_tests.hidden(told, accounts.opens_ssh(told)), device, accounts.change)
        return [*found, *login_tests.by_http(self.panels(state), device)]

    # --- quirks, with defaults ------------------------------------------------------------------------------

    def order(self, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """Allow before deny. The default keeps the order in which the surfaces were declared."""
        return changes

    def device(self, state: State) -> account_passwords.Device:
        """What its maker's name says of its first passwords; the default is what the surface of D2 found."""
        known = _mapping(state.get("identity"))
        return account_passwords.Device(*(str(known.get(word) or "") for word in ("vendor", "model", "serial")))

    def panels(self, state: State) -> Sequence[int]:
        """The ports of what may ask for accounts of its own, which nobody can read (C1); the default knows none."""
        return ()

    def vitals(self, raw: Raw) -> Vitals:
        """What must survive a change; the default knows of nothing, so nothing that cuts access is allowed."""
        return Vitals(unsafe=f"{self.title}: this version cannot tell what a change must keep alive")

    def guard(self, plan: Plan, token: str, seconds: int) -> GuardLines | None:
        """The way back in the device's own commands. Host platforms return None: host_apply has its own guard."""
        return None


def _item(control: str) -> str:
    return control.partition(".")[0]


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _parsed(surface: Surface, raw: Raw) -> Json:
    try:
        return surface.parsed(raw)
    except Absent as absent:
        return {"absent": str(absent)}
    except Unreadable as unreadable:
        return {"unreadable": str(unreadable)}


def _judged(surface: Surface, state: Json, intent: Intent, item: str) -> Iterable[Judgement]:
    wanted = [control for control in surface.controls if _item(control) == item]
    if not wanted:
        return
    if item == "A2" and intent.enforced_by and surface.name != DECLARED:
        why = f"{intent.enforced_by} limits access for this host (iot_site_enforced_by)"
        yield from (Judgement(control, surface.name, Status.NOT_APPLICABLE, why) for control in wanted)
        return
    if not isinstance(state, dict):
        state = {"unreadable": "not read in this run"} if surface.reads else {}
    if "absent" in state or "unreadable" in state:
        status = Status.NOT_APPLICABLE if "absent" in state else Status.UNKNOWN
        why = str(state.get("absent") or state.get("unreadable"))
        yield from (Judgement(control, surface.name, status, why) for control in wanted)
        return
    spoken = set()
    for judgement in surface.judge_item(state, intent, item):
        if judgement.control in wanted:
            spoken.add(judgement.control)
            yield judgement
    for control in wanted:
        if control not in spoken:
            yield Judgement(control, surface.name, Status.UNKNOWN, "this surface gave no verdict on this control")


def _shared_is_no_pass(judgement: Judgement, intent: Intent) -> Judgement:
    """An address that strangers share lets strangers in: never a pass by address alone (A2, CGNAT and MAP-E)."""
    if not intent.shared or _item(judgement.control) != "A2" or judgement.status is not Status.PASS:
        return judgement
    return replace(
        judgement,
        status=Status.MANUAL,
        why=f"{judgement.why}; but strangers share {', '.join(intent.shared)}, so the address alone proves nobody",
        fix="Require a login on the same port (A1), or give these people a fixed address or a VPN.",
    )
