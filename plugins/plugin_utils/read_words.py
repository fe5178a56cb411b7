# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names as they read, in romaji, kana or English: whole words, and words that are cut into known ones.

``jousui``, ``josui``, ``zyousui`` and ``ジョウスイ`` read alike (password_reading.py). A host name glues words
together: ``higashihiroshimajosuijo2`` is known because all of it can be cut into words that are, ``xyzbyoin`` because
it ends so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from . import lexicon
from .facility_words import GLUED_ENGLISH, JAPANESE, ROMAJI
from .naming import Category, Meaning, Named
from .password_reading import Reading, one_spelling, typed
from .place_names import ABROAD, AREAS, MUNICIPALITIES, reading

_ORDINARY_WORDS = frozenset(lexicon.ORDINARY_WORDS.split())
_SUFFIXES, _BESIDE = (frozenset(words.split()) for words in (lexicon.PLACE_SUFFIXES, lexicon.BESIDE_PLACES))

_TOKEN = re.compile(r"[a-z]+|[ァ-ヺー]+|[ぁ-ゖー]+")

#: What may stand between two words of one name: kita-kyushu, saga city.
_JOINT = re.compile(r"[-_. 0-9]{0,2}")

#: Letters (as they read) that a place needs to begin a longer word, and a facility to end one.
_FIRST, _LAST = 6, 5
#: Letters of a place that stands alone, or among other known words.
#: A shorter one (ube, tsu) needs a neighbour that is a kind of site or of place.
_ALONE = 5
_SHORTEST, _SHORTEST_HIRAGANA = 3, 4


def named(text: str) -> Iterator[Named]:
    """Every name in folded ``text``."""
    tokens = list(_TOKEN.finditer(text))
    pieces = [read(token[0]) for token in tokens]
    for token, found in zip(tokens, pieces, strict=True):
        for start, end, meaning in found:
            yield Named(token.start() + start, token.start() + end, meaning)
    yield from _short_places(text, tokens, pieces)


@lru_cache(maxsize=8192)
def read(token: str) -> tuple[Named, ...]:
    """The names in one token, at places in it."""
    if token in _ORDINARY_WORDS or len(token) > 64 or not _long_enough(token):
        return ()
    plain = Reading(token, tuple((at, at + 1) for at in range(len(token)))) if token.isascii() else typed(token)
    told = one_spelling(plain)
    cuts = _whole(told.text) or (() if _is_hiragana(token) else _cut(told.text) or _edges(told.text))
    return tuple(Named(*told.stretch(start, end), meaning) for start, end, meaning in cuts)


def _long_enough(token: str) -> bool:
    if _is_hiragana(token):
        return len(token) >= _SHORTEST_HIRAGANA
    return len(token) >= _SHORTEST or reading(token) in _PREFECTURES


def _is_hiragana(token: str) -> bool:
    """Grammar is written in it, so a name must be all of what stands together."""
    return "ぁ" <= token[0] <= "ゖ"


def _whole(key: str) -> tuple[Named, ...]:
    meaning = _FACILITIES.get(key) or _DEVICES.get(key) or _place(key)
    return (Named(0, len(key), meaning),) if meaning else ()


def _place(key: str) -> Meaning | None:
    """A place whose name is long enough to be no other word; of cities, four letters are."""
    place = _PLACES.get(key)
    long_enough = place and (len(key) >= _ALONE or place.kind == "prefecture" or (len(key) == 4 and key in _CITIES))
    return place if long_enough else None


def _cut(key: str) -> tuple[Named, ...]:
    """``key`` cut into the fewest known words, those that name something; nothing where a rest is left."""
    if len(key) < _FIRST:
        return ()
    best: list[tuple[int, tuple[Named, ...]] | None] = [(0, ()), *[None] * len(key)]
    for start in range(len(key)):
        reached = best[start]
        if reached is None:
            continue
        for end in range(start + 2, min(len(key), start + _LONGEST) + 1):
            part = key[start:end]
            meaning = _meaning(part)
            if meaning is None and part not in _FILLERS:
                continue
            cut = (reached[0] + 1, (*reached[1], Named(start, end, meaning)) if meaning else reached[1])
            now = best[end]
            if now is None or cut[0] < now[0]:
                best[end] = cut
    whole = best[-1]
    return whole[1] if whole else ()


_LONGEST = 16


def _meaning(part: str) -> Meaning | None:
    return _FACILITIES.get(part) or _DEVICES.get(part) or _place(part)


def _edges(key: str) -> tuple[Named, ...]:
    """A place that ``key`` begins with, and a facility that it ends with, whatever the rest is."""
    found = []
    for length in range(min(len(key) - 2, _LONGEST), _FIRST - 1, -1):
        place = _PLACES.get(key[:length])
        if place:
            found.append(Named(0, length, place._replace(sure=0.7)))
            break
    for length in range(min(len(key) - 1, _LONGEST), _LAST - 1, -1):
        site = _FACILITIES.get(key[-length:])
        if site and site.kind == "site":
            found.append(Named(0 if not found else len(key) - length, len(key), site._replace(sure=0.8)))
            break
    return tuple(found)


def _short_places(text: str, tokens: list[re.Match[str]], pieces: list[tuple[Named, ...]]) -> Iterator[Named]:
    """Places that are short or other words too, beside one that says what they are: tsu-city, ube-pumpst, gw-uji."""
    for at, (token, found) in enumerate(zip(tokens, pieces, strict=True)):
        if found or len(token[0]) < 2 or token[0] in _ORDINARY_WORDS:
            continue
        place = _BESIDE_OTHERS.get(reading(token[0])) if token[0].isascii() else None
        if place and any(
            _says_place(tokens[beside][0], pieces[beside], _between(text, token, tokens[beside]), beside > at)
            for beside in (at - 1, at + 1)
            if 0 <= beside < len(tokens)
        ):
            yield Named(token.start(), token.end(), place)


def _between(text: str, one: re.Match[str], other: re.Match[str]) -> str:
    first, last = sorted((one, other), key=lambda token: token.start())
    return text[first.end() : last.start()]


def _says_place(word: str, found: tuple[Named, ...], between: str, after: bool) -> bool:
    if not _JOINT.fullmatch(between):
        return False
    if after and (word in _SUFFIXES or any(one.meaning.category is Category.FACILITY for one in found)):
        return True
    return between in ("-", "_") and (word in _BESIDE or bool(found))


# --- words ----------------------------------------------------------------------------------------------------


def _facilities() -> dict[str, Meaning]:
    """Kinds of site by how they read."""
    return {
        key: Meaning(Category.FACILITY, "site", 0.9, site)
        for site, words in (*_readings(JAPANESE.items()), *ROMAJI.items(), *GLUED_ENGLISH.items())
        for word in words.split()
        if len(key := reading(word)) > 3
    }


def _readings(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for site, words in rows:
        yield site, " ".join(word.partition(":")[2] for word in words.split() if ":" in word)


def _devices() -> dict[str, Meaning]:
    """Makers and classes of device that are glued to other words in names."""
    return {
        reading(word): Meaning(Category.DEVICE, kind)
        for kind, words in (("vendor", lexicon.GLUED_VENDORS), ("class", lexicon.GLUED_CLASSES))
        for word in words.split()
    }


def _places() -> dict[str, Meaning]:
    """Prefectures, municipalities and areas by how they read; the longer they are the surer."""
    ordinary = frozenset(map(reading, lexicon.ORDINARY_READINGS.split()))
    prefecture = Meaning(Category.REGION, "prefecture", 0.9)
    return {**_areas(ordinary), **_municipalities(ordinary, 3), **dict.fromkeys(_PREFECTURES, prefecture)}


def _municipalities(ordinary: Collection[str], shortest: int) -> dict[str, Meaning]:
    meaning = Meaning(Category.REGION, "municipality", 0.85)
    return {key: meaning for _kanji, _kind, key in MUNICIPALITIES if len(key) >= shortest and key not in ordinary}


def _areas(ordinary: Collection[str]) -> dict[str, Meaning]:
    meaning = Meaning(Category.REGION, "area", 0.8)
    words = [word.partition(":")[2] for word in AREAS.split() if ":" in word] + ABROAD.split()
    return {key: meaning for word in words if (key := reading(word)) not in ordinary and len(key) > 3}


def _beside() -> dict[str, Meaning]:
    """What is a place where a neighbour says so: the short ones, and those that are surnames and other words."""
    meaning = Meaning(Category.REGION, "municipality", 0.75)
    return {key: meaning for _kanji, _kind, key in MUNICIPALITIES}


# Made at import, in the parent of all workers (run.py): else each of them would make them anew.
_PREFECTURES = frozenset(reading(kana) for _kanji, kana, _romaji in lexicon.PREFECTURES)
_FACILITIES, _DEVICES, _PLACES, _BESIDE_OTHERS = _facilities(), _devices(), _places(), _beside()
_CITIES = frozenset(key for _kanji, kind, key in MUNICIPALITIES if kind == "市")
_FILLERS = frozenset(map(reading, lexicon.FILLERS.split()))
