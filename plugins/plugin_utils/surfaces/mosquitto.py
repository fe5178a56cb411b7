# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mosquitto, the broker of sensors: whom it serves (A1), from where (A2), what it tells those without a login (B1).

Answers for every socket of a program called mosquitto, and for TCP ports 1883 and 8883 whoever holds them.
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, RunEdit, Unreadable
from ..raw import Follow, Raw, Read
from . import daemon, mosquitto_access, mosquitto_names, taken_over, user_file
from .mosquitto_config import Config, Line, Listener, config, lines
from .sockets import LISTENERS, Socket, sockets

PROGRAM, PORTS = "mosquitto", frozenset({1883, 8883})

#: Once for a file that says anything: where there is none, nothing more is asked.
_INSTALLED = Follow("mosquitto.config", r"\A(?:.|\n)*?^ *([a-z])")

_GIVEN = Follow("mosquitto.arguments", r"\0(?:-c|--config-file)\0(/[^\0]+)")

#: 2.0 has no check mode. It reads the file first, then refuses port 0: it says what is wrong, opens nothing, and ends.
_PROBE = '(mosquitto -h; mosquitto -c "$1" -p 0) 2>&1'
_UNDERSTOOD = "Invalid port specified (0)"

#: Files only: a folder changes whenever something in it does, also our guard's copies.
_BESIDE = 'find -L "${1%/*}" -maxdepth 2 -type f -printf "%C@ %p\\n" | sed "s/[.][0-9]* / /"'


#: A line that makes it listen for others, at the latest at its next start.
_OPENS = re.compile(r"^ *(?:port +[0-9]|listener +[0-9]+ *$|listener +[0-9]+ +(?!127\.|::1\b|localhost\b|/))", re.M)


def _follows(name: str, pattern: str) -> tuple[tuple[str, Follow], ...]:
    """One read for each place in which a line may stand."""
    return tuple(
        (f"mosquitto.{name}{of[:1]}", Follow(f"mosquitto.{of}", pattern)) for of in ("given", "folder", "hidden")
    )


_FILE = r"^ *{} +(/[^\s]+) *$"
_FOLDER = Follow("mosquitto.given", _FILE.format("include_dir"))
_SHOW = ("@units", daemon.ASKED, "mosquitto.service")
PASSWORDS = _follows("password_", _FILE.format("password_file"))
_LISTS = _follows("acl_", _FILE.format("acl_file"))


class Mosquitto(Surface):
    """The broker of the machine itself."""

    name = "mosquitto"
    controls = ("A1.mqtt", "A2.service", "B1.mqtt_names")
    programs, hidden_at = frozenset({PROGRAM}), frozenset(f"tcp {port}" for port in PORTS)
    reads = (
        LISTENERS,
        taken_over.BOOTED,
        Read("mosquitto.config", files="/etc/mosquitto/mosquitto.conf", secret=True),
        Read("mosquitto.enabled", files="/etc/systemd/system/*.wants/mosquitto.service", limit=1 << 16),
        Read("mosquitto.hostname", files="/proc/sys/kernel/hostname", limit=1 << 12),
        daemon.processes("mosquitto.process", PROGRAM, _INSTALLED),
        Read("mosquitto.arguments", files="/proc/{}/cmdline", follow=Follow("mosquitto.process", daemon.PID)),
        Read("mosquitto.started", files="/proc/{}/stat", follow=Follow("mosquitto.process", daemon.PID)),
        Read("mosquitto.given", files="{}", follow=_GIVEN, secret=True),
        Read("mosquitto.folder", files="{}/*.conf", follow=_FOLDER, secret=True),
        Read("mosquitto.hidden", files="{}/.*.conf", follow=_FOLDER, secret=True),
        *(Read(name, command=(*user_file.SIZE, "{}"), follow=follow) for name, follow in PASSWORDS),
        *(Read(name, files="{}", follow=follow) for name, follow in _LISTS),
        Read("mosquitto.unit", command=_SHOW, follow=_INSTALLED),
        Read("mosquitto.errors", command=("sh", "-c", f"{_PROBE}; true", "sh", "{}"), follow=_GIVEN, secret=True),
        Read("mosquitto.changed", command=("sh", "-c", _BESIDE, "sh", "{}"), follow=_GIVEN),
    )  # fmt: skip

    def parse(self, raw: Raw) -> dict[str, Json]:
        heard = _heard(raw)
        main, files = own_files(raw)
        found = list(lines(files, main))
        _refuse(raw, found)
        written = config(found)
        lists = {path: text for name, _follow in _LISTS for path, text in raw.files(name).items()}
        doors = [
            mosquitto_access.door(listener, [f"{one.address} port {one.port}" for one in where], lists, _is_modern(raw))
            for listener, where in _reached(written, heard)
        ]
        unit = daemon.unit(raw, "mosquitto.unit")
        started, reloaded = daemon.since(raw, unit, "mosquitto.started")
        passwords = {key: out for name, _follow in PASSWORDS for key, out in raw.all(name).items()}
        return {
            "main": main,
            "doors": cast(Json, doors),
            **mosquitto_names.state_of(written, raw.text("mosquitto.hostname").strip(), _folder(files[main])),
            "account": written.last["user"].value if "user" in written.last else PROGRAM,
            "password_files": cast(Json, user_file.sizes(passwords)),
            # what TLS asks for is taken over by a restart only
            "reload": cast(Json, daemon.again(unit, PROGRAM, restart=any(one["proof"] for one in doors))),
            "restart": cast(Json, daemon.again(unit, PROGRAM, restart=True)),
            "older_than": cast(Json, taken_over.younger(raw.all("mosquitto.changed"), started)),
            "not_taken_over": cast(Json, taken_over.younger(raw.all("mosquitto.changed"), reloaded)),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        check = RunEdit(("sh", "-c", f'{_PROBE} | grep -qF "{_UNDERSTOOD}"', "sh", state["main"]))
        reload, restart = (RunEdit(tuple(state["reload"])),), (RunEdit(tuple(state["restart"])),)
        yield from mosquitto_access.judge_login(state, intent, (check,), reload)
        yield from mosquitto_access.judge_sources(state, intent)
        yield from mosquitto_names.judge(state, intent, (check,), restart)
        yield from taken_over.judge(state, self.controls, self.name, state["reload"])


# --- is it there --------------------------------------------------------------------------------------------


def _heard(raw: Raw) -> list[Socket]:
    """The sockets of the broker that others reach. Absent where there is none, Unreadable where we cannot judge it."""
    texts = [text for name in ("given", "folder", "hidden") for text in raw.files(f"mosquitto.{name}").values()]
    told = {int(port) for text in texts for port in re.findall(r"^ *(?:listener|port) +([0-9]{1,5})\b", text, re.M)}
    ports = {"": PORTS | told}  # in a container nobody may see which program holds a socket
    listening = [
        one
        for one in sockets(raw)
        if one.protocol == "tcp" and (one.program == PROGRAM or one.port in ports.get(one.program, PORTS))
    ]
    exposed = [one for one in listening if one.exposed]
    for one in exposed:
        if one.program not in (PROGRAM, ""):
            raise Unreadable(
                f"{show(one.program)} listens on TCP port {one.port}, a broker that this version cannot judge"
            )
    running = raw.all("mosquitto.started")
    if exposed and len(running) != 1:
        raise Unreadable(
            f"an MQTT broker listens, but {len(running) or 'no'} mosquitto with files in /etc/mosquitto runs"
        )
    if exposed:
        return exposed
    changed = taken_over.younger(raw.all("mosquitto.changed"), taken_over.newest_start(raw, "mosquitto.started"))
    if listening and changed and any(_OPENS.search(text) for text in texts):
        raise Unreadable(f"mosquitto listens on loopback only, but {show(changed[0])} was changed since: restart it")
    if listening:
        raise Absent(f"mosquitto listens on {listening[0].address} only, which no other machine reaches")
    if daemon.wanted(raw, "mosquitto.enabled", "mosquitto.started"):
        raise Unreadable("mosquitto runs or starts at the next boot, and listens nowhere now: start it, and run again")
    raise Absent("no MQTT broker listens, and none is started at boot")


def _is_modern(raw: Raw) -> bool:
    """Whether it is a 2.0 or newer, which serves nobody without a login unless told so."""
    found = re.search(
        r"mosquitto version ([0-9]+)\.", "".join(out.text for out in raw.all("mosquitto.errors").values())
    )
    return found is not None and int(found[1]) >= 2


def _refuse(raw: Raw, found: list[Line]) -> None:
    """What the broker would not start with; what it did not understand, it has not taken over either."""
    probed = "".join(out.error or out.text for out in raw.all("mosquitto.errors").values())
    wrong = re.search(r"Error found at (/\S+:[0-9]+)", probed)
    if wrong:
        raise Unreadable(f"mosquitto does not understand {show(wrong[1])}, and would not start again")
    if _UNDERSTOOD not in probed:
        raise Unreadable("whether mosquitto understands its files could not be found out")
    nested = [line for line in found if line.word == "include_dir"]
    if nested:
        raise Unreadable(f"{nested[0].at} includes a folder that was not read")


# --- its files, its listeners -------------------------------------------------------------------------------


def own_files(raw: Raw) -> tuple[str, dict[str, str]]:
    """``(the one it was started with, all that were read)``"""
    given = raw.files("mosquitto.given")
    if len(given) != 1:
        raise Unreadable("mosquitto was started without a file of its own (-c) that could be read")
    others = {path: text for name in ("folder", "hidden") for path, text in raw.files(f"mosquitto.{name}").items()}
    files = {posixpath.normpath(path): text for path, text in (given | others).items()}
    main = posixpath.normpath(next(iter(given)))
    for line in files[main].split("\n"):
        if line.strip().startswith("include_dir ") and not re.match(_FILE.format("include_dir"), line):
            raise Unreadable(f"{main} includes a folder whose name is not understood")
    return main, files


def _folder(text: str) -> str:
    """Where a file of ours counts; "" where nowhere."""
    found = re.search(_FILE.format("include_dir"), text, re.M)
    return posixpath.normpath(found[1]) if found else ""


def _reached(written: Config, heard: list[Socket]) -> Iterator[tuple[Listener, list[Socket]]]:
    """The listeners that others reach, and where. A socket that no line explains is not understood."""
    left = list(heard)
    for listener in written.listeners:
        where = [one for one in heard if one.port == listener.port and _is_at(listener.address, one.address)]
        left = [one for one in left if one not in where]
        if where:
            yield listener, where
    if left:
        raise Unreadable(
            f"mosquitto listens on {left[0].address} port {left[0].port}, and no line in its files says so"
        )


def _is_at(written: str, address: str) -> bool:
    """A name may stand for any address."""
    try:
        return not written or ipaddress.ip_address(written) == ipaddress.ip_address(address)
    except ValueError:
        return True
