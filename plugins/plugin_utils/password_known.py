# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that a guesser has, in every form in which they are looked up, with what each of them costs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .lexicon import PREFECTURES, VENDORS
from .password_reading import normal, one_spelling, separators, typed, unleet, without
from .password_words import COMMON, FACTORY, ORDINARY, READ_AS, ROWS


@dataclass(frozen=True, slots=True)
class Known:
    """A word as it would be written, the bits that it costs, and the reason that it is."""

    word: str
    bits: float
    reason: str


def _index(words: Iterable[str], bits: float, reason: str) -> dict[str, Known]:
    """By how they read (password_reading.py); from behind, one bit more. What stands so goes first."""
    known = [Known(way, cost, reason) for word in words for way, cost in ((word, bits), (word[::-1], bits + 1.0))]
    read = [(unleet(without(typed(one.word), separators(one.word))), one) for one in known]
    found: dict[str, Known] = {}
    for reading, one in (*read, *((one_spelling(reading), one) for reading, one in read)):
        found.setdefault(reading.text, one)
    return found


# --- what everybody knows -----------------------------------------------------------------------------------------


def _stretches(row: str) -> Iterator[str]:
    return (row[start:end] for start in range(len(row)) for end in range(start + 3, len(row) + 1))


#: Three keys in a row or more. They are no words, so nobody writes them in leet.
KEYS = frozenset(stretch for row in ROWS for way in (row, row[::-1]) for stretch in _stretches(way))

#: The cheapest way to know a word comes last. Words cost as many bits as a draw from a list of a thousand.
EVERYBODY: Mapping[str, Known] = {
    **_index((word for word in VENDORS if word.isalnum()), 10.0, "word"),
    **_index((name for kanji, kana, _romaji in PREFECTURES for name in (kanji, typed(kana).text)), 10.0, "word"),
    **_index((kanji for kanji in READ_AS if len(kanji) > 1), 10.0, "word"),
    **_index((romaji for romaji in READ_AS.values() if len(romaji) > 2), 10.0, "word"),
    **_index(ORDINARY.split(), 10.0, "word"),
    **_index(FACTORY.split(), 7.0, "factory"),
    **_index(COMMON.split(), 7.0, "common"),
}

# --- what the site's people know ----------------------------------------------------------------------------------

_CHEAPEST = 3.0


@lru_cache(maxsize=32)
def site_words(words: tuple[str, ...]) -> Mapping[str, Known]:
    """The site's own words. They cost what it costs to choose one of them, and never less than three bits."""
    all_forms = {form for word in words for form in forms(word)}
    return _index(sorted(all_forms), max(_CHEAPEST, math.log2(len(all_forms) or 1)), "site_word")


@lru_cache(maxsize=256)
def names(user: str) -> Mapping[str, Known]:
    return _index(sorted(forms(user)), 1.0, "user")


_LONGEST = 64
#: Letters, digits, and each of the Japanese scripts: where one ends, a part of a name ends.
_PIECES = re.compile(r"[a-z]+|[0-9]+|[ぁ-ゖー]+|[ァ-ヺー]+|[一-鿿々]+|[^\W\d_]+")
_COMPOUNDS = re.compile("|".join(sorted(READ_AS, key=len, reverse=True)))


def forms(word: str) -> set[str]:
    """A name whole, its parts, its initials, and how its known kanji are read."""
    text = normal(word[:_LONGEST]).casefold()[:_LONGEST]
    pieces = _PIECES.findall(text)
    initials = "".join(piece[0] for piece in pieces if piece.isascii() and piece.isalpha())
    kanji = [part for piece in pieces if not piece.isascii() for part in _COMPOUNDS.split(piece)]
    read = {romaji for compound, romaji in READ_AS.items() if compound in text and len(compound) > 1}
    found = {"".join(pieces), *pieces, *kanji, *read, *([initials] if len(initials) > 2 else [])}
    return {form for form in found if len(form) > 2 or (len(form) == 2 and not form.isdigit())}
