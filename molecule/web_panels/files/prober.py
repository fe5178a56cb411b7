# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks every door again and again, and writes down each change of what it answers, until it is told to end.

``prober.py FILE URL...``: FILE appears after the first round and is whole after the last, which begins after SIGTERM.
A connection that nobody takes tells nothing: while a server starts again, it serves nobody.
"""

from __future__ import annotations

import base64
import http.client
import json
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

PAUSE = 0.05  # between two questions, so that the machine has time for the work that is watched


def status(url: str) -> int:
    asked = urlsplit(url)
    login = f"{asked.username}:{asked.password}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(login).decode()}"} if asked.username else {}
    peer = http.client.HTTPConnection(asked.hostname or "", asked.port or 80, timeout=4)
    try:
        peer.request("GET", asked.path, headers=headers)
        return peer.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        peer.close()


def main() -> None:
    place, *doors = sys.argv[1:]
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_what: ended.append(1))
    seen: dict[str, list[int]] = {door: [] for door in doors}
    rounds, last = 0, False
    while not last:
        last = bool(ended)
        for door in doors:
            now = status(door)
            if now and seen[door][-1:] != [now]:
                seen[door].append(now)
            time.sleep(PAUSE)
        rounds += 1
        if rounds == 1 or last:
            write(place, {"rounds": rounds, "seen": seen})


def write(place: str, told: dict[str, object]) -> None:
    new = Path(f"{place}.new")
    new.write_text(json.dumps(told), encoding="utf-8")
    new.replace(place)


if __name__ == "__main__":
    main()
