# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one emulated router differs from another: its make, its lines, its neighbours, and what is set to go wrong."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PERSONALITIES = Path(__file__).parent / "personalities"


@dataclass(frozen=True, slots=True)
class Panel:
    """A web page inside the site that the router may publish: the title shown, and where it lives."""

    address: str
    port: int
    title: str
    server: str = "PanelServer/2.1"


@dataclass(frozen=True, slots=True)
class Listener:
    """A loopback port that stands for a port of the router's WAN side (or, from a LAN, for the panel itself)."""

    name: str
    port: int
    inner: tuple[str, int] | None = None
    listen: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """How a client is seen by the router: its address and the interface it comes in on."""

    address: str
    interface: str


@dataclass(frozen=True, slots=True)
class Personality:
    """One make and site. ``features`` switch what only some revisions have (../README.md)."""

    name: str
    model: str
    revision: str
    built: str
    serial: str
    macs: tuple[str, ...]
    memory: str
    config: str
    bootrom: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    columns_max: int = 4096
    panels: tuple[Panel, ...] = ()
    listeners: tuple[Listener, ...] = ()
    sources: Mapping[str, Seen] = field(default_factory=dict)

    @classmethod
    def load(cls, name: str) -> Personality:
        """Read ``personalities/<name>.json`` and ``.conf`` (or the same two files at a path given without suffix)."""
        base = Path(name) if "/" in name else PERSONALITIES / name
        raw = json.loads(base.with_name(f"{base.name}.json").read_text(encoding="utf-8"))
        inner = [dict(row, inner=tuple(row["inner"]) if row.get("inner") else None) for row in raw["listeners"]]
        return cls(
            name=base.name,
            config=base.with_name(f"{base.name}.conf").read_text(encoding="utf-8"),
            features=frozenset(raw["features"]),
            panels=tuple(Panel(**row) for row in raw["panels"]),
            listeners=tuple(Listener(**row) for row in inner),
            sources={source: Seen(**row) for source, row in raw["sources"].items()},
            macs=tuple(raw["macs"]),
            bootrom=tuple(raw["bootrom"]),
            model=raw["model"],
            revision=raw["revision"],
            built=raw["built"],
            serial=raw["serial"],
            memory=raw["memory"],
            columns_max=raw["columns_max"],
        )


@dataclass(frozen=True, slots=True)
class Options:
    """How the emulator behaves where the device is slow, or where the documents leave room."""

    host: str = "127.0.0.1"
    ssh_port: int = 0
    boot_seconds: float = 40.0  # device seconds a restart takes
    bytes_per_second: float = 0.0  # 0: as fast as the loopback
    answer_delay: float = 0.0  # real seconds before each answer
    refusal: str = "close"  # or "silent": accepted, then nothing, as a dropped packet would feel
    ask_to_save: str = "touched"  # or "compare": ask only when running and saved really differ
    spent_timer: str = "keep"  # or "remove": what becomes of a "+timer" entry that has run
    second_session: str = "close"  # or "deny": how multi-session=off shows
    rollback_survives_disconnect: bool = True


@dataclass(slots=True)
class Faults:
    """What goes wrong. Everything named ``*_when`` is a regular expression over configuration or command lines.

    The ``*_when`` faults that break the router's work hold while such a line is in the *running* configuration, so an
    undo (or a restart from the saved one) heals them, as it would in the field.
    """

    refuse_new: bool = False  # new sessions are closed at once; those that are there live on
    refuse_new_when: str = ""
    mute: bool = False  # new sessions are accepted and never answered
    drop_default_route_when: str = ""  # the default route is gone from the routing table
    lose_service_when: str = ""  # published panels do not answer
    lost_services: list[str] = field(default_factory=list)  # listener names that do not answer
    reject_when: str = ""  # a command line is refused with reject_text
    reject_text: str = "Invalid parameter"
    kill_before: str = ""  # the session dies instead of running this command line
    kill_after: str = ""  # the session dies after running it, before the answer
    freeze_after: str = ""  # the session neither answers nor hears any more after running it
    ignore_when: str = ""  # a configuration command is answered as usual and does nothing
    fail_save: bool = False  # save says it failed and saves nothing
    lie_on_save: bool = False  # save says it is done and saves nothing
    pppoe_state: str = "Connected"  # of every PPPoE session, in the router's words
    deny_login: bool = False  # the right password is refused
    other_administrator: str = ""  # a second administrator of this name is logged in on telnet1
    garble_when: str = ""  # the output of this command is preceded by garble_bytes (hex)
    garble_bytes: str = "ff1b5b324a00"
    flood_when: str = ""  # the output of this command is preceded by this much of one line
    flood_bytes: int = 10_000_000

    def update(self, changes: Mapping[str, Any]) -> None:
        """Set some. An unknown name, a wrong type, a broken expression: an error, not a fault that never happens."""
        known = {item.name: item for item in dataclasses.fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"no such fault: {name} (there are {', '.join(sorted(known))})")
            if type(value) is not type(getattr(self, name)):
                raise ValueError(f"fault {name} wants {type(getattr(self, name)).__name__}, not {value!r}")
            if isinstance(value, str) and name.endswith(("_when", "_before", "_after")):
                re.compile(value)
            setattr(self, name, value)

    def clear(self) -> None:
        fresh = Faults()
        for item in dataclasses.fields(self):
            setattr(self, item.name, getattr(fresh, item.name))

    @staticmethod
    def hits(expression: str, text: str) -> bool:
        return bool(expression) and re.search(expression, text) is not None
