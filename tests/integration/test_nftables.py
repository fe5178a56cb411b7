# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 on a real gateway: what our table does to real connections, and that a real nft gives back what we wrote."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nft_json import objects, own_table
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nftables import wanted_table

from tests.integration import gateway_world
from tests.integration.gateway_world import INTENT

pytestmark = pytest.mark.skipif(bool(gateway_world.unavailable()), reason=gateway_world.unavailable())

#: Everything a visitor could reach: the gateway itself, a published port (twice: by rule and by map), a routed panel.
DOORS = {
    "gateway over IPv4": ("203.0.113.1", 22),
    "gateway over IPv6": ("2001:db8:1::1", 22),
    "published by a rule": ("203.0.113.1", 8443),
    "published by a map": ("203.0.113.1", 8444),
    "routed over IPv6": ("2001:db8:10::20", 443),
}


@pytest.fixture
def world():
    with gateway_world.world() as made:
        made.serve("gateway", 22)
        made.serve("panel", 443)
        yield made


def planned(world, intent=INTENT):
    """The first change of the plan: what is done now, before anything is made permanent."""
    raw = world.read()
    init = {key: replace(output, data=b"systemd\n", error="", rc=0) for key, output in raw.all("init").items()}
    state = PLATFORM.parse(replace(raw, outputs={**raw.outputs, "init": init}))
    return state, PLATFORM.plan(state, intent, PLATFORM.judge(state, intent, "A2")).changes


def open_to(world, host):
    return {door for door, (address, port) in DOORS.items() if world.reaches(host, address, port)}


def test_only_the_allowlist_gets_in_and_what_is_established_survives(world):
    assert open_to(world, "stranger") == set(DOORS), "the world is open before, or the test would prove nothing"
    others = world.run("gateway", "nft", "list", "table", "ip", "nat")
    held = [world.connection("stranger", *DOORS[door]) for door in ("gateway over IPv4", "published by a rule")]

    _state, (change, second) = planned(world)
    assert (change.control, second.control) == ("A2.management", "A2.forwarded") and not second.edits
    world.apply(*change.checks, *change.edits)

    assert open_to(world, "stranger") == set()
    assert open_to(world, "office") == set(DOORS)
    for connection in held:
        print("still here", file=connection.stdin, flush=True)
        assert connection.stdout.readline() == "still here\n"
    assert world.run("gateway", "nft", "list", "table", "ip", "nat") == others


def test_inside_and_replies_are_not_limited(world):
    world.serve("stranger", 9000)
    _state, (change, *_rest) = planned(world)
    world.apply(*change.edits)
    assert world.reaches("panel", "192.168.10.1", 22), "from inside to the gateway"
    assert world.reaches("panel", "203.0.113.66", 9000), "from inside out, masqueraded"
    assert world.reaches("panel", "2001:db8:1::66", 9000), "from inside out, routed"
    assert world.reaches("gateway", "203.0.113.66", 9000), "the gateway itself"


def test_read_back_nothing_but_permanence_is_left_to_do(world):
    _state, (change, *_rest) = planned(world)
    world.apply(*change.edits)
    state, left = planned(world)
    assert state["nftables"]["table"] == wanted_table(state["nftables"], INTENT).text
    assert left and all(not each.edits and not each.cuts_access for each in left)
    assert left[0].persist


def test_undo_brings_back_exactly_what_was(world):
    before = world.ruleset()
    state, (change, *_rest) = planned(world)
    world.apply(*change.edits)
    world.undo(*change.edits)
    assert world.ruleset() == before
    assert planned(world)[0]["nftables"] == state["nftables"], "of the machine's servers, others come and go beside us"
    assert open_to(world, "stranger") == set(DOORS)


def test_undo_of_a_new_allowlist_brings_back_the_old_one(world):
    _state, (change, *_rest) = planned(world)
    world.apply(*change.edits)
    before = world.ruleset()
    _state, (other, *_rest) = planned(world, replace(INTENT, allow4=("203.0.113.66/32",)))
    world.apply(*other.edits)
    assert "gateway over IPv4" in open_to(world, "stranger")
    world.undo(*other.edits)
    assert world.ruleset() == before


TAMPERINGS = (
    "add rule inet iot_site_checklist input tcp dport 23 accept",
    "insert rule inet iot_site_checklist forward accept",
    "add element inet iot_site_checklist allow4 { 198.51.100.0/24 }",
    "delete element inet iot_site_checklist allow6 { 2001:db8:2::/56 }",
    "flush chain inet iot_site_checklist forward",
    "add table inet iot_site_checklist { flags dormant; }",
    "add chain inet iot_site_checklist more { type filter hook output priority 0; }",
    "delete table inet iot_site_checklist",
)


def test_whatever_somebody_does_to_our_table_is_a_gap_and_is_put_right(world):
    _state, (change, *_rest) = planned(world)
    world.apply(*change.edits)
    for command in TAMPERINGS:
        world.run("gateway", "nft", *command.split(" "))
        _state, (again, *_rest) = planned(world)
        assert again.edits and again.cuts_access, command
        world.apply(*again.edits)
        assert all(not each.edits for each in planned(world)[1]), command


def test_a_flush_of_all_rules_is_a_gap_again(world):
    _state, (change, *_rest) = planned(world)
    world.apply(*change.edits)
    world.run("gateway", "nft", "flush", "ruleset")
    verdicts = PLATFORM.judge(planned(world)[0], INTENT, "A2")
    assert {j.status for j in verdicts if j.surface == "nftables"} == {Status.GAP}


EVERY_FLOW = [
    ["udp sport { 67 } udp dport { 68 }", "DHCP", False],
    ["ip6 saddr fe80::/10 udp dport { 546 }", "DHCPv6", False],
    ["udp dport { 500, 4500 }", "IKE", False],
    ["meta l4proto { 50, 51 }", "ESP and AH", False],
    ["meta ipsec exists", "out of a tunnel", True],
    ["udp dport { 1701 }", "L2TP", False],
    ["meta l4proto { 4, 41, 47 }", "tunnels", False],
]


@pytest.mark.parametrize("allow4", [(), ("192.0.2.0/25", "192.0.2.128-192.0.2.130", "198.51.100.7-198.51.100.9")])
@pytest.mark.parametrize("inside", [["lo"], ["br-lan", "eth1.10", "lo", "wg0"]])
def test_a_real_nft_shows_every_line_as_we_wrote_it(allow4, inside):
    state = {"hooks": ["input", "forward"], "inside": inside, "flows": EVERY_FLOW}
    wanted = wanted_table(state, replace(INTENT, allow4=allow4))
    script = "nft -f - && nft -s -j list ruleset"
    loaded = subprocess.run(
        ["unshare", "-n", "sh", "-c", script], input=wanted.replacement, capture_output=True, text=True, check=True
    )
    table = own_table(objects(loaded.stdout))
    assert table is not None and table.text == wanted.text
