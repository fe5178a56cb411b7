# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who of the users of a machine is root, or can become it: by uid, by the rules of sudo and doas, by a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict

from .root_rules import Grant

#: As good as root, of those groups that Debian, Ubuntu or Red Hat make: what a member can do.
_AS_GOOD = {
    "docker": "starts containers as root",
    "lxd": "starts containers as root",
    "incus-admin": "starts containers as root",
    "disk": "reads and writes every disk",
    "shadow": "reads the hash of every password",
}

#: What distributions call the group that sudo lets do everything, the usual first.
_USUAL_GROUPS = ("sudo", "wheel", "admin")


@dataclass(frozen=True, slots=True)
class Group:
    """A line of group(5)."""

    gid: int
    members: frozenset[str]


class Right(TypedDict):
    """One way in which an account is root."""

    kind: str  # administrator; as_good: by a group that is no rule's; limited: for some commands only
    why: str
    group: str  # whose membership gives it, if leaving the group takes it away


def rights(name: str, uid: int, gid: int, groups: Mapping[str, Group], granted: Iterable[Grant]) -> list[Right]:
    found = [Right(kind="administrator", why="it has uid 0", group="")] if uid == 0 else []
    for grant in granted:
        kind = "administrator" if grant.everything else "limited"
        does = "do everything" if grant.everything else "do some things as root"
        for whom, group in _whom(grant, name, uid, gid, groups):
            found.append(Right(kind=kind, why=f"{grant.program} lets {whom} {does}", group=group))
    for group, does in _AS_GOOD.items():
        for _words, left in _in_group(group, name, gid, groups):
            found.append(Right(kind="as_good", why=f"a member of group {group} {does}", group=left))
    return list({right["why"]: right for right in found}.values())


def _whom(grant: Grant, name: str, uid: int, gid: int, groups: Mapping[str, Group]) -> Iterator[tuple[str, str]]:
    """Whether a rule is about this account: in words, and the group by which it is."""
    if grant.kind == "account" and grant.whom in (name, "ALL"):
        yield "everybody" if grant.whom == "ALL" else "it", ""
    elif grant.kind == "uid" and grant.whom == str(uid):
        yield "its uid", ""
    elif grant.kind == "group":
        yield from _in_group(grant.whom, name, gid, groups)
    elif grant.kind == "gid":
        for group in groups:
            if str(groups[group].gid) == grant.whom:
                yield from _in_group(group, name, gid, groups)


def _in_group(group: str, name: str, gid: int, groups: Mapping[str, Group]) -> Iterator[tuple[str, str]]:
    """Nobody leaves the primary group of the account."""
    if group in groups:
        if groups[group].gid == gid:
            yield f"group {group}", ""
        elif name in groups[group].members:
            yield f"group {group}", group


def administrators_group(granted: Iterable[Grant], groups: Mapping[str, Group]) -> str:
    """The group whose members are administrators here; "" where there is none."""
    named = [one.whom for one in granted if one.kind == "group" and one.everything and one.whom in groups]
    return min(named, key=lambda one: (_USUAL_GROUPS.index(one) if one in _USUAL_GROUPS else 9, one), default="")
