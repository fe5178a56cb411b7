# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers in real runs on emulated routers: what is accepted stays, what is planned is closed, what ended is a gap."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration import playbook_run, router_world
from tests.integration.playbook_run import Run
from tests.integration.router_world import Loop, World

WAIVERS = [
    {"hosts": "k7-*", "control": "A2.management", "owner": "owner", "reason": "moves in May", "until": "2099-12-31"},
    {"hosts": "k7-rtx", "control": "B1", "decision": "planned", "owner": "noc", "reason": "next visit",
     "until": "2099-12-31"},
    {"hosts": "k7-rtx", "control": "A2.forwarded", "owner": "noc", "reason": "a week", "until": "2020-01-31"},
]  # fmt: skip


@dataclass(frozen=True)
class Story:
    """An audit and a remediation of the same router."""

    world: World
    audit: Run
    audited: list[dict[str, Any]]
    listed: list[dict[str, Any]]
    verdicts: dict[str, str]
    remediated: dict[str, str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Story]:
    with router_world.world(tmp_path_factory.mktemp("site"), loop) as world:
        world.site["iot_site_waivers"] = WAIVERS
        world.add("k7-rtx")
        audit = world.play("audit", "--diff")
        audited, verdicts = world.findings(), world.verdicts("k7-rtx")
        listed = json.loads(playbook_run.report(world.folder, "k7"))["waivers"]
        world.play("remediate")
        yield Story(world, audit, audited, listed, verdicts, world.verdicts("k7-rtx"))


def test_an_audit_says_what_is_accepted_planned_and_no_longer_either(story: Story) -> None:
    assert story.verdicts["A2.management management"] == "waived", story.audit.output
    assert story.verdicts["B1.ssh_version names"] == story.verdicts["B1.snmp_names names"] == "planned"
    assert story.verdicts["A2.forwarded filters"] == "gap"
    why = {f"{finding['control']} {finding['surface']}": finding["why"] for finding in story.audited}
    assert "accepted by owner until 2099-12-31: moves in May" in why["A2.management management"]
    assert "waiver of noc expired on 2020-01-31" in why["A2.forwarded filters"]


def test_what_is_accepted_is_no_part_of_the_plan(story: Story) -> None:
    assert "+ip filter" in story.audit.stdout, "the gap beside it is"
    assert "+sshd hide openssh version on" in story.audit.stdout, "and so is what is planned"
    assert "+sshd host" not in story.audit.stdout


def test_the_report_lists_every_waiver_with_its_owner_and_day(story: Story) -> None:
    assert [(waiver["owner"], waiver["until"], bool(waiver["lapse"])) for waiver in story.listed] == [
        ("noc", "2020-01-31", True), ("owner", "2099-12-31", False), ("noc", "2099-12-31", False),
    ]  # fmt: skip
    assert "受容・対策予定 WAIVERS 3" in story.audit.stdout


def test_a_real_run_closes_what_is_planned_and_what_ended_and_leaves_what_is_accepted(story: Story) -> None:
    assert story.remediated["B1.ssh_version names"] == story.remediated["A2.forwarded filters"] == "fixed"
    assert story.remediated["A2.management management"] == "waived"
    assert "sshd host any" in story.world.devices["k7-rtx"].running, "accepted means left as it is"


def test_what_is_accepted_is_still_more_than_was_declared(story: Story) -> None:
    """P2 speaks of what is open; a waiver of A2 does not make a device meant to be reachable."""
    assert story.remediated["P2.exposure declared"] == "gap"
