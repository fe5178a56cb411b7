# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who manages the packet filter of a host: what is loaded or comes with a boot, not what is installed.

A firewall that filters beside another, each believing to be alone, is judged by nobody: either may flush the other. Our
own table is no such manager: it owns nothing but itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..raw import Raw, Read
from .nft_json import Object

#: What starts a manager at boot, and which one.
_UNITS = {
    "ufw.service": "ufw",
    "firewalld.service": "firewalld",
    "netfilter-persistent.service": "iptables",
    "iptables.service": "iptables",
    "ip6tables.service": "iptables",
    "nftables.service": "nftables",
}
_STARTS = frozenset({"enabled", "enabled-runtime", "generated", "alias"})

UFW_CONF = Read(name="ufw_conf", files="/etc/ufw/ufw.conf", limit=1 << 16)
UNITS = Read(name="filter_units", command=("@units", "Id,UnitFileState", *_UNITS), limit=1 << 16)
READS = (UFW_CONF, UNITS)

_BY_NAME = {
    "ufw": re.compile(r"^:ufw6?-user-input ", re.MULTILINE),
    "firewalld": re.compile(r"^:INPUT_ZONES ", re.MULTILINE),
}

#: How a manager is ended, for the person who has to choose.
_ENDED = {
    "ufw": "ufw disable",
    "firewalld": "systemctl disable --now firewalld",
    "iptables": "systemctl disable netfilter-persistent (or iptables, ip6tables)",
    "nftables": "systemctl disable nftables",
}


@dataclass(frozen=True, slots=True)
class Manager:
    """One manager that is in use: its rules are loaded, or the next boot loads them."""

    name: str
    loaded: bool
    boots: bool

    def __str__(self) -> str:
        facts = (
            "is loaded" if self.loaded else "is not loaded",
            "starts at boot" if self.boots else "does not start at boot",
        )
        return f"{self.name} {' and '.join(facts)}"


def managers(raw: Raw, ruleset: Iterable[Object], iptables: Mapping[str, str]) -> dict[str, Manager]:
    """Those in use, by name. The same rules in the kernel, without anybody who looks after them, have no manager."""
    loaded, boots = set(_loaded(ruleset, iptables)), set(_boots(raw))
    return {name: Manager(name, name in loaded, name in boots) for name in sorted(loaded | boots)}


def clash(found: Mapping[str, Manager]) -> tuple[str, str] | None:
    """``(why, what to do)`` where two managers are in use at once."""
    if len(found) < 2:
        return None
    both = "; ".join(map(str, found.values()))
    why = f"two managers of the packet filter at once: {both}. Either may flush the other's rules"
    ended = "; or ".join(f"without {name}: {_ENDED[name]}" for name in found)
    return why, f"Keep one of them and end the other, beside the device: {ended}. Then run again."


def speaker(found: Mapping[str, Manager]) -> str:
    """The surface that judges this host's filter: a manager's own, else the one with our table."""
    names = set(found) & {"ufw", "firewalld"}
    return names.pop() if len(found) == 1 and names else "nftables"


def silent(name: str, speaker: str, found: Mapping[str, Manager]) -> str:
    """Why the surface ``name`` has nothing to say here."""
    if name in found:
        return f"{found[name]}, but it is not alone: see {speaker}"
    if name == "nftables":
        return f"{found[speaker]}: see {speaker}"
    return f"{name} does not manage the packet filter of this host: it is not loaded, and no boot starts it"


def _loaded(ruleset: Iterable[Object], iptables: Mapping[str, str]) -> Iterator[str]:
    for name, pattern in _BY_NAME.items():
        if any(pattern.search(text) for text in iptables.values()):
            yield name
    tables = [each["table"] for each in ruleset if "table" in each]
    if any(table.get("name") == "firewalld" for table in tables):
        yield "firewalld"


def _boots(raw: Raw) -> Iterator[str]:
    conf = "\n".join(raw.files(UFW_CONF.name).values())
    ufw_wanted = bool(re.search(r"^ENABLED=[\"']?yes[\"']?\s*$", conf, re.MULTILINE | re.IGNORECASE))
    told = "\n".join(out.text for out in raw.all(UNITS.name).values() if not out.error)
    for block in told.split("\n\n"):
        said = dict(line.partition("=")[::2] for line in block.splitlines())
        name = _UNITS.get(said.get("Id", ""), "")
        if name and said.get("UnitFileState") in _STARTS and (name != "ufw" or ufw_wanted):
            yield name
