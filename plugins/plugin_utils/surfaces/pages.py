# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of a static HTML page that a visitor reads, each with its place, and how one of them is replaced."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TypedDict

from ..raw import Output

#: Texts kept of one page, characters of one text, and characters of a line that can be edited.
MOST_TEXTS, LONGEST_TEXT, LONGEST_LINE = 200, 300, 1000

#: Attributes that are read or heard.
_ATTRIBUTES = frozenset({"alt", "title", "placeholder", "aria-label", "label", "summary"})
_META = (
    "title", "description", "author", "keywords", "generator", "application-name", "apple-mobile-web-app-title",
    "copyright", "publisher", "og:title", "og:site_name", "og:description", "twitter:title",
)  # fmt: skip
_SILENT = frozenset({"script", "style", "template"})


class Text(TypedDict):
    """One text. ``source`` is its whole line when the text can be replaced there, else ""."""

    kind: str  # title, h1, meta description, text, comment
    text: str
    line: int
    source: str


class Page(TypedDict):
    """One page. ``unread`` says why there is nothing to judge, ``beyond`` what a reader sees that we do not."""

    path: str
    unread: str
    beyond: list[str]
    texts: list[Text]


def read(path: str, output: Output) -> Page:
    """What a visitor reads on one page."""
    page: Page = {"path": path, "unread": output.error, "beyond": [], "texts": []}
    if output.error:
        return page
    if output.truncated:
        page["beyond"].append("the page is longer than we read")
    text, plain = _decoded(output)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    found = list(dict.fromkeys(reader.texts))
    if len(found) > MOST_TEXTS:
        page["beyond"].append(f"it has {len(found)} texts, of which {MOST_TEXTS} were judged")
    page["beyond"] += sorted(reader.beyond)
    if not plain:
        page["beyond"].append("it is not in UTF-8 and is never edited")
    lines = text.split("\n")
    page["texts"] = [_text(lines, plain, *one) for one in found[:MOST_TEXTS]]
    return page


def replaced(source: str, text: str, label: str) -> str:
    """The line with every ``text`` made the label."""
    for spelling in dict.fromkeys((html.escape(text), html.escape(text, quote=False), text)):
        source = source.replace(spelling, html.escape(label))
    return source


def _decoded(output: Output) -> tuple[str, bool]:
    """The text, by its own declared charset or our fallbacks, and whether it is UTF-8."""
    try:
        return output.data.decode(), True
    except UnicodeDecodeError:
        return output.text, False


def _text(lines: list[str], plain: bool, kind: str, text: str, line: int) -> Text:
    found: Text = {"kind": kind, "text": text[: LONGEST_TEXT + 1], "line": line, "source": ""}
    if plain and len(text) <= LONGEST_TEXT:
        for number, source in enumerate(lines[line - 1 : line + 20], line):
            if text in source or html.escape(text, quote=False) in source:
                if len(source) <= LONGEST_LINE:
                    found["line"], found["source"] = number, source
                break
    return found


class _Reader(HTMLParser):
    """Collects ``(kind, text, line)`` and what else would be shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[tuple[str, str, int]] = []
        self.beyond: set[str] = set()
        self._open = ""
        self._kind = "text"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("script", "object", "embed", "applet"):
            self.beyond.add("it runs scripts, which may show more")
        if tag in ("frame", "iframe") or (tag == "meta" and values.get("http-equiv", "").lower() == "refresh"):
            self.beyond.add("it shows or leads to another page")
        if tag in ("img", "picture", "svg", "canvas", "video"):
            self.beyond.add("it shows pictures")
        self._open = tag if tag in _SILENT else ""
        self._kind = tag if tag in ("title", "h1", "h2", "h3") else self._kind
        for kind, value in self._attributes(tag, values):
            self._add(kind, value)

    def _attributes(self, tag: str, values: dict[str, str]) -> Iterator[tuple[str, str]]:
        name = (values.get("name") or values.get("property") or "").lower()
        if tag == "meta" and name in _META:
            yield f"meta {name}", values.get("content", "")
        if tag == "input" and values.get("type", "").lower() in ("submit", "button", "reset"):
            yield "button", values.get("value", "")
        for attribute in sorted(_ATTRIBUTES & values.keys()):
            yield attribute, values[attribute]

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag == self._open else self._open
        self._kind = "text" if tag == self._kind else self._kind

    def handle_data(self, data: str) -> None:
        if not self._open:
            self._add(self._kind, data)

    def handle_comment(self, data: str) -> None:
        self._add("comment", data)

    def unknown_decl(self, data: str) -> None:
        self._add("comment", data)

    def _add(self, kind: str, text: str) -> None:
        if stripped := text.strip():
            above = text[: len(text) - len(text.lstrip())].count("\n")
            self.texts.append((kind, re.sub(r"[ \t]+\n", "\n", stripped), self.getpos()[0] + above))
