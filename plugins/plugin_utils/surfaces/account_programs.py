# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's own programs that change accounts: which are there, what they write, and which hashes they know."""

from __future__ import annotations

import re

from ..model import KeptFile, Unreadable
from ..raw import Raw, Read

_PROGRAMS = ("useradd", "usermod", "chpasswd", "gpasswd", "userdel", "find", "chown", "sudo", "doas", "bash")
_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_THERE = Read(
    "users.programs", command=("@stat", "%n", *(f"{folder}/{name}" for name in _PROGRAMS for folder in _FOLDERS))
)
LOGIN_DEFS = Read("users.login_defs", files="/etc/login.defs")
_PAM = Read("users.pam", files="/etc/pam.d/common-password")  # Debian's, which goes before login.defs
READS = (_THERE, LOGIN_DEFS, _PAM)

#: What they write; the guard keeps it.
OF_ACCOUNTS = (KeptFile("/etc/passwd"), KeptFile("/etc/shadow"))
OF_GROUPS = (KeptFile("/etc/group"), KeptFile("/etc/gshadow"))
OF_SUBIDS = (KeptFile("/etc/subuid"), KeptFile("/etc/subgid"))


def programs(raw: Raw) -> list[str]:
    """Those that are there. Raises Unreadable where that is not known."""
    outputs = raw.all(_THERE.name).values()
    for output in outputs:
        if output.error or output.truncated:
            raise Unreadable(f"which programs are there is not known: {output.error or 'the answer was cut off'}")
    asked = set(_THERE.command)
    found = {line.rpartition("/")[2] for output in outputs for line in output.text.split("\n") if line in asked}
    if not outputs:
        raise Unreadable("which programs are there was not read")
    return sorted(found)


def takes(raw: Raw) -> list[str]:
    """Every libc that makes accounts knows sha512-crypt. yescrypt is known where the machine makes it itself."""
    texts = [text for read in (LOGIN_DEFS, _PAM) for text in raw.files(read.name).values()]
    own = any(re.search(r"^(?!\s*#).*\byescrypt\b", text, re.MULTILINE | re.IGNORECASE) for text in texts)
    return [*(["yescrypt"] if own else []), "sha512-crypt"]
