# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worst first: what counts, once each, with its reason, and how somebody changes the weights."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.disclosure import Category, Disclosure, verdict
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Finding, Status, as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.triage import POINTS, reasons, weighed
from hypothesis import given
from hypothesis import strategies as st


def finding(control: str, status: str = "gap", seen_from: str = "inside", /, **evidence: Any) -> Finding:
    return Finding(
        run="r", site="k7", host="panel", platform="linux", item=control.partition(".")[0], control=control, surface="",
        status=Status(status), why="because", at="2026-11-22T22:16:00Z", evidence=evidence, seen_from=seen_from,
    )  # fmt: skip


def rules(*found: Finding) -> list[str]:
    return [reason.rule for reason in reasons(found)]


def named(*sites: str) -> list[dict[str, Any]]:
    """As a finding's evidence has it: the detector's own finds."""
    return [as_json(Disclosure(Category.FACILITY, site, (0, 1), "site", site)) for site in sites]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (finding("A1.outside", "gap", "stranger"), "open_without_login"),
        (finding("A1.web"), "no_login_inside"),
        (finding("A2.outside", "gap", "stranger", expects="refused"), "reached_by_strangers"),
        (finding("A2.management"), "access_not_limited"),
        (finding("B1.http_title"), "names_itself"),
        (finding("C1.default_password"), "default_password"),
        (finding("C1.weak_password"), "weak_password"),
        (finding("D3.currency", known_exploited=True), "known_exploited"),
    ],
)
@pytest.mark.parametrize("status", ["gap", "failed", "planned", "waived"])
def test_each_thing_that_is_wrong_counts_decided_or_not(found: Finding, rule: str, status: str) -> None:
    as_found = finding(found.control, status, found.seen_from, **found.evidence)
    (reason,) = reasons([as_found])
    assert (reason.rule, reason.points) == (rule, POINTS[rule]) and found.control in reason.why


@pytest.mark.parametrize("status", ["pass", "fixed", "manual", "unknown", "unreachable", "not_applicable"])
def test_what_is_not_known_to_be_wrong_does_not_count(status: str) -> None:
    assert rules(finding("A1.outside", status, "stranger", operates=["vnc"], named=named("water"))) == []


def test_an_allowed_visitor_who_is_not_served_is_no_danger() -> None:
    assert rules(finding("A2.outside", "gap", "customer", expects="served")) == []


def test_controls_of_a_plant_that_everybody_sees_weigh_most() -> None:
    assert rules(finding("A1.outside", "gap", "stranger", operates=["modbus"]))[0] == "control_visible"


def test_the_most_important_facility_counts_once_and_only_where_something_is_wrong() -> None:
    sector = finding("P3.guidelines", "pass", sector="education")
    name = finding("B1.http_title", "gap", named=named("water", "works", "never heard of"))
    assert rules(sector, name) == ["facility_water", "names_itself"]
    assert rules(sector) == []
    assert rules(finding("B1.http_title", "gap", named=named(""))) == ["facility_other", "names_itself"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("弘前市 第一浄水場", "facility_water"),
        ("hirosaki-byoin", "facility_medical"),
        ("岩木川 河川カメラ", "facility_river"),
        ("防災無線 屋外子局", "facility_safety"),
        ("弘前市役所", "facility_administration"),
        ("旅館 さくら荘", "facility_other"),
    ],
)
def test_what_a_device_tells_of_its_facility_decides_its_weight(text: str, rule: str) -> None:
    told = verdict(text, (), "")
    assert rule in rules(finding("B1.outside", "gap", "stranger", named=as_json(told.matches))), told.matches


def test_a_rule_counts_once_however_often_it_is_met() -> None:
    assert rules(*[finding("B1.http_title")] * 5) == ["names_itself"]


def test_somebodys_own_points_change_the_order_and_nought_leaves_a_rule_out() -> None:
    own = weighed({"names_itself": 99, "default_password": 0})
    assert own["facility_water"] == POINTS["facility_water"]
    found = reasons([finding("C1.default_password"), finding("B1.http_title"), finding("A1.web")], own)
    assert [reason.rule for reason in found] == ["names_itself", "no_login_inside"]
    with pytest.raises(ValueError, match="naims_itself: no such rule"):
        weighed({"naims_itself": 1})


_FOUND = st.builds(
    finding, st.sampled_from(["A1.outside", "A2.outside", "A2.web", "B1.outside", "C1.weak_password", "D3.currency"]),
    st.sampled_from([status.value for status in Status]), st.sampled_from(["inside", "stranger"]),
    expects=st.sampled_from(["refused", "served"]), operates=st.lists(st.text()), known_exploited=st.booleans(),
)  # fmt: skip


@given(st.lists(_FOUND, max_size=8), _FOUND)
def test_one_more_finding_never_makes_a_device_less_urgent(found: list[Finding], more: Finding) -> None:
    assert sum(r.points for r in reasons([*found, more])) >= sum(r.points for r in reasons(found))
