# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1's question about one password: would somebody who knows the site guess it? Pure; nothing of it is ever shown.

A password is read as the cheapest way to say it: words that everybody tries, words of the site, words in romaji, dates,
keys in a row, and single characters for the rest. Each part costs as many bits as a guesser needs for it. A generic
meter knows none of the site's words and calls ``kkk-jyousui1`` strong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .password_known import EVERYBODY, KEYS, Known, names, site_words
from .password_reading import Reading, as_letters, normal, readings, separators, typed, unleet, without
from .password_words import PAIRS

#: Bits below which a password counts as guessable: 2**50 tries are a day's work for one graphics card against a fast
#: hash. Five words have as much, each counted as drawn from a list of a thousand; ten random characters have more.
ENOUGH = 50.0

SHORTEST = 8  # characters; what is shorter is tried out whatever it consists of

#: What is longer is judged by its beginning: work is bounded, and so much of anything unexplained is enough.
LONGEST = 128

#: Reason ids, in the order in which they are returned, with what they mean.
REASONS = {
    "empty": "there is none",
    "short": f"it has fewer than {SHORTEST} characters",
    "user": "it is made from the name of its own account",
    "factory": "it is made from a password that devices are shipped with, or a hardware address",
    "common": "it is made from a password that everybody tries first",
    "site_word": "it is made from a word of the site, its people or its devices",
    "word": "it is made from an ordinary word or name, or from any word in romaji",
    "number": "it is made from a year, a date or a telephone number",
    "pattern": "it is made from keys in a row or a repetition",
    "guessable": "it has too few characters for what they are",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a password, read in one way, with what guessing it costs."""

    start: int
    end: int
    bits: float
    reason: str  # "" for a character that nothing explains


def weaknesses(password: str, words: Iterable[str] = (), user: str = "") -> tuple[str, ...]:
    """The ids of :data:`REASONS` that make ``password`` guessable; empty when it is strong.

    ``words`` are the site's own: facility, region, label, vendor, model, people, in any script; ``user`` is the name
    of the account.
    """
    text = normal(password[:LONGEST])[:LONGEST]
    if not text.strip():
        return ("empty",)
    parts = cheapest(text, (names(user), site_words(tuple(words)), EVERYBODY), _name_itself(text, user))
    found = {part.reason for part in parts} - {""}
    if len(text) < SHORTEST:
        found.add("short")
    elif sum(part.bits for part in parts) >= ENOUGH:
        return ()
    return tuple(reason for reason in REASONS if reason in (found or {"guessable"}))


def cheapest(text: str, known: tuple[Mapping[str, Known], ...], more: Iterable[Part] = ()) -> tuple[Part, ...]:
    """The parts that say the text with the fewest bits, ``more`` of them among others."""
    ending: dict[int, list[Part]] = {}
    for part in (*_singles(text), *_explained(text, known), *more):
        ending.setdefault(part.end, []).append(part)
    total, last = [0.0], [Part(0, 0, 0.0, "")]
    for end in range(1, len(text) + 1):
        bits, part = min(((total[part.start] + part.bits, part) for part in ending[end]), key=lambda way: way[0])
        total.append(bits)
        last.append(part)
    return tuple(_backwards(last))[::-1]


def _backwards(last: list[Part]) -> Iterator[Part]:
    end = len(last) - 1
    while end:
        yield last[end]
        end = last[end].start


def _explained(text: str, known: tuple[Mapping[str, Known], ...]) -> Iterator[Part]:
    for words in known:
        yield from _words(text, words)
    plain = typed(text)
    yield from _romaji(text, plain)
    joined = without(plain, separators(plain.text))
    yield from _keys(text, joined)
    yield from _shapes(joined)
    yield from _repeats(text)


def _name_itself(text: str, user: str) -> Iterator[Part]:
    """The account's name as it stands, in leet and from behind too: with all its signs it reads like no word."""
    name, written = as_letters(_small(normal(user[:LONGEST])[:LONGEST])), as_letters(_small(text))
    for way in dict.fromkeys((name, name[::-1])) if len(name) > 1 else ():
        for found in re.finditer(re.escape(way), written):
            yield Part(*found.span(), 1.0 + _capitals(text[found.start() : found.end()]), "user")


def _small(text: str) -> str:
    """In small letters; what becomes two letters stays, so that no place moves."""
    return "".join(one if len(one.lower()) > 1 else one.lower() for one in text)


# --- single characters ------------------------------------------------------------------------------------------

_LETTER, _DIGIT, _SIGN, _OTHER = math.log2(26), math.log2(10), 5.0, 6.0  # other scripts are words, hardly ever random
_CHANGE = 2.5  # from digits to small letters to capitals …
_AS_USUAL = 2.7  # a letter that often follows the one before
_SEPARATOR_AGAIN = 1.0
_PAIRS = frozenset(PAIRS.split())


def _singles(text: str) -> Iterator[Part]:
    """What each character costs that nothing explains."""
    between, seen, before = separators(text), set[str](), ""
    for place, one in enumerate(text):
        if place in between:
            bits = _SEPARATOR_AGAIN if one in seen else _SIGN
            seen.add(one)
            before = ""  # what changes here, it announces
        else:
            kind, bits = _kind(one)
            if before and kind != before:
                bits += _CHANGE
            elif place and text[place - 1 : place + 1].lower() in _PAIRS:
                bits = _AS_USUAL
            before = kind
        yield Part(place, place + 1, bits, "")


def _kind(one: str) -> tuple[str, float]:
    if not one.isascii():
        return "other", _OTHER
    if one.isdigit():
        return "digit", _DIGIT
    if one.isalpha():
        return ("capital" if one.isupper() else "small"), _LETTER
    return "sign", _SIGN


# --- words ------------------------------------------------------------------------------------------------------

_TWISTED = 1.0  # leet, another spelling, separators inside


def _words(text: str, words: Mapping[str, Known]) -> Iterator[Part]:
    longest = max(map(len, words), default=0)
    for reading in readings(text):
        for start in range(len(reading.text)):
            for end in range(start + 2, min(start + longest, len(reading.text)) + 1):
                if found := words.get(reading.text[start:end]):
                    first, last = reading.stretch(start, end)
                    yield Part(first, last, found.bits + _decoration(text[first:last], found.word), found.reason)


def _decoration(written: str, word: str) -> float:
    return _capitals(written) + (_TWISTED if written.casefold() != word else 0.0)


def _capitals(written: str) -> float:
    """The usual ways to write a word in capitals cost next to nothing."""
    large, small = sum(map(str.isupper, written)), sum(map(str.islower, written))
    if not large:
        return 0.0
    return 1.0 if not small or (written[:1].isupper() and large == 1) else 1.0 + min(large, small)


#: A syllable in any spelling, or a doubled consonant before one. Long vowels count as syllables.
_SYLLABLE = re.compile(
    r"(?:(?P<double>[kstpgzjdbc])(?=(?P=double))|t(?=ch))?"
    r"(?:(?:[kgnhbpmrstzjdc]y|sh|ch|j)[aueo]|shi|chi|tsu|ji|fu|[kgsztdnhbpmrwy]?[aiueo]|n(?![aiueoy]))"
)
_FEWEST = 3  # fewer happen by chance
_FIRST, _NEXT = 5.5, 5.0  # bits: ten syllables, which are five short words, are enough


def _romaji(text: str, plain: Reading) -> Iterator[Part]:
    reading = unleet(plain)
    for start in range(len(reading.text)):
        end, count = start, 0
        while found := _SYLLABLE.match(reading.text, end):
            end, count = found.end(), count + 1
            if count >= _FEWEST:
                first, last = reading.stretch(start, end)
                twisted = _decoration(text[first:last], plain.text[start:end])
                leet = _TWISTED if reading.text[start:end] != plain.text[start:end] else 0.0
                yield Part(first, last, _FIRST + _NEXT * (count - 1) + twisted + leet, "word")


# --- keys in a row, numbers, repetitions ------------------------------------------------------------------------

_ROW = 7.0


def _keys(text: str, joined: Reading) -> Iterator[Part]:
    for start in range(len(joined.text)):
        end = start + 3
        while joined.text[start:end] in KEYS and end <= len(joined.text):
            first, last = joined.stretch(start, end)
            yield Part(first, last, _ROW + _capitals(text[first:last]), "pattern")
            end += 1


_YEAR, _MONTH, _DAY = r"(?:19[3-9]\d|20[0-4]\d)", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_SHAPES = tuple(
    (re.compile(f"(?=({shape}))"), bits, reason)
    for shape, bits, reason in (
        (_YEAR, 6.0, "number"),
        (_YEAR + _MONTH + _DAY, 14.0, "number"),
        (_DAY + _MONTH + _YEAR, 15.0, "number"),
        (_MONTH + _DAY, 9.0, "number"),
        (r"(?<![a-z])[hrs](?:0[1-9]|[1-5]\d|6[0-4])(?!\d)", 7.0, "number"),  # a year of Heisei, Reiwa or Showa
        (r"(?<!\d)0\d{9,10}(?!\d)", 24.0, "number"),
        # A hardware address; everybody can look up its first half.
        (r"(?<![0-9a-z])[0-9a-f]{12}(?![0-9a-z])", 28.0, "factory"),
    )
)


def _shapes(joined: Reading) -> Iterator[Part]:
    for pattern, bits, reason in _SHAPES:
        for found in pattern.finditer(joined.text):
            yield Part(*joined.stretch(found.start(1), found.end(1)), bits, reason)


_REPEAT = re.compile(r"(?=((.{1,40}?)\2+))", re.DOTALL)


def _repeats(text: str) -> Iterator[Part]:
    """Something said again and again costs what it costs once, and how often."""
    for found in _REPEAT.finditer("".join(one.lower()[0] for one in text)):
        whole, unit = found[1], found[2]
        if len(whole) > 2:
            start = found.start(1)
            once = sum(part.bits for part in _singles(text[start : start + len(unit)]))
            yield Part(start, found.end(1), once + math.log2(len(whole) / len(unit)), "pattern")
