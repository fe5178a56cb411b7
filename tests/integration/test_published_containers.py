# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports that a real podman publishes: found, named as covered, closed to a stranger at the forward hook."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM

from tests.integration import container_world
from tests.integration.container_world import PORT
from tests.integration.gateway_world import INTENT
from tests.integration.router_world import until

pytestmark = pytest.mark.skipif(bool(container_world.unavailable()), reason=container_world.unavailable())

DOOR = ("203.0.113.1", PORT)


@pytest.fixture(scope="module")
def world():
    with container_world.published() as made:
        until(lambda: answers(made, "stranger"), "the container serves a stranger")
        yield made


def answers(world, host):
    """A web server says nothing before it is asked, so an open connection is the answer."""
    attempt = f"import socket; socket.create_connection({DOOR}, 1).close()"
    return not world.run(host, "sh", "-c", f'python3 -c "{attempt}" 2>&1 || true')


def judged(world):
    raw = world.read()
    init = {key: replace(output, data=b"systemd\n", error="", rc=0) for key, output in raw.all("init").items()}
    state = PLATFORM.parse(replace(raw, outputs={**raw.outputs, "init": init}))
    found = PLATFORM.judge(state, INTENT, "A2")
    return {one.control: one for one in found if one.surface == "nftables"}, PLATFORM.plan(state, INTENT, found)


def test_what_is_published_is_judged_on_the_forward_path(world):
    forwarded = judged(world)[0]["A2.forwarded"]
    assert forwarded.status is Status.GAP and not forwarded.evidence["not_understood"]
    (cover,) = [one for one in forwarded.evidence["covers"] if one["port"] == PORT]
    assert cover["protocol"] == "tcp" and cover["to"].endswith(":80")


def test_the_input_of_the_host_does_not_see_it(world):
    """Where only the input is limited, as ufw and firewalld do it, the published port stays open."""
    refuse = "table inet only_input { chain input { type filter hook input priority 0; policy drop; }\n}\n"
    world.run("gateway", "nft", "-f", "-", stdin=refuse)
    try:
        assert answers(world, "stranger") and not world.reaches("stranger", "203.0.113.1", 22)
    finally:
        world.run("gateway", "nft", "delete", "table", "inet", "only_input")


def test_our_table_closes_it_to_a_stranger_and_leaves_podman_s_rules_alone(world):
    def others():
        return world.run("gateway", "sh", "-c", "iptables-save | sed 's/^#.*//; s/\\[.*//'")

    before, (_verdicts, plan) = others(), judged(world)
    change = plan.changes[0]
    world.apply(*change.checks, *change.edits)
    try:
        assert not answers(world, "stranger")
        assert answers(world, "office")
        assert others() == before
    finally:
        world.undo(*change.edits)
    assert answers(world, "stranger")
