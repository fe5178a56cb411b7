# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 beside ufw and firewalld, on captures of real hosts (ufw/README.md): before our change, after it, spoilt."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    FileEdit,
    Intent,
    RunEdit,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.firewalld import Firewalld
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nftables import Nftables
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.ufw import Ufw

from tests.unit.plugins.plugin_utils.captures import changed, load

HERE = Path(__file__).parent
UFW, FIREWALLD = (
    {name: load(HERE / manager / f"{name}.json") for name in ("exposed", "compliant")}
    for manager in ("ufw", "firewalld")
)
SURFACES = {"ufw": Ufw(), "firewalld": Firewalld(), "nftables": Nftables()}
CAPTURES = {"ufw": UFW, "firewalld": FIREWALLD}
BOTH = pytest.mark.parametrize("name", ["ufw", "firewalld"])

#: As tests/integration/firewall_world.py recorded them.
INTENT = Intent(
    site="k7",
    host="k7-gw",
    allow4=("192.168.141.1/32", "192.168.141.8-192.168.141.12"),
    allow6=("fd00:db8:141::1/128", "fd00:db8:141::10/128"),
)


def judged(raw, name, intent=INTENT):
    surface = SURFACES[name]
    state = json.loads(json.dumps(surface.parse(raw)))
    return {one.control.partition(".")[2]: one for one in surface.judge(state, intent)}


def edited(raw, read, old, new):
    """The same machine, where one answer reads otherwise."""
    answers = {key: output.text for key, output in raw.all(read).items()}
    assert any(old in text for text in answers.values()), f"{old} is not in {read}"
    return changed(raw, **{read: {key: text.replace(old, new) for key, text in answers.items()}})


@BOTH
def test_one_surface_speaks_and_the_others_say_where(name):
    for other in set(SURFACES) - {name}:
        with pytest.raises(Absent) as said:
            SURFACES[other].parse(CAPTURES[name]["exposed"])
        assert other in str(said.value) or name in str(said.value)


@BOTH
def test_exposed_is_a_gap_closed_by_the_manager_s_means(name):
    verdicts = judged(CAPTURES[name]["exposed"], name)
    assert {one.status for one in verdicts.values()} == {Status.GAP}
    (change,) = verdicts["management"].changes
    assert change.cuts_access and change.checks
    assert not any(isinstance(edit, RunEdit) and edit.argv[0] == "nft" for edit in change.edits)
    (forward,) = verdicts["forwarded"].changes
    assert "chain forward" in forward.after and "chain input" not in forward.after


@BOTH
def test_compliant_is_a_pass_with_nothing_to_do(name):
    verdicts = judged(CAPTURES[name]["compliant"], name)
    assert {one.status for one in verdicts.values()} == {Status.PASS}
    assert verdicts["forwarded"].evidence["covers"] == [{"port": 8080, "protocol": "tcp", "to": "192.168.142.20:80"}]


@BOTH
@pytest.mark.parametrize(
    "intent",
    [
        replace(INTENT, allow4=("192.168.141.1/32",)),
        replace(INTENT, allow4=(*INTENT.allow4, "192.0.2.0/24")),
        replace(INTENT, allow6=()),
    ],
)
def test_another_allowlist_is_a_gap(name, intent):
    for verdict in judged(CAPTURES[name]["compliant"], name, intent).values():
        assert verdict.status is Status.GAP and verdict.changes[0].edits


@BOTH
def test_nobody_declared_is_left_to_a_person(name):
    for verdict in judged(CAPTURES[name]["exposed"], name, replace(INTENT, allow4=(), allow6=())).values():
        assert verdict.status is Status.MANUAL and not verdict.changes


@BOTH
def test_two_managers_are_unknown(name):
    rival = "nftables.service\nUnitFileState="
    raw = edited(CAPTURES[name]["compliant"], "filter_units", f"{rival}disabled", f"{rival}enabled")
    for verdict in judged(raw, "nftables").values():
        assert verdict.status is Status.UNKNOWN and "two managers" in verdict.why and name in verdict.fix
    with pytest.raises(Absent, match="not alone"):
        SURFACES[name].parse(raw)


@BOTH
@pytest.mark.parametrize("read", ["nft_ruleset", "iptables", "ip6tables", "links", "routes4", "listeners"])
def test_what_cannot_be_read_is_unreadable(name, read):
    with pytest.raises(Unreadable):
        SURFACES[name].parse(changed(CAPTURES[name]["compliant"], **{read: {"it": Output(b"no\n", rc=1)}}))


@BOTH
def test_what_we_cannot_tell_from_a_stranger_is_never_cut(name):
    socket = {"protocol": "tcp", "address": "0.0.0.0", "port": 1194, "program": "openvpn"}
    raw = changed(CAPTURES[name]["exposed"], listeners={"@listeners": json.dumps([socket])})
    for verdict in judged(raw, name).values():
        assert verdict.status is Status.GAP and not verdict.changes and "openvpn" in verdict.fix


# --- ufw ----------------------------------------------------------------------------------------------------------


def test_ufw_s_files_follow_only_after_the_confirmation():
    (change,) = judged(UFW["exposed"], "ufw")["management"].changes
    assert [edit.argv[0] for edit in change.edits] == ["iptables-restore", "ip6tables-restore"]
    assert all("--noflush" in edit.argv and edit.undo == edit.argv for edit in change.edits)
    assert [edit.path for edit in change.persist] == ["/etc/ufw/before.rules", "/etc/ufw/before6.rules"]
    for edit in change.persist:
        original = next(iter(UFW["exposed"].files(f"ufw_before{'6' if '6' in edit.path else ''}").values()))
        assert set(original.splitlines()) <= set(edit.content.splitlines()), "the owner's lines stay"


TO_OURS = "-A ufw-before-input -j iot-site-input"


@pytest.mark.parametrize(
    ("read", "old", "new"),
    [
        ("iptables", TO_OURS, f"-A ufw-before-input -i wan0 -j ACCEPT\n{TO_OURS}"),
        ("iptables", "-A iot-site-input -j DROP", "-A iot-site-input -j LOG"),
        ("ip6tables", "-A iot-site-input -s fd00:db8:141::10/128", "-A iot-site-input -s fd00:db8:141::/64"),
        ("ip6tables", "-A ufw6-before-input -j iot-site-input\n", ""),
        ("iptables", "-A iot-site-input -i lan0 -j RETURN", "-A iot-site-input -i wan0 -j RETURN"),
    ],
)  # fmt: skip
def test_a_hole_in_what_is_loaded_is_a_gap_whatever_the_files_say(read, old, new):
    verdict = judged(edited(UFW["compliant"], read, old, new), "ufw")["management"]
    assert verdict.status is Status.GAP and verdict.changes[0].edits


@pytest.mark.parametrize("read", ["ufw_before", "ufw_before6"])
def test_a_limit_that_a_reload_would_lose_is_a_gap_and_only_made_permanent(read):
    verdict = judged(edited(UFW["compliant"], read, "-A iot-site-input -j DROP\n", ""), "ufw")["management"]
    assert verdict.status is Status.GAP and "reload" in verdict.why
    (change,) = verdict.changes
    assert not change.edits and not change.cuts_access and all(isinstance(edit, FileEdit) for edit in change.persist)


@pytest.mark.parametrize(
    ("read", "old", "new", "word"),
    [
        ("ufw_defaults", "IPV6=yes", "IPV6=no", "IPv6"),
        ("filter_units", "ufw.service\nUnitFileState=enabled", "ufw.service\nUnitFileState=disabled", "boot"),
        ("iptables", "-A INPUT -j ufw-before-logging-input", "-A INPUT -p tcp -j ACCEPT", "-p tcp -j ACCEPT"),
        ("ufw_before", ":ufw-before-input - [0:0]", "", "before.rules"),
    ],
)
@pytest.mark.parametrize("capture", ["exposed", "compliant"])
def test_where_ufw_cannot_limit_our_own_table_does(read, old, new, word, capture):
    verdict = judged(edited(UFW[capture], read, old, new), "ufw")["management"]
    assert verdict.status is Status.GAP and word in str(verdict.evidence["by_our_table_because"])
    assert "chain input" in verdict.changes[0].after


# --- firewalld ------------------------------------------------------------------------------------------------------


def test_firewalld_s_files_change_under_guard_and_are_checked_before_it_reloads():
    (change,) = judged(FIREWALLD["exposed"], "firewalld")["management"].changes
    assert [edit.path.rpartition("/")[2] for edit in change.edits] == [
        "iot-site-allow4.xml", "iot-site-allow6.xml", "public.xml",
    ]  # fmt: skip
    assert change.checks == (RunEdit(("firewall-cmd", "--check-config")),)
    assert change.activate == (RunEdit(("firewall-cmd", "--reload")),)
    original = FIREWALLD["exposed"].files("firewalld_zones")["/etc/firewalld/zones/public.xml"]
    assert set(original.splitlines()) <= set(change.edits[2].content.splitlines()), "the owner's lines stay"


def with_rules(raw, change):
    """The same machine, where the kernel has other rules."""
    ((key, output),) = raw.all("nft_ruleset").items()
    listed = json.loads(output.text)
    change(listed["nftables"])
    return changed(raw, nft_ruleset={key: json.dumps(listed)})


def rule(chain, *expr):
    return {"rule": {"family": "inet", "table": "firewalld", "chain": chain, "expr": list(expr)}}


def first_in(chain, *expr):
    return lambda listed: listed.insert(1, rule(chain, *expr))


def without_drops(listed):
    listed[:] = [one for one in listed if "@iot-site-allow" not in json.dumps(one.get("rule", ""))]


def wider_set(listed):
    (held,) = [one["set"] for one in listed if one.get("set", {}).get("name") == "iot-site-allow4"]
    held["elem"].append({"prefix": {"addr": "203.0.113.0", "len": 24}})


@pytest.mark.parametrize(
    "hole",
    [without_drops, wider_set, first_in("filter_IN_public_pre", {"accept": None})],
    ids=["rules", "set", "order"],
)
def test_a_hole_in_the_kernel_is_a_gap_whatever_the_files_say(hole):
    verdict = judged(with_rules(FIREWALLD["compliant"], hole), "firewalld")["management"]
    assert verdict.status is Status.GAP and verdict.changes


@pytest.mark.parametrize(
    ("read", "old", "new"),
    [
        ("firewalld_zones", 'ipset="iot-site-allow4" invert="True"', 'ipset="iot-site-allow4"'),
        ("firewalld_zones", '<rule family="ipv6" priority="-32740">', '<!-- <rule family="ipv6" priority="-32740">'),
        ("firewalld_ipsets", "<entry>192.168.141.12/32</entry>", "<entry>0.0.0.0/1</entry>"),
    ],
)
def test_files_that_say_otherwise_are_a_gap(read, old, new):
    if new.startswith("<!--"):
        old, new = f'{old}<source ipset="iot-site-allow6" invert="True"/><drop/></rule>', "<!-- gone -->"
    verdict = judged(edited(FIREWALLD["compliant"], read, old, new), "firewalld")["management"]
    assert verdict.status is Status.GAP and "reload would lose it" in verdict.why


def test_files_as_firewalld_itself_writes_them_pass():
    spread = ('priority="-32760"><protocol', 'priority="-32760">\n    <protocol')
    raw = edited(FIREWALLD["compliant"], "firewalld_zones", *spread)
    raw = edited(
        raw, "firewalld_zones", '<rule family="ipv4" priority="-32740">', '<rule priority="-32740" family="ipv4">'
    )
    assert judged(raw, "firewalld")["management"].status is Status.PASS


MATCH_TCP = {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "tcp"}}
FROM_SOMEWHERE = {
    "match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "203.0.113.9"}
}


@pytest.mark.parametrize(
    ("oddity", "word"),
    [
        (first_in("filter_INPUT", MATCH_TCP, {"accept": None}), "before the zones"),
        (first_in("filter_INPUT_ZONES", FROM_SOMEWHERE, {"goto": {"target": "filter_IN_trusted"}}), "by more than"),
        (first_in("filter_INPUT_POLICIES_pre", {"jump": {"target": "filter_IN_policy_mine"}}), "policy comes before"),
        (first_in("filter_IN_policy_allow-host-ipv6_allow", {"accept": None}), "more than neighbours"),
        (first_in("nat_PRE_public_allow", MATCH_TCP, {"redirect": {"port": 80}}), "redirected"),
    ],
)
@pytest.mark.parametrize("capture", ["exposed", "compliant"])
def test_where_zones_are_not_enough_our_own_table_limits(oddity, word, capture):
    verdict = judged(with_rules(FIREWALLD[capture], oddity), "firewalld")["management"]
    assert verdict.status is Status.GAP and word in str(verdict.evidence["by_our_table_because"])
    assert "chain input" in verdict.changes[0].after and not verdict.changes[0].activate


def test_rules_of_iptables_are_spared_a_reload():
    saved = "*nat\n-A PREROUTING -p tcp -m tcp --dport 8090 -j DNAT --to-destination 10.88.0.3:80\nCOMMIT\n"
    raw = changed(FIREWALLD["exposed"], iptables={"iptables-save": saved})
    verdict = judged(raw, "firewalld")["management"]
    assert "sweep away 1 rules" in verdict.why and not verdict.changes[0].activate


def test_inside_and_outside_in_one_zone_is_for_our_table():
    lan = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lan0"}}

    def forget(listed):
        listed[:] = [one for one in listed if lan not in one.get("rule", {}).get("expr", [])]

    verdict = judged(with_rules(FIREWALLD["exposed"], forget), "firewalld")["management"]
    assert "same zone" in verdict.why


@pytest.mark.parametrize(
    ("read", "old", "new", "word"),
    [
        ("firewalld_zones", "<zone>", '<zone target="DROP">', "target"),
        ("firewalld_zones", "</zone>", "", "public"),
        (
            "filter_units",
            "firewalld.service\nUnitFileState=enabled",
            "firewalld.service\nUnitFileState=disabled",
            "boot",
        ),
    ],
)
def test_a_zone_that_our_rules_would_widen_is_left_alone(read, old, new, word):
    verdict = judged(edited(FIREWALLD["exposed"], read, old, new), "firewalld")["management"]
    assert word in str(verdict.evidence["by_our_table_because"]) and not verdict.changes[0].activate


def test_what_firewalld_runs_with_and_has_not_saved_is_not_lost():
    raw = edited(FIREWALLD["exposed"], "firewalld_running", "services: dhcpv6-client http ssh", "services: ssh telnet")
    verdict = judged(raw, "firewalld")["management"]
    assert verdict.status is Status.GAP and not verdict.changes and "--runtime-to-permanent" in verdict.fix


def test_ipsec_cannot_be_told_by_a_rich_rule():
    policy = "src 10.0.0.0/8 dst 10.1.0.0/16 \n\tdir in priority 1\n"
    verdict = judged(changed(FIREWALLD["exposed"], xfrm_policy={"ip": policy}), "firewalld")["management"]
    assert "ipsec" in str(verdict.evidence["by_our_table_because"])
    assert judged(changed(UFW["exposed"], xfrm_policy={"ip": policy}), "ufw")["management"].changes[0].persist
