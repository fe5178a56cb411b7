# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody who knows the site would try, the likeliest first: candidates for search.py.

The rules are reasons of password_weakness.py, and whatever is guessed here is weak there: both answer C1. A costly
scheme reaches the beginning only, so each rule's plain guesses come before anybody's decorated ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from ..password_known import forms
from ..password_words import COMMON, FACTORY, ROWS
from .search import Candidate

#: What people hang on a word, the likeliest first; years follow.
_ENDINGS = (
    "1", "123", "1234", "01", "12345", "12", "!", "1!", "00", "0", "2", "@", "001", "111", "123456", "@123", "#1",
)  # fmt: skip
_JOINTS = ("", "-", "_", ".", "@")
_YEARS_BACK = 20

#: Digits alone, as panels take them.
_NUMBERS = (
    "0000", "1234", "1111", "00000000", "12345678", "11111111", "88888888", "9999", "5555", "0123", "4321", "2580",
)  # fmt: skip

_LEET = str.maketrans("aeios", "43105")
_LONGEST_ROW = 10


def guesses(account: str, words: Sequence[str], shipped: Sequence[str], year: int) -> Iterator[Candidate]:
    """Each guess once. ``words`` are the site's own, ``shipped`` what this kind of device leaves its factory with.

    ``year`` is the present one: passwords carry the year in which they were set.
    """
    yield from plain(account, words, shipped)
    yield from dressed(account, words, shipped, year)


def plain(account: str, words: Sequence[str], shipped: Sequence[str]) -> Iterator[Candidate]:
    """The first of them: what people set as it is. A search that does not reach their end says nothing."""
    yield from _once(_plain(_own(account), _site(words), shipped), set())


def dressed(account: str, words: Sequence[str], shipped: Sequence[str], year: int) -> Iterator[Candidate]:
    """The others: the same words with what people hang on them."""
    own, site = _own(account), _site(words)
    yield from _once(_dressed(own, site, year), {text for _rule, text in _plain(own, site, shipped)})


def _once(guessed: Iterable[tuple[str, str]], seen: set[str]) -> Iterator[Candidate]:
    for rule, text in guessed:
        if text not in seen:
            seen.add(text)
            yield Candidate(rule, text)


def _own(account: str) -> list[str]:
    return _ordered([account, *sorted(forms(account), key=_likeliest)])


def _site(words: Sequence[str]) -> list[str]:
    return _ordered(form for word in words for form in sorted(forms(word), key=_likeliest))


def _plain(own: Sequence[str], site: Sequence[str], shipped: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield "empty", ""
    yield from (("factory", text) for text in shipped)
    yield from (("user", text) for word in own for text in _written(word))
    yield from (("factory", text) for text in FACTORY.split())
    yield from (("common", text) for text in (*COMMON.split(), *_NUMBERS, *_rows()))
    yield from (("site_word", text) for word in site for text in _written(word))


def _dressed(own: Sequence[str], site: Sequence[str], year: int) -> Iterator[tuple[str, str]]:
    endings = [*_ENDINGS, *(str(past) for past in range(year + 1, year - _YEARS_BACK, -1))]
    yield from (("user", text) for word in own for text in _decorated(word, endings))
    yield from (("site_word", text) for word in site for text in _decorated(word, endings))
    yield from (("site_word", text) for pair in permutations(site, 2) for text in _joined(*pair))
    yield from (("common", text) for word in COMMON.split() for text in _decorated(word, endings))


def _likeliest(word: str) -> tuple[int, str]:
    """Parts of a name before the whole of it; nothing depends on the order of a set."""
    return len(word), word


def _ordered(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


def _written(word: str) -> Iterator[str]:
    yield from (word, word.capitalize(), word.upper(), word + word, word[::-1], word.translate(_LEET))
    yield word.replace("a", "@")


def _decorated(word: str, endings: Iterable[str]) -> Iterator[str]:
    for ending in endings:
        yield from (word + ending, word.capitalize() + ending)
        if ending.isdigit():
            yield from (f"{word}-{ending}", f"{word}_{ending}", f"{word}@{ending}", word.capitalize() + ending + "!")
            yield word.translate(_LEET) + ending


def _joined(one: str, other: str) -> Iterator[str]:
    for joint in _JOINTS:
        yield from (one + joint + other, one.capitalize() + joint + other.capitalize(), f"{one}{joint}{other}1")


def _rows() -> Iterator[str]:
    """The beginnings of rows of keys, and the same from behind; the short ones first."""
    for length in range(4, _LONGEST_ROW + 1):
        for row in ROWS:
            if len(row) >= length:
                yield from (row[:length], row[::-1][:length])
