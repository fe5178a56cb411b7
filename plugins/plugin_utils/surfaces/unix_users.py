# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of the machine itself: one account for each person who works on it, and no other that lets anybody in (C2).

Whether their passwords can be guessed is C1's question (unix_accounts.py); for this one no secret is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..contract import Surface
from ..model import Intent, Json, Judgement, Unreadable
from ..raw import Raw, Read
from . import (
    root_rules,
    users_keys,
    users_leftover,
    users_logins,
    users_people,
    users_rights,
    users_shared,
    users_there,
)
from .users_root import administrators_group
from .users_whose import SURFACE, Users

_PROGRAMS = ("useradd", "usermod", "chpasswd", "gpasswd", "userdel", "find", "chown", "sudo", "doas", "bash")
_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_THERE = Read(
    "users.programs", command=("@stat", "%n", *(f"{folder}/{name}" for name in _PROGRAMS for folder in _FOLDERS))
)
_LOGIN_DEFS = Read("users.login_defs", files="/etc/login.defs")
_PAM = Read("users.pam", files="/etc/pam.d/common-password")  # Debian's, which goes before login.defs

_FIRST_UID = 1000  # of a person's account, where login.defs names none


class UnixUsers(Surface):
    """passwd(5), shadow(5), group(5), sudoers(5), doas.conf(5) and the keys of sshd(8)."""

    name = SURFACE
    controls = (users_people.CONTROL, users_leftover.CONTROL, users_shared.CONTROL, users_rights.CONTROL)
    reads = (
        *users_there.READS, *users_keys.READS, *root_rules.READS, *users_logins.READS, _THERE, _LOGIN_DEFS, _PAM,
    )  # fmt: skip

    def parse(self, raw: Raw) -> dict[str, Json]:
        programs, groups = _programs(raw), users_there.groups(raw)
        granted, unknown = _granted(raw, programs)
        keys, logins = users_keys.key_files(raw), users_logins.logins(raw)
        around = users_there.Around(groups, granted, keys, logins)
        return {
            "accounts": cast(Json, users_there.accounts(raw, around)),
            "groups": cast(Json, sorted(groups)),
            "elsewhere": cast(Json, users_there.elsewhere(raw, "passwd", "shadow")),
            "rights_unknown": unknown,
            "keys_unknown": keys.unknown,
            "logins_recorded": logins.recorded,
            "logins_unknown": logins.unknown,
            "administrators_group": administrators_group(granted, groups),
            "programs": cast(Json, programs),
            "new_shell": "/bin/bash" if "bash" in programs else "/bin/sh",
            "takes": cast(Json, _takes(raw)),
            "first_uid": _first_uid(raw),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        users = Users(state, intent)
        yield from users_people.judge(users)
        yield from users_leftover.judge(users)
        yield from users_shared.judge(users)
        yield from users_rights.judge(users)


def _programs(raw: Raw) -> list[str]:
    outputs = raw.all(_THERE.name).values()
    for output in outputs:
        if output.error or output.truncated:
            raise Unreadable(f"which programs are there is not known: {output.error or 'the answer was cut off'}")
    asked = set(_THERE.command)
    found = {line.rpartition("/")[2] for output in outputs for line in output.text.split("\n") if line in asked}
    if not outputs:
        raise Unreadable("which programs are there was not read")
    return sorted(found)


def _granted(raw: Raw, programs: Iterable[str]) -> tuple[list[root_rules.Grant], str]:
    """The rules, and why they may not be all."""
    others = users_there.elsewhere(raw, "group", "sudoers", "passwd")
    elsewhere = f"groups or rules come from {', '.join(others)} too, where we do not look" if others else ""
    try:
        return root_rules.grants(raw, frozenset(programs)), elsewhere
    except Unreadable as reason:
        return [], str(reason)


def _takes(raw: Raw) -> list[str]:
    """Every libc that makes accounts knows sha512-crypt. yescrypt is known where the machine makes it itself."""
    texts = [text for read in (_LOGIN_DEFS, _PAM) for text in raw.files(read.name).values()]
    own = any(re.search(r"^(?!\s*#).*\byescrypt\b", text, re.MULTILINE | re.IGNORECASE) for text in texts)
    return [*(["yescrypt"] if own else []), "sha512-crypt"]


def _first_uid(raw: Raw) -> int:
    texts = "\n".join(raw.files(_LOGIN_DEFS.name).values())
    found = re.search(r"^UID_MIN\s+(\d{1,9})\s*$", texts, re.MULTILINE)
    return int(found[1]) if found else _FIRST_UID
