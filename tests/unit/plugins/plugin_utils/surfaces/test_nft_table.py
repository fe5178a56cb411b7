# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of addresses in canonical form: exactly the allowlist, whatever nft merges or splits."""

from __future__ import annotations

import ipaddress
import json

import netaddr
import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.addresses import written
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nft_json import objects, own_table
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nft_table import elements
from hypothesis import given
from hypothesis import strategies as st


def spans(version):
    address = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    width = 32 if version == 4 else 128
    low = int(ipaddress.ip_address("192.0.2.0" if version == 4 else "2001:db8::"))
    near = st.tuples(st.integers(0, 400), st.integers(0, 60)).map(lambda span: (low + span[0], low + sum(span)))
    ranges = near.map(lambda span: f"{address(span[0])}-{address(span[1])}")
    networks = st.tuples(st.integers(0, 400), st.integers(width - 10, width)).map(
        lambda net: str(ipaddress.ip_network((low + net[0], net[1]), strict=False))
    )
    return st.lists(st.one_of(ranges, networks), max_size=12)


def addresses(entries):
    held = netaddr.IPSet()
    for entry in entries:
        held |= netaddr.IPSet(netaddr.IPRange(*entry.split("-"))) if "-" in entry else netaddr.IPSet([entry])
    return held


@given(entries=st.one_of(spans(4), spans(6)))
def test_a_set_holds_exactly_the_allowlist(entries):
    assert addresses(elements(entries)) == addresses(entries)


@given(entries=st.one_of(spans(4), spans(6)), data=st.data())
def test_equal_sets_of_addresses_have_one_form(entries, data):
    pieces = [str(net) for net in addresses(entries).iter_cidrs()]
    assert elements(entries) == elements(data.draw(st.permutations(pieces)))
    assert elements(elements(entries)) == elements(entries)


@given(entries=st.one_of(spans(4), spans(6)))
def test_the_intent_s_own_form_changes_nothing(entries):
    assert elements(written(addresses(entries))) == elements(entries)


@pytest.mark.parametrize("wrong", ["", "office", "192.0.2.1/24", "192.0.2.9-192.0.2.1", "192.0.2.1-2001:db8::1"])
def test_what_is_no_address_is_refused(wrong):
    with pytest.raises(ValueError):
        elements([wrong])


def test_one_set_holds_one_family():
    with pytest.raises(ValueError):
        elements(["192.0.2.1", "2001:db8::1"])


OURS = {"family": "inet", "table": "iot_site_checklist"}
TABLE = {"table": {"family": "inet", "name": "iot_site_checklist", "handle": 4}}
CHAIN = {"chain": {**OURS, "name": "input", "type": "filter", "hook": "input", "prio": -150, "policy": "accept"}}


def shown(*listed):
    table = own_table(objects(json.dumps({"nftables": [{"metainfo": {}}, TABLE, CHAIN, *listed]})))
    assert table is not None
    return table


def rule(*statements, **more):
    return {"rule": {**OURS, "chain": "input", "expr": list(statements), **more}}


def match(left, right, op="=="):
    return {"match": {"op": op, "left": left, "right": right}}


IIFNAME, L4PROTO, STATE = {"meta": {"key": "iifname"}}, {"meta": {"key": "l4proto"}}, {"ct": {"key": "state"}}


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (match(IIFNAME, "lo"), 'iifname { "lo" }'),
        (match(IIFNAME, {"set": ["wg0", "lo"]}), 'iifname { "lo", "wg0" }'),
        (match(L4PROTO, {"set": ["ipv6-icmp", "icmp"]}), "meta l4proto { 1, 58 }"),
        (match(L4PROTO, {"set": [58, 1]}), "meta l4proto { 1, 58 }"),
        (match({"fib": {"result": "type", "flags": ["saddr"]}}, "local"), "fib saddr type local"),
        (match(STATE, ["related", "established"], "in"), "ct state established,related"),
        (match(STATE, {"set": ["established", "related"]}), "ct state established,related"),
    ],
)
def test_spellings_of_different_versions_of_nft_are_one(statement, text):
    assert shown(rule(statement, {"accept": None})).chain("input") == f"{text} accept"


@pytest.mark.parametrize(
    "statement",
    [
        match(IIFNAME, "lo", "!="),
        match(STATE, "invalid", "!="),
        match({"payload": {"protocol": "tcp", "field": "dport"}}, 23),
        match({"payload": {"protocol": "udp", "field": "dport"}}, {"range": [1, 500]}),
        match({"payload": {"protocol": "ip", "field": "saddr"}}, {"set": ["192.0.2.1"]}),
        {"match": None},
        {"match": {"op": "==", "left": {"meta": {"key": "iifname"}, "and": 1}, "right": "lo"}},
        {"accept": {"more": 1}},
        {"jump": {"target": "elsewhere"}},
    ],
)
def test_what_we_never_write_is_shown_as_it_is_and_cannot_be_taken_for_ours(statement):
    text = shown(rule(statement, {"accept": None})).chain("input")
    assert text == f"{json.dumps(statement, sort_keys=True)} accept"


@pytest.mark.parametrize(
    "listed",
    [
        {"table": {"family": "inet", "name": "iot_site_checklist", "flags": "dormant"}},
        {"flowtable": {**OURS, "name": "fast"}},
        {"map": {**OURS, "name": "m"}},
        {"set": {**OURS, "name": "allow4", "type": "ipv4_addr", "flags": ["timeout"], "timeout": 60}},
        {"set": {**OURS, "name": "allow4", "type": "ipv4_addr", "elem": [{"elem": {"val": "192.0.2.1"}}]}},
        {"chain": {**CHAIN["chain"], "name": "other", "dev": "wan"}},
        {"chain": {**OURS, "name": "plain"}},
        {"rule": {**OURS, "chain": "nowhere", "expr": []}},
    ],
)
def test_what_a_table_of_ours_never_has_makes_it_another_table(listed):
    assert len(shown(listed).unexpected) == 1
    assert shown(listed).text != shown().text


def test_other_tables_are_not_ours():
    other = {"table": {"family": "ip", "name": "iot_site_checklist"}}, {"table": {"family": "inet", "name": "filter"}}
    assert own_table(objects(json.dumps({"nftables": list(other)}))) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"nftables": 1}', '{"nftables": ["x"]}', "Error: syntax"])
def test_a_ruleset_that_is_not_json_as_we_know_it_is_unreadable(text):
    with pytest.raises(Unreadable):
        objects(text)
