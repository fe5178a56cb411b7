# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who comes to a device today and would be kept out by the allowlist. Pure; the finding and the refusal share it."""

from __future__ import annotations

from collections.abc import Iterable

from .addresses import union
from .ip import AddrFormatError, IPAddress, IPSet
from .model import Intent


def kept_out(visitors: Iterable[str], inside: Iterable[str], intent: Intent) -> list[str]:
    """Those of ``visitors`` that would not get in any more, in their order.

    A packet filter does not limit ``inside``, the networks of this machine's inner interfaces; a web server's own
    list does. What is no address (a name in a log) is on nobody's list.
    """
    let_in = union((*intent.allow4, *intent.allow6))
    if intent.enforce_with == "packet_filter":
        let_in |= IPSet(inside)
    return [visitor for visitor in visitors if not holds(let_in, visitor)]


def holds(addresses: IPSet, visitor: str) -> bool:
    try:
        return IPAddress(visitor) in addresses
    except (AddrFormatError, ValueError):
        return False
