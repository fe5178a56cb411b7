# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose the accounts of a machine are: what was found there, beside what the inventory wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..display import show
from ..model import Intent, Json
from .users_there import Account, lets_in

SURFACE = "users"

#: This machine's place in Intent.accounts_for and in Given.surface.
MACHINE = "accounts"


@dataclass(frozen=True, slots=True)
class Users:
    """The state of the surface and the intent, in the words that every control of C2 needs."""

    state: Mapping[str, Any]
    intent: Intent

    @property
    def accounts(self) -> Mapping[str, Account]:
        accounts: Mapping[str, Account] = self.state["accounts"]
        return accounts

    def lets_in(self, name: str) -> bool | None:
        return lets_in(self.accounts[name], self.intent.today)

    def is_administrator(self, name: str) -> bool:
        return any(right["kind"] == "administrator" for right in self.accounts[name]["rights"])

    @property
    def administrators(self) -> list[str]:
        """The accounts by which somebody who is declared to be an administrator certainly is one today."""
        declared = {person.account for person in self.intent.people if person.access == "admin"}
        return [
            name
            for name in self.accounts
            if name in declared and self.lets_in(name) is True and self.is_administrator(name)
        ]

    def keeps_an_administrator(self, name: str) -> bool:
        """Whether one remains when this account is none any more. By rules that are not known, anybody may be one."""
        if not self.state["rights_unknown"] and not self.is_administrator(name):
            return True
        return any(other != name for other in self.administrators)

    def has(self, program: str) -> bool:
        return program in self.state["programs"]


_PASSWORDS = {"usable": ["a password"], "none": ["no password is asked for"], "locked": []}


def described(name: str, account: Account) -> str:
    """One line for a person: ``pi: a password, 2 keys (sudo lets group sudo do everything)``."""
    password = _PASSWORDS[account["password"]]
    number = account["keys"]
    count = "it is not known which keys" if number is None else f"{number} key{'s' if number > 1 else ''}"
    ways = ", ".join([*password, *([] if number == 0 else [count])]) if account["shell"] else "no shell"
    ends = f", expires {account['expires']}" if account["expires"] else ""
    why = "; ".join(show(right["why"], 120) for right in account["rights"])
    return f"{called(name)}: {ways or 'locked'}{ends}{f' ({why})' if why else ''}"


def called(name: str) -> str:
    return show(name, 40)


def together(lines: Sequence[str], most: int = 10) -> str:
    """Some of many, for one sentence; evidence holds all."""
    return "; ".join(lines[:most]) + (f"; and {len(lines) - most} more" if lines[most:] else "")


def evidence(users: Users, names: Sequence[str]) -> dict[str, Json]:
    """What is known of these accounts."""
    told: dict[str, Json] = {called(name): _known(users.accounts[name]) for name in names if name in users.accounts}
    return {"accounts": told}


def _known(account: Account) -> dict[str, Json]:
    known: dict[str, Json] = {
        "uid": account["uid"],
        "password": account["password"],
        "password_since": account["since"],
        "expires": account["expires"],
        "keys": account["keys"],
        "administrator": [show(right["why"], 120) for right in account["rights"]],
        "work": list(account["work"]),
        "logins_from": list(account["networks"]),
        "in_use": account["in_use"],
    }
    return {key: value for key, value in known.items() if value not in ("", [], False)}
