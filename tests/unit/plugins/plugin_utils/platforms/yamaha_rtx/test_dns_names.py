# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name under which the whole world finds a router. The lines are those of the command reference, chapter 34."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import triage
from ansible_collections.iot_site.checklist.plugins.plugin_utils.findings import Stamp
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status

from .device import INTENT, config, judged, planned

KEY = "dns_names B1.dns_name"


def told(*lines):
    return judged("ip lan1 address 192.168.100.1/24\n" + "\n".join(lines) + "\n", "B1")[KEY]


def test_a_router_without_a_name_in_dns_says_so():
    assert judged(config(), "B1")[KEY].status is Status.NOT_APPLICABLE
    off = ("netvolante-dns use pp off", "netvolante-dns auto hostname pp off", "netvolante-dns timeout pp 90")
    assert told(*off).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("pp select 1\n netvolante-dns hostname host pp server=1 hirosaki-jousui.aa0.netvolante.jp", "jousui"),
        ("pp select 1\n netvolante-dns hostname host pp daiichi-josuijo", "josuijo"),
        ("netvolante-dns hostname host lan2 server=2 hirosakibyoin.bb1.netvolante.jp duplicate", "hirosaki"),
        ("netvolante-dns hostname host lan2 server=1 aomori-dam.aa0.netvolante.jp ipv6 address", "dam"),
    ],
)
def test_what_the_name_tells_the_world_is_found_and_left_to_a_person(line, named):
    found = told(line)
    assert found.status is Status.MANUAL and "names a" in found.why, found.why
    assert named in str(found.evidence["named"]).lower() and "netvolante-dns go" in found.fix
    changed = {change.surface for change in planned(f"{config()}{line}\n", "B1").changes}
    assert "dns_names" not in changed, "peers come by the old name"


@pytest.mark.parametrize(
    "line",
    [
        "netvolante-dns hostname host lan2 server=1 K7-01.aa0.netvolante.jp",
        "netvolante-dns hostname host lan2 server=1 xq7w2.aa0.netvolante.jp",
        "pp select 1\n netvolante-dns auto hostname pp server=1 on",
        "netvolante-dns auto hostname lan2 ipv6 address",
    ],
)
def test_a_name_that_tells_nothing_still_has_the_domain_of_its_maker(line):
    found = told(line)
    assert found.status is Status.MANUAL and "Yamaha" in found.why
    assert not found.evidence["named"] and found.before


def test_a_line_that_is_not_understood_is_unknown():
    assert told("netvolante-dns hostname host lan2").status is Status.UNKNOWN


def test_a_facility_in_a_name_counts_in_the_triage():
    finding = Stamp(run="r", item="B1", platform="", at="").finding(
        told("netvolante-dns hostname host lan2 hirosaki-jousui"), INTENT
    )
    gap = Stamp(run="r", item="A2", platform="", at="").finding(judged(config())["management A2.management"], INTENT)
    assert "facility_water" in {one.rule for one in triage.reasons([finding, gap])}
