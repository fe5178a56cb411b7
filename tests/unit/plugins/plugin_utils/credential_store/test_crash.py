# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed anywhere, a run leaves a credential that works and is known, and the next one comes to its end."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import get_args

import pytest
from ansible.parsing.vault import VaultSecret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store import files
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.entries import Entries
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.pass_entries import PassEntries
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import (
    Credential,
    Record,
    activate,
    propose,
    retire,
    settled,
    withdraw,
    working,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.sealed_files import Seal, SealedFiles
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.store import Keeper, Store
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import Unusable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.vault import Vault
from ansible_collections.iot_site.checklist.plugins.plugin_utils.other_stores import STORES
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.credential_store.pretend_managers import PretendKv, PretendPass
from tests.unit.plugins.plugin_utils.credential_store.system_calls import Killed, Lost, SystemCalls
from tests.unit.plugins.plugin_utils.credential_store.toy_seal import ToySeal

pytestmark = pytest.mark.once

DEVICE, PERSON = "k7-gw", "佐藤"
LOST: tuple[Lost, ...] = get_args(Lost)

made = count(1)


@pytest.fixture(scope="module", autouse=True)
def _simulated_disk() -> Iterator[None]:
    """What a sync means is simulated; waiting for a real disk at each would take a minute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: None)
        yield


class Device:
    """Accepts secrets by account; what is not saved goes with the next reboot. Each word with it may be the last."""

    def __init__(self) -> None:
        self.accepted: dict[str, set[str]] = {}
        self.saved: dict[str, set[str]] = {}
        self.refuses = False
        self.calls = SystemCalls()

    def opens(self, credential: Credential) -> bool:
        self.calls.point("login")
        return self.accepts(credential)

    def accepts(self, credential: Credential) -> bool:
        return credential.secret.reveal() in self.accepted.get(credential.account, ())

    def take(self, credential: Credential, opened: Credential | None) -> bool:
        """Sets the one secret of the account, from a session with the old one; False when the device refuses."""
        assert credential.account not in self.accepted or (opened is not None and self.accepts(opened))
        self.calls.point("take")
        if not self.refuses:
            self.accepted[credential.account] = {credential.secret.reveal()}
        self.calls.point("taken")
        return not self.refuses

    def save(self) -> None:
        self.calls.point("save")
        self.saved = dict(self.accepted)
        self.calls.point("saved")

    def reboot(self) -> None:
        self.accepted = dict(self.saved)


def changed(store: Store, device: Device) -> Record:
    """One complete run, in the order that record.py asks for; nothing new while the device has unsaved work."""
    with store.changing(DEVICE) as keep:
        record = store.record(DEVICE, PERSON)
        opened = working(record, device.opens)
        if opened is not None:
            record = keep(PERSON, partial(settled, opened=opened))
        device.save()
        if record.pending is None:
            new = Secret(f"secret number {next(made)}")
            record = keep(PERSON, partial(propose, account="ops", secret=new, surfaces=("sshd",), made=""))
        assert record.pending is not None
        if not device.take(record.pending, opened):
            return keep(PERSON, withdraw)
        assert device.opens(record.pending)
        record = keep(PERSON, activate)
        device.save()
        return record


def cut_short(store: Store, device: Device, stop: int, lost: Lost) -> bool:
    """A run that dies at a call, and what the power takes with it; False when it came to its end before."""
    device.calls = SystemCalls(stop)
    try:
        with device.calls.counting():
            changed(store, device)
    except Killed:
        device.calls.lose(lost)
        return True
    finally:
        device.calls = SystemCalls()
    return False


def known_and_works(store: Store, device: Device) -> bool:
    """Whether whoever has only the store can log in; a device without the account asks for nothing."""
    return "ops" not in device.accepted or working(store.record(DEVICE, PERSON), device.accepts) is not None


# --- every place where a run can die ------------------------------------------------------------------------


def _embedded(home: Path, _device: Device, seal: Seal | None = None) -> Keeper:
    return SealedFiles(home, seal or ToySeal())


def _in_pass(home: Path, _device: Device) -> Keeper:
    program = PretendPass(home / "pass")
    program.home.mkdir(parents=True)  # as pass init did, long ago
    return Entries("pass", PassEntries(program, program.move), STORES["passwordstore"].why)


def _in_kv(_home: Path, device: Device) -> Keeper:
    return STORES["hashi_vault"].keeper(PretendKv(point=lambda name: device.calls.point(name)))


KEEPERS: dict[str, Callable[[Path, Device], Keeper]] = {
    "embedded": _embedded, "passwordstore": _in_pass, "hashi_vault": _in_kv,
}  # fmt: skip


@contextmanager
def site(keeper: Callable[[Path, Device], Keeper]) -> Iterator[tuple[Store, Device]]:
    with tempfile.TemporaryDirectory() as directory:
        home, device = Path(directory) / "k7", Device()
        yield Store(home, "k7", keeper(home, device)), device


def _nothing(_store: Store, _device: Device) -> None:
    """Neither file nor directory."""


def _active(store: Store, device: Device) -> None:
    changed(store, device)


def _previous(store: Store, device: Device) -> None:
    changed(store, device)
    changed(store, device)


def _gone_back(store: Store, device: Device) -> None:
    """Restored from a backup after the change."""
    _previous(store, device)
    before = store.record(DEVICE, PERSON).previous
    assert before is not None
    device.accepted = device.saved = {"ops": {before.secret.reveal()}}


def _pending(store: Store, device: Device) -> None:
    """Cut short before the device was told."""
    _previous(store, device)
    new = partial(propose, account="ops", secret=Secret(f"secret number {next(made)}"), surfaces=("sshd",), made="")
    with store.changing(DEVICE) as keep:
        keep(PERSON, new)


def _taken(store: Store, device: Device) -> None:
    """Cut short after the device was told."""
    _pending(store, device)
    record = store.record(DEVICE, PERSON)
    assert record.pending is not None and device.take(record.pending, record.active)


def _retired(store: Store, device: Device) -> None:
    _previous(store, device)
    with store.changing(DEVICE) as keep:
        keep(PERSON, partial(retire, at="2026-11-20T09:00:00Z"))


STARTS = {
    "nothing": _nothing, "active": _active, "previous": _previous, "gone back": _gone_back,
    "pending": _pending, "pending and taken": _taken, "retired": _retired,
}  # fmt: skip


#: Where a run can die. The disk of a server is its own; whatever a run with pass begins with, its calls are the same.
_DEATHS = [
    (keeper, start, refuses, lost)
    for refuses, lost in [*((False, lost) for lost in LOST), (True, "nothing")]
    for keeper, starts in {"embedded": list(STARTS), "passwordstore": ["nothing", "pending and taken"]}.items()
    for start in starts
] + [("hashi_vault", start, refuses, "nothing") for start in STARTS for refuses in (False, True)]


@pytest.mark.parametrize(("keeper", "start", "refuses", "lost"), _DEATHS)
def test_killed_at_any_call_a_known_credential_works_and_the_next_run_ends_with_a_new_one(
    keeper: str, start: str, refuses: bool, lost: Lost
) -> None:
    for stop in count(1):
        with site(KEEPERS[keeper]) as (store, device):
            STARTS[start](store, device)
            before = store.record(DEVICE, PERSON)
            device.refuses = refuses
            died = cut_short(store, device, stop, lost)
            assert known_and_works(store, device), (start, stop)
            device.refuses = False
            after = changed(store, device)
            assert after.active is not None and device.accepted["ops"] == {after.active.secret.reveal()}
            assert after.pending is None and not after.retired and after == store.record(DEVICE, PERSON)
            assert after.active.number > (before.active.number if before.active else 0)
            if not died:
                break
    assert stop > 15, "all of its calls"


_RUNS = st.tuples(st.integers(1, 90), st.sampled_from(LOST), st.booleans(), st.booleans())


@pytest.mark.parametrize("keeper", KEEPERS)
@settings(max_examples=80)
@given(runs=st.lists(_RUNS, max_size=8))
def test_killed_again_and_again_with_reboots_in_between_a_known_credential_works(
    keeper: str, runs: list[tuple[int, Lost, bool, bool]]
) -> None:
    with site(KEEPERS[keeper]) as (store, device):
        for stop, lost, refuses, reboots in runs:
            device.refuses = refuses
            cut_short(store, device, stop, lost)
            if reboots:
                device.reboot()
            assert known_and_works(store, device)
        device.refuses = False
        after = changed(store, device)
        assert after.active is not None and device.accepted == device.saved == {"ops": {after.active.secret.reveal()}}


def _careless(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(handle, content)
    os.close(handle)


@pytest.mark.parametrize(
    ("keeper", "part", "careless", "lost"),
    [
        ("embedded", "_whole", _careless, "data"),
        ("embedded", "_sync", lambda _path: None, "names"),
        ("passwordstore", "_sync", lambda _path: None, "data"),
        ("passwordstore", "_sync", lambda _path: None, "names"),
    ],
)
def test_these_tests_would_see_a_sync_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, keeper: str, part: str, careless: Callable[..., None], lost: Lost
) -> None:
    monkeypatch.setattr(files, part, careless)
    with pytest.raises((Unusable, _Forgotten)):
        for stop in count(1):
            with site(KEEPERS[keeper]) as (store, device):
                _active(store, device)
                assert cut_short(store, device, stop, lost)
                if not known_and_works(store, device):
                    raise _Forgotten


class _Forgotten(Exception):
    """What nobody could log in to any more."""


# --- a process that really dies -----------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["write", "replace", "taken"])
def test_a_process_that_is_really_killed_leaves_no_clear_text_no_lock_and_a_working_credential(call: str) -> None:
    vault = Vault([("default", VaultSecret(b"right"))])
    with site(partial(_embedded, seal=vault)) as (store, device):
        changed(store, device)
        old = store.record(DEVICE, PERSON)
        dead = _killed_at(call, store, device)
        if call == "taken":  # in the child only: the device lives on
            (pending,) = filter(None, [store.record(DEVICE, PERSON).pending])
            device.take(pending, old.active)
        assert known_and_works(store, device)
        left = [path.read_bytes() for path in store.directory.rglob("*") if path.is_file()]
        assert dead == -signal.SIGKILL and not [data for data in left if b"secret number" in data]
        after = changed(store, device)
        assert after.active != old.active and device.accepted["ops"] == {after.active.secret.reveal()}  # type: ignore[union-attr]
        assert {path.name for path in (store.directory / "credentials" / DEVICE).iterdir()} - {".lock"} == {
            path.name for path in (store.directory / "credentials" / DEVICE).glob("*.yml")
        }


def _killed_at(call: str, store: Store, device: Device) -> int:
    """How a child ended that was killed while it was about to make this call for the first time."""
    waits, tells = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            device.calls = _Waiting(call, tells)
            with device.calls.counting():
                changed(store, device)
        finally:
            os._exit(0)
    os.close(tells)
    assert os.read(waits, 1) == b"!", "it came to that call"
    os.kill(child, signal.SIGKILL)
    os.close(waits)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class _Waiting(SystemCalls):
    """Tells that it has come to a call, and waits there for its end."""

    def __init__(self, call: str, tells: int) -> None:
        super().__init__()
        self._call, self._tells = call, tells

    def point(self, name: str) -> None:
        if name == self._call:
            self._real["write"](self._tells, b"!")
            signal.pause()
        super().point(name)
