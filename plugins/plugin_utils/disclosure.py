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
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from . import lexicon
from .display import show
from .model import Status

#: Characters judged. A longer text is never neutral.
LIMIT = 20_000

#: Surfaces whose texts are names and not prose: there "sw" is a switch.
NAMES = frozenset({"hostname", "sysname"})


class Category(StrEnum):
    """What checklist B1 wants hidden."""

    FACILITY = "facility"
    REGION = "region"
    DEVICE = "device"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One thing a text gives away. ``span`` counts characters of the text as it was given."""

    category: Category
    match: str
    span: tuple[int, int]
    kind: str  # which rule: own, site, prefecture, vendor, model, class, software, number


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
    own = [Disclosure(Category.FACILITY, *place, "own") for place in _places(_own(tuple(words)), folded)]
    folded = folded.blanked(_HARMLESS)
    known = [
        Disclosure(rule.category, *place, rule.kind)
        for rule in (*RULES, *(NAME_RULES if surface in NAMES else ()))
        for place in _places(rule.pattern, folded.blanked(rule.blanks))
    ]
    spans = [found.span for found in own]
    return sorted([*own, *_outside(known, spans)], key=lambda found: (found.span, found.category.value))


def is_neutral(text: str, label: str = "") -> bool:
    """Whether every word of ``text`` is known to give away nothing: prompts, notices, the label, HTTP statuses."""
    if len(text) > LIMIT or any(map(_looks_drawn, text.splitlines())):
        return False
    for start, end in reversed(_occurrences(text, label)):
        text = f"{text[:start]} {text[end:]}"
    return all(_neutral_token(token) for token in _TOKENS.findall(Folded.of(text).text))


# --- folding ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Folded:
    """A text after NFKC and case-folding that knows where each character came from."""

    text: str
    origin: tuple[int, ...]  # of each character, and one past the last
    source: str

    @classmethod
    def of(cls, source: str) -> Folded:
        if source.isascii():  # nothing combines, and only the case can differ
            return cls(source.lower(), tuple(range(len(source) + 1)), source)
        chars: list[str] = []
        origin: list[int] = []
        for start, cluster in _clusters(source):
            folded = fold(cluster)
            chars.append(folded)
            origin.extend([start] * len(folded))
        return cls("".join(chars), (*origin, len(source)), source)

    def blanked(self, pattern: re.Pattern[str] | None) -> Folded:
        """The same with every match of ``pattern`` made spaces, so that no rule sees it and every place holds."""
        if pattern is None:
            return self
        return Folded(pattern.sub(lambda match: " " * len(match[0]), self.text), self.origin, self.source)


def fold(text: str) -> str:
    """One spelling for many: width, case, composed kana; invisible formatting goes, ヶ is ケ."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join("ケ" if char == "ヶ" else char for char in folded if unicodedata.category(char) != "Cf")


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """``text`` cut before every character that does not combine with the one before it (ﾊ + ﾟ is one)."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not (unicodedata.combining(text[index]) or text[index] in "ﾞﾟ"):
            yield start, text[start:index]
            start = index


# --- rules --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the detector: a pattern over folded text, and what is blanked before it looks."""

    category: Category
    kind: str
    pattern: re.Pattern[str]
    blanks: re.Pattern[str] | None = None


def _any(alternatives: Iterable[str]) -> str:
    return "|".join(sorted(alternatives, key=len, reverse=True))


def _latin(alternatives: Iterable[str], before: str = r"(?<![a-z])", after: str = r"(?![a-z])") -> re.Pattern[str]:
    """Whole Latin words; a digit, a hyphen or an underline is a boundary, as host names use them."""
    return re.compile(f"{before}(?:{_any(alternatives)}){after}")


def _japanese(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(_any(re.escape(fold(word)) for word in words))


def _katakana(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"(?<![ァ-ヺー])(?:{_any(words)})(?:ケン|シ)?(?![ァ-ヺー])")


_HARMLESS = re.compile(_any(lexicon.HARMLESS))
_PROTOCOLS = _latin(lexicon.PROTOCOLS, after="")
_NUMBERS = re.compile(f"(?<![a-z.])(?:{_any(lexicon.PROTOCOLS)})|(?<![\\d.])(?:{_any(lexicon.NUMBERS)})")
_SOFTWARE = _any(lexicon.SOFTWARE)

RULES = (
    Rule(
        Category.FACILITY, "site", _japanese(word for words in lexicon.FACILITIES_JA.values() for word in words.split())
    ),
    Rule(Category.FACILITY, "site", re.compile("|".join(lexicon.FACILITY_PATTERNS_JA))),
    Rule(Category.FACILITY, "site", _latin(lexicon.FACILITY_PATTERNS_EN)),
    Rule(Category.FACILITY, "site", _latin(lexicon.FACILITY_ENDINGS_ROMAJI, before="[a-z]{0,20}")),
    Rule(Category.REGION, "prefecture", re.compile(_any(kanji for kanji, _kana, _romaji in lexicon.PREFECTURES))),
    Rule(Category.REGION, "prefecture", _katakana(kana for _kanji, kana, _romaji in lexicon.PREFECTURES)),
    Rule(
        Category.REGION,
        "prefecture",
        _latin(f"{romaji}(?:ken|shi|fu|to)?" for _kanji, _kana, romaji in lexicon.PREFECTURES),
    ),
    Rule(Category.DEVICE, "vendor", _latin(lexicon.VENDORS)),
    Rule(Category.DEVICE, "vendor", _japanese(lexicon.VENDORS_JA.split())),
    Rule(Category.DEVICE, "model", _latin(lexicon.MODEL_PATTERNS, before=r"(?<![a-z0-9])", after=r"(?![a-z0-9])")),
    Rule(Category.DEVICE, "class", _latin(lexicon.DEVICE_CLASSES)),
    Rule(Category.DEVICE, "class", _japanese(lexicon.DEVICE_CLASSES_JA.split())),
    Rule(Category.DEVICE, "software", _latin(lexicon.SOFTWARE)),
    Rule(
        Category.VERSION, "number", re.compile(rf"(?<![a-z]){lexicon.VERSION_WORDS}[\s.:=#_-]*\d[\w.+-]*"), _PROTOCOLS
    ),
    Rule(
        Category.VERSION,
        "number",
        re.compile(rf"(?<![a-z])(?:{_SOFTWARE})(?:[\s/_-]|server|linux|lts){{0,6}}\d[\w.+~-]*"),
        _NUMBERS,
    ),
    Rule(Category.VERSION, "number", re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}[\w+~-]*"), _NUMBERS),
    Rule(Category.VERSION, "number", re.compile(r"(?<![a-z])[a-z][\w.-]{0,40}/\d+\.\d+[\w.+~-]*"), _NUMBERS),
)
NAME_RULES = (Rule(Category.DEVICE, "class", _latin(lexicon.DEVICE_CLASSES_IN_NAMES)),)

_NEVER_IN_A_LABEL = frozenset({Category.FACILITY, Category.REGION})

_Place: TypeAlias = tuple[str, tuple[int, int]]


def _places(pattern: re.Pattern[str] | None, folded: Folded) -> Iterator[_Place]:
    for match in pattern.finditer(folded.text) if pattern else ():
        start, end = folded.origin[match.start()], folded.origin[match.end()]
        end = end if end > start else start + 1  # half of a composed character (㌶) is shown whole
        yield folded.source[start:end], (start, end)


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


def _outside(found: Iterable[Disclosure], spans: Collection[tuple[int, int]]) -> Iterator[Disclosure]:
    """Without what lies within one of ``spans``."""
    for one in found:
        if not any(start <= one.span[0] and one.span[1] <= end for start, end in spans):
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
