# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is let in by Apache's Require: from the rules of one section to the addresses that they let in.

What is not understood may let in everybody, and surely lets in nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypedDict

from ..ip import AddrFormatError, IPNetwork, IPSet
from .apache_config import Directive

EVERYBODY = IPSet(["0.0.0.0/0", "::/0"])
NOBODY = IPSet()

#: Packets from the network cannot carry these. Health checks and the machine's own proxies do.
LOOPBACK = IPSet(["127.0.0.0/8", "::1/128"])

_CONTAINERS = {"requireall": "all", "requireany": "any", "requirenone": "none"}
_LIMITS = frozenset({"limit", "limitexcept"})
_USERS = frozenset({
    "valid-user", "user", "group", "file-owner", "file-group", "ldap-user", "ldap-group", "ldap-dn", "ldap-attribute",
    "ldap-filter", "dbm-group", "dbm-file-group", "dbd-group",
})  # fmt: skip


class Rule(TypedDict):
    """One Require, or a container of some. ``kind``: all, any, none, require; unclear is like a require."""

    kind: str
    args: list[str]
    at: str
    inner: list[Rule]


@dataclass(frozen=True, eq=False)
class Let:
    """Whom rules let in, at most and at least, by address: without a login, and with one.

    The same rules give the same object: hundreds of visits are told by few of them.
    """

    anonymous: IPSet
    anonymous_sure: IPSet
    known: IPSet
    known_sure: IPSet
    neutral: bool = False  # says no to some and yes to nobody
    unclear: tuple[str, ...] = ()  # the places of what was not understood

    @cached_property
    def anybody(self) -> bool:
        """Whether somebody from outside is let in without a login."""
        return bool(self.anonymous - LOOPBACK)

    @cached_property
    def somebody(self) -> bool:
        """Whether somebody from outside is let in at all."""
        return bool(self.known - LOOPBACK)


def rules(inside: Iterable[Directive]) -> list[Rule]:
    """The rules that stand directly in one section, or in a container of it."""
    found: list[Rule] = []
    for one in inside:
        if one.name == "require":
            found.append({"kind": "require", "args": list(one.args), "at": one.at, "inner": []})
        elif one.name in _CONTAINERS and rules(one.inner):  # Apache ignores an empty one
            found.append({"kind": _CONTAINERS[one.name], "args": [], "at": one.at, "inner": rules(one.inner)})
        elif one.name in _LIMITS and rules(one.inner):
            found.append({"kind": "unclear", "args": [], "at": one.at, "inner": []})
    return found


def let_in(found: Sequence[Rule]) -> Let:
    """Whom the rules of one section let in: without a container around them any one of them will do."""
    return _let_in(json.dumps(found))


@lru_cache(maxsize=1024)
def _let_in(found: str) -> Let:
    return _any([_one(rule) for rule in json.loads(found)])


def _one(rule: Rule) -> Let:
    inner = [_one(one) for one in rule["inner"]]
    if rule["kind"] == "all":
        return _all(inner)
    if rule["kind"] == "any":
        return _any(inner)
    if rule["kind"] == "none":
        return _not(_any(inner))
    if rule["args"][:1] and rule["args"][0].lower() == "not":
        return _not(_required(rule["args"][1:], rule["at"]))
    return _required(rule["args"] if rule["kind"] == "require" else [], rule["at"])


def _required(args: Sequence[str], at: str) -> Let:
    what, values = (args[0].lower(), [one.lower() for one in args[1:]]) if args else ("", [])
    if what == "all" and values in (["granted"], ["denied"]):
        who = EVERYBODY if values == ["granted"] else NOBODY
        return Let(who, who, who, who)
    if what == "local":
        return Let(LOOPBACK, LOOPBACK, LOOPBACK, LOOPBACK)
    if what == "ip" and values:
        try:
            who = IPSet([_network(one) for one in values])
        except (AddrFormatError, ValueError):
            return _unclear(at)
        return Let(who, who, who, who)
    if what in _USERS:
        return Let(NOBODY, NOBODY, EVERYBODY, EVERYBODY if what == "valid-user" else NOBODY)
    return _unclear(at)


def _unclear(at: str) -> Let:
    return Let(EVERYBODY, NOBODY, EVERYBODY, NOBODY, unclear=(at,))


def _network(text: str) -> IPNetwork:
    """An address, a network, or the first one to three numbers of an IPv4 address."""
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}\.?", text):
        parts = text.strip(".").split(".")
        return IPNetwork(f"{'.'.join((parts + ['0'] * 3)[:4])}/{8 * len(parts)}")
    return IPNetwork(text)


# --- and, or, not -------------------------------------------------------------------------------------------


def _all(inner: Sequence[Let]) -> Let:
    """Nobody may be refused, and somebody must be let in."""
    positive = [one for one in inner if not one.neutral]
    joined = Let(EVERYBODY, EVERYBODY, EVERYBODY, EVERYBODY)
    for one in inner:
        joined = Let(
            joined.anonymous & one.anonymous,
            joined.anonymous_sure & one.anonymous_sure,
            joined.known & one.known,
            joined.known_sure & one.known_sure,
            unclear=(*joined.unclear, *one.unclear),
        )
    if positive:
        return joined
    return Let(joined.anonymous, NOBODY, joined.known, NOBODY, neutral=True, unclear=joined.unclear)


def _any(inner: Sequence[Let]) -> Let:
    joined = Let(NOBODY, NOBODY, NOBODY, NOBODY)
    for one in inner:
        sure = (NOBODY, NOBODY) if one.neutral else (one.anonymous_sure, one.known_sure)
        joined = Let(
            joined.anonymous | one.anonymous,
            joined.anonymous_sure | sure[0],
            joined.known | one.known,
            joined.known_sure | sure[1],
            neutral=all(each.neutral for each in inner),
            unclear=(*joined.unclear, *one.unclear),
        )
    return joined


def _not(one: Let) -> Let:
    return Let(
        EVERYBODY - one.anonymous_sure,
        EVERYBODY - one.anonymous,
        EVERYBODY - one.known_sure,
        EVERYBODY - one.known,
        neutral=True,
        unclear=one.unclear,
    )


@lru_cache(maxsize=4096)
def both(one: Let, other: Let) -> Let:
    """AuthMerging And: what stood above, and what stands here."""
    return _all([one, other])


@lru_cache(maxsize=4096)
def either(one: Let, other: Let) -> Let:
    """AuthMerging Or."""
    return _any([one, other])
