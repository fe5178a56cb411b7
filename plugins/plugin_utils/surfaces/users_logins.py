# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who logged in of late, with which account and from which networks: what A2.sources reads, by account (visits.py)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model import Unreadable
from ..raw import Raw
from . import visits_login, visits_now, visits_records, visits_web
from .tails import looked_into
from .visits import PROVEN, Visit, canonical, first_day

READS = (*visits_login.READS, *visits_now.READS, visits_records.RECORDS)
WEB_READS = (*visits_now.READS, visits_web.LOG)

#: One person's line changes its address within these (prefix lengths of IPv4 and IPv6).
_NETWORK = {4: 24, 6: 48}

_SERVICES = frozenset({"ssh", "ftp", "a login session"})  # those that ask for an account of the machine
_WEB = frozenset({"web"})
_BEFORE_CLOCKS = "2001"  # of a day before this it is not known when it really was


@dataclass(frozen=True, slots=True)
class Logins:
    """Within visits.ACTIVE_DAYS, from other machines."""

    networks: dict[str, list[str]] = field(default_factory=dict)  # by account
    recorded: bool = False  # whether the host records logins at all
    unknown: str = ""  # why it cannot be told


def logins(raw: Raw) -> Logins:
    try:
        since = first_day(visits_now.now(raw).day)
        recorded = bool(looked_into(raw, visits_login.SSH)) or visits_records.kept(raw)
        visits = [*visits_login.visits(raw), *visits_records.visits(raw)]
    except Unreadable as reason:
        return Logins(unknown=str(reason))
    return Logins(_by_account(visits, since, _SERVICES), recorded)


def web_logins(raw: Raw) -> Logins:
    """The same of web servers, by the names that they have checked."""
    try:
        since = first_day(visits_now.now(raw).day)
        recorded = bool(looked_into(raw, (visits_web.LOG,)))
        return Logins(_by_account(visits_web.visits(raw), since, _WEB), recorded)
    except Unreadable as reason:
        return Logins(unknown=str(reason))


def _by_account(visits: Iterable[Visit], since: str, services: frozenset[str]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for one in visits:
        if one.level != PROVEN or one.service not in services or _BEFORE_CLOCKS <= one.day < since:
            continue
        if network := _network(one.address):
            found.setdefault(one.account, set()).add(network)
    return {account: sorted(networks) for account, networks in found.items()}


def _network(address: str) -> str:
    try:
        end = ipaddress.ip_address(canonical(address))
    except ValueError:
        return ""
    if end.is_loopback:
        return ""
    return str(ipaddress.ip_network(f"{end}/{_NETWORK[end.version]}", strict=False))
