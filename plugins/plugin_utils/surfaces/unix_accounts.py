# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of the machine itself, in /etc/passwd and /etc/shadow: SSH, Telnet, FTP and the console ask it (C1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..account_passwords import Work, owner
from ..contract import Accounts
from ..model import Given, Intent, RunEdit, Unreadable
from ..raw import Raw, Read
from ..stored_secrets.scheme import Kept, Stored
from . import account_programs
from .name_sources import SOURCES, other_sources

_PASSWD = Read("accounts.passwd", files="/etc/passwd", secret=True)
_SHADOW = Read("accounts.shadow", files="/etc/shadow", secret=True)

_IN_SHADOW = "x"
_PASSWD_FIELDS = 7
_MOST = 2_000


class UnixAccounts(Accounts):
    """passwd(5) and shadow(5)."""

    name = "accounts"
    reads = (_PASSWD, _SHADOW, SOURCES, *account_programs.READS)
    change = "sudo passwd {}"

    def kept(self, raw: Raw, present: Collection[str]) -> Kept:
        lines = list(_lines(raw.text(_PASSWD.name), "/etc/passwd"))
        elsewhere = [
            f"/etc/passwd:{number} takes accounts from elsewhere (NIS), which we do not read"
            for number, fields in lines
            if fields[0].startswith(("+", "-"))
        ]
        elsewhere += [
            f"accounts come from {name} too (/etc/nsswitch.conf), which we do not read"
            for name in other_sources(raw, "passwd", "shadow")
        ]
        own = {fields[0]: fields for _number, fields in lines if not fields[0].startswith(("+", "-"))}
        short = [name for name, fields in own.items() if len(fields) != _PASSWD_FIELDS]
        if short or not own:
            raise Unreadable(f"/etc/passwd: {len(short)} lines are not understood" if own else "/etc/passwd is empty")
        shadow = self._shadow(raw) if any(fields[1] == _IN_SHADOW for fields in own.values()) else {}
        # who has no line there gets in with no password at all: pam_unix(8) refuses
        texts = {name: shadow.get(name, "!") if fields[1] == _IN_SHADOW else fields[1] for name, fields in own.items()}
        secrets = tuple(Stored(name, "shadow", text) for name, text in texts.items())
        return Kept(secrets, tuple(elsewhere), _about(raw))

    def setting(self, state: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]], intent: Intent) -> Work | None:
        if not state["chpasswd"]:
            return None
        takes = tuple(map(str, state["takes"]))
        given = tuple(
            Given(owner(one["account"], intent), one["account"], self.name, "shadow", takes, session=True)
            for one in accounts
        )
        return Work((*account_programs.OF_ACCOUNTS, RunEdit(("chpasswd", "-e"), given=given)))

    def opens_ssh(self, state: Mapping[str, Any]) -> Collection[str]:
        return {one["account"] for one in state["accounts"]}

    @staticmethod
    def _shadow(raw: Raw) -> dict[str, str]:
        lines = list(_lines(raw.text(_SHADOW.name), "/etc/shadow"))
        if not lines or any(len(fields) < 2 for _number, fields in lines):
            raise Unreadable("/etc/shadow: not understood")
        return {fields[0]: fields[1] for _number, fields in lines}


def _about(raw: Raw) -> dict[str, object]:
    """How passwords are set here. Where that is not known, a person does it; they are judged all the same."""
    try:
        return {"takes": account_programs.takes(raw), "chpasswd": "chpasswd" in account_programs.programs(raw)}
    except Unreadable:
        return {"takes": [], "chpasswd": False}


def _lines(text: str, path: str) -> Iterator[tuple[int, list[str]]]:
    lines = text.split("\n")
    if len(lines) > _MOST:
        raise Unreadable(f"{path}: {len(lines)} lines, of which we read {_MOST}")
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.split(":")
