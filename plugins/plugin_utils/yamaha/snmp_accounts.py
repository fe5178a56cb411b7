# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 for what opens SNMP: communities, which are passwords in the clear, and the passwords of SNMPv3 users.

As the factory leaves it nobody may use SNMP, and no community opens anything; that of a trap never does. (d)
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Absent
from ..raw import Raw
from ..stored_secrets.scheme import Kept, Stored
from .config import last
from .config_secrets import ConfigSecrets, Lines, behind, secret, words

#: Reading, writing. Without a line of its own, the first has the factory's value, and nobody may write. (d)
_FACTORY = {"read-only": "public", "read-write": ""}


class RouterSnmpAccounts(ConfigSecrets):
    """``snmp``, ``snmpv2c`` and ``snmpv3``."""

    name = "snmp_users"
    change = "type the line of {} again with another community or password, then save; the manager needs the same"

    def written(self, lines: Lines, raw: Raw) -> Kept:
        found = (*_communities(lines, "snmp"), *_communities(lines, "snmpv2c"), *_users(lines))
        if not found:
            raise Absent("no host may use SNMP (no snmp, snmpv2c or snmpv3 host line, and the factory value is none)")
        return Kept(found)


def _hosts(lines: Lines, version: str) -> list[list[str]]:
    """Who may ask, and what that host has of its own."""
    return [host for host in behind(lines, version, "host") if host[0] != "none"]


def _communities(lines: Lines, version: str) -> Iterator[Stored]:
    hosts = _hosts(lines, version)
    for host, *own in hosts:
        for part, community in zip(_FACTORY, own, strict=False):
            yield secret([community], part=part, at=f"{version} host {host}")
    if any(len(host) == 1 for host in hosts):
        for part, factory in _FACTORY.items():
            if community := last(lines, version, "community", part) or factory:
                yield secret(words(community), part=part, at=f"{version} community")


def _users(lines: Lines) -> Iterator[Stored]:
    """``snmpv3 usm user NUMBER NAME [group NUMBER] [md5|sha PASSWORD [des-cbc|aes128-cfb PASSWORD]]``. (d)"""
    for _number, *user in behind(lines, "snmpv3", "usm", "user") if _hosts(lines, "snmpv3") else ():
        name, *told = user or ["?"]
        told = told[2:] if told[:1] == ["group"] else told
        yield secret(told[1:2], name, "authentication")
        if told[3:]:
            yield secret(told[3:4], name, "privacy")
