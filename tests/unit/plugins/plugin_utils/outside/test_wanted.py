# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared of the outside view: every wrong value is named, and only single addresses of hosts are taken."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.wanted import Control, Outside, Vantage, load

VANTAGE = {"host": "outside-a", "sources": ["198.51.100.7"]}


def loaded(**declared: Any) -> tuple[Outside, list[str]]:
    outside, problems = load({"vantage_hosts": ["outside-a", "outside-b"], **declared}, "k7-panel")
    return outside, [str(problem) for problem in problems]


def test_nothing_declared_is_nothing_and_no_problem() -> None:
    assert loaded() == (Outside(), [])


def test_a_vantage_is_a_stranger_unless_it_is_said_to_be_served() -> None:
    controls = [{"address": "192.0.2.80", "port": "8443"}]
    outside, problems = loaded(
        vantages=[VANTAGE, {**VANTAGE, "host": "outside-b", "expects": "served", "controls": controls}]
    )
    assert not problems
    assert outside.vantages == (
        Vantage("outside-a", ("198.51.100.7/32",), "refused"),
        Vantage("outside-b", ("198.51.100.7/32",), "served", (Control("192.0.2.80", 8443),)),
    )


@pytest.mark.parametrize(
    ("vantages", "named"),
    [
        ("outside-a", "iot_site_vantages"),
        (["outside-a"], "iot_site_vantages[0]"),
        ([{**VANTAGE, "host": "k7-gw"}], "iot_site_vantages[0].host"),
        ([{"host": "outside-a"}], "iot_site_vantages[0].sources"),
        ([{**VANTAGE, "sources": ["office.example.org"]}], "iot_site_vantages[0].sources"),
        ([{**VANTAGE, "expects": "closed"}], "iot_site_vantages[0].expects"),
        ([{**VANTAGE, "expect": "served"}], "iot_site_vantages[0]"),
        ([VANTAGE, {**VANTAGE, "expects": "served"}], "iot_site_vantages[1].host"),
        ([{**VANTAGE, "controls": [{"address": "192.0.2.0/24", "port": 443}]}], "controls[0].address"),
        ([{**VANTAGE, "controls": [{"address": "192.0.2.80"}]}], "controls[0].port"),
        ([{**VANTAGE, "controls": ["192.0.2.80:443"]}], "controls[0]"),
    ],
)
def test_a_wrong_vantage_is_named(vantages: Any, named: str) -> None:
    _outside, problems = loaded(vantages=vantages)
    assert problems and named in problems[0]


def test_a_vantage_is_never_taken_for_the_devices_own_view() -> None:
    _outside, problems = loaded(vantage_hosts=["inside"], vantages=[{**VANTAGE, "host": "inside"}])
    assert problems and "another name than inside" in problems[0]


@pytest.mark.parametrize(
    "address",
    ["203.0.113.0/28", "203.0.113.1-203.0.113.9", "0.0.0.0/0", "127.0.0.1", "k7.example.org", "224.0.0.1", 7, None, ""],
)
def test_only_single_addresses_of_hosts_are_ever_tried(address: Any) -> None:
    outside, problems = loaded(outside_addresses=[address])
    assert outside.addresses == () and "iot_site_outside_addresses[0]" in problems[0]


def test_an_address_is_static_or_reported_by_the_device() -> None:
    outside, problems = loaded(outside_addresses=["203.0.113.5", "2001:DB8::5", "reported", "203.0.113.5"])
    assert (outside.addresses, problems) == (("203.0.113.5", "2001:db8::5", "reported"), [])


@pytest.mark.parametrize(
    "name", ["k7", "k7..example.org", "-k7.example.org", "k7 .example.org", "浄水場.example.org", 7]
)
def test_a_name_is_one_of_dns(name: Any) -> None:
    assert loaded(outside_names=[name])[1]
    assert loaded(outside_names=["k7-gw.example.org", "_x.k7.example.org"])[1] == []
