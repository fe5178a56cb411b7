# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a running service has taken over what its files say: edited and not reloaded, it serves something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..display import show
from ..model import Judgement, Status
from ..raw import Output, Raw, Read, missing

#: The second in which the machine started, as processes count from there.
BOOTED = Read("booted", command=("grep", "-m", "1", "^btime ", "/proc/stat"), limit=1 << 12)

#: When a file was changed or put in its place, and its name: paths and globs follow.
CHANGED = ("@stat", "%Z %n")

_STAMP = re.compile(r"([0-9]+)(?:\.[0-9]+)? (/.*)")
#: The words of both, in the C locale and in UTF-8.
_UNSEEN = re.compile(r"(?:stat|find): [\u2018']?(/.*?)[\u2019']?: ([^:]+)")
_GONE = ("No such file or directory", "Not a directory", "missing")  # what is not there was not changed

_TICKS = 100  # a second, for every process on every common Linux
_SLACK = 2  # seconds: both sides are rounded


def newest_start(raw: Raw, stats: str) -> float:
    """When the youngest of these processes (their ``/proc/PID/stat``) began; 0 when it cannot be told."""
    booted = seconds(raw, BOOTED.name, r"btime (\d+)")
    fields = [out.text.rpartition(")")[2].split() for out in raw.all(stats).values() if not out.error]
    ticks = [int(one[19]) for one in fields if len(one) > 19 and one[19].isascii() and one[19].isdigit()]
    return booted + max(ticks) / _TICKS if booted and ticks else 0.0


def seconds(raw: Raw, name: str, pattern: str = r"(\d+)") -> float:
    """The one moment that a read tells; 0 when it does not."""
    found = [re.fullmatch(pattern, out.text.strip(), re.ASCII) for out in raw.all(name).values() if not out.error]
    return float(found[0][1]) if len(found) == 1 and found[0] else 0.0


def younger(outputs: Mapping[str, Output], start: float) -> list[str]:
    """The files changed after ``start``, and those that nobody could look at: they may have been."""
    lines = [line for out in outputs.values() if not out.error for line in out.text.splitlines()]
    stamps = [found.groups() for line in lines if (found := _STAMP.fullmatch(line))]
    changed = {path for seconds, path in stamps if start and int(seconds) > start + _SLACK}
    unseen = {found[1] for line in lines if (found := _UNSEEN.fullmatch(line)) and found[2] not in _GONE}
    unread = {key for key, out in outputs.items() if out.truncated or (out.error and not missing(out))}
    return sorted(changed | unseen | unread)


def judge(
    state: Mapping[str, Any], controls: tuple[str, ...], surface: str, reload: Sequence[str]
) -> Iterator[Judgement]:
    """``unknown`` for every control while files and service differ; a change that reloads it settles that too."""
    paths = [show(path) for path in state["not_taken_over"]]
    for control in controls if paths else ():
        why = f"{surface} was not reloaded since {', '.join(paths[:3])} changed, so it may serve something else"
        fix = f"Reload it and run again: {' '.join(reload)}"
        yield Judgement(control, surface, Status.UNKNOWN, why, fix=fix)
