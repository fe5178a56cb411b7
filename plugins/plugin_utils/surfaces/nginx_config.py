# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole effective configuration of nginx, as ``nginx -T`` prints it: text to a tree of directives.

Follows the rules of nginx's own tokenizer and is strict: what it does not understand is Unreadable.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..model import Unreadable

_DEEPEST = 40

_HEADER = re.compile(r"^# configuration file (/.*):\n", re.MULTILINE)

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]+) | (?P<comment>\#[^\n]*) | (?P<sign>[;{}])
    | (?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)' ) (?=[\s;{)])
    | (?P<word>(?:\\.|\$\{|[^\s;{}"'\\]) (?:\\.|\$\{|[^\s;{\\])*)
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPES = {"t": "\t", "r": "\r", "n": "\n"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign; ``sign`` is ; { } where it acts as such."""

    text: str
    line: int
    start: int
    end: int
    sign: bool


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive where it stands. ``source`` is its whole line when nothing else is on it, else ""."""

    name: str
    args: tuple[str, ...]
    file: str
    line: int
    source: str
    block: tuple[Directive, ...] | None = None

    @property
    def at(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def inner(self) -> tuple[Directive, ...]:
        return self.block or ()


@lru_cache(maxsize=1)  # several surfaces ask for it, and none changes it
def parse(dump: str) -> tuple[Directive, ...]:
    """The main context with every include in its place. The ``include`` directives themselves stay, as leaves."""
    files = {path: _file(path, text) for path, text in sections(dump).items()}
    main = next(iter(files))
    reached = {main}
    tree = tuple(_expanded(files[main], files, posixpath.dirname(main), reached, 0))
    lost = sorted(set(files) - reached)
    if lost:
        raise Unreadable(f"nginx -T shows {', '.join(lost[:3])}, but no include was found that leads there")
    return tree


def sections(dump: str) -> dict[str, str]:
    """The files of a dump in the order in which nginx met them."""
    parts = _HEADER.split(dump)
    if len(parts) < 3 or parts[0].strip():
        raise Unreadable("this is no output of nginx -T")
    paths = parts[1::2]
    if len(set(paths)) != len(paths):
        raise Unreadable("nginx -T shows a file twice")
    return dict(zip(paths, parts[2::2], strict=True))


def tokens(text: str, path: str = "") -> Iterator[Token]:
    """Every word and sign of one file."""
    position, line = 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise Unreadable(f"{path}:{line}: not understood")
        kind = match.lastgroup or ""
        if kind not in ("space", "comment"):
            plain = _unescaped(match[kind])
            yield Token(plain, line, match.start(), match.end(), kind == "sign")
        line += match[0].count("\n")
        position = match.end()


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\"'\\trn])", lambda match: _ESCAPES.get(match[1], match[1]), text)


def quoted(text: str) -> str:
    """``text`` as one argument. A dollar sign would begin a variable, for which nginx has no escape."""
    if "$" in text or "\n" in text or "\r" in text:
        raise ValueError("cannot be written as a plain argument of nginx")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# --- one file -----------------------------------------------------------------------------------------------


def _file(path: str, text: str) -> tuple[Directive, ...]:
    reader = _Reader(path, text)
    found = reader.block(0)
    if reader.next is not None:
        raise Unreadable(f"{path}:{reader.next.line}: a closing brace too many")
    return found


class _Reader:
    """Directives of one file, by recursive descent."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._tokens = tokens(text, path)
        self.next = next(self._tokens, None)

    def block(self, depth: int) -> tuple[Directive, ...]:
        """Up to a closing brace or the end."""
        if depth > _DEEPEST:
            raise Unreadable(f"{self._path}: nested too deeply")
        found = []
        while self.next is not None and not (self.next.sign and self.next.text == "}"):
            found.append(self._directive(depth))
        return tuple(found)

    def _directive(self, depth: int) -> Directive:
        words: list[Token] = []
        while self.next is not None and not self.next.sign:
            words.append(self._take())
        if not words or self.next is None or self.next.text == "}":
            raise Unreadable(f"{self._path}:{words[0].line if words else '?'}: a directive without an end")
        first, end = words[0], self._take()
        name, args = first.text, tuple(word.text for word in words[1:])
        if name.endswith("_by_lua_block"):
            raise Unreadable(f"{self._path}:{first.line}: Lua in the configuration is not judged")
        if end.text == ";":
            return Directive(name, args, self._path, first.line, self._source(first, end))
        inner = self.block(depth + 1)
        if self.next is None:
            raise Unreadable(f"{self._path}:{first.line}: {name} is not closed")
        self._take()
        return Directive(name, args, self._path, first.line, "", inner)

    def _take(self) -> Token:
        token, self.next = self.next, next(self._tokens, None)
        if token is None:
            raise Unreadable(f"{self._path}: ends in the middle of a directive")
        return token

    def _source(self, first: Token, end: Token) -> str:
        """The line, if this directive is all there is on it: what else it held could be a secret."""
        begin = self._text.rfind("\n", 0, first.start) + 1
        stop = self._text.find("\n", end.end)
        line = self._text[begin : stop if stop >= 0 else len(self._text)]
        return line if line.strip() == self._text[first.start : end.end] else ""


# --- includes -----------------------------------------------------------------------------------------------


def _expanded(
    found: tuple[Directive, ...], files: Mapping[str, tuple[Directive, ...]], prefix: str, reached: set[str], depth: int
) -> Iterator[Directive]:
    if depth > _DEEPEST:
        raise Unreadable("includes lead in a circle")
    for one in found:
        if one.block is not None:
            inner = tuple(_expanded(one.block, files, prefix, reached, depth + 1))
            yield Directive(one.name, one.args, one.file, one.line, "", inner)
            continue
        yield one
        if one.name == "include" and len(one.args) == 1:
            for path in _included(one, files, prefix):
                reached.add(path)
                yield from _expanded(files[path], files, prefix, reached, depth + 1)


def _included(include: Directive, files: Mapping[str, object], prefix: str) -> list[str]:
    pattern = posixpath.join(prefix, include.args[0])
    if not any(sign in pattern for sign in "*?["):
        if pattern not in files:
            raise Unreadable(f"{include.at}: nginx -T does not show the included {pattern}")
        return [pattern]
    return sorted((path for path in files if matches(path, pattern)), key=lambda path: path.encode())


def matches(path: str, pattern: str) -> bool:
    """As glob(3): a sign never stands for a slash, nor for a leading dot."""
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(
        fnmatch.fnmatchcase(part, wanted) and (not part.startswith(".") or wanted.startswith("."))
        for part, wanted in zip(parts, patterns, strict=True)
    )
