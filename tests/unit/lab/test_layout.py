# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every site of the lab is possible: what a typing mistake in a layout would otherwise show as a timeout."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from tests.lab.layout import LabError, Layout, load, sites


@pytest.fixture(params=sites())
def site(request: pytest.FixtureRequest) -> Layout:
    return load(request.param)


def test_every_address_lies_in_its_network_and_is_nobody_elses(site: Layout) -> None:
    ranges = {network.name: [ip_network(subnet) for subnet in network.subnets] for network in site.networks}
    taken = {subnet.network_address + 1 for subnets in ranges.values() for subnet in subnets}  # the controller's
    for host in site.hosts:
        for network, pair in host.addresses.items():
            assert [ip_address(one).version for one in pair] == [4, 6]
            for address in map(ip_address, pair):
                assert any(address in subnet for subnet in ranges[network])
                assert address not in taken
                taken.add(address)


def test_every_way_out_is_on_a_network_of_the_host(site: Layout) -> None:
    ranges = {network.name: [ip_network(subnet) for subnet in network.subnets] for network in site.networks}
    for host in site.hosts:
        own = [subnet for network in host.addresses for subnet in ranges[network]]
        assert all(any(ip_address(via) in subnet for subnet in own) for via in host.default_via)


def test_networks_do_not_overlap_across_sites() -> None:
    """Two sites may run at once, and podman refuses a range twice."""
    ranges = [ip_network(subnet) for name in sites() for network in load(name).networks for subnet in network.subnets]
    clashes = [
        (one, other)
        for index, one in enumerate(ranges)
        for other in ranges[index + 1 :]
        if one.version == other.version and one.overlaps(other)
    ]
    assert clashes == []


def test_a_host_is_managed_over_the_network_it_names() -> None:
    assert load("linux_gateway").host("gateway").management == "192.168.100.254"


def test_routes_replace_what_the_bridges_set() -> None:
    routes = load("linux_gateway").host("panel").routes
    assert routes.splitlines() == [
        "while ip -4 route del default 2>/dev/null; do :; done",
        "while ip -6 route del default 2>/dev/null; do :; done",
        "ip route add default via 192.168.100.254",
        "ip route add default via fd00:db8:100::fe",
    ]


def test_a_wrong_name_is_answered_with_the_right_ones() -> None:
    with pytest.raises(LabError, match="linux_gateway"):
        load("linux-gateway")
    with pytest.raises(LabError, match="gateway, panel"):
        load("linux_gateway").host("router")
