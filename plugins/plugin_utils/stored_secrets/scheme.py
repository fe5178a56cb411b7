# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stored secret is, and what a scheme must tell of itself to be asked whether a candidate is the secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

#: The kinds of place that keep secrets. The same text means different things in them: `$6$` of a password file of
#: mosquitto is not the `$6$` of /etc/shadow.
Store = Literal["shadow", "htpasswd", "nginx", "htdigest", "mosquitto", "usm", "yamaha", "plain"]


@dataclass(frozen=True, slots=True)
class Stored:
    """One secret of one account as a device keeps it. Its text is never shown."""

    account: str
    store: Store
    text: str = field(repr=False)
    part: str = ""  # an SNMPv3 user has two: authentication, privacy
    at: str = ""  # the file, for one that is nobody's: an SNMP community
    tunnel: bool = False  # its two ends keep the same one


@dataclass(frozen=True, slots=True)
class Kept:
    """All the secrets that a place keeps, and why what else it holds could not be read."""

    secrets: tuple[Stored, ...] = ()
    unread: tuple[str, ...] = ()
    about: Mapping[str, object] = field(default_factory=dict)  # what its surface must know to set another one


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to store a secret: one row of a table. Costs are microseconds of a small controller, never measured at
    run time, so that a search ends at the same candidate on every machine."""

    name: str
    pattern: str  # of the whole text
    check: Callable[[re.Match[str], bytes], bool]  # raises ValueError on what the library does not take
    cost: Callable[[re.Match[str]], int]  # of one candidate
    missing: Callable[[], str] = lambda: ""  # what this controller lacks to check it
    state: Literal["", "empty", "locked"] = ""  # answered without a candidate


def always(cost: int) -> Callable[[re.Match[str]], int]:
    """The cost of a scheme that has no cost parameter."""
    return lambda _found: cost


def as_bytes(text: str) -> bytes:
    """As devices keep what is typed; half a character, as hostile text has, must not raise."""
    return text.encode("utf-8", "surrogatepass")
