# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which module judges which items, and which role hands it the inventory's words: for the tasks that are about all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judge:
    """A control module and its role. Every option of the module stands for a variable of the role."""

    module: str
    role: str
    items: tuple[str, ...]
    options: tuple[str, ...] = ()


_ANY_ACCOUNT = ("accounts_for", "service_accounts", "form", "rotate", "rotate_own")

#: In the order of a full run: who may come in is settled before a login is asked for. The options stand here too, or a
#: run's first task would read seven documentations for nothing but their names.
JUDGES = (
    Judge(
        "preparation",
        "preparation",
        ("P1", "P2", "P3", "P4"),
        ("decisions", "exposure_max_age_days", "temporary_until", "sector", "guidelines", "left_out"),
    ),
    Judge("ip_allowlist", "ip_allowlist", ("A2",), ("enforce_with", "unguarded", "cut_active_sources")),
    Judge(
        "login_required",
        "login_required",
        ("A1",),
        ("user_file", "fronts", "refuse_anonymous", "plaintext_needed"),
    ),
    Judge(
        "banner_blanking",
        "banner_blanking",
        ("B1",),
        ("change_hostname", "change_application_files", "replace_certificates"),
    ),
    Judge("personal_accounts", "user_credentials", ("C2",), (*_ANY_ACCOUNT, "delete_retired")),
    Judge("strong_passwords", "user_credentials", ("C1",), (*_ANY_ACCOUNT, "max_age_days", "budget_seconds", "probe")),
    Judge("device_inventory", "device_inventory", ("D2",)),
)

#: ``{option: the inventory variable that gives it}``
ROLE_VARIABLES: Mapping[str, str] = {option: f"{judge.role}_{option}" for judge in JUDGES for option in judge.options}


def chosen(run: Collection[str], skipped: Collection[str]) -> list[str]:
    """The items that ``--tags`` and ``--skip-tags`` leave, as if each were a task with its id and its role for tags."""
    return [
        item
        for judge in JUDGES
        for item in judge.items
        if not (run and {"all", "tagged", item, judge.role}.isdisjoint(run))
        and {"all", "tagged", item, judge.role}.isdisjoint(skipped)
    ]
