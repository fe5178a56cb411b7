# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which secrets are the same, told without any of them: each has a mark that only this process can make (C2.reused).

The key is made at import, in the parent of all workers as the run id is (run.py), and is written nowhere. So equal
secrets have equal marks in one run, and outside of it a mark means nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .account_passwords import Device, called, opening, owner
from .model import Intent, Json, State
from .stored_secrets.scheme import Kept, Stored, as_bytes
from .stored_secrets.stores import in_the_clear, scheme_of

_KEY = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Mark:
    """One secret in use. It is the same as another where they share a digest."""

    digests: Collection[str]  # of itself, where it is known; of what is kept of it, byte for byte
    account: str  # as it is shown, or where it stands
    surface: str
    whose: str  # a person, a service, or an account of nobody on the list; "": a community, a key
    known: bool  # itself; a hash that no guess opened is not
    tunnel: bool  # its two ends keep the same one


@dataclass(frozen=True, slots=True)
class Marks:
    """Those of one device."""

    site: str
    host: str
    label: str
    marks: Sequence[Mark]
    hidden: Sequence[str]  # why others that it keeps have none


def marks(kept: Mapping[str, Kept], told: Mapping[str, Json], state: State, device: Device, intent: Intent) -> Marks:
    """``told``: which surfaces have no secrets, or none that can be read, and why (Platform.kept)."""
    found = [one for surface, each in kept.items() for one in _marked(surface, each, state, device, intent)]
    unread = [f"{name}: {each['unreadable']}" for name, each in told.items()
              if isinstance(each, dict) and "unreadable" in each]  # fmt: skip
    unread += [why for each in kept.values() for why in each.unread]
    unread += [f"{called(one.account, one.part, one.at)} is hidden, or kept in a way that we do not know"
               for each in kept.values() for one in each.secrets if scheme_of(one) is None]  # fmt: skip
    return Marks(intent.site, intent.host, intent.label, tuple(found), tuple(unread))


def _marked(surface: str, each: Kept, state: State, device: Device, intent: Intent) -> Iterator[Mark]:
    """What is empty is C1's, and what is locked opens nothing."""
    for entry, said in zip(each.secrets, _said(each, state.get(surface)), strict=True):
        scheme = scheme_of(entry)
        if scheme is None or scheme.state:
            continue
        text = in_the_clear(entry)
        if text is None:
            guess = opening(entry, said, device, intent) if said else None
            text = guess.reveal() if guess is not None else None
        if text != "":
            yield Mark(
                digests=_digests(entry, text),
                account=called(entry.account, entry.part, entry.at),
                surface=surface,
                whose=_whose(entry.account, intent),
                known=text is not None,
                tunnel=entry.tunnel,
            )


def _whose(account: str, intent: Intent) -> str:
    return owner(account, intent) or (f"account {account}" if account else "")


def _said(each: Kept, state: Json) -> Sequence[Any]:
    """What C1 has found out of each; nothing where it has not looked yet."""
    accounts = state.get("accounts") if isinstance(state, dict) else None
    return accounts if isinstance(accounts, list) else [None] * len(each.secrets)


def _digests(entry: Stored, text: str | None) -> tuple[str, ...]:
    known = (_digest("secret", text),) if text is not None else ()
    return (*known, _digest("kept", entry.text))


def _digest(kind: Literal["secret", "kept"], text: str) -> str:
    return hmac.digest(_KEY, as_bytes(f"{kind}:{text}"), "sha256").hex()
