# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Preparation: every wrong variable is named, and P1 to P4 say exactly what nobody has settled yet."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.checklist import controls_of
from ansible_collections.iot_site.checklist.plugins.plugin_utils.discovery import PLATFORMS
from ansible_collections.iot_site.checklist.plugins.plugin_utils.guidelines import SECTORS, published
from ansible_collections.iot_site.checklist.plugins.plugin_utils.intent import load
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Judgement, Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM

TODAY = "2026-11-22"
DECLARED: dict[str, Any] = {
    "site": "k7",
    "stakeholders": {"owner": "水道課", "builder": "当社", "operator": "NOC", "user": "水道課"},
    "authorised": {"by": "水道課長", "on": "2026-11-20", "until": "2027-03-31", "scope": ["read", "change"]},
}
OPTIONS: dict[str, Any] = {
    "decisions": [{"item": one, "decision": "実施する", "who": "水道課長", "when": "2026-11-20"} for one in "ABCD"],
    "sector": "water",
    "guidelines": [{"title": "IoTセキュリティガイドライン ver 1.0", "on": "2026-11-20"}],
}
EXPOSURE = {"level": "none", "reason": "r", "by": "水道課長", "on": "2026-11-20", "until": "2027-03-31"}


def judged(declared: dict[str, Any] | None = None, today: str = TODAY, **options: Any) -> dict[str, Judgement]:
    args = {**OPTIONS, **options, "declared": {**DECLARED, **(declared or {})}}
    intent, problems = load(args, "k7-panel", today)
    assert intent is not None, [str(problem) for problem in problems]
    found = [judgement for item in ("P1", "P2", "P3", "P4") for judgement in PLATFORM.judge({}, intent, item)]
    assert [one.control for one in found] == [c for item in ("P1", "P2", "P3", "P4") for c in controls_of(item)]
    assert not any(one.changes for one in found)
    return {one.control: one for one in found}


def problems_of(declared: dict[str, Any] | None = None, **options: Any) -> list[str]:
    intent, problems = load({**OPTIONS, **options, "declared": {**DECLARED, **(declared or {})}}, "k7-panel", TODAY)
    assert (intent is None) == bool(problems)
    return [problem.variable for problem in problems]


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=lambda platform: platform.name)
def test_no_device_is_asked_about_the_preparation_and_every_device_about_the_rest(platform: Any) -> None:
    assert not any(platform.asks_device(item) for item in ("P1", "P2", "P3", "P4"))
    assert all(platform.asks_device(item) for item in ("A2", "B1", "D2"))


def test_what_is_settled_passes_but_exposure_waits_for_what_is_found() -> None:
    found = judged({"exposure": EXPOSURE})
    assert found.pop("P2.exposure").status is Status.UNKNOWN
    assert {one.status for one in found.values()} == {Status.PASS}, found


# --- P1 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({}, "nobody is named as owner, builder, operator, user"),
        ({"owner": "水道課", "operator": "NOC"}, "nobody is named as builder, user"),
        ({"owner": "水道課", "builder": "", "operator": "NOC", "user": None}, "nobody is named as builder, user"),
    ],
)
def test_whoever_is_not_named_is_missed_by_role(named: dict[str, Any], why: str) -> None:
    one = judged({"stakeholders": named})["P1.stakeholders"]
    assert (one.status, one.why) == (Status.GAP, why)


@pytest.mark.parametrize(
    ("decisions", "options", "undecided"),
    [
        ([], {}, "A1, A2, B1, C1, C2, D1, D2, D3"),
        ([{**OPTIONS["decisions"][0]}], {}, "B1, C1, C2, D1, D2, D3"),
        (OPTIONS["decisions"][:3], {"left_out": {"D1": "one device"}}, "D2, D3"),
        ([*OPTIONS["decisions"][1:], {**OPTIONS["decisions"][0], "item": "A2"}], {}, "A1"),
        ([*OPTIONS["decisions"][1:], {**OPTIONS["decisions"][0], "when": "2026-11-23"}], {}, "A1, A2"),
    ],
)
def test_items_without_a_decision_of_today_or_before_are_named(
    decisions: list[Any], options: dict[str, Any], undecided: str
) -> None:
    one = judged(decisions=decisions, **options)["P1.decisions"]
    assert (one.status, one.why) == (Status.MANUAL, f"no decision is on record about {undecided}")
    assert "preparation_decisions" in one.fix


@pytest.mark.parametrize(
    ("authorised", "today", "status"),
    [
        (DECLARED["authorised"], "2026-11-20", Status.PASS),
        (DECLARED["authorised"], "2027-03-31", Status.PASS),
        (DECLARED["authorised"], "2026-11-19", Status.GAP),
        (DECLARED["authorised"], "2027-04-01", Status.GAP),
        (DECLARED["authorised"], "", Status.GAP),
        ({}, TODAY, Status.GAP),
    ],
)
def test_the_work_is_authorised_on_its_days_only(authorised: Any, today: str, status: Status) -> None:
    one = judged({"authorised": authorised}, today)["P1.authorised"]
    assert one.status is status and bool(one.fix) is (status is Status.GAP)


# --- P2 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exposure", "options", "today", "why"),
    [
        (EXPOSURE, {}, "2026-11-19", "holds from 2026-11-20 to 2027-03-31"),
        (EXPOSURE, {}, "2027-04-01", "holds from 2026-11-20 to 2027-03-31"),
        (EXPOSURE, {}, "", "holds from"),
        (EXPOSURE, {"exposure_max_age_days": 10}, "2026-12-01", "is 11 days old"),
        ({**EXPOSURE, "until": "2030-01-01"}, {}, "2027-11-21", "is 366 days old"),
        ({}, {"temporary_until": "2026-11-21"}, TODAY, "was to be gone after 2026-11-21"),
        (EXPOSURE, {"temporary_until": "2026-11-21"}, TODAY, "was to be gone after 2026-11-21"),
        ({}, {"temporary_until": "2099-12-31"}, "", "was to be gone after 2099-12-31"),
    ],
)
def test_a_declaration_that_no_longer_stands_is_a_gap(
    exposure: dict[str, str], options: dict[str, Any], today: str, why: str
) -> None:
    one = judged({"exposure": exposure}, today, **options)["P2.exposure"]
    assert one.status is Status.GAP and why in one.why


@pytest.mark.parametrize(
    ("exposure", "options", "today"),
    [
        ({}, {}, TODAY),
        (EXPOSURE, {"exposure_max_age_days": 11}, "2026-12-01"),
        (EXPOSURE, {"temporary_until": TODAY}, TODAY),
    ],
)
def test_what_stands_is_left_to_the_join(exposure: dict[str, str], options: dict[str, Any], today: str) -> None:
    assert judged({"exposure": exposure}, today, **options)["P2.exposure"].status is Status.UNKNOWN


# --- P3 and P4 ----------------------------------------------------------------------------------------------


def test_without_a_sector_somebody_has_to_say_it() -> None:
    one = judged(sector="")["P3.guidelines"]
    assert one.status is Status.MANUAL and all(sector in one.fix for sector in SECTORS)


@pytest.mark.parametrize("used", [[], [{"title": "later", "on": "2026-11-23"}]])
def test_guidelines_that_nobody_has_used_yet_are_listed_with_their_address(used: list[Any]) -> None:
    one = judged(guidelines=used)["P3.guidelines"]
    assert one.status is Status.MANUAL
    assert all(guideline.ja in one.fix and guideline.url in one.fix for guideline in published("water"))


def test_what_was_used_is_told_with_its_day_also_when_it_is_not_in_our_table() -> None:
    one = judged(guidelines=[{"title": "当社標準", True: datetime.date(2026, 11, 20)}])["P3.guidelines"]
    assert (one.status, one.why) == (Status.PASS, "used: 当社標準 (2026-11-20)")


@pytest.mark.parametrize("sector", SECTORS)
def test_every_sector_has_guidelines_with_publisher_year_and_address(sector: str) -> None:
    for guideline in published(sector):
        assert guideline.ja and guideline.en and guideline.publisher
        assert 2000 <= guideline.year <= 2026
        assert guideline.url.startswith("https://www.") and ".go.jp/" in guideline.url


@pytest.mark.parametrize(
    ("left_out", "status"),
    [
        ({}, Status.PASS),
        ({"C2": "one account only"}, Status.PASS),
        ({"A1": "no screen"}, Status.PASS),
        ({"C2": ""}, Status.MANUAL),
        ({"A1": None}, Status.GAP),
        ({"A2": "", "C2": "one account only"}, Status.GAP),
    ],
)
def test_an_item_is_left_out_for_a_reason(left_out: dict[str, Any], status: Status) -> None:
    assert judged(left_out=left_out)["P4.items"].status is status


# --- what is declared ---------------------------------------------------------------------------------------

DECISION = OPTIONS["decisions"][0]


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        ({"decisions": "A"}, ["preparation_decisions"]),
        ({"decisions": ["A"]}, ["preparation_decisions[0]"]),
        ({"decisions": [{**DECISION, "item": "P1"}]}, ["preparation_decisions[0].item"]),
        ({"decisions": [{**DECISION, "item": "E"}]}, ["preparation_decisions[0].item"]),
        ({"decisions": [{**DECISION, "when": "soon"}]}, ["preparation_decisions[0].when"]),
        ({"decisions": [{**DECISION, "by": "x"}]}, ["preparation_decisions[0]['by']"]),
        ({"decisions": [{}]}, [f"preparation_decisions[0].{key}" for key in ("item", "decision", "who", "when")]),
        ({"exposure_max_age_days": 0}, ["preparation_exposure_max_age_days"]),
        ({"temporary_until": "2026-02-30"}, ["preparation_temporary_until"]),
        ({"sector": "sea"}, ["preparation_sector"]),
        ({"guidelines": [{"title": "x"}]}, ["preparation_guidelines[0].on"]),
        ({"guidelines": [{"name": "x", "title": "y", "on": TODAY}]}, ["preparation_guidelines[0]['name']"]),
        ({"left_out": ["A1"]}, ["preparation_left_out"]),
        ({"left_out": {"P2": "no"}}, ["preparation_left_out[P2]"]),
        ({"left_out": {"A1": ["no"]}}, ["preparation_left_out[A1]"]),
    ],
)
def test_every_wrong_variable_is_named(options: dict[str, Any], variables: list[str]) -> None:
    assert problems_of(**options) == variables


def test_a_wrong_stakeholder_is_named() -> None:
    assert problems_of({"stakeholders": {"owner": ["x"], "boss": "y"}}) == [
        "iot_site_stakeholders['boss']",
        "iot_site_stakeholders.owner",
    ]
