# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1: the secrets that stand in the configuration, and those of which it tells only that they are there.

``show config`` has a star for every password of a login, with ``encrypted`` before it or not. It shows keys, passwords
of VPN users and communities in the clear. (m) A fetched file has the former encrypted in its maker's own way. (d)
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from .. import account_passwords
from ..contract import Accounts
from ..model import Judgement
from ..raw import Raw, Read
from ..stored_secrets.scheme import Kept, Stored
from .config import Line, read, starting
from .forwarding import CONFIG
from .guard import SAVED

Lines = tuple[Line, ...]

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_WORD = re.compile(rf"{_QUOTED.pattern}|\S+")


class ConfigSecrets(Accounts):
    """Accounts of the running configuration, or of the one that a restart would bring back."""

    reads: tuple[Read, ...] = (CONFIG, SAVED)

    def kept(self, raw: Raw, present: Collection[str]) -> Kept:
        return self.written(read(raw.text(CONFIG.name)), raw)

    def written(self, lines: Lines, raw: Raw) -> Kept:
        """The same, of the configuration's lines."""
        raise NotImplementedError

    def unread_fix(self, judgement: Judgement) -> str:
        """What nobody can read there, a person sets anew; it is said once."""
        default, weak, _name = account_passwords.CONTROLS
        fixes = {
            default: f"Nobody can read these. Give each of them that is not known to be a generated one a new one: "
            f"{self.change.format('NAME')}",
            weak: f"As for {default}.",
        }
        return fixes.get(judgement.control, judgement.fix)


def words(text: str) -> list[str]:
    """Of a line or a part of it; a quoted text is one word, without its quotes."""
    return [word[1:-1] if _QUOTED.fullmatch(word) else word for word in _WORD.findall(text)]


def behind(lines: Lines, *beginning: str) -> Iterator[list[str]]:
    """What follows these words, of every line that begins with them and goes on."""
    told = (words(line.text)[len(beginning) :] for line in starting(lines, *beginning))
    return (one for one in told if one)


def secret(told: Sequence[str], account: str = "", part: str = "", at: str = "") -> Stored:
    """What stands where a secret is expected: itself, that it is hidden, or nothing, which is no secret at all."""
    if told and told[0] in ("encrypted", "*"):
        return Stored(account, "yamaha", f"encrypted {told[-1]}", part, at)
    if not told or not told[0]:
        return Stored(account, "yamaha", "", part, at)
    return Stored(account, "plain", told[0], part, at)
