# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The join: a device behind a gateway passes only by its gateway's own covering verdict, and nobody falls silent."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.findings import SEVERITY
from ansible_collections.iot_site.checklist.plugins.plugin_utils.join import Scope, join
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Finding, Status
from hypothesis import given
from hypothesis import strategies as st

RUN, SITE = "20261122T221500Z-1a2b3c", "k7"
PUBLISHED = {"via": "gateway", "port": 8443, "to": 443, "protocol": "tcp"}
COVER = {"port": 8443, "protocol": "tcp", "to": "192.168.100.20:443"}


def scope(*hosts: str, played: tuple[str, ...] | None = None) -> Scope:
    return Scope(RUN, SITE, "2026-11-22T22:16:00Z", hosts, frozenset(hosts if played is None else played))


def fact(host: str, control: str, status: str, /, **more: Any) -> dict[str, Any]:
    return {
        "run": RUN, "site": SITE, "host": host, "platform": "linux", "item": control.partition(".")[0],
        "control": control, "surface": "", "status": status, "why": "because", "at": "2026-11-22T22:15:00Z",
        "before": "", "after": "", "fix": "", "evidence": {}, "enforced_by": "", "seen_from": "inside", "schema": 1,
        **more,
    }  # fmt: skip


def panel(*published: Any, host: str = "panel", **more: Any) -> dict[str, Any]:
    evidence = {"published": list(published)}
    return fact(host, "A2.enforced", "unknown", **{"enforced_by": "gateway", "evidence": evidence, **more})


def gateway(status: str, /, *covers: Any, **more: Any) -> dict[str, Any]:
    return fact("gateway", "A2.forwarded", status, **{"evidence": {"covers": list(covers)}, **more})


def enforced(*facts: object, host: str = "panel") -> Finding:
    found = join(scope("gateway", "panel", "other"), facts)
    return next(finding for finding in found if finding.host == host and finding.control == "A2.enforced")


# --- a device whose gateway limits access -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("pass", "pass"),
        ("fixed", "fixed"),
        ("gap", "gap"),
        ("failed", "gap"),
        ("manual", "manual"),
        ("unknown", "unknown"),
        ("unreachable", "unknown"),
        ("not_supported", "unknown"),
        ("not_applicable", "unknown"),
        ("planned", "gap"),
        ("waived", "gap"),
    ],
)
def test_a_panel_is_judged_by_its_gateways_own_verdict(own: str, expected: str) -> None:
    settled = enforced(panel(PUBLISHED), gateway(own, COVER))
    assert settled.status.value == expected
    assert settled.fix or expected in ("pass", "fixed"), "what is open says what to do"


@pytest.mark.parametrize(
    ("covers", "why"),
    [
        ([], "disagree"),
        ([{**COVER, "port": 8444}], "disagree"),
        ([{**COVER, "protocol": "udp"}], "disagree"),
        ([{**COVER, "to": "192.168.100.20:80"}], "disagree"),
        ([{**COVER, "to": "192.168.100.20"}], "disagree"),
        ([{**COVER, "to": None}], "disagree"),
        ([{**COVER, "port": True}], "disagree"),
        (["8443/tcp"], "disagree"),
        ("8443", "disagree"),
        (None, "disagree"),
    ],
)
def test_a_port_that_the_gateway_does_not_cover_is_unknown(covers: Any, why: str) -> None:
    settled = enforced(panel(PUBLISHED), fact("gateway", "A2.forwarded", "pass", evidence={"covers": covers}))
    assert settled.status is Status.UNKNOWN and why in settled.why


@pytest.mark.parametrize(
    "published",
    [
        (),
        ({**PUBLISHED, "via": "other"},),
        (PUBLISHED, {**PUBLISHED, "port": 9000}),
        ({"via": "gateway", "port": "8443", "to": 443, "protocol": "tcp"},),
        ("gateway:8443",),
    ],
)
def test_a_panel_without_exactly_covered_ports_is_unknown(published: tuple[Any, ...]) -> None:
    assert enforced(panel(*published), gateway("pass", COVER)).status is Status.UNKNOWN


def test_several_surfaces_of_a_gateway_together_cover_and_the_worst_of_them_decides() -> None:
    second = {"port": 9000, "protocol": "tcp", "to": "[2001:db8::20]:9000"}
    behind = panel(PUBLISHED, {**PUBLISHED, "port": 9000, "to": 9000})
    both = (gateway("pass", COVER, surface="nftables"), gateway("fixed", second, surface="docker"))
    assert enforced(behind, *both).status is Status.FIXED
    assert enforced(behind, *both, gateway("gap", surface="lan2")).status is Status.GAP


def test_other_findings_of_the_gateway_do_not_help() -> None:
    covering = fact("gateway", "A2.management", "pass", evidence={"covers": [COVER]})
    assert enforced(panel(PUBLISHED), covering).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "stranger",
    [{"run": "20250101T000000Z-aaaaaa"}, {"site": "k8"}, {"host": "another"}, {"seen_from": "vantage"}],
)
def test_a_gateways_verdict_from_elsewhere_does_not_count(stranger: dict[str, str]) -> None:
    assert enforced(panel(PUBLISHED), gateway("pass", COVER, **stranger)).status is Status.UNKNOWN


def test_a_device_cannot_be_its_own_gateway() -> None:
    own = fact("panel", "A2.forwarded", "pass", evidence={"covers": [COVER]})
    published = {**PUBLISHED, "via": "panel"}
    assert enforced(panel(published, enforced_by="panel"), own).status is Status.UNKNOWN


def test_what_the_panel_claims_for_itself_is_no_evidence() -> None:
    assert enforced(panel(PUBLISHED, status="pass")).status is Status.UNKNOWN


def test_an_unreachable_panel_stays_unreachable() -> None:
    assert enforced(panel(PUBLISHED, status="unreachable"), gateway("pass", COVER)).status is Status.UNREACHABLE


WAIVER = {
    "hosts": "p*", "control": "A2", "surface": "", "decision": "waived", "owner": "owner", "reason": "moved in May",
    "until": "2027-03-31",
}  # fmt: skip


@pytest.mark.parametrize(
    ("of", "today", "expected"),
    [
        ({}, "2027-03-31", "waived"),
        ({}, "2027-04-01", "gap"),
        ({"run": "20250101T000000Z-aaaaaa"}, "2027-03-31", "gap"),
        ({"host": "other"}, "2027-03-31", "gap"),
    ],
)
def test_a_gap_that_only_the_join_sees_is_waived_by_the_devices_own_waiver(
    of: dict[str, str], today: str, expected: str
) -> None:
    context = {"run": RUN, "site": SITE, "host": "panel", "waivers": [WAIVER], "today": today, **of}
    found = join(scope("gateway", "panel"), [panel(PUBLISHED), gateway("gap", COVER)], {"panel": context})
    assert {f.host: f.status.value for f in found} == {"gateway": "gap", "panel": expected}


def test_a_device_that_limits_access_itself_is_left_alone() -> None:
    own = fact("panel", "A2.enforced", "not_applicable")
    assert enforced(own, gateway("gap")).status is Status.NOT_APPLICABLE


def test_two_panels_that_claim_one_port_are_both_unknown() -> None:
    facts = (panel(PUBLISHED), panel(PUBLISHED, host="other"), gateway("pass", COVER))
    assert {enforced(*facts, host=host).status for host in ("panel", "other")} == {Status.UNKNOWN}


@given(
    own=st.lists(st.tuples(st.sampled_from(Status), st.booleans(), st.booleans(), st.booleans()), max_size=4),
    claimed=st.sampled_from(Status),
)
def test_never_a_pass_without_a_covering_pass_of_this_run_and_site(
    own: list[tuple[Status, bool, bool, bool]], claimed: Status
) -> None:
    facts = [
        gateway(status.value, *([COVER] if covers else []), surface=str(number),
                **({} if this_run else {"run": "20250101T000000Z-aaaaaa"}), **({} if here else {"site": "k8"}))
        for number, (status, covers, this_run, here) in enumerate(own)
    ]  # fmt: skip
    settled = enforced(panel(PUBLISHED, status=claimed.value), *facts)
    believed = [(status, covers) for status, covers, this_run, here in own if this_run and here]
    if settled.status in (Status.PASS, Status.FIXED):
        assert any(covers and status in (Status.PASS, Status.FIXED) for status, covers in believed)
        bad = (Status.GAP, Status.FAILED, Status.UNKNOWN, Status.UNREACHABLE, Status.MANUAL)
        assert not any(status in bad for status, _covers in believed)


# --- whose findings are believed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"run": "20250101T000000Z-aaaaaa"},
        {"run": None},
        {"site": "k8"},
        {"site": ""},
        {"host": "stranger"},
        {"host": None},
    ],
)
def test_findings_of_another_run_site_or_host_are_ignored(wrong: dict[str, Any]) -> None:
    found = join(scope("panel"), [fact("panel", "B1.http_title", "pass", **wrong)])
    assert {finding.status for finding in found} == {Status.UNKNOWN}


@pytest.mark.parametrize("thing", [None, "text", 7, [], {}, {"run": RUN}, {"run": RUN, "site": SITE}])
def test_what_is_no_finding_is_ignored(thing: object) -> None:
    assert {finding.status for finding in join(scope("panel"), [thing])} == {Status.UNKNOWN}


@pytest.mark.parametrize(
    "broken", [{"status": "fine"}, {"status": None}, {"schema": 99}, {"evidence": "none"}, {"item": "Z9"}]
)
def test_a_finding_of_this_run_that_cannot_be_read_is_unknown_and_not_dropped(broken: dict[str, Any]) -> None:
    found = join(scope("panel"), [fact("panel", "B1.http_title", "pass", **broken)])
    assert {(finding.control, finding.status) for finding in found} == {("B1.http_title", Status.UNKNOWN)}


def test_a_missing_field_makes_it_unknown() -> None:
    without = {name: value for name, value in fact("panel", "B1.http_title", "pass").items() if name != "why"}
    assert [finding.status for finding in join(scope("panel"), [without])] == [Status.UNKNOWN]


@pytest.mark.parametrize(("one", "two"), list(product(Status, Status)))
def test_of_two_findings_on_one_thing_the_worst_stands_in_either_order(one: Status, two: Status) -> None:
    facts = [fact("panel", "B1.http_title", status.value) for status in (one, two)]
    worst = min(one, two, key=SEVERITY.index)
    for order in (facts, facts[::-1]):
        assert [finding.status for finding in join(scope("panel"), order)] == [worst]


# --- hosts without a verdict --------------------------------------------------------------------------------


def test_a_host_in_the_run_that_is_silent_on_a_judged_item_is_unknown_there() -> None:
    found = join(scope("panel", "camera"), [fact("panel", "B1.http_title", "pass"), fact("camera", "A2.web", "pass")])
    silent = {(finding.host, finding.control) for finding in found if finding.status is Status.UNKNOWN}
    assert silent == {("panel", "A2"), ("camera", "B1")}


def test_when_nobody_spoke_every_host_in_the_run_is_unknown_on_every_item_we_know() -> None:
    found = join(scope("panel", "camera"), [])
    assert {finding.host for finding in found} == {"panel", "camera"}
    assert {finding.item for finding in found} >= {"A2", "B1", "D2"}
    assert {finding.status for finding in found} == {Status.UNKNOWN}


def test_a_host_outside_the_limit_has_no_findings() -> None:
    found = join(scope("panel", "camera", played=("panel",)), [fact("panel", "B1.http_title", "pass")])
    assert {finding.host for finding in found} == {"panel"}
