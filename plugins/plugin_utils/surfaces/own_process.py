# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the program that runs is the one whose configuration was read: not in a jail, no file of its own named."""

from __future__ import annotations

import json
import re

from ..display import show
from ..model import Unreadable
from ..raw import Raw, Read


def read(name: str, program: str) -> Read:
    """``[{"pid", "at_home": whether it has our root directory, "words"}]`` of the processes of this name."""
    return Read(name, command=("@started", program), limit=1 << 16)


def check(raw: Raw, name: str, started: re.Pattern[str], config: str) -> None:
    """Raises Unreadable where processes run and none of them is known to read ``config``.

    Where one does, what another one listens on is found by its socket. ``started`` fits the command lines of those
    that read it; a process that ended meanwhile has none.
    """
    if name not in raw.outputs:
        return
    try:
        running = [(bool(one["at_home"]), " ".join(one["words"]).strip()) for one in json.loads(raw.text(name))]
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable("it is not known which of its processes run") from error
    if running and not any(at_home and started.fullmatch(line) for at_home, line in running):
        at_home, line = running[0]
        where = "" if at_home else "in a root directory of its own (a container or chroot): "
        raise Unreadable(f"it runs {where}{show(line, 120)}, so it may read another configuration than {config}")
