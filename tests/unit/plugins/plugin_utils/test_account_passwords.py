# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts C1 complains about, why, and that it never says what their password is."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.account_passwords import (
    CONTROLS,
    Device,
    Work,
    examined,
    generated,
    hidden,
    judge,
    owner,
    replaced,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.made_secret import PLACES, made_passphrase, made_secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    AccountLine,
    Given,
    Intent,
    Person,
    Status,
    as_json,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.making import made
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Kept, Stored
from hypothesis import given, settings
from hypothesis import strategies as st

INTENT = Intent(
    site="k7", host="kkk-jousui-gw", words=("KKK浄水場", "弘前"), label="K-7Q2MXA", people=(Person("tanaka"),),
    today="2026-11-29", search_seconds=5,
)  # fmt: skip
DEFAULT, WEAK, NAME = CONTROLS
UNKNOWN = Device()


def sha512(password, account="operator", at="/etc/app/users"):
    """As mosquitto 1.x keeps one: a cheap scheme, so that every guess is made."""
    salt = b"0123456789ab"
    digest = base64.b64encode(hashlib.sha512(password.encode() + salt).digest()).decode()
    return Stored(account, "mosquitto", f"$6${base64.b64encode(salt).decode()}${digest}", at=at)


def said(*secrets, unread=(), intent=INTENT, device=UNKNOWN):
    state = examined({"accounts": Kept(secrets, tuple(unread))}, device, intent)["accounts"]
    assert json.loads(json.dumps(state)) == state, "a state is plain JSON"
    return list(judge(state, intent, "accounts", "passwd {}", lambda *_asked: None))


def status(judgements, control):
    found = {one.status for one in judgements if one.control == control}
    return next(one for one in (Status.GAP, Status.UNKNOWN, *found) if one in found)


@pytest.mark.parametrize(
    ("password", "control", "rule"),
    [
        ("admin", DEFAULT, "factory"),
        ("operator", WEAK, "user"),
        ("operator2024", WEAK, "user"),
        ("himitsu", WEAK, "common"),
        ("1qaz2wsx", WEAK, "common"),
        ("kkk", WEAK, "site_word"),
        ("Jousui2024", WEAK, "site_word"),
        ("tanaka123", WEAK, "site_word"),
    ],
)
def test_a_password_that_a_neighbour_would_try_is_a_gap(password, control, rule):
    judgements = said(sha512(password))
    (gap,) = [one for one in judgements if one.status is Status.GAP]
    assert gap.control == control and f"(rule {rule})" in gap.why and gap.why.startswith("operator ")
    assert password not in json.dumps(as_json(gap)).replace("operator", "") or password == "operator"


def test_no_password_at_all_is_a_default():
    judgements = said(Stored("root", "shadow", ""))
    assert status(judgements, DEFAULT) is Status.GAP and "root asks for no password" in judgements[0].why


def test_an_account_has_an_owner_when_it_is_one_person_s_or_a_declared_service_s():
    people = (Person("tanaka", account="tanaka"), Person("当直1", account="duty"), Person("当直2", account="duty"))
    intent = Intent(site="k7", host="h", people=people, service_accounts=frozenset({"sensor"}))
    assert [owner(name, intent) for name in ("tanaka", "sensor", "pi", "")] == ["tanaka", "sensor", "", ""]
    assert owner("duty", intent) == "", "a new password would reach one of them, and lock out the other"


def test_what_the_maker_ships_is_known_by_vendor_and_model():
    judgements = said(sha512("raspberry", "pi"), device=Device("Raspberry Pi", "Raspberry Pi 4 Model B"))
    assert status(judgements, DEFAULT) is Status.GAP
    assert status(judgements, NAME) is Status.GAP, "pi is a factory's name"


@settings(max_examples=20)
@given(st.sampled_from(["mosquitto", "shadow", "htpasswd"]), st.booleans())
def test_what_we_generate_passes(place, phrase):
    secret = (made_passphrase if phrase else made_secret)(PLACES[place], INTENT.words, "tanaka")
    judgements = said(sha512(secret, "tanaka"))
    assert {one.status for one in judgements} == {Status.PASS}


def test_a_plain_password_is_judged_without_a_search():
    judgements = said(Stored("", "plain", "public", at="the community of /etc/snmp/snmpd.conf:3"))
    assert status(judgements, DEFAULT) is Status.GAP
    assert "the community of /etc/snmp/snmpd.conf:3 has" in judgements[0].why and "public" not in judgements[0].why
    assert status(said(Stored("", "plain", "x7Qz-tR4m-Kp9w-Lc2v")), WEAK) is Status.PASS


def test_a_scheme_that_nobody_can_check_is_unknown():
    judgements = said(Stored("root", "shadow", "$3$$8846f7eaee8fb117ad06bdd830b7586c"))
    assert [status(judgements, control) for control in (DEFAULT, WEAK)] == [Status.UNKNOWN, Status.UNKNOWN]
    assert "NT hash" in judgements[0].why


def test_a_search_that_ended_too_early_is_unknown_and_says_how_far_it_came():
    costly = Stored("root", "shadow", made("shadow", "Zk4T-uW8p-Rm2x-Nq7c", ("sha512-crypt",)))
    short = said(costly, intent=Intent(site="k7", host="h", today="2026-11-29", search_seconds=1))
    assert status(short, WEAK) is Status.UNKNOWN and "guesses fitted into the budget" in short[0].why
    assert "user_credentials_budget_seconds" in short[0].fix


def test_one_weak_account_is_a_gap_whatever_cannot_be_told_of_others():
    judgements = said(sha512("himitsu"), Stored("x", "shadow", "$3$$0"), unread=["/etc/other: permission denied"])
    assert status(judgements, WEAK) is Status.GAP
    assert status(judgements, DEFAULT) is Status.UNKNOWN
    assert status(judgements, NAME) is Status.UNKNOWN


def test_accounts_that_nobody_enters_with_a_password_do_not_count():
    judgements = said(Stored("daemon", "shadow", "*"), Stored("pi", "shadow", "!$y$j9T$salt$hash"))
    assert {one.status for one in judgements} == {Status.NOT_APPLICABLE}


def test_the_evidence_says_how_many_guesses_were_made():
    (judgement,) = [one for one in said(sha512("x7Qz-tR4m-Kp9w-Lc2v")) if one.control == WEAK]
    count, _space, scheme = judgement.evidence["tried"]["operator"].partition(" ")
    assert int(count) > 1000 and scheme == "(mosquitto-sha512)"


def test_hostile_names_are_shown_as_escapes():
    judgements = said(Stored("evil\x1b[2J", "shadow", ""))
    assert "\x1b" not in judgements[0].why + judgements[0].fix


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=30), st.text(max_size=200))
def test_no_secret_and_no_hash_is_in_what_is_said(account, text):
    for store in ("shadow", "plain", "mosquitto", "usm", "htpasswd"):
        told = json.dumps(as_json(said(Stored("someone", store, f"{text}~~marked"))))
        assert "~~marked" not in told


def test_a_weak_account_that_a_run_does_not_mend_is_named_beside_one_that_it_does():
    state = examined({"accounts": Kept((sha512("himitsu", "tanaka"), sha512("himitsu", "guest")))}, UNKNOWN, INTENT)
    intent = replace(INTENT, people=(Person("tanaka", account="tanaka"),))

    def setting(_state, accounts, _intent):
        line = Given("tanaka", "tanaka", "accounts", "mosquitto", ("mosquitto-pbkdf2",))
        assert [one["account"] for one in accounts] == ["tanaka"], "nobody's account gets no password"
        return Work((AccountLine("/etc/app/users", "tanaka", line),))

    judged = list(judge(state["accounts"], intent, "accounts", "passwd {}", setting))
    (gap,) = [one for one in judged if one.control == WEAK]
    assert "Run remediate" in gap.fix and "passwd guest" in gap.fix and "passwd tanaka" not in gap.fix


# --- what was good and shall be made anew ---------------------------------------------------------------------

LATELY = "2026-11-01T12:00:00Z"
OURS = sha512("x7Qz-tR4m-Kp9w-Lc2v", "tanaka")
ANNUAL = replace(INTENT, people=(Person("tanaka", account="tanaka"),), max_age_days=365)


def kept_of_ours(known, intent=ANNUAL):
    state = examined({"accounts": Kept((OURS,))}, UNKNOWN, intent, known)["accounts"]
    given = Given("tanaka", "tanaka", "accounts", "mosquitto", ("mosquitto-pbkdf2",))
    edits = Work((AccountLine("/etc/app/users", "tanaka", given),))
    return [one for one in judge(state, intent, "accounts", "passwd {}", lambda *_asked: edits) if one.control == WEAK]


def test_a_password_of_ours_that_is_too_old_is_a_gap_and_made_anew():
    old, _pass = sorted(kept_of_ours(generated("accounts", OURS, "2025-11-28T12:00:00Z")), key=lambda one: one.status)
    assert (old.status, len(old.changes)) == (Status.GAP, 1) and "Run remediate" in old.fix
    assert old.why == "tanaka was given its password 366 days ago (user_credentials_max_age_days: 365)"


@pytest.mark.parametrize(
    ("made_on", "intent"),
    [
        ("2025-11-29T12:00:00Z", ANNUAL),  # 365 days
        ("2026-11-30T00:30:00Z", ANNUAL),  # in UTC it is tomorrow already
        ("2020-01-01T12:00:00Z", replace(ANNUAL, max_age_days=0)),
        ("not a day", replace(ANNUAL, max_age_days=0)),
    ],
)
def test_a_password_of_ours_that_is_not_too_old_passes(made_on, intent):
    assert {one.status for one in kept_of_ours(generated("accounts", OURS, made_on), intent)} == {Status.PASS}


@pytest.mark.parametrize("made_on", ["2027-05-01T12:00:00Z", "", "2026-13-41", "\x1b[2J"])
def test_an_age_that_nobody_knows_is_said_and_nothing_is_made_anew_for_it(made_on):
    judged = kept_of_ours(generated("accounts", OURS, made_on))
    (unknown,) = [one for one in judged if one.status is Status.UNKNOWN]
    assert "today is 2026-11-29" in unknown.why and "clock" in unknown.fix and "\x1b" not in unknown.why
    assert not any(one.changes for one in judged)


def test_a_password_that_the_device_hides_is_unknown_and_has_the_age_of_the_one_that_it_took():
    star = Stored("tanaka", "yamaha", "encrypted *")
    for made_on, expected in ("2025-11-28T12:00:00Z", {Status.UNKNOWN, Status.GAP}), (LATELY, {Status.UNKNOWN}):
        state = examined({"x": Kept((star,))}, UNKNOWN, ANNUAL, hidden("x", star, "a star", made_on))["x"]
        judged = [one for one in judge(state, ANNUAL, "x", "{}", lambda *_asked: None) if one.control == WEAK]
        assert {one.status for one in judged} == expected


def test_a_factory_s_account_stays_one_whatever_password_we_make_for_it():
    manager = sha512("x7Qz-tR4m-Kp9w-Lc2v", "manager")
    for vendor, expected in ("Allied Telesis", Status.GAP), ("Yamaha", Status.PASS):
        known = generated("accounts", manager)
        state = examined({"accounts": Kept((manager,))}, Device(vendor, "x510-28GTX"), INTENT, known)["accounts"]
        assert status(list(judge(state, INTENT, "accounts", "{}", lambda *_asked: None)), NAME) is expected


def test_what_this_run_has_made_is_not_made_anew_in_it():
    just_now = generated("accounts", OURS, just_now=True)
    for intent in (ANNUAL, replace(ANNUAL, rotate=frozenset({"tanaka"}))):
        assert {one.status for one in kept_of_ours(just_now, intent)} == {Status.PASS}


def test_a_password_that_was_replaced_and_is_there_again_is_a_gap_and_made_anew():
    (gap,) = [one for one in kept_of_ours(replaced("accounts", OURS)) if one.status is Status.GAP]
    assert "has a password again that was replaced" in gap.why and gap.changes
    assert "passwd tanaka" in said_by_hand(replaced("accounts", OURS)).fix


def said_by_hand(known):
    state = examined({"accounts": Kept((OURS,))}, UNKNOWN, INTENT, known)["accounts"]
    judged = judge(state, INTENT, "accounts", "passwd {}", lambda *_asked: None)
    return next(one for one in judged if one.status is Status.GAP)
