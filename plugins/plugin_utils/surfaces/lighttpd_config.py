# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effective configuration of lighttpd, as ``lighttpd -p`` prints it: text to blocks, each with its conditions.

lighttpd has done the includes, the variables and the ``+=`` already. What is not understood is Unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias, TypedDict

from ..model import Json, Unreadable

#: A value as plain JSON; an array is a list of ``[key, value]``, with an empty key where it has none.
Value: TypeAlias = Json

_DEEPEST = 40

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]+) | (?P<comment>\#[^\n]*)
    | "(?P<text>(?:[^"\\]|\\.)*)"
    | (?P<field>\$[A-Z_]+\["[^"\n]*"\])
    | (?P<operator>==|!=|=~|!~|=\^|!\^|=\$|!\$)
    | (?P<sign>=>|[={}(),])
    | (?P<number>-?[0-9]+(?![\w.-]))
    | (?P<word>[A-Za-z_][\w.-]*)
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class Condition(TypedDict):
    """One condition as it must turn out for a block to count: ``holds`` is false for what an ``else`` excludes."""

    field: str  # HTTP url, HTTP remoteip, SERVER socket
    operator: str  # ==, =~, =^, =$
    value: str
    holds: bool


class Block(TypedDict):
    """What is said under the same conditions; the first block has none. A later one that counts overrides."""

    says: str  # its own condition in lighttpd's words, for people
    conditions: list[Condition]
    keys: dict[str, Value]


_Token: TypeAlias = tuple[str, str]


@lru_cache(maxsize=1)  # several surfaces ask for it, and none changes it
def parse(printed: str) -> list[Block]:
    """All blocks in the order in which lighttpd applies them."""
    return _Reader(printed).all()


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    for match in _TOKEN.finditer(text):
        if match.start() != position:
            break
        position = match.end()
        kind = match.lastgroup or ""
        if kind not in ("space", "comment"):
            yield kind, match[kind]
    if position != len(text):
        line = text.count("\n", 0, position) + 1
        raise Unreadable(f"line {line} of what lighttpd -p prints is not understood")


class _Reader:
    """By recursive descent: ``config { key = value ... condition { ... } else condition { ... } }``."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next: _Token = next(self._tokens, ("end", ""))
        self._blocks: list[Block] = []

    def all(self) -> list[Block]:
        self._expect("word", "config")
        self._block("", [], 0)
        if self._next[0] != "end":
            raise Unreadable("lighttpd -p prints more than one configuration")
        return self._blocks

    def _take(self) -> _Token:
        token, self._next = self._next, next(self._tokens, ("end", ""))
        if token[0] == "end":
            raise Unreadable("what lighttpd -p prints ends too early")
        return token

    def _expect(self, kind: str, text: str) -> None:
        if (found := self._take()) != (kind, text):
            raise Unreadable(f"lighttpd -p prints {found[1][:40]!r} in place of {text!r}")

    def _block(self, says: str, conditions: list[Condition], depth: int) -> None:
        if depth > _DEEPEST:
            raise Unreadable("conditions of lighttpd are nested too deeply")
        block: Block = {"says": says, "conditions": conditions, "keys": {}}
        self._blocks.append(block)
        self._expect("sign", "{")
        while self._next[0] == "word":
            _kind, key = self._take()
            self._expect("sign", "=")
            block["keys"][key] = self._value(0)
        while self._next[0] == "field":
            self._chain(conditions, depth)
        self._expect("sign", "}")

    def _chain(self, around: list[Condition], depth: int) -> None:
        """A condition with everything that is tried only where it does not hold."""
        refused: list[Condition] = []
        while True:
            own = self._condition() if self._next[0] == "field" else None
            conditions = [*([own] if own else []), *refused, *around]
            self._block(shown(own) if own else "else", conditions, depth + 1)
            refused += [{**own, "holds": not own["holds"]}] if own else []
            if not own or self._next != ("word", "else"):
                return
            self._take()

    def _condition(self) -> Condition:
        field = self._take()[1]
        kind, operator = self._take()
        value = self._take()
        if kind != "operator" or value[0] != "text":
            raise Unreadable(f"the condition on {field[:60]} is not understood")
        name = field[1:].replace('["', " ").removesuffix('"]')
        return {
            "field": name, "operator": operator.replace("!", "=", 1), "value": _plain(value[1]),
            "holds": not operator.startswith("!"),
        }  # fmt: skip

    def _value(self, depth: int) -> Value:
        kind, text = self._take()
        if kind == "text":
            return _plain(text)
        if kind == "number":
            return int(text)
        if (kind, text) != ("sign", "(") or depth > _DEEPEST:
            raise Unreadable(f"lighttpd -p prints {text[:40]!r} in place of a value")
        members: list[Json] = []
        while self._next != ("sign", ")"):
            members.append(self._member(depth))
            if self._next == ("sign", ","):
                self._take()
        self._take()
        return members

    def _member(self, depth: int) -> Value:
        first = self._value(depth + 1)
        if self._next != ("sign", "=>"):
            return ["", first]
        self._take()
        return [first, self._value(depth + 1)]


def shown(condition: Condition) -> str:
    """A condition in lighttpd's words."""
    operator = condition["operator"] if condition["holds"] else condition["operator"].replace("=", "!", 1)
    kind, _space, name = condition["field"].partition(" ")
    return f'${kind}["{name}"] {operator} "{condition["value"]}"'


def members(value: Value) -> list[tuple[str, Value]]:
    """An array as pairs of key and value; a plain value has none."""
    pairs = [each for each in value if isinstance(each, list) and len(each) == 2] if isinstance(value, list) else []
    return [(str(key), inner) for key, inner in pairs]


def words(value: Value) -> list[str]:
    """The texts of a list, or the one text that stands in its place."""
    return [value] if isinstance(value, str) else [inner for _key, inner in members(value) if isinstance(inner, str)]


def _plain(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        return chr(int(match[1][1:], 16)) if len(match[1]) == 3 else _ESCAPES.get(match[1], match[1])

    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", character, text, flags=re.DOTALL)
