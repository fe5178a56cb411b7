# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1's question about one text that is readable before login: does it name a facility, a region, a device, a version?

``disclosures`` finds what it names. ``verdict`` turns that into the status every surface and platform reports:
a text passes only when it is empty, is the label, or is made of known neutral words. What no rule knows is for
a person's eye, so a gap in the lexicon costs a look and never a false pass.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from . import device_words, japanese_words, latin_words, lexicon, read_words
from .display import show
from .facility_words import SHORT_JAPANESE
from .folded import Folded, fold
from .model import Status
from .naming import Category, Meaning, Named

__all__ = (
    "LIMIT", "Category", "Disclosure", "Folded", "TextVerdict", "disclosures", "fold", "is_neutral", "verdict",
)  # fmt: skip

#: Characters judged. A longer text is never neutral.
LIMIT = 20_000

#: Surfaces whose texts are names and not prose: there "sw" is a switch.
NAMES = frozenset({"hostname", "sysname"})


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One thing a text gives away. ``span`` counts characters of the text as it was given."""

    category: Category
    match: str
    span: tuple[int, int]
    #: Which rule: own, site; prefecture, municipality, area, address; vendor, model, class, software; number.
    kind: str
    #: Of a facility which kind of site (a key of facility_words.py), for the triage; empty for the owner's own words.
    site: str = ""
    #: How often such a find is right, from 0 to 1.
    confidence: float = 1.0

    def as_json(self) -> dict[str, Any]:
        """The form of the filter; there the kind of a facility is which kind of site it is."""
        return {
            "category": self.category.value, "kind": self.site or self.kind, "match": self.match,
            "span": list(self.span), "confidence": self.confidence,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """The judgement on one text: pass, gap or manual, and why in words for the owner."""

    status: Status
    why: str
    matches: tuple[Disclosure, ...] = ()


def verdict(text: str, intent_words: Collection[str], label: str, surface: str = "") -> TextVerdict:
    """How a surface judges one text that visitors can read before login."""
    return _verdict(text, tuple(intent_words), label, surface)


@lru_cache(maxsize=4096)  # the same page is often served at several places
def _verdict(text: str, words: tuple[str, ...], label: str, surface: str) -> TextVerdict:
    if not text.strip():
        return TextVerdict(Status.PASS, "there is no text")
    telling = _telling(label, words)
    if telling:
        why = f"the label {show(label)} itself tells {', '.join(map(show, telling))}; choose another iot_site_label"
        return TextVerdict(Status.MANUAL, why)
    found = tuple(_outside(disclosures(text, words, surface), _occurrences(text, label)))
    if found:
        return TextVerdict(Status.GAP, f"names {_named(found)}", found)
    if fold(text.strip()) == fold(label):
        return TextVerdict(Status.PASS, "only the label is shown")
    if is_neutral(text, label):
        return TextVerdict(Status.PASS, "the text names nothing")
    return TextVerdict(Status.MANUAL, f"judge by eye whether this names a place or a device: {show(text)}")


@lru_cache(maxsize=64)
def _telling(label: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """What a label gives away by itself."""
    return tuple(found.match for found in disclosures(label, words) if found.category in _NEVER_IN_A_LABEL)


def disclosures(text: str, words: Iterable[str], surface: str = "") -> list[Disclosure]:
    """What ``text`` gives away, in reading order: the owner's own ``words``, then what the lexicon knows."""
    folded = Folded.of(text[:LIMIT])
    own = [_disclosed(folded, Named(*span, _OWN)) for span in _spans(_own(tuple(words)), folded.text)]
    found = (_disclosed(folded, one) for one in _best(_known(folded.blanked(_HARMLESS), surface)))
    known = _outside(found, [one.span for one in own])
    return sorted([*own, *known], key=lambda one: (one.span, one.category.value))


def _known(folded: Folded, surface: str) -> Iterator[Named]:
    words = [*japanese_words.named(folded.text), *latin_words.named(folded.text, surface in NAMES)]
    yield from words
    yield from read_words.named(folded.text)
    yield from _found(RULES, folded.text)
    if _DIGIT.search(folded.text):
        yield from _numbers(words, folded)


def _numbers(words: Iterable[Named], folded: Folded) -> Iterator[Named]:
    """Versions: what looks like one, and the number right after a product (after software, one without a dot too)."""
    for blanks, rules in NUMBER_RULES.items():
        yield from _found(rules, folded.blanked(blanks).text)
    products = [one for one in words if one.meaning.category is Category.DEVICE]
    after_software, after_others = (folded.blanked(blanks).text if products else "" for blanks in (_DATES, _NUMBERS))
    for one in products:
        if one.meaning.kind == "software":
            number = _AFTER_SOFTWARE.match(after_software, one.end)
        else:
            number = _AFTER_PRODUCT.match(after_others, one.end)
        if number:
            yield Named(one.start, number.end(), _VERSION)


_DIGIT = re.compile(r"\d")


def _found(rules: Iterable[Rule], text: str) -> Iterator[Named]:
    for rule in rules:
        for match in rule.pattern.finditer(text):
            yield Named(match.start(), match.end(), rule.meaning)


def _best(found: Iterable[Named]) -> list[Named]:
    """Without what overlaps a surer find of the same category, or one as sure that is longer."""
    kept: list[Named] = []
    places: dict[Category, list[tuple[int, int]]] = {category: [] for category in Category}
    for one in sorted(found, key=lambda named: (-named.meaning.sure, named.start - named.end)):
        taken = places[one.meaning.category]
        at = bisect(taken, (one.start, sys.maxsize))
        if (at == 0 or taken[at - 1][1] <= one.start) and (at == len(taken) or one.end <= taken[at][0]):
            taken.insert(at, (one.start, one.end))
            kept.append(one)
    return kept


def _disclosed(folded: Folded, named: Named) -> Disclosure:
    start, end = folded.stretch(named.start, named.end)
    category, kind, sure, site = named.meaning
    return Disclosure(category, folded.source[start:end], (start, end), kind, site, sure)


def is_neutral(text: str, label: str = "") -> bool:
    """Whether every word of ``text`` is known to give away nothing: prompts, notices, the label, HTTP statuses."""
    if len(text) > LIMIT or any(map(_looks_drawn, text.splitlines())):
        return False
    for start, end in reversed(_occurrences(text, label)):
        text = f"{text[:start]} {text[end:]}"
    return all(_neutral_token(token) for token in _TOKENS.findall(Folded.of(text).text))


# --- rules --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the detector: a pattern over folded text, and what it means."""

    meaning: Meaning
    pattern: re.Pattern[str]


def _any(alternatives: Iterable[str]) -> str:
    return "|".join(sorted(alternatives, key=len, reverse=True))


def _latin(alternatives: Iterable[str], before: str = r"(?<![a-z])", after: str = r"(?![a-z])") -> re.Pattern[str]:
    """Whole Latin words; a digit, a hyphen or an underline is a boundary, as host names use them."""
    return re.compile(f"{before}(?:{_any(alternatives)}){after}")


def _site(site: str, sure: float = 0.9) -> Meaning:
    return Meaning(Category.FACILITY, "site", sure, site)


def _ending(words: str) -> re.Pattern[str]:
    """After a name, and no longer word around both."""
    return re.compile(f"[0-9一-鿿々ァ-ヺー]{{1,8}}(?:{_any(words.split())})(?![一-鿿々ァ-ヺー])")


_HARMLESS = re.compile(_any(lexicon.HARMLESS))
_PROTOCOLS = _latin(lexicon.PROTOCOLS, after="")
_NUMBERS, _DATES = (
    re.compile(f"(?<![a-z.])(?:{_any(lexicon.PROTOCOLS)})|(?<![\\d.])(?:{_any(numbers)})")
    for numbers in ((lexicon.ADDRESS, *lexicon.NUMBERS), lexicon.NUMBERS)
)
_ADDRESS = Meaning(Category.REGION, "address", 0.85)
_VERSION = Meaning(Category.VERSION, "number")
_OWN = Meaning(Category.FACILITY, "own", 1.0)

_AFTER_SOFTWARE = re.compile(r"(?:[\s/_(-]|server|linux|lts|version|ver){0,6}\d[\w.+~-]*")
_AFTER_PRODUCT = re.compile(r"(?:[ _/-]?[a-z0-9]+){0,2}?[ _/-]v?\d+\.\d[\w.+~-]*")

RULES = (
    *(Rule(_site(site, 0.7), _ending(words)) for site, words in SHORT_JAPANESE.items()),
    Rule(_site("river", 0.8), re.compile(lexicon.RIVER_JA)),
    Rule(_site("river", 0.8), re.compile(lexicon.RIVER_ROMAJI)),
    Rule(_site("factory"), re.compile(lexicon.COMPANIES)),
    Rule(_site("administration", 0.85), re.compile(lexicon.GOVERNMENT)),
    Rule(_site("other", 0.7), re.compile(lexicon.BUILDINGS)),
    Rule(_ADDRESS, re.compile(_any(lexicon.ADDRESSES))),
    Rule(_ADDRESS, _latin(lexicon.ADDRESSES_LATIN)),
    Rule(Meaning(Category.DEVICE, "class", 0.8), re.compile(device_words.DEVICE_ENDINGS_JA)),
    Rule(Meaning(Category.DEVICE, "software", 0.8), re.compile(r"(?<![a-z0-9])[a-z0-9]{2,20}[-_]httpd(?![a-z])")),
    Rule(
        Meaning(Category.DEVICE, "model"),
        _latin(device_words.MODEL_PATTERNS, before=r"(?<![a-z0-9])", after=r"(?![a-z0-9])"),
    ),
)

#: What has a number in it, by what is blanked before these rules look.
NUMBER_RULES = {
    _NUMBERS: (
        Rule(Meaning(Category.DEVICE, "software", 0.8), re.compile(r"(?<![a-z])[a-z][\w.-]{1,40}(?=/v?\d+\.\d+)")),
        Rule(_VERSION, re.compile(lexicon.VERSIONED + r"[ _-]v?\d+\.\d[\w.+~-]*")),
        Rule(_VERSION, re.compile("|".join(lexicon.VERSION_SHAPES))),
    ),
    _PROTOCOLS: (
        Rule(_VERSION, re.compile(rf"{lexicon.VERSION_WORDS}[\s.:=#_-]*v?\d[\w.+-]*")),
        Rule(_VERSION, re.compile(lexicon.VERSION_BEFORE)),
    ),
}

_NEVER_IN_A_LABEL = frozenset({Category.FACILITY, Category.REGION})


def _spans(pattern: re.Pattern[str] | None, text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in pattern.finditer(text)) if pattern else iter(())


@lru_cache(maxsize=64)
def _own(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """The owner's words: spaces and dashes between their parts vary, and no longer Latin word contains them."""
    patterns = [_own_word(word) for word in map(fold, words) if word.strip()]
    return re.compile(_any(patterns)) if patterns else None


def _own_word(word: str) -> str:
    parts = [part for part in _SEPARATORS.split(word) if part] or [word.strip()]
    body = r"[\s_.・-]*".join(
        re.escape(part) if part.isascii() else r"\s*".join(map(re.escape, part)) for part in parts
    )
    return _boundary(parts[0][0], "(?<!{})") + body + _boundary(parts[-1][-1], "(?!{})")


_SEPARATORS = re.compile(r"[\s_.・-]+")


def _boundary(char: str, form: str) -> str:
    if char.isascii() and char.isalnum():
        return form.format("[0-9]" if char.isdigit() else "[a-z]")
    return ""


def _occurrences(text: str, label: str) -> list[tuple[int, int]]:
    """Where ``text`` shows the label as a word of its own."""
    if not label.strip():
        return []
    bounded = rf"(?<![^\W_]){re.escape(label)}(?![^\W_])" if label.isascii() else re.escape(label)
    return [match.span() for match in re.finditer(bounded, text)]


def _outside(found: Iterable[Disclosure], spans: Sequence[tuple[int, int]]) -> Iterator[Disclosure]:
    """Without what lies within one of ``spans``, which are in order and do not overlap."""
    for one in found:
        at = bisect(spans, (one.span[0], sys.maxsize))
        if at == 0 or spans[at - 1][1] < one.span[1]:
            yield one


def _named(found: Iterable[Disclosure]) -> str:
    """Such as: a facility (浄水場), a version (1.2.3)."""
    by_category: dict[str, list[str]] = {}
    for one in found:
        matches = by_category.setdefault(one.category.value, [])
        if one.match not in matches:
            matches.append(one.match)
    return ", ".join(
        f"a {name} ({', '.join(show(m, 60) for m in matches[:5])})" for name, matches in by_category.items()
    )


# --- neutral words ------------------------------------------------------------------------------------------

#: Words, numbers, and every single character that is neither a letter nor harmless punctuation.
_TOKENS = re.compile(
    r"[a-z]+(?:'[a-z]+)?|[0-9]+|[ぁ-ヿ一-鿿々〆]+|[^\s!-/:-@\[-`{-~、。,.・「」『』【】()〜…–—\u2018\u2019\u201c\u201d©®™«»※→←]"
)

_NEUTRAL_NUMBERS = frozenset(lexicon.NEUTRAL_NUMBERS.split())
_NEUTRAL_EN = frozenset(lexicon.NEUTRAL_EN.split())
_NEUTRAL_JA = frozenset(map(fold, lexicon.NEUTRAL_JA.split()))
_LONGEST_JA = max(map(len, _NEUTRAL_JA))


def _neutral_token(token: str) -> bool:
    if token.isascii() and token.isdigit():
        return token in _NEUTRAL_NUMBERS
    return token.removesuffix("'s") in _NEUTRAL_EN if token.isascii() else _neutral_japanese(token)


def _neutral_japanese(token: str) -> bool:
    """Whether ``token`` can be cut into neutral words, each followed by at most one particle."""
    reached = {0}
    for start in range(len(token)):
        if start not in reached:
            continue
        for end in range(start + 2, min(start + _LONGEST_JA, len(token)) + 1):
            if token[start:end] in _NEUTRAL_JA:
                reached.add(end)
                if token[end : end + 1] in lexicon.PARTICLES_JA:
                    reached.add(end + 1)
    return len(token) in reached


_RULER = re.compile(r"(\S)?(\S)\2*(\S)?")


def _looks_drawn(line: str) -> bool:
    """A line of signs only that is no ruler: block letters can spell a name no rule reads."""
    line = line.strip()
    return bool(line) and not any(char.isalnum() for char in line) and not _RULER.fullmatch(line)
