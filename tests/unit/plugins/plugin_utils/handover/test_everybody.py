# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole sites: each person opens their own bundle and nobody else's, and two sites have no word in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import activate, propose
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.sealed_files import embedded
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.store import Store
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.everybody import Device, handovers
from ansible_collections.iot_site.checklist.plugins.plugin_utils.handover.handing import Handed, Outcome
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, Person
from ansible_collections.iot_site.checklist.plugins.plugin_utils.other_stores import STORES
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.credential_store.pretend_managers import PretendKv
from tests.unit.plugins.plugin_utils.credential_store.toy_seal import ToySeal
from tests.unit.plugins.plugin_utils.handover.holders import MISSING, REASON, Holder, holders

pytestmark = pytest.mark.once

SEAL = ToySeal()
SITES = {"k7": ("第一浄水場", "josuijo"), "k8": ("川北ポンプ場", "kawakita")}
NAMES = ("noc-a", "佐藤", "../noc-a", "<b>noc</b>")
DEVICES = ("gw", "panel", "cam")

#: {site: {device: the names that are on its list and have an account}}
_WORLDS = st.fixed_dictionaries(
    {site: st.dictionaries(st.sampled_from(DEVICES), st.sets(st.sampled_from(NAMES)), min_size=1) for site in SITES}
)


@pytest.fixture(scope="module")
def keys() -> Iterator[list[Holder]]:
    """One for each name: two of age, two of gpg."""
    if MISSING:
        pytest.skip(REASON)
    with holders() as made:
        yield made


def person(name: str, key: Holder | None) -> Person:
    return Person(name, **({key.kind: key.public} if key else {}))


def secret(site: str, device: str, name: str) -> str:
    return f"planted-{site}-{device}-{NAMES.index(name)}"


def _label(site: str) -> str:
    """So long that no ciphertext has it by chance: four random bytes in a megabyte of bundles once had ``K-K8``."""
    return f"LABEL-OF-{site.upper()}"


def keep(store: Store, device: str, name: str) -> None:
    with store.changing(device) as step:
        new = Secret(secret(store.site, device.partition("-")[2], name))
        step(name, partial(propose, account="ops", secret=new, surfaces=("sshd",), made=""))
        step(name, activate)


def built(home: Path, site: str, devices: Mapping[str, set[str]], keys: Sequence[Holder]) -> list[Device]:
    """The site's devices, everybody listed on them with an account."""
    store = embedded(home / site, site, SEAL)
    made = []
    for device, names in devices.items():
        host = f"{SITES[site][1]}-{device}"
        people = tuple(person(name, keys[NAMES.index(name)]) for name in sorted(names))
        label = f"{_label(site)}-{DEVICES.index(device)}"
        made.append(Device(Intent(site, host, people=people, label=label, words=SITES[site]), home / site, store))
        for name in names:
            keep(store, host, name)
    return made


def handed(site: str, devices: Sequence[Device], check: bool = False) -> list[Handed]:
    return list(handovers(site, devices, SEAL, "2026-11-20", check=check))


@settings(max_examples=12)
@given(_WORLDS)
def test_each_person_opens_their_own_bundle_and_nobody_else_s(
    keys: list[Holder], tmp_path_factory: pytest.TempPathFactory, world: dict[str, dict[str, set[str]]]
) -> None:
    home = tmp_path_factory.mktemp("sites")
    for site, devices in world.items():
        told = {one.person: one for one in handed(site, built(home, site, devices, keys))}
        assert {one.outcome for one in told.values()} <= {Outcome.WRITTEN}
        assert set(told) == set().union(*devices.values())
        for name, one in told.items():
            _only_the_owner_opens(name, one, site, devices, keys)
    for site in world:
        other = next(name for name in SITES if name != site)
        files = [path.read_bytes() for path in (home / site / "handover").rglob("*") if path.is_file()]
        told_elsewhere = [f"planted-{other}", _label(other), *SITES[other]]
        assert not [word for word in told_elsewhere for data in files if word.encode() in data]


def _only_the_owner_opens(
    name: str, one: Handed, site: str, devices: Mapping[str, set[str]], keys: Sequence[Holder]
) -> None:
    data = Path(one.bundle).read_bytes()
    sheet = Path(one.sheet).read_text(encoding="utf-8")
    for other, key in zip(NAMES, keys, strict=True):
        clear = key.opens(data)
        assert (clear is None) is (other != name)
        if clear is not None:
            text = clear.decode()
            theirs = {secret(site, device, name) for device, names in devices.items() if name in names}
            assert text.count("planted-") == len(theirs) and all(each in text for each in theirs)
            assert not [word for words in SITES.values() for word in words if word in text and words != SITES[site]]
    assert "planted" not in sheet and not [word for word in SITES[site] if word in sheet]


def test_who_is_on_no_list_of_a_device_is_not_given_what_the_store_has_of_them(
    keys: list[Holder], tmp_path: Path
) -> None:
    devices = built(tmp_path, "k7", {"gw": {"noc-a"}, "panel": {"佐藤"}}, keys)
    keep(devices[1].store, devices[1].intent.host, "noc-a")
    told = {one.person: one for one in handed("k7", devices)}
    clear = keys[0].opens(Path(told["noc-a"].bundle).read_bytes())
    assert clear is not None and b"planted-k7-gw-0" in clear and b"planted-k7-panel" not in clear


def test_others_go_on_where_somebody_has_no_key_or_a_file_is_damaged(keys: list[Holder], tmp_path: Path) -> None:
    devices = built(tmp_path, "k7", {"gw": set(NAMES)}, keys)
    keyless = tuple(person(one.name, None) if one.name == "佐藤" else one for one in devices[0].intent.people)
    broken = next((tmp_path / "k7" / "credentials").rglob("noc-a.yml"))
    broken.write_bytes(b"x" * 40)
    told = {one.person: one for one in handed("k7", [_with(devices[0], keyless)])}
    assert {name: one.outcome.value for name, one in told.items()} == {
        "noc-a": "refused", "佐藤": "no_key", "../noc-a": "written", "<b>noc</b>": "written",
    }  # fmt: skip
    assert str(broken) in told["noc-a"].why


def test_a_key_that_only_one_device_s_list_knows_is_theirs_and_two_are_refused(
    keys: list[Holder], tmp_path: Path
) -> None:
    gateway, panel = built(tmp_path, "k7", {"gw": {"noc-a"}, "panel": {"noc-a"}}, keys)
    (once,) = handed("k7", [gateway, _with(panel, (person("noc-a", None),))])
    assert (once.outcome, once.devices) == (Outcome.WRITTEN, 2)
    (twice,) = handed("k7", [gateway, _with(panel, (person("noc-a", keys[1]),))])
    assert twice.outcome is Outcome.REFUSED
    assert "more than one public key, on josuijo-gw and on josuijo-panel" in twice.why


def test_a_device_without_an_account_of_this_person_changes_nothing(keys: list[Holder], tmp_path: Path) -> None:
    (gateway,) = built(tmp_path, "k7", {"gw": {"noc-a"}}, keys)
    (one,) = handed("k7", [gateway])
    empty = Device(
        Intent("k7", "k7-new", people=gateway.intent.people, words=SITES["k7"]), tmp_path / "k7", gateway.store
    )
    (again,) = handed("k7", [gateway, empty])
    assert (one.outcome, again.outcome) == (Outcome.WRITTEN, Outcome.UNCHANGED)


def test_a_site_that_cannot_be_handed_over_whole_is_refused_whole(tmp_path: Path) -> None:
    store = embedded(tmp_path / "k7", "k7", SEAL)
    first = Device(Intent("k7", "k7-gw", people=(Person("noc-a"),)), tmp_path / "k7", store)
    second = Device(Intent("k7", "k7-panel"), tmp_path / "k9", store)
    (told,) = handed("k7", [first, second])
    assert (told.outcome, told.person) == (Outcome.REFUSED, "") and "more than one iot_site_directory" in told.why
    assert not list(tmp_path.iterdir())


def test_what_another_store_keeps_is_handed_over_as_well(keys: list[Holder], tmp_path: Path) -> None:
    (gateway,) = built(tmp_path, "k7", {"gw": {"noc-a"}}, keys)
    kv = Store(tmp_path / "k7", "k7", STORES["hashi_vault"].keeper(PretendKv()))
    keep(kv, "josuijo-panel", "noc-a")
    panel = Device(replace(gateway.intent, host="josuijo-panel"), gateway.directory, kv)
    (told,) = handed("k7", [gateway, panel])
    clear = keys[0].opens(Path(told.bundle).read_bytes())
    assert clear is not None and b"planted-k7-gw-0" in clear and b"planted-k7-panel-0" in clear


def _with(device: Device, people: tuple[Person, ...]) -> Device:
    intent = device.intent
    changed = Intent(intent.site, intent.host, people=people, label=intent.label, words=intent.words)
    return Device(changed, device.directory, device.store)
