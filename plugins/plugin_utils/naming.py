# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a name can be of: the categories of checklist B1, and the meaning of one word or pattern."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Category(StrEnum):
    """What checklist B1 wants hidden."""

    FACILITY = "facility"
    REGION = "region"
    DEVICE = "device"
    VERSION = "version"


class Meaning(NamedTuple):
    """What one rule finds. ``site`` is the kind of facility, ``sure`` how often such a find is right (0 to 1)."""

    category: Category
    kind: str
    sure: float = 0.9
    site: str = ""


class Named(NamedTuple):
    """A word with a meaning, at ``start`` to ``end`` of the text in which it was sought."""

    start: int
    end: int
    meaning: Meaning
