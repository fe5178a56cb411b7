# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a packet filter must know of the machine that it guards: its rules, what it forwards, publishes, and speaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Json, Unreadable
from ..raw import Follow, Raw, Read, missing
from .firewall_manager import Manager, managers
from .flows import Machine
from .links import LINKS, ROUTES4, ROUTES6, Network
from .nat import Service, services
from .nft_json import Object, objects, own_table, statements
from .nft_table import FAMILY, NAME
from .sockets import LISTENERS, Socket

RULESET = Read(name="nft_ruleset", command=("nft", "-s", "-j", "list", "ruleset"), limit=8 << 20)


def listed(table: str) -> Follow:
    """For reads of one table: nft is started for it where the list of everything names it."""
    return Follow(RULESET.name, rf'"name":\s*"({table})"')


OWN = Read(name="nft_own", command=("nft", "-s", "list", "table", FAMILY, NAME), follow=listed(NAME))
IPTABLES = (
    Read(name="iptables", command=("iptables-save",), limit=4 << 20),
    Read(name="ip6tables", command=("ip6tables-save",), limit=4 << 20),
)
POLICIES = Read(name="xfrm_policy", command=("ip", "xfrm", "policy"))
WIREGUARD = Read(name="wireguard_ports", command=("wg", "show", "all", "listen-port"))
FORWARDING = {
    "IPv4": Read(name="forwarding4", files="/proc/sys/net/ipv4/conf/*/forwarding"),
    "IPv6": Read(name="forwarding6", files="/proc/sys/net/ipv6/conf/*/forwarding"),
}

READS = (
    RULESET, OWN, *IPTABLES, ROUTES4, ROUTES6, LINKS, LISTENERS, POLICIES, WIREGUARD, *FORWARDING.values(),
)  # fmt: skip

_NO_KERNEL_XFRM = re.compile(r"not supported", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that filters on a host, as it was read."""

    raw: Raw
    rules: list[Object]  # nft's
    iptables: Mapping[str, str]  # what iptables-save printed, by program
    managers: Mapping[str, Manager]


def seen(raw: Raw) -> Seen:
    rules, iptables = ruleset(raw), iptables_saved(raw)
    return Seen(raw, rules, iptables, managers(raw, rules, iptables))


def machine(raw: Raw, net: Network, listening: tuple[Socket, ...]) -> Machine:
    return Machine(net, listening, ipsec_policies(raw), wireguard_ports(raw))


def is_missing(raw: Raw, name: str) -> bool:
    outputs = raw.all(name)
    return bool(outputs) and all(missing(output) for output in outputs.values())


def own(raw: Raw, rules: list[Object]) -> dict[str, Json]:
    """Our table in canonical form, and in nft's own words for the way back."""
    table = own_table(rules)
    return {"table": table.text if table else "", "undo": raw.text(OWN.name) if table else ""}


def published(raw: Raw) -> list[Service]:
    """Every service that this machine publishes for others; none where there is no packet filter to do so."""
    return led_on(raw)[0]


def led_on(raw: Raw) -> tuple[list[Service], list[str]]:
    """The same, and the rules that lead on in a way we do not follow."""
    return services(ruleset(raw), iptables_saved(raw))


def ruleset(raw: Raw) -> list[Object]:
    """What nft lists; nothing where the program is missing."""
    return [] if is_missing(raw, RULESET.name) else objects(raw.text(RULESET.name))


def forwarded(raw: Raw) -> list[str]:
    """The families that this machine forwards, on any interface."""
    return [family for family, read in FORWARDING.items() if _forwards(raw.files(read.name))]


def covered(ruleset: list[Object], iptables: Mapping[str, str]) -> dict[str, Json]:
    found, strange = services(ruleset, iptables)
    covers: list[Json] = [{"port": each.port, "protocol": each.protocol, "to": each.target} for each in found]
    return {"covers": covers, "not_understood": list[Json](strange)}


def iptables_saved(raw: Raw) -> dict[str, str]:
    return {read.command[0]: raw.text(read.name) for read in IPTABLES if not is_missing(raw, read.name)}


def _forwards(switches: Mapping[str, str]) -> bool:
    """Any interface counts; ``default`` is only a template for new ones."""
    return any(value.strip() != "0" for path, value in switches.items() if "/default/" not in path)


def ipsec_policies(raw: Raw) -> bool:
    outputs = raw.all(POLICIES.name).values()
    if any(output.rc and _NO_KERNEL_XFRM.search(output.text) for output in outputs):
        return False
    return bool(re.search(r"^\s+dir (in|out|fwd)\b", raw.text(POLICIES.name), re.MULTILINE))


def wireguard_ports(raw: Raw) -> dict[str, int] | None:
    if is_missing(raw, WIREGUARD.name):
        return None
    try:
        pairs = (line.split("\t") for line in raw.text(WIREGUARD.name).splitlines())
        return {name: int(port) for name, port in pairs}
    except ValueError as error:
        raise Unreadable("the answer of wg is not understood") from error


def untracked(ruleset: list[Object], iptables: Mapping[str, str]) -> list[str]:
    by_nft = any("notrack" in statement for _rule, each in statements(ruleset) for statement in each)
    by_iptables = any(re.search(r" -j (NOTRACK|CT --notrack)", text) for text in iptables.values())
    why = "some traffic is exempt from connection tracking (notrack), so its replies cannot be told from strangers"
    return [why] if by_nft or by_iptables else []


def redirected(ruleset: list[Object]) -> list[str]:
    found = {f"{rule.get('table')}" for rule, each in statements(ruleset) for statement in each if "fwd" in statement}
    return [f"nft table {table} forwards packets before routing (fwd)" for table in sorted(found)]


def bridged(bridge: str, ports: list[str]) -> str:
    return f"{bridge} bridges {', '.join(ports)}"
