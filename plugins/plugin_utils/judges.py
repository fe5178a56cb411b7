# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which module judges which items, and which role hands it the inventory's words: for the tasks that are about all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from .argspec import argument_spec


@dataclass(frozen=True, slots=True)
class Judge:
    """A control module and its role. Every option of the module is a variable of the role."""

    module: str
    role: str
    items: tuple[str, ...]


#: In the order of a full run: who may come in is settled before a login is asked for.
JUDGES = (
    Judge("preparation", "preparation", ("P1", "P2", "P3", "P4")),
    Judge("ip_allowlist", "ip_allowlist", ("A2",)),
    Judge("login_required", "login_required", ("A1",)),
    Judge("banner_blanking", "banner_blanking", ("B1",)),
    Judge("personal_accounts", "user_credentials", ("C2",)),
    Judge("strong_passwords", "user_credentials", ("C1",)),
    Judge("device_inventory", "device_inventory", ("D2",)),
)

_OWN = ("declared", "items")  # options that stand for no variable of the role


@cache
def role_variables() -> Mapping[str, str]:
    """``{option: the inventory variable that gives it}``. Call it at import, never inside ``run()``."""
    return {
        option: f"{judge.role}_{option}"
        for judge in JUDGES
        for option in argument_spec(judge.module)
        if option not in _OWN
    }


def chosen(run: Collection[str], skipped: Collection[str]) -> list[str]:
    """The items that ``--tags`` and ``--skip-tags`` leave, as if each were a task with its id and its role for tags."""
    return [
        item
        for judge in JUDGES
        for item in judge.items
        if not (run and {"all", "tagged", item, judge.role}.isdisjoint(run))
        and {"all", "tagged", item, judge.role}.isdisjoint(skipped)
    ]
