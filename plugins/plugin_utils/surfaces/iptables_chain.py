# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit in iptables' language: one chain of our own that drops strangers and returns whoever may come.

It only ever takes away: what returns from it still meets the owner's own rules, so nothing becomes more open than it
was. Chains compare in one canonical spelling of what iptables-save prints.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .flows import Flow
from .nft_table import elements

#: Both programs know it by this name.
CHAIN = "iot-site-input"


@dataclass(frozen=True, slots=True)
class Family:
    """One of the two programs, and how it says what the other says otherwise."""

    version: int
    program: str
    icmp: str
    ufw: str  # what ufw puts into the names of its chains and files

    @property
    def restore(self) -> tuple[str, ...]:
        """Changes whole chains at once, leaves every other as it is, and waits for another program's lock."""
        return (f"{self.program}-restore", "--wait=5", "--noflush")

    @property
    def test(self) -> tuple[str, ...]:
        return (*self.restore, "--test")


FAMILIES = (Family(4, "iptables", "icmp", ""), Family(6, "ip6tables", "ipv6-icmp", "6"))

#: What a flow's match may consist of in nft's language (flows.py), and the same for iptables.
_WORDS = (
    (
        re.compile(r"fib saddr type local udp dport \{ ([\d, ]+) \}"),
        "-p udp -m addrtype --src-type LOCAL -m udp --dport {}",
    ),
    (re.compile(r"ip6 saddr (\S+)"), "-s {}"),
    (re.compile(r"udp sport \{ ([\d, ]+) \}"), "-p udp -m udp --sport {}"),
    (re.compile(r"udp dport \{ ([\d, ]+) \}"), "-p udp -m udp --dport {}"),
    (re.compile(r"meta l4proto \{ ([\d, ]+) \}"), "-p {}"),
    (re.compile(r"meta ipsec (exists)"), "-m policy --dir in --pol ipsec"),
)

#: As iptables-save writes a protocol where /etc/protocols is there; without it, the number.
_PROTOCOLS = {"4": "ipencap", "41": "ipv6", "47": "gre", "50": "esp", "51": "ah", "115": "l2tp"}


def rules(family: Family, inside: Iterable[str], kept: Iterable[Flow], allow: Iterable[str]) -> tuple[str, ...]:
    """The rules of our chain. Raises ValueError on a flow that iptables cannot tell."""
    return (
        *(f"-i {name} -j RETURN" for name in sorted(inside)),
        "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
        f"-p {family.icmp} -j RETURN",
        *(f"{match} -j RETURN" for flow in kept for match in _matches(family, flow.match)),
        *(f"-s {net} -j RETURN" for net in networks(allow)),
        "-j DROP",
    )


def whole(family: Family, inside: Iterable[str], kept: Iterable[Flow], allow: Iterable[str]) -> str:
    """Input and forwarded traffic, for a person to load where there is no nft: in mangle, before anybody's filter."""
    inside, kept, allow = list(inside), list(kept), list(allow)
    lines = [f"# {' '.join(family.restore)} < FILE, at every boot", "*mangle"]
    for hook, flows in (("INPUT", kept), ("FORWARD", [flow for flow in kept if flow.forward])):
        name = f"iot-site-{hook.lower()}"
        ours = rules(family, inside, flows, allow)
        lines += [f":{name} - [0:0]", *(f"-A {name} {rule}" for rule in ours), f"-I {hook} 1 -j {name}"]
    return "\n".join((*lines, "COMMIT", ""))


def _matches(family: Family, match: str) -> Iterator[str]:
    """One rule for each combination of what a flow's match lists; none where it speaks of the other family."""
    options, rest = list[list[str]](), match
    while rest:
        form, found = next(((form, hit) for word, form in _WORDS if (hit := word.match(rest))), ("", None))
        if found is None:
            raise ValueError(f"iptables cannot tell {match}")
        if form.startswith("-s") and family.version == 4:
            return
        options.append([form.format(each) for each in found[1].split(", ")])
        rest = rest[found.end() :].lstrip()
    for each in itertools.product(*options):
        yield re.sub(r"(--sport \d+) -p udp -m udp", r"\1", " ".join(each))


def networks(entries: Iterable[str]) -> Iterator[str]:
    """Addresses, networks and ranges of one family as networks, in order."""
    for entry in elements(entries):
        first, _dash, last = entry.partition("-")
        if not last:
            yield str(ipaddress.ip_network(entry))
            continue
        low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
        yield from map(str, ipaddress.summarize_address_range(low, high))


# --- what iptables-save prints --------------------------------------------------------------------------------


def filter_rules(saved: str) -> dict[str, list[str]]:
    """``{chain of the table filter: its rules}``, in order and in canonical spelling."""
    table, chains = "", dict[str, list[str]]()
    for line in saved.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif table != "filter":
            continue
        elif line.startswith(":"):
            chains.setdefault(line[1:].split(" ")[0], [])
        elif line.startswith("-A "):
            name, _space, rule = line[3:].partition(" ")
            chains.setdefault(name, []).append(canonical(rule))
    return chains


def canonical(rule: str) -> str:
    """One spelling for what different versions of iptables-save write."""
    named = re.sub(r"(^| )-p (\d+)(?= |$)", lambda found: f"{found[1]}-p {_PROTOCOLS.get(found[2], found[2])}", rule)
    return re.sub(r"(^| )-p icmpv6(?= |$)", r"\1-p ipv6-icmp", named)


#: A packet that meets one of these is not let in by it.
_HARMLESS = frozenset({"DROP", "REJECT", "RETURN", "LOG", "NFLOG", "CONNMARK", "MARK", ""})


def lets_in_before(chains: Mapping[str, list[str]], hook: str, ours: str) -> list[str]:
    """The rules of ``hook`` that may accept a packet before it comes to the chain ``ours``; all when it never does."""
    found = list[str]()
    for rule in chains.get(hook, []):
        if rule == f"-j {ours}":
            return found
        if _may_accept(chains, rule, frozenset()):
            found.append(f"-A {hook} {rule}")
    return [*found, f"no rule of {hook} leads to {ours} unconditionally"]


def _may_accept(chains: Mapping[str, list[str]], rule: str, seen: frozenset[str]) -> bool:
    target = re.search(r"(?:^| )-([jg]) (\S+)", rule)
    if target is None:
        return False
    if target[1] == "g" or target[2] in seen:
        return True
    if target[2] in chains:
        return any(_may_accept(chains, each, seen | {target[2]}) for each in chains[target[2]])
    return target[2] not in _HARMLESS
