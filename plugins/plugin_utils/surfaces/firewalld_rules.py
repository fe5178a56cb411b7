# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit as rich rules of a zone: what firewalld's files hold, and what it makes of them in the kernel.

A drop for every source that is not in our ipset, at the lowest priorities: whoever may come still meets the zone's own
services. What a machine needs from strangers is accepted before, as a zone can only say it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from .flows import Flow
from .iptables_chain import networks

ALLOW = {4: "iot-site-allow4", 6: "iot-site-allow6"}
_ICMP, _FLOW, _DROP = -32760, -32750, -32740  # nobody sets such priorities by chance

#: DHCP's answers reach a client's raw socket whatever a filter says; firewalld's own zones have no rule for them.
_NEEDS_NONE = "udp sport { 67 } udp dport { 68 }"
_UDP = re.compile(r"udp dport \{ ([\d, ]+) \}")
_UDP_LOCAL = re.compile(r"ip6 saddr fe80::/10 udp dport \{ (\d+) \}")
_PROTOCOL = re.compile(r"meta l4proto \{ ([\d, ]+) \}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rich rule: in a zone's file, and as the statement of nft that firewalld makes of it."""

    xml: str
    kernel: str


def rules(kept: Iterable[Flow]) -> tuple[Rule, ...]:
    """Raises ValueError on a flow that a rich rule cannot tell."""
    icmp = (_rule(_ICMP, "", f'<protocol value="{each}"/>', f"l4proto {each}") for each in ("icmp", "ipv6-icmp"))
    flows = (rule for flow in kept for rule in _flow(flow.match))
    drops = (
        _rule(_DROP, family, f'<source ipset="{name}" invert="True"/>', f"{word} saddr != @{name}", "drop")
        for name, family, word in ((ALLOW[4], "ipv4", "ip"), (ALLOW[6], "ipv6", "ip6"))
    )
    return (*icmp, *flows, *drops)


def _rule(priority: int, family: str, xml: str, kernel: str, action: str = "accept") -> Rule:
    only = f' family="{family}"' if family else ""
    return Rule(f'<rule{only} priority="{priority}">{xml}<{action}/></rule>', f"{kernel} {action}")


def _flow(match: str) -> Iterator[Rule]:
    if match == _NEEDS_NONE:
        return
    if found := _UDP.fullmatch(match):
        for port in found[1].split(", "):
            yield _rule(_FLOW, "", f'<port port="{port}" protocol="udp"/>', f"udp dport {port}")
    elif found := _PROTOCOL.fullmatch(match):
        for number in found[1].split(", "):
            yield _rule(_FLOW, "", f'<protocol value="{number}"/>', f"l4proto {number}")
    elif found := _UDP_LOCAL.fullmatch(match):
        xml = f'<source address="fe80::/10"/><port port="{found[1]}" protocol="udp"/>'
        yield _rule(_FLOW, "ipv6", xml, f"ip6 saddr fe80::/10 udp dport {found[1]}")
    else:
        raise ValueError(f"a rich rule cannot tell {match}")


# --- files --------------------------------------------------------------------------------------------------------

_OURS = re.compile(r'[ \t]*<rule\b[^<>]*\bpriority="-327[456]0"[^<>]*>.*?</rule>[ \t]*\n?', re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def ipset(version: int, allow: Iterable[str]) -> str:
    """The file of one side of the allowlist, wholly ours."""
    entries = "".join(f"  <entry>{net}</entry>\n" for net in networks(allow))
    family = {4: "inet", 6: "inet6"}[version]
    return f"""\
<?xml version="1.0" encoding="utf-8"?>
<!-- Written by iot_site.checklist (IoT device checklist A2): replaced at the next run, change the inventory. -->
<ipset type="hash:net">
  <option name="family" value="{family}"/>
{entries}</ipset>
"""


def with_rules(zone: str, wanted: Iterable[Rule]) -> str:
    """A zone's file with our rules in place of those of ours; "" where its end is not found."""
    plain = _OURS.sub("", zone)
    body, end, rest = plain.rpartition("</zone>")
    if not end or _OURS.search(_COMMENT.sub("", rest)):
        return ""
    ours = "".join(f"  {rule.xml}\n" for rule in wanted)
    return f"{body}{ours}{end}{rest}"


def holds(zone: str, wanted: Iterable[Rule]) -> bool:
    """Whether a zone's file has exactly these rules of ours, however firewalld has written them down since."""
    found = (found.group() for found in _OURS.finditer(_COMMENT.sub("", zone)))
    try:
        return sorted(map(_canonical, found)) == sorted(_canonical(rule.xml) for rule in wanted)
    except ElementTree.ParseError:
        return False


def _canonical(xml: str) -> str:
    return ElementTree.canonicalize(xml.strip(), strip_text=True)
