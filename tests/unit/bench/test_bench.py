# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench compares fairly, and counts no audit that judged nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.judged import require
from tests.bench.timing import Ratio, Unmeasured, interleaved


def test_jobs_take_turns_and_the_first_round_does_not_count() -> None:
    run: list[str] = []
    times = interleaved({"a": lambda: run.append("a"), "b": lambda: run.append("b")}, rounds=2)
    assert run == ["a", "b"] * 3
    assert {name: len(own) for name, own in times.items()} == {"a": 2, "b": 2}


def test_a_ratio_is_of_medians_and_knows_its_goal() -> None:
    ratio = Ratio("audit", "facts", (3.0, 9.0, 2.0), (2.0, 1.0, 50.0), 1.5)
    assert (ratio.value, ratio.reached) == (1.5, True)
    assert not Ratio("audit", "facts", (3.1,), (2.0,), 1.5).reached
    assert Ratio("audit", "bare", (100.0,), (1.0,), 0).reached


def _written(path: Path, **status: str) -> Path:
    found = [
        {"host": host, "item": item, "control": f"{item}.x", "why": "no answer", "status": status.get(item, "gap")}
        for host in ("one", "two")
        for item in ("A2", "B1")
    ]
    path.write_text(json.dumps({"findings": found}), "utf-8")
    return path


def test_an_audit_that_judged_everything_counts(tmp_path: Path) -> None:
    require(_written(tmp_path / "findings.json"), hosts=2, items={"A2", "B1"})


@pytest.mark.parametrize("status", ["unknown", "unreachable"])
def test_an_audit_with_an_open_end_does_not_count(tmp_path: Path, status: str) -> None:
    with pytest.raises(Unmeasured, match="no answer"):
        require(_written(tmp_path / "findings.json", B1=status), hosts=2, items={"A2", "B1"})


def test_a_missing_host_or_item_does_not_count(tmp_path: Path) -> None:
    findings = _written(tmp_path / "findings.json")
    with pytest.raises(Unmeasured):
        require(findings, hosts=3, items={"A2", "B1"})
    with pytest.raises(Unmeasured):
        require(findings, hosts=2, items={"A2", "B1", "D2"})
