# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long things take, compared fairly: interleaved, so that a busy machine slows all of them alike."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = ROOT / ".build" / "bench"
ROUNDS = 5

#: What somebody sets who wants Ansible itself to be fast; an audit pipelines its reads without being told.
TUNED = {"ANSIBLE_FORKS": "10", "ANSIBLE_PIPELINING": "1"}

Job = Callable[[], None]


class Unmeasured(Exception):
    """A comparison that means nothing: what was to be timed did not do its work. The message says why."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One job's time over another's. A goal of 0 is a figure for information."""

    what: str
    over: str
    seconds: tuple[float, ...]
    base_seconds: tuple[float, ...]
    goal: float

    @property
    def value(self) -> float:
        return median(self.seconds) / median(self.base_seconds)

    @property
    def reached(self) -> bool:
        return not self.goal or self.value <= self.goal

    def as_json(self) -> dict[str, object]:
        return {
            "what": self.what,
            "over": self.over,
            "ratio": round(self.value, 3),
            "goal": self.goal,
            "reached": self.reached,
            "seconds": [round(second, 3) for second in self.seconds],
            "base_seconds": [round(second, 3) for second in self.base_seconds],
        }


def interleaved(jobs: Mapping[str, Job], rounds: int = ROUNDS) -> dict[str, tuple[float, ...]]:
    """The times of each job: one warm-up round that is not counted, then ``rounds`` rounds of all in turn."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for counted in [False, *[True] * rounds]:
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            if counted:
                times[name].append(time.perf_counter() - begun)
    return {name: tuple(own) for name, own in times.items()}


def ansible(program: str, *arguments: str, expect: Sequence[int] = (0,), **environment: str) -> None:
    """Run one of Ansible's programs of this Python, all with Ansible's own settings but those given in ``environment``.

    Another exit status is an error.
    """
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
        "ANSIBLE_HOME": str(SCRATCH / "ansible"),
        "ANSIBLE_LOCALHOST_WARNING": "0",
    }
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    done = subprocess.run(
        command, env={**os.environ, **settings, **environment}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode not in expect:
        raise Unmeasured(f"{' '.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
