# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One real ``ansible-playbook`` run in a directory of its own: nothing of the person who runs the tests is read."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.iot_site.checklist.plugins.plugin_utils import reading
from ansible_collections.iot_site.checklist.plugins.plugin_utils import run as this_collection

COLLECTIONS = Path(this_collection.__file__).absolute().parents[5]

#: As ``ansible-playbook``, with libssh's files below $HOME.
LAUNCHER = Path(__file__).parents[1] / "devices" / "demo" / "ansible_playbook.py"

#: A machine under load may take long; one run that hangs must not hang the tests.
SECONDS = 400


#: What people have settled on a site whose preparation (P1, P3, P4) passes.
PREPARED: dict[str, Any] = {
    "iot_site_stakeholders": {"owner": "owner", "builder": "builder", "operator": "operator", "user": "user"},
    "preparation_decisions": [
        {"item": viewpoint, "decision": "all of it", "who": "owner", "when": "2020-01-01"} for viewpoint in "ABCD"
    ],
    "preparation_sector": "water",
    "preparation_guidelines": [{"title": "IoTセキュリティガイドライン ver 1.0", "on": "2020-01-01"}],
    "preparation_left_out": {"C2": "one account only"},
}


@dataclass(frozen=True)
class Run:
    """What a run ended with and everything it printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """The run as a process group of its own. Everything Ansible and SSH keep lies below ``folder``/home."""
    home = folder / "home"
    (home / ".ssh").mkdir(mode=0o700, parents=True, exist_ok=True)
    base = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "SSH_"))}
    ours = {
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_DEPRECATION_WARNINGS": "1",
        "ANSIBLE_HOME": str(home / ".ansible"),
        "ANSIBLE_LOCAL_TEMP": str(home / ".ansible/tmp"),
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # ssh asks the program "ansible" for passwords
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.Popen(
        [sys.executable, str(LAUNCHER), *arguments], cwd=folder, env={**base, **ours, **environment},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def kill(process: subprocess.Popen[str]) -> None:
    """As a power cut."""
    _tell(process, signal.SIGKILL)
    process.communicate()


@contextlib.contextmanager
def halted(process: subprocess.Popen[str]) -> Iterator[None]:
    """While this lasts, the run stands still where it is; what it has begun on a device goes on."""
    _tell(process, signal.SIGSTOP)
    try:
        yield
    finally:
        _tell(process, signal.SIGCONT)


def _tell(process: subprocess.Popen[str], what: signal.Signals) -> None:
    """The process and everything it has started, workers in sessions of their own included."""
    family = [process.pid]
    for parent in family:
        with contextlib.suppress(FileNotFoundError):
            family += map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())
    for number in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, what)


def play(folder: Path, *arguments: str, **environment: str) -> Run:
    """One run from beginning to end."""
    process = start(folder, *arguments, **environment)
    try:
        stdout, stderr = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert "[DEPRECATION WARNING]" not in stdout + stderr, stderr
    return Run(process.returncode, stdout, stderr)


def report(folder: Path, site: str, name: str = "findings.json") -> str:
    """A file of a site's newest evidence."""
    return (folder / "iot_site_evidence" / site / "latest" / name).read_text(encoding="utf-8")


def opened(text: str) -> str:
    """``text`` with the packed states in it laid open: what must be nowhere must not be in there either."""
    return re.sub(
        r'(packed\\*": *\\*")([A-Za-z0-9+/=]+)', lambda found: found[1] + json.dumps(reading.unpacked(found[2])), text
    )


def findings(folder: Path, site: str) -> list[dict[str, Any]]:
    """The findings of a site's newest report."""
    found: list[dict[str, Any]] = json.loads(report(folder, site))["findings"]
    return found
