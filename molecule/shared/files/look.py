# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host outside the site: opens every door it is given with curl or ssh, and prints what answered.

A door is a URL, with NAME:PASSWORD@ where somebody logs in, or ssh://ADDRESS.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SECONDS = 4


def run(*argv: str) -> tuple[int, str]:
    done = subprocess.run(argv, capture_output=True, timeout=SECONDS * 3, check=False)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "backslashreplace")


def page(url: str) -> dict[str, object]:
    """One GET, headers and body; a page counts as served when an HTTP status came back."""
    rc, text = run("curl", "-gksSi", "--max-time", str(SECONDS), url)
    status = re.match(r"HTTP/\S+ (\d+)", text)
    return {
        "door": url,
        "served": rc == 0 and status is not None,
        "status": int(status[1]) if status else 0,
        "server": re.findall(r"(?mi)^server: *(.*?)\r?$", text),
        "realm": re.findall(r'(?mi)^www-authenticate: *basic realm="(.*?)"', text),
        "title": re.findall(r"(?is)<title>(.*?)</title>", text) if status and status[1] == "200" else [],
        "text": text,
    }


def greeting(door: str) -> dict[str, object]:
    """One SSH handshake up to the refusal of a login without a key: the banner comes before it."""
    known = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes")
    address = door.removeprefix("ssh://")
    _rc, text = run("ssh", *known, "-o", f"ConnectTimeout={SECONDS}", "-v", f"nobody@{address}", "true")
    version = re.findall(r"remote software version (.*?)\r?$", text, re.MULTILINE)
    said = [line for line in text.splitlines() if not line.startswith(("debug1:", "OpenSSH_", "Warning:"))]
    return {"door": door, "served": bool(version), "version": version, "banner": said if version else []}


def main() -> None:
    with ThreadPoolExecutor() as pool:
        doors = list(pool.map(lambda door: greeting(door) if door.startswith("ssh:") else page(door), sys.argv[1:]))
    print(json.dumps(summary(doors), ensure_ascii=False))


def summary(doors: list[dict[str, object]]) -> dict[str, object]:
    def seen(key: str) -> list[str]:
        return sorted({text for door in doors for text in door.get(key, [])})  # type: ignore[attr-defined]

    return {
        "served": sorted(str(door["door"]) for door in doors if door["served"]),
        "refused": sorted(str(door["door"]) for door in doors if not door["served"]),
        "status": {str(door["door"]): door["status"] for door in doors if "status" in door},
        "text": {str(door["door"]): door["text"] for door in doors if "text" in door},
        "servers": seen("server"),
        "realms": seen("realm"),
        "titles": seen("title"),
        "versions": seen("version"),
        "banners": seen("banner"),
    }


if __name__ == "__main__":
    main()
