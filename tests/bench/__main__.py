# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``: what an audit costs beside the least that must be done anyway. Ends with 1 when a goal is missed."""

from __future__ import annotations

import json
import sys

from tests.lab.layout import LabError

from . import accounts, detector, hosts, outside, router
from .timing import SCRATCH, Ratio, Unmeasured

BENCHES = {
    "router": router.measure,
    "hosts": hosts.measure,
    "accounts": accounts.measure,
    "outside": outside.measure,
    "detector": detector.measure,
}


def main() -> int:
    SCRATCH.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or list(BENCHES)
    ratios: list[Ratio] = []
    missed: list[str] = []
    for name in wanted:
        print(f"bench: measuring {name}", flush=True)
        try:
            ratios += BENCHES[name]()
        except (LabError, Unmeasured) as error:
            missed.append(f"{name} was not measured: {error}")
    (SCRATCH / "bench.json").write_text(json.dumps([ratio.as_json() for ratio in ratios], indent=2) + "\n", "utf-8")
    print(_table(ratios))
    print(f"figures: {SCRATCH / 'bench.json'}")
    missed += [
        f"{ratio.what} over {ratio.over}: {ratio.value:.2f} > {ratio.goal}" for ratio in ratios if not ratio.reached
    ]
    print("\n".join(missed))
    return 1 if missed else 0


def _table(ratios: list[Ratio]) -> str:
    rows = [("what", "over", "seconds", "base", "ratio", "goal")]
    for ratio in ratios:
        seconds, base = (sorted(times)[len(times) // 2] for times in (ratio.seconds, ratio.base_seconds))
        goal = f"<= {ratio.goal}" if ratio.goal else "-"
        rows.append((ratio.what, ratio.over, f"{seconds:.2f}", f"{base:.2f}", f"{ratio.value:.2f}", goal))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
