# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may act as root by the rules of sudo and of doas.

sudo's own cvtsudoers expands the includes and aliases of sudoers(5). doas.conf(5) is simple enough to be read here.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..model import Unreadable
from ..raw import Raw, Read, missing

SUDO = Read("users.sudoers", command=("cvtsudoers", "-e", "-f", "json", "/etc/sudoers"))
DOAS = Read("users.doas", files="/etc/doas.conf")
DOAS_MORE = Read("users.doas_d", files="/etc/doas.d/*.conf")  # Alpine's
READS = (SUDO, DOAS, DOAS_MORE)

#: Whom a rule of sudo names: key of cvtsudoers -> how Grant says it.
_NAMED = {"username": "account", "userid": "uid", "usergroup": "group", "usergid": "gid"}

#: With one of these sudo asks for the password of somebody else than who calls it.
_OTHERS_PASSWORD = ("targetpw", "rootpw", "runaspw")
_FOR_A_WHILE = frozenset({"notbefore", "notafter"})


@dataclass(frozen=True, slots=True)
class Grant:
    """What one rule lets somebody do as root."""

    program: str  # sudo or doas
    kind: str  # account, uid, group or gid
    whom: str  # "ALL": everybody
    everything: bool  # any command, on every host, at any time, by their own password or none


def grants(raw: Raw, programs: Collection[str]) -> list[Grant]:
    """The rules of the ``programs`` that are installed. Unreadable says of which it is not known whom they favour."""
    found = [_sudo(raw)] if "sudo" in programs else []
    return [grant for each in (*found, _doas(raw) if "doas" in programs else ()) for grant in each]


# --- sudo ---------------------------------------------------------------------------------------------------


def _sudo(raw: Raw) -> list[Grant]:
    if any(missing(output) for output in raw.all(SUDO.name).values()):
        raise Unreadable("sudo is installed, and cvtsudoers, which shows its rules, is not")
    try:
        told = json.loads(raw.text(SUDO.name))
        own_password = not any(_asks_for_anothers(each) for each in told.get("Defaults", ()))
        return [grant for rule in told.get("User_Specs", ()) for grant in _rule(rule, own_password)]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(f"the rules of sudo are not understood: {type(error).__name__}") from error


def _asks_for_anothers(defaults: Mapping[str, Any]) -> bool:
    return any(option.get(name) for option in defaults["Options"] for name in _OTHERS_PASSWORD)


def _rule(rule: Mapping[str, Any], own_password: bool) -> Iterator[Grant]:
    as_root = [each for each in rule["Cmnd_Specs"] if _as_root(each) and _commands(each)]
    but = any(one.get("negated") for one in rule["User_List"])
    everywhere = rule["Host_List"] == [{"hostname": "ALL"}]
    everything = own_password and everywhere and not but and any(_is_everything(each) for each in as_root)
    for member in rule["User_List"] if as_root else ():
        if not member.get("negated"):
            yield Grant("sudo", *_whom(member), everything)


def _whom(member: Mapping[str, Any]) -> tuple[str, str]:
    for key, kind in _NAMED.items():
        if key in member:
            return kind, str(member[key])
    raise Unreadable(f"a rule of sudo is about a {next(iter(member))}, whose members we do not see")


def _as_root(commands: Mapping[str, Any]) -> bool:
    """Nobody named is root, unless a group is."""
    if "runasusers" not in commands:
        return "runasgroups" not in commands
    return any(one.get("username", "root") in ("root", "ALL") for one in commands["runasusers"])


def _commands(commands: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in commands["Commands"] if not one.get("negated")]


def _is_everything(commands: Mapping[str, Any]) -> bool:
    limited = any(_FOR_A_WHILE & set(option) for option in commands.get("Options", ()))
    return commands["Commands"] == [{"command": "ALL"}] and not limited


# --- doas ---------------------------------------------------------------------------------------------------

_OPTIONS, _SETENV = frozenset({"nopass", "nolog", "persist", "keepenv"}), "setenv"  # setenv { names }


def _doas(raw: Raw) -> list[Grant]:
    """The last rule that fits decides; where one denies, none is everything."""
    texts = [text for read in (DOAS, DOAS_MORE) for text in raw.files(read.name).values()]
    rules = [words for text in texts for line in text.replace("\\\n", " ").split("\n") if (words := _words(line))]
    found = [grant for words in rules if words[0] == "permit" for grant in _permitted(words[1:])]
    denies = any(words[0] == "deny" for words in rules)
    return [replace(grant, everything=grant.everything and not denies) for grant in found]


def _words(line: str) -> list[str]:
    try:
        words = shlex.split(re.sub("([{}])", r" \1 ", line), comments=True)
    except ValueError as error:
        raise Unreadable(f"the rules of doas are not understood: {error}") from error
    if words and (words[0] not in ("permit", "deny") or len(words) < 2):
        raise Unreadable("the rules of doas are not understood: a line begins with neither permit nor deny")
    return words


def _permitted(words: list[str]) -> Iterator[Grant]:
    """``[options] identity [as target] [cmd command [args ...]]``"""
    left = list(words)
    while left and (left[0] in _OPTIONS or left[0] == _SETENV):
        left = left[left.index("}") + 1 if left[0] == _SETENV and "}" in left else 1 :]
    if not left:
        raise Unreadable("the rules of doas are not understood: one permits nobody")
    identity, rest = left[0], left[1:]
    if rest[:1] == ["as"] and rest[1:2] != ["root"]:
        return
    kind = "group" if identity.startswith(":") else "account"
    yield Grant("doas", kind, identity.removeprefix(":"), "cmd" not in rest)
