# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2 on an emulated Yamaha router: who has a login, and that an operator may not become administrator any more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.devices.yamaha_rtx import Personality
from tests.integration import playbook_run
from tests.integration.playbook_run import Run
from tests.integration.router_world import Device, Loop, World, until
from tests.integration.test_rtx_killed import heard
from tests.unit.devices.console_client import terminal

pytestmark = pytest.mark.skipif(
    not (Path(__file__).parents[2] / "plugins/action/personal_accounts.py").exists(), reason="nothing runs C2 yet"
)

PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - name: C2 | Every person has an account of their own
      iot_site.checklist.personal_accounts:
- hosts: all
  gather_facts: false
  roles: [iot_site.checklist.report]
"""
#: Of the people noc-a has an account that fits, user-b one with too many rights, user-c none. The vendor is nobody.
SAVED = Personality.load("rtx830_pppoe").config + (
    "login user user-b user-b-pass\nuser attribute user-b connection=ssh login-timer=600\n"
)
LOWERED = "user attribute user-b connection=ssh login-timer=600 administrator=off"
RESTART = r"^schedule at \d+ \+120 \* restart"


def may_rise(device: Device, user: str, password: str) -> bool:
    """Whether this user, logged in anew, becomes administrator with the right password."""

    async def tried() -> bool:
        async with terminal(device.server, "127.0.0.1", user, password) as console:
            await console.plain()
            if "Password" in (await console.raw("administrator")).decode():
                await console.raw("rtx830-admin")
            return "Administrator use only" not in await console.type("ip filter 1 reject * *")

    return asyncio.run(asyncio.wait_for(tried(), 20))


def make(folder: Path, loop: Loop, host: str) -> World:
    made = World(folder, loop)
    made.site["iot_site_people"].append({"name": "user-c", "sources": ["203.0.113.30/32"]})
    made.add(host, saved=SAVED)
    (folder / "c2.yml").write_text(PLAY)
    (folder / "vault secret").write_text("pB7wq2kz")
    return made


def vaulted(folder: Path) -> dict[str, str]:
    return {"ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "vault secret")}


@dataclass(frozen=True)
class Story:
    world: World
    device: Device
    could_rise: bool
    first: str
    audited: Run
    found: dict[str, Any]
    after_audit: str
    remediated: Run
    fixed: dict[str, Any]
    edits: list[str]
    again: Run
    later: list[str]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Story]:
    world = make(tmp_path_factory.mktemp("logins"), loop, "k7-rtx")
    try:
        yield told(world)
    finally:
        world.close()


def told(world: World) -> Story:
    def findings() -> dict[str, Any]:
        return {one["control"]: one for one in world.findings() if one["item"] == "C2"}

    device = world.devices["k7-rtx"]
    could_rise = may_rise(device, "user-b", "user-b-pass")
    device.somebody_types("no ip filter 1", *(f"no console {name}" for name in ("character", "columns", "lines")))
    first, audited, found, after_audit = device.hash, world.play("c2.yml", "--check"), findings(), device.hash
    before = len(device.edits())
    vault = vaulted(world.folder)
    remediated, fixed = world.play("c2.yml", "--diff", **vault), findings()
    edits = device.edits()[before:]
    again = world.play("c2.yml", **vault)
    later = device.edits()[before + len(edits) :]
    return Story(world, device, could_rise, first, audited, found, after_audit, remediated, fixed, edits, again, later)


def test_the_audit_names_what_is_missing_left_over_shared_and_too_much_and_changes_nothing(story: Story) -> None:
    expected = dict.fromkeys(story.found, "gap") | {"C2.reused": "unknown"}
    assert {control: one["status"] for control, one in story.found.items()} == expected
    why = {control: one["why"] for control, one in story.found.items()}
    assert why["C2.person_account"].startswith("user-c has no account here")
    assert why["C2.leftover_account"] == "vendor belongs to nobody on the list"
    assert "without a name" in why["C2.shared_account"]
    assert why["C2.rights"].startswith("user-b may become administrator")
    assert "vendor is hidden" in why["C2.reused"]
    assert story.first == story.after_audit


def test_an_operator_is_lowered_under_guard_and_it_is_saved(story: Story) -> None:
    assert story.could_rise, "or the test would prove nothing"
    assert story.fixed["C2.rights"]["status"] == "fixed", story.fixed["C2.rights"]
    assert story.fixed["C2.person_account"]["status"] == "fixed", "test_rtx_passwords.py tells more of it"
    assert {story.fixed[one]["status"] for one in ("C2.leftover_account", "C2.shared_account")} == {"gap"}
    armed, changed = (
        next(n for n, line in enumerate(story.edits) if re.match(one, line)) for one in (RESTART, LOWERED)
    )
    assert armed < changed, "the way back was there first"
    assert LOWERED in story.device.saved
    assert not [line for line in story.device.saved if "schedule at 6" in line or "7700999" in line]
    assert f"+{LOWERED}" in story.remediated.stdout


def test_the_router_refuses_it_and_nobody_else_has_lost_anything(story: Story) -> None:
    assert not may_rise(story.device, "user-b", "user-b-pass")
    assert may_rise(story.device, "noc-a", "noc-a-pass")
    assert story.device.router.boots == 1, "no restart was needed"


def test_a_second_run_changes_nothing(story: Story) -> None:
    assert "changed=0" in story.again.stdout and story.later == []


def test_a_controller_that_dies_leaves_a_router_that_restarts_as_it_was(tmp_path: Path, loop: Loop) -> None:
    world = make(tmp_path, loop, "k7-rtx")
    try:
        device = world.devices["k7-rtx"]
        device.fault(freeze_after=r"^user attribute user-b")
        first = device.running
        run = world.start("c2.yml", **vaulted(tmp_path))
        until(lambda: heard(device, "^user attribute user-b"), "the line has arrived")
        playbook_run.kill(run)
        until(lambda: not device.router.logins, "the router sees that the controller is gone")
        device.fault(freeze_after="")
        assert LOWERED in device.running
        device.advance(125)
        until(lambda: device.router.boots == 2 and device.router.up, "the router has restarted")
        assert device.running == device.saved == first
        assert may_rise(device, "user-b", "user-b-pass")
    finally:
        world.close()
