# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fast audit that judged nothing is no result: what the report must hold for a time to count."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from .timing import Unmeasured

#: What an audit speaks about, of every device.
JUDGED = frozenset({"P1", "P2", "P3", "P4", "A1", "A2", "B1", "C1", "C2", "D2"})

_UNJUDGED = ("unknown", "unreachable")


def require(findings: Path, hosts: int, items: Collection[str]) -> None:
    """Every host has a verdict on every item, and none is unknown or unreachable."""
    found = json.loads(findings.read_text("utf-8"))["findings"]
    judged = {(finding["host"], finding["item"]) for finding in found}
    named = {host for host, _item in judged}
    open_ends = [f"{f['host']} {f['control']}: {f['why']}" for f in found if f["status"] in _UNJUDGED]
    if len(named) != hosts or judged != {(host, item) for host in named for item in items}:
        raise Unmeasured(f"the timed audit did not judge {sorted(items)} on {hosts} hosts: see {findings}")
    if open_ends:
        raise Unmeasured(f"the timed audit could not judge everything: {'; '.join(open_ends[:3])}; see {findings}")
