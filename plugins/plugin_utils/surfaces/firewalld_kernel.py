# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What firewalld has in the kernel: which zones take in what comes from outside, and what comes first in each.

Read like a packet would: from the input hook to the first rules of a zone. Whatever is not exactly as firewalld builds
it is named, and then our own table limits the input instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .nft_json import PROTOCOLS, Object, element, statements
from .nft_table import elements

#: What may stand before the zones: it lets nobody in whom we would have to keep out. DNAT is looked at separately.
_BEFORE = frozenset(
    {
        "ct state established,related accept",
        "ct status dnat accept",
        "iifname lo accept",
        "ct state invalid drop",
        "ct state invalid log",
    }
)
_IPV6_POLICY = "filter_IN_policy_allow-host-ipv6"
_TO_ZONE = re.compile(r"(?:iifname (\S+) )?goto filter_IN_([A-Za-z0-9_/-]+)")

Chains = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Input:
    """The zones that strangers come to, and why a rule in them would not be enough."""

    zones: tuple[str, ...]
    strange: tuple[str, ...]


def chains(ruleset: list[Object]) -> Chains:
    """``{chain of firewalld's table: its rules, each as one line}``"""
    found: dict[str, list[str]] = {}
    for rule, each in statements(ruleset):
        if (rule.get("family"), rule.get("table")) == ("inet", "firewalld"):
            found.setdefault(str(rule.get("chain")), []).append(" ".join(map(_said, each)))
    return found


def listed(ruleset: list[Object], name: str) -> list[str] | None:
    """The members of one of firewalld's sets, in canonical form; None where there is no such set."""
    for each in (one["set"] for one in ruleset if "set" in one):
        if (each.get("family"), each.get("table"), each.get("name")) == ("inet", "firewalld", name):
            try:
                return list(elements(element(member) for member in each.get("elem", [])))
            except (ValueError, TypeError, KeyError):
                return None
    return None


def entrance(found: Chains, inside: Collection[str]) -> Input:
    """Where a packet from outside goes."""
    strange = [f"before the zones stands: {rule}" for rule in _ahead(found) if rule not in _BEFORE]
    zones, trusted = dict[str, None](), dict[str, None]()
    for rule in found.get("filter_INPUT_ZONES", []):
        way = _TO_ZONE.fullmatch(rule)
        if way is None:
            strange.append(f"zones are chosen by more than the interface: {rule}")
        elif way[1] in inside:
            trusted[way[2]] = None
        else:
            zones[way[2]] = None
    if not zones:
        strange.append("no zone takes in what comes from other interfaces")
    named = {way[1] for rule in found.get("filter_INPUT_ZONES", []) if (way := _TO_ZONE.fullmatch(rule)) and way[1]}
    shared = [zone for zone in zones if zone in trusted] + sorted(set(inside) - named - {"lo"})
    if shared:
        strange.append(f"inside and outside come to the same zone ({', '.join(shared)})")
    return Input(tuple(zones), (*strange, *(each for zone in zones for each in _zone(found, zone))))


def _ahead(found: Chains) -> Iterable[str]:
    """The rules that a packet meets before the zones."""
    for rule in found.get("filter_INPUT", ["nothing that we know"]):
        if rule == "jump filter_INPUT_ZONES":
            return
        yield rule
    yield "nothing that leads to the zones"


def _zone(found: Chains, zone: str) -> Iterable[str]:
    first = found.get(f"filter_IN_{zone}", [])[:2]
    if first != ["jump filter_INPUT_POLICIES_pre", f"jump filter_IN_{zone}_pre"]:
        yield f"the zone {zone} does not begin as firewalld builds it"
    for rule in found.get("filter_INPUT_POLICIES_pre", []):
        if rule != f"jump {_IPV6_POLICY}":
            yield f"a policy comes before the zone {zone}: {rule}"
    for part in ("pre", "log", "deny", "allow", "post"):
        for rule in found.get(f"{_IPV6_POLICY}_{part}", []):
            if not rule.startswith("icmpv6 type "):
                yield f"the policy allow-host-ipv6 accepts more than neighbours: {rule}"


# --- one rule as one line -------------------------------------------------------------------------------------------


def _said(statement: Object) -> str:
    try:
        ((kind, body),) = statement.items()
        if kind in ("accept", "drop", "log"):
            return str(kind)
        if kind in ("jump", "goto"):
            return f"{kind} {body['target']}"
        sign = {"==": "", "in": "", "!=": "!= "}[body["op"]]
        return f"{_left(body['left'])} {sign}{_right(body['right'])}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return json.dumps(statement, sort_keys=True)[:200]


def _left(left: Mapping[str, Any]) -> str:
    ((kind, body),) = left.items()
    if kind == "payload":
        return f"{body['protocol']} {body['field']}"
    return f"ct {body['key']}" if kind == "ct" else str({"meta": body}[kind]["key"])


def _right(right: Any) -> str:
    if isinstance(right, Mapping) and "set" in right:
        right = right["set"]
    if isinstance(right, list):
        return ",".join(sorted(map(_right, right)))
    return element(right) if isinstance(right, Mapping) else str(right)


def numbered(rule: str) -> str:
    """A rule with its protocol as a number: nft shows names only where the device has /etc/protocols."""
    named = re.fullmatch(r"l4proto (\S+) (accept|drop)", rule)
    return f"l4proto {PROTOCOLS.get(named[1], named[1])} {named[2]}" if named else rule
