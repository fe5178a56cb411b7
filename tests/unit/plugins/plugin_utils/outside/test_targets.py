# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Never a target that is not a host of the inventory at an address of its own, and never without permission."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Authorisation, Published
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.targets import Target, targets
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.wanted import REPORTED, Outside
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.outside.looks import ADDRESS, ALLOWED, member, site

DYNAMIC = Outside(addresses=(REPORTED,))


def test_a_published_service_is_tried_at_its_gateway_and_the_gateway_at_its_own_doors() -> None:
    found, untried = targets(site())
    assert Target("panel", "gateway", ADDRESS, 8443, "tcp", 443) in found
    own = {(one.transport, one.port) for one in found if one.host == "gateway"}
    assert own == {("tcp", 22), ("tcp", 23), ("tcp", 80), ("tcp", 443), ("udp", 161)}
    assert untried == [] and len(found) == len(set(found)) == 6


def test_a_port_that_is_forwarded_is_the_device_behind_and_not_the_gateway() -> None:
    panel = member("panel", published=(Published("gateway", 443, 443),))
    found, _untried = targets(site(panel))
    assert [one.host for one in found if one.port == 443] == ["panel"]


def test_a_device_that_publishes_nothing_and_has_no_outer_address_is_not_tried() -> None:
    inner = member("inner", published=(), enforced_by="")
    found, untried = targets(site(inner))
    assert "inner" not in {one.host for one in (*found, *untried)}


@pytest.mark.parametrize(
    "authorised",
    [
        None,
        Authorisation("owner", "2026-11-01", "2027-03-31", frozenset({"read", "change"})),
        Authorisation("owner", "2026-11-01", "2026-11-28", frozenset({"probe"})),
        Authorisation("owner", "2026-11-30", "2027-03-31", frozenset({"probe"})),
    ],
    ids=["nobody", "other scope", "ended", "not begun"],
)
@pytest.mark.parametrize("host", ["panel", "gateway"])
def test_nothing_is_tried_without_permission_for_the_device_and_its_gateway(
    authorised: Authorisation | None, host: str
) -> None:
    found, untried = targets(site(member(host, authorised=authorised)))
    assert "panel" not in {one.host for one in found}
    assert any(one.host == "panel" and host in one.why and "probe" in one.fix for one in untried)


def test_a_gateway_outside_this_run_cannot_be_gone_through() -> None:
    found, untried = targets({"panel": member("panel")})
    assert found == [] and "gateway is not in this run" in untried[0].why


def test_a_changing_address_counts_only_when_the_device_reported_it_in_this_run() -> None:
    found, untried = targets(site(member("gateway", outside=DYNAMIC)))
    assert found == [] and {one.host for one in untried} == {"panel", "gateway"}
    assert all("in this run" in one.why for one in untried)
    found, untried = targets(
        site(member("gateway", outside=DYNAMIC, reported=("192.168.1.1", "fe80::1", "198.51.100.9")))
    )
    assert untried == [] and {one.address for one in found} == {"198.51.100.9"}


def test_what_a_device_reports_is_not_tried_where_a_static_address_is_declared() -> None:
    found, _untried = targets(site(member("gateway", reported=("198.51.100.9",))))
    assert {one.address for one in found} == {ADDRESS}


_ADDRESSES = st.sampled_from(["203.0.113.5", "198.51.100.9", "2001:db8::5", "10.0.0.1", "100.64.0.9"])
_HOSTS = st.sampled_from(["a", "b", "c", "stranger"])


@given(
    published=st.dictionaries(
        st.sampled_from("abc"), st.lists(st.builds(Published, _HOSTS, st.integers(1, 9), st.integers(1, 9)), max_size=3)
    ),
    declared=st.dictionaries(st.sampled_from("abc"), st.lists(st.one_of(_ADDRESSES, st.just(REPORTED)), max_size=3)),
    reported=st.dictionaries(st.sampled_from("abc"), st.lists(_ADDRESSES, max_size=3)),
    allowed=st.sets(st.sampled_from("abc")),
)
def test_every_target_is_an_allowed_host_of_this_run_at_an_address_of_its_own(published, declared, reported, allowed):
    members = {
        host: member(
            host, published=tuple(published.get(host, ())), enforced_by="",
            outside=Outside(addresses=tuple(declared.get(host, ()))), reported=tuple(reported.get(host, ())),
            authorised=ALLOWED if host in allowed else None,
        )
        for host in "abc"
    }  # fmt: skip
    for one in targets(members)[0]:
        assert {one.host, one.via} <= allowed
        addresses = declared.get(one.via, [])
        assert one.address in addresses or (REPORTED in addresses and one.address in reported.get(one.via, []))
        services = {(service.via, service.port) for service in published.get(one.host, ())}
        assert (one.via, one.port) in services or one.host == one.via
