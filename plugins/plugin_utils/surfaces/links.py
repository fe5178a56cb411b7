# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where outside is: the interfaces of a host that carry a default route, and those that do not.

Fail closed: inside is only what has an address, carries no default route and is no dial-up or mobile link. An
interface that appears later is in no list, and is treated as outside.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import Unreadable
from ..raw import Raw, Read

ROUTES4 = Read(name="routes4", command=("ip", "-j", "-4", "route", "show", "table", "all"))
ROUTES6 = Read(name="routes6", command=("ip", "-j", "-6", "route", "show", "table", "all"))
LINKS = Read(name="links", command=("ip", "-j", "-d", "addr"))

#: Some VPN clients replace the default route by two halves; nobody routes an eighth of the Internet to his LAN.
_DEFAULT_LIKE = 3
_NOT_A_WAY_OUT = frozenset(
    {"unreachable", "blackhole", "prohibit", "throw", "local", "broadcast", "multicast", "anycast"}
)
_WAN_KINDS = frozenset({"ppp", "wwan", "rmnet"})
#: nft reads a trailing asterisk as a wildcard; a name with any such character is never trusted as inside.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,15}")


@dataclass(frozen=True, slots=True)
class Link:
    """One network interface, as far as a packet filter cares."""

    name: str
    kind: str = ""  # bridge, wireguard, sit, …; "" = a physical one
    master: str = ""
    slave_kind: str = ""
    up: bool = False
    loopback: bool = False
    dial_up: bool = False
    addressed: bool = False  # has an address that others can route to
    addresses: tuple[str, ...] = ()
    dynamic4: bool = False  # holds a lease
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Network:
    """The interfaces of one host and where they lead."""

    links: tuple[Link, ...]
    defaults: Mapping[str, tuple[str, ...]]  # {interface: its default routes, as text}
    protocols: frozenset[str] = frozenset()  # who made the routes: kernel, static, dhcp, bgp, …

    @property
    def outside(self) -> dict[str, str]:
        """``{interface: why it is outside}``"""
        dial_up = {link.name: "a dial-up or mobile link" for link in self.links if link.dial_up}
        return dial_up | {name: "; ".join(routes) for name, routes in sorted(self.defaults.items())}

    @property
    def outer_addresses(self) -> tuple[str, ...]:
        """What the interfaces that lead outside have now; a router before this host may show another one."""
        return tuple(address for link in self.links if link.name in self.outside for address in link.addresses)

    @property
    def inside(self) -> tuple[str, ...]:
        return tuple(sorted(link.name for link in self.links if self._is_inside(link)))

    def _is_inside(self, link: Link) -> bool:
        if link.loopback:
            return True
        routed = link.addressed and not link.master and link.kind != "vrf"
        return routed and link.name not in self.outside and bool(_PLAIN_NAME.fullmatch(link.name))

    @property
    def bridged_out(self) -> dict[str, list[str]]:
        """``{outside bridge: its ports}``: frames from port to port are not routed, so no IP filter sees them."""
        ports = {name: [link.name for link in self.links if link.master == name] for name in self.defaults}
        kinds = {link.name: link.kind for link in self.links}
        return {name: held for name, held in ports.items() if kinds.get(name) == "bridge" and len(held) > 1}


def network(raw: Raw) -> Network:
    """Raises Unreadable on anything that ip(8) would not say."""
    try:
        routes = {"IPv4": _listed(raw, ROUTES4), "IPv6": _listed(raw, ROUTES6)}
        links = tuple(sorted((_link(each) for each in _listed(raw, LINKS) if each), key=lambda link: link.name))
        defaults: dict[str, tuple[str, ...]] = {}
        for family, name, text in sorted(_defaults(routes)):
            defaults[name] = (*defaults.get(name, ()), f"{family} {text}")
        protocols = {str(route.get("protocol", "")) for each in routes.values() for route in each}
        return Network(links, defaults, frozenset(protocols))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(f"the interfaces or routes are not understood: {type(error).__name__}") from error


def _listed(raw: Raw, read: Read) -> list[dict[str, Any]]:
    listed = json.loads(raw.text(read.name))
    if not isinstance(listed, list) or (read is LINKS and not listed):  # there is always a loopback
        raise TypeError(read.name)
    return listed


def _defaults(routes: Mapping[str, Iterable[dict[str, Any]]]) -> set[tuple[str, str, str]]:
    """(family, interface, the route in words) of every route that leads to everybody."""
    return {
        (family, str(hop["dev"]), _in_words(route, hop))
        for family, each in routes.items()
        for route in each
        if route.get("type", "unicast") not in _NOT_A_WAY_OUT and _leads_out(str(route["dst"]))
        for hop in (route, *route.get("nexthops", ()))
        if "dev" in hop
    }


def _leads_out(destination: str) -> bool:
    if destination == "default":
        return True
    return "/" in destination and ipaddress.ip_network(destination).prefixlen <= _DEFAULT_LIKE


def _in_words(route: Mapping[str, Any], hop: Mapping[str, Any]) -> str:
    via = hop.get("gateway") or (hop.get("via") or {}).get("host", "")
    table = f" table {route['table']}" if "table" in route else ""
    return f"{route['dst']}{f' via {via}' if via else ''}{table}"


def _link(each: Mapping[str, Any]) -> Link:
    info = each.get("linkinfo", {})
    flags = each.get("flags", ())
    addresses = [address for address in each.get("addr_info", ()) if address]
    name, kind = str(each["ifname"]), str(info.get("info_kind", ""))
    return Link(
        name=name,
        kind=kind,
        master=str(each.get("master", "")),
        slave_kind=str(info.get("info_slave_kind", "")),
        up="UP" in flags,
        loopback="LOOPBACK" in flags,
        dial_up=each.get("link_type") == "ppp" or kind in _WAN_KINDS or name.startswith("wwan"),
        addressed=any(address.get("scope") in ("global", "site") for address in addresses),
        addresses=tuple(str(address.get("local", "")) for address in addresses),
        dynamic4=any(address.get("dynamic") and address.get("family") == "inet" for address in addresses),
        info=info.get("info_data", {}),
    )
