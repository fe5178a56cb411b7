# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: a gap is waived or planned only while a named owner stands for it, and nothing else ever is."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Change,
    Finding,
    Intent,
    Judgement,
    Status,
    as_json,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.problems import Problems
from ansible_collections.iot_site.checklist.plugins.plugin_utils.waivers import (
    decided,
    decided_later,
    waivers_from,
    waivers_in,
)
from hypothesis import given
from hypothesis import strategies as st

HOST, TODAY = "k7-panel", "2026-11-22"
WAIVER: dict[str, Any] = {
    "hosts": "k7-*", "control": "A1.web", "owner": "水道課長", "reason": "更新機器の納品待ち", "until": "2027-03-31",
}  # fmt: skip
CHANGE = Change("A1.web", "nginx", "ask for a login", "", "auth_basic on", ())


def intent(*waivers: dict[str, Any], today: str = TODAY) -> Intent:
    wrong = Problems(HOST)
    read = waivers_from(list(waivers), HOST, wrong)
    assert wrong.found == []
    return Intent("k7", HOST, today=today, waivers=read)


def gap(control: str = "A1.web", surface: str = "nginx") -> Judgement:
    return Judgement(control, surface, Status.GAP, "open", evidence={"page": "/"}, changes=(CHANGE,))


def problems(*waivers: Any) -> list[str]:
    wrong = Problems(HOST)
    waivers_from(list(waivers), HOST, wrong)
    return [problem.variable for problem in wrong.found]


# --- what is decided ----------------------------------------------------------------------------------------


def test_what_is_accepted_is_waived_not_changed_and_shows_who_until_when_and_why() -> None:
    judged = decided(gap(), intent(WAIVER))
    assert (judged.status, judged.changes) == (Status.WAIVED, ())
    assert judged.why == "open; accepted by 水道課長 until 2027-03-31: 更新機器の納品待ち"
    assert judged.evidence["page"] == "/"
    assert judged.evidence["waiver"] == {**WAIVER, "surface": "", "decision": "waived"}


def test_what_is_planned_can_still_be_closed() -> None:
    judged = decided(gap(), intent({**WAIVER, "decision": "planned"}))
    assert (judged.status, judged.changes) == (Status.PLANNED, (CHANGE,))
    assert "水道課長 has promised to close it by 2027-03-31" in judged.why


@pytest.mark.parametrize(
    ("waiver", "today", "said"),
    [
        ({}, "2027-04-01", "open; waiver of 水道課長 expired on 2027-03-31"),
        ({}, "", "open; waiver of 水道課長 expired on 2027-03-31"),
        ({"owner": ""}, TODAY, "open; waiver has no owner"),
        ({"owner": None}, TODAY, "open; waiver has no owner"),
    ],
)
def test_a_waiver_past_its_day_or_without_an_owner_leaves_the_gap_and_is_named(
    waiver: dict[str, Any], today: str, said: str
) -> None:
    judged = decided(gap(), intent({**WAIVER, **waiver}, today=today))
    assert (judged.status, judged.why, judged.changes) == (Status.GAP, said, (CHANGE,))


def test_the_last_day_counts() -> None:
    assert decided(gap(), intent(WAIVER, today="2027-03-31")).status is Status.WAIVED


def test_one_that_stands_is_enough_beside_one_that_ended() -> None:
    ended = {**WAIVER, "until": "2026-01-31", "owner": "NOC"}
    assert decided(gap(), intent(ended, WAIVER)).status is Status.WAIVED


@pytest.mark.parametrize(
    ("waiver", "concerned"),
    [
        ({"control": "A1"}, True),
        ({"control": "A1.ssh"}, False),
        ({"control": "A2"}, False),
        ({"surface": "nginx"}, True),
        ({"surface": "apache2"}, False),
        ({"hosts": HOST}, True),
        ({"hosts": "*"}, True),
        ({"hosts": "K7-*"}, False),
        ({"hosts": "m3-*"}, False),
        ({"hosts": "k7"}, False),
    ],
)
def test_a_waiver_is_for_its_hosts_control_and_surface_alone(waiver: dict[str, Any], concerned: bool) -> None:
    judged = decided(gap(), intent({**WAIVER, **waiver}))
    assert judged == gap() if not concerned else judged.status is Status.WAIVED


@pytest.mark.parametrize("status", [Status.PASS, Status.UNKNOWN, Status.NOT_APPLICABLE])
def test_only_a_gap_and_what_a_person_must_do_are_waived(status: Status) -> None:
    judgement = Judgement("A1.web", "nginx", status, "because")
    assert decided(judgement, intent(WAIVER)) == judgement
    assert decided(Judgement("A1.web", "nginx", Status.MANUAL, "by hand"), intent(WAIVER)).status is Status.WAIVED


@given(
    status=st.sampled_from(Status),
    today=st.dates(datetime.date(2026, 1, 1), datetime.date(2028, 1, 1)),
    owner=st.sampled_from(["", "NOC"]),
    decision=st.sampled_from(["accepted", "planned"]),
)
def test_no_waiver_ever_makes_a_pass_or_hides_what_could_not_be_judged(
    status: Status, today: datetime.date, owner: str, decision: str
) -> None:
    finding = Finding("r", "k7", HOST, "linux", "A1", "A1.web", "nginx", status, "because", "2026-11-22T00:00:00Z")
    wanted = intent({**WAIVER, "owner": owner, "decision": decision}, today=today.isoformat())
    after = decided_later(finding, wanted.waivers, wanted.today)
    stands = bool(owner) and today <= datetime.date(2027, 3, 31) and status in (Status.GAP, Status.MANUAL)
    expected = {"accepted": Status.WAIVED, "planned": Status.PLANNED}[decision] if stands else status
    assert after.status is expected


def test_a_waiver_travels_to_the_report_and_back() -> None:
    waivers = intent(WAIVER, {**WAIVER, "decision": "planned", "surface": "nginx"}).waivers
    carried = as_json({"waivers": waivers})
    assert isinstance(carried, dict)
    assert tuple(waivers_in(carried)) == waivers
    assert tuple(waivers_in({})) == ()


# --- what is declared ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "variables"),
    [
        ("A1.web", ["iot_site_waivers[0]"]),
        ({**WAIVER, "control": "A1.wbe"}, ["iot_site_waivers[0].control"]),
        ({**WAIVER, "control": True}, ["iot_site_waivers[0].control"]),
        ({**WAIVER, "until": "soon"}, ["iot_site_waivers[0].until"]),
        ({**WAIVER, "until": "2027-02-30"}, ["iot_site_waivers[0].until"]),
        ({**WAIVER, "decision": "waived"}, ["iot_site_waivers[0].decision"]),
        ({**WAIVER, "hosts": "two words"}, ["iot_site_waivers[0].hosts"]),
        ({**WAIVER, "owner": False}, []),
        ({**WAIVER, "owner": True}, ["iot_site_waivers[0].owner"]),
        ({**WAIVER, "expires": "2027-03-31"}, ["iot_site_waivers[0]['expires']"]),
        ({}, [f"iot_site_waivers[0].{key}" for key in ("hosts", "control", "reason", "until")]),
    ],
)
def test_every_wrong_key_is_named(entry: Any, variables: list[str]) -> None:
    assert problems(entry) == variables


def test_a_mistake_in_a_waiver_of_another_host_is_named_too() -> None:
    assert problems({**WAIVER, "hosts": "m3-*", "until": ""}) == ["iot_site_waivers[0].until"]


def test_a_day_may_be_what_yaml_makes_of_one() -> None:
    waiver = {**WAIVER, "until": datetime.date(2027, 3, 31)}
    assert intent(waiver).waivers == intent(WAIVER).waivers
