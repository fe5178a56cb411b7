# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every process shows to all others, its arguments and its environment, looked at again and again.

The processes of the lab's containers are this machine's too, so one look sees controller and devices.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHOWS = ("cmdline", "environ")


@contextmanager
def watched() -> Iterator[set[bytes]]:
    """All that was shown while this lasted; what lives shorter than a look, some milliseconds, may be missing."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.001):
            seen.update(_shown())

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def _shown() -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*"):
        for what in _SHOWS:
            with contextlib.suppress(OSError):  # it may be gone by now
                yield (process / what).read_bytes()
