# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dropbear, the SSH server of small devices: whom it lets in (A1), from where (A2), what it tells before login (B1).

What runs counts, and what the next boot starts. It reads its options once, from its command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..contract import Surface
from ..model import Absent, Intent, Json, Unreadable
from ..raw import Follow, Raw, Read, missing
from . import daemon, dropbear_boot, dropbear_login, dropbear_names, taken_over
from .dropbear_config import Started, options
from .sockets import LISTENERS, sockets

PROGRAMS = frozenset({"dropbear", "dropbearmulti"})

_BANNER = r"(?:^|[\s\0\"'])-[A-Za-z]*b[\s\0]*(/[^\s\0\"']+)"
_UCI_BANNER = r"BannerFile['\"]?\s+['\"]?(/[^\s'\"]+)"


def _banner(name: str, of: str) -> Read:
    return Read(name, files="{}", follow=Follow(of, _BANNER), limit=1 << 16)


class Dropbear(Surface):
    """The SSH server of OpenWrt, of many appliances, and of whoever found OpenSSH too big."""

    name = "dropbear"
    controls = (dropbear_login.LOGIN, dropbear_login.SOURCES, dropbear_names.BANNER, dropbear_names.VERSION)
    programs = PROGRAMS
    reads = (
        LISTENERS,
        taken_over.BOOTED,
        Read("dropbear.process", command=("@holders", *sorted(PROGRAMS))),
        Read(
            "dropbear.arguments", files="/proc/{}/cmdline", follow=Follow("dropbear.process", daemon.PID), limit=1 << 12
        ),
        Read("dropbear.started", files="/proc/{}/stat", follow=Follow("dropbear.process", daemon.PID), limit=1 << 12),
        *dropbear_boot.READS,
        _banner("dropbear.banner", "dropbear.arguments"),
        _banner("dropbear.banner_next", "dropbear.default"),
        _banner("dropbear.banner_unit", "dropbear.unit"),
        Read("dropbear.banner_uci", files="{}", follow=Follow("dropbear.uci", _UCI_BANNER), limit=1 << 16),
        Read(
            "dropbear.banner_changed",
            command=(*taken_over.CHANGED, "{}"),
            follow=Follow("dropbear.arguments", _BANNER),
        ),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        heard = [one for one in sockets(raw) if one.protocol == "tcp" and one.program in PROGRAMS]
        next_boot = dropbear_boot.next_boot(raw)
        exposed = [one for one in heard if one.exposed]
        if heard and not exposed:
            raise Absent(f"dropbear listens on {heard[0].address} only, which no other machine reaches")
        running = _running(raw)
        if heard and not running:
            raise Unreadable("dropbear listens, and how it was started could not be read")
        if not heard and not next_boot:
            raise Absent("no dropbear listens, and none is started at boot")
        banners = {path for one in (*running, *next_boot) if (path := one["options"]["banner"])}
        since = taken_over.newest_start(raw, "dropbear.started")
        return {
            "listens": cast(Json, [f"{one.address} port {one.port}" for one in exposed]),
            "running": cast(Json, running),
            "next_boot": cast(Json, next_boot),
            "banners": dict(dropbear_names.banner_texts(raw, banners)),
            "restart": cast(Json, dropbear_boot.restart(raw, bool(heard))),
            "by_hand": dropbear_boot.by_hand(raw),
            "not_taken_over": cast(Json, taken_over.younger(raw.all("dropbear.banner_changed"), since)),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Any]:
        yield from dropbear_login.judge_login(state)
        yield dropbear_login.judge_sources(state, intent)
        yield from dropbear_names.judge(state, intent)
        yield from taken_over.judge(state, (dropbear_names.BANNER,), self.name, state["restart"]["argv"])


def _running(raw: Raw) -> list[Started]:
    """One for each way in which a dropbear that listens was started; those that serve somebody count no more."""
    if not any(not missing(out) for out in raw.all("dropbear.process").values()):
        raise Unreadable("which dropbear listens could not be found out")
    raw.text("dropbear.process")
    commands = {tuple(text.rstrip("\0").split("\0")[1:]) for text in raw.files("dropbear.arguments").values() if text}
    started = [_without_name(words) for words in sorted(commands)]
    return [Started(where="the dropbear that runs", options=options(words), source=None) for words in started]


def _without_name(words: Iterable[str]) -> list[str]:
    """dropbearmulti's first word may say which of its programs it is."""
    return [word for position, word in enumerate(words) if position or not re.fullmatch(r"\S*dropbear", word)]
