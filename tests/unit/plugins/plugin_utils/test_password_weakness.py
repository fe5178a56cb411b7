# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody who knows the site would guess is weak, however decorated; random characters and phrases are not."""

from __future__ import annotations

import math
import secrets
import string

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import password_weakness
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_known import site_words
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_reading import readings, typed
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_weakness import LONGEST, REASONS, weaknesses
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_words import COMMON, FACTORY, ORDINARY, PAIRS
from hypothesis import example, given, settings
from hypothesis import strategies as st

SITE = ("KKK浄水場", "Aozora City Hospital", "青空市立病院 あおぞら", "Yamaha", "RTX1210", "Sato Hanako", "K-7Q3MXAW")

# --- what everybody knows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "reasons"),
    [
        ("", ("empty",)),
        ("   ", ("empty",)),
        ("\u3000\u200b", ("empty",)),  # full width, and one that cannot be seen
        ("x7$kQ", ("short",)),
        ("sakura", ("short", "common")),
        ("kkk-jyousui1", ("word", "pattern")),
        ("hirosaki-hp2024", ("word", "number")),
        ("Tokyo2020!", ("word", "number")),
        ("himawari", ("word",)),
        ("shimokitazawa", ("word",)),  # stands in no list: romaji
        ("ひまわり2024", ("word", "number")),
        ("ﾋﾏﾜﾘ-ﾋﾏﾜﾘ", ("word",)),
        ("Ｐａｓｓｗｏｒｄ１２３", ("common", "pattern")),
        ("P@$$w0rd!2024", ("common", "number")),
        ("p-a-s-s-w-o-r-d", ("common",)),
        ("pass\u200bword99", ("common",)),
        ("drowssap99", ("common",)),
        ("xc3511xc3511", ("factory",)),
        ("00a0de123456", ("factory",)),
        ("00:A0:DE:12:34:56", ("factory",)),
        ("12345678", ("pattern",)),
        ("87654321!", ("pattern",)),
        ("1qaz2wsx!QAZ", ("pattern",)),
        ("!\"#$%&'()", ("pattern",)),  # the digits of a Japanese keyboard, with shift
        ("hogehogehogehoge", ("pattern",)),
        ("20241231", ("number",)),
        ("2024/12/31", ("number",)),
        ("h30-r06.s55", ("number",)),
        ("0172-33-1234", ("number",)),
        ("青森県立病院2024", ("word", "number")),
        ("h7Kq92Lp", ("guessable",)),
    ],
)
def test_what_everybody_knows_is_weak_without_a_word_of_the_site(password: str, reasons: tuple[str, ...]) -> None:
    assert weaknesses(password) == reasons


@pytest.mark.parametrize("password", sorted({*COMMON.split(), *FACTORY.split()}))
def test_every_listed_password_is_weak_for_the_reason_that_it_is_listed_or_a_cheaper_one(password: str) -> None:
    assert {"common", "factory", "pattern"} & set(weaknesses(password + "2024"))


# --- what the site knows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    ["jousui", "josui", "jyousui", "zyousui", "jyosui", "JOUSUI", "jōsui", "J0USU1", "ｊｏｕｓｕｉ", "じょうすい",
     "ジョウスイ", "浄水場", "kkk", "aozora", "aozora-city", "ACH", "あおぞら", "青空", "yamaha", "rtx1210",
     "RTX-1210", "sato_hanako", "Hanako", "satou", "satoo", "satoh", "arozoa", "7q3mxaw", "k-7q3mxaw"],
)  # fmt: skip
def test_a_word_of_the_site_is_found_however_it_is_written(word: str) -> None:
    for password in (f"{word}#8731", f"8731{word}", f"Xv{word}2024!"):
        assert "site_word" in weaknesses(password, SITE), password


@pytest.mark.parametrize(
    "spelling", ["shinbashi", "shimbashi", "sinbasi", "SHIN-BASHI", "しんばし", "シンバシ", "5h1nb45h1"]
)
@pytest.mark.parametrize("given", ["Shimbashi", "sinbasi", "しんばし"])
def test_one_spelling_of_romaji_stands_for_all(spelling: str, given: str) -> None:
    assert "site_word" in weaknesses(f"{spelling}99", [given])


def test_what_is_no_word_of_this_site_is_not_called_one() -> None:
    assert "site_word" not in weaknesses("hirosaki2024")
    assert "site_word" not in weaknesses("hirosaki2024", ["Himeji", "a", "7", ""])


@pytest.mark.parametrize(
    "password",
    ["noc-operator", "NOC-Operator1", "nocoperator2025", "rotarepo-con", "n0c.0perator", "operator!123"],
)
def test_the_name_of_the_account_is_no_password(password: str) -> None:
    assert "user" in weaknesses(password, user="noc-operator")


@given(st.text(min_size=1, max_size=150))
@example("0a0__00__")  # with its signs it read like no word, and was called strong
def test_a_name_of_any_signs_is_no_password_for_its_own_account(name: str) -> None:
    assert weaknesses(name, (), name)


@given(st.text(string.printable, min_size=1, max_size=LONGEST), st.sampled_from([str.upper, lambda name: name[::-1]]))
def test_nor_is_it_in_capitals_or_from_behind(name, written) -> None:  # type: ignore[no-untyped-def]
    assert weaknesses(written(name), (), name)


def test_a_user_of_one_letter_says_nothing_about_passwords() -> None:
    assert weaknesses("h7Kq92LpW#xv4", user="h") == ()


@given(st.text(string.printable, max_size=LONGEST))
def test_plain_letters_are_read_alike_beside_kana_and_alone(text: str) -> None:
    """The short way that most texts take is the long one."""
    beside = typed("あ" + text)
    assert (typed(text).text, typed(text).spans) == (
        beside.text[1:],
        tuple((a - 1, b - 1) for a, b in beside.spans[1:]),
    )


# --- what is strong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    ["K7x9Qm2wRt4z", "x!7Kq_92Lp+W", "correct horse battery staple trust", "CorrectHorseBatteryStapleTrust",
     "acrobat-dwindle-unpaid-mossy-tidal", "neko yama denki sora hashi", "sakura-megane-tsukue-denki-hashi",
     "さくら めがね つくえ でんき はし", "nekoyamadenkisorahashi"],
)  # fmt: skip
def test_random_characters_and_five_words_are_strong(password: str) -> None:
    assert weaknesses(password, SITE, "operator") == ()


@given(st.data())
def test_five_words_are_strong_even_when_all_are_in_our_list(data: st.DataObject) -> None:
    longer = st.sampled_from([word for word in ORDINARY.split() if len(word) > 4])
    words = [data.draw(longer) for _count in range(5)]
    if len(set(words)) == 5:
        for phrase in (" ".join(words), "-".join(words), "".join(map(str.capitalize, words))):
            assert weaknesses(phrase, (), "operator") == ()


_ALPHABETS = [string.ascii_letters + string.digits + string.punctuation, string.ascii_letters + string.digits,
              string.ascii_lowercase, string.hexdigits[:16], string.digits, "346789ACDEFGHJKMNPQRTVWXY",
              "aiueo", "aiueokstnhmyrw", "01", "-@", "!@$|"]  # fmt: skip


_WORDS = st.lists(st.text(min_size=2, max_size=12) | st.text("aiueokst01", min_size=2, max_size=3), max_size=30)


@given(st.sampled_from(_ALPHABETS), st.integers(100, 300), _WORDS)
def test_a_secret_of_a_hundred_bits_is_never_weak(alphabet: str, bits: int, words: list[str]) -> None:
    """Truly random: what Hypothesis would choose is not. Chance fails it once in thousands of millions."""
    secret = "".join(secrets.choice(alphabet) for _place in range(math.ceil(bits / math.log2(len(alphabet)))))
    assert weaknesses(secret, words, "operator") == ()


# --- rules for all passwords ------------------------------------------------------------------------------------

_KNOWN = st.sampled_from(
    [*COMMON.split(), *ORDINARY.split(), "kkk", "jousuijou", "aozora", "rtx1210", "hanako", "yamaha"]
)
_DIGITS = st.text(string.digits, max_size=4)
_SEPARATOR = st.sampled_from(["", "-", "_", ".", "!", "@", " "])
_CASES = st.sampled_from([str.lower, str.upper, str.capitalize])
_LEET = st.sampled_from(
    [str.maketrans(way, by) for way, by in [("", ""), ("aeio", "4310"), ("aios", "@10$"), ("los", "105")]]
)


@given(_KNOWN, st.text(string.digits, max_size=11))  # as many as a telephone number has
def test_digits_make_no_known_word_strong(word: str, digits: str) -> None:
    assert weaknesses(word + digits, SITE) and weaknesses(digits + word, SITE)


@example("haruka", str.lower, str.maketrans("a", "@"), "7968", "-", "9758", "-")
@given(_KNOWN, _CASES, _LEET, _DIGITS, _SEPARATOR, st.text(string.digits, max_size=3), _SEPARATOR)
def test_decoration_makes_no_known_word_strong(word, case, leet, before, first, after, second) -> None:  # type: ignore[no-untyped-def]
    assert weaknesses(before + first + case(word).translate(leet) + second + after, SITE)


@given(_KNOWN, st.lists(st.booleans(), min_size=20, max_size=20), _DIGITS)
def test_capitals_anywhere_make_no_known_word_strong(word: str, large: list[bool], digits: str) -> None:
    written = "".join(letter.upper() if up else letter for letter, up in zip(word, large, strict=False))
    assert weaknesses(written + digits, SITE)


@given(_KNOWN, st.sampled_from("-_. "))
def test_separators_inside_make_no_known_word_strong(word: str, separator: str) -> None:
    assert weaknesses(separator.join(word), SITE)


@given(st.text(max_size=40), st.text(max_size=12))
def test_the_more_a_guesser_knows_the_weaker_a_password_is(password: str, word: str) -> None:
    if not weaknesses(password, [word]):
        assert not weaknesses(password)


@given(st.text(max_size=200), st.lists(st.text(max_size=30), max_size=4), st.text(max_size=20))
def test_the_answer_is_ids_in_their_order_and_no_part_of_the_password(
    password: str, words: list[str], user: str
) -> None:
    """The ids were written before any password was seen."""
    found = weaknesses(password, words, user)
    assert [reason for reason in REASONS if reason in found] == list(found)
    assert found == weaknesses(password, words, user)


# --- bounds -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unit",
    ["a", "ab", "-a", "kyou", "あいうえお", "a\u0301", "\ufdfa", "\u0301", "1", "10", "qwertyuiop", "ｶﾞ", "ー", "っ"],
)
def test_of_a_long_text_only_the_beginning_is_judged(unit: str) -> None:
    long = (unit * 10_000)[:10_000]
    assert weaknesses(long, [long], long) == weaknesses(long[:LONGEST], [long], long)


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=200))
def test_work_is_bounded_by_what_is_judged(text: str) -> None:
    """However composed characters fall apart, no reading is much longer than the limit."""
    judged = password_weakness.normal((text * 100)[:LONGEST])[:LONGEST]
    for reading in readings(judged):
        assert len(reading.text) == len(reading.spans) <= 4 * LONGEST


# --- readings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kana", "romaji"),
    [
        ("しゃちょう", "shachou"),
        ("きっぷ", "kippu"),
        ("ラーメン", "raamen"),
        ("トウキョウ", "toukyou"),
        ("んじゃ", "nja"),
        ("ヴ", "vu"),
    ],
)
def test_kana_is_read_as_one_types_it(kana: str, romaji: str) -> None:
    ours = {reading.text for reading in readings(kana)}
    assert ours & {reading.text for reading in readings(romaji)}


@given(st.text(max_size=60))
def test_every_letter_of_a_reading_stands_for_something_that_was_written(text: str) -> None:
    for reading in (typed(text), *readings(text)):
        for start, end in reading.spans:
            assert 0 <= start < end <= len(text)


def test_a_letter_that_becomes_two_when_small_moves_nothing() -> None:
    assert weaknesses("\u0130" * 12) == ("pattern",)
    assert weaknesses("\u0130ßhimawari\u01302024") == ("word", "number")


@pytest.mark.parametrize("written", ["ota", "oota", "tokyo", "toukyou"])
def test_a_word_that_another_is_spelt_like_is_still_known_as_it_stands(written: str) -> None:
    assert site_words(("oota", "ota", "toukyou", "tokyo"))[written].word == written
    assert weaknesses(written + "7968759761")


def test_no_list_says_anything_twice() -> None:
    for words in (COMMON.split(), FACTORY.split(), ORDINARY.split(), PAIRS.split()):
        assert sorted(words) == sorted(set(words))


def test_the_words_of_a_large_site_cost_more() -> None:
    """Somebody has to choose among them; a password of letters is not made of hundreds of short words by chance."""
    few, many = site_words(("kkk",)), site_words(tuple(a + b for a in string.ascii_lowercase for b in "kstnhmyrw"))
    assert few["kkk"].bits < many["kk"].bits
