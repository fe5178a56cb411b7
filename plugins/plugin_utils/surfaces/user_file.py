# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password file of a web server: is it there, does it hold somebody, can it be read? Its content never travels."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..model import RunEdit
from ..raw import Output

#: Size and name: a path follows.
SIZE = ("@stat", "%s %n")


def sizes(outputs: Mapping[str, Output]) -> dict[str, int]:
    """``{path: its size}`` of what was asked with SIZE; 0 where there is none, -1 where that is not known."""
    return {key.rpartition(" ")[2]: _size(out) for key, out in outputs.items()}


def _size(out: Output) -> int:
    found = re.match(r"([0-9]+) /", out.text)
    return -1 if out.error else int(found[1]) if found else 0


def checks(path: str, user: str, group: str) -> tuple[RunEdit, ...]:
    """What must hold before a server asks for its accounts: else nobody could log in any more."""
    holds = RunEdit(("test", "-s", path))
    if not user:
        return (holds,)
    account = ("setpriv", f"--reuid={user}", f"--regid={group or user}", "--init-groups")
    return holds, RunEdit((*account, "test", "-r", path))
