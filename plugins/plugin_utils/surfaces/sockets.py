# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What listens on a host, and under which program: shared by every surface that must know what is exposed."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Unreadable
from ..raw import Raw, Read

#: A pseudo command of host_read: the kernel's socket tables joined with the programs that hold the sockets.
LISTENERS = Read(name="listeners", command=("@listeners",))

#: Above this a UDP socket is some client's own, gone the next minute; a state that held it would never be stable.
EPHEMERAL = 32768


@dataclass(frozen=True, slots=True, order=True)
class Socket:
    """One listening socket. ``program`` is "" for the kernel's own, or where we may not look."""

    protocol: str  # tcp or udp
    port: int
    address: str
    program: str = ""

    @property
    def exposed(self) -> bool:
        """Reachable from another machine."""
        return not _ip(self.address).is_loopback

    def answers(self, address: str) -> bool:
        """Whether who calls this address may reach it; what takes any address of IPv6 may take those of IPv4 too."""
        here, there = _ip(self.address), _ip(address)
        return here == there or (here.is_unspecified and here.version in (6, there.version))

    @property
    def lasting(self) -> bool:
        return self.protocol == "tcp" or self.port < EPHEMERAL

    def __str__(self) -> str:
        return f"{self.protocol} {self.port} {self.program or '(kernel)'}"


def sockets(raw: Raw) -> tuple[Socket, ...]:
    """Every listening socket, sorted. Raises Unreadable on anything that is not exactly such a list."""
    try:
        listed = json.loads(raw.text(LISTENERS.name))
        if not isinstance(listed, list):
            raise TypeError
        return tuple(sorted({_socket(each) for each in listed}))
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"the list of listening sockets is not understood: {type(error).__name__}") from error


def _socket(listed: Mapping[str, object]) -> Socket:
    protocol, port = str(listed["protocol"]).rstrip("6"), int(str(listed["port"]))
    address = str(listed["address"])
    _ip(address)
    return Socket(protocol, port, address, str(listed.get("program") or ""))


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else ip
