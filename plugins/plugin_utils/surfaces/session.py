# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session in use, as the host sees it: no change may take away what it came by."""

from __future__ import annotations

import json

from ..model import Unreadable
from ..raw import Raw, Read

#: A pseudo command of host_read: the addresses and the account this host sees for the connection in use.
SESSION = Read(name="session", command=("@session",))


def session(raw: Raw) -> dict[str, str]:
    """``ssh_connection``, ``user`` and ``sudo_user``; "" where the host does not tell."""
    try:
        answer = json.loads(raw.text(SESSION.name))
        return {key: str(answer[key] or "") for key in ("ssh_connection", "user", "sudo_user")}
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable("what the host sees of this session was not understood") from error


def account(raw: Raw) -> str:
    """The account that logged in, whatever it became after that."""
    seen = session(raw)
    return seen["sudo_user"] or seen["user"]
