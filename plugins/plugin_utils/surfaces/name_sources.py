# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a machine looks for accounts, groups and rules beside its own files: nsswitch.conf(5)."""

from __future__ import annotations

import re

from ..display import show
from ..raw import Raw, Read

SOURCES = Read("users.nsswitch", files="/etc/nsswitch.conf")

#: Those that tell of no other accounts and rules than these files do.
_THESE_FILES = frozenset({"files", "compat", "systemd", "altfiles"})


def other_sources(raw: Raw, *databases: str) -> list[str]:
    """Without the file, nowhere else (musl, and glibc's default)."""
    told = [line.partition("#")[0] for text in raw.files(SOURCES.name).values() for line in text.split("\n")]
    words = [
        word
        for name, _colon, sources in (line.partition(":") for line in told)
        for word in re.sub(r"\[[^\]]*\]", " ", sources).split()
        if name.strip() in databases and word not in _THESE_FILES
    ]
    return [show(word, 40) for word in dict.fromkeys(words)]
