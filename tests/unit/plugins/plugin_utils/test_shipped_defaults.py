# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What devices leave their factories with: a table in which every row can be looked up, and finds its devices."""

from __future__ import annotations

import re
from itertools import islice

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_weakness import weaknesses
from ansible_collections.iot_site.checklist.plugins.plugin_utils.shipped_defaults import (
    LONGEST,
    is_factory_account,
    plain,
    shipped,
    vendors,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.shipped_table import LOGINS, SPELLINGS, Login
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.guesses import guesses
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Stored
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.search import tried
from hypothesis import given
from hypothesis import strategies as st

OWN = [row for row in LOGINS if row.vendor != "*"]
SERIAL, MAC = "S5k012345", "02:00:5e:00:53:0a"


def ids(row: Login) -> str:
    return f"{row.vendor} {row.models} {row.account}"


# --- the table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", LOGINS, ids=ids)
def test_a_row_says_who_published_it(row: Login) -> None:
    """A page, a maker's document by its title, an advisory: something that another person can look up."""
    publisher = "Mirai" if row.vendor == "*" else row.vendor
    known = rf"https://\S+\.\S+.*|CVE-\d{{4}}-\d{{4,}}\b.*|{re.escape(publisher)}, .{{10,}}"
    assert re.fullmatch(known, row.source)


@pytest.mark.parametrize("row", LOGINS, ids=ids)
def test_a_row_is_well_formed(row: Login) -> None:
    assert row.vendor == "*" or row.vendor in SPELLINGS
    assert row.models.split() and row.models == row.models.strip()
    assert bool(row.text) == (row.kind == "text")
    assert row.account == row.account.strip() and row.text == row.text.strip()
    for when in (row.since, row.until):
        assert re.fullmatch(r"|20\d\d-(?:0[1-9]|1[0-2])|\d{1,2}(?:\.\d{1,3})+", when), when
    assert row.account or not row.everywhere, "a name is what makes it known everywhere"


def test_no_row_says_what_another_says() -> None:
    said = [(row.vendor, row.models, row.account, row.kind, row.text) for row in LOGINS]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("row", OWN, ids=ids)
def test_a_row_finds_its_own_example(row: Login) -> None:
    for model in (row.example, f"{row.vendor} {row.example}", row.example.upper().replace("-", " ")):
        found = shipped(row.vendor, model, SERIAL, [MAC])
        assert row.source in found.sources
        assert not row.account or row.account in found.accounts
        assert row.kind != "text" or row.text in found.texts()


@pytest.mark.parametrize("row", [row for row in OWN if row.models != "*" and not row.everywhere], ids=ids)
def test_a_row_about_some_models_is_not_about_others(row: Login) -> None:
    assert row.source not in shipped(row.vendor, "Q0-of-nobody").sources


def test_every_vendor_has_a_row_and_no_spelling_is_two_vendors() -> None:
    assert set(SPELLINGS) == {row.vendor for row in OWN}
    for vendor, spellings in SPELLINGS.items():
        for spelling in (*spellings, vendor):
            assert vendors(spelling) == {vendor}, spelling


@pytest.mark.parametrize("row", [row for row in LOGINS if row.kind in ("text", "blank")], ids=ids)
def test_whatever_is_shipped_is_weak(row: Login) -> None:
    assert weaknesses(row.text, user=row.account)


# --- one device ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "vendor"),
    [
        ("Cisco Systems, Inc.", "Cisco"),
        ("cisco", "Cisco"),
        ("AlliedTelesis", "Allied Telesis"),
        ("ALLIED-TELESIS K.K.", "Allied Telesis"),
        ("アライドテレシス株式会社", "Allied Telesis"),
        ("株式会社アットマークテクノ", "Atmark Techno"),
        ("Atmark-Techno", "Atmark Techno"),
        ("Hangzhou Hikvision Digital Technology Co., Ltd.", "Hikvision"),
        ("AXIS Communications AB", "Axis"),
        ("ＹＡＭＡＨＡ", "Yamaha"),
        ("ﾔﾏﾊ株式会社", "Yamaha"),
        ("i-PRO Co., Ltd.", "Panasonic"),
        ("Level One", "LevelOne"),
        ("Raspberry", "Raspberry Pi"),
    ],
)
def test_a_vendor_is_known_however_it_is_written(written: str, vendor: str) -> None:
    assert vendors(written) == {vendor}


@pytest.mark.parametrize("written", ["", "Dell Inc.", "Debian GNU/Linux", "Connect", "Moxamoto", "*", "axisymmetric"])
def test_a_vendor_of_no_row_is_not_taken_for_another(written: str) -> None:
    assert vendors(written) == frozenset()
    assert shipped(written, "x").sources == shipped("Dell Inc.", "PowerEdge").sources


def test_a_device_of_no_row_has_what_is_tried_everywhere() -> None:
    unknown = shipped("Dell Inc.", "PowerEdge R250")
    assert {"admin", "pi", "ubnt", "vyos", "cisco"} <= set(unknown.accounts)
    assert {"admin", "", "raspberry", "ubnt", "vyos"} <= set(unknown.texts())
    assert shipped("Cisco", "ISR4331") == unknown, "no row is about this model"


def test_a_model_that_is_not_known_may_be_any_of_its_vendors() -> None:
    assert set(shipped("WAGO", "").accounts) == {"root", "admin", "user", "guest"}
    assert set(shipped("WAGO", "750-830").accounts) == {"admin", "user", "guest"}


def test_what_is_published_for_an_account_is_tried_on_it_first() -> None:
    unknown = shipped("", "")
    assert unknown.texts("pi")[0] == unknown.texts("PI")[0] == "raspberry"
    assert unknown.texts("vyos")[0] == "vyos"
    assert set(unknown.texts("pi")) == set(unknown.texts()), "a factory's account may have another name by now"


def test_what_stands_on_the_label_is_a_candidate_where_a_maker_ships_it() -> None:
    assert shipped("VIVOTEK", "IP2121", SERIAL).texts("root") == ("S5k012345", "S5K012345", "s5k012345")
    assert shipped("VIVOTEK", "IP2121").texts() == ()
    addresses = shipped("LevelOne", "FCS-1081", SERIAL, [MAC, "no address"]).texts()
    assert addresses[:3] == ("02005E00530A", "02005e00530a", "02:00:5E:00:53:0A") and len(addresses) == 6
    assert shipped("LevelOne", "FCS-1081", SERIAL, ["0200.5e00.530a"]).texts() == addresses
    assert SERIAL not in shipped("Yamaha", "SWX2310P", SERIAL, [MAC]).texts()


def test_whoever_sets_it_up_must_choose_so_there_is_nothing_to_guess() -> None:
    found = shipped("Panasonic", "WV-SFV130")
    assert (found.accounts, found.texts()) == ((), ()) and found.sources


# --- accounts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["pi", "ubnt", "vyos", "admin", "cisco", "Admin", "support", "888888"])
def test_the_name_of_a_factory_is_known_on_any_machine(account: str) -> None:
    assert is_factory_account("Dell Inc.", "PowerEdge R250", account)
    assert is_factory_account("Yamaha", "SWX2310P", account)


@pytest.mark.parametrize("account", ["", "root", "tanaka", "www-data", "manager", "3000", "CONFIDENTIAL", "default"])
def test_other_names_are_nobodys_on_a_plain_host(account: str) -> None:
    assert is_factory_account("Dell Inc.", "PowerEdge R250", account) is None
    assert is_factory_account("", "", account) is None


@pytest.mark.parametrize(
    ("vendor", "model", "account"),
    [
        ("OPNsense", "", "root"),
        ("Axis Communications AB", "AXIS M3014", "root"),
        ("Allied Telesis", "x510-28GTX", "manager"),
        ("Kyocera", "ECOSYS P6130cdn", "3000"),
        ("OMRON Corporation", "CJ1W-ETN21", "confidential"),
    ],
)
def test_the_name_of_its_own_factory_is_known_on_the_device(vendor: str, model: str, account: str) -> None:
    source = is_factory_account(vendor, model, account)
    assert source in shipped(vendor, model).sources


@given(st.sampled_from(LOGINS), st.sampled_from([str.upper, str.lower, str.title, str]))
def test_every_account_of_a_device_is_a_factorys_with_a_source_of_that_device(row: Login, way) -> None:
    vendor = way("Nobody" if row.vendor == "*" else row.vendor)
    found = shipped(vendor, way(row.example))
    for account in found.accounts:
        source = is_factory_account(vendor, way(row.example), way(account))
        assert source in found.sources or (source is None and account == "root" and row.vendor == "*")


# --- whatever comes ------------------------------------------------------------------------------------------------


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=400), st.lists(st.text(max_size=30), max_size=40))
def test_hostile_words_are_answered_within_bounds(vendor: str, model: str, serial: str, macs: list[str]) -> None:
    found = shipped(vendor, model, serial, macs)
    texts = found.texts(serial)
    assert len(texts) == len(set(texts)) <= len(LOGINS) + 3 + 6 * 16
    assert all(len(text) <= LONGEST * 3 for text in texts)
    assert is_factory_account(vendor, model, serial) is None or plain(serial)


@given(st.sampled_from(OWN), st.text(" -_./", max_size=3), st.text(" -_./", max_size=3))
def test_signs_between_the_words_never_matter(row: Login, one: str, other: str) -> None:
    vendor = f"{one}{row.vendor.replace(' ', one or ' ')}{other}"
    model = f"{other}{other.join(row.example.split())}{one}"
    assert shipped(vendor, model, SERIAL, [MAC]) == shipped(row.vendor, row.example, SERIAL, [MAC])


#: A sign that no word of the table has, so that it shows wherever a secret does.
@given(st.text("0123456789ABCDEF", min_size=1, max_size=12).map("☃{}".format))
def test_a_candidate_is_never_shown(secret: str) -> None:
    found = shipped("VIVOTEK", "IP2121", secret)
    assert secret in found.texts()
    row = Login("VIVOTEK", "*", "IP2121", "root", "text", "VIVOTEK, a manual", secret)
    assert "☃" not in repr(found) + str(found) + repr(row) + str(row)


def test_a_device_that_is_as_it_came_is_found_by_the_rule_alone() -> None:
    """From a device's identity to what C1 reports: nothing of the password is in it."""
    found = shipped("Ubiquiti Networks, Inc.", "EdgeRouter X")
    entry = Stored("ubnt", "plain", "ubnt")
    (result,) = tried([entry], lambda one: islice(guesses(one.account, (), found.texts(one.account), 2026), 5), 1000)
    assert (result.outcome, result.rule, result.tried) == ("found", "factory", 2)
