# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host outside the site: opens every door of the gateway with curl and ssh, and prints what answered."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SECONDS = 4
PAGES = (("https", 8443), ("http", 8080))


def run(*argv: str) -> tuple[int, str]:
    done = subprocess.run(argv, capture_output=True, timeout=SECONDS * 3, check=False)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "backslashreplace")


def page(address: str, scheme: str, port: int, path: str) -> dict[str, object]:
    """One GET, headers and body; a page counts as served when an HTTP status came back."""
    host = f"[{address}]" if ":" in address else address
    url = f"{scheme}://{host}:{port}{path}"
    rc, text = run("curl", "-gksSi", "--max-time", str(SECONDS), url)
    return {
        "door": url,
        "served": rc == 0 and text.startswith("HTTP/"),
        "server": re.findall(r"(?mi)^server: *(.*?)\r?$", text),
        "realm": re.findall(r'(?mi)^www-authenticate: *basic realm="(.*?)"', text),
        "title": re.findall(r"(?is)<title>(.*?)</title>", text) if path == "/" else [],
    }


def greeting(address: str) -> dict[str, object]:
    """One SSH handshake up to the refusal of a login without a key: the banner comes before it."""
    known = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes")
    _rc, text = run("ssh", *known, "-o", f"ConnectTimeout={SECONDS}", "-v", f"nobody@{address}", "true")
    version = re.findall(r"remote software version (.*?)\r?$", text, re.MULTILINE)
    said = [line for line in text.splitlines() if not line.startswith(("debug1:", "OpenSSH_", "Warning:"))]
    return {"door": f"ssh://{address}", "served": bool(version), "version": version, "banner": said if version else []}


def main() -> None:
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(greeting, address) for address in sys.argv[1:]]
        for address in sys.argv[1:]:
            for scheme, port in PAGES:
                asked += [pool.submit(page, address, scheme, port, path) for path in ("/", "/admin/")]
        doors = [one.result() for one in asked]
    print(json.dumps(summary(doors), ensure_ascii=False))


def summary(doors: list[dict[str, object]]) -> dict[str, object]:
    def seen(key: str) -> list[str]:
        return sorted({text for door in doors for text in door.get(key, [])})  # type: ignore[attr-defined]

    return {
        "served": sorted(str(door["door"]) for door in doors if door["served"]),
        "refused": sorted(str(door["door"]) for door in doors if not door["served"]),
        "servers": seen("server"),
        "realms": seen("realm"),
        "titles": seen("title"),
        "versions": seen("version"),
        "banners": seen("banner"),
    }


if __name__ == "__main__":
    main()
