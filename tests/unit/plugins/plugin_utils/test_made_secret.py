# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is made has 100 bits by what it was drawn from, fits its place, and is strong for its site."""

from __future__ import annotations

import math
import re
import secrets
import string
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import made_secret as module
from ansible_collections.iot_site.checklist.plugins.plugin_utils.made_secret import (
    CLEAR,
    ENOUGH,
    PLACES,
    SYLLABLES,
    Shape,
    made_passphrase,
    made_secret,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_reading import readings
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_weakness import weaknesses
from hypothesis import example, given, settings
from hypothesis import strategies as st

MAKERS = {"secret": made_secret, "passphrase": made_passphrase}

_SHAPES = {
    **PLACES,
    **{f"{place}, unambiguous": replace(shape, unambiguous=True) for place, shape in PLACES.items()},
}
#: Every shape with every maker that it has room for.
_KINDS = [(name, maker) for name in _SHAPES for maker in MAKERS if "yamaha" not in name or maker == "secret"]


def _made(name: str, maker: str, words: Iterable[str] = (), user: str = "") -> str:
    return MAKERS[maker](_SHAPES[name], words, user)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """Out of what each draw was made, in order."""
    seen: list[Sequence[str]] = []
    choice = secrets.choice

    def choose(among: Sequence[str]) -> str:
        seen.append(among)
        return choice(among)

    monkeypatch.setattr(secrets, "choice", choose)
    return seen


# --- how much -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "maker"), _KINDS)
def test_what_was_drawn_is_worth_a_hundred_bits_and_all_of_it_stands_there(
    name: str, maker: str, drawn: list[Sequence[str]]
) -> None:
    secret = _made(name, maker)
    assert all(len(set(among)) == len(among) for among in drawn), "drawn alike"
    assert sum(math.log2(len(among)) for among in drawn) >= ENOUGH + 0.37, "the margin that the docstring claims"
    assert len(secret.replace("-", "")) == sum(len(among[0]) for among in drawn)
    assert {len(one) for among in drawn for one in among} in ({1}, {2}), "so two draws never make the same"


@pytest.mark.parametrize(("name", "maker"), _KINDS)
def test_it_fits_its_place(name: str, maker: str) -> None:
    secret, shape = _made(name, maker), _SHAPES[name]
    assert shape.shortest <= len(secret) <= shape.longest
    assert set(secret) <= {*shape.alphabet, "-"}


@pytest.mark.parametrize(
    ("alphabet", "length"),
    [
        (string.ascii_letters + string.digits, 17),
        (CLEAR, 28),
        ("0123456789abcdef", 25),
        ("01", 100),
        ("0123456789", 31),
    ],
)
def test_it_is_as_long_as_it_must_be_and_no_longer(alphabet: str, length: int) -> None:
    assert Shape(alphabet, 1, 200).length == length == len(made_secret(Shape(alphabet, 1, 200)))
    assert Shape(alphabet, length + 7, 200).length == length + 7 == len(made_secret(Shape(alphabet, length + 7, 200)))


def test_a_character_that_stands_in_the_alphabet_twice_counts_once() -> None:
    assert Shape("abcdabcd", 1, 64).length == 50
    with pytest.raises(ValueError, match="49 of 4 different characters can hold 98 bits, 2 fewer"):
        made_secret(Shape("abcdabcd", 1, 49))


_ALPHABETS = st.text(string.ascii_lowercase + string.digits, max_size=40)


@given(_ALPHABETS, st.integers(1, 60), st.integers(0, 60), st.booleans())
@example("", 1, 10, False)
@example("o0", 1, 60, True)  # of which nothing is left
@example("aaaa", 1, 60, False)
def test_limits_that_cannot_hold_enough_are_refused_and_all_others_are_kept(
    alphabet: str, shortest: int, more: int, unambiguous: bool
) -> None:
    shape = Shape(alphabet, shortest, shortest + more, unambiguous)
    kinds = len(set(alphabet) & set(CLEAR)) if unambiguous else len(set(alphabet))
    held = shape.longest * math.log2(max(kinds, 1))
    if held < ENOUGH:
        with pytest.raises(ValueError, match="can hold") as told:
            made_secret(shape)
        said, missing = map(int, re.findall(r"(\d+) (?:bits|fewer)", str(told.value)))
        assert said == int(held) and said + missing == ENOUGH and missing > 0
        return
    secret = made_secret(shape)
    assert set(secret) <= set(alphabet) and shape.shortest <= len(secret) <= shape.longest
    assert len(secret) * math.log2(kinds) >= ENOUGH
    assert len(secret) == shortest or (len(secret) - 1) * math.log2(kinds) < ENOUGH


@pytest.mark.parametrize(("shortest", "longest"), [(0, 5), (-1, 5), (6, 5)])
def test_limits_that_nothing_keeps_are_no_shape(shortest: int, longest: int) -> None:
    with pytest.raises(ValueError, match="no secret has"):
        Shape("abc", shortest, longest)


@pytest.mark.parametrize(("name", "maker"), _KINDS)
def test_all_that_may_be_drawn_is_drawn_and_nothing_twice(name: str, maker: str) -> None:
    made = [_made(name, maker) for _time in range(60)]
    kinds = set(_SHAPES[name].characters) if maker == "secret" else set("".join(SYLLABLES))
    assert set("".join(made)) - {"-"} == kinds
    assert len(set(made)) == len(made)


# --- where it goes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_no_command_line_shell_or_keyboard_reads_anything_else_in_it(place: str) -> None:
    for maker in MAKERS if place != "yamaha_rtx" else ("secret",):
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", _made(place, maker))


def test_a_yamaha_router_takes_at_most_thirty_two_characters_even_of_the_clear_ones() -> None:
    assert len(_made("yamaha_rtx, unambiguous", "secret")) <= 32
    with pytest.raises(ValueError, match="32 characters can hold 67 bits, 33 fewer"):
        made_passphrase(PLACES["yamaha_rtx"])


#: By eye on screen and paper, by ear over the telephone in English and in Japanese.
_MISTAKEN = (
    "0oOQD", "1lI|i!j", "17", "2zZ", "5sS", "38B", "6bG", "9gq", "uvUV", "ceo", "hn", "\\¥", "-_~", "'`\"", ",.;:",
    "ajk8", "bcdegptvz", "fs", "mn", "iy", "qu", "9q",
)  # fmt: skip


@pytest.mark.parametrize("name", [name for name in _SHAPES if "unambiguous" in name])
def test_an_unambiguous_secret_has_no_two_characters_that_are_mistaken(name: str) -> None:
    used = set("".join(_made(name, "secret") for _time in range(60)))
    assert all(len(used & set(group)) <= 1 for group in _MISTAKEN)
    assert not used & set(string.ascii_uppercase), "nobody has to say: capital"
    assert not {"r", "n"} <= used, "they look like m"


def test_only_who_asks_for_it_gets_the_fewer_characters() -> None:
    assert set("".join(_made("shadow", "secret") for _time in range(60))) - set(CLEAR)


# --- passphrases ----------------------------------------------------------------------------------------------


def test_a_passphrase_is_six_words_of_three_syllables() -> None:
    assert re.fullmatch(r"([a-z]{6}-){5}[a-z]{6}", made_passphrase(PLACES["shadow"]))
    assert len(made_passphrase(Shape(string.ascii_lowercase, 41, 41))) == 41
    assert len(made_passphrase(Shape(string.ascii_lowercase, 42, 48))) == 48


@given(st.lists(st.sampled_from(SYLLABLES), min_size=3, max_size=3))
def test_who_hears_a_word_can_spell_it_in_one_way_only(syllables: list[str]) -> None:
    """Every spelling of romaji, read as typed and read alike, is the one that stands there."""
    word = "".join(syllables)
    assert {reading.text for reading in readings(word)} == {word}
    assert re.findall("..", word) == syllables == re.findall("[^aiueo][aiueo]", word)


def test_no_syllable_sounds_like_another_but_for_its_vowel() -> None:
    assert len(set(SYLLABLES)) == len(SYLLABLES) == 48
    consonants = {syllable[0] for syllable in SYLLABLES}
    assert all(len(consonants & set(group)) <= 1 for group in ("bpv", "dzj", "rl", "hf", "sc", "kcq"))


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (Shape(string.ascii_lowercase, 1, 40), "40 characters can hold 83 bits, 17 fewer"),
        (Shape(string.ascii_lowercase, 1, 1), "1 characters can hold 0 bits, 100 fewer"),
        (Shape(string.ascii_lowercase, 42, 47), "no passphrase has 42 characters or more and 47 or fewer"),
        (Shape(string.digits, 1, 64), "does not take 17"),
        (Shape(string.ascii_uppercase, 1, 64), "small letters"),
    ],
)
def test_a_place_that_takes_no_passphrase_is_told(shape: Shape, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        made_passphrase(shape)


# --- strong ---------------------------------------------------------------------------------------------------

_WORDS = st.lists(st.text(min_size=2, max_size=12) | st.text("aiueokst01", min_size=2, max_size=3), max_size=30)


@settings(max_examples=50)
@given(st.sampled_from(_KINDS), _WORDS, st.text(max_size=20))
def test_it_is_strong_for_the_site_and_the_account_that_it_is_made_for(
    kind: tuple[str, str], words: list[str], user: str
) -> None:
    assert weaknesses(_made(*kind, words, user), words, user) == ()


@given(st.sampled_from(_KINDS))
def test_what_would_be_guessed_is_drawn_anew(kind: tuple[str, str]) -> None:
    """One that chance brings is as likely to be drawn as any other: it is made so here."""
    seen: list[tuple[str, tuple[str, ...], str]] = []

    def judged(secret: str, words: tuple[str, ...], user: str) -> tuple[str, ...]:
        seen.append((secret, words, user))
        return ("site_word",) if len(seen) < 3 else ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "weaknesses", judged)
        secret = _made(*kind, iter(["kkk", "hirosaki"]), "kanri")
    assert [one for one, _words, _user in seen].index(secret) == 2
    assert {(words, user) for _secret, words, user in seen} == {(("kkk", "hirosaki"), "kanri")}


@pytest.mark.parametrize(("name", "maker"), _KINDS)
def test_it_ends_where_nothing_is_strong_and_shows_nothing_of_what_it_made(
    name: str, maker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def judged(secret: str, _words: object, _user: str) -> tuple[str, ...]:
        seen.append(secret)
        return ("word",)

    monkeypatch.setattr(module, "weaknesses", judged)
    with pytest.raises(ValueError, match="words of this site") as told:
        _made(name, maker)
    assert 1 < len(seen) < 100 and not any(secret in str(told.value) for secret in seen)
