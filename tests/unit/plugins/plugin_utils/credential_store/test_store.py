# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file for each person and device, whatever their names; nobody gets another's, no wrong secret overwrites."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import (
    Owner,
    Record,
    activate,
    propose,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.sealed_files import Seal, embedded
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.store import Store
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import (
    Busy,
    Damaged,
    OutOfStep,
    Sealed,
    Unusable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.credential_store.toy_seal import ToySeal

PLANTED = "Qx9-planted-7Zk"


def new(secret: str = PLANTED) -> partial[Record]:
    return partial(propose, account="ops", secret=Secret(secret), surfaces=("sshd",), made="2026-11-20T09:00:00Z")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return embedded(tmp_path / "k7", "k7", ToySeal())


def kept(store: Store, device: str, person: str, secret: str = PLANTED) -> Path:
    """The file that a new credential of somebody made."""
    known = set(store.directory.glob("credentials/*/*.yml"))
    with store.changing(device) as keep:
        keep(person, new(secret))
        keep(person, activate)
    (path,) = set(store.directory.glob("credentials/*/*.yml")) - known
    return path


def test_a_file_lies_where_the_documentation_says(store: Store) -> None:
    assert kept(store, "k7-gw", "noc-a").relative_to(store.directory) == Path("credentials/k7-gw/noc-a.yml")


def test_nobody_is_known_before(store: Store) -> None:
    assert store.record("k7-gw", "ops") == Record(Owner("k7", "k7-gw", "ops")) and store.records("k7-gw") == ()
    assert not store.directory.exists(), "reading makes nothing"


_NAMES = st.text(st.characters(), min_size=1, max_size=80) | st.sampled_from(
    [
        "..",
        ".",
        "../ops",
        "a/b",
        "/etc/passwd",
        "-rf",
        ".lock",
        "ops.yml",
        "ops\n",
        "佐藤 花子",
        "fe80::1",
        "*",
        "x" * 300,
    ]
)


@given(_NAMES, _NAMES, _NAMES)
def test_any_name_is_one_file_in_its_place_and_two_names_are_two(
    tmp_path_factory: pytest.TempPathFactory, device: str, person: str, other: str
) -> None:
    store = embedded(tmp_path_factory.mktemp("sites") / "k7", "k7", ToySeal())
    path = kept(store, device, person)
    assert path.parent.parent == store.directory / "credentials" and path.resolve() == path
    assert [entry.name for entry in store.directory.parent.iterdir()] == ["k7"]
    if other.casefold() != person.casefold():
        assert kept(store, device, other, "another") != path
        assert {record.owner.person for record in store.records(device)} == {person, other}
    active = store.record(device, person).active
    assert active is not None and active.secret == Secret(PLANTED)


def test_each_sees_only_their_own(store: Store) -> None:
    for device, person in [("a", "ops"), ("a", "noc"), ("b", "ops")]:
        kept(store, device, person, f"{PLANTED} {device} {person}")
    found = [record.active.secret.reveal() for record in store.records("a") if record.active]
    assert found == [f"{PLANTED} a noc", f"{PLANTED} a ops"]


@pytest.mark.parametrize("to", ["b/ops.yml", "a/noc.yml"])
def test_a_file_that_was_moved_stands_for_nobody_else(store: Store, to: str) -> None:
    path = kept(store, "a", "ops")
    moved = path.parents[1] / to
    moved.parent.mkdir(exist_ok=True)
    path.rename(moved)
    device, person = moved.parent.name, moved.stem
    for read in (lambda: store.record(device, person), lambda: store.records(device)):
        with pytest.raises(Damaged, match=r"belongs to ops on a of site 'k7'\. Move it back"):
            read()
    with pytest.raises(Damaged), store.changing(device) as keep:
        keep(person, new("another"))
    assert moved.read_bytes() == ToySeal().encrypt(ToySeal().decrypt(moved.read_bytes()))


def test_two_sites_with_one_directory_do_not_share_a_credential(store: Store) -> None:
    path = kept(store, "gw", "ops")
    with pytest.raises(Damaged, match="of site 'k7'"):
        embedded(store.directory, "k8", ToySeal()).record("gw", "ops")
    assert path.exists()


def test_a_refused_step_changes_nothing(store: Store) -> None:
    path = kept(store, "gw", "ops")
    before = path.read_bytes()
    with store.changing("gw") as keep, pytest.raises(OutOfStep):
        keep("ops", activate)
    assert path.read_bytes() == before


def test_a_step_that_changes_nothing_writes_nothing(store: Store) -> None:
    with store.changing("gw") as keep:
        assert keep("ops", lambda record: record) == Record(Owner("k7", "gw", "ops"))
    assert not list(store.directory.rglob("*.yml"))


def test_one_run_at_a_time_changes_a_device_and_everybody_may_read(store: Store) -> None:
    kept(store, "gw", "ops")
    with store.changing("gw"):
        with pytest.raises(Busy, match="Another run"), store.changing("gw"):
            pass
        assert store.record("gw", "ops").active
        kept(store, "panel", "ops")


# --- the seal -----------------------------------------------------------------------------------------------


def test_a_wrong_secret_shows_nothing_and_writes_nothing(store: Store) -> None:
    path = kept(store, "gw", "ops")
    before = path.read_bytes()
    wrong = embedded(store.directory, "k7", ToySeal("wrong"))
    for use in (lambda: wrong.record("gw", "ops"), lambda: wrong.records("gw"), lambda: kept(wrong, "gw", "ops")):
        with pytest.raises(Sealed, match=r"ops\.yml cannot be opened: the toy seal") as refused:
            use()
        assert PLANTED not in str(refused.value)
    assert path.read_bytes() == before


def test_a_first_file_is_not_sealed_with_a_secret_that_opens_no_other(store: Store) -> None:
    kept(store, "gw", "ops")
    with pytest.raises(Sealed, match=r"gw/ops\.yml cannot be opened"):
        kept(embedded(store.directory, "k7", ToySeal("wrong")), "panel", "noc")
    assert len(list(store.directory.rglob("*.yml"))) == 1


class _Broken(ToySeal):
    """Seals in a way that it cannot open."""

    def encrypt(self, clear: bytes) -> bytes:
        return super().encrypt(clear + b"!")


class _Open(ToySeal):
    """Seals nothing."""

    def encrypt(self, clear: bytes) -> bytes:
        return clear

    def decrypt(self, sealed: bytes) -> bytes:
        return sealed


class _Unable(ToySeal):
    """Has no secret to seal with."""

    def encrypt(self, clear: bytes) -> bytes:
        raise Sealed("no secret")


@pytest.mark.parametrize("seal", [_Broken(), _Open(), _Unable()], ids=lambda seal: type(seal).__name__)
def test_what_is_not_sealed_so_that_it_opens_again_never_touches_the_disk(store: Store, seal: Seal) -> None:
    with pytest.raises(Sealed):
        kept(embedded(store.directory, "k7", seal), "gw", "ops")
    assert [path.name for path in store.directory.rglob("*") if path.is_file()] == [".lock"]


@given(st.integers(0, 2000), st.integers(1, 255))
def test_no_altered_file_is_believed(tmp_path_factory: pytest.TempPathFactory, place: int, by: int) -> None:
    store = embedded(tmp_path_factory.mktemp("site"), "k7", ToySeal())
    path = kept(store, "gw", "ops")
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= by
    path.write_bytes(data)
    with pytest.raises(Unusable) as refused:
        store.record("gw", "ops")
    assert PLANTED not in str(refused.value)
