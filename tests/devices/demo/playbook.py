# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Ansible, in an environment that holds nothing of the person who runs the demo."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("ansible_playbook.py")
_SECONDS = 120  # a run takes about ten; one that hangs must not hang the demo


async def run(directory: Path, playbook: str, *options: str) -> int:
    """The exit code. However this ends, nothing of the run is left."""
    return await _ansible(directory, str(_LAUNCHER), "-i", "hosts.yml", f"iot_site.checklist.{playbook}", *options)


async def encrypt(directory: Path, text: str, target: Path) -> None:
    """What ``ansible-vault`` makes of a text that never lies on a disk in clear."""
    code = await _ansible(directory, "-m", "ansible.cli.vault", "encrypt", "--output", str(target), "-", typed=text)
    if code:
        raise RuntimeError(f"ansible-vault ended with exit code {code}")


async def _ansible(directory: Path, *arguments: str, typed: str = "") -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=directory,
        env=_environment(directory),
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        await asyncio.wait_for(process.communicate(typed.encode()), _SECONDS)
        assert process.returncode is not None
        return process.returncode
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(process.wait()), patience)
            return


def _environment(directory: Path) -> dict[str, str]:
    """Built from nothing: no SSH agent, no ANSIBLE_ variables, no configuration of the user's."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(directory / "home"),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(directory / "ansible.cfg"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        environment["ANSIBLE_FORCE_COLOR"] = "1"
    return environment
