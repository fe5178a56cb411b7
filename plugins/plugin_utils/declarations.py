# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory declares of a host beside its people, as types: parts of the intent (model.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Published:
    """A service of this host that is reachable from outside: ``via``'s ``port`` leads to our ``to``."""

    via: str
    port: int
    to: int
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who allowed us to do what, and until when (不正アクセス禁止法). Dates are ISO 8601 days, inclusive."""

    by: str
    on: str
    until: str
    scope: frozenset[str]  # of read, probe, login_test, change

    def allows(self, what: str, today: str) -> bool:
        return what in self.scope and self.on <= today <= self.until


class Level(StrEnum):
    """Who is meant to see a device from the Internet (P2). Closed is the default."""

    NONE = "none"  # nobody
    PEOPLE = "people"  # the declared people, after a login
    PUBLIC_VIEW = "public_view"  # everybody may look at ``paths``
    PUBLIC_OPERATE = "public_operate"  # everybody may use ``paths``


@dataclass(frozen=True, slots=True)
class Exposure:
    """How open a device is meant to be, and who decided it (P2). Days are ISO 8601, inclusive."""

    level: Level
    reason: str
    by: str
    on: str
    until: str
    paths: tuple[str, ...] = ()  # path prefixes of web pages that are public: "/" is everything, "/cam" also "/cam/1"

    def opens(self, path: str, today: str) -> bool:
        """Whether everybody is meant to see this web path today."""
        public = self.level in (Level.PUBLIC_VIEW, Level.PUBLIC_OPERATE) and self.on <= today <= self.until
        return public and any(f"{path.rstrip('/')}/".startswith(f"{prefix.rstrip('/')}/") for prefix in self.paths)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about an item, or about a whole viewpoint, by whom and when (P1)."""

    item: str
    decision: str
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Preparation:
    """What the checklist asks of people before it asks anything of a device (P1 to P4)."""

    stakeholders: Mapping[str, str] = field(default_factory=dict)  # owner, builder, operator, user
    decisions: tuple[Decision, ...] = ()
    exposure_max_age_days: int = 365  # a decision about exposure that is older must be made again
    temporary_until: str = ""  # the last day of a device that is there for a while only
    sector: str = ""
    guidelines: Mapping[str, str] = field(default_factory=dict)  # title: the day it was looked up and used
    left_out: Mapping[str, str] = field(default_factory=dict)  # item that does not apply: the reason; "" is none


@dataclass(frozen=True, slots=True)
class Front:
    """A login in front of an application that has none: a web server of ours listens, and passes on what logged in."""

    listen: int
    to: int  # the application's own port, on loopback
