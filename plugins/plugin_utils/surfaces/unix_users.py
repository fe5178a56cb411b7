# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of the machine itself: one account for each person who works on it, and no other that lets anybody in (C2).

Whether their passwords can be guessed is C1's question (unix_accounts.py), and who else has them that of reused.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..contract import Surface
from ..model import Intent, Json, Judgement, Unreadable
from ..raw import Raw
from . import (
    account_programs,
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

_FIRST_UID = 1000  # of a person's account, where login.defs names none


class UnixUsers(Surface):
    """passwd(5), shadow(5), group(5), sudoers(5), doas.conf(5) and the keys of sshd(8)."""

    name = SURFACE
    controls = (users_people.CONTROL, users_leftover.CONTROL, users_shared.CONTROL, users_rights.CONTROL)
    reads = (
        *users_there.READS, *users_keys.READS, *root_rules.READS, *users_logins.READS, *account_programs.READS,
    )  # fmt: skip

    def parse(self, raw: Raw) -> dict[str, Json]:
        programs, groups = account_programs.programs(raw), users_there.groups(raw)
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
            "takes": cast(Json, account_programs.takes(raw)),
            "first_uid": _first_uid(raw),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        users = Users(state, intent)
        yield from users_people.judge(users)
        yield from users_leftover.judge(users)
        yield from users_shared.judge(users)
        yield from users_rights.judge(users)


def _granted(raw: Raw, programs: Iterable[str]) -> tuple[list[root_rules.Grant], str]:
    """The rules, and why they may not be all."""
    others = users_there.elsewhere(raw, "group", "sudoers", "passwd")
    elsewhere = f"groups or rules come from {', '.join(others)} too, where we do not look" if others else ""
    try:
        return root_rules.grants(raw, frozenset(programs)), elsewhere
    except Unreadable as reason:
        return [], str(reason)


def _first_uid(raw: Raw) -> int:
    texts = "\n".join(raw.files(account_programs.LOGIN_DEFS.name).values())
    found = re.search(r"^UID_MIN\s+(\d{1,9})\s*$", texts, re.MULTILINE)
    return int(found[1]) if found else _FIRST_UID
