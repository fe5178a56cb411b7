# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host remembers of somebody who came: from where, to what, and whether a login was accepted.

Three kinds, and only the first is somebody whom a change must not keep out unasked:

* ``PROVEN``: a login was accepted: sshd, dropbear, vsftpd, wtmp, MQTT, a web server that logged the user's name.
* ``LIKELY``: perhaps somebody who belongs here, and perhaps a stranger: a web application took a form (its own login
  page, which no web server's log tells from a try), a page was served under a name that it asks nobody for, or a
  client is connected to an MQTT broker now.
* ``SEEN``: was served a page, has a connection open now, or uses a published service. On an open page that is every
  scanner of the Internet, exactly those who are to be kept out.

Who was turned away (a failed login, 401, 403, 404) is in none of them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ..display import show

PROVEN, LIKELY, SEEN = "proven", "likely", "seen"
LEVELS = (PROVEN, LIKELY, SEEN)

#: Who came within this many days comes in today: a maintenance company's quarterly visit is within it.
ACTIVE_DAYS = 92

#: Before this a clock had not been set yet: when it really was is not known.
_CLOCK_SET = "2001"

_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


@dataclass(frozen=True, slots=True)
class Visit:
    """One trace of somebody. ``day`` is ISO 8601, in the device's own time; "" where none is told: taken as today."""

    address: str
    level: str
    service: str
    account: str = ""
    day: str = ""


def day_of(seconds: float) -> str:
    """The day (UTC) of a Unix time; "" of one that is none."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return ""


def day_in_words(day: str, month: str, year: str) -> str:
    """The day of "28", "Nov", "2026"; the names of months are those of logs, whatever the controller's language is."""
    number = _MONTHS.find(month) // 3 + 1
    return f"{year}-{number:02}-{int(day):02}" if number else ""


def first_day(today: str) -> str:
    """The day since when a visit counts as active; "" (all of them) where the device does not know the day."""
    try:
        return str(date.fromisoformat(today) - timedelta(days=ACTIVE_DAYS))
    except (ValueError, OverflowError):
        return ""


def canonical(source: str) -> str:
    """An address in the one form, IPv4 as IPv4, without a zone; what is no address stays as it is."""
    try:
        address = ipaddress.ip_address(source.strip("[]").partition("%")[0])
    except ValueError:
        return source
    return str(getattr(address, "ipv4_mapped", None) or address)


def by_source(visits: Iterable[Visit], since: str) -> dict[str, dict[str, str]]:
    """``{level: {source: how it came, in words}}``, each source in its strongest level, the latest first."""
    grouped: dict[str, list[Visit]] = {}
    for visit in visits:
        if not _CLOCK_SET <= visit.day < since:
            grouped.setdefault(canonical(visit.address), []).append(visit)
    found: dict[str, dict[str, str]] = {level: {} for level in LEVELS}
    for source, theirs in sorted(grouped.items(), key=lambda each: (_latest(each[1]), each[0]), reverse=True):
        level = min((visit.level for visit in theirs), key=LEVELS.index)
        found[level][show(source, 64)] = _in_words([visit for visit in theirs if visit.level == level])
    return found


def _latest(visits: Iterable[Visit]) -> str:
    """Without a day it is now, later than every day."""
    return max(visit.day or "~" for visit in visits)


def _in_words(visits: list[Visit]) -> str:
    """ "ops over ssh, tanaka over web, last on 2026-11-20"."""
    ways = sorted({(visit.account, visit.service) for visit in visits})
    told = [f"{show(account, 40)} over {service}" if account else service for account, service in ways[:5]]
    more = [f"{len(ways) - 5} more"] if len(ways) > 5 else []
    latest = _latest(visits)
    return ", ".join([*told, *more, *([] if latest == "~" else [f"last on {latest}"])])
