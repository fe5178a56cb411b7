# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 from outside: silence passes only where nothing else explains it, and who is answered is never overlooked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Published
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.wanted import Control, Outside, Vantage
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.outside.looks import (
    ADDRESS,
    ADDRESS6,
    CONTROL,
    CONTROL6,
    CUSTOMER,
    STRANGER,
    findings,
    member,
    one,
    result,
    row,
    site,
)

A2 = "A2.outside"
SILENT = ["closed", "filtered"]
ANSWERED = ["open", "login_required", "open_without_login"]


@pytest.mark.parametrize("state", SILENT)
def test_a_stranger_who_is_refused_and_reaches_a_control_passes(state: str) -> None:
    found = one(A2, findings(result(row(state=state))))
    assert (found.status, found.seen_from, found.fix) == (Status.PASS, "stranger", "")
    assert CONTROL.address in found.why


@pytest.mark.parametrize(("vantages", "shown"), [((STRANGER,), False), ((STRANGER, CUSTOMER), True)])
def test_a_pass_says_where_nobody_shows_that_the_address_is_right(vantages: tuple[Vantage, ...], shown: bool) -> None:
    panel = member("panel", outside=Outside(vantages=vantages))
    found = one(A2, findings(result(row()), members=site(panel)))
    assert found.status is Status.PASS and ("no vantage shows" not in found.why) is shown


@pytest.mark.parametrize("reached", [(), (CONTROL,)])
@pytest.mark.parametrize("state", ANSWERED)
def test_a_stranger_who_is_answered_is_a_gap_with_or_without_a_control(
    state: str, reached: tuple[Control, ...]
) -> None:
    found = one(A2, findings(result(row(state=state, kind="https"), reached=reached)))
    assert found.status is Status.GAP and "https" in found.why and found.fix


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (result(row(), reached=()), "does not hold back port 8443"),
        (result(row(), reached=(CONTROL6,)), "does not hold back port 8443"),
        (result(row(tries=1)), "tried 1 times"),
        (result(row(tries=None)), "tried 0 times"),
        (result(row(state="unknown", why="its answer was not understood")), "not understood"),
        (result(row(state="well")), "could not tell"),
        (result(), "did not say"),
        (result(complete=False), "time for this site was over"),
        (result(row(source="198.51.100.99")), "came from 198.51.100.99"),
        (result(row(source="203.0.113.10")), "came from 203.0.113.10"),
        ({}, "time for this site was over"),
        ({"endpoints": "none", "controls": 7, "complete": True}, "did not say"),
    ],
)
def test_silence_with_another_explanation_is_unknown(told: dict[str, object], why: str) -> None:
    found = one(A2, findings(told))
    assert found.status is Status.UNKNOWN and why in found.why and found.fix


def test_a_vantage_behind_nat_has_an_inner_address_of_its_own() -> None:
    assert one(A2, findings(result(row(source="192.168.1.9")))).status is Status.PASS


@pytest.mark.parametrize(
    ("port", "status"), [(8443, Status.PASS), (40000, Status.PASS), (443, Status.UNKNOWN), (22, Status.UNKNOWN)]
)
def test_a_control_shows_the_way_out_of_its_own_port_or_by_an_unusual_one(port: int, status: Status) -> None:
    control = Control("192.0.2.80", port)
    told = {**result(row()), "controls": [{"address": control.address, "port": port, "reached": True}]}
    assert one(A2, findings(told, replace(STRANGER, controls=(control,)))).status is status


def test_a_control_that_was_not_declared_is_none() -> None:
    assert one(A2, findings(result(row()), replace(STRANGER, controls=()))).status is Status.UNKNOWN


def test_the_device_itself_is_no_control() -> None:
    own = Control("203.0.113.5", 40000)
    told = {**result(row()), "controls": [{"address": own.address, "port": own.port, "reached": True}]}
    assert one(A2, findings(told, replace(STRANGER, controls=(own,)))).status is Status.UNKNOWN


@pytest.mark.parametrize("state", [*SILENT, *ANSWERED])
def test_somebody_of_the_allowlist_cannot_show_that_strangers_are_refused(state: str) -> None:
    allowed = replace(CUSTOMER, expects="refused")
    found = one(A2, findings(result(row(state=state, source="203.0.113.10")), allowed))
    assert found.status is Status.UNKNOWN and "no stranger" in found.why


@pytest.mark.parametrize(("state", "status"), [*((each, Status.PASS) for each in ANSWERED), ("closed", Status.GAP)])
def test_somebody_of_the_allowlist_is_served(state: str, status: Status) -> None:
    assert one(A2, findings(result(row(state=state, source="203.0.113.10")), CUSTOMER)).status is status


FREE = Control("192.0.2.80", 40000)
OWN = f"{ADDRESS}:443/tcp"  # a usual management port of the gateway, which nobody declares


def own_door(vantage: Vantage, source: str, reached: bool = True, **more: Any) -> dict[str, Status]:
    """What is said of the gateway's own port 443."""
    controls = [{"address": FREE.address, "port": FREE.port, "reached": reached}]
    told = {**result(row(ADDRESS, 443, host="gateway", source=source, **more)), "controls": controls}
    found = findings(told, replace(vantage, controls=(FREE,)))
    return {item: one(f"{item}.outside", found, OWN, "gateway").status for item in ("A2", "A1", "B1")}


@pytest.mark.parametrize("state", SILENT)
def test_nobody_must_be_served_at_a_management_port_that_is_not_declared(state: str) -> None:
    served = own_door(CUSTOMER, "203.0.113.10", state=state)
    assert served == {"A2": Status.NOT_APPLICABLE, "A1": Status.PASS, "B1": Status.PASS}
    refused = own_door(STRANGER, "198.51.100.7", state=state)
    assert refused == {"A2": Status.PASS, "A1": Status.PASS, "B1": Status.PASS}


def test_a_management_port_that_answers_the_allowlist_is_served_and_judged() -> None:
    found = own_door(CUSTOMER, "203.0.113.10", state="open_without_login", kind="https")
    assert (found["A2"], found["A1"]) == (Status.PASS, Status.GAP)


@pytest.mark.parametrize(("reached", "state"), [(False, "closed"), (False, "filtered"), (True, "unknown")])
def test_silence_at_a_management_port_with_another_explanation_stays_unknown(reached: bool, state: str) -> None:
    found = own_door(CUSTOMER, "203.0.113.10", reached, state=state)
    assert found == {"A2": Status.UNKNOWN, "A1": Status.UNKNOWN, "B1": Status.UNKNOWN}


def test_who_should_be_served_and_reaches_nothing_at_all_says_nothing() -> None:
    found = one(A2, findings(result(row(source="203.0.113.10"), reached=()), CUSTOMER))
    assert found.status is Status.UNKNOWN


def test_who_should_be_served_must_be_on_the_allowlist() -> None:
    served = replace(STRANGER, expects="served")
    assert one(A2, findings(result(row(state="open")), served)).status is Status.UNKNOWN


def test_silence_over_udp_proves_nothing_and_an_answer_is_one() -> None:
    panel = member("panel", published=(Published("gateway", 161, 161, "udp"),))
    place = "203.0.113.5:161/udp"
    for state, status in (("filtered", Status.UNKNOWN), ("closed", Status.UNKNOWN), ("login_required", Status.GAP)):
        told = result(row("203.0.113.5", 161, transport="udp", state=state, kind="snmp"))
        assert one(A2, findings(told, members=site(panel)), place).status is status


def test_an_undeclared_udp_port_that_is_silent_is_not_mentioned_and_one_that_answers_is() -> None:
    quiet = row("203.0.113.5", 161, host="gateway", transport="udp")
    assert not [each for each in findings(result(quiet)) if "161/udp" in each.surface]
    told = result({**quiet, "state": "open_without_login", "kind": "snmp"})
    assert one(A2, findings(told), "203.0.113.5:161/udp", "gateway").status is Status.GAP


@pytest.mark.parametrize(("attested", "status"), [("", Status.UNKNOWN), ("NOC, 2026-11-20", Status.PASS)])
def test_over_ipv6_somebody_must_have_looked_at_the_home_gateway(attested: str, status: Status) -> None:
    panel = member("panel", outside=Outside(ipv6_attested=attested))
    members = site(panel, member("gateway", outside=Outside(addresses=(ADDRESS6,))))
    told = result(row(ADDRESS6, source="2001:db8:99::7"))
    found = one(A2, findings(told, members=members), f"[{ADDRESS6}]:8443/tcp")
    assert found.status is status and ("home gateway" in found.why) is not attested.startswith("NOC")


def test_an_ipv6_endpoint_needs_an_ipv6_source_and_an_ipv6_control() -> None:
    panel = member("panel", outside=Outside(ipv6_attested="NOC"))
    members = site(panel, member("gateway", outside=Outside(addresses=(ADDRESS6,))))
    told = result(row(ADDRESS6, source="2001:db8:99::7"), reached=(CONTROL,))
    assert one(A2, findings(told, members=members), f"[{ADDRESS6}]:8443/tcp").status is Status.UNKNOWN
    only4 = replace(STRANGER, sources=("198.51.100.7/32",))
    told = result(row(ADDRESS6, source="2001:db8:99::7"))
    assert one(A2, findings(told, only4, members=members), f"[{ADDRESS6}]:8443/tcp").status is Status.UNKNOWN


_JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=9), st.lists(st.integers(), max_size=2))


@given(
    state=st.one_of(st.sampled_from([*SILENT, *ANSWERED, "unknown"]), _JUNK),
    tries=st.one_of(st.integers(0, 3), _JUNK),
    source=st.sampled_from(["198.51.100.7", "203.0.113.10", "192.168.1.9", "", "nonsense"]),
    reached=st.sets(st.sampled_from([CONTROL, CONTROL6])),
    sources=st.sampled_from([("198.51.100.7/32",), ("203.0.113.10/32",), ("198.51.100.7/32", "203.0.113.10/32")]),
    transport=st.sampled_from(["tcp", "udp"]),
    complete=st.booleans(),
)
def test_a_stranger_never_passes_without_a_control_and_silence_and_no_place_on_the_allowlist(
    state, tries, source, reached, sources, transport, complete
):
    panel = member("panel", published=(Published("gateway", 8443, 443, transport),))
    told = result(
        row(state=state, tries=tries, source=source, transport=transport), reached=tuple(reached), complete=complete
    )
    vantage = Vantage("stranger", sources, "refused", (CONTROL, CONTROL6))
    for found in findings(told, vantage, site(panel)):
        if found.status is Status.PASS and found.control == A2:
            assert CONTROL in reached and state in SILENT and transport == "tcp"
            assert sources == ("198.51.100.7/32",) and source != "203.0.113.10"
            assert state == "closed" or tries in (2, 3)
