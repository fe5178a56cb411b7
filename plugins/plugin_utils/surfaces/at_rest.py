# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a service is installed and rests: it does not run, listens nowhere, and no boot starts it."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..raw import Raw
from .sockets import sockets

#: For ``@units``, as ``systemctl show -p`` takes them.
PROPERTIES = "ActiveState,UnitFileState"


def rests(raw: Raw, unit: str, programs: Collection[str]) -> bool:
    """``unit`` names the read of PROPERTIES. Without systemd nobody knows what a boot starts, so nothing rests."""
    told = "\n".join(out.text for out in raw.all(unit).values() if not out.error and not out.rc)
    off = re.search(r"^UnitFileState=(disabled|masked)$", told, re.MULTILINE)
    stopped = re.search(r"^ActiveState=(inactive|failed)$", told, re.MULTILINE)
    return bool(off and stopped) and not any(one.program in programs for one in sockets(raw))
