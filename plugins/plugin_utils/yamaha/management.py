# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 for the router itself: which hosts its own services answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ..addresses import union
from ..contract import Surface
from ..ip import AddrFormatError, IPNetwork, IPRange, IPSet
from ..model import Change, Intent, Json, Judgement, LineEdit, Status, Unreadable
from ..raw import Raw
from .config import Line, last, read, starting
from .doors import doors
from .forwarding import CONFIG

_CONTROL = "A2.management"
_INTERFACE = re.compile(r"(?:lan|bridge|vlan|wan|onu|pp|tunnel)\d+(?:[./]\d+)?")


@dataclass(frozen=True, slots=True)
class Service:
    """One service and what is true when the configuration says nothing about it."""

    command: str  # of the line that names its hosts
    on: bool = True  # runs unless "service off"
    host: str = "any"  # the hosts when no line names them


#: Factory values. telnetd and sshd answer any host, sshd is off, sftpd and tftp answer none. (d) That of httpd differs
#: by model, so the widest is taken: then we write the line, and it is certain.
SERVICES = (
    Service("httpd"),
    Service("telnetd"),
    Service("sshd", on=False),
    Service("sftpd", host="none"),
    Service("tftp", host="none"),
)
_SNMP = ("snmp", "snmpv2c", "snmpv3")


class Management(Surface):
    """Only the allowlist, and the LAN where it was allowed, reaches the router's own services."""

    name = "management"
    controls = (_CONTROL,)
    reads = (CONFIG,)

    def parse(self, raw: Raw) -> dict[str, Json]:
        lines = read(raw.text(CONFIG.name))
        outside = {door.interface.replace(" ", "") for door in doors(lines)}
        networks = _networks(lines)
        return {
            "hosts": {one.command: _hosts(lines, one) for one in SERVICES if _runs(lines, one)},
            "lines": {one.command: f"{one.command} host {_written(lines, one.command)}".rstrip() for one in SERVICES},
            "outside": cast(Json, sorted(outside)),
            "inside": {name: cast(Json, nets) for name, nets in networks.items() if name not in outside},
        }

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        hosts = cast("dict[str, list[str]]", state["hosts"])
        place = Place.of(state, intent)
        wide = [command for command, words in hosts.items() if any(place.is_outside(word) for word in words)]
        evidence: dict[str, Json] = {"hosts": cast(Json, hosts)}
        if not wide:
            why = "its own services answer only the allowlist and the LAN" if hosts else "none of its services runs"
            yield Judgement(_CONTROL, self.name, Status.PASS, why, evidence=evidence)
            return
        written = cast("dict[str, str]", state["lines"])
        edits = tuple(_edit(command, place.narrowed(hosts[command]), written[command]) for command in wide)
        before = "\n".join(f"{command} host {' '.join(hosts[command])}" for command in wide)
        after = "\n".join(edit.line for edit in edits)
        why = f"{', '.join(wide)}: hosts outside the allowlist are answered"
        change = Change(
            _CONTROL, self.name, "answer only the allowlist and the LAN", before, after, edits, cuts_access=True
        )
        yield Judgement(_CONTROL, self.name, Status.GAP, why, before, after, evidence=evidence, changes=(change,))


class Snmp(Surface):
    """SNMP hosts: their lines hold community names, which never enter the state, so a person changes them."""

    name = "snmp"
    controls = (_CONTROL,)
    reads = (CONFIG,)

    def parse(self, raw: Raw) -> dict[str, Json]:
        state = Management().parse(raw)
        lines = read(raw.text(CONFIG.name))
        named = {command: _agents(lines, command) for command in _SNMP}
        return {
            **state,
            "hosts": {command: cast(Json, hosts) for command, hosts in named.items() if hosts},
            "lines": {},
        }

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        hosts = cast("dict[str, list[str]]", state["hosts"])
        place = Place.of(state, intent)
        wide = [
            f"{command} host {word}" for command, words in hosts.items() for word in words if place.is_outside(word)
        ]
        if not hosts:
            why = "no host may use SNMP (no snmp, snmpv2c or snmpv3 host line, and the factory value is none)"
            yield Judgement(_CONTROL, self.name, Status.NOT_APPLICABLE, why)
        elif wide:
            fix = "Name only the monitoring host in these lines; keep their community or user."
            why = f"SNMP answers hosts outside the allowlist: {', '.join(wide)}"
            yield Judgement(_CONTROL, self.name, Status.MANUAL, why, before="\n".join(wide), fix=fix)
        else:
            yield Judgement(_CONTROL, self.name, Status.PASS, "SNMP answers only the allowlist and the LAN")


@dataclass(frozen=True, slots=True)
class Place:
    """What lies inside and what outside, in the words of a host line."""

    outside: frozenset[str]
    inside: Mapping[str, list[str]]
    allowed: IPSet
    blocks: tuple[str, ...]

    @classmethod
    def of(cls, state: Mapping[str, Json], intent: Intent) -> Place:
        blocks = tuple(_as_range(block) for block in intent.allow4)
        outside = frozenset(cast("list[str]", state["outside"]))
        return cls(outside, cast("dict[str, list[str]]", state["inside"]), union(intent.allow4), blocks)

    def is_outside(self, word: str) -> bool:
        """Whether one word of a host line admits an address that is neither allowed nor of the LAN."""
        if word == "none":
            return False
        if word == "any":
            return True
        if word == "lan":
            return any(name.startswith("lan") for name in self.outside)
        if _INTERFACE.fullmatch(word):
            return word in self.outside
        lan = IPSet([network for networks in self.inside.values() for network in networks])
        return not _as_set(word).issubset(self.allowed | lan)

    def narrowed(self, words: list[str]) -> str:
        """The allowlist, and of the present hosts those that lie inside."""
        kept = [word for word in words if word != "none" and not self.is_outside(word)]
        if {"any", "lan"} & set(words) - set(kept):
            kept += [name for name in self.inside if _INTERFACE.fullmatch(name) and name not in kept]
        return " ".join((*self.blocks, *kept)) or "none"


def _edit(command: str, hosts: str, before: str) -> LineEdit:
    named = before != f"{command} host"
    if command == "tftp":  # takes one host, asks for no user: nobody needs it from outside
        hosts = "none"
    return LineEdit(f"{command} host {hosts}", before if named else f"no {command} host")


def _runs(lines: tuple[Line, ...], service: Service) -> bool:
    return {"on": True, "off": False}.get(last(lines, service.command, "service"), service.on)


def _written(lines: tuple[Line, ...], command: str) -> str:
    found = [line.words[2:] for line in starting(lines, command, "host") if line.words[2:3] != ["key"]]
    return " ".join(found[-1]) if found else ""  # "sshd host key generate" is no list of hosts


def _hosts(lines: tuple[Line, ...], service: Service) -> Json:
    words = (_written(lines, service.command) or service.host).split()
    for word in words:
        _understood(word, service.command)
    return cast(Json, words)


def _agents(lines: tuple[Line, ...], command: str) -> list[str]:
    """The hosts of all lines; what follows a host is its community or user."""
    hosts = [line.words[2] for line in starting(lines, command, "host") if len(line.words) > 2]
    for host in hosts:
        _understood(host, command)
    return [host for host in hosts if host != "none"]


def _understood(word: str, command: str) -> None:
    if word not in ("any", "none", "lan") and not _INTERFACE.fullmatch(word):
        try:
            _as_set(word)
        except (AddrFormatError, ValueError, TypeError):
            raise Unreadable(f"{command} host: {word} is not understood") from None


def _as_set(word: str) -> IPSet:
    first, dash, final = word.partition("-")
    if not re.fullmatch(r"[0-9A-Fa-f:.]+(-[0-9A-Fa-f:.]+)?", word):
        raise ValueError(word)
    return IPSet(IPRange(first, final)) if dash else IPSet([IPNetwork(first)])


def _as_range(block: str) -> str:
    """A host line takes single addresses and ranges, no prefix lengths. (d)"""
    if "/" not in block:
        return block
    network = IPNetwork(block)
    return str(network.ip) if network.size == 1 else f"{network[0]}-{network[-1]}"


def _networks(lines: tuple[Line, ...]) -> dict[str, list[str]]:
    """The IPv4 networks of each LAN interface. An address by DHCP gives none."""
    found: dict[str, list[str]] = {}
    for line in _addresses(lines):
        name, address = line
        networks = found.setdefault(name, [])
        try:
            networks.append(str(IPNetwork(address).cidr))
        except (AddrFormatError, ValueError):
            continue
    return found


def _addresses(lines: tuple[Line, ...]) -> Iterator[tuple[str, str]]:
    for line in starting(lines, "ip"):
        words = [word for word in line.words if word != "secondary"]
        if len(words) > 3 and words[2] == "address" and re.fullmatch(r"(lan|bridge|vlan)\d+([./]\d+)?", words[1]):
            yield words[1], words[3]
