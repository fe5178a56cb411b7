# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs the lab runs, and a clear word when one is missing or fails."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import IO

from .layout import LabError

#: {program: the Debian package that brings it}
NEEDED = {
    "podman": "podman",
    "runc": "runc",
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "iptables": "iptables",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "sysctl": "procps",
    "tar": "tar",
}
NETAVARK = Path("/usr/lib/podman/netavark")
ENVIRONMENT = {**os.environ, "CONTAINERS_CONF": str(Path(__file__).parent / "containers.conf")}


def require() -> None:
    """Refuse to start, naming everything that is missing at once."""
    if os.geteuid():
        raise LabError("the lab makes networks and boots systemd in containers, which only root may: run it with sudo")
    missing = {package for program, package in NEEDED.items() if not shutil.which(program)}
    if not NETAVARK.exists():
        missing.add("netavark")
    if missing:
        raise LabError(f"the lab needs more programs: apt-get install {' '.join(sorted(missing))}")


def output(*argv: str, stdin: IO[bytes] | bytes | None = None) -> str:
    """What ``argv`` prints; an exit status other than 0 is a LabError with the program's own words."""
    source = subprocess.PIPE if isinstance(stdin, bytes) else stdin or subprocess.DEVNULL
    with subprocess.Popen(
        argv, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as program:
        said, complained = program.communicate(stdin if isinstance(stdin, bytes) else None)
    if program.returncode:
        why = (complained or said).decode(errors="replace").strip()
        raise LabError(f"{' '.join(argv)} ended with status {program.returncode}: {why[-2000:]}")
    return said.decode(errors="replace").strip()


def podman(*argv: str, stdin: IO[bytes] | bytes | None = None) -> str:
    return output("podman", *argv, stdin=stdin)


def succeeds(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, env=ENVIRONMENT, check=False).returncode == 0
