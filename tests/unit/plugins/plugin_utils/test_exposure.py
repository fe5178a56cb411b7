# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""P2 in the join: closed is the default, and nothing passes while something more than declared is open or unknown."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Level
from ansible_collections.iot_site.checklist.plugins.plugin_utils.join import Scope, join
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Finding, Status
from hypothesis import given
from hypothesis import strategies as st

RUN, SITE, AT = "20261122T221500Z-1a2b3c", "k7", "2026-11-22T22:16:00Z"
CLOSED = [("A2.management", "pass"), ("A1.web", "pass")]
WAY = {"via": "gateway", "port": 8443, "to": 443, "protocol": "tcp"}
COVER = {"port": 8443, "protocol": "tcp", "to": "192.168.100.20:443"}


def fact(host: str, control: str, status: str, /, **more: Any) -> dict[str, Any]:
    return {
        "run": RUN, "site": SITE, "host": host, "platform": "linux", "item": control.partition(".")[0],
        "control": control, "surface": "declared", "status": status, "why": "because", "at": AT, "before": "",
        "after": "", "fix": "", "evidence": {}, "enforced_by": "", "seen_from": "inside", "schema": 1, **more,
    }  # fmt: skip


def declared(level: str) -> dict[str, Any] | None:
    if not level:
        return None
    return {"level": level, "reason": "r", "by": "owner", "on": "2026-11-20", "until": "2027-03-31", "paths": ["/live"]}


def exposure(level: str, *found: tuple[str, str], host: str = "panel", **more: Any) -> Finding:
    evidence = {"declared": declared(level), "published": more.pop("published", [])}
    facts = [fact(host, "P2.exposure", "unknown", evidence=evidence)]
    facts += [fact(host, control, status, surface="nginx") for control, status in found]
    return joined(facts, host, **more)


def joined(facts: list[dict[str, Any]], host: str, published: Any = ()) -> Finding:
    scope = Scope(RUN, SITE, AT, ("gateway", "panel"), frozenset({"gateway", "panel"}))
    contexts = {
        name: {"run": RUN, "site": SITE, "host": name, "published": list(published) if name == "panel" else []}
        for name in ("gateway", "panel")
    }
    found = join(scope, facts, contexts)
    return next(finding for finding in found if (finding.host, finding.control) == (host, "P2.exposure"))


@pytest.mark.parametrize("level", ["", *Level])
def test_what_is_closed_passes_at_every_level(level: str) -> None:
    one = exposure(level, *CLOSED)
    assert (one.status, one.fix) == (Status.PASS, ""), one.why
    assert ("owner" in one.why) is bool(level)


@pytest.mark.parametrize("status", ["gap", "failed", "planned", "waived"])
@pytest.mark.parametrize("control", ["A2.management", "A2.forwarded", "A2.web", "A2.service"])
@pytest.mark.parametrize("level", ["", "none", "people"])
def test_what_everybody_reaches_without_a_declaration_is_a_gap_also_when_it_is_waived(
    level: str, control: str, status: str
) -> None:
    one = exposure(level, *CLOSED, (control, status))
    assert one.status is Status.GAP and f"{control} (nginx) is {status}" in one.why
    assert ("closed is the default" in one.why) is (not level)


@pytest.mark.parametrize(
    ("level", "status"),
    [("", "pass"), ("none", "pass"), ("people", "gap"), ("public_view", "gap"), ("public_operate", "gap")],
)
def test_a_page_without_a_login_counts_where_more_than_the_allowlist_is_meant_to_come(level: str, status: str) -> None:
    assert exposure(level, *CLOSED, ("A1.web", "gap")).status.value == status


@pytest.mark.parametrize(
    ("control", "status"),
    [("A2.web", "pass"), ("A2.forwarded", "pass"), ("A2.management", "gap"), ("A2.service", "gap")],
)
def test_a_public_page_may_be_reached_by_everybody_but_not_the_device_itself(control: str, status: str) -> None:
    assert exposure("public_view", *CLOSED, (control, "gap")).status.value == status


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ([], Status.UNKNOWN),
        ([("A1.web", "pass")], Status.UNKNOWN),
        ([("A2.people", "pass")], Status.UNKNOWN),
        ([("A2.management", "not_supported")], Status.MANUAL),
        ([("A2.management", "not_supported"), ("A2.enforced", "not_applicable")], Status.MANUAL),
        ([("A2.management", "unknown")], Status.UNKNOWN),
        ([("A2.management", "unreachable")], Status.UNKNOWN),
        ([("A2.management", "manual")], Status.MANUAL),
        ([("A2.management", "pass"), ("A2.web", "unknown")], Status.UNKNOWN),
        ([("A2.management", "gap"), ("A2.web", "unknown")], Status.GAP),
        ([("A2.management", "fixed")], Status.PASS),
        ([("A2.management", "not_applicable"), ("A2.enforced", "pass")], Status.PASS),
        ([("A2.management", "pass"), ("A2.web", "not_supported")], Status.PASS),
    ],
)
def test_what_was_not_seen_closed_does_not_pass(found: list[tuple[str, str]], status: Status) -> None:
    assert exposure("", *found).status is status


def test_people_log_in_only_where_a_login_was_judged() -> None:
    assert exposure("people", ("A2.management", "pass"), ("A1.web", "not_supported")).status is Status.MANUAL
    assert exposure("people", ("A2.management", "pass")).status is Status.UNKNOWN


def test_a_device_that_nobody_needs_from_outside_is_not_published() -> None:
    one = exposure("none", *CLOSED, published=[WAY])
    assert one.status is Status.GAP and "gateway:8443" in one.why
    assert exposure("", *CLOSED, published=[WAY]).status is Status.PASS


@pytest.mark.parametrize(
    ("level", "published", "status"),
    [
        ("", [WAY], Status.PASS),
        ("", [], Status.MANUAL),
        ("", [{**WAY, "port": 8444}], Status.MANUAL),
        ("", [{**WAY, "protocol": "udp"}], Status.MANUAL),
        ("", [{**WAY, "via": "other"}], Status.MANUAL),
        ("none", [], Status.MANUAL),
        ("people", [], Status.PASS),
    ],
)
def test_a_forwarded_port_that_nobody_declares_is_named(level: str, published: list[Any], status: Status) -> None:
    facts = [
        fact("gateway", "P2.exposure", "unknown", evidence={"declared": declared(level), "published": []}),
        fact("gateway", "A1.web", "pass"),
        fact("gateway", "A2.management", "pass"),
        fact("gateway", "A2.forwarded", "pass", evidence={"covers": [COVER]}),
    ]
    one = joined(facts, "gateway", published)
    assert one.status is status
    assert status is Status.PASS or "8443/tcp is forwarded to 192.168.100.20:443" in one.why


def test_more_than_was_declared_is_waived_by_a_waiver_of_p2_alone() -> None:
    waiver = {"hosts": "panel", "control": "A2", "surface": "", "decision": "waived", "owner": "owner", "reason": "r",
              "until": "2027-03-31"}  # fmt: skip
    facts = [
        fact("panel", "P2.exposure", "unknown", evidence={"declared": None, "published": []}),
        fact("panel", "A2.management", "waived"),
    ]
    for control, expected in [("A2", Status.GAP), ("P2", Status.WAIVED), ("P2.exposure", Status.WAIVED)]:
        context = {"run": RUN, "site": SITE, "host": "panel", "today": "2026-11-22",
                   "waivers": [{**waiver, "control": control}]}  # fmt: skip
        found = join(Scope(RUN, SITE, AT, ("panel",), frozenset({"panel"})), facts, {"panel": context})
        assert {one.control: one.status for one in found}["P2.exposure"] is expected


def test_a_panel_follows_what_the_join_made_of_its_gateway() -> None:
    behind = {"enforced_by": "gateway", "evidence": {"published": [WAY]}}
    for own, expected in [("gap", Status.GAP), ("pass", Status.PASS), ("unknown", Status.UNKNOWN)]:
        facts = [
            fact("panel", "P2.exposure", "unknown", evidence={"declared": None, "published": [WAY]}),
            fact("panel", "A2.enforced", "unknown", **behind),
            fact("gateway", "A2.forwarded", own, evidence={"covers": [COVER]}),
        ]
        assert joined(facts, "panel", [WAY]).status is expected


@pytest.mark.parametrize("status", [status.value for status in Status if status is not Status.UNKNOWN])
def test_what_the_inventory_alone_has_decided_is_not_settled_again(status: str) -> None:
    facts = [fact("panel", "P2.exposure", status), fact("panel", "A2.management", "pass")]
    assert joined(facts, "panel").status.value == status


@given(
    level=st.sampled_from(["", *(level.value for level in Level)]),
    found=st.lists(
        st.tuples(
            st.sampled_from(["A2.management", "A2.web", "A2.enforced", "A2.service", "A1.web", "A1.mqtt"]),
            st.sampled_from([status.value for status in Status]),
        ),
        max_size=5,
    ),
)
def test_never_a_pass_while_the_device_itself_is_open_or_not_judged(level: str, found: list[tuple[str, str]]) -> None:
    if exposure(level, *found).status is not Status.PASS:
        return
    device = {status for control, status in found if control in ("A2.management", "A2.service")}
    assert device <= {"pass", "fixed", "not_applicable", "not_supported"}
    assert any(control.startswith("A2") for control, _status in found)
