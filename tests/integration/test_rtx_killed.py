# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller dies, or another one comes: the router returns by itself, and never holds a mixture of two runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.devices.yamaha_rtx import Options
from tests.integration import playbook_run, router_world
from tests.integration.playbook_run import Run
from tests.integration.router_world import OFFICE, Device, Loop, World, until

#: When ``ansible-playbook`` is killed: the router has run such a line and not answered it yet.
MOMENTS = {
    "arming": r"^schedule at \d+ .*sshd host",
    "applying": r"^ip filter 7700001",
    "applied": r"^ip pp secure filter in .* 77",
    "disarming": r"^no schedule at \d+[4]$",
    "disarmed": r"^no ip filter 7700999",
    "saved": r"^save",
}


def heard(device: Device, expression: str) -> bool:
    return any(re.search(expression, line) for line in device.typed)


@dataclass(frozen=True)
class Survived:
    """Each router two minutes after its controller died, and after one more run over all of them."""

    world: World
    running: dict[str, list[str]]
    saved: dict[str, list[str]]
    served: dict[str, bool]
    again: Run

    def device(self, host: str) -> Device:
        return self.world.devices[host]


@pytest.fixture(scope="module")
def survived(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Survived]:
    with router_world.world(tmp_path_factory.mktemp("killed"), loop) as world:
        for host in MOMENTS:
            world.add(host, iot_site_id=host).fault(freeze_after=MOMENTS[host])
        runs = {host: world.start("remediate", "--tags", "A2", "--limit", host) for host in MOMENTS}
        for host, moment in MOMENTS.items():
            device = world.devices[host]
            until(lambda device=device, moment=moment: heard(device, moment), f"{host} hears {moment}")
            playbook_run.kill(runs[host])
        for host, device in world.devices.items():
            until(lambda device=device: not device.router.logins, f"{host} sees that the controller is gone")
            device.fault(freeze_after="")
            device.advance(125)
        devices = world.devices.items()
        running = {host: device.without_leftovers() for host, device in devices}
        saved = {host: device.saved for host, device in devices}
        served = {host: bool(d.greeting(OFFICE) and "第一浄水場" in d.page(OFFICE, "panel")) for host, d in devices}
        yield Survived(world, running, saved, served, world.all_at_once())


@pytest.mark.parametrize("host", MOMENTS)
def test_whenever_the_controller_dies_the_people_get_in_and_what_is_saved_is_whole(
    survived: Survived, host: str
) -> None:
    assert survived.served[host]
    assert not [line for line in survived.saved[host] if "schedule at 6" in line or "7700999" in line]
    assert survived.device(host).router.boots == 1, "it returned without a restart"


@pytest.mark.parametrize("host", ["arming", "applying", "applied"])
def test_a_controller_that_dies_before_the_proof_leaves_a_router_that_returns_by_itself(
    survived: Survived, host: str
) -> None:
    assert survived.running[host] == survived.saved[host], "as it was before"


@pytest.mark.parametrize("host", ["arming", "applying", "applied"])
def test_the_next_run_works_and_removes_what_the_dead_one_left(survived: Survived, host: str) -> None:
    verdicts = survived.world.verdicts(host, host)
    assert (verdicts["A2.forwarded filters"], verdicts["A2.management management"]) == ("fixed", "fixed")
    device = survived.device(host)
    assert device.running == device.saved
    assert not [line for line in device.running if "schedule at 6" in line or "7700999" in line]
    assert [line for line in device.running if line.startswith("console")] == ["console prompt daiichi-josuijo"]


@pytest.mark.parametrize("host", ["disarming", "disarmed"])
def test_what_was_applied_but_never_saved_is_no_pass(survived: Survived, host: str) -> None:
    """A restart would open the router again; and whose unsaved work it is, we cannot know."""
    finding = survived.world.finding(host, "A2.forwarded", host)
    assert finding["status"] == "gap", finding["why"]
    assert "running and saved configuration differ" in finding["fix"]


def test_what_was_saved_before_the_controller_died_is_a_pass(survived: Survived) -> None:
    verdicts = survived.world.verdicts("saved", "saved")
    assert (verdicts["A2.forwarded filters"], verdicts["A2.management management"]) == ("pass", "pass")


# --- another run, the guard itself ---------------------------------------------------------------------------


def test_of_two_runs_at_once_one_is_refused_and_the_router_is_never_mixed(world: World, tmp_path: Path) -> None:
    """The second comes from another controller: its lock files and its memory are its own."""
    world.site["iot_site_guard_seconds"] = 600  # the first waits for the second
    device = world.add("k7-rtx", options=Options(boot_seconds=0.05, answer_delay=0.05))
    first = world.start("remediate", "--tags", "A2")
    until(lambda: heard(device, "^ip filter 7700999"), "the first run has armed its guard")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(tmp_path / "hosts.json", elsewhere)
    shutil.copytree(tmp_path / "home" / ".ssh", elsewhere / "home" / ".ssh")
    with playbook_run.halted(first):
        second = playbook_run.play(elsewhere, "-i", "hosts.json", "iot_site.checklist.remediate", "--tags", "A2")
    printed, _errors = first.communicate(timeout=playbook_run.SECONDS)
    refused = {one["control"]: one for one in playbook_run.findings(elsewhere, "k7")}["A2.forwarded"]
    assert (second.code, refused["status"]) == (2, "gap"), refused["why"]
    assert "another administrator is logged in (noc-a" in refused["fix"]
    assert world.verdicts("k7-rtx")["A2.forwarded filters"] == "fixed", printed
    assert device.running == device.saved
    sessions = {entry["session"] for entry in device.router.journal if "secure filter in" in entry["line"]}
    assert len(sessions) == 1, "one run alone has changed anything"


def test_a_guard_that_fires_before_we_confirm_is_failed_whatever_the_re_read_says(world: World) -> None:
    device = world.add("k7-rtx", options=Options(boot_seconds=0.05, answer_delay=0.05))
    before = device.hash
    run = world.start("remediate", "--tags", "A2")
    until(lambda: device.router.connections == 2, "the proof has begun")
    device.advance(125)
    printed, _errors = run.communicate(timeout=playbook_run.SECONDS)
    finding = world.finding("k7-rtx", "A2.forwarded")
    assert finding["status"] == "failed", printed
    assert "rolled back; the device is as it was" in finding["why"]
    assert device.hash == before
