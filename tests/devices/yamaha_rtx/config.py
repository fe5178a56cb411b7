# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's configuration: lines with an identity, kept in sections, shown in the router's order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import filters, grammar, schedule
from .errors import CommandError

#: A section: ``""`` is global, else ``"pp 1"``, ``"tunnel 2"``.
Section = str

#: What a line sets: its section and the identifying words.
Key = tuple[Section, tuple[str, ...]]

_SECTION_START = re.compile(r"(pp|tunnel) select (\S+)$")

#: ``show config`` shows ``*`` for what follows these, with ``encrypted`` before it where it is kept so (captures).
#: What opens VPNs and SNMP, and what the provider gave, stands there in the clear.
_SECRET: tuple[tuple[str, ...], ...] = (
    ("login", "password"),
    ("administrator", "password"),
    ("login", "user", "<name>"),
    ("sshd", "host", "key", "generate"),
    ("yno", "access", "code"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One setting as it was typed, and where ``show config`` puts it."""

    key: Key
    tokens: tuple[str, ...]
    order: tuple[object, ...]

    @property
    def text(self) -> str:
        return " ".join(self.tokens)

    @property
    def value(self) -> tuple[str, ...]:
        return self.tokens[len(self.key[1]) :]


def _natural(token: str) -> tuple[int, int, str]:
    return (0, int(token), "") if token.isdecimal() else (1, 0, token)


def locate(section: Section, tokens: tuple[str, ...], *, removing: bool = False) -> tuple[Key, tuple[object, ...]]:
    """Say what a command line sets, or raise the device's error."""
    if tokens[:1] and tokens[0] in grammar.ENABLERS and tokens[1:2] in (("enable",), ("disable",)):
        return _locate_enabler(section, tokens)
    kind = section.split()[0] if section else ""
    for candidate in dict.fromkeys((kind, "")):
        row = grammar.find(candidate, tokens)
        if row is None:
            continue
        home = section if candidate else ""
        identity = tokens[: len(row.words)]
        if row.value == "..." and len(tokens) == len(identity) and not removing:
            raise CommandError("parameters")
        return (home, identity), _order(row, identity)
    raise _why_unknown(kind, tokens)


def _order(row: grammar.Pattern, identity: tuple[str, ...]) -> tuple[object, ...]:
    """Lines about an interface stand together, interface by interface; the rest follows the table."""
    spot = tuple(_natural(word) for word in identity)
    if "<if>" in row.words and row.words[0] in ("ip", "ipv6"):
        return (_rank_of("ip <if> address"), (_natural(identity[1]),), row.rank, spot)
    return (row.rank, (), row.rank, spot)


def _why_unknown(kind: str, tokens: tuple[str, ...]) -> CommandError:
    if any(grammar.is_known_start(candidate, tokens) for candidate in (kind, "")):
        return CommandError("parameters")
    for other in ("pp", "tunnel"):
        if other != kind and grammar.find(other, tokens) is not None:
            return CommandError(f"no_{other}")
    return CommandError("name")


def _locate_enabler(section: Section, tokens: tuple[str, ...]) -> tuple[Key, tuple[object, ...]]:
    kind = tokens[0]
    number = tokens[2] if len(tokens) > 2 else section.partition(" ")[2]
    if not number or (len(tokens) < 3 and not section.startswith(kind)):
        raise CommandError("parameters")
    return (f"{kind} {number}", (kind, "enable")), (10_000, (), 0, ())


class Config:
    """A mutable set of lines; :meth:`lines` is the running text without masks."""

    def __init__(self, text: str = "") -> None:
        self._lines: dict[Key, Line] = {}
        self.load(text)

    def load(self, text: str) -> None:
        section: Section = ""
        for raw in text.splitlines():
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if (start := _SECTION_START.match(line)) is not None:
                section = "" if start.group(2) == "none" else f"{start.group(1)} {start.group(2)}"
                continue
            if section and not raw.startswith((" ", "\t")):
                section = ""
            try:
                self.set(section, grammar.split(line))
            except CommandError as error:
                raise ValueError(f"configuration line {line!r} in section {section!r}: {error}") from error

    def copy(self) -> Config:
        twin = Config()
        twin._lines = dict(self._lines)
        return twin

    def set(self, section: Section, tokens: tuple[str, ...]) -> Line | None:
        """Apply one setting; ``None`` when it only removed something (``pp disable 1``)."""
        key, order = locate(section, tokens)
        if tokens[1:2] == ("disable",) and key[1][1:] == ("enable",):
            self._lines.pop(key, None)
            return None
        if key[1][1:] == ("enable",):
            tokens = (*key[1], key[0].partition(" ")[2])
        check_value(key, tokens)
        line = Line(key, tokens, order)
        self._lines[key] = line
        return line

    def remove(self, section: Section, tokens: tuple[str, ...]) -> Line | None:
        """``no ...``: only the identifying words count; what is not there is silently fine."""
        key, _order = locate(section, tokens, removing=True)
        return self._lines.pop(key, None)

    def all(self) -> Iterator[Line]:
        yield from self._lines.values()

    def sections(self) -> list[Section]:
        names = {line.key[0] for line in self._lines.values() if line.key[0]}
        return sorted(names, key=lambda name: (name.split()[0], _natural(name.split()[1])))

    def section(self, name: Section) -> list[Line]:
        found = [line for line in self._lines.values() if line.key[0] == name]
        return sorted(found, key=lambda line: line.order)

    def get(self, words: str, section: Section = "") -> tuple[str, ...] | None:
        """The value of a setting, by its identifying words; ``None`` when it is not set."""
        line = self._lines.get((section, tuple(words.split())))
        return None if line is None else line.value

    def starting(self, words: str, section: Section = "") -> list[Line]:
        prefix = tuple(words.split())
        return [line for line in self.section(section) if line.tokens[: len(prefix)] == prefix]

    def lines(self, *, masked: bool = False) -> list[str]:
        """``show config`` without its header: global lines, then sections, then what the router shows after them."""
        head: list[str] = []
        tail: list[str] = []
        split_rank = _rank_of("ip filter directed-broadcast")
        for line in self.section(""):
            text = mask(line) if masked else line.text
            (head if line.order[0] < split_rank else tail).append(text)  # type: ignore[operator]
        for name in self.sections():
            head.append(f"{name.split()[0]} select {name.split()[1]}")
            head.extend(f" {mask(line) if masked else line.text}" for line in self.section(name))
        return head + tail

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.lines() == other.lines()

    __hash__ = None  # type: ignore[assignment]


def _rank_of(words: str) -> int:
    wanted = tuple(words.split())
    return next(row.rank for row in grammar.patterns("") if row.words == wanted)


def mask(line: Line) -> str:
    for beginning in _SECRET:
        size = len(beginning)
        if len(line.tokens) >= size and all(map(grammar.word_fits, beginning, line.tokens)):
            kept = size + 1 if line.tokens[size : size + 1] == ("encrypted",) and line.tokens[1] == "password" else size
            return " ".join((*line.tokens[:kept], "*"))
    return line.text


def check_value(key: Key, tokens: tuple[str, ...]) -> None:
    """Refuse values the router refuses. Only what a careless client could get wrong is checked."""
    words = key[1]
    if words[:2] in (("ip", "filter"), ("ipv6", "filter")) and len(words) == 3 and words[2].isdecimal():
        filters.parse(tokens)
    elif words[:2] == ("schedule", "at"):
        schedule.parse(tokens)
    elif words[-3:-1] == ("secure", "filter") and words[-1] in ("in", "out"):
        filters.parse_list(tokens[len(words) :])
    elif len(words) == 2 and words[1] == "host" and words[0] in ("httpd", "sshd", "telnetd", "sftpd"):
        filters.parse_hosts(tokens[2:])


def difference(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """Commands that turn one configuration text into the other (``show config difference``)."""
    before, after = _flatten(old), _flatten(new)
    gone = [entry for entry in before if entry not in after]
    come = [entry for entry in after if entry not in before]
    return _commands(gone, "no ") + _commands(come, "")


def _flatten(lines: Iterable[str]) -> list[tuple[Section, str]]:
    found, section = [], ""
    for line in lines:
        if (start := _SECTION_START.match(line)) is not None:
            section = f"{start.group(1)} {start.group(2)}"
        elif line.startswith(" "):
            found.append((section, line.strip()))
        else:
            section = ""
            found.append(("", line))
    return found


def _commands(entries: list[tuple[Section, str]], prefix: str) -> list[str]:
    lines, current = [], ""
    for section, text in entries:
        if section != current:
            kind, _space, number = (section or current).partition(" ")
            lines.append(f"{kind} select {number if section else 'none'}")
            current = section
        lines.append(f"{' ' if section else ''}{prefix}{text}")
    if current:
        lines.append(f"{current.partition(' ')[0]} select none")
    return lines
