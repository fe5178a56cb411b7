# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From judgements to findings: nothing is dropped, and of two verdicts on one control the worse one speaks."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.findings import SEVERITY, Stamp, findings, restated
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Change,
    Finding,
    Intent,
    Judgement,
    Plan,
    Status,
)

INTENT = Intent("k7", "k7-gw")
STAMP = Stamp(run="r1", item="B1", platform="linux", at="2026-11-22T00:00:00Z")


def judged(status, control="B1.http_header", surface="nginx", why="", before=""):
    return Judgement(control, surface, status, why or status.value, before=before)


def test_every_status_has_a_severity():
    assert set(SEVERITY) == set(Status)


def test_controls_that_nobody_judges_are_not_supported_and_not_left_out():
    found = findings(STAMP, INTENT, [judged(Status.PASS)])
    by_control = {finding.control: finding.status for finding in found}
    assert by_control.pop("B1.http_header") is Status.PASS
    assert by_control and set(by_control.values()) == {Status.NOT_SUPPORTED}


@pytest.mark.parametrize("worse", [Status.GAP, Status.UNKNOWN, Status.MANUAL])
@pytest.mark.parametrize("passes_first", [True, False])
def test_the_worse_verdict_speaks_for_the_control(worse, passes_first):
    pair = [judged(Status.PASS), judged(worse, why="look here", before="line 3")]
    found = findings(STAMP, INTENT, pair if passes_first else pair[::-1])
    spoken = [finding for finding in found if finding.control == "B1.http_header"]
    assert [(f.status, f.why, f.before) for f in spoken] == [(worse, "look here", "line 3")]


def test_two_gaps_on_one_control_are_both_shown():
    found = findings(STAMP, INTENT, [judged(Status.GAP, why="a", before="x"), judged(Status.GAP, why="b", before="y")])
    assert (found[0].why, found[0].before) == ("a; b", "x\ny")


def test_two_surfaces_keep_their_own_finding():
    found = findings(STAMP, INTENT, [judged(Status.PASS), judged(Status.GAP, surface="apache")])
    assert len({finding.place for finding in found if finding.control == "B1.http_header"}) == 2


def test_facts_are_named_by_control_and_surface():
    finding = findings(STAMP, INTENT, [judged(Status.PASS)])[0]
    assert isinstance(finding, Finding) and finding.place == "B1.http_header nginx"


def test_what_became_of_a_plan_is_said_only_where_it_was_about():
    found = findings(STAMP, INTENT, [judged(Status.GAP), judged(Status.GAP, surface="apache")])
    plan = Plan("k7-gw", "", (Change("B1.http_header", "nginx", "", "", "", ()),))
    after = restated(found, plan, status=Status.FAILED, why="rolled back")
    assert [f.status for f in after[:2]] == [Status.FAILED, Status.GAP]
    assert after[0].why.endswith("rolled back") and after[1].why == found[1].why


def test_of_a_silent_device_nobody_knows_which_services_it_has():
    found = STAMP.blank(INTENT, Status.UNREACHABLE, "timed out")
    assert {finding.surface for finding in found} == {""}
    controls = {finding.control for finding in found}
    assert "B1.http_title" in controls and "B1.ftp_banner" not in controls
