# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How old a secret of ours is, and whether that is too old (user_credentials_max_age_days). Pure."""

from __future__ import annotations

from datetime import date

from .model import Intent


def days_old(made: str, today: str) -> int | None:
    """Between two days in ISO 8601; None where a clock was wrong, or nobody wrote it down.

    The store has UTC and ``today`` is the controller's, so a day ahead is no day at all.
    """
    try:
        days = (date.fromisoformat(today) - date.fromisoformat(made[:10])).days
    except ValueError:
        return None
    return max(days, 0) if days >= -1 else None


def too_old(made: str, intent: Intent) -> bool:
    """Whether it shall be made anew. What is not known to be old is not."""
    days = days_old(made, intent.today)
    return bool(intent.max_age_days) and days is not None and days > intent.max_age_days
