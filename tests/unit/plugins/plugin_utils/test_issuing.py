# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A credential on its way to a device: on the disk before, in no plan, in step with what the device was seen to do."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import candidates
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.sealed_files import embedded
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.store import Store
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import OutOfStep
from ansible_collections.iot_site.checklist.plugins.plugin_utils.issuing import (
    Unmakeable,
    activate,
    issue,
    missing,
    recognised,
    taken,
    withdraw,
    written,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    AccountLine,
    Change,
    Given,
    Intent,
    KeptFile,
    PasswordEdit,
    Person,
    Plan,
    RunEdit,
    as_json,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.other_stores import STORES
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_weakness import weaknesses
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.making import made
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Kept, Stored
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.stores import opens, readied
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.credential_store.pretend_managers import PretendKv

INTENT = Intent(site="k7", host="k7-gw", words=("hirosaki",), people=(Person("tanaka", account="tanaka"),))
AT, LATER = "2026-11-29T12:00:00Z", "2026-11-29T13:00:00Z"

SHELL = Given("tanaka", "tanaka", "accounts", "shadow", ("sha512-crypt",), session=True)
PANEL = Given("tanaka", "tanaka", "web_users", "htpasswd", ("sha512-crypt",))
ROOT = Given("root", "root", "accounts", "shadow", ("sha512-crypt",), session=True)

PLAN = Plan("k7-gw", "hash", (
    Change("C1.weak_password", "accounts", "", "", "", (
        KeptFile("/etc/shadow"), RunEdit(("chpasswd", "-e"), stdin="kept\n", given=(SHELL, ROOT)))),
    Change("C1.weak_password", "web_users", "", "", "", (AccountLine("/etc/nginx/users", "tanaka", PANEL),)),
))  # fmt: skip


class Turned:
    """A seal that can be seen through, for tests: every byte turned."""

    def encrypt(self, clear: bytes) -> bytes:
        return bytes(255 - byte for byte in clear)

    decrypt = encrypt


def in_kv(folder: Path) -> Store:
    return Store(folder, "k7", STORES["hashi_vault"].keeper(PretendKv()))


@pytest.fixture(params=["embedded", "hashi_vault"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return in_kv(tmp_path) if request.param == "hashi_vault" else embedded(tmp_path, "k7", Turned())


def changed(store, plan=PLAN, intent=INTENT, at=AT, end=activate):
    """What a run does of it, until ``end``: activate, withdraw, or neither when it dies."""
    with store.changing("k7-gw") as keep:
        issued = issue(plan, keep, intent, at)
        if end:
            end(issued, keep)
    return issued


def one_line(given):
    change = Change(
        "C1.weak_password", given.surface, "", "", "", (AccountLine("/etc/app/users", given.account, given),)
    )
    return Plan("k7-gw", "hash", (change,))


def test_before_the_device_hears_of_them_they_are_on_the_disk_as_pending(store):
    issued = changed(store, end=None)
    for owner in ("tanaka", "root"):
        pending = store.record("k7-gw", owner).pending
        assert pending.secret == next(one.secret for one in issued if one.given.owner == owner)
        assert (pending.account, pending.made) == (owner, AT)
    assert store.record("k7-gw", "tanaka").pending.surfaces == ("accounts", "web_users")


def test_a_person_has_one_secret_on_a_device_and_it_is_strong(store):
    by_owner = {}
    for one in changed(store):
        by_owner.setdefault(one.given.owner, set()).add(one.secret.reveal())
    assert {owner: len(secrets) for owner, secrets in by_owner.items()} == {"tanaka": 1, "root": 1}
    assert by_owner["tanaka"] != by_owner["root"]
    assert not [one for secrets in by_owner.values() for one in secrets if weaknesses(one, INTENT.words, "tanaka")]


@pytest.mark.parametrize(("form", "fits"), [
    ("random", str.isalnum),
    ("unambiguous", lambda text: set(text) <= set("347fhkmrtwxy")),
    ("passphrase", lambda text: text.count("-") == 5),
])  # fmt: skip
def test_the_form_is_the_one_that_was_asked_for(store, form, fits):
    intent = Intent(site="k7", host="k7-gw", secret_form=form)
    assert all(fits(one.secret.reveal()) for one in changed(store, intent=intent))


def test_what_the_device_gets_opens_with_the_secret_and_nothing_else_holds_either(store):
    issued = changed(store)
    sent = written(PLAN, issued)
    shell, web = sent.changes
    assert shell.edits[1].stdin == "kept\n" + "".join(
        f"{one.given.account}:{one.text}\n" for one in issued[:1] + issued[2:]
    )
    assert web.edits[0].text == f"tanaka:{issued[1].text}"
    assert sent.givens == (), "nothing is left open"
    for one in issued:
        assert opens(readied(Stored(one.given.account, one.given.store, one.text)), one.secret.reveal())
        for shown in (json.dumps(as_json(PLAN)), repr(issued), repr(PLAN)):
            assert one.secret.reveal() not in shown and one.text not in shown


def test_a_device_that_took_them_makes_them_active_and_the_next_change_uses_them(store):
    (shell, *_others) = changed(store)
    active = store.record("k7-gw", "tanaka").active
    assert (active.secret, store.record("k7-gw", "tanaka").pending) == (shell.secret, None)
    again = changed(store, at=LATER)
    assert again[0].secret == shell.secret, "nobody has to learn another one"
    assert store.record("k7-gw", "tanaka").active == active
    assert store.record("k7-gw", "tanaka").previous is None


def test_a_device_that_is_as_it_was_lets_us_forget_what_was_made_for_it(store):
    changed(store, end=withdraw)
    assert store.record("k7-gw", "tanaka").pending is None
    first = changed(store)[0].secret
    changed(store, at=LATER, end=withdraw)
    assert store.record("k7-gw", "tanaka").active.secret == first


def test_what_a_dead_run_left_is_finished_and_not_made_anew(store):
    dead = changed(store, end=None)[0].secret
    assert changed(store, at=LATER, end=withdraw)[0].secret == dead
    assert store.record("k7-gw", "tanaka").pending.secret == dead, "the device may have it from before"
    changed(store, at=LATER)
    assert store.record("k7-gw", "tanaka").active.secret == dead


def test_a_secret_that_somebody_put_into_another_store_is_neither_used_nor_taken_for_generated(tmp_path):
    """However strong it looks: who made it, and where else it is used, nobody knows."""
    server = PretendKv()
    server.entries["iot_site/k7/k7-gw/tanaka"] = (1, {"password": "w3fzn8kd5vbq72hp"})
    store = Store(tmp_path, "k7", STORES["hashi_vault"].keeper(server))
    text = made("shadow", "w3fzn8kd5vbq72hp", ("sha512-crypt",))
    kept = {"accounts": Kept((Stored("tanaka", "shadow", text),))}
    assert recognised(kept, [store.record("k7-gw", "tanaka")]) == {}
    assert changed(store)[0].secret != Secret("w3fzn8kd5vbq72hp")
    assert store.record("k7-gw", "tanaka").previous.secret == Secret("w3fzn8kd5vbq72hp")


def test_a_rotation_makes_only_the_named_one_anew_and_keeps_the_old_one_as_previous(store):
    before = {one.given.owner: one.secret for one in changed(store)}
    rotated = Intent(site="k7", host="k7-gw", rotate=frozenset({"tanaka"}))
    after = {one.given.owner: one.secret for one in changed(store, intent=rotated, at=LATER)}
    assert after["root"] == before["root"]
    assert after["tanaka"] != before["tanaka"]
    assert store.record("k7-gw", "tanaka").previous.secret == before["tanaka"]


def test_a_clock_that_was_set_back_changes_no_order(store):
    rotate = replace(INTENT, rotate=frozenset({"tanaka"}))
    old = changed(store, at=LATER)[0].secret
    waiting = changed(store, intent=rotate, at=AT, end=None)[0].secret
    again = changed(store, intent=rotate, at="1970-01-01T00:00:00Z")[0].secret
    assert again == waiting, "what is pending is finished, whenever it says it was made"
    record = store.record("k7-gw", "tanaka")
    assert [one.secret for one in candidates(record)] == [again, old]
    assert (record.active.number, record.previous.number) == (2, 1)
    newest = changed(store, intent=rotate, at="1970-01-01T00:00:00Z")[0].secret
    assert [one.secret for one in candidates(store.record("k7-gw", "tanaka"))] == [newest, again]


def test_a_place_that_takes_no_scheme_of_ours_is_told_without_the_secret(store):
    odd = Given("tanaka", "tanaka", "accounts", "shadow", ("des",))
    plan = one_line(odd)
    with pytest.raises(Unmakeable, match="tanaka: shadow: this device takes no scheme that we make"):
        changed(store, plan)


def test_a_pending_one_of_another_account_is_not_taken_for_this_one(store):
    changed(store, end=None)
    moved = Given("tanaka", "tanaka2", "accounts", "shadow", ("sha512-crypt",))
    plan = one_line(moved)
    with pytest.raises(OutOfStep):
        changed(store, plan)


def test_what_the_store_knows_nobody_has_to_search_for(store):
    issued = changed(store)
    ours = [Stored(one.given.account, one.given.store, one.text) for one in issued]
    weak = Stored("root", "shadow", "$1$ab$not-ours")
    odd = Stored("tanaka", "shadow", "$?$unknown")
    known = recognised({"accounts": Kept((*ours, weak, odd))}, store.records("k7-gw"))
    told = {entry: said["outcome"] for (_surface, entry), said in known.items()}
    assert told == {**dict.fromkeys(ours, "not_found"), **dict.fromkeys((weak, odd), "unknown")}
    assert recognised({"accounts": Kept(tuple(ours))}, ()) == {}


def test_what_was_made_of_it_is_told_and_one_that_was_replaced_is_not_taken_for_a_valid_one(store):
    """As when a device went back to a configuration from before a rotation."""
    before = changed(store)[0]
    changed(store, intent=replace(INTENT, rotate=frozenset({"tanaka"})), at=LATER)
    now = changed(store)[0]
    for one, scheme, made_at in ((now, "generated", LATER), (before, "replaced", "")):
        entry = Stored("tanaka", "shadow", one.text)
        (told,) = recognised({"accounts": Kept((entry,))}, store.records("k7-gw")).values()
        assert (told["scheme"], told["made"], told["outcome"]) == (scheme, made_at, "not_found")


def test_a_device_that_went_back_gets_the_valid_one_again_and_nobody_has_to_learn_another(store):
    changed(store)
    valid = changed(store, intent=replace(INTENT, rotate=frozenset({"tanaka"})), at=LATER)[0].secret
    assert changed(store)[0].secret == valid


@pytest.mark.parametrize(("days", "anew"), [(0, False), (30, False), (29, True)])
def test_one_that_is_too_old_is_made_anew_and_one_that_is_not_is_used_again(store, days, anew):
    first = changed(store)[0].secret
    intent = replace(INTENT, today="2026-12-29", max_age_days=days)
    assert (changed(store, intent=intent, at="2026-12-29T12:00:00Z")[0].secret != first) is anew


def test_one_of_a_day_that_is_yet_to_come_is_used_again(store):
    first = changed(store)[0].secret
    assert changed(store, intent=replace(INTENT, today="2020-01-01", max_age_days=1))[0].secret == first


def test_what_is_pending_is_finished_however_old_it_is(store):
    dead = changed(store, end=None)[0].secret
    assert changed(store, intent=replace(INTENT, today="2030-01-01", max_age_days=1))[0].secret == dead


def test_what_a_device_does_not_keep_is_missing(store):
    issued = changed(store)
    kept = {
        surface: Kept(tuple(
            Stored(one.given.account, one.given.store, one.text) for one in issued if one.given.surface == surface
        ))
        for surface in ("accounts", "web_users")
    }  # fmt: skip
    assert list(missing(issued, kept)) == []
    old = {**kept, "web_users": Kept((Stored("tanaka", "htpasswd", "$6$old"),))}
    assert list(missing(issued, old)) == ["web_users does not keep the new password of tanaka"]
    assert len(list(missing(issued, {}))) == 3


@pytest.mark.parametrize(("kept", "whole"), [(("accounts", "web_users"), True), (("accounts",), False), ((), False)])
def test_what_a_dead_run_left_is_at_its_end_where_every_place_keeps_it(store, kept, whole):
    issued = changed(store, end=None)
    found = {
        one.given.surface: Kept((Stored("tanaka", one.given.store, one.text),))
        for one in issued
        if one.given.owner == "tanaka" and one.given.surface in kept
    }
    record = store.record("k7-gw", "tanaka")
    assert taken(found, record) is whole
    activated = changed(store) and store.record("k7-gw", "tanaka")
    assert taken(found, activated) is False, "nothing is pending"


def test_a_place_that_keeps_another_one_as_well_has_not_taken_it(store):
    (one, *_others) = changed(store, one_line(SHELL), end=None)
    entries = (Stored("tanaka", "shadow", one.text), Stored("tanaka", "shadow", made("shadow", "old", SHELL.takes)))
    record = store.record("k7-gw", "tanaka")
    assert taken({"accounts": Kept(entries[:1])}, record) and not taken({"accounts": Kept(entries)}, record)
    assert not taken({"accounts": Kept((*entries[:1], Stored("tanaka", "shadow", "$?$unknown")))}, record)


# --- a device that asks ---------------------------------------------------------------------------------------

ROUTER = Given("tanaka", "tanaka", "accounts", "plain", ("plain",), session=True)
TYPED = Plan("k7-gw", "hash", (
    Change("C1.weak_password", "accounts", "", "", "", (PasswordEdit("login user tanaka", ROUTER),)),
))  # fmt: skip


def test_a_device_that_asks_for_it_gets_the_secret_itself_and_only_in_what_is_sent(store):
    (one,) = issued = changed(store, TYPED)
    (edit,) = written(TYPED, issued).changes[0].edits
    assert edit.text == one.secret.reveal() and len(edit.text) <= 32
    assert TYPED.givens == (ROUTER,) and written(TYPED, issued).givens == ()
    for shown in (repr(edit), repr(TYPED), json.dumps(as_json(TYPED)), repr(issued)):
        assert edit.text not in shown


def test_of_a_secret_that_a_device_hides_a_login_tells_that_it_is_kept(store):
    issued = changed(store, TYPED)
    hidden = {"accounts": Kept((Stored("tanaka", "yamaha", "encrypted *"),))}
    known = {"accounts": Kept((Stored("tanaka", "plain", issued[0].text),))}
    assert list(missing(issued, hidden)) and not list(missing(issued, known))
    assert list(recognised(known, [store.record("k7-gw", "tanaka")]))
    (told,) = recognised(hidden, [store.record("k7-gw", "tanaka")]).values()
    assert told["outcome"] == "unknown", "of a star nobody can say whose it is"


def test_of_a_hidden_one_the_store_tells_when_the_device_took_it_and_of_another_s_nothing(store):
    changed(store, TYPED)
    record = store.record("k7-gw", "tanaka")
    for surface, account, made_at in ("accounts", "tanaka", AT), ("vpn_users", "tanaka", None), ("accounts", "x", None):
        known = recognised({surface: Kept((Stored(account, "yamaha", "encrypted *"),))}, [record])
        assert [told["made"] for told in known.values()] == ([made_at] if made_at else [])


def test_where_no_passphrase_fits_it_is_something_to_type_easily(store):
    intent = Intent(site="k7", host="k7-gw", secret_form="passphrase")
    (one,) = changed(store, TYPED, intent)
    assert set(one.secret.reveal()) <= set("347fhkmrtwxy") and len(one.secret.reveal()) <= 32


# --- cut short anywhere -----------------------------------------------------------------------------------------

STEPS = ("nothing", "stored", "set", "confirmed", "activated")


class Died(Exception):
    """The controller, at this step."""


class Remote:
    """A device with one account, and a way back until a change is confirmed."""

    def __init__(self, secret):
        self.secret = self.before = secret

    def change(self, store, intent, at, last="activated"):
        """A run as the engine does it, which ends after the step ``last``."""
        reached = iter(STEPS)

        def step():
            if next(reached) == last:
                raise Died

        with store.changing("k7-gw") as keep:
            step()
            (issued,) = issue(one_line(SHELL), keep, intent, at)
            step()
            self.before, self.secret = self.secret, issued.secret
            step()
            self.before = self.secret
            step()
            activate([issued], keep)
            step()

    def go_back(self):
        self.secret = self.before


@given(
    lives=st.lists(st.tuples(st.sampled_from(STEPS), st.booleans(), st.booleans()), max_size=6),
    start=st.sampled_from(STEPS),
    elsewhere=st.booleans(),
)
@settings(max_examples=40)
def test_whenever_runs_die_a_secret_that_the_store_knows_opens_the_device(lives, start, elsewhere):
    with TemporaryDirectory() as folder:
        store = in_kv(Path(folder)) if elsewhere else embedded(Path(folder), "k7", Turned())
        device = Remote(Secret("whoever-set-it-before"))
        ours = False
        for number, (last, fires, rotates) in enumerate([(start, False, False), *lives]):
            intent = replace(INTENT, rotate=frozenset({"tanaka"}) if rotates else frozenset())
            with contextlib.suppress(Died):
                device.change(store, intent, f"2026-11-29T12:{number:02}:00Z", last)
            if fires:
                device.go_back()
            ours = ours or last in ("confirmed", "activated")
            known = [one.secret for one in candidates(store.record("k7-gw", "tanaka"))]
            assert device.secret in known or not ours, "before ours, it is the owner's own"
            assert len(known) <= 3, "an account locks after a few tries"
        with contextlib.suppress(Died):
            device.change(store, INTENT, LATER)
        record = store.record("k7-gw", "tanaka")
        assert (record.active.secret, record.pending) == (device.secret, None), "one more run brings it to its end"
