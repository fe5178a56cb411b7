# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guesses: likeliest first, each once, always the same, and never one that C1 calls strong."""

from __future__ import annotations

from itertools import islice

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_weakness import REASONS, weaknesses
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.guesses import guesses
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.once

WORDS = ("弘前 第一浄水場", "Hirosaki", "RTX830", "tanaka", "kkk")


def position(text, account="kanri", words=WORDS, shipped=(), year=2026):
    return next((place for place, one in enumerate(guesses(account, words, shipped, year)) if one.text == text), -1)


@pytest.mark.parametrize(
    "text",
    [
        "", "kanri", "kanri1234", "Kanri", "irnak", "admin", "password", "p@ssw0rd", "12345678", "qwertyui", "0000",
        "hirosaki2024", "Hirosaki2024!", "h1r054k1", "hirosakihirosaki", "daiichi-hirosaki", "Tanaka1", "tanaka@123",
        "rtx8301234", "kkk123", "jousuijou01", "admin2027", "user1",
    ],
)  # fmt: skip
def test_what_people_choose_is_among_the_first_twenty_thousand(text):
    assert 0 <= position(text) < 20_000


def test_what_a_device_is_shipped_with_comes_right_after_nothing_at_all():
    first = [one.text for one in islice(guesses("pi", WORDS, ("raspberry", "blank"), 2026), 4)]
    assert first == ["", "raspberry", "blank", "pi"]


def test_a_costly_scheme_meets_every_plain_guess_before_any_decorated_one():
    assert position("hirosaki") < position("kanri1") < position("hirosaki1")
    assert max(position(text) for text in ("kanri", "admin", "password", "tanaka")) < position("tanaka1")


def test_the_year_in_which_it_was_set_moves_on_with_the_calendar():
    assert position("kanri2031", year=2030) > 0 and position("kanri2031", year=2026) == -1


def test_each_guess_once_and_the_same_on_every_run():
    first = [(one.rule, one.text) for one in guesses("kanri", WORDS, ("admin",), 2026)]
    assert first == [(one.rule, one.text) for one in guesses("kanri", WORDS, ("admin",), 2026)]
    assert len({text for _rule, text in first}) == len(first)
    assert {rule for rule, _text in first} <= REASONS.keys()


def test_a_guess_is_never_shown():
    assert "tanaka" not in repr(list(islice(guesses("tanaka", WORDS, (), 2026), 50)))


@given(
    account=st.text(alphabet="abkrz019_-.", max_size=12),
    words=st.lists(st.sampled_from([*WORDS, "Ota-shi", "浄水場", "AX3600S", "yamada", "a1"]), max_size=3),
    place=st.integers(0, 3000),
)
@example(account="00_0._0__a", words=[], place=5)
def test_whatever_is_guessed_is_weak(account, words, place):
    for one in islice(guesses(account, words, (), 2026), place, place + 1):
        assert weaknesses(one.text, words, account), one.rule


@settings(max_examples=25)
@given(account=st.text(max_size=40), words=st.lists(st.text(max_size=80), max_size=3))
def test_hostile_names_only_cost_a_bounded_number_of_guesses(account, words):
    assert sum(1 for _one in islice(guesses(account, words, (), 2026), 200_001)) <= 200_000
