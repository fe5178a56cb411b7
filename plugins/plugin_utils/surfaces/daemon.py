# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service and its unit: does it run or start at boot, when did it last read its files, how does it do so again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..raw import Follow, Raw, Read, missing
from . import taken_over

#: In the output of ``processes``, of which there may be none.
PID = r"(\d+)"

#: For ``@units``, as ``systemctl show -p`` takes them.
ASKED = "Id,ActiveState,CanReload,StateChangeTimestampMonotonic,Environment"


def processes(name: str, program: str, follow: Follow | None = None) -> Read:
    """The ids of its processes; a program that does not run is an answer, too."""
    return Read(name, command=("@processes", program), follow=follow)


def runs(raw: Raw, name: str) -> bool:
    return any(re.search(PID, out.text) for out in raw.all(name).values() if not out.error)


def unit(raw: Raw, name: str) -> dict[str, str]:
    """What systemd says of it; nothing where there is no systemd."""
    return dict(line.partition("=")[::2] for out in raw.all(name).values() for line in out.text.splitlines())


def again(told: Mapping[str, str], service: str, restart: bool = False) -> list[str]:
    """The command with which it takes over its files."""
    if told.get("ActiveState") != "active":
        return ["service", service, "restart"]
    return ["systemctl", "reload" if told.get("CanReload") == "yes" and not restart else "restart", told["Id"]]


def since(raw: Raw, told: Mapping[str, str], stats: str) -> tuple[float, float]:
    """``(when its process began, when systemd last started or reloaded it)``; 0 for what cannot be told."""
    started = taken_over.newest_start(raw, stats)
    changed = told.get("StateChangeTimestampMonotonic", "")
    booted = taken_over.seconds(raw, taken_over.BOOTED.name, r"btime (\d+)")
    if not (started and booted and told.get("ActiveState") == "active" and changed.isascii() and changed.isdigit()):
        return started, started
    return started, max(started, booted + int(changed) / 1_000_000)


def wanted(raw: Raw, enabled: str, stats: str) -> bool:
    """Whether it runs, or starts at the next boot."""
    return bool(raw.all(stats)) or any(not missing(out) for out in raw.all(enabled).values())
