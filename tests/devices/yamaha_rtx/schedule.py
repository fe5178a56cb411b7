# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``schedule at``: its syntax (command reference, chapter 37) and when an entry is due."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from .errors import CommandError

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
EVENTS = ("startup", "usb-attached", "sd-attached")
TIMER_RANGE = range(1, 3601)

#: Commands that cannot be scheduled, by their first words, as the reference lists them (less what is not emulated).
FORBIDDEN = (
    "administrator", "cold start", "confirm", "console character", "console columns", "console lines", "copy", "date",
    "delete", "echo", "exit", "help", "http revision-up go", "http revision-up schedule", "less", "load",
    "login password", "login timer", "login user", "macro", "nslookup", "packetdump", "ping", "ping6", "pp select",
    "quit", "rename", "rollback timer", "save", "schedule at", "scp", "show", "ssh", "sshd host key generate",
    "sshd session", "telnet", "telnetd session", "time", "timezone", "traceroute", "traceroute6", "tunnel select",
    "user attribute",
)  # fmt: skip

_TIME = re.compile(r"(\*|\d{1,2}):(\*|\d{1,2})(?::(\d{1,2}))?$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``after`` is a timer in seconds; else ``time`` (with ``date``) or an ``event`` says when."""

    number: int
    section: str
    command: str
    after: int | None = None
    date: str = "*/*"
    time: str = ""
    event: str = ""

    @property
    def second(self) -> int:
        """The second of a minute in which a time-of-day entry can be due."""
        found = _TIME.match(self.time)
        return int(found.group(3) or 0) if found else 0

    def due_at(self, now: datetime.datetime) -> bool:
        """Is a time-of-day entry due in this very second?"""
        found = _TIME.match(self.time)
        if not found:
            return False
        hour, minute, second = found.groups(default="0")
        wanted = ((hour, now.hour), (minute, now.minute), (second, now.second))
        return all(want == "*" or int(want) == have for want, have in wanted) and date_matches(self.date, now)


def parse(tokens: tuple[str, ...]) -> Entry:
    """Read a ``schedule at`` line or raise the router's error. The command itself is judged only when it runs."""
    words = list(tokens[2:])
    if len(words) < 4:
        raise CommandError("parameters")
    number = int(words.pop(0))
    date = words.pop(0) if "/" in words[0] and not words[0].startswith("+") else ""
    when = words.pop(0)
    if date and not date_valid(date):
        raise CommandError("value")
    section, command = _where(words)
    if when.startswith("+"):
        if date or not when[1:].isdecimal() or int(when[1:]) not in TIMER_RANGE:
            raise CommandError("range" if when[1:].isdecimal() and not date else "value")
        return Entry(number, section, command, after=int(when[1:]))
    if when in EVENTS:
        return Entry(number, section, command, event=when)
    if not _time_valid(when):
        raise CommandError("value")
    return Entry(number, section, command, date=date or "*/*", time=when)


def _where(words: list[str]) -> tuple[str, str]:
    """The selected peer and the command that follow the time."""
    if words[:1] == ["*"]:
        section, rest = "", words[1:]
    elif words[:1] in (["pp"], ["tunnel"]) and len(words) > 2:
        section, rest = " ".join(words[:2]), words[2:]
    else:
        raise CommandError("value")
    command = " ".join(rest)
    if not command:
        raise CommandError("parameters")
    plain = command.removeprefix("no ")
    if any(plain == name or plain.startswith(f"{name} ") for name in FORBIDDEN):
        raise CommandError("schedule")
    return section, command


def _time_valid(text: str) -> bool:
    found = _TIME.match(text)
    if not found:
        return False
    limits = zip(found.groups(default="0"), (24, 60, 60), strict=True)
    return all(part == "*" or int(part) < limit for part, limit in limits)


def date_valid(text: str) -> bool:
    month, _slash, day = text.partition("/")
    try:
        for part, top in [(part, 12) for part in month.split(",")] + [(part, 31) for part in day.split(",")]:
            _span(part, top)
    except ValueError:
        return False
    return True


def date_matches(text: str, now: datetime.datetime) -> bool:
    month, _slash, day = text.partition("/")
    weekday = (now.weekday() + 1) % 7
    return any(now.month in _span(part, 12) for part in month.split(",")) and any(
        (weekday if _is_weekday(part) else now.day) in _span(part, 31) for part in day.split(",")
    )


def _is_weekday(part: str) -> bool:
    return part.strip("-").partition("-")[0] in DAYS


def _span(part: str, top: int) -> range:
    """``3``, ``2-``, ``-7``, ``2-7``, ``*``, ``mon-fri``, ``-fri`` as a range of numbers."""
    if part == "*":
        return range(top + 1)
    low, dash, high = part.partition("-")
    numbers = [DAYS.index(end) if end in DAYS else int(end) for end in (low, high) if end]
    floor, ceiling = (0, 6) if _is_weekday(part) else (1, top)
    first = numbers[0] if low else floor
    last = (numbers[-1] if high else ceiling) if dash else first
    if not floor <= first <= last <= ceiling:
        raise ValueError(part)
    return range(first, last + 1)
