# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes of a name hold a TCP socket that listens: a daemon, and not the children that serve its visitors."""

from __future__ import annotations

import shlex

_SCRIPT = (
    "command -v pgrep >/dev/null || exit 127;"
    ' at=$(awk \'$4 == "0A" {print "socket:[" $10 "]"}\' /proc/net/tcp /proc/net/tcp6 2>/dev/null);'
    ' test -n "$at" || exit 0;'
    ' for pid in $(pgrep -x %s); do ls -l /proc/$pid/fd 2>/dev/null | grep -qF "$at" && echo $pid; done; true'
)


def holders(*names: str) -> tuple[str, ...]:
    """The command that prints the id of each, a line for each; names are regular expressions."""
    return ("sh", "-c", _SCRIPT % shlex.quote("|".join(names)))
