# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text as somebody may have meant it: kana in Latin letters, leet undone, one spelling of romaji, no separators."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """``text`` is how it reads; each of its characters stands for a stretch ``spans`` of what was written."""

    text: str
    spans: tuple[tuple[int, int], ...]

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """Which characters of what was written lie behind ``text[start:end]``."""
        return self.spans[start][0], self.spans[end - 1][1]


def normal(text: str) -> str:
    """Full width, half width and composed characters made alike; what cannot be seen is left out."""
    return "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")


def typed(text: str) -> Reading:
    """Small letters without accents, kana as romaji, everything else as it stands. ``text`` is :func:`normal`."""
    if text.isascii():
        return Reading(text.lower(), tuple((place, place + 1) for place in range(len(text))))
    letters: list[tuple[str, tuple[int, int]]] = []
    for found in _KANA_OR_ONE.finditer(text):
        kana = "".join(_hiragana(one) for one in found[0])
        said = _said(kana, letters[-1][0] if letters else "")
        letters += [(letter, found.span()) for letter in said]
    return Reading("".join(letter for letter, _span in letters), tuple(span for _letter, span in letters))


def without(reading: Reading, separators: frozenset[int]) -> Reading:
    """The reading without the characters at these places."""
    if not separators:
        return reading
    kept = [place for place in range(len(reading.text)) if place not in separators]
    return Reading("".join(reading.text[place] for place in kept), tuple(reading.spans[place] for place in kept))


#: Signs that may be letters.
LEET_SIGNS = "@!|$"


def separators(text: str, but: str = "") -> frozenset[int]:
    """Where one sign stands alone between letters (maybe in leet) and digits, none of ``but``."""
    if text.isalnum():
        return frozenset()
    return frozenset(
        place
        for place in range(1, len(text) - 1)
        if not text[place].isalnum()
        and text[place] not in but
        and all(_letter(beside, text[place]) for beside in (text[place - 1], text[place + 1]))
    )


def _letter(one: str, beside: str) -> bool:
    return one.isalnum() or (one in LEET_SIGNS and beside not in LEET_SIGNS)


# --- leet -------------------------------------------------------------------------------------------------------

#: ``l`` is read as ``i`` everywhere, since 1 and ! stand for both.
_LEET = str.maketrans("@4310!|l5$789", "aaeioiiisstbg")


def unleet(reading: Reading) -> Reading:
    return Reading(as_letters(reading.text), reading.spans)


def as_letters(text: str) -> str:
    """Character by character, so that no place moves."""
    return text.translate(_LEET)


# --- romaji -----------------------------------------------------------------------------------------------------

_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ",
    "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ",
}  # fmt: skip
_KANA = {
    **{kana: consonant + vowel for consonant, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)},
    **dict(zip("ぁぃぅぇぉ", "aiueo", strict=True)),
    "や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "ゐ": "i", "ゑ": "e", "を": "o", "ん": "n", "ゔ": "vu",
}  # fmt: skip
_GLIDES = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}

#: A kana with what belongs to it, or any single character.
_KANA_OR_ONE = re.compile(r"[っッ]*[ぁ-ゖァ-ヶ][ゃゅょャュョ]?|.", re.DOTALL)


def _hiragana(one: str) -> str:
    return chr(ord(one) - 0x60) if "ァ" <= one <= "ヶ" else one


def _said(kana: str, before: str) -> str:
    """Romaji of what ``_KANA_OR_ONE`` found; other characters come back small and bare."""
    if kana == "ー":
        return before if before in "aiueo" else ""
    stem = kana.lstrip("っ")
    if not stem or stem[0] not in _KANA:
        return "".join(one for one in unicodedata.normalize("NFKD", kana.casefold()) if not unicodedata.combining(one))
    said = _KANA[stem[0]]
    if len(stem) > 1:
        said = said[:-1] + _GLIDES[stem[1]]
    return said[0] * (len(kana) - len(stem)) + said


#: Hepburn, what people type, and long vowels, all made Kunrei with short vowels: jousui, jyōsui, zyousui are one word.
_SPELLINGS: tuple[tuple[str, str], ...] = (
    ("shi", "si"), ("sh", "sy"), ("[ct](?=ch)", "t"), ("chi", "ti"), ("ch|cy", "ty"), ("tsu", "tu"), ("ji|di", "zi"),
    ("jy|dy|j", "zy"), ("dzu|du", "zu"), ("fu", "hu"), ("m(?=[bmp])", "n"), ("nn", "n"), ("o[ou]|oh(?![aiueoy])", "o"),
    ("aa", "a"), ("ii", "i"), ("uu", "u"), ("ee", "e"),
)  # fmt: skip
_SPELLING = re.compile("|".join(f"({way})" for way, _kunrei in _SPELLINGS))


def one_spelling(reading: Reading) -> Reading:
    """The same in one spelling of romaji. It is no translation: other languages come out spelt oddly, but alike."""
    letters: list[str] = []
    spans: list[tuple[int, int]] = []
    place = 0
    for found in _SPELLING.finditer(reading.text):
        letters.append(reading.text[place : found.start()])
        spans += reading.spans[place : found.start()]
        kunrei = _SPELLINGS[(found.lastindex or 1) - 1][1]
        letters.append(kunrei)
        spans += _shared(reading.spans[found.start() : found.end()], len(kunrei))
        place = found.end()
    return Reading("".join((*letters, reading.text[place:])), (*spans, *reading.spans[place:]))


def _shared(spans: tuple[tuple[int, int], ...], among: int) -> Iterator[tuple[int, int]]:
    """What ``spans`` cover, for so many letters; the last takes what is left over."""
    for place in range(among):
        start, end = spans[min(place, len(spans) - 1)]
        yield (start, spans[-1][1]) if place == among - 1 else (start, end)


def readings(text: str) -> tuple[Reading, ...]:
    """Every way to look up words: a sign may be a letter in leet, or separate; romaji as it is typed, or alike."""
    plain = typed(text)
    ways: tuple[Callable[[Reading], Reading], ...] = (lambda reading: reading, one_spelling)
    found = {
        read.text: read
        for kept in (LEET_SIGNS, "")
        for way in ways
        for read in [way(unleet(without(plain, separators(plain.text, kept))))]
    }
    return tuple(found.values())
