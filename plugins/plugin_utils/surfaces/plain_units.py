# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain logins that systemd starts for each visitor, or that run by themselves, and the units behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ..raw import Follow, Raw, Read, missing
from .daemon import PID
from .plain_logins import TELNETDS, Door, port_of, service_of

READS = (
    Read("plain.sockets", command=("systemctl", "show", "-p", "Id,ActiveState,UnitFileState,Listen", "*.socket")),
    Read(
        "plain.socket_service",
        command=("systemctl", "cat", "{}@.service", "{}.service"),
        follow=Follow("plain.sockets", r"^Listen=[^\n/]*:\d+ \(Stream\)\n(?:Listen=[^\n]*\n)*Id=([^\n]+)\.socket$"),
        limit=1 << 16,
    ),
    Read("plain.holders", command=("@holders", *sorted(TELNETDS), "busybox")),
    Read("plain.arguments", files="/proc/{}/cmdline", follow=Follow("plain.holders", PID), limit=1 << 12),
    Read("plain.cgroup", files="/proc/{}/cgroup", follow=Follow("plain.holders", PID), limit=1 << 12),
    Read(
        "plain.unit",
        command=("@units", "Id,ActiveState,UnitFileState", "{}"),
        follow=Follow("plain.cgroup", r"(?s)\A.*?^\S*:\S*/system\.slice/([^/\n]+\.service)$"),
    ),
    Read("plain.enabled", files="/etc/systemd/system/*.wants/*telnet*.service", limit=1 << 12),
    Read("plain.linked", files="/etc/rc*.d/S*telnet*", limit=1 << 12),
)


def blocks(raw: Raw, name: str) -> Iterator[dict[str, list[str]]]:
    """What ``systemctl show`` says of each unit."""
    for out in raw.all(name).values():
        for block in out.text.split("\n\n"):
            told: dict[str, list[str]] = {}
            for line in block.splitlines():
                told.setdefault(line.partition("=")[0], []).append(line.partition("=")[2])
            if told.get("Id"):
                yield told


def state_of(told: Mapping[str, list[str]]) -> str:
    """In two words: does it run, and does a boot start it."""
    return f"{_first(told, 'ActiveState')} {_first(told, 'UnitFileState') or 'unknown'}"


def _first(told: Mapping[str, list[str]], name: str) -> str:
    return next(iter(told.get(name, [])), "")


def is_on(state: str) -> bool:
    """Whether a unit in this state serves somebody now or after a boot."""
    active, _space, at_boot = state.partition(" ")
    return active in ("active", "activating", "reloading") or at_boot in ("enabled", "enabled-runtime")


# --- socket units ---------------------------------------------------------------------------------------------


def by_socket(raw: Raw) -> Iterator[Door]:
    """A way in for each TCP port of a socket unit whose service is a plain login."""
    commands = _commands(raw)
    for told in blocks(raw, "plain.sockets"):
        unit, state = _first(told, "Id"), state_of(told)
        ports = [int(found[1]) for one in told.get("Listen", []) if (found := re.search(r":(\d+) \(Stream\)$", one))]
        command = commands.get(unit.removesuffix(".socket"), [])
        for port in ports if is_on(state) else []:
            service = service_of("", port, command)
            if service:
                yield _door(service, port, "systemd", unit, state, command)


def _commands(raw: Raw) -> dict[str, list[str]]:
    """``{unit's name: the words of its ExecStart}``; a later file replaces it."""
    found: dict[str, list[str]] = {}
    for asked, out in raw.all("plain.socket_service").items():
        name = asked.split()[-1].strip("'").removesuffix(".service")
        lines = re.findall(r"^ExecStart[ \t]*=[ \t]*[-@:+!]*(.+)$", out.text, re.MULTILINE)
        found[name] = lines[-1].split() if lines else []
    return found


# --- by themselves --------------------------------------------------------------------------------------------


def by_itself(raw: Raw) -> Iterator[Door]:
    """A telnetd that holds its socket itself, and one that a boot will start."""
    units = {_first(told, "Id"): state_of(told) for told in blocks(raw, "plain.unit")}
    seen = set()
    for path, text in raw.files("plain.arguments").items():
        command = [word for word in text.split("\0") if word]
        if service_of("", 0, command) != "telnet":
            continue  # another of busybox's programs
        unit = _unit_of(raw, path)
        seen.add(unit)
        yield _door("telnet", _port(command), "itself", unit, units.get(unit, ""), command)
    for path in _at_boot(raw):
        unit = path.rpartition("/")[2]
        if unit not in seen and unit.partition("@")[0] not in seen:
            yield _door("telnet", 23, "boot", unit if unit.endswith(".service") else "", "", [], path)


def _at_boot(raw: Raw) -> list[str]:
    outputs = {**raw.all("plain.enabled"), **raw.all("plain.linked")}
    return [path for path, out in outputs.items() if not missing(out) and path.startswith("/")]


def _unit_of(raw: Raw, arguments: str) -> str:
    text = "".join(raw.files("plain.cgroup").get(arguments.replace("cmdline", "cgroup"), ""))
    found = re.search(r"^\S*:\S*/system\.slice/([^/\n]+\.service)$", text, re.MULTILINE)
    return found[1] if found else ""


def _port(command: Iterable[str]) -> int:
    """``-p PORT``, together or apart; telnet's own port without."""
    words = [*command]
    for position, word in enumerate(words):
        if word.startswith("-p"):
            return port_of(word[2:] or next(iter(words[position + 1 :]), ""))
    return port_of("telnet")


def _door(service: str, port: int, by: str, unit: str, state: str, command: list[str], file: str = "") -> Door:
    return Door(
        service=service, port=port, by=by, unit=unit, state=state, command=command, file=file, number=0, text="",
        after="",
    )  # fmt: skip
