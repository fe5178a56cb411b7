# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our table comes back after a reboot, and whatever nftables.service does: on a real systemd, in a container."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import FileEdit, Intent, RunEdit
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nft_json import objects, own_table

from tests.integration import lab_world
from tests.lab import image
from tests.unit.plugins.plugin_utils.captures import load

ROOT = Path(__file__).parents[2]
EXPOSED = ROOT / "tests/unit/plugins/plugin_utils/platforms/linux/exposed/capture.json"
ENVIRONMENT = {**os.environ, "CONTAINERS_CONF": str(ROOT / "tests/lab/containers.conf")}


def podman(*argv, stdin="", check=True):
    return subprocess.run(["podman", *argv], input=stdin, text=True, capture_output=True, env=ENVIRONMENT, check=check)


pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())


class Host:
    """A machine with systemd and no network: only its own packet filter matters here."""

    def __init__(self, name):
        self.name = name

    def run(self, *argv, stdin=""):
        return podman("exec", "-i", self.name, *argv, stdin=stdin).stdout

    def booted(self):
        """Waits until systemd has started what belongs to booting."""
        end = time.monotonic() + 60
        states = ("running", "degraded")
        while podman("exec", self.name, "systemctl", "is-system-running", check=False).stdout.strip() not in states:
            assert time.monotonic() < end, "systemd does not come up"

    def reboot(self):
        podman("restart", "-t", "5", self.name)
        self.booted()

    def make(self, edit):
        if isinstance(edit, RunEdit):
            self.run(*edit.argv, stdin=edit.stdin)
            return
        assert isinstance(edit, FileEdit)
        path = shlex.quote(edit.path)
        self.run("sh", "-c", f"mkdir -p $(dirname {path}) && cat > {path}", stdin=edit.content)

    def table(self):
        found = own_table(objects(self.run("nft", "-s", "-j", "list", "ruleset")))
        return found.text if found else ""


@pytest.fixture(scope="module")
def change():
    state = PLATFORM.parse(load(EXPOSED))
    intent = Intent(site="k7", host="k7-gw", allow4=("203.0.113.8-203.0.113.12",))
    return PLATFORM.plan(state, intent, PLATFORM.judge(state, intent, "A2")).changes[0]


@pytest.fixture(scope="module")
def host(change):
    name = f"iot-nftables-boot-{os.getpid()}"
    options = ["--systemd=always", "--cap-add", "NET_ADMIN", "--network", "none"]
    podman("run", "-d", "--name", name, *options, image.build(), "/sbin/init")
    try:
        made = Host(name)
        made.booted()
        for edit in (*change.edits, *change.persist):
            made.make(edit)
        yield made
    finally:
        podman("rm", "-f", "-t", "0", name, check=False)


@pytest.mark.parametrize("word", ["start", "restart", "reload", "enable --now"])
def test_whenever_nftables_service_flushes_it_loads_ours_again(host, change, word):
    host.run("systemctl", *word.split(" "), "nftables")
    assert "table inet filter" in host.run("nft", "list", "tables"), "the service has loaded its own rules"
    assert host.table() == change.after


@pytest.mark.parametrize("word", ["enable", "disable"])
def test_a_reboot_brings_it_back_with_and_without_nftables_service(host, change, word):
    host.run("systemctl", word, "nftables")
    host.reboot()
    assert host.table() == change.after
    assert not json.loads(host.run("systemctl", "--failed", "--output=json"))
