# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a new session that arrives at the router: NAT, the filter of the ingress interface, the host list.

Only the first packet is judged: what is established stays, however the rules change. That is why a lockout is invisible
on an old session. Order and defaults follow reference/devices.md and the command reference, chapters 8, 23 and 33.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from . import filters
from .config import Config
from .filters import IPAddress

#: Router services: the words before ``service``/``host``/``listen``, with the defaults of the reference.
SERVICES = {
    "sshd": {"port": 22, "service": "off", "host": ("any",)},
    "telnetd": {"port": 23, "service": "on", "host": ("any",)},
    "httpd": {"port": 80, "service": "on", "host": ("lan",)},
}
_TCP = 6


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new TCP session as it arrives: who, where it came in, and the port it asked for."""

    source: IPAddress
    interface: str
    port: int
    inner: tuple[str, int] | None = None  # asked for this inside host directly (from a LAN), not for the router
    source_port: int = 50000


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the session ends up, or why it does not. ``target`` is ``"sshd"`` etc. or ``"address:port"``."""

    passed: bool
    why: str
    target: str = ""


def judge(config: Config, arrival: Arrival) -> Verdict:
    """Follow one new session through the router."""
    where = _destination(config, arrival)
    if isinstance(where, Verdict):
        return where
    destination, port = where
    packet = filters.Packet(arrival.source, destination, _TCP, arrival.source_port, port)
    refused = _filtered(config, arrival.interface, packet)
    if refused:
        return Verdict(False, refused)
    if str(destination) not in own_addresses(config) and arrival.inner is None and not _is_router(config, destination):
        return Verdict(True, "forwarded", f"{destination}:{port}")
    if arrival.inner is not None:
        return Verdict(True, "forwarded", f"{destination}:{port}")
    return _to_service(config, arrival.source, port)


# --- NAT


def section_of(interface: str) -> tuple[str, str]:
    """``pp1`` as (section ``"pp 1"``, word ``"pp"``); ``lan2`` as (``""``, ``"lan2"``)."""
    for kind in ("pp", "tunnel"):
        if interface.startswith(kind):
            return f"{kind} {interface.removeprefix(kind)}", kind
    return "", interface


def _destination(config: Config, arrival: Arrival) -> tuple[IPAddress, int] | Verdict:
    if arrival.inner is not None:
        return ipaddress.ip_address(arrival.inner[0]), arrival.inner[1]
    outer = interface_address(config, arrival.interface, arrival.source.version)
    if arrival.source.version == 6:
        return outer, arrival.port
    for number in nat_descriptors(config, arrival.interface):
        if (config.get(f"nat descriptor type {number}") or ("none",))[0] not in ("masquerade", "nat-masquerade"):
            continue
        for line in config.starting(f"nat descriptor masquerade static {number}"):
            hit = _static(line.value, arrival.port)
            if hit is not None:
                return hit
        return _unlisted(config, number, arrival.port, outer)
    return outer, arrival.port


def nat_descriptors(config: Config, interface: str) -> tuple[str, ...]:
    section, word = section_of(interface)
    words = config.get(f"ip {word} nat descriptor", section) or ()
    return words[: words.index("reverse")] if "reverse" in words else words


def _static(value: tuple[str, ...], port: int) -> tuple[IPAddress, int] | None:
    """``INNER PROTO [OUTER=]INNER_PORT``: the translated destination, if this port is meant."""
    if len(value) != 3 or value[1] not in ("tcp", "6"):
        return None
    outer, equals, inner = value[2].partition("=")
    low, high = (_port(end) for end in (outer.split("-") * 2)[:2])
    if not low <= port <= high:
        return None
    return ipaddress.ip_address(value[0]), _port(inner) if equals else port


def _port(text: str) -> int:
    return filters.PORTS[text][0] if text in filters.PORTS else int(text)


def _unlisted(config: Config, number: str, port: int, outer: IPAddress) -> tuple[IPAddress, int] | Verdict:
    action = config.get(f"nat descriptor masquerade incoming {number}") or ("reject",)
    if action[0] == "forward" and len(action) > 1:
        return ipaddress.ip_address(action[1]), port
    if action[0] == "through" and port > 1023:
        return outer, port
    return Verdict(False, f"NAT descriptor {number} has no entry for tcp {port}")


# --- filters


def applied(config: Config, interface: str, version: int) -> tuple[int, ...] | None:
    """Numbers of the static filters applied inbound; ``None`` when none are (everything passes)."""
    section, word = section_of(interface)
    ip = "ip" if version == 4 else "ipv6"
    listed = config.get(f"{ip} {word} secure filter in", section)
    named = config.get(f"{ip} {word} secure filter name", section)
    if named is not None:
        listed = config.get(f"{ip} filter set {named[0]} in")
    return None if listed is None else filters.parse_list(listed)[0]


def _filtered(config: Config, interface: str, packet: filters.Packet) -> str:
    """Why the inbound filter refuses this packet; empty when it does not."""
    numbers = applied(config, interface, packet.source.version)
    if numbers is None:
        return ""
    ip = "ip" if packet.source.version == 4 else "ipv6"
    for number in numbers:
        value = config.get(f"{ip} filter {number}")
        if value is None:
            continue
        rule = filters.parse((ip, "filter", str(number), *value))
        if rule.matches(packet):
            return "" if rule.passes else f"{ip} filter {number} on {interface}"
    return f"no filter of {interface} matched"


# --- the router itself


def _to_service(config: Config, source: IPAddress, port: int) -> Verdict:
    for name, defaults in SERVICES.items():
        if port != int((config.get(f"{name} listen") or (defaults["port"],))[0]):  # type: ignore[call-overload]
            continue
        if (config.get(f"{name} service") or (defaults["service"],))[0] != "on":
            return Verdict(False, f"{name} service is off")
        hosts = config.get(f"{name} host") or defaults["host"]
        if not filters.host_allowed(hosts, source, lan_networks(config)):  # type: ignore[arg-type]
            return Verdict(False, f"{name} host does not list {source}")
        return Verdict(True, "accepted", name)
    return Verdict(False, f"nothing listens on tcp {port}")


def _addresses(config: Config) -> Iterator[tuple[str, str]]:
    """(interface, address/prefix) of every address written in the configuration."""
    for line in config.all():
        words = line.tokens
        if words[0] in ("ip", "ipv6") and "address" in words[2:4] and "/" in words[-1]:
            name = line.key[0].replace(" ", "") or words[1]
            yield name, words[-1].split("@")[-1]


def own_addresses(config: Config) -> set[str]:
    found = set()
    for _name, text in _addresses(config):
        try:
            found.add(str(ipaddress.ip_interface(text).ip))
        except ValueError:
            continue
    return found


def lan_networks(config: Config) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in _addresses(config):
        if name.startswith(("lan", "bridge", "vlan", "wan")):
            try:
                found.setdefault(name, []).append(str(ipaddress.ip_interface(text).network))
            except ValueError:
                continue
    return found


#: What a line gets from its provider when the configuration holds no address for it.
DYNAMIC = {4: "203.0.113.1", 6: "2001:db8:ffff::1"}


def interface_address(config: Config, interface: str, version: int) -> IPAddress:
    """The router's own address on an interface; a dynamic one is a fixed documentation address here."""
    for name, text in _addresses(config):
        try:
            address = ipaddress.ip_interface(text).ip
        except ValueError:
            continue
        if name == interface and address.version == version:
            return address
    return ipaddress.ip_address(DYNAMIC[version])


def _is_router(config: Config, address: IPAddress) -> bool:
    del config
    return str(address) in DYNAMIC.values()
