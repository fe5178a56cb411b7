# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which blocks of lighttpd count for which visitors: every combination of conditions that a request can meet.

A world is one such combination. It is enough to look at each: within one, every request meets the same settings.
A combination that no request can meet may be among them, which at worst shows a gap that nobody can walk through.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, TypeAlias, cast

from ..addresses import written
from ..ip import AddrFormatError, IPNetwork, IPSet
from ..model import Unreadable
from .lighttpd_config import Block, Value

#: Combinations looked at; a configuration with more is not judged.
_MOST = 20_000
_LOOSEST = 10  # conditions on one field that may hold together

#: Packets from the network cannot carry these.
LOOPBACK = IPSet(["127.0.0.0/8", "::1/128"])

_EVERYBODY = IPSet(["0.0.0.0/0", "::/0"])
_ADDRESS, _SOCKET = "HTTP remoteip", "SERVER socket"

_Atom: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value as it applies, and the number of the block that says so."""

    value: Value
    block: int


@dataclass(frozen=True)
class World:
    """One kind of request: where it arrives, from where, which conditions hold, and what applies to it."""

    listener: str
    sources: IPSet
    true: frozenset[_Atom]
    settings: Mapping[str, Setting]

    def value(self, key: str) -> Value:
        return self.settings[key].value if key in self.settings else None

    @property
    def paths(self) -> list[tuple[str, str]]:
        """``(operator, value)`` of what is known of the requested path."""
        return [(operator, value) for field, operator, value in self.true if field == "HTTP url"]

    @property
    def special(self) -> bool:
        """Whether more than the place and the sender is known of the request."""
        return any(field not in (_ADDRESS, _SOCKET) for field, _operator, _value in self.true)


def worlds(blocks: Sequence[Block]) -> list[World]:
    """Every kind of request from outside. Raises Unreadable where there are too many to look at."""
    atoms = {(one["field"], one["operator"], one["value"]) for block in blocks for one in block["conditions"]}
    networks = sorted(value for field, operator, value in atoms if field == _ADDRESS and operator == "==")
    listening = sorted(value for field, operator, value in atoms if field == _SOCKET and operator == "==")
    free = sorted(one for one in atoms if one[0] not in (_ADDRESS, _SOCKET) or one[1] != "==")
    ways = list(_ways(free))
    regions = list(_regions(networks))
    arrivals = list(_arrivals(blocks[0]["keys"], listening))
    if len(ways) * len(regions) * len(arrivals) > _MOST:
        raise Unreadable("lighttpd has more combinations of conditions than can be looked at")
    return [
        World(name, sources, true := here | there | way, _settings(blocks, true))
        for (name, here), (sources, there), way in itertools.product(arrivals, regions, ways)
    ]


def _settings(blocks: Sequence[Block], true: frozenset[_Atom]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for number, block in enumerate(blocks):
        if all(((one["field"], one["operator"], one["value"]) in true) is one["holds"] for one in block["conditions"]):
            found.update((key, Setting(value, number)) for key, value in block["keys"].items())
    return found


# --- where requests arrive ----------------------------------------------------------------------------------


def main_listener(keys: Mapping[str, Any]) -> str:
    """The address and port that are not given by a condition."""
    bind, port = str(keys.get("server.bind", "")), keys.get("server.port", 80)
    return bind if bind.startswith(("/", "unix:")) else f"{bind or '0.0.0.0'}:{port}"


def listeners(blocks: Sequence[Block]) -> list[str]:
    """Every address and port on which this configuration listens."""
    named = [
        one["value"] for block in blocks for one in block["conditions"]
        if one["field"] == _SOCKET and one["operator"] == "==" and one["holds"]
    ]  # fmt: skip
    return list(dict.fromkeys([main_listener(blocks[0]["keys"]), *named]))


def is_local(listener: str) -> bool:
    if listener.startswith(("/", "unix:")):
        return True
    host = listener.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _arrivals(keys: Mapping[str, Any], listening: list[str]) -> Iterator[tuple[str, frozenset[_Atom]]]:
    """``(where, what that makes true)``; the main one may have a condition of its own."""
    main = main_listener(keys)
    if main not in listening and not is_local(main):
        yield main, frozenset()
    for each in listening:
        if not is_local(each):
            yield each, frozenset({(_SOCKET, "==", each)})


# --- who sends them -----------------------------------------------------------------------------------------


def _regions(networks: list[str]) -> Iterator[tuple[IPSet, frozenset[_Atom]]]:
    """Addresses that meet the same conditions. Networks lie inside of each other or apart."""
    parsed = {each: _network(each) for each in networks}
    for each, network in [*parsed.items(), ("", _EVERYBODY)]:
        inside = [other for name, other in parsed.items() if other < network or (name < each and other == network)]
        sources = network
        for other in inside:
            sources = sources - other
        true = frozenset((_ADDRESS, "==", name) for name, other in parsed.items() if network <= other)
        if sources - LOOPBACK:
            yield sources, true


@lru_cache(maxsize=1024)
def _network(text: str) -> IPSet:
    try:
        return IPSet([IPNetwork(text)])
    except (AddrFormatError, ValueError) as error:
        raise Unreadable(f"lighttpd: the address {text[:60]!r} is not understood") from error


# --- what they ask for --------------------------------------------------------------------------------------


def _ways(free: list[_Atom]) -> Iterator[frozenset[_Atom]]:
    """Combinations of the other conditions, each field by itself."""
    fields = [list(group) for _field, group in itertools.groupby(free, key=lambda one: one[0])]
    choices = [list(_of_field(group)) for group in fields]
    for each in itertools.islice(itertools.product(*choices), _MOST + 1):
        yield frozenset().union(*each)


def _of_field(atoms: list[_Atom]) -> Iterator[frozenset[_Atom]]:
    """One field's: equal to one text, or to none and then free to begin, end or match as it likes."""
    equal = [one for one in atoms if one[1] == "=="]
    loose = [one for one in atoms if one[1] != "=="]
    if len(loose) > _LOOSEST:
        raise Unreadable(f"lighttpd has more conditions on {atoms[0][0]} than can be looked at")
    for exact in (None, *equal):
        for count in range(len(loose) + 1):
            for chosen in itertools.combinations(loose, count):
                if _possible(exact, loose, chosen):
                    yield frozenset([*chosen, *([exact] if exact else [])])


def _possible(exact: _Atom | None, loose: list[_Atom], chosen: Sequence[_Atom]) -> bool:
    if exact is None:
        longest = max((value for _field, operator, value in chosen if operator == "=^"), key=len, default="")
        return all(longest.startswith(one[2]) is (one in chosen) for one in loose if one[1] == "=^")
    told = {"=^": exact[2].startswith, "=$": exact[2].endswith}
    return all(one[1] not in told or told[one[1]](one[2]) is (one in chosen) for one in loose)


def described(world: World) -> str:
    """In words, for which requests this is."""
    where = [f'{field.partition(" ")[2]} {operator} "{value}"' for field, operator, value in sorted(world.true)
             if field not in (_ADDRESS, _SOCKET)]  # fmt: skip
    return f"on {world.listener}" + (f" where {' and '.join(where)}" if where else "")


def names(sources: IPSet) -> str:
    """Addresses in words."""
    listed = written(cast(Any, sources))
    return ", ".join(listed[:4]) + (f" and {len(listed) - 4} more" if len(listed) > 4 else "")
