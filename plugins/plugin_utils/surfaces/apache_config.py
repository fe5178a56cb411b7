# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole effective configuration of apache2, as ``apache2 -t -D DUMP_CONFIG`` prints it: text to a tree.

Apache itself has resolved includes, variables, macros and conditions there. A .htaccess file is read from its own
text. Both are strict: what is not understood is Unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ..display import show
from ..model import Unreadable

_DEEPEST = 40

_SPACE = " \t\r\v\f"

_FILE = re.compile(r" *# In file: (.+)")
_MACRO = re.compile(r"macro .* used on line ([0-9]+) of \"(/.*)\"")
_LINE = re.compile(r" *# *([0-9]+):")
_ENTRY = re.compile(r"( *)(</?)?([A-Za-z][A-Za-z0-9_]*)(?: +(.*?))?(>)?", re.DOTALL)
_INCLUDED = re.compile(r"^ +\((?:\*|[0-9]+)\) (/.*)$", re.MULTILINE)
_MODULE = re.compile(r"^ ([A-Za-z0-9_]+)_module \((?:static|shared)\)$", re.MULTILINE)
_WORD = re.compile(
    r""" \s* (?: "(?P<double>(?:\\["\\]|[^"])*)(?:"|\Z) | '(?P<single>(?:\\['\\]|[^'])*)(?:'|\Z) | (?P<plain>\S+) )""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive, or one section with everything inside. ``name`` is in lower case, as Apache compares it."""

    name: str
    args: tuple[str, ...]
    file: str
    line: int
    section: bool = False
    inner: tuple[Directive, ...] = ()

    @property
    def at(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Dump:
    """What apache2 says of its configuration."""

    files: tuple[str, ...]
    tree: tuple[Directive, ...]
    modules: frozenset[str]  # alias, auth_basic, …
    settings: dict[str, str] = field(default_factory=dict)  # PidFile, User, Group, Main DocumentRoot


@lru_cache(maxsize=1)  # several surfaces ask for it, and none changes it
def parse_dump(text: str) -> Dump:
    """Raises Unreadable on anything that is not exactly such a dump."""
    head, middle, tail = _parts(text)
    files, modules = tuple(_INCLUDED.findall(head)), frozenset(_MODULE.findall(tail))
    if not files or "core" not in modules:
        raise Unreadable("this is no dump of apache2's configuration")
    settings = dict(re.findall(r'^([A-Z][A-Za-z ]*): (?:name=)?"([^"\n]*)"', tail, re.MULTILINE))
    return Dump(files, _tree(list(_dumped(middle))), modules, settings)


def parse_text(path: str, text: str) -> tuple[Directive, ...]:
    """One file as its owner wrote it, for instance a .htaccess file."""
    return _tree(list(_written(path, text)))


def effective(inside: Iterable[Directive], modules: frozenset[str]) -> tuple[Directive, ...]:
    """What applies of a file that Apache did not resolve for us: with the modules that are loaded."""
    return tuple(kept for one in inside for kept in _effective(one, modules))


def _effective(one: Directive, modules: frozenset[str]) -> tuple[Directive, ...]:
    if not one.section:
        return (one,)
    inner = effective(one.inner, modules)
    if one.name not in ("ifmodule", "ifdefine", "ifversion", "iffile", "ifdirective", "ifsection"):
        return (replace(one, inner=inner),)
    named = re.fullmatch(r"(!?)(?:mod_([a-z0-9_]+)\.c|([a-z0-9_]+)_module)", " ".join(one.args))
    if one.name != "ifmodule" or not named:
        raise Unreadable(f"{one.at}: it is not known whether <{one.name} {show(' '.join(one.args), 60)}> holds")
    return inner if ((named[2] or named[3]) in modules) is not bool(named[1]) else ()


def words(text: str) -> tuple[str, ...]:
    """The arguments of a directive, by Apache's own rules for quotes."""
    found = []
    for match in _WORD.finditer(text):
        quote = {"double": '"', "single": "'"}.get(match.lastgroup or "", "")
        word = match[match.lastgroup or 0]
        found.append(re.sub(rf"\\([{quote}\\])", r"\1", word) if quote else word)
    return tuple(found)


def quoted(text: str) -> str:
    """``text`` as one argument. Apache has no escape for ``${``, which would begin a variable."""
    if "${" in text or "\n" in text or "\r" in text:
        raise ValueError("cannot be written as a plain argument of apache2")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# --- lines --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """One directive or the begin or end of a section, before it has found its place."""

    depth: int  # -1: not told by the text
    sign: str  # "", < or </
    name: str
    args: str
    file: str
    number: int


def _parts(text: str) -> tuple[str, str, str]:
    begin = re.search(r"^# In file: ", text, re.MULTILINE)
    end = re.search(r'^ServerRoot: "', text, re.MULTILINE)
    if not begin or not end or not text.startswith("Included configuration files:\n"):
        raise Unreadable("this is no dump of apache2's configuration")
    return text[: begin.start()], text[begin.start() : end.start()], text[end.start() :]


def _dumped(text: str) -> Iterator[_Line]:
    file, number, used = "", 0, None
    for line in text.rstrip("\n").split("\n"):
        if found := _FILE.fullmatch(line):
            used = _MACRO.fullmatch(found[1])
            file, number = (used[2], int(used[1])) if used else (found[1], 0)
        elif found := _LINE.fullmatch(line):
            number = number if used else int(found[1])
        else:
            yield _line(line, file, number, len(line) - len(line.lstrip(" ")))


def _written(path: str, text: str) -> Iterator[_Line]:
    """Lines that end in a backslash go on; a comment is a line of its own."""
    begun = ""
    for number, line in enumerate(text.split("\n"), 1):
        whole = begun + line.removesuffix("\r")
        if whole.endswith("\\"):
            begun = whole[:-1]
            continue
        begun = ""
        plain = whole.strip(_SPACE).replace("\t", " ")
        if plain and not plain.startswith("#"):
            yield _line(plain, path, number, -2)
    if begun.strip(_SPACE):
        raise Unreadable(f"{path}: its last line has no end")


def _line(line: str, file: str, number: int, indent: int) -> _Line:
    found = _ENTRY.fullmatch(line.rstrip(_SPACE))
    if not found or indent % 2 or bool(found[2]) != bool(found[5] and found[2]):
        raise Unreadable(f"{file}:{number}: not understood: {show(line, 60)}")
    args = (found[4] or "") + ("" if found[2] else found[5] or "")
    return _Line(indent // 2, found[2] or "", found[3].lower(), args.strip(_SPACE), file, number)


# --- the tree -----------------------------------------------------------------------------------------------


def _tree(lines: list[_Line]) -> tuple[Directive, ...]:
    found, used = _block(lines, 0, 0)
    if used != len(lines):
        raise Unreadable(f"{lines[used].file}:{lines[used].number}: a section ends that did not begin")
    return found


def _block(lines: list[_Line], start: int, depth: int) -> tuple[tuple[Directive, ...], int]:
    """The directives from ``start`` on, up to the end of their section, and where that is."""
    if depth > _DEEPEST:
        raise Unreadable(f"{lines[start].file}: nested too deeply")
    found: list[Directive] = []
    while start < len(lines) and lines[start].sign != "</" and lines[start].depth in (depth, -1):
        line = lines[start]
        start += 1
        inner: tuple[Directive, ...] = ()
        if line.sign:
            inner, start = _section(lines, start, depth, line)
        found.append(Directive(line.name, words(line.args), line.file, line.number, bool(line.sign), inner))
    return tuple(found), start


def _section(lines: list[_Line], start: int, depth: int, opened: _Line) -> tuple[tuple[Directive, ...], int]:
    """What is inside a section; the dump leaves out the end of an empty one."""
    inner, start = _block(lines, start, depth + 1)
    if start < len(lines) and lines[start].sign == "</" and lines[start].depth in (depth, -1):
        if lines[start].name != opened.name:
            raise Unreadable(f"{opened.file}:{opened.number}: {opened.name} is not closed")
        return inner, start + 1
    if inner or opened.depth < 0:
        raise Unreadable(f"{opened.file}:{opened.number}: {opened.name} is not closed")
    return inner, start
