# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``nft -j list ruleset`` read: our own table in canonical form, and what other tables do that concerns us.

Only what we write ourselves is understood. Everything else in our table is kept as its JSON: it shows, and differs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ..model import Unreadable
from .nft_table import FAMILY, NAME, AddressSet, Chain, Table, elements

Object: TypeAlias = "dict[str, Any]"

#: nft shows protocol names where the device has /etc/protocols, and numbers where it has none.
PROTOCOLS = {
    "icmp": 1, "ipencap": 4, "ipip": 4, "tcp": 6, "udp": 17, "ipv6": 41, "gre": 47, "esp": 50, "ipv6-crypt": 50,
    "ah": 51, "ipv6-auth": 51, "icmpv6": 58, "ipv6-icmp": 58, "l2tp": 115,
}  # fmt: skip


class _Strange(Exception):
    """A form that we never write."""


def objects(text: str) -> list[Object]:
    """The list of a ruleset, without its header. Raises Unreadable."""
    try:
        listed = json.loads(text)["nftables"]
        if not all(isinstance(each, dict) for each in listed):
            raise TypeError
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable("nft's list of rules is not the JSON that we know") from error
    return [each for each in listed if "metainfo" not in each]


def statements(ruleset: list[Object]) -> Iterator[tuple[Object, list[Object]]]:
    """Every rule of every table with its statements."""
    for each in ruleset:
        if "rule" in each:
            yield each["rule"], [statement for statement in each["rule"].get("expr", []) if isinstance(statement, dict)]


def own_table(ruleset: list[Object]) -> Table | None:
    """Our table as the kernel has it; None when there is none."""
    sets: list[AddressSet] = []
    chains: dict[str, Chain] = {}
    unexpected: list[str] = []
    found = False
    for kind, each in (pair for listed in ruleset for pair in listed.items() if _is_ours(*pair)):
        found = True
        try:
            if kind == "table":
                _plain_table(each)
            elif kind == "set":
                sets.append(_set(each))
            elif kind == "chain":
                chains[each["name"]] = Chain(each["name"], _base(each), ())
            elif kind == "rule":
                chain = chains[each["chain"]]
                chains[chain.name] = Chain(chain.name, chain.base, (*chain.rules, _rule(each)))
            else:
                raise _Strange
        except (_Strange, KeyError, TypeError, ValueError):
            unexpected.append(f"\t# not ours: {kind} {_shown(each)}")
    if not found:
        return None
    ordered = sorted(chains.values(), key=lambda chain: chain.name != "input")
    return Table(tuple(sorted(sets, key=lambda each: each.name)), tuple(ordered), tuple(unexpected))


def _is_ours(kind: str, each: Any) -> bool:
    if not isinstance(each, dict) or each.get("family") != FAMILY:
        return False
    return bool(each.get("name" if kind == "table" else "table") == NAME)


def _plain_table(table: Object) -> None:
    """A dormant table has every rule and filters nothing."""
    if set(table) - {"family", "name", "handle"}:
        raise _Strange


def _set(each: Object) -> AddressSet:
    if set(each) - {"family", "name", "table", "type", "handle", "flags", "elem"}:
        raise _Strange
    flags = each.get("flags", [])
    held = elements(element(member) for member in each.get("elem", []))
    return AddressSet(each["name"], each["type"], held, tuple([flags] if isinstance(flags, str) else flags))


def element(member: Any) -> str:
    """An address, network or range as nft writes it. Raises ValueError, TypeError or KeyError on anything else."""
    if isinstance(member, str):
        return member
    if set(member) == {"prefix"}:
        return f"{member['prefix']['addr']}/{member['prefix']['len']}"
    if set(member) == {"range"}:
        return "-".join(member["range"])
    raise ValueError("no address")


def _base(chain: Object) -> str:
    if set(chain) - {"family", "table", "name", "handle", "type", "hook", "prio", "policy"} or "hook" not in chain:
        raise _Strange
    return f"type {chain['type']} hook {chain['hook']} priority {chain['prio']}; policy {chain['policy']};"


def _rule(rule: Object) -> str:
    words = [_statement(statement) for statement in rule["expr"]]
    comment = rule.get("comment")
    return " ".join([*words, *([f'comment "{comment}"'] if comment else [])])


def _statement(statement: Object) -> str:
    """One statement as we would write it; as its JSON when we never would."""
    try:
        ((kind, body),) = statement.items()
        if kind in ("accept", "drop") and body is None:
            return str(kind)
        if kind != "match":
            raise _Strange
        return _match(body)
    except (_Strange, ValueError, TypeError, KeyError, AttributeError):
        return _shown(statement)


def _match(match: Object) -> str:
    ((kind, left),) = match["left"].items()
    word, render, operators = _LEFT[kind, _asked(left)]
    if match["op"] not in operators or set(left) - {"key", "protocol", "field", "result", "flags"}:
        raise _Strange
    return f"{word} {render(match['right'])}"


def _asked(left: Any) -> str:
    """What of a packet, or of the routes, a match looks at."""
    if "result" in left:
        return f"{left['result']} {' '.join(left['flags'])}"
    return str(left.get("key") or f"{left['protocol']} {left['field']}")


def _members(right: Any) -> list[Any]:
    if isinstance(right, dict):
        ((kind, members),) = right.items()
        if kind != "set":
            raise _Strange
        return list(members)
    return list(right) if isinstance(right, list) else [right]


def _names(right: Any) -> str:
    return braces(f'"{name}"' for name in sorted(_text(member) for member in _members(right)))


def _numbers(right: Any) -> str:
    return braces(str(number) for number in sorted(_number(member) for member in _members(right)))


def _states(right: Any) -> str:
    return ",".join(sorted(_text(member) for member in _members(right)))


def _source(right: Any) -> str:
    return right if isinstance(right, str) else element(right)


def _present(right: Any) -> str:
    if right is not True:
        raise _Strange
    return "exists"


def _text(member: Any) -> str:
    if not isinstance(member, str):
        raise _Strange
    return member


def _number(member: Any) -> int:
    if isinstance(member, str):
        return PROTOCOLS[member]
    if isinstance(member, bool) or not isinstance(member, int):
        raise _Strange
    return member


def braces(members: Any) -> str:
    """An anonymous set as nft reads it."""
    return "{ " + ", ".join(members) + " }"


_LEFT: dict[tuple[str, str], tuple[str, Callable[[Any], str], tuple[str, ...]]] = {
    ("meta", "iifname"): ("iifname", _names, ("==",)),
    ("meta", "l4proto"): ("meta l4proto", _numbers, ("==",)),
    ("meta", "ipsec"): ("meta ipsec", _present, ("==",)),
    ("meta", "secpath"): ("meta ipsec", _present, ("==",)),
    ("ct", "state"): ("ct state", _states, ("==", "in")),
    ("fib", "type saddr"): ("fib saddr type", _text, ("==",)),
    ("payload", "udp sport"): ("udp sport", _numbers, ("==",)),
    ("payload", "udp dport"): ("udp dport", _numbers, ("==",)),
    ("payload", "ip saddr"): ("ip saddr", _source, ("==",)),
    ("payload", "ip6 saddr"): ("ip6 saddr", _source, ("==",)),
}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key != "handle"}
    return json.dumps(value, sort_keys=True)[:500]
