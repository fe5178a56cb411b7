# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real podman that publishes a port of a container on the gateway of gateway_world: netavark's own rules, no copy.

``python -m tests.integration.container_world DIRECTORY`` records those rules for the unit tests of nat.py.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration import gateway_world
from tests.integration.gateway_world import World
from tests.integration.router_world import until
from tests.lab import image
from tests.lab.programs import ENVIRONMENT

PORT = 8090  # of the gateway; the container listens at 80

_STORE = "/var/lib/containers/storage"  # where the lab's image lies; only read


def unavailable() -> str:
    """Why there can be no container here; "" when there can."""
    lacking = [program for program in ("podman", "runc", "iptables-save", "nsenter") if not shutil.which(program)]
    return gateway_world.unavailable() or (f"not installed: {', '.join(lacking)}" if lacking else "")


class Engine:
    """podman with a store and networks of its own, whose host is the gateway."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder

    def __call__(self, *argv: str) -> str:
        """Only the network is the gateway's: the namespaces of ``ip netns exec`` would hide the control groups."""
        namespace = f"--net=/run/netns/{self._world.name('gateway')}"
        store = ("--root", str(self._folder / "root"), "--runroot", str(self._folder / "run"))
        own = (
            *store,
            "--network-config-dir",
            str(self._folder / "net"),
            f"--storage-opt=additionalimagestore={_STORE}",
        )
        command = ["nsenter", namespace, "podman", *own, *argv]
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def close(self) -> None:
        self("rm", "-f", "-t", "0", "--all")
        until(self._is_over, "podman has tidied up after its container")
        subprocess.run(["umount", str(self._folder / "root" / "overlay")], capture_output=True, check=False)

    def _is_over(self) -> bool:
        return subprocess.run(["pgrep", "-f", str(self._folder)], capture_output=True, check=False).returncode != 0


@contextmanager
def published() -> Iterator[World]:
    """The world, with a web server in a container behind ``PORT`` of its gateway."""
    tag = image.build()
    with gateway_world.world() as world, tempfile.TemporaryDirectory(prefix="podman") as folder:
        engine = Engine(world, Path(folder))
        try:
            engine("run", "-d", "-p", f"{PORT}:80", tag, "python3", "-m", "http.server", "80")
            yield world
        finally:
            engine.close()


if __name__ == "__main__":
    with published() as made:
        here = Path(sys.argv[1])
        (here / "podman-iptables-save.txt").write_text(made.run("gateway", "iptables-save"), "utf-8")
        (here / "podman-ruleset.json").write_text(made.run("gateway", "nft", "-s", "-j", "list", "ruleset"), "utf-8")
