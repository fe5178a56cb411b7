# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 with nftables, on captures of a real gateway: before our change, after it, and after everything that can go wrong.

tests/integration/test_nftables.py proves the same on real connections.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    FileEdit,
    Intent,
    RunEdit,
    Status,
    Unreadable,
    digest,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import nftables
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.filter_facts import OWN
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nft_boot import ALLOWLIST
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nft_table import NAME

from tests.unit.plugins.plugin_utils.captures import changed, load

HERE = Path(__file__).parents[1] / "platforms" / "linux"
EXPOSED, COMPLIANT = (load(HERE / name / "capture.json") for name in ("exposed", "compliant"))
INTENT = Intent(
    site="k7", host="k7-gw", allow4=("203.0.113.8-203.0.113.12",), allow6=("2001:db8:1::10/128", "2001:db8:2::/56")
)
SURFACE = nftables.Nftables()
MANAGEMENT, FORWARDED = SURFACE.controls


def state_of(raw):
    """As the engine carries it between tasks: through JSON."""
    return json.loads(json.dumps(SURFACE.parse(raw)))


def judged(raw, intent=INTENT):
    judgements = list(SURFACE.judge(state_of(raw), intent))
    assert [each.control for each in judgements] == [MANAGEMENT, FORWARDED]
    return {each.control: each for each in judgements}


def answer(raw, name):
    ((key, output),) = raw.all(name).items()
    return key, output.text


def with_json(raw, name, change):
    """The same machine, with one JSON answer edited."""
    key, text = answer(raw, name)
    listed = json.loads(text)
    change(listed)
    return changed(raw, **{name: {key: json.dumps(listed)}})


def listening(raw, *sockets):
    listed = [dict(zip(("protocol", "address", "port", "program"), each, strict=True)) for each in sockets]
    return changed(raw, listeners={"@listeners": json.dumps(listed)})


# --- the two captures ---------------------------------------------------------------------------------------


def test_exposed_is_a_gap_that_one_table_closes():
    verdicts = judged(EXPOSED)
    assert {each.status for each in verdicts.values()} == {Status.GAP}
    (change,) = verdicts[MANAGEMENT].changes
    (load_table,) = change.edits
    assert change.cuts_access and load_table.argv == ("nft", "-f", "-")
    assert load_table.stdin.startswith("table inet iot_site_checklist\ndelete table inet iot_site_checklist\n")
    assert load_table.undo_stdin == "table inet iot_site_checklist\ndelete table inet iot_site_checklist\n"
    assert change.checks == (RunEdit(("nft", "-c", "-f", "-"), load_table.stdin),)
    assert change.before == "" and change.after in load_table.stdin


def test_only_our_own_table_is_ever_named():
    (change,) = judged(EXPOSED)[MANAGEMENT].changes
    lines = change.edits[0].stdin.splitlines()
    assert {line for line in lines if "table" in line} == {
        "table inet iot_site_checklist", "delete table inet iot_site_checklist", "table inet iot_site_checklist {",
    }  # fmt: skip
    assert not [line for line in lines if "flush" in line]


def test_what_makes_it_permanent_comes_only_after_confirmation():
    (change,) = judged(EXPOSED)[MANAGEMENT].changes
    assert not [edit for edit in change.edits if isinstance(edit, FileEdit)]
    rules, unit, follow, _reload, enable = change.persist
    assert rules == FileEdit(ALLOWLIST.rules_path, change.edits[0].stdin, 0o600)
    assert ALLOWLIST.rules_path in unit.content and ALLOWLIST.rules_path in follow.content
    assert enable.argv[:2] == ("systemctl", "enable")


def test_compliant_is_a_pass_with_nothing_to_do():
    verdicts = judged(COMPLIANT)
    assert {each.status for each in verdicts.values()} == {Status.PASS}
    assert not [change for each in verdicts.values() for change in each.changes]


def test_the_evidence_tells_what_is_covered_and_what_is_not_limited():
    verdicts = judged(COMPLIANT)
    assert verdicts[FORWARDED].evidence["covers"] == [
        {"port": 8443, "protocol": "tcp", "to": "192.168.10.20:443"},
        {"port": 8444, "protocol": "tcp", "to": "192.168.10.20:443"},
    ]
    assert verdicts[FORWARDED].evidence["forwarded_v6"] is True
    for verdict in verdicts.values():
        assert verdict.evidence["inside_not_limited"] == ["lan", "lo"]
        assert list(verdict.evidence["outside"]) == ["wan"]
    assert verdicts[MANAGEMENT].evidence["listening"] == ["tcp 22 sshd"]


def test_a_gap_promises_no_forwarded_ipv6():
    assert "forwarded_v6" not in judged(EXPOSED)[FORWARDED].evidence


def test_the_state_is_the_same_each_time():
    assert digest(state_of(COMPLIANT)) == digest(state_of(COMPLIANT))
    assert digest(state_of(COMPLIANT)) != digest(state_of(EXPOSED))


def test_a_client_s_own_udp_socket_does_not_change_the_state():
    key, text = answer(COMPLIANT, "listeners")
    passing = {"protocol": "udp", "address": "0.0.0.0", "port": 45123, "program": "dig"}
    more = changed(COMPLIANT, listeners={key: json.dumps([*json.loads(text), passing])})
    assert state_of(more) == state_of(COMPLIANT)


# --- a pass is lost by everything that should lose it -------------------------------------------------------


@pytest.mark.parametrize(
    "intent",
    [
        replace(INTENT, allow4=("203.0.113.8-203.0.113.13",)),
        replace(INTENT, allow4=("203.0.113.8-203.0.113.11",)),
        replace(INTENT, allow6=("2001:db8:2::/56",)),
        replace(INTENT, allow4=()),
    ],
)
def test_another_allowlist_is_a_gap(intent):
    for verdict in judged(COMPLIANT, intent).values():
        assert verdict.status is Status.GAP and verdict.changes[0].edits


@pytest.mark.parametrize(("raw", "words"), [(EXPOSED, []), (COMPLIANT, [NAME])])
def test_our_table_is_asked_for_in_its_own_words_only_where_it_is(raw, words):
    _key, listed = answer(raw, "nft_ruleset")
    assert OWN.follow.of == "nft_ruleset" and list(dict.fromkeys(re.findall(OWN.follow.pattern, listed))) == words


def test_the_change_of_an_existing_table_is_undone_to_that_very_table():
    (change,) = judged(COMPLIANT, replace(INTENT, allow4=("192.0.2.1/32",)))[MANAGEMENT].changes
    _key, own = answer(COMPLIANT, "nft_own")
    assert change.edits[0].undo_stdin.endswith(own) and "203.0.113.8-203.0.113.12" in own
    assert "203.0.113.8-203.0.113.12" in change.before and "192.0.2.1" in change.after


@pytest.mark.parametrize(
    "answers",
    [
        {"nft_boot_rules": {ALLOWLIST.rules_path: "table inet iot_site_checklist {}\n"}},
        {"nft_boot_rules": {}},
        {"nft_boot_unit": {ALLOWLIST.unit_path: ""}},
        {"nft_boot_unit": {ALLOWLIST.unit_path: ALLOWLIST.unit_text.replace("ExecStart", "#ExecStart")}},
        {"nft_boot_wants": {}},
        {"nft_boot_follow": {}},
        {"nft_boot_follow": {ALLOWLIST.follow_path: "[Service]\nExecStartPost=\n"}},
        {"nft_boot_wants": {f"/etc/systemd/system/nftables.service.wants/{ALLOWLIST.unit}": ALLOWLIST.unit_text}},
    ],
)
def test_a_table_that_a_reboot_would_lose_is_a_gap_and_only_made_permanent(answers):
    for verdict in judged(changed(COMPLIANT, **answers)).values():
        assert verdict.status is Status.GAP
        (change,) = verdict.changes
        assert not change.edits and not change.cuts_access and len(change.persist) == 5


@pytest.mark.parametrize(
    "answers",
    [
        {"init": {"/proc/1/comm": "init\n"}},
        {"nft_boot_overrides": {f"{ALLOWLIST.unit_path}.d/x.conf": "[Unit]\nConditionPathExists=/nowhere\n"}},
    ],
)
@pytest.mark.parametrize("capture", [EXPOSED, COMPLIANT])
def test_where_we_cannot_make_it_permanent_nothing_is_changed(capture, answers):
    for verdict in judged(changed(capture, **answers)).values():
        assert verdict.status is Status.GAP and not verdict.changes and ALLOWLIST.rules_path in verdict.fix


def test_a_new_way_out_makes_the_old_table_a_gap():
    """A backup line comes up on what was the LAN: the table that trusts it is no longer as wanted."""
    backup = {"dst": "default", "dev": "lan", "metric": 900}
    for verdict in judged(with_json(COMPLIANT, "routes4", lambda routes: routes.append(backup))).values():
        assert verdict.status is Status.GAP
        assert sorted(verdict.evidence["outside"]) == ["lan", "wan"]
        assert 'iifname { "lo" } accept' in verdict.after


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("routes4", {"dst": "default", "dev": "lan", "table": "100"}),
        ("routes4", {"dst": "0.0.0.0/1", "dev": "lan"}),
        ("routes4", {"dst": "default", "nexthops": [{"dev": "wan"}, {"gateway": "192.168.10.254", "dev": "lan"}]}),
        ("routes6", {"dst": "default", "gateway": "fe80::1", "dev": "lan", "protocol": "ra"}),
        ("routes6", {"dst": "2000::/3", "dev": "lan"}),
    ],
)
def test_every_kind_of_default_route_makes_an_interface_outside(name, route):
    state = state_of(with_json(EXPOSED, name, lambda routes: routes.append(route)))
    assert state["inside"] == ["lo"] and sorted(state["outside"]) == ["lan", "wan"]


@pytest.mark.parametrize(
    "route",
    [
        {"type": "unreachable", "dst": "default", "dev": "lan"},
        {"dst": "10.0.0.0/8", "dev": "lan"},
        {"type": "multicast", "dst": "ff00::/8", "dev": "lan", "table": "local"},
    ],
)
def test_other_routes_do_not(route):
    assert state_of(with_json(EXPOSED, "routes6", lambda routes: routes.append(route)))["inside"] == ["lan", "lo"]


@pytest.mark.parametrize(
    "interface",
    [
        {"ifname": "ppp0", "link_type": "ppp"},
        {"ifname": "wwan0"},
        {"ifname": "wwx1", "linkinfo": {"info_kind": "wwan"}},
        {"ifname": "eth*"},
        {"ifname": "eth9", "addr_info": []},
        {"ifname": "port1", "master": "br0"},
        {"ifname": "blue", "linkinfo": {"info_kind": "vrf"}},
    ],
)
def test_an_interface_we_are_not_sure_of_is_never_inside(interface):
    addresses = [{"family": "inet", "local": "192.168.99.1", "prefixlen": 24, "scope": "global"}]
    more = {"flags": ["UP"], "link_type": "ether", "addr_info": addresses} | interface
    assert state_of(with_json(EXPOSED, "links", lambda links: links.append(more)))["inside"] == ["lan", "lo"]


# --- verdicts without a plan --------------------------------------------------------------------------------


@pytest.mark.parametrize("capture", [EXPOSED, COMPLIANT])
def test_an_empty_allowlist_never_becomes_a_table(capture):
    for verdict in judged(capture, replace(INTENT, allow4=(), allow6=())).values():
        assert verdict.status is Status.MANUAL and not verdict.changes and "iot_site_people" in verdict.fix


def test_without_nft_a_person_must_act():
    missing = {"nft -s -j list ruleset": Output(error="missing")}
    for verdict in judged(changed(EXPOSED, nft_ruleset=missing)).values():
        assert verdict.status is Status.MANUAL and "Install" in verdict.fix


def test_without_nft_but_with_iptables_a_person_is_given_the_rules():
    missing = {"nft -s -j list ruleset": Output(error="missing")}
    raw = changed(EXPOSED, nft_ruleset=missing, iptables={"iptables-save": "*filter\nCOMMIT\n"})
    for verdict in judged(raw).values():
        assert verdict.status is Status.MANUAL and not verdict.changes
        assert "-A iot-site-forward -s 203.0.113.8/30 -j RETURN" in verdict.after
        assert verdict.after.count("-I INPUT 1 -j iot-site-input") == 2, "IPv4 and IPv6"


@pytest.mark.parametrize(
    "output",
    [
        Output(b"Operation not permitted (you must be root)\n", rc=1),
        Output(b"{", rc=0),
        Output(error="no end after 20 seconds"),
        Output(truncated=True),
    ],
)
@pytest.mark.parametrize("name", ["nft_ruleset", "routes4", "routes6", "links", "listeners"])
def test_what_cannot_be_read_is_unreadable(name, output):
    with pytest.raises(Unreadable):
        SURFACE.parse(changed(COMPLIANT, **{name: {"it": output}}))


def test_without_a_default_route_outside_is_unknown():
    def closed(routes):
        routes[:] = [route for route in routes if route["dst"] != "default"]

    for verdict in judged(with_json(with_json(COMPLIANT, "routes4", closed), "routes6", closed)).values():
        assert verdict.status is Status.UNKNOWN


def test_a_machine_that_forwards_nothing_has_nothing_to_limit_behind_it():
    off = {name: dict.fromkeys(COMPLIANT.all(name), "0\n") for name in ("forwarding4", "forwarding6")}
    verdicts = judged(changed(COMPLIANT, **off))
    assert verdicts[MANAGEMENT].status is Status.PASS and verdicts[FORWARDED].status is Status.NOT_APPLICABLE


def test_one_interface_that_forwards_is_enough():
    off = {name: dict.fromkeys(EXPOSED.all(name), "0\n") for name in ("forwarding4", "forwarding6")}
    off["forwarding6"]["/proc/sys/net/ipv6/conf/wan/forwarding"] = "1\n"
    assert judged(changed(EXPOSED, **off))[FORWARDED].status is Status.GAP


def test_left_to_the_web_server_the_open_rest_is_a_gap():
    web = replace(INTENT, enforce_with="web_server")
    verdicts = judged(COMPLIANT, web)
    assert {each.status for each in verdicts.values()} == {Status.GAP}
    assert "tcp 22 sshd" in verdicts[MANAGEMENT].why and not verdicts[MANAGEMENT].changes
    only = listening(EXPOSED, ("tcp", "0.0.0.0", 443, "nginx"), ("tcp", "127.0.0.1", 5432, "postgres"))
    assert judged(only, web)[MANAGEMENT].status is Status.NOT_APPLICABLE


def test_frames_that_are_bridged_past_the_filter_are_no_pass():
    def bridge(links):
        wan = next(link for link in links if link["ifname"] == "wan")
        wan["linkinfo"] = {"info_kind": "bridge"}
        links += [{"ifname": name, "flags": ["UP"], "master": "wan", "addr_info": []} for name in ("eth0", "eth1")]

    verdicts = judged(with_json(COMPLIANT, "links", bridge))
    assert verdicts[MANAGEMENT].status is Status.PASS
    assert verdicts[FORWARDED].status is Status.MANUAL and "eth0, eth1" in verdicts[FORWARDED].why


def foreign_rule(*statements):
    rule = {"rule": {"family": "netdev", "table": "fast", "chain": "in", "expr": list(statements)}}
    return lambda ruleset: ruleset["nftables"].append(rule)


def test_packets_forwarded_before_routing_are_no_pass():
    verdicts = judged(with_json(COMPLIANT, "nft_ruleset", foreign_rule({"fwd": {"dev": "lan"}})))
    assert verdicts[FORWARDED].status is Status.MANUAL and "fast" in verdicts[FORWARDED].why


# --- flows that must live -----------------------------------------------------------------------------------


def kept(raw):
    return [match for match, _why, _forward in state_of(raw)["flows"]]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (EXPOSED, []),
        (listening(EXPOSED, ("udp", "203.0.113.1", 68, "dhclient")), ["udp sport { 67 } udp dport { 68 }"]),
        (listening(EXPOSED, ("udp", "fe80::1%wan", 546, "dhclient")), ["ip6 saddr fe80::/10 udp dport { 546 }"]),
        (
            listening(EXPOSED, ("udp", "::", 4500, "charon")),
            ["udp dport { 500, 4500 }", "meta l4proto { 50, 51 }", "meta ipsec exists"],
        ),
        (listening(EXPOSED, ("udp", "127.0.0.1", 500, "charon")), []),
        (listening(EXPOSED, ("udp", "0.0.0.0", 1701, "xl2tpd")), ["udp dport { 1701 }"]),
        (listening(EXPOSED, ("udp", "0.0.0.0", 1194, "openvpn")), ["udp dport { 1194 }"]),
        (listening(EXPOSED, ("udp", "0.0.0.0", 41641, "tailscaled")), ["udp dport { 41641 }"]),
        (listening(EXPOSED, ("udp", "0.0.0.0", 161, "snmpd")), []),
        (
            listening(EXPOSED, ("udp", "0.0.0.0", 5353, "avahi-daemon")),
            ["fib saddr type local udp dport { 5353 }"],
        ),
        (changed(EXPOSED, wireguard_ports={"wg": "wg0\t51820\nwg1\t443\n"}), ["udp dport { 443, 51820 }"]),
        (
            changed(EXPOSED, xfrm_policy={"ip": "src 10.0.0.0/8 dst 10.1.0.0/16 \n\tdir out priority 1\n"}),
            ["udp dport { 500, 4500 }", "meta l4proto { 50, 51 }", "meta ipsec exists"],
        ),
        (changed(EXPOSED, xfrm_policy={"ip": Output(b"RTNETLINK answers: Operation not supported\n", rc=2)}), []),
    ],
)
def test_flows_the_machine_needs_are_kept_and_no_others(raw, expected):
    assert kept(raw) == expected
    table = judged(raw)[MANAGEMENT].after
    assert all(f"{match} accept" in table for match in expected)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("ip6tnl", ["meta l4proto { 4, 41 }"]), ("gre", ["meta l4proto { 47 }"]), ("sit", ["meta l4proto { 4, 41 }"])],
)
def test_tunnels_that_are_up_are_kept(kind, expected):
    tunnel = {"ifname": "tun9", "flags": ["UP"], "linkinfo": {"info_kind": kind}, "addr_info": []}
    assert kept(with_json(EXPOSED, "links", lambda links: links.append(tunnel))) == expected
    assert kept(with_json(EXPOSED, "links", lambda links: links.append(tunnel | {"flags": []}))) == []


LEARNED = {"dst": "10.9.0.0/16", "dev": "wan", "protocol": "bgp"}


def wireguard_up(raw):
    link = {"ifname": "wg0", "flags": ["UP"], "linkinfo": {"info_kind": "wireguard"}, "addr_info": []}
    return with_json(raw, "links", lambda links: links.append(link))


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (listening(EXPOSED, ("tcp", "0.0.0.0", 1194, "openvpn")), "openvpn"),
        (listening(EXPOSED, ("udp", "0.0.0.0", 5060, "asterisk")), "SIP"),
        (with_json(EXPOSED, "routes4", lambda routes: routes.append(LEARNED)), "bgp"),
        (with_json(EXPOSED, "nft_ruleset", foreign_rule({"notrack": None})), "notrack"),
        (changed(EXPOSED, iptables={"x": "*raw\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n"}), "notrack"),
        (changed(wireguard_up(EXPOSED), wireguard_ports={"wg": Output(error="missing")}), "wireguard-tools"),
    ],
)
def test_what_we_cannot_tell_from_a_stranger_is_never_cut(raw, word):
    for verdict in judged(raw).values():
        assert verdict.status is Status.GAP and not verdict.changes and word in verdict.fix
