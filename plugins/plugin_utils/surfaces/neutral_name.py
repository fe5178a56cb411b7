# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One name that a machine shows to everybody around it: the label, or a word in its place that names nothing."""

from __future__ import annotations

import re

from ..disclosure import TextVerdict, fold, verdict
from ..model import Intent, Status

#: Where a name must be, and no label is given or none that can be one.
NEUTRAL = "device"

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")

#: What programs add where a name is taken already: host-2, service #2.
_COUNTED = re.compile(r"(?:-| #)[0-9]{1,3}\Z")


def wanted(intent: Intent) -> str:
    """What stands in a name's place."""
    return intent.label if _NAME.fullmatch(intent.label) else NEUTRAL


def told(text: str, intent: Intent, surface: str = "hostname") -> TextVerdict:
    """What this name tells."""
    base = _COUNTED.sub("", text.strip())
    if fold(base) == NEUTRAL:
        return TextVerdict(Status.PASS, "the name tells nothing")
    if intent.label and fold(base) == fold(intent.label):
        return verdict(base, intent.words, intent.label, surface)
    return verdict(text, intent.words, intent.label, surface)
