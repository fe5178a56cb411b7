# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated router's own clock: it can run fast, and tests move it by hand, so nobody waits for a guard to fire."""

from __future__ import annotations

import asyncio
import datetime
import time

JST = datetime.timezone(datetime.timedelta(hours=9))


class Clock:
    """Device time = start + speed × real time + what :meth:`advance` added."""

    def __init__(self, speed: float = 1.0, start: datetime.datetime | None = None) -> None:
        self.speed = speed
        self._real_zero = time.monotonic()
        self._start = (start or datetime.datetime.now(JST)).astimezone(JST)
        self._skipped = 0.0
        self._moved = asyncio.Event()

    def seconds(self) -> float:
        """Device seconds since the clock was made."""
        return (time.monotonic() - self._real_zero) * self.speed + self._skipped

    def now(self) -> datetime.datetime:
        return self.at(self.seconds())

    def at(self, seconds: float) -> datetime.datetime:
        return self._start + datetime.timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Let that much device time have passed, at once."""
        self._skipped += seconds
        self._moved.set()

    def nudge(self) -> None:
        """Wake whoever sleeps: what they wait for may have changed."""
        self._moved.set()

    async def sleep_until(self, seconds: float) -> None:
        """Return when device time has reached ``seconds``, or earlier when the clock was moved or nudged."""
        real = max(0.0, (seconds - self.seconds()) / self.speed)
        try:
            await asyncio.wait_for(self._moved.wait(), timeout=real)
        except TimeoutError:
            return
        self._moved.clear()
