# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in Latin letters: English words, makers, classes of device, software; whole words, and phrases of them.

A phrase is known by its letters alone, so ``water works``, ``water-works`` and ``waterworks`` are one. In the tables
``~`` is where it may be parted, and ``cent{er,re}`` stands for ``center`` and ``centre``. A digit, a hyphen or an
underline ends a word, as in host names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from . import device_words, lexicon
from .facility_words import ENGLISH
from .naming import Category, Meaning, Named

_WORD = re.compile(r"[a-z]+")
#: What parts the words of a phrase.
_JOINTS = frozenset({"", " ", "-", "_", ".", "/", "., "})
_MOST_WORDS = 4
_BRACES = re.compile(r"(.*?)\{([^{}]*)\}(.*)")


def named(text: str, names: bool = False) -> Iterator[Named]:
    """Every name in folded ``text``, the longest phrases; ``names``: what is a device in a host's name alone, too."""
    known, first = _PHRASES[names]
    words = [word.span() for word in _WORD.finditer(text)]
    at = 0
    while at < len(words):
        start, end = words[at]
        if text[start:end] not in first:
            at += 1
            continue
        letters, best, after = "", None, at + 1
        for last in range(at, min(at + _MOST_WORDS, len(words))):
            if last > at and text[words[last - 1][1] : words[last][0]] not in _JOINTS:
                break
            letters += text[slice(*words[last])]
            if letters in known:
                best, after = Named(start, words[last][1], known[letters]), last + 1
        if best:
            yield best
        at = after


def _phrases(names: bool) -> tuple[Mapping[str, Meaning], frozenset[str]]:
    """Meanings by letters, and the words that can begin a phrase."""
    tables: list[tuple[Meaning, Iterable[str]]] = [
        (Meaning(Category.DEVICE, "software"), device_words.SOFTWARE.split()),
        (Meaning(Category.DEVICE, "class"), device_words.DEVICE_CLASSES.split()),
        (Meaning(Category.DEVICE, "vendor"), (*lexicon.VENDORS, *device_words.MAKERS.split())),
        *((Meaning(Category.FACILITY, "site", 0.9, site), words.split()) for site, words in ENGLISH.items()),
    ]
    if names:
        tables.append((Meaning(Category.DEVICE, "class", 0.7), device_words.DEVICE_CLASSES_IN_NAMES.split()))
    known: dict[str, Meaning] = {}
    first: set[str] = set()
    for meaning, rows in tables:
        for phrase in (phrase for row in rows for phrase in spelt(row)):
            known[phrase.replace("~", "")] = meaning
            first.update((phrase.partition("~")[0], phrase.replace("~", "")))
    return known, frozenset(first)


def spelt(row: str) -> Iterator[str]:
    """The phrases that a row of a table stands for."""
    braces = _BRACES.fullmatch(row)
    if not braces:
        yield row
        return
    before, choices, after = braces.groups()
    for choice in choices.split(","):
        yield from spelt(before + choice + after)


#: Made at import, in the parent of all workers (run.py): else each of them would make it anew.
_PHRASES = {names: _phrases(names) for names in (False, True)}
