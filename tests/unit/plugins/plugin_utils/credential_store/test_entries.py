# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records in pass and in Vault: people find the active secret where they look, and what they do there is believed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.entries import (
    BY_HAND,
    Entries,
    Entry,
    Manager,
    as_shown,
    path,
    shown,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.kv_entries import KvEntries
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.pass_entries import PassEntries
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import (
    Credential,
    Owner,
    Record,
    activate,
    propose,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.store import Store
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import (
    Busy,
    Damaged,
    OutOfStep,
    Sealed,
    Unkept,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.credential_store.pretend_managers import PretendKv, PretendPass

PLANTED = "Qx9-planted-7Zk"
OWNER = Owner("k7", "k7-gw", "ops")
WHERE = "iot_site/k7/k7-gw/ops"
MADE = "2026-11-20T09:00:00Z"


def new(secret: str) -> partial[Record]:
    return partial(propose, account="ops", secret=Secret(secret), surfaces=("sshd",), made=MADE)


class Desk:
    """A store over one manager, and what somebody sees and does in that by hand."""

    def __init__(self, home: Path) -> None:
        self.manager = self._manager(home)
        self.store = Store(home, "k7", Entries("the manager", self.manager, lambda error: type(error).__name__))

    def keep(self, *steps: Callable[[Record], Record], device: str = "k7-gw", person: str = "ops") -> Record:
        with self.store.changing(device) as keep:
            return [keep(person, step) for step in steps][-1]

    def _manager(self, home: Path) -> Manager:
        raise NotImplementedError


class PassDesk(Desk):
    """What ``pass show`` shows is the first line."""

    def _manager(self, home: Path) -> Manager:
        self.program = PretendPass(home / "pass")
        return PassEntries(self.program, self.program.move)

    def shown(self, where: str = WHERE) -> str:
        return self.text(where).split("\n")[0]

    def beside(self) -> list[str]:
        """What people keep in the entry."""
        return [line for line in self.text().split("\n")[1:] if not line.startswith("iot_site: ")]

    def by_hand(self, secret: str, where: str = WHERE) -> None:
        """As ``pass edit`` and ``pass insert`` do it."""
        rest = self.text(where).split("\n")[1:] if self.program.ask(_PASS, where, **_READ) else ["user: ops"]
        self.program.ask(_PASS, where, userpass="\n".join([secret, *rest]))

    def move(self, where: str, to: str) -> None:
        self.program.move(self.program.home, where, to)

    def text(self, where: str = WHERE) -> str:
        return str(self.program.ask(_PASS, where, **_READ))


_PASS, _READ = "community.general.passwordstore", {"returnall": True, "missing": "empty"}


class KvDesk(Desk):
    """People look at the field ``password``."""

    def _manager(self, home: Path) -> Manager:
        self.server = PretendKv()
        return KvEntries(self.server)

    def shown(self, where: str = WHERE) -> str:
        return str(self.server.entries[where][1].get("password", ""))

    def beside(self) -> list[str]:
        fields = self.server.entries[WHERE][1]
        return [f"{name}: {text}" for name, text in fields.items() if name not in ("password", "iot_site")]

    def by_hand(self, secret: str, where: str = WHERE) -> None:
        version, data = self.server.entries.get(where, (0, {"user": "ops"}))
        self.server.entries[where] = (version + 1, {**data, "password": secret})

    def move(self, where: str, to: str) -> None:
        self.server.entries[to] = self.server.entries.pop(where)


@pytest.fixture(params=[PassDesk, KvDesk], ids=["pass", "kv"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return request.param(tmp_path)


def test_whoever_opens_an_entry_sees_the_active_secret_whatever_is_on_its_way(desk: Any) -> None:
    desk.keep(new("first"))
    assert desk.shown() == "", "no device was seen to take it"
    desk.keep(activate, new("second"))
    assert desk.shown() == "first"
    record = desk.keep(activate)
    assert desk.shown() == "second" and desk.store.record("k7-gw", "ops") == record
    assert (record.active.secret, record.previous.secret) == (Secret("second"), Secret("first"))


def test_what_people_keep_beside_it_stays(desk: Any) -> None:
    desk.by_hand("theirs")
    desk.keep(new("ours"), activate)
    desk.keep(new("next"))
    assert desk.shown() == "ours" and desk.beside() == ["user: ops"]


def test_a_secret_that_somebody_put_there_is_active_and_not_taken_for_ours(desk: Any) -> None:
    desk.by_hand("theirs")
    active = desk.store.record("k7-gw", "ops").active
    assert (active.secret, active.account, active.made) == (Secret("theirs"), BY_HAND, "")
    assert desk.store.records("k7-gw") == (), "of an entry without a record nobody knows whose it is"
    record = desk.keep(new("ours"), activate)
    assert record.previous == active, "until the device had ours, theirs was what it asked for"


def test_a_secret_that_somebody_changed_is_active_and_ours_is_kept_as_the_one_before(desk: Any) -> None:
    before = desk.keep(new("first"), activate)
    desk.by_hand("changed")
    (record,) = desk.store.records("k7-gw")
    assert (record.active.secret, record.active.account) == (Secret("changed"), BY_HAND)
    assert record.previous == before.active and record.counter == record.active.number == 2


def test_somebody_may_bring_a_cut_short_run_to_its_end_by_hand(desk: Any) -> None:
    desk.keep(new("first"), activate, new("second"))
    desk.by_hand("second")
    record = desk.store.record("k7-gw", "ops")
    assert (record.active.secret, record.pending) == (Secret("second"), None)
    desk.by_hand("first")
    assert desk.store.record("k7-gw", "ops").active.secret == Secret("first")


def test_one_run_at_a_time_changes_a_device_and_everybody_may_read(desk: Any) -> None:
    desk.keep(new("first"), activate)
    with desk.store.changing("k7-gw"):
        with pytest.raises(Busy, match="Another run"), desk.store.changing("k7-gw"):
            pass
        assert desk.store.record("k7-gw", "ops").active


def test_a_refused_step_and_one_that_changes_nothing_write_nothing(desk: Any) -> None:
    with pytest.raises(OutOfStep):
        desk.keep(activate)
    assert desk.keep(lambda record: record) == Record(OWNER)
    assert desk.store.records("k7-gw") == () and desk.manager.get(WHERE) is None


def test_each_sees_only_their_own_and_a_site_only_its_devices(desk: Any) -> None:
    for device, person in [("a", "ops"), ("a", "佐藤"), ("b", "ops")]:
        desk.keep(new(f"{device} {person}"), activate, device=device, person=person)
    assert [record.active.secret.reveal() for record in desk.store.records("a")] == ["a ops", "a 佐藤"]
    assert Store(desk.store.directory, "k8", desk.store.keeper).records("a") == ()


@pytest.mark.parametrize("to", ["iot_site/k7/panel/ops", "iot_site/k7/k7-gw/noc", "iot_site/k8/k7-gw/ops"])
def test_an_entry_that_was_moved_stands_for_nobody_else(desk: Any, to: str) -> None:
    for site in ("k7", "k8"):
        other = Store(desk.store.directory, site, desk.store.keeper)
        for device, person in (("panel", "noc"), ("k7-gw", "zoe")):
            with other.changing(device) as keep:
                keep(person, new("another"))
    desk.keep(new("first"), activate)
    desk.move(WHERE, to)
    _root, site, device, person = to.split("/")
    store = Store(desk.store.directory, site, desk.store.keeper)
    for read in (lambda: store.record(device, person), lambda: store.records(device)):
        with pytest.raises(Damaged, match=r"belongs to ops on k7-gw of site 'k7'\. Move it back"):
            read()
    with pytest.raises(Damaged), store.changing(device) as keep:
        keep(person, new("another"))
    assert desk.shown(to) == "first"


def test_what_a_manager_says_of_a_failure_is_left_behind() -> None:
    class Broken:
        def get(self, path: str) -> Entry | None:
            raise AnsibleError(PLANTED)

        put = names = get

    keeper = Entries("pass", Broken(), lambda error: f"it ended with {type(error).__name__}")
    for use in (lambda: keeper.record(OWNER), lambda: list(keeper.records("k7", "k7-gw"))):
        with pytest.raises(Unkept, match="it ended with AnsibleError") as refused:
            use()
        assert PLANTED not in str(refused.value) and refused.value.__context__ is None


_CREDENTIALS = st.builds(
    Credential, number=st.just(1), account=st.text(max_size=8), secret=st.text(min_size=1, max_size=20).map(Secret),
    surfaces=st.lists(st.text(max_size=5), max_size=2).map(tuple), made=st.sampled_from(["", MADE]),
)  # fmt: skip


@given(st.lists(_CREDENTIALS | st.none(), min_size=3, max_size=3, unique_by=lambda one: one and one.secret.reveal()),
       st.booleans())  # fmt: skip
def test_any_record_is_read_as_it_was_written(kept: list[Credential | None], retired: bool) -> None:
    numbered = [one and Credential(n, one.account, one.secret, one.surfaces, one.made) for n, one in enumerate(kept, 1)]
    record = Record(OWNER, 3, *numbered, retired=MADE if retired else "")
    entry = shown(Entry(), record)
    assert entry.told.isascii() and "\n" not in entry.told
    assert entry.password == (record.active.secret if record.active else Secret(""))
    store = Entries("pass", _One(entry), str)
    assert store.record(OWNER) == record == as_shown(entry, record)


class _One:
    """A manager with one entry, wherever it is looked for."""

    def __init__(self, entry: Entry) -> None:
        self.get = lambda _path: entry
        self.put = lambda _path, _entry: None
        self.names = lambda _folder: ["ops"]


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_any_names_are_four_plain_steps_without_a_space(site: str, device: str, person: str) -> None:
    """The lookup of pass reads what follows a space as an option, such as overwrite=true."""
    steps = path(Owner(site, device, person)).split("/")
    assert len(steps) == 4 and steps[0] == "iot_site" and not {"", ".", ".."} & set(steps)
    assert not any(char.isspace() or char in "\\=" or step.startswith(".") for step in steps for char in step)


def test_plain_names_stay_readable() -> None:
    assert path(OWNER) == WHERE


# --- pass alone -----------------------------------------------------------------------------------------------


@pytest.fixture
def pass_desk(tmp_path: Path) -> PassDesk:
    return PassDesk(tmp_path)


def test_a_half_that_a_dead_run_left_beside_an_entry_is_no_entry_and_in_nobody_s_way(pass_desk: PassDesk) -> None:
    pass_desk.keep(new("first"), activate)
    fresh = pass_desk.program.home / "iot_site/k7/k7-gw/.ops.new.gpg"
    fresh.write_bytes(b"half")
    assert [record.owner.person for record in pass_desk.store.records("k7-gw")] == ["ops"]
    pass_desk.keep(new("second"), activate)
    assert pass_desk.shown() == "second" and not fresh.exists()


def test_what_does_not_open_again_never_takes_the_name(pass_desk: PassDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    pass_desk.keep(new("first"), activate)
    insert = pass_desk.program._insert
    monkeypatch.setattr(pass_desk.program, "_insert", lambda term, text: insert(term, text[:-3]))
    with pytest.raises(Sealed, match="does not encrypt iot_site/k7/k7-gw/ops so that it opens again"):
        pass_desk.keep(new("second"))
    assert pass_desk.shown() == "first" and pass_desk.store.record("k7-gw", "ops").pending is None


def test_gopass_is_read_and_not_written(pass_desk: PassDesk) -> None:
    pass_desk.by_hand("theirs")
    pass_desk.program.backend = "gopass"
    assert pass_desk.store.record("k7-gw", "ops").active
    with pytest.raises(Unkept, match="not to gopass"):
        pass_desk.keep(new("ours"))


def test_two_lines_of_ours_are_not_chosen_between(pass_desk: PassDesk) -> None:
    pass_desk.keep(new("first"), activate)
    pass_desk.program.ask(_PASS, WHERE, userpass=pass_desk.text() + "\niot_site: {}")
    with pytest.raises(Damaged, match="more than one line begins with iot_site:"):
        pass_desk.store.record("k7-gw", "ops")


# --- Vault alone ----------------------------------------------------------------------------------------------


@pytest.fixture
def kv_desk(tmp_path: Path) -> KvDesk:
    return KvDesk(tmp_path)


def test_what_another_controller_wrote_meanwhile_is_not_written_over(kv_desk: KvDesk) -> None:
    def late(record: Record) -> Record:
        kv_desk.by_hand("theirs")
        return new("ours")(record)

    with pytest.raises(Unkept, match="the manager does not take iot_site/k7/k7-gw/ops: AnsibleError"):
        kv_desk.keep(late)
    assert kv_desk.shown() == "theirs"


def test_an_engine_that_keeps_no_versions_is_refused(kv_desk: KvDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kv_desk.server, "_vault_write", lambda path, data: {})
    with pytest.raises(Unkept, match="kv/site in Vault does not answer as a KV engine of version 2"):
        kv_desk.keep(new("first"))


@pytest.mark.parametrize("field", ["password", "iot_site"])
def test_a_field_that_is_no_text_is_refused(kv_desk: KvDesk, field: str) -> None:
    kv_desk.server.entries[WHERE] = (1, {field: 8731462})
    with pytest.raises(Damaged, match="must be texts"):
        kv_desk.store.record("k7-gw", "ops")
