# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Equal secrets have equal marks, whatever keeps them, as far as they are known; and a mark tells nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import marks as marking
from ansible_collections.iot_site.checklist.plugins.plugin_utils.account_passwords import (
    Device,
    examined,
    generated,
    opening,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.marks import marks
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, Person, as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.guesses import guesses
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Kept, Stored
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.stores import matches
from hypothesis import given, settings
from hypothesis import strategies as st

INTENT = Intent(
    site="k7", host="k7-gw", label="K-7Q2MXA", words=("弘前",), today="2026-11-29", search_seconds=5,
    people=(Person("田中", account="tanaka"),), service_accounts=frozenset({"sensor"}),
)  # fmt: skip
GOOD = "tq7gk2mwc94xhr6d"


def mosquitto(password, account="tanaka"):
    """As mosquitto 1.x keeps one: a cheap scheme, so that every guess is made."""
    salt = secrets.token_bytes(12)
    digest, shown = (
        base64.b64encode(one).decode() for one in (hashlib.sha512(password.encode() + salt).digest(), salt)
    )
    return Stored(account, "mosquitto", f"$6${shown}${digest}", at="/etc/mosquitto/users")


def told(*entries, judged=True, intent=INTENT, unread=()):
    kept = {"accounts": Kept(entries, tuple(unread))}
    state = examined(kept, Device(), intent) if judged else {}
    return marks(kept, {}, state, Device(), intent)


def same(one, other):
    return not set(one.digests).isdisjoint(other.digests)


def test_a_guess_that_opened_a_hash_makes_it_the_same_as_the_secret_in_the_clear_and_as_another_hash_of_it():
    in_clear, hashed, again = told(
        Stored("", "plain", "himitsu", at="the community"), mosquitto("himitsu"), mosquitto("himitsu", "guest")
    ).marks
    assert hashed.known and same(in_clear, hashed) and same(hashed, again)
    assert (in_clear.account, hashed.account, hashed.surface) == ("the community", "tanaka", "accounts")


def test_salted_hashes_that_nobody_opened_are_the_same_only_byte_for_byte():
    one, other = mosquitto(GOOD), mosquitto(GOOD)
    first, second, copy = told(one, other, one).marks
    assert not same(first, second) and same(first, copy)
    assert not any(mark.known for mark in (first, second, copy))


def test_before_c1_has_looked_a_hash_is_known_byte_for_byte_and_a_clone_is_seen():
    weak = mosquitto("himitsu")
    early, late = told(weak, judged=False).marks + told(weak).marks
    assert (early.known, late.known) == (False, True) and same(early, late)


def test_no_secret_and_what_opens_nothing_have_no_mark():
    nothing = (Stored("guest", "shadow", ""), Stored("former", "shadow", "!$6$salt$hash"), mosquitto(""),
               Stored("", "plain", ""), Stored("daemon", "shadow", "*"))  # fmt: skip
    assert not told(*nothing).marks and not told(*nothing).hidden


def test_what_a_device_hides_is_not_taken_for_the_same_and_is_said_to_be_hidden():
    stars = (Stored("tanaka", "yamaha", "encrypted *"), Stored("sato", "yamaha", "encrypted *"))
    found = told(*stars, Stored("x", "usm", "?"), unread=("/etc/other: permission denied",))
    assert not found.marks
    assert [why.split()[0] for why in found.hidden] == ["/etc/other:", "tanaka", "sato", "x"]


def test_a_place_that_cannot_be_read_is_said_and_one_that_is_not_there_is_not():
    places = {"accounts": {"unreadable": "/etc/shadow: permission denied"}, "web_users": {"absent": "no web server"}}
    assert marks({}, places, {}, Device(), INTENT).hidden == ("accounts: /etc/shadow: permission denied",)


@pytest.mark.parametrize(
    ("account", "whose"), [("tanaka", "田中"), ("sensor", "sensor"), ("pi", "account pi"), ("", "")]
)
def test_whose_a_secret_is(account, whose):
    (mark,) = told(Stored(account, "plain", GOOD, at="somewhere")).marks
    assert mark.whose == whose


@given(st.text(max_size=20), st.text(max_size=20))
def test_in_the_clear_marks_are_equal_exactly_where_the_secrets_are(one, other):
    found = told(Stored("a", "plain", one), Stored("b", "plain", other), judged=False).marks
    assert len(found) == sum(bool(text) and "\0" not in text for text in (one, other))
    assert len(found) < 2 or same(*found) is (one == other)


GUESSES = [one.text for one in guesses("tanaka", ("弘前", "k7-gw"), (), 2026)][1:]


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(GUESSES))
def test_the_guess_that_opened_a_secret_is_found_again(wanted):
    entry = mosquitto(wanted)
    (said,) = examined({"x": Kept((entry,))}, Device(), INTENT)["x"]["accounts"]
    found = opening(entry, said, Device(), INTENT)
    assert found is not None and matches(entry, found.reveal())
    assert wanted not in repr(found)


def test_what_our_store_knows_needs_no_guess():
    entry = mosquitto(GOOD)
    state = examined({"accounts": Kept((entry,))}, Device(), INTENT, generated("accounts", entry))
    (mark,) = marks({"accounts": Kept((entry,))}, {}, state, Device(), INTENT).marks
    assert not mark.known and len(mark.digests) == 1


def test_nothing_of_a_secret_is_in_a_mark_and_another_run_makes_others(monkeypatch):
    entries = (Stored("tanaka", "plain", GOOD), mosquitto("himitsu"))
    first = told(*entries)
    shown = repr(first) + json.dumps(as_json(first))
    assert not [text for text in (GOOD, "himitsu", entries[1].text) if text in shown]
    monkeypatch.setattr(marking, "_KEY", b"another run's")
    assert not any(same(one, other) for one, other in zip(first.marks, told(*entries).marks, strict=True))
