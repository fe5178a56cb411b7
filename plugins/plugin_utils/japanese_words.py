# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in Japanese writing: a dictionary, the longest word first, and what must stand before and after a word.

Japanese writes no spaces, so a name is bounded by what its neighbours are: 広島 in 東広島市 is part of a longer name,
郡山 in 大和郡山 too, 中央 is mostly no town, and 市場 is no 市.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Flag, auto

from . import device_words, lexicon
from .facility_words import JAPANESE
from .naming import Category, Meaning, Named
from .place_names import AREAS, MUNICIPALITIES, TABLE


class Bound(Flag):
    """What a word needs around it."""

    NONE = 0
    LEFT = auto()  # no kanji right before it, unless a name ends there or a direction begins one
    KANA_LEFT = auto()  # no katakana right before it: ダム, not ランダム
    KANA_RIGHT = auto()  # no katakana right after it: スーパー, not スーパーユーザー
    PLACE = auto()  # nothing after it that makes the last character another word: 市場, 区画


_Entry = tuple[Meaning, Bound]

#: Characters that make directions, numbers and parts, and stand before the name of a place.
_BEGINS = frozenset("東西南北新旧元奥上下中大小第各全県市町村区郡道府都立一二三四五六七八九十")

_OTHER_WORDS = {"市": frozenset("場販況価街中"), "区": frozenset("画分間域別切")}

_RUN = re.compile(r"[ぁ-ヿ一-鿿々〆]{2,}")


def named(text: str) -> Iterator[Named]:
    """Every name in folded ``text``, in reading order, none within another."""
    for run in _RUN.finditer(text):
        done, place, end = run.start(), run.start(), run.end()
        while place < end:
            for length in _LENGTHS.get(text[place], ()):
                entry = _WORDS.get(text[place : place + length])
                if entry and place + length <= end and _stands(text, done, place, place + length, entry[1]):
                    yield Named(place, place + length, entry[0])
                    place = done = place + length
                    break
            else:
                place += 1


def _stands(text: str, done: int, start: int, end: int, bound: Bound) -> bool:
    """Whether a word may stand there; ``done`` is where the last name ended, or the run began."""
    before = text[start - 1] if start > done else ""
    after = text[end : end + 1]
    if Bound.LEFT in bound and _is_kanji(before) and not _BEGINS.issuperset(text[max(done, start - 3) : start]):
        return False
    if Bound.KANA_LEFT in bound and _is_katakana(before):
        return False
    if Bound.KANA_RIGHT in bound and _is_katakana(after):
        return False
    return Bound.PLACE not in bound or after not in _OTHER_WORDS.get(text[end - 1], ())


def _is_kanji(char: str) -> bool:
    return "一" <= char <= "鿿" or char == "々"


def _is_katakana(char: str) -> bool:
    return "ァ" <= char <= "ー" and char != "・"


def _dictionary() -> tuple[dict[str, _Entry], dict[str, tuple[int, ...]]]:
    """The words, and by their first character how long they are, longest first. Later rows win."""
    words: dict[str, _Entry] = {}
    for entries in (_municipalities(), _areas(), _prefectures(), _devices(), _facilities()):
        words.update(entries)
    lengths: dict[str, set[int]] = {}
    for word in words:
        lengths.setdefault(word[0], set()).add(len(word))
    return words, {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def _municipalities() -> Iterator[tuple[str, _Entry]]:
    whole = Meaning(Category.REGION, "municipality", 0.95)
    bare = Meaning(Category.REGION, "municipality", 0.8)
    ordinary = frozenset(lexicon.ORDINARY_PLACES.split())
    for kanji, kind, _reading in MUNICIPALITIES:
        yield kanji + kind, (whole, Bound.PLACE | (Bound.LEFT if len(kanji) == 1 or kind in "区町村" else Bound.NONE))
        if len(kanji) > 1 and kanji not in ordinary and any(map(_is_kanji, kanji)):
            yield kanji, (bare, Bound.LEFT)


def _areas() -> Iterator[tuple[str, _Entry]]:
    ordinary = frozenset(lexicon.ORDINARY_PLACES.split())
    for word in AREAS.split():
        kanji = word.partition(":")[0]
        if kanji not in ordinary:
            yield kanji, (Meaning(Category.REGION, "area", 0.85), Bound.LEFT)


def _prefectures() -> Iterator[tuple[str, _Entry]]:
    for kanji, _kana, _romaji in lexicon.PREFECTURES:
        yield kanji, (Meaning(Category.REGION, "prefecture", 0.9), Bound.NONE)


def _devices() -> Iterator[tuple[str, _Entry]]:
    for kind, words in (
        ("vendor", f"{lexicon.VENDORS_JA} {device_words.MAKERS_JA}"),
        ("class", device_words.DEVICE_CLASSES_JA),
        ("model", device_words.SERIES_JA),
    ):
        for word in words.split():
            yield word, (Meaning(Category.DEVICE, kind), Bound.KANA_RIGHT if len(word) < 4 else Bound.NONE)


def _facilities() -> Iterator[tuple[str, _Entry]]:
    for site, words in (*TABLE["endings"].items(), *JAPANESE.items()):
        for word in words.split():
            kanji = word.partition(":")[0]
            yield kanji, (Meaning(Category.FACILITY, "site", 0.9, site), _kana_bounds(kanji))


def _kana_bounds(word: str) -> Bound:
    """Short katakana is part of many words that have nothing to do with it."""
    left = Bound.KANA_LEFT if _is_katakana(word[0]) and len(word) < 6 else Bound.NONE
    return left | (Bound.KANA_RIGHT if _is_katakana(word[-1]) and len(word) < 6 else Bound.NONE)


#: Made at import, in the parent of all workers (run.py): else each of them would make it anew.
_WORDS, _LENGTHS = _dictionary()
