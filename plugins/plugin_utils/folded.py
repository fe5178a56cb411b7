# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text after width, case and encodings are made alike, which knows where each of its characters came from."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes


@dataclass(frozen=True, slots=True)
class Folded:
    """A text after NFKC and case-folding; what is written %E5%8C%97, &#21271; or xn-- is read."""

    text: str
    origin: tuple[int, ...]  # of each character, and one past the last
    source: str

    @classmethod
    def of(cls, source: str) -> Folded:
        if source.isascii() and not _WRAPPED.search(source):  # nothing combines, and only the case can differ
            return cls(source.lower(), tuple(range(len(source) + 1)), source)
        chars: list[str] = []
        origin: list[int] = []
        for start, text in _read(source):
            for offset, cluster in _clusters(text):
                folded = fold(cluster)
                chars.append(folded)
                origin.extend([start if start < 0 else start + offset] * len(folded))
        return cls("".join(chars), (*(~place if place < 0 else place for place in origin), len(source)), source)

    def blanked(self, pattern: re.Pattern[str] | None) -> Folded:
        """The same with every match of ``pattern`` made spaces, so that no rule sees it and every place holds."""
        if pattern is None or not pattern.search(self.text):
            return self
        return Folded(pattern.sub(lambda match: " " * len(match[0]), self.text), self.origin, self.source)

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """Which characters of the source lie behind ``text[start:end]``, all of an encoded or composed one."""
        first, last = self.origin[start], self.origin[end - 1]
        while end < len(self.origin) - 1 and self.origin[end] == last:
            end += 1
        return first, self.origin[end]


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


# --- encodings that a browser or resolver undoes ------------------------------------------------------------------

_WRAPPED = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)|(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});)"
    r"|(?<![A-Za-z0-9-])[xX][nN]--(?P<puny>[A-Za-z0-9-]{1,59})"
)

#: In what Japanese pages encode their addresses, the one that takes the least first.
_CHARSETS = ("utf-8", "euc_jp", "cp932")


def _read(source: str) -> Iterator[tuple[int, str]]:
    """Pieces as they are read. One that was encoded has ``~start``: all its characters came from there."""
    place = 0
    for found in _WRAPPED.finditer(source):
        yield place, source[place : found.start()]
        kind = found.lastgroup or ""
        text = _UNWRAP[kind](found[kind])
        yield (~found.start(), text) if text is not None else (found.start(), found[0])
        place = found.end()
    yield place, source[place:]


def _percent(text: str) -> str | None:
    raw = unquote_to_bytes(text)
    for charset in _CHARSETS:
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return None


def _entity(text: str) -> str | None:
    return None if (read := html.unescape(text)) == text else read


def _puny(text: str) -> str | None:
    try:
        return text.encode().decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return None


_UNWRAP: dict[str, Callable[[str], str | None]] = {"percent": _percent, "entity": _entity, "puny": _puny}
