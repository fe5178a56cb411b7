# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows that a machine's own configuration needs from outside, and what we cannot keep and so must not cut.

Replies to what the machine itself asks (DNS, NTP, updates) are established traffic and need no entry here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .links import Link, Network
from .nft_json import braces
from .sockets import Socket


@dataclass(frozen=True, slots=True)
class Flow:
    """One kept flow: the match in nft's language, and why."""

    match: str
    why: str
    forward: bool = False  # also where the machine forwards


@dataclass(frozen=True, slots=True)
class Machine:
    """What the flows follow from."""

    network: Network
    sockets: tuple[Socket, ...]
    ipsec_policies: bool
    wireguard: dict[str, int] | None  # {interface: port}; None: the program that tells is missing

    def listens(self, protocol: str, *ports: int) -> bool:
        return any(s.exposed and s.protocol == protocol and s.port in ports for s in self.sockets)


#: VPN programs that speak UDP with people at unknown addresses, who prove themselves by key.
_VPN_PROGRAMS = frozenset({"openvpn", "tailscaled", "zerotier-one", "nebula", "ocserv", "vpnserver", "ocserv-main"})
_VPN_PORTS = frozenset({41641})  # fixed ones above the ephemeral boundary
_IPSEC_PORTS = (500, 4500)
_L2TP_PORT, _SIP_PORT, _MDNS_PORT = 1701, 5060, 5353

#: Tunnel kinds and the IP protocols their outer packets may have (MAP-E and DS-Lite are IPv4 in IPv6).
_TUNNELS = {
    "ipip": (4,), "ip6tnl": (4, 41), "sit": (4, 41), "gre": (47,), "gretap": (47,), "ip6gre": (47,), "ip6gretap": (47,),
}  # fmt: skip
_UDP_TUNNELS = frozenset({"vxlan", "geneve"})
_ROUTING = frozenset({"bgp", "ospf", "isis", "rip", "eigrp", "babel", "bird", "zebra", "openr"})


def flows(machine: Machine) -> list[Flow]:
    """In the order in which they stand in the table."""
    return [*_dhcp(machine), *_mdns(machine), *_ipsec(machine), *_udp(machine), *_tunnels(machine.network.links)]


def cannot_keep(machine: Machine) -> list[str]:
    """What a filter of ours would cut and we cannot tell from a stranger: then we change nothing."""
    return sorted({*_unknown_peers(machine), *_unknown_paths(machine)})


def _dhcp(machine: Machine) -> Iterator[Flow]:
    leased = "dhcp" in machine.network.protocols or any(link.dynamic4 for link in machine.network.links)
    if leased or machine.listens("udp", 68):
        yield Flow("udp sport { 67 } udp dport { 68 }", "DHCP replies: this machine holds a lease")
    if machine.listens("udp", 546):
        yield Flow("ip6 saddr fe80::/10 udp dport { 546 }", "DHCPv6 replies: a client listens")


def _mdns(machine: Machine) -> Iterator[Flow]:
    """What a machine multicasts to itself comes in by the interface that it would have left by."""
    if machine.listens("udp", _MDNS_PORT):
        yield Flow(f"fib saddr type local udp dport {{ {_MDNS_PORT} }}", "this machine asks itself what it announces")


def _uses_ipsec(machine: Machine) -> bool:
    return machine.ipsec_policies or machine.listens("udp", *_IPSEC_PORTS)


def _ipsec(machine: Machine) -> Iterator[Flow]:
    if _uses_ipsec(machine):
        yield Flow("udp dport { 500, 4500 }", "IKE: this machine speaks IPsec")
        yield Flow("meta l4proto { 50, 51 }", "ESP and AH: this machine speaks IPsec")
        yield Flow("meta ipsec exists", "came out of an IPsec tunnel of this machine", forward=True)
    elif machine.listens("udp", _L2TP_PORT):
        yield Flow(f"udp dport {{ {_L2TP_PORT} }}", "L2TP: this machine listens")


def _udp(machine: Machine) -> Iterator[Flow]:
    wireguard = {port for port in (machine.wireguard or {}).values() if port}
    held = {
        s.port for s in machine.sockets if s.protocol == "udp" and _is_vpn(s) and (s.lasting or s.port in _VPN_PORTS)
    }
    tunnels = {int(link.info.get("port", 0)) for link in machine.network.links if link.kind in _UDP_TUNNELS}
    for ports, why in (
        (wireguard, "WireGuard of this machine"),
        (held - wireguard, "a VPN program of this machine listens"),
        (tunnels - {0}, "VXLAN or Geneve tunnel of this machine"),
    ):
        if ports:
            yield Flow(f"udp dport {braces(map(str, sorted(ports)))}", why)


def _is_vpn(socket: Socket) -> bool:
    return socket.exposed and socket.program in _VPN_PROGRAMS


def _tunnels(links: Iterable[Link]) -> Iterator[Flow]:
    protocols = {number for link in links if link.up for number in _TUNNELS.get(link.kind, ())}
    if protocols:
        numbers = braces(map(str, sorted(protocols)))
        yield Flow(f"meta l4proto {numbers}", "IP tunnels of this machine (MAP-E, DS-Lite, GRE)")


def _unknown_peers(machine: Machine) -> Iterator[str]:
    for socket in machine.sockets:
        if _is_vpn(socket) and socket.protocol == "tcp":
            yield f"{socket}: a VPN over TCP cannot be told from that program's management port"
    if machine.listens("udp", _SIP_PORT):
        yield f"udp {_SIP_PORT}: telephony (SIP); calls come from servers that we do not know"
    for protocol in sorted(machine.network.protocols & _ROUTING):
        yield f"routes are learned by {protocol} from neighbours that we do not know"


def _unknown_paths(machine: Machine) -> Iterator[str]:
    kinds = {link.kind for link in machine.network.links if link.up}
    if "wireguard" in kinds and machine.wireguard is None:
        yield "WireGuard is up, but the program wg is missing, which would tell its port: install wireguard-tools"
    if "vrf" in kinds:
        yield "this machine has VRFs, in which interfaces have other names for a packet filter"
