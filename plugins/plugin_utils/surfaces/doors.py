# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doors at which a password file lets in, as a state carries them, and as a plan does."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..model import Door, Json, Unreadable, as_json
from ..raw import Raw
from .sockets import sockets

#: A door of each kind proves as much as a hundred; these are tried within the time that a guard has.
_MOST = 2

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def within(bound: str) -> str:
    """Where the host itself reaches what is bound to this; "" where that is not known."""
    if bound in ("", "*", "localhost"):
        return "127.0.0.1"
    try:
        address = str(ipaddress.ip_address(bound.strip("[]")))
    except ValueError:
        return ""
    return _ANY.get(address, address)


def held(raw: Raw, programs: Collection[str], found: Iterable[Door]) -> list[Door]:
    """Those behind which no other program listens; none where nobody knows who does."""
    try:
        others = [one for one in sockets(raw) if one.protocol == "tcp" and one.program not in programs]
    except Unreadable:
        return []
    return [door for door in found if not any(one.port == door.port and one.answers(door.address) for one in others)]


def as_state(found: Mapping[str, Iterable[Door]]) -> Json:
    """By password file."""
    return as_json({path: list(dict.fromkeys(doors)) for path, doors in found.items()})


def of_files(state: Mapping[str, Any], paths: Iterable[str]) -> tuple[Door, ...]:
    """Those at which an account of these files is let in, the first ones of each file."""
    named: Mapping[str, list[dict[str, Any]]] = state["doors"]
    return tuple(dict.fromkeys(Door(**one) for path in paths for one in named.get(path, [])[:_MOST]))
