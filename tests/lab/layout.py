# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab site looks like: its networks and hosts, read from ``sites/<site>.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

SITES = Path(__file__).parent / "sites"


class LabError(Exception):
    """The lab cannot do what was asked; the message says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Network:
    """One bridge. The controller (the machine that runs the lab) has the first address of each range."""

    name: str
    subnets: tuple[str, ...]  # one IPv4 and one IPv6 range


@dataclass(frozen=True, slots=True)
class Host:
    """One container with systemd, sshd and the packages of ``recipe/packages``."""

    name: str
    addresses: dict[str, tuple[str, ...]]  # {network: (IPv4, IPv6)}; the interface is called <network>0
    default_via: tuple[str, ...] = ()
    forwards: bool = False
    reach: str = ""  # the network over which the controller manages it; "" = its first one

    @property
    def management(self) -> str:
        """The address that the controller connects to."""
        return self.addresses[self.reach or next(iter(self.addresses))][0]

    @property
    def routes(self) -> str:
        """A shell script that replaces the bridges' default routes by this host's own."""
        lines = [f"while ip -{family} route del default 2>/dev/null; do :; done" for family in (4, 6)]
        lines += [f"ip route add default via {via}" for via in self.default_via]
        return "\n".join([*lines, ""])


@dataclass(frozen=True, slots=True)
class Layout:
    """One site of the lab."""

    name: str
    networks: tuple[Network, ...]
    hosts: tuple[Host, ...]

    def host(self, name: str) -> Host:
        for host in self.hosts:
            if host.name == name:
                return host
        raise LabError(f"site {self.name} has no host {name}; it has {', '.join(h.name for h in self.hosts)}")


def sites() -> list[str]:
    return sorted(path.stem for path in SITES.glob("*.toml"))


def load(name: str) -> Layout:
    """The layout called ``name``; a wrong name is answered with the right ones."""
    if name not in sites():
        raise LabError(f"there is no site {name}; {SITES} has {', '.join(sites())}")
    table = tomllib.loads((SITES / f"{name}.toml").read_text("utf-8"))
    networks = tuple(Network(key, tuple(subnets)) for key, subnets in table["networks"].items())
    hosts = tuple(
        Host(
            name=key,
            addresses={network: tuple(pair) for network, pair in entry["addresses"].items()},
            default_via=tuple(entry.get("default_via", ())),
            forwards=entry.get("forwards", False),
            reach=entry.get("reach", ""),
        )
        for key, entry in table["hosts"].items()
    )
    return Layout(name, networks, hosts)
