# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long we wait for a device: a connection that a change has cut would otherwise hang for a quarter of an hour."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .base import Unreachable

_AGAIN = 1.0  # seconds


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raises Unreachable after ``seconds``. A task's own ``timeout`` keeps running and counts on afterwards.

    It is raised again every second until the block is left: whoever happens to be called back at that moment (an SSH
    library's log, a destructor) may swallow it, and we would wait for ever.

    A worker process runs its one task in the main thread, so an alarm is ours to use; elsewhere there is none.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(signum: int, frame: object) -> None:
        raise Unreachable(f"no answer within {seconds:.0f} s")

    started = time.monotonic()
    handler = signal.signal(signal.SIGALRM, over)
    outer, again = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, outer - (time.monotonic() - started)), again)
