# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The set arithmetic over filters against a packet-by-packet reading of the same list."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha.filters import openings, parse
from hypothesis import given, settings
from hypothesis import strategies as st
from netaddr import IPAddress, IPSet

pytestmark = pytest.mark.once

SOURCES = ("*", "203.0.113.0/24", "203.0.113.10", "203.0.113.8-203.0.113.12", "198.51.100.1,203.0.113.10", "10.*.*.*")
TARGETS = ("*", "192.168.100.0/24", "192.168.100.20")
PROTOCOLS = ("*", "tcp", "udp", "tcp,udp", "icmp", "established", "50", "tcpsyn", "tcpflag=0x0002/0x0017")
PORTS = ("*", "443", "www", "1-1023", "1024-", "-79", "80,443")
ALLOWED = IPSet(["203.0.113.8/30"])

rule_texts = st.builds(
    lambda action, source, target, protocol, sport, dport: f"{action} {source} {target} {protocol} {sport} {dport}",
    st.sampled_from(("pass", "pass-log", "pass-nolog", "restrict", "reject", "reject-nolog")),
    st.sampled_from(SOURCES),
    st.sampled_from(TARGETS),
    st.sampled_from(PROTOCOLS),
    st.sampled_from(PORTS),
    st.sampled_from(PORTS),
)
packets = st.tuples(
    st.sampled_from(
        ("203.0.113.8", "203.0.113.10", "203.0.113.12", "203.0.113.200", "198.51.100.1", "10.1.2.3", "8.8.8.8")
    ),
    st.sampled_from(("192.168.100.20", "192.168.100.7", "172.16.0.1")),
    st.sampled_from(("6", "17", "1", "50", "99")),
    st.sampled_from((0, 53, 79, 80, 443, 1023, 1024, 65535)),
    st.sampled_from((0, 53, 79, 80, 443, 1023, 1024, 65535)),
)


def matches(rule, packet, *, certainly):
    """Whether a rule matches a packet that begins a connection; flags and parts of protocols may go either way."""
    source, target, protocol, source_port, target_port = packet
    ported = protocol in ("6", "17")
    return (
        IPAddress(source) in rule.sources
        and IPAddress(target) in rule.targets
        and bool(rule.protocols & {"*", protocol})
        and not (certainly and rule.partial)
        and (not ported or any(low <= source_port <= high for low, high in rule.source_ports))
        and (not ported or any(low <= target_port <= high for low, high in rule.target_ports))
    )


def let_in(rules, packet):
    """First match decides; a reject that matches only perhaps stops nothing, what matches nothing is rejected."""
    for rule in rules:
        if matches(rule, packet, certainly=not rule.passes):
            return rule if rule.passes else None
    return None


@settings(max_examples=250, deadline=None)
@given(texts=st.lists(rule_texts, max_size=6), packet=packets)
def test_whatever_a_packet_from_outside_passes_is_an_opening(texts, packet):
    rules = [parse(number, text, 4) for number, text in enumerate(texts)]
    if IPAddress(packet[0]) in ALLOWED:
        return
    rule = let_in(rules, packet)
    if rule is None:
        return
    found = [opening for opening in openings(rules, ALLOWED) if opening.rule == rule]
    assert any(opening.protocol in ("*", packet[2]) and IPAddress(packet[0]) in opening.sources for opening in found), (
        texts,
        packet,
    )


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(rule_texts, max_size=6))
def test_no_opening_concerns_the_allowlist_or_an_answer(texts):
    rules = [parse(number, text, 4) for number, text in enumerate(texts)]
    for opening in openings(rules, ALLOWED):
        assert opening.sources.isdisjoint(ALLOWED)
        assert opening.rule.passes and opening.protocol != "established"


@pytest.mark.parametrize(
    ("texts", "open_rules"),
    [
        (["reject * * * * *", "pass * * tcp * 443"], []),
        (["reject * * tcp * 1-1023", "pass * * tcp * 443"], []),
        (["reject * * udp * *", "pass * * tcp * 443"], [1]),
        (["reject * * tcpsyn * *", "pass * * tcp * 443"], [1]),
        (["reject 203.0.113.0/24 * * * *", "pass 203.0.113.0/24 * tcp * 443"], []),
        (["pass 203.0.113.8/30 * tcp * 443"], []),
        (["pass * * established * *", "pass * * tcpfin * *"], []),
        (["pass *"], [0]),
        ([], []),
    ],
)
def test_lists_one_knows(texts, open_rules):
    rules = [parse(number, text, 4) for number, text in enumerate(texts)]
    assert sorted({opening.rule.number for opening in openings(rules, ALLOWED)}) == open_rules


@pytest.mark.parametrize(
    "text",
    [
        "allow * * tcp * 443",
        "pass",
        "pass www.example.org * tcp * 443",
        "pass * * tcp * 443 more",
        "pass * * tpc * 443",
        "pass * * tcp * some-port",
        "pass * * tcp * 70000",
        "pass * * tcp * 443-80",
        "pass 203.0.113.300 * tcp * 443",
        "pass 203.0.113.9-203.0.113.1 * tcp * 443",
        "pass - * tcp * 443",
        "pass 2001:db8::1 * tcp * 443",
        "pass 10.*.1.* * tcp * 443",
    ],
)
def test_a_word_that_is_not_understood_is_never_guessed(text):
    with pytest.raises(Unreadable):
        parse(1, text, 4)
