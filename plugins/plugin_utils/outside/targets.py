# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be tried from outside: hosts of the inventory, at addresses that are theirs, at ports that are declared.

An address that is not static counts only if the device reported it as its own in this run: tomorrow it is a
stranger's. A host's management address (ansible_host) is none of this, unless it is declared here too. What nobody
declared is never tried, so an open port that nobody knows of is not seen from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..ip import IPAddress, IPSet
from ..model import Intent
from .wanted import REPORTED, Outside

#: Where a device that has an address of its own outside is usually managed; each port is tried unless it is forwarded.
OWN_PORTS = (("tcp", 22), ("tcp", 23), ("tcp", 80), ("tcp", 443), ("udp", 161))

#: Addresses that no stranger comes to, or from: private, shared, link-local, loopback, unspecified.
_INNER = IPSet([
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "0.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128", "::/128",
])  # fmt: skip

_PROBE = "iot_site_authorised must hold today and have probe in its scope"


@dataclass(frozen=True, slots=True)
class Member:
    """One host of the site that is in this run."""

    intent: Intent
    outside: Outside
    reported: tuple[str, ...] = ()  # the addresses that it reported as its own in this run


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint of one device."""

    host: str  # the device that answers there
    via: str  # the host whose address it is
    address: str
    port: int
    transport: str  # tcp or udp
    to: int = 0  # the device's own port, where ``via`` forwards

    @property
    def place(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}/{self.transport}"


@dataclass(frozen=True, slots=True)
class Untried:
    """Why a device, or a part of what it publishes, must not or cannot be tried."""

    host: str
    place: str
    why: str
    fix: str


def targets(members: Mapping[str, Member]) -> tuple[list[Target], list[Untried]]:
    """Everything of one site that may be tried, each endpoint once, and what is declared and may not."""
    found: dict[Target, None] = {}
    untried: dict[Untried, None] = {}
    for member in members.values():
        for one in (*_published(member, members), *_own(member, members)):
            if isinstance(one, Target):
                found[one] = None
            else:
                untried[one] = None
    return list(found), list(untried)


def _published(member: Member, members: Mapping[str, Member]) -> Iterator[Target | Untried]:
    host = member.intent.host
    for service in member.intent.published:
        place = f"{service.via}:{service.port}/{service.protocol}"
        gateway = members.get(service.via)
        if gateway is None:
            yield Untried(host, place, f"{service.via} is not in this run", f"Run {host} and {service.via} together.")
            continue
        refused = _forbidden(member) or _forbidden(gateway)
        if refused:
            yield Untried(host, place, refused, f"{_PROBE}, for {host} and {service.via}.")
            continue
        addresses, missing = _addresses(gateway)
        for why, fix in missing:
            yield Untried(host, place, why, fix)
        for address in addresses:
            yield Target(host, service.via, address, service.port, service.protocol, service.to)


def _own(member: Member, members: Mapping[str, Member]) -> Iterator[Target | Untried]:
    """The device's own doors, where it has an address outside and does not forward that port."""
    host = member.intent.host
    if not member.outside.addresses:
        return
    if refused := _forbidden(member):
        yield Untried(host, "", refused, f"{_PROBE}.")
        return
    forwarded = set(_forwarded(host, members.values()))
    addresses, missing = _addresses(member)
    for why, fix in missing:
        yield Untried(host, "", why, fix)
    for address in addresses:
        for transport, port in OWN_PORTS:
            if (transport, port) not in forwarded:
                yield Target(host, host, address, port, transport)


def _forwarded(gateway: str, members: Iterable[Member]) -> Iterator[tuple[str, int]]:
    for member in members:
        for service in member.intent.published:
            if service.via == gateway:
                yield service.protocol, service.port


def _forbidden(member: Member) -> str:
    """Why this device must not be tried; "" where somebody has allowed it for today."""
    authorised = member.intent.authorised
    if authorised is None:
        return f"nobody has allowed {member.intent.host} to be tried from outside"
    if not authorised.allows("probe", member.intent.today):
        return (
            f"what {authorised.by} has allowed for {member.intent.host} does not hold today ({authorised.on} to "
            f"{authorised.until}) or has no probe in its scope"
        )
    return ""


def _addresses(member: Member) -> tuple[list[str], list[tuple[str, str]]]:
    """Where this host is found outside; and why and what to do, for what is declared and not known."""
    host, declared = member.intent.host, member.outside.addresses
    if not declared:
        return [], [
            (f"no address is declared under which {host} is reached", f"Set iot_site_outside_addresses of {host}.")
        ]
    static = [address for address in declared if address != REPORTED]
    if REPORTED not in declared:
        return static, []
    reported = [address for address in member.reported if not is_inner(address)]
    if not reported:
        return static, [
            (
                f"{host} reported no outer address in this run, and an earlier one may be a stranger's by now",
                f"Judge A2 of {host} in the same run (remediate does), its line being up, or declare a static one.",
            )
        ]
    return list(dict.fromkeys([*static, *reported])), []


def is_inner(address: str) -> bool:
    """Whether the Internet has no way to, or from, this address as it is."""
    return IPAddress(address) in _INNER
