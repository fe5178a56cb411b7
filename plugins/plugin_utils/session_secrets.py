# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The passwords that a device took from us in this session: those we know, whatever it hides of them (C1).

A transport answers this read itself; nothing is sent to the device. The answers travel sealed like every secret.
"""

from __future__ import annotations

from collections.abc import Mapping

from .raw import Output, Raw, Read

SESSION_SECRETS = Read("session_secrets", command=("@session_secrets",), secret=True)

#: By what a password was good for. What was given but not asked for, or not taken, is not among them.
BECOME = "become"  # the session became administrator by it
CONSOLE = "console"  # the device took it as the one that its console asks for now
_LOGIN, _ASKED = "login ", "asked "


def login(account: str) -> str:
    """The session was opened by it, as this account."""
    return f"{_LOGIN}{account}"


def asked(whose: str) -> str:
    """A command asked for it before it answered: ``become`` or ``console``, as in :attr:`Read.answers`."""
    return f"{_ASKED}{whose}"


def outputs(taken: Mapping[str, str]) -> dict[str, Output]:
    """The transport's answer. No password at all was none to take."""
    return {key: Output(text.encode("utf-8", "surrogatepass")) for key, text in taken.items() if text}


def taken(raw: Raw) -> dict[str, str]:
    """``{what it was good for: password}``; empty where nobody asked."""
    told = raw.all(SESSION_SECRETS.name)
    return {key: out.data.decode("utf-8", "surrogatepass") for key, out in told.items() if _is_ours(key, out)}


def only_asked(raw: Raw) -> dict[str, Output]:
    """What the session itself was not opened by."""
    return {key: out for key, out in raw.all(SESSION_SECRETS.name).items() if key.startswith(_ASKED)}


def _is_ours(key: str, out: Output) -> bool:
    return (key in (BECOME, CONSOLE) or key.startswith((_LOGIN, _ASKED))) and not (out.error or out.rc or out.truncated)
