# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs on logins: over the very dropbear that they change, with a key and with a password, and on inetd."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import lab_world, login_world, playbook_run
from tests.integration.lab_world import World
from tests.integration.login_world import DROPBEAR_PORT, Device, start_dropbear, start_telnet
from tests.integration.playbook_run import Run

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

CONTROLLER = "192.168.127.1/32"
_NOT_KNOWN = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    with login_world.device() as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, device: Device) -> Iterator[World]:
    with lab_world.world(tmp_path, device._lab) as made:
        made.site["iot_site_management_sources"] = [CONTROLLER]
        made.site["iot_site_guard_seconds"] = 300  # nothing here waits for it, however slow the machine
        made.hosts["device"] |= {"ansible_port": DROPBEAR_PORT, "ansible_ssh_common_args": _NOT_KNOWN}
        yield made


def closed(world: World, surface: str = "dropbear") -> tuple[Run, dict[str, str]]:
    """A run of A1, and what it finds of one surface. ssh's own asking for a password knows only Ansible's launcher."""
    run = world.play("remediate", "--tags", "A1", "--limit", "device", ANSIBLE_SSH_PASSWORD_MECHANISM="sshpass")
    found = playbook_run.findings(world.folder, world.site["iot_site_id"])
    return run, {one["control"]: one["status"] for one in found if one["surface"] == surface}


def test_over_its_own_session_with_a_key(device: Device, world: World) -> None:
    start_dropbear(device, "exposed")
    run, found = closed(world)
    assert found["A1.ssh"] == "fixed", run.output
    assert 'DROPBEAR_EXTRA_ARGS="-b /etc/dropbear/banner -g"' in device.sh("cat /etc/default/dropbear")
    run, found = closed(world)
    assert found["A1.ssh"] == "pass", run.output


@pytest.mark.skipif(not shutil.which("sshpass"), reason="needs sshpass on the controller")
def test_who_comes_in_with_the_password_that_it_forbids_keeps_it(device: Device, world: World) -> None:
    start_dropbear(device, "exposed")
    device.sh("echo root:planted-secret | chpasswd")
    world.hosts["device"] |= {
        "ansible_user": "root", "ansible_password": "planted-secret", "ansible_become": False,
        "ansible_ssh_extra_args": "-o PubkeyAuthentication=no",
    }  # fmt: skip
    before = device.sh("cat /etc/default/dropbear")
    run, found = closed(world)
    assert found["A1.ssh"] == "failed", run.output
    assert "planted-secret" not in run.output
    assert device.sh("cat /etc/default/dropbear") == before and not device.guarded
    run, found = closed(world)
    assert found["A1.ssh"] == "failed", "root still comes in, and it is tried and taken back again"


@pytest.mark.parametrize("case", ["exposed", "socket"])
def test_telnet_is_closed_by_one_run(device: Device, world: World, case: str) -> None:
    start_telnet(device, case)
    for name in ("ansible_port", "ansible_ssh_common_args"):
        del world.hosts["device"][name]
    run, found = closed(world, "telnet")
    assert found == {"A1.telnet": "fixed"}, run.output
    assert not device.listens(23)
    run, found = closed(world, "telnet")
    assert found == {"A1.telnet": "pass"} and "changes 0" in run.output
