# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs outside the site: prints which doors (NAME=ADDRESS,PORT) answer a new connection, and which do not."""

from __future__ import annotations

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

SECONDS = 3


def answers(door: str) -> bool:
    address, _comma, port = door.partition("=")[2].rpartition(",")
    try:
        socket.create_connection((address, int(port)), SECONDS).close()
    except OSError:
        return False
    return True


def main() -> None:
    doors = sys.argv[1:]
    with ThreadPoolExecutor() as pool:
        answered = list(pool.map(answers, doors))
    seen: dict[str, list[str]] = {"served": [], "refused": []}
    for door, served in zip(doors, answered, strict=True):
        seen["served" if served else "refused"].append(door.partition("=")[0])
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
