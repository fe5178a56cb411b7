# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mosquitto's configuration as its listeners: each with the settings that count there.

Measured on mosquitto 2.0.11: the last line of a kind counts; words are case-sensitive; a line that is not understood
keeps the broker from starting, and from reloading; of an included folder hidden files count too. With
``per_listener_settings true`` the listener that needs no line ``listener`` serves everybody unless told otherwise, also
beside a password file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..model import Unreadable

#: With ``per_listener_settings true`` these, above every line ``listener``, open the one that needs no such line.
_OPENS = frozenset({"password_file", "psk_file"})

#: With ``per_listener_settings true`` these count for the listener above them, else for all.
_SECURITY = frozenset({"allow_anonymous", "password_file", "acl_file", "psk_file", "plugin", "auth_plugin"})

_OF_LISTENERS = frozenset({
    "require_certificate", "certfile", "keyfile", "psk_hint", "http_dir", "protocol", "bind_interface",
    "use_identity_as_username", "use_subject_as_username", "socket_domain",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One setting where it stands. ``text`` may hold a bridge's password."""

    word: str
    value: str
    file: str
    number: int
    text: str

    @property
    def at(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(slots=True)
class Listener:
    """One listener. Port 0 is a socket file of the machine itself."""

    at: str
    port: int
    address: str  # "" is every one
    own: dict[str, Line] = field(default_factory=dict)  # settings of the listener
    security: dict[str, Line] = field(default_factory=dict)  # settings that may be shared by all
    open: bool = False  # serves everybody where no line says whom


@dataclass(frozen=True, slots=True)
class Bridge:
    """A connection of ours to another broker."""

    name: str
    at: str
    own: dict[str, Line] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """All that is written."""

    listeners: list[Listener]
    bridges: list[Bridge]
    last: dict[str, Line]  # the last line of every kind


def lines(files: Mapping[str, str], main: str) -> Iterator[Line]:
    """All lines in the order in which the broker meets them; only the main file includes others."""
    for line in _lines(main, files[main]):
        if line.word != "include_dir":
            yield line
            continue
        folder = posixpath.normpath(line.value)
        inside = [path for path in files if posixpath.dirname(path) == folder and path.endswith(".conf")]
        for path in sorted(inside, key=_rank):
            yield from _lines(path, files[path])


def _rank(path: str) -> list[tuple[str, str]]:
    """By letters, the upper case of each before the lower."""
    return [(letter.upper(), letter) for letter in posixpath.basename(path)]


def _lines(path: str, text: str) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), 1):
        word, _space, value = line.rstrip("\r").strip(" ").partition(" ")
        if word and not line.startswith("#"):
            yield Line(word, value.strip(), path, number, line)


def config(found: Iterable[Line]) -> Config:
    """Which line counts where. The first listener is the one that needs no line ``listener``, if anything opens it."""
    all_lines = list(found)
    last = {line.word: line for line in all_lines}
    per_listener = is_on(last.get("per_listener_settings"))
    default = Listener("the broker's own listener", 1883, "")
    listeners, bridges, shared = [default], list[Bridge](), dict[str, Line]()
    for line in all_lines:
        if line.word == "listener":
            listeners.append(_listener(line))
        elif line.word == "connection":
            bridges.append(Bridge(line.value, line.at))
        elif line.word in ("port", "bind_address"):
            _default(default, line)
        elif line.word in _SECURITY:
            (listeners[-1].security if per_listener else shared)[line.word] = line
        elif line.word in _OF_LISTENERS:
            listeners[-1].own[line.word] = line
        elif bridges:
            bridges[-1].own[line.word] = line
    alone = len(listeners) == 1 or "port" in last or "bind_address" in last or bool(default.security.keys() & _OPENS)
    default.open = per_listener
    for listener in listeners if not per_listener else ():
        listener.security = shared
    return Config(listeners if alone else listeners[1:], bridges, last)


def _listener(line: Line) -> Listener:
    port, _space, address = line.value.partition(" ")
    if not re.fullmatch(r"[0-9]{1,5}", port):
        raise Unreadable(f"{line.at}: the port of this listener is not understood")
    return Listener(line.at, int(port), address.strip())


def _default(default: Listener, line: Line) -> None:
    if line.word == "bind_address":
        default.address = line.value
    elif re.fullmatch(r"[0-9]{1,5}", line.value):
        default.port, default.at = int(line.value), line.at
    else:
        raise Unreadable(f"{line.at}: this port is not understood")


def is_on(line: Line | None) -> bool:
    return line is not None and line.value in ("true", "1")
