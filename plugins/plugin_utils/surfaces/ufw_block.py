# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our marked block in a file of ufw's that belongs to the owner: it comes, is found again, and goes; the rest stays."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .iptables_chain import CHAIN

_FIRST = "# BEGIN iot_site.checklist (IoT device checklist A2): replaced at the next run; change the inventory instead"
_LAST = "# END iot_site.checklist"
_BLOCK = re.compile(
    r"^# BEGIN iot_site\.checklist[^\n]*\n(?:(?!# END)[^\n]*\n)*# END iot_site\.checklist\n", re.MULTILINE
)

_PUTS = frozenset({"-A", "-I", "-R", "--append", "--insert", "--replace"})


def block(before: str, rules: Iterable[str]) -> str:
    """The lines that lead from ufw's chain ``before`` to ours, and ours."""
    ours = (f"-A {CHAIN} {rule}" for rule in rules)
    return "\n".join((_FIRST, f":{CHAIN} - [0:0]", f"-A {before} -j {CHAIN}", *ours, _LAST, ""))


def with_block(file: str, before: str, rules: Iterable[str]) -> str:
    """``file`` with our block where ufw's chain ``before`` begins; "" where the file does not let us be first in it."""
    lines = _BLOCK.sub("", file).splitlines(keepends=True)
    place = _place(lines, before)
    if not place:
        return ""
    return "".join((*lines[:place], block(before, rules), *lines[place:]))


def _place(lines: list[str], before: str) -> int:
    """Behind the line that declares the chain ``before`` in the table filter; 0 where something else comes first."""
    table, place = "", 0
    for number, line in enumerate(lines, 1):
        words = line.split()
        if line.startswith("*"):
            table = words[0]
        elif table == "*filter" and words[:1] == [f":{before}"]:
            place = place or number
        elif words[1:2] == [before] and words[0] in _PUTS and (not place or words[0] != "-A"):
            return 0
    return place


def placed(file: str, before: str, rules: Iterable[str]) -> bool:
    """Whether exactly that block is in the file, at its place and nowhere else."""
    return bool(file) and file == with_block(file, before, rules)
