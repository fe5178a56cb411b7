# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Multicast DNS (B1): what this machine tells everybody on its networks, heard from it and read from avahi's files.

What other programs announce through avahi stands in no file: so the machine is asked as a neighbour would ask it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, Unreadable
from ..raw import Follow, Raw, Read
from . import avahi_names, daemon, taken_over
from .avahi_config import CONF, SECTIONS, service, settings
from .sockets import LISTENERS, Socket, sockets

PROGRAM, PORT = "avahi-daemon", 5353

_INSTALLED = Follow("avahi.config", r"(?s)\A.*?(\[)")  # once, for a file that says anything
_HEARD = Follow(LISTENERS.name, rf'"port": ({PORT}), "program": "[^"\\]*", "protocol": "udp')

#: Not the folder: it changes whenever our guard keeps an original there.


class Avahi(Surface):
    """avahi-daemon; of any other program that answers to multicast DNS, what was heard."""

    name = "avahi"
    controls = (avahi_names.CONTROL,)
    reads = (
        LISTENERS,
        taken_over.BOOTED,
        Read("avahi.config", files=CONF),
        Read("avahi.services", files="/etc/avahi/services/*.service", limit=1 << 18),
        Read("avahi.hostname", files="/proc/sys/kernel/hostname", limit=1 << 12),
        Read("avahi.enabled", files="/etc/systemd/system/*.wants/avahi-daemon.*", limit=1 << 16),
        Read("avahi.unit", command=("@units", daemon.ASKED, "avahi-daemon.service"), follow=_INSTALLED),
        daemon.processes("avahi.process", PROGRAM, _INSTALLED),
        Read("avahi.started", files="/proc/{}/stat", follow=Follow("avahi.process", daemon.PID), limit=1 << 12),
        Read("avahi.changed", command=(*taken_over.CHANGED, CONF, "/etc/avahi/services/*.service"), follow=_INSTALLED),
        Read("avahi.heard", command=("@mdns",), follow=_HEARD),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        holders = _holders(raw)
        config = settings("\n".join(raw.files("avahi.config").values())) if PROGRAM in holders else {}
        if PROGRAM in holders and not raw.files("avahi.config"):
            raise Unreadable(f"avahi-daemon runs, and {CONF} is not there")
        if "allow-interfaces" in config and config["allow-interfaces"]["value"] == "lo":
            raise Absent(f"avahi-daemon speaks on loopback only ({CONF})")
        system = raw.text("avahi.hostname").strip().partition(".")[0]
        host = (config["host-name"]["value"] if "host-name" in config else None) or system
        unit = daemon.unit(raw, "avahi.unit")
        started, reloaded = daemon.since(raw, unit, "avahi.started")
        files = raw.files("avahi.services") if PROGRAM in holders else {}
        return {
            "holders": cast(Json, holders),
            "settings": cast(Json, {name: config[name] for name in SECTIONS if name in config}),
            "host": host,
            "services": cast(Json, {path: list(service(text, host)) for path, text in files.items()}),
            **_heard(raw),
            "restart": cast(Json, daemon.again(unit, PROGRAM, restart=True)),
            "reload": cast(Json, daemon.again(unit, PROGRAM)),
            "not_taken_over": cast(Json, taken_over.younger(raw.all("avahi.changed"), max(started, reloaded))),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        yield from avahi_names.judge(state, intent)
        if not state["heard"]:  # what was heard is what is announced; without that, the files must be in force
            yield from taken_over.judge(state, self.controls, self.name, state["restart"])


def _holders(raw: Raw) -> list[str]:
    """The programs that answer others; Absent where none does, and none will."""
    bound = [one for one in sockets(raw) if (one.protocol, one.port) == ("udp", PORT)]
    exposed = [one for one in bound if one.exposed]
    if exposed:
        return sorted({_named(one) for one in exposed})
    if daemon.wanted(raw, "avahi.enabled", "avahi.started"):
        raise Unreadable(
            "avahi-daemon runs or starts at the next boot, and answers nobody now: start it, and run again"
        )
    raise Absent("nothing answers to multicast DNS (UDP port 5353), and avahi-daemon is not started at boot")


def _named(socket: Socket) -> str:
    return socket.program or "a program we may not look into"


def _heard(raw: Raw) -> dict[str, Json]:
    """``heard`` as ``[kind, name, what it says]``; why there is nothing, in ``silence``."""
    try:
        told = json.loads(raw.text("avahi.heard"))
        heard = [[str(one[0]), str(one[1]), str(one[2])] for one in told["heard"]]
        return {"heard": cast(Json, heard), "silence": str(told["error"])}
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise Unreadable(f"what is announced is not understood: {show(type(error).__name__)}") from error
