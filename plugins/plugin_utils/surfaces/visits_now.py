# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is connected now: to this host's own services, and through it to those that it publishes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..model import Unreadable
from ..raw import Raw, Read, missing
from .sockets import LISTENERS, sockets
from .visits import LIKELY, SEEN, Visit, canonical

#: A pseudo command of host_read: the open connections to listening ports, and the host's own day.
SESSIONS = Read("sources.sessions", command=("@sessions",))
_TRACKED = Read("sources.conntrack", files="/proc/net/nf_conntrack", limit=1 << 19)
_TRACKED_BY_PROGRAM = tuple(
    Read(f"sources.conntrack_{family}", command=("conntrack", "-L", "-f", family, "--dst-nat"), limit=1 << 19)
    for family in ("ipv4", "ipv6")
)
READS = (SESSIONS, LISTENERS, _TRACKED, *_TRACKED_BY_PROGRAM)

#: Whoever is connected to these may be a sensor or a screen that stays for months, longer than a log does.
_KEEPS_ITS_CLIENTS = frozenset({"mosquitto"})

#: src and dst of a flow as it came, then as its answers go. Where the two differ, it was sent on to another machine.
_FLOW = re.compile(
    r"(?:ipv[46] +\d+ )?(?P<protocol>tcp|udp) +\d+ \d+ (?P<state>[A-Z_]+ )?"
    r"src=(?P<source>[0-9a-f:.]{2,45}) dst=(?P<to>[0-9a-f:.]{2,45}) sport=\d+ dport=(?P<port>\d+) (?:[a-z]+=\d+ )*"
    r"src=(?P<target>[0-9a-f:.]{2,45}) dst=[0-9a-f:.]{2,45} sport=\d+ dport=\d+ (?:[a-z]+=\d+ )*\[ASSURED\].*"
)


@dataclass(frozen=True, slots=True)
class Now:
    """What the kernel says at the moment of the read."""

    day: str
    visits: tuple[Visit, ...]
    left_out: int  # connections beyond those it lists


def now(raw: Raw) -> Now:
    try:
        told = json.loads(raw.text(SESSIONS.name))
        holders = {one.port: one.program for one in sockets(raw) if one.protocol == "tcp"}
        open_now = [_visit(each, holders) for each in told["sessions"]]
        return Now(str(told["day"]), (*open_now, *_published(raw)), int(told["left_out"]))
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"the list of open connections is not understood: {type(error).__name__}") from error


def _visit(each: dict[str, Any], holders: dict[int, str]) -> Visit:
    port = int(each["port"])
    program = holders.get(port, "")
    level = LIKELY if program in _KEEPS_ITS_CLIENTS else SEEN
    return Visit(str(each["peer"]), level, f"{program or 'tcp'} port {port}, connected now")


def _published(raw: Raw) -> Iterator[Visit]:
    """Flows that this machine sends on. Where it tracks none, or does not tell, there is nothing to list."""
    for read in (_TRACKED, *_TRACKED_BY_PROGRAM):
        for output in raw.all(read.name).values():
            if missing(output) or output.error or output.rc:
                continue
            for line in output.text.split("\n"):
                flow = _FLOW.fullmatch(line[:1024])
                if flow and flow["state"] in ("ESTABLISHED ", None) and _sent_on(flow):
                    yield Visit(flow["source"], SEEN, f"published {flow['protocol']} port {flow['port']}, open now")


def _sent_on(flow: re.Match[str]) -> bool:
    return canonical(flow["to"]) != canonical(flow["target"])
