# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services a gateway publishes by destination NAT, written by nft or by iptables (docker, podman, ufw).

What is published decides only what our finding *covers*; all of it passes our forward chain, understood or not. So a
rule that is not understood is listed as such, and covers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .nft_json import Object, statements

#: A rule that publishes more ports than this publishes a machine, not services.
_MOST_PORTS = 256


@dataclass(frozen=True, slots=True, order=True)
class Service:
    """A port of the gateway that leads to a port of a machine behind it."""

    port: int
    protocol: str
    address: str
    to: int

    @property
    def target(self) -> str:
        return f"[{self.address}]:{self.to}" if ":" in self.address else f"{self.address}:{self.to}"


class _Strange(Exception):
    """A rule that publishes in a way we do not follow."""


def services(ruleset: list[Object], iptables: Mapping[str, str]) -> tuple[list[Service], list[str]]:
    """The services of nft rules and of ``iptables-save`` texts (by program), and the rules not understood."""
    found: set[Service] = set()
    strange: list[str] = []
    maps = {(m["family"], m["table"], m["name"]): m for m in (each["map"] for each in ruleset if "map" in each)}
    for rule, each in statements(ruleset):
        where = f"{rule.get('family')} {rule.get('table')} {rule.get('chain')}"
        for dnat in (statement["dnat"] for statement in each if "dnat" in statement):
            try:
                found.update(_published(each, dnat or {}, maps, (rule["family"], rule["table"])))
            except (_Strange, KeyError, TypeError, ValueError, AttributeError):
                strange.append(f"a DNAT rule of nft chain {where}")
        if not iptables and {"xt": {"type": "target", "name": "DNAT"}} in each:
            strange.append(f"a DNAT rule of iptables in {where}: iptables-save is missing, which would show it")
    for program, text in sorted(iptables.items()):
        for line in (line for line in text.splitlines() if line.startswith("-A ") and " -j DNAT" in line):
            try:
                found.update(_from_iptables(line))
            except (_Strange, ValueError):
                strange.append(f"{program}: {line[:200]}")
    return sorted(found), sorted(set(strange))


# --- nft ----------------------------------------------------------------------------------------------------


def _published(
    each: list[Object], dnat: Object, maps: Mapping[tuple[str, str, str], Object], scope: tuple[str, str]
) -> Iterator[Service]:
    address = dnat["addr"]
    if isinstance(address, str):
        protocol, ports = _matched(each)
        yield from _services(protocol, ports, address, dnat.get("port"))
        return
    key, data = address["map"]["key"]["payload"], address["map"]["data"]
    pairs = maps[*scope, data[1:]]["elem"] if isinstance(data, str) else data["set"]
    if key["field"] != "dport":
        raise _Strange
    protocol = _matched(each)[0] if key["protocol"] == "th" else key["protocol"]
    for ports, target in pairs:
        to_address, to_port = target["concat"] if isinstance(target, dict) else (target, dnat.get("port"))
        yield from _services(protocol, _port_list(ports), to_address, to_port)


def _matched(each: list[Object]) -> tuple[str, list[int]]:
    """The protocol and ports that a rule's own matches name."""
    protocol, ports = "", list[int]()
    for match in (statement["match"] for statement in each if "match" in statement):
        payload = match["left"].get("payload", {})
        if match["left"].get("meta", {}).get("key") == "l4proto" and match["op"] == "==":
            protocol = match["right"]
        elif payload.get("field") == "dport":
            if match["op"] != "==":
                raise _Strange
            ports = _port_list(match["right"])
            protocol = protocol if payload["protocol"] == "th" else payload["protocol"]
    return protocol, ports


def _port_list(right: Any) -> list[int]:
    if isinstance(right, dict) and "set" in right:
        return [port for member in right["set"] for port in _port_list(member)]
    if isinstance(right, dict):
        first, last = right["range"]
        return _span(first, last)
    if isinstance(right, bool) or not isinstance(right, int):
        raise _Strange
    return [right]


def _services(protocol: str, ports: Iterable[int], address: str, to: int | None) -> Iterator[Service]:
    if protocol not in ("tcp", "udp") or not ports or not isinstance(address, str):
        raise _Strange
    for port in ports:
        yield Service(port, protocol, address, port if to is None else int(to))


def _span(first: int, last: int) -> list[int]:
    if not 0 <= last - first < _MOST_PORTS:
        raise _Strange
    return list(range(first, last + 1))


# --- iptables -----------------------------------------------------------------------------------------------

_PROTOCOL = re.compile(r" -p (tcp|udp)\b")
_PORTS = re.compile(r"(!)? (?:-m multiport )?--(?:dport|dports|destination-ports?) ([\d:,]+)\b")
_TARGET = re.compile(r" -j DNAT --to-destination (?:\[([0-9a-f:.]+)\]|([\d.]+)|([0-9a-f:]+))(?::(\d+))?(?: --\S+)*$")


def _from_iptables(line: str) -> Iterator[Service]:
    protocol, ports, target = _PROTOCOL.search(line), _PORTS.search(line), _TARGET.search(line)
    if not (protocol and ports and target) or ports[1] or "! --dport" in line:
        raise _Strange
    wanted = [port for part in ports[2].split(",") for port in _iptables_span(part)]
    address = target[1] or target[2] or target[3]
    yield from _services(protocol[1], wanted, address, int(target[4]) if target[4] else None)


def _iptables_span(part: str) -> list[int]:
    first, _colon, last = part.partition(":")
    return _span(int(first), int(last or first))
