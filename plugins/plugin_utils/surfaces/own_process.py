# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the program that runs is the one whose configuration was read: not in a jail, no file of its own named."""

from __future__ import annotations

import re

from ..display import show
from ..model import Unreadable
from ..raw import Raw, Read

#: Our own root directory, then a line for each process: its root directory (device and inode) and its command line.
_EACH = r"""stat -L -c '%d:%i' /
for each in /proc/[0-9]*; do
    read -r name <$each/comm && [ "$name" = {program} ] || continue
    printf '%s ' "$(stat -L -c '%d:%i' $each/root)" && tr '\0\n' '  ' <$each/cmdline && echo
done 2>/dev/null
true"""


def read(name: str, program: str) -> Read:
    return Read(name, command=("sh", "-c", _EACH.replace("{program}", program)), limit=1 << 16)


def check(raw: Raw, name: str, started: re.Pattern[str], config: str) -> None:
    """Raises Unreadable where processes run and none of them is known to read ``config``.

    Where one does, what another one listens on is found by its socket. ``started`` fits the command lines of those
    that read it; a process that ended meanwhile has none.
    """
    if name not in raw.outputs:
        return
    home, *lines = raw.text(name).splitlines() or [""]
    if not re.fullmatch(r"\d+:\d+", home, re.ASCII):
        raise Unreadable("it is not known which of its processes run")
    running = [(root, line.strip()) for root, _space, line in (one.partition(" ") for one in lines) if line.strip()]
    if running and not any(root == home and started.fullmatch(line) for root, line in running):
        root, line = running[0]
        where = "" if root == home else "in a root directory of its own (a container or chroot): "
        raise Unreadable(f"it runs {where}{show(line, 120)}, so it may read another configuration than {config}")
