# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services destination NAT publishes, on real output of nft and iptables-save (see nat/README.md)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nat import Service, services
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nft_json import objects

HERE = Path(__file__).with_name("nat")
RULESET = (HERE / "ruleset.json").read_text()
IPTABLES = {name: (HERE / f"{name}.txt").read_text() for name in ("iptables-save", "ip6tables-save")}


@pytest.fixture(scope="module")
def published():
    found, _strange = services(objects(RULESET), IPTABLES)
    return {(each.protocol, each.port): each.target for each in found}


@pytest.mark.parametrize(
    ("protocol", "port", "target"),
    [
        ("tcp", 8080, "192.168.10.20:80"),
        ("tcp", 2001, "192.168.10.20:2001"),
        ("tcp", 22, "192.168.10.20:22"),
        ("udp", 5004, "192.168.10.22:5004"),
        ("tcp", 8444, "192.168.10.21:443"),
        ("tcp", 82, "192.168.10.21:82"),
        ("tcp", 91, "192.168.10.20:80"),
        ("tcp", 7070, "192.168.10.30:70"),
        ("tcp", 8088, "172.17.0.2:80"),
        ("tcp", 7071, "192.168.10.30:7071"),
        ("tcp", 7082, "192.168.10.30:7082"),
        ("udp", 7443, "[2001:db8:10::21]:443"),
    ],
)
def test_every_spelling_is_followed(published, protocol, port, target):
    assert published[protocol, port] == target


def test_rules_that_publish_more_than_we_follow_cover_nothing_and_are_named():
    found, strange = services(objects(RULESET), IPTABLES)
    assert not [each for each in found if each.address.startswith("192.168.10.9") or each.address == "192.168.10.32"]
    assert not [each for each in found if each.port in (7000, 7090, 7001)]
    assert "a DNAT rule of nft chain ip nat prerouting" in strange
    assert any("--to-destination 192.168.10.31:90" in each for each in strange), "a negated port"
    assert any("--to-destination 192.168.10.32" in each for each in strange), "no port at all"


def test_iptables_rules_without_the_program_that_explains_them_are_named():
    found, strange = services(objects(RULESET), {})
    assert ("tcp", 7070) not in {(each.protocol, each.port) for each in found}
    assert any("iptables-save is missing" in each for each in strange)


@pytest.mark.parametrize(
    "dnat",
    [
        None,
        {},
        {"addr": {"map": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": "@gone"}}},
        {"addr": {"map": {"key": {"meta": {"key": "mark"}}, "data": {"set": [[1, "192.168.10.20"]]}}}},
        {"addr": {"map": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": {"set": [[1]]}}}},
        {"addr": ["192.168.10.20"], "port": 80},
    ],
)
def test_a_rule_of_another_form_never_raises(dnat):
    rule = {"rule": {"family": "ip", "table": "nat", "chain": "pre", "expr": [{"dnat": dnat}]}}
    found, strange = services(objects(json.dumps({"nftables": [rule]})), {})
    assert (found, strange) == ([], ["a DNAT rule of nft chain ip nat pre"])


def test_a_target_is_written_as_an_address_and_port():
    assert Service(1, "tcp", "2001:db8::1", 2).target == "[2001:db8::1]:2"


def test_what_podman_publishes_is_found_among_its_own_chains():
    ruleset = objects((HERE / "podman-ruleset.json").read_text())
    found, strange = services(ruleset, {"iptables-save": (HERE / "podman-iptables-save.txt").read_text()})
    assert [(one.port, one.protocol, one.to) for one in found] == [
        (8090, "tcp", 80), (8443, "tcp", 443), (8444, "tcp", 443),
    ]  # fmt: skip
    assert not strange
    assert services(ruleset, {})[1], "without iptables-save a rule of podman's is named as not understood"
