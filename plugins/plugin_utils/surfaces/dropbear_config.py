# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dropbear's settings: its command line, and the places from which a boot takes that command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from ..display import show
from ..model import Unreadable

#: dropbear's options, and those of them that take a value.
_SWITCHES, _VALUED = frozenset("BEFRVaeghijkmstuwz"), frozenset("DGIKPTWbclpr")

#: The variables whose words become part of the command line: Debian, Alpine, Buildroot.
VARIABLES = ("DROPBEAR_EXTRA_ARGS", "DROPBEAR_OPTS", "DROPBEAR_ARGS")

_ASSIGNED = re.compile(r"\s*(?:export\s+)?([A-Z_]+)=(.*?)\s*")


class Options(TypedDict):
    """What a command line asks for."""

    switches: str  # sorted letters
    banner: str
    ports: list[str]


class Source(TypedDict):
    """The one line of a file from which the words come. Without a number there is none, and it goes on top."""

    file: str
    number: int
    text: str
    name: str  # the variable, or ExecStart


class Started(TypedDict):
    """One dropbear: as it runs, or as the next boot starts it."""

    where: str
    options: Options
    source: Source | None


def options(words: Sequence[str]) -> Options:
    """As dropbear itself reads them: letters may stand together, a value may follow its letter without a blank."""
    switches: set[str] = set()
    values: dict[str, list[str]] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if len(word) < 2 or not word.startswith("-"):
            raise Unreadable(f"dropbear is started with {show(word, 40)}, which is no option of it")
        for position, letter in enumerate(word[1:], 2):
            if letter in _VALUED:
                value = word[position:] or (left.pop(0) if left else "")
                values.setdefault(letter, []).append(value)
                break
            if letter not in _SWITCHES:
                raise Unreadable(f"dropbear is started with -{show(letter)}, an option that we do not know")
            switches.add(letter)
    banner = values.get("b", [""])[-1]
    return {"switches": "".join(sorted(switches)), "banner": banner, "ports": values.get("p", ["22"])}


# --- files of variables ---------------------------------------------------------------------------------------


def assigned(files: Mapping[str, str]) -> dict[str, tuple[str, Source]]:
    """``{variable: (value, its line)}`` of shell-like files; the last assignment counts."""
    found = {}
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), 1):
            one = _ASSIGNED.fullmatch(line)
            if one:
                source = Source(file=path, number=number, text=line, name=one[1])
                found[one[1]] = (_unquoted(one[2], source), source)
    return found


def _unquoted(value: str, source: Source) -> str:
    try:
        return " ".join(shlex.split(value, comments=True))
    except ValueError as error:
        raise Unreadable(f"{source['file']}:{source['number']} is not understood: {error}") from error


# --- systemd --------------------------------------------------------------------------------------------------


def expanded(command: str, variables: Mapping[str, str]) -> list[str]:
    """The words of an ExecStart after the program, its variables replaced as systemd replaces them."""
    words: list[str] = []
    for word in command.split()[1:]:
        bare = re.fullmatch(r"\"?\$([A-Za-z_]\w*)\"?", word)
        if bare:
            words += variables.get(bare[1], "").split()
        else:
            words.append(re.sub(r"\$\{([A-Za-z_]\w*)\}", lambda found: variables.get(found[1], ""), word))
    return words


def exec_start(files: Mapping[str, str]) -> Source | None:
    """The line that says how the service starts, where it is the owner's own file; a later file replaces it."""
    found: Source | None = None
    for path, text in files.items():
        for number, line in enumerate(text.split("\n"), 1):
            value = re.fullmatch(r"ExecStart\s*=\s*(.*?)\s*", line)
            if value:
                whole = value[1] and not line.endswith("\\")
                found = Source(file=path, number=number, text=line, name="ExecStart") if whole else None
    return found


# --- OpenWrt --------------------------------------------------------------------------------------------------

_UCI = {"PasswordAuth": "-s", "RootPasswordAuth": "-g", "RootLogin": "-w"}
_OFF = frozenset({"off", "0", "no", "false", "disabled"})


def uci(files: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """``(where, words)`` of every instance that /etc/config/dropbear starts."""
    for path, text in files.items():
        for number, section in _sections(text):
            if section.get("enable", "1") in _OFF:
                continue
            words = [word for name, word in _UCI.items() if section.get(name, "on") in _OFF]
            for name, letter in (("BannerFile", "-b"), ("Port", "-p")):
                words += [letter, section[name]] if section.get(name) else []
            yield f"{path}:{number}", words


def _sections(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    found: list[tuple[int, dict[str, str]]] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise Unreadable(f"/etc/config/dropbear:{number} is not understood: {error}") from error
        if words[:1] == ["config"]:
            found.append((number, {}))
        elif words[:1] == ["option"] and len(words) == 3 and found:
            found[-1][1][words[1]] = words[2]
    yield from found


# --- other words ----------------------------------------------------------------------------------------------


def rewritten(source: Source, drop: str, add: str) -> Source | None:
    """The same line without and with these switches; None where it is not a plain list of words."""
    name, text = source["name"], source["text"]
    if not source["number"]:
        return {**source, "text": f'{name}="{_spelt("", add)}"'}
    form = r"({}\s*=\s*)()(.*)" if name == "ExecStart" else r"(\s*(?:export\s+)?{}=)([\"']?)([^\"'$`\\#]*)\2\s*"
    found = re.fullmatch(form.format(name), text)
    if not found:
        return None
    kept = " ".join(filter(None, (_without(word, drop) for word in found[3].split())))
    quote = found[2] or ("" if name == "ExecStart" else '"')
    return {**source, "text": f"{found[1]}{quote}{_spelt(kept, add)}{quote}"}


def _without(word: str, drop: str) -> str:
    """A word of switches without these; any other word stays."""
    if not re.fullmatch(r"-[A-Za-z]+", word) or not set(word[1:]) <= _SWITCHES:
        return word
    kept = "".join(letter for letter in word[1:] if letter not in drop)
    return f"-{kept}" if kept else ""


def _spelt(kept: str, add: str) -> str:
    return " ".join(filter(None, [kept, *(f"-{letter}" for letter in add)]))


def takes(command: str, variable: str) -> bool:
    """Whether a command takes words from this variable."""
    return bool(re.search(rf"\$\{{?{variable}\b", command))
