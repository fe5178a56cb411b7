# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of the outside view of one host: from where it is taken, and where the host is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import addresses, readers
from ..ip import IPAddress
from ..people import sources_from
from ..problems import Expected, Problem, Problems

#: The inventory group of the vantages. They are no devices of a site, so no other play of ours touches them.
GROUP = "iot_site_vantage_hosts"

#: Instead of an address: whatever the device itself reports as its own in this run.
REPORTED = "reported"

#: What a finding says that is seen from nowhere else (Finding.seen_from).
INSIDE = "inside"

REFUSED, SERVED = "refused", "served"

_EXPECTS = readers.choice(REFUSED, SERVED)
_PORT = readers.whole(1, 65535)
_KEYS = frozenset({"host", "sources", "expects", "controls"})
_CONTROL_KEYS = frozenset({"address", "port"})
_NAME = readers.text(
    r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})+\.?",
    "a name in DNS, such as k7.example.org",
)
_ATTESTED = readers.line(200)


@dataclass(frozen=True, slots=True)
class Control:
    """A TCP endpoint that everybody reaches. As long as it answers, silence elsewhere means something."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Vantage:
    """A host outside of the site, and what a visitor who comes from there must meet."""

    host: str
    sources: tuple[str, ...]  # the addresses under which the Internet sees it, canonical
    expects: str = REFUSED  # a stranger; or served: somebody of the allowlist
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """How one host is seen from outside."""

    vantages: tuple[Vantage, ...] = ()
    addresses: tuple[str, ...] = ()  # its own, as the Internet sees them; or REPORTED
    names: tuple[str, ...] = ()  # in DNS, dynamic DNS included
    ipv6_attested: str = ""  # who says that no home gateway lets its carrier's other customers in; "": nobody


def load(declared: Mapping[str, Any], host: str) -> tuple[Outside, list[Problem]]:
    """The outside view of ``host`` from what ``declared`` collects, and every problem with it."""
    wrong = Problems(host)
    members = frozenset(str(name) for name in declared.get("vantage_hosts") or ())
    outside = Outside(
        vantages=_vantages(declared.get("vantages"), members, wrong),
        addresses=_addresses(declared.get("outside_addresses"), wrong),
        names=_names(declared.get("outside_names"), wrong),
        ipv6_attested=wrong.read("iot_site_ipv6_attested", declared.get("ipv6_attested") or None, _ATTESTED, ""),
    )
    return outside, wrong.found


def _vantages(value: Any, members: frozenset[str], wrong: Problems) -> tuple[Vantage, ...]:
    found: dict[str, Vantage] = {}
    example = "a vantage: {host: outside-a, sources: [198.51.100.7], expects: refused}"
    for place, entry in wrong.entries("iot_site_vantages", value, _KEYS, example):
        vantage = Vantage(
            host=wrong.read(f"{place}.host", entry.get("host") or "", _member(members), ""),
            sources=sources_from(entry.get("sources"), f"{place}.sources", wrong),
            expects=wrong.read(f"{place}.expects", entry.get("expects"), _EXPECTS, REFUSED),
            controls=_controls(f"{place}.controls", entry.get("controls"), wrong),
        )
        if not vantage.sources:
            wrong.add(f"{place}.sources", entry.get("sources"), "the addresses under which the Internet sees this host")
        if found.setdefault(vantage.host, vantage) != vantage:
            wrong.add(f"{place}.host", vantage.host, "each host once")
    return tuple(found.values())


def _member(members: frozenset[str]) -> Any:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in members:
            raise Expected(f"a host of the inventory group {GROUP}, where the hosts outside of all sites are")
        if value == INSIDE:
            raise Expected(f"a host of another name than {INSIDE}, the name of the devices' own view")
        return str(value)

    return read


def _controls(variable: str, value: Any, wrong: Problems) -> tuple[Control, ...]:
    controls = []
    example = "a service that everybody reaches: {address: 192.0.2.80, port: 443}"
    for place, entry in wrong.entries(variable, value, _CONTROL_KEYS, example):
        address = wrong.read(f"{place}.address", entry.get("address") or "", _address, "")
        controls.append(Control(address, wrong.read(f"{place}.port", entry.get("port") or "", _PORT, 0)))
    return tuple(dict.fromkeys(controls))


def _address(value: Any) -> str:
    """One address, never a network or a range."""
    parsed = addresses.parse(value)
    if parsed.size != 1:
        raise Expected("one address (203.0.113.10); networks and ranges are never tried")
    return str(IPAddress(next(iter(parsed))))


def _addresses(value: Any, wrong: Problems) -> tuple[str, ...]:
    found = [
        wrong.read(f"iot_site_outside_addresses[{number}]", entry or "", _address_or_reported, "")
        for number, entry in enumerate(wrong.items("iot_site_outside_addresses", value))
    ]
    return tuple(dict.fromkeys(address for address in found if address))


def _address_or_reported(value: Any) -> str:
    return REPORTED if value == REPORTED else _address(value)


def _names(value: Any, wrong: Problems) -> tuple[str, ...]:
    found = [
        wrong.read(f"iot_site_outside_names[{number}]", entry or "", _NAME, "")
        for number, entry in enumerate(wrong.items("iot_site_outside_names", value))
    ]
    return tuple(dict.fromkeys(name for name in found if name))
