# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our chain in iptables' language, and our block in ufw's files: what is read back is what was written."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.flows import Flow
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.iptables_chain import (
    FAMILIES,
    canonical,
    filter_rules,
    lets_in_before,
    networks,
    rules,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.ufw_block import placed, with_block
from hypothesis import given
from hypothesis import strategies as st

IPV4, IPV6 = FAMILIES
BEFORE = "ufw-before-input"
FILE = """\
#   ufw-before-input
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 8080 -j DNAT --to-destination 192.0.2.20:80
COMMIT
*filter
:ufw-before-input - [0:0]
:ufw-before-output - [0:0]
# allow all on loopback
-A ufw-before-input -i lo -j ACCEPT
COMMIT
"""


@pytest.mark.parametrize(
    ("match", "ipv4", "ipv6"),
    [
        ("udp sport { 67 } udp dport { 68 }", ["-p udp -m udp --sport 67 --dport 68"] , None),
        ("ip6 saddr fe80::/10 udp dport { 546 }", [], ["-s fe80::/10 -p udp -m udp --dport 546"]),
        ("udp dport { 500, 4500 }", ["-p udp -m udp --dport 500", "-p udp -m udp --dport 4500"], None),
        (
            "fib saddr type local udp dport { 5353 }",
            ["-p udp -m addrtype --src-type LOCAL -m udp --dport 5353"],
            None,
        ),
        ("meta l4proto { 50, 51 }", ["-p 50", "-p 51"], None),
        ("meta ipsec exists", ["-m policy --dir in --pol ipsec"], None),
    ],
)  # fmt: skip
def test_every_flow_that_a_machine_needs_is_returned(match, ipv4, ipv6):
    for family, wanted in ((IPV4, ipv4), (IPV6, ipv4 if ipv6 is None else ipv6)):
        found = rules(family, ["lo"], [Flow(match, "why")], [])
        assert [rule.removesuffix(" -j RETURN") for rule in found[3:-1]] == wanted


def test_a_flow_that_iptables_cannot_tell_is_no_rule():
    with pytest.raises(ValueError, match="sctp"):
        rules(IPV4, [], [Flow("sctp dport 5", "why")], [])


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**12))))
def test_ranges_become_networks_with_exactly_their_addresses(spans):
    wanted, entries = set(), []
    for first, size in spans:
        last = min(first + size, 2**32 - 1)
        wanted |= {first, last}
        entries.append(f"{ipaddress.IPv4Address(first)}-{ipaddress.IPv4Address(last)}")
    found = [ipaddress.ip_network(net) for net in networks(entries)]
    assert all(any(ipaddress.IPv4Address(one) in net for net in found) for one in wanted)
    covered = [(first, min(first + size, 2**32 - 1)) for first, size in spans]
    for net in found:
        for end in (int(net.network_address), int(net.broadcast_address)):
            assert any(first <= end <= last for first, last in covered)


def test_the_chain_only_takes_away():
    """Whoever comes back from it still meets the owner's rules: nothing of it accepts."""
    for family in FAMILIES:
        found = rules(
            family, ["lo", "lan0"], [Flow("udp dport { 51820 }", "WireGuard")], ["192.0.2.0/24"][: family.version % 4]
        )
        assert {rule.rpartition("-j ")[2] for rule in found} == {"RETURN", "DROP"} and found[-1] == "-j DROP"


# --- what iptables-save prints --------------------------------------------------------------------------------


def test_protocols_have_one_spelling():
    assert canonical("-p 50 -j RETURN") == canonical("-p esp -j RETURN")
    assert canonical("-p icmpv6 -j RETURN") == canonical("-p ipv6-icmp -j RETURN")
    assert canonical("-s 192.0.2.50/32 --dport 50 -j DROP") == "-s 192.0.2.50/32 --dport 50 -j DROP"


SAVED = """\
*nat
-A INPUT -j ACCEPT
COMMIT
*filter
:INPUT DROP [1:2]
:ufw-before-input - [0:0]
:f2b-sshd - [0:0]
:docker - [0:0]
{ahead}
-A INPUT -j ufw-before-input
-A INPUT -j ACCEPT
-A f2b-sshd -s 192.0.2.9/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-sshd -j RETURN
-A docker -p tcp -j ACCEPT
COMMIT
"""


@pytest.mark.parametrize(
    ("ahead", "harmless"),
    [
        ("-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd", True),
        ("-A INPUT -j LOG --log-prefix x", True),
        ("-A INPUT -s 192.0.2.9/32 -j DROP", True),
        ("-A INPUT -p tcp -m comment --comment counted", True),
        ("-A INPUT -p tcp --dport 22 -j ACCEPT", False),
        ("-A INPUT -j docker", False),
        ("-A INPUT -g f2b-sshd", False),
        ("-A INPUT -j NFQUEUE --queue-num 1", False),
        ("-A INPUT -j nowhere", False),
    ],
)
def test_what_may_accept_before_our_chain_is_named(ahead, harmless):
    found = lets_in_before(filter_rules(SAVED.format(ahead=ahead)), "INPUT", BEFORE)
    assert found == ([] if harmless else [ahead])


def test_a_hook_that_never_leads_to_our_chain_is_named():
    assert lets_in_before(filter_rules(""), "INPUT", BEFORE)
    conditional = SAVED.format(ahead="").replace("-A INPUT -j ufw", "-A INPUT -p tcp -j ufw")
    assert lets_in_before(filter_rules(conditional), "INPUT", BEFORE)


def test_chains_that_lead_to_each_other_end():
    looped = "*filter\n:a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -j b\n-A b -j a\n-A INPUT -j ufw-before-input\n"
    assert lets_in_before(filter_rules(looped), "INPUT", BEFORE) == ["-A INPUT -j a"]


# --- the block in a file -----------------------------------------------------------------------------------------


def test_the_block_comes_first_in_ufw_s_chain_and_the_rest_stays():
    new = with_block(FILE, BEFORE, ("-j DROP",))
    lines = new.splitlines()
    ours = lines.index("-A ufw-before-input -j iot-site-input")
    assert lines.index(":ufw-before-input - [0:0]") < ours < lines.index("-A ufw-before-input -i lo -j ACCEPT")
    assert [line for line in FILE.splitlines() if line not in lines] == []
    assert placed(new, BEFORE, ("-j DROP",)) and not placed(FILE, BEFORE, ("-j DROP",))


@given(st.lists(st.sampled_from(["-i lo -j RETURN", "-s 192.0.2.0/24 -j RETURN", "-j DROP"])), st.booleans())
def test_a_block_takes_the_place_of_the_one_before(wanted, twice):
    old = with_block(FILE, BEFORE, ("-s 203.0.113.9/32 -j RETURN",))
    new = with_block(with_block(old, BEFORE, wanted) if twice else old, BEFORE, wanted)
    assert new == with_block(FILE, BEFORE, wanted) and new.count("BEGIN iot_site") == 1


@pytest.mark.parametrize(
    "file",
    [
        "",
        "*nat\n:ufw-before-input - [0:0]\nCOMMIT\n",
        FILE.replace(":ufw-before-input - [0:0]\n", ""),
        FILE.replace("COMMIT\n", "-I ufw-before-input 1 -j ACCEPT\nCOMMIT\n"),
        FILE.replace("*filter\n", "*filter\n-A ufw-before-input -j ACCEPT\n"),
    ],
)
def test_where_we_could_not_be_first_there_is_no_place(file):
    assert with_block(file, BEFORE, ("-j DROP",)) == "" and not placed(file, BEFORE, ("-j DROP",))


def test_a_block_elsewhere_or_edited_is_not_ours_as_wanted():
    new = with_block(FILE, BEFORE, ("-s 192.0.2.1/32 -j RETURN", "-j DROP"))
    assert not placed(new.replace("192.0.2.1/32", "0.0.0.0/0"), BEFORE, ("-s 192.0.2.1/32 -j RETURN", "-j DROP"))
    assert not placed(new.replace("-i lo -j ACCEPT", "-j ACCEPT\n# BEGIN iot_site.checklist"), BEFORE, ("-j DROP",))
