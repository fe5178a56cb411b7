# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of a machine as C2 needs them: who gets in, as what, and whether something depends on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from ..model import Unreadable
from ..raw import Raw, Read
from . import session
from .name_sources import SOURCES, other_sources
from .root_rules import Grant
from .users_keys import PASSWD, KeyFiles
from .users_logins import Logins
from .users_root import Group, Right, rights
from .visits import day_of

_GROUP = Read("users.group", command=("cut", "-d:", "-f1,3-", "/etc/group"))
_SHADOW = Read("users.shadow", command=("@shadow",))
_JOBS = Read("users.jobs", command=("@jobs",))
_OWNERS = Read("users.owners", command=("@owners",))
READS = (PASSWD, _GROUP, _SHADOW, _JOBS, _OWNERS, SOURCES, session.SESSION)

#: Programs in the place of a shell that let nobody in.
_NO_SHELLS = frozenset({"nologin", "false", "true", "sync", "halt", "shutdown", "reboot", "poweroff"})

_STATES = {state: state for state in ("usable", "locked", "none")}

#: On this day an account of ours expires that is locked; no clock is before it.
LOCKED_SINCE = "1970-01-02"

_MOST = 2_000


class Account(TypedDict):
    """One account. Days are ISO 8601, "" where none is set."""

    uid: int
    gid: int
    shared_group: bool  # somebody else is in its group too
    shell: bool  # lets somebody in
    password: str  # usable, locked, or none: no password is asked for
    since: str  # when the password was set
    expires: str  # the first day on which nobody gets in any more
    home: str
    keys: int | None  # that open it; None: not known
    key_files: list[str]
    own_keys: bool  # no file of keys is reached through a link
    rights: list[Right]
    work: list[str]  # what is done in its name without anybody there
    recent: bool  # somebody is logged in with it, or was of late
    in_use: bool  # by ourselves
    networks: list[str]  # from which somebody logged in with it of late


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known of a machine, when its accounts are put together."""

    groups: Mapping[str, Group]
    granted: Sequence[Grant]
    keys: KeyFiles
    logins: Logins


def accounts(raw: Raw, around: Around) -> dict[str, Account]:
    """By name, in the order of the device. Raises Unreadable."""
    lines = _lines(raw, PASSWD, "/etc/passwd", 6)
    shadow, jobs, owners, ours = _json(raw, _SHADOW), _json(raw, _JOBS), _json(raw, _OWNERS), session.account(raw)
    try:
        working, inside, jobbing = set(owners["work"]), set(owners["logins"]), set(jobs)
        found = {}
        for name, uid_text, gid, _gecos, home, shell in lines:
            uid, keys = int(uid_text), around.keys.of(home)
            work = {"programs run in its name": uid in working, "cron, at or a service works for it": name in jobbing}
            found[name] = Account(
                uid=uid,
                gid=int(gid),
                shared_group=_others_in(int(gid), name, lines, around.groups),
                shell=(shell.rpartition("/")[2] or "sh") not in _NO_SHELLS,
                password=_STATES[shadow[name]["state"]],
                since=_day(shadow[name]["changed"]),
                expires=_day(shadow[name]["expires"]),
                home=home,
                keys=keys.number,
                key_files=list(keys.files),
                own_keys=keys.own,
                rights=rights(name, uid, int(gid), around.groups, around.granted),
                work=[what for what, so in work.items() if so],
                recent=uid in inside or name in around.logins.networks,
                in_use=name == ours,
                networks=around.logins.networks.get(name, []),
            )
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"the accounts of this machine are not understood: {type(error).__name__}") from error
    return found


def _others_in(gid: int, name: str, lines: Sequence[Sequence[str]], groups: Mapping[str, Group]) -> bool:
    members = {member for group in groups.values() if group.gid == gid for member in group.members}
    return bool((members | {line[0] for line in lines if int(line[2]) == gid}) - {name})


def groups(raw: Raw) -> dict[str, Group]:
    try:
        lines = _lines(raw, _GROUP, "/etc/group", 3)
        return {name: Group(int(gid), frozenset(filter(None, members.split(",")))) for name, gid, members in lines}
    except ValueError as error:
        raise Unreadable("/etc/group is not understood") from error


def elsewhere(raw: Raw, *databases: str) -> list[str]:
    """Where else this machine looks for them."""
    nis = [name for read in (PASSWD, _GROUP) for name in _names(raw, read) if name.startswith(("+", "-"))]
    return [*other_sources(raw, *databases), *(["NIS"] if nis else [])]


def lets_in(account: Account, today: str) -> bool | None:
    """Whether somebody can log in with it on a day (ISO 8601; "": it is not known which); None: not known.

    A day of expiry counts for passwords and for keys, a locked password for itself alone.
    """
    if not account["shell"] or (account["expires"] and account["expires"] <= max(today, LOCKED_SINCE)):
        return False
    if account["password"] != "locked":
        return True
    return None if account["keys"] is None else account["keys"] > 0


# --- reading ------------------------------------------------------------------------------------------------


def _names(raw: Raw, read: Read) -> list[str]:
    return [line.partition(":")[0] for line in raw.text(read.name).split("\n")]


def _lines(raw: Raw, read: Read, path: str, fields: int) -> list[list[str]]:
    text = raw.text(read.name).split("\n")
    told = [line.split(":") for line in text if line.strip() and not line.startswith(("#", "+", "-"))]
    wrong = [line for line in told if len(line) != fields]
    if wrong or not told or len(text) > _MOST:
        raise Unreadable(
            f"{path}: {len(wrong)} of {len(text)} lines are not understood" if told else f"{path} is empty"
        )
    return told


def _json(raw: Raw, read: Read) -> Any:
    try:
        return json.loads(raw.text(read.name))
    except ValueError as error:
        raise Unreadable(f"{read.command[0]} was not understood") from error


def _day(days: Any) -> str:
    """Day 0 is no day: shadow(5)."""
    return day_of(int(days) * 86_400) if days else ""
