# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows that a router's own configuration needs from anywhere: kept, and listed in the evidence."""

from __future__ import annotations

from dataclasses import dataclass

from .config import Line, last, starting
from .filters import Opening, Ports, within


@dataclass(frozen=True, slots=True)
class Flow:
    """One needed flow: how it looks, and in the device's own words."""

    why: str
    needs: str  # the key of _needs that must hold; "" = always
    protocol: str
    source_ports: str = "*"
    target_ports: str = "*"
    families: tuple[int, ...] = (4, 6)
    written: str = ""  # the protocol in a filter's words where that is not its number

    def line(self, source: str, target: str) -> str:
        """The filter that passes it."""
        name = self.written or self.protocol
        return f"pass {source} {target} {name} {self.source_ports} {self.target_ports}"


FLOWS = (
    Flow("ICMP (errors, path MTU)", "", "1", families=(4,), written="icmp"),
    Flow("ICMPv6 (neighbours, path MTU)", "", "58", families=(6,), written="icmp6"),
    Flow("DHCP to this router", "", "17", "67", "68", (4,), "udp"),
    Flow("DHCPv6 to this router", "", "17", "*", "546", (6,), "udp"),
    Flow("DNS answers", "", "17", "53", "*", written="udp"),
    Flow("NTP answers", "", "17", "123", "*", written="udp"),
    Flow("IKE of the configured VPNs", "ipsec", "17", "*", "500", written="udp"),
    Flow("IPsec NAT traversal of the configured VPNs", "ipsec", "17", "*", "4500", written="udp"),
    Flow("ESP of the configured VPNs", "ipsec", "50", written="esp"),
    Flow("AH of the configured VPNs", "ipsec", "51", written="ah"),
    Flow("L2TP of the configured VPNs", "l2tp", "17", "*", "1701", written="udp"),
    Flow("PPTP of the configured VPNs", "pptp", "6", "*", "1723", (4,), "tcp"),
    Flow("GRE of the configured PPTP VPNs", "pptp", "47", families=(4,), written="gre"),
    Flow("IPv4 in the configured tunnel (MAP-E, DS-Lite, IPIP)", "ipip", "4"),
    Flow("IPv6 in the configured tunnel", "ipip", "41", families=(4,)),
    Flow("telephony (ひかり電話)", "sip", "17", "*", "5060", written="udp"),
    Flow("telephony, voice (ひかり電話)", "sip", "17", "*", "5004-5060", written="udp"),
)


def needs(lines: tuple[Line, ...]) -> list[str]:
    """What this configuration uses."""
    encapsulations = {line.words[2] for line in starting(lines, "tunnel", "encapsulation") if len(line.words) > 2}
    found = {
        "ipsec": any(starting(lines, "ipsec", "tunnel")) or any(starting(lines, "ipsec", "ike")),
        "l2tp": last(lines, "l2tp", "service").startswith("on"),
        "pptp": last(lines, "pptp", "service").startswith("on"),
        "ipip": bool(encapsulations & {"ipip", "map-e", "dslite", "4over6"}),
        "sip": last(lines, "sip", "use").startswith("on"),
    }
    return [need for need, present in found.items() if present]


def flows(needed: list[str], family: int) -> list[Flow]:
    """The flows of one IP version that these needs imply."""
    return [flow for flow in FLOWS if family in flow.families and (not flow.needs or flow.needs in needed)]


def reason(opening: Opening, needed: list[str], family: int) -> str:
    """Which needed flow an opening is; "" when it is none."""
    return next((flow.why for flow in flows(needed, family) if _is(opening, flow)), "")


def _is(opening: Opening, flow: Flow) -> bool:
    return (
        opening.protocol == flow.protocol
        and within(opening.rule.source_ports, _range(flow.source_ports))
        and within(opening.rule.target_ports, _range(flow.target_ports))
    )


def _range(text: str) -> Ports:
    if text == "*":
        return ((0, 65535),)
    first, _dash, end = text.partition("-")
    return ((int(first), int(end or first)),)
