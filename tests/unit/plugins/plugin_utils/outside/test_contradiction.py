# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inside and outside in one table: what a stranger meets is stronger than what was read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.join import Scope, join
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Finding, Status
from hypothesis import given
from hypothesis import strategies as st

RUN, SITE, AT = "20261122T221500Z-1a2b3c", "k7", "2026-11-22T22:16:00Z"
HOSTS = ("gateway", "panel", "camera")
COVERS = [{"port": 8443, "protocol": "tcp", "to": "192.168.100.20:443"}]
WAY = {"via": "gateway", "port": 8443, "to": 443, "protocol": "tcp"}


def fact(host: str, control: str, status: str, /, **more: Any) -> dict[str, Any]:
    return {
        "run": RUN, "site": SITE, "host": host, "platform": "linux", "item": control.partition(".")[0],
        "control": control, "surface": "", "status": status, "why": "because", "at": AT, "before": "", "after": "",
        "fix": "", "evidence": {}, "enforced_by": "", "seen_from": "inside", "schema": 1, **more,
    }  # fmt: skip


def outside(control: str, status: str = "gap", host: str = "panel", /, **evidence: Any) -> dict[str, Any]:
    told = {"expects": "refused", "kind": "https", "via": "gateway", **evidence}
    surface = evidence.pop("surface", "203.0.113.5:8443/tcp https")
    return fact(
        host, control, status, seen_from="stranger", surface=surface, why="a stranger is answered", evidence=told
    )


def joined(*facts: dict[str, Any], contexts: Any = None) -> dict[tuple[str, str], Finding]:
    told = contexts or {}
    found = join(Scope(RUN, SITE, AT, HOSTS, frozenset(HOSTS)), facts, told)
    return {(one.host, one.control): one for one in found if one.seen_from == "inside"}


def behind() -> dict[str, Any]:
    return fact("panel", "A2.enforced", "unknown", enforced_by="gateway", evidence={"published": [WAY]})


GATEWAY = fact("gateway", "A2.forwarded", "pass", evidence={"covers": COVERS})


def test_a_stranger_who_is_served_makes_gaps_of_the_gateway_and_of_the_device_behind_it() -> None:
    assert joined(GATEWAY, behind())["panel", "A2.enforced"].status is Status.PASS
    found = joined(GATEWAY, behind(), outside("A2.outside"))
    for place in (("gateway", "A2.forwarded"), ("panel", "A2.enforced")):
        assert found[place].status is Status.GAP
    both = found["gateway", "A2.forwarded"]
    assert "because" in both.why and "a stranger is answered" in both.why and "203.0.113.5:8443/tcp" in both.why
    assert both.evidence["inside"] == {"status": "pass", "why": "because"}
    assert both.evidence["covers"] == COVERS


@pytest.mark.parametrize("control", ["A2.management", "A2.web"])
@pytest.mark.parametrize("inside", ["pass", "fixed"])
@pytest.mark.parametrize("status", ["gap", "planned", "waived"])
def test_what_is_open_is_open_decided_or_not(control: str, inside: str, status: str) -> None:
    assert joined(fact("panel", control, inside), outside("A2.outside", status))["panel", control].status is Status.GAP


@pytest.mark.parametrize(
    ("against", "control"),
    [
        (outside("A1.outside"), "A1.web"),
        (outside("A1.outside", kind="mqtt"), "A1.mqtt"),
        (outside("A1.outside", kind="modbus"), "A1.listening"),
        (outside("A2.outside", kind="ssh"), "A2.service"),
        (outside("B1.outside", surface="203.0.113.5:8443/tcp https html_title"), "B1.http_title"),
        (outside("B1.outside", surface="203.0.113.5:8443/tcp https certificate_san"), "B1.certificate"),
    ],
)
def test_each_gap_from_outside_is_held_against_the_control_that_it_concerns(
    against: dict[str, Any], control: str
) -> None:
    found = joined(fact("panel", control, "pass"), fact("panel", "A1.ssh", "pass"), against)
    assert found["panel", control].status is Status.GAP
    assert found["panel", "A1.ssh"].status is Status.PASS


@pytest.mark.parametrize(
    "other",
    [
        outside("A2.outside", "pass"),
        outside("A2.outside", "unknown"),
        outside("A2.outside", expects="served"),
        outside("A2.outside", "gap", "camera", via="camera"),
        {**outside("A2.outside"), "run": "20250101T000000Z-aaaaaa"},
        {**outside("A2.outside"), "site": "k8"},
        {**outside("A2.outside"), "seen_from": "inside"},
    ],
    ids=["pass", "unknown", "allowed visitor", "other device", "other run", "other site", "inside"],
)
def test_nothing_else_changes_a_verdict_from_inside(other: dict[str, Any]) -> None:
    assert joined(fact("panel", "A2.management", "pass"), other)["panel", "A2.management"].status is Status.PASS


def test_a_device_behind_the_same_gateway_rests_on_a_reading_that_was_wrong() -> None:
    camera = {"via": "gateway", "port": 8444, "to": 443, "protocol": "tcp"}
    covers = [*COVERS, {"port": 8444, "protocol": "tcp", "to": "192.168.100.21:443"}]
    found = joined(
        {**GATEWAY, "evidence": {"covers": covers}},
        fact("camera", "A2.enforced", "unknown", enforced_by="gateway", evidence={"published": [camera]}),
        outside("A2.outside"),
    )
    assert found["camera", "A2.enforced"].status is Status.GAP


def test_intent_meets_what_a_stranger_met() -> None:
    declared = {"declared": None, "published": []}
    facts = [
        fact("panel", "P2.exposure", "unknown", surface="declared", evidence=declared),
        fact("panel", "A2.management", "pass"),
    ]
    assert joined(*facts)["panel", "P2.exposure"].status is Status.PASS
    assert joined(*facts, outside("A2.outside"))["panel", "P2.exposure"].status is Status.GAP


def test_the_gap_that_only_the_join_sees_can_be_waived() -> None:
    waiver = {"hosts": "panel", "control": "A2", "surface": "", "decision": "waived", "owner": "o", "reason": "r",
              "until": "2027-03-31"}  # fmt: skip
    context = {"run": RUN, "site": SITE, "host": "panel", "today": "2026-11-22", "waivers": [waiver]}
    found = joined(fact("panel", "A2.management", "pass"), outside("A2.outside"), contexts={"panel": context})
    assert found["panel", "A2.management"].status is Status.WAIVED


_CONTROLS = ["A2.management", "A2.web", "A2.service", "A2.enforced", "A1.web", "A1.ssh", "A1.mqtt", "B1.http_title"]
_KINDS = ["http", "https", "ssh", "mqtt", "tcp", ""]


@given(
    inside=st.lists(st.tuples(st.sampled_from(HOSTS), st.sampled_from(_CONTROLS), st.sampled_from(["pass", "fixed"]))),
    seen=st.lists(
        st.tuples(st.sampled_from(HOSTS), st.sampled_from(_KINDS), st.sampled_from(["gap", "planned", "waived"])),
        min_size=1,
    ),
)
def test_no_access_that_passed_inside_survives_a_stranger_who_is_answered(inside, seen):
    facts = [fact(host, control, status) for host, control, status in inside]
    facts += [
        {**outside("A2.outside", status, host, kind=kind, via=host), "surface": f"203.0.113.5:{port}/tcp"}
        for port, (host, kind, status) in enumerate(seen, 8443)
    ]
    found = joined(*facts)
    for host, kind, _status in seen:
        web = "A2.web" if kind in ("http", "https") else "A2.service"
        for control in ("A2.management", web):
            assert (host, control) not in found or found[host, control].status is Status.GAP
