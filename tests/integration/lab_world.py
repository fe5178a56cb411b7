# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Debian hosts of the lab's site ``faults``, the inventory a person would write for them, and real runs."""

from __future__ import annotations

import copy
import fcntl
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration import playbook_run
from tests.integration.playbook_run import Run
from tests.integration.router_world import until
from tests.lab.lab import Lab

CONTROLLER = "192.168.103.1"
NOBODY = "192.168.103.99"  # no machine has it
GUARD = "/var/lib/iot_site_checklist/guard"

#: Long enough for a proof on a busy machine, short enough to wait for.
GUARD_SECONDS = 75

SITE: dict[str, Any] = {
    "iot_site_id": "f3",
    "iot_site_authorised": {"by": "owner", "on": "2020-01-01", "until": "2099-12-31", "scope": ["read", "change"]},
    **playbook_run.PREPARED,
    "iot_site_people": [{"name": "office", "sources": ["192.168.103.128/28"]}],
    "iot_site_management_sources": [f"{CONTROLLER}/32"],
    "iot_site_guard_seconds": GUARD_SECONDS,
    "user_credentials_budget_seconds": 1,  # guessing takes all that it is given, and is what test_credentials is about
}

#: Everything a change of ours could touch: filter, /etc, what runs, what a boot starts, what our guard leaves.
_STATE = r"""
nft -s list ruleset
ip route; ip -6 route | sed 's/ expires [^ ]*//'
find /etc -printf '%p %y %m %U:%G %l\n' | sort
find /etc -type f -exec sha256sum {} + | sort -k 2
systemctl list-units --type=service --state=running --plain --no-legend | cut -d' ' -f1 | sort
systemctl list-units --all --plain --no-legend 'iot-site*' | sort
ls -A /var/lib/iot_site_checklist/guard 2>&1
"""

#: Runs a command on the device at the very moment our table appears there.
_HOOK = "nft monitor new tables | while read -r line; do case $line in *iot_site_checklist*) {command};; esac; done"


class Host:
    """One machine, beside its network."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self.name = name
        self.address = lab.layout.host(name).management

    def sh(self, script: str) -> str:
        """What a shell script on it prints; it must succeed."""
        done = self._lab.run(self.name, "sh", "-c", script)
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
        return done.stdout.decode("utf-8", "replace")

    def python(self, script: str, *argv: str, stdin: bytes = b"", path: str = "") -> bytes:
        """What a Python program on it prints, with modules from the folder ``path`` of the host; it must succeed."""
        done = self._lab.run(self.name, "python3", "-c", script, *argv, stdin=stdin, PYTHONPATH=path)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def says(self, test: str) -> bool:
        return self._lab.run(self.name, "sh", "-c", test).returncode == 0

    def write(self, path: str, text: str) -> None:
        self.sh(f"mkdir -p $(dirname {path}); cat > {path} <<'END OF FILE'\n{text}END OF FILE\n")

    @property
    def state(self) -> str:
        return self.sh(f"({_STATE}) || true")

    @property
    def guarded(self) -> bool:
        return self.says(f"test -e {GUARD}")

    @property
    def filtered(self) -> bool:
        return self.says("nft list table inet iot_site_checklist")

    @contextmanager
    def hooked(self, command: str) -> Iterator[None]:
        """While this lasts, ``command`` runs on the device as soon as our table is loaded."""
        script = shlex.quote(_HOOK.format(command=command))
        group = self.sh(f"setsid sh -c {script} </dev/null >/dev/null 2>&1 & echo $!").strip()
        until(lambda: self.says("pgrep -x nft"), "the hook listens")
        try:
            yield
        finally:
            self.sh(f"pkill -KILL -g {group}")


class World:
    """Inventory and runs of one controller, in one directory."""

    def __init__(self, folder: Path, lab: Lab, sockets: str) -> None:
        self.folder = folder
        self.lab = lab
        self._sockets = sockets
        self.site = copy.deepcopy(SITE)
        told = json.loads(lab.inventory.read_text())["lab"]
        self.site |= told["vars"]
        self.hosts: dict[str, dict[str, Any]] = {name: dict(each) for name, each in told["hosts"].items()}

    def host(self, name: str) -> Host:
        return Host(self.lab, name)

    def play(self, playbook: str, *arguments: str, **environment: str) -> Run:
        self._write()
        return playbook_run.play(self.folder, *self._argv(playbook, arguments), **self._environment(environment))

    def start(self, playbook: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        self._write()
        return playbook_run.start(self.folder, *self._argv(playbook, arguments), **self._environment(environment))

    def _argv(self, playbook: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
        return ("-i", "hosts.json", f"iot_site.checklist.{playbook}", *arguments)

    def _environment(self, given: dict[str, str]) -> dict[str, str]:
        """A socket's path must be short."""
        return {"ANSIBLE_SSH_CONTROL_PATH_DIR": self._sockets, **given}

    def _write(self) -> None:
        inventory = {"all": {"vars": self.site, "hosts": self.hosts}}
        (self.folder / "hosts.json").write_text(json.dumps(inventory, ensure_ascii=False), encoding="utf-8")

    def findings(self, host: str) -> dict[str, dict[str, Any]]:
        """``{control: finding}`` of one host in the newest report; of several, that of a surface the host has."""
        found = sorted(self._found(host), key=lambda one: one["status"] != "not_applicable")
        return {one["control"]: one for one in found}

    def statuses(self, host: str) -> set[str]:
        return {one["status"] for one in self._found(host)}

    def _found(self, host: str) -> list[dict[str, Any]]:
        found = playbook_run.findings(self.folder, self.site["iot_site_id"])
        return [one for one in found if one["host"] == host]


@contextmanager
def world(folder: Path, lab: Lab) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="s") as sockets:
        yield World(folder, lab, sockets)


def unavailable() -> str:
    """Why there can be no lab here; "" when there can."""
    if os.geteuid() != 0 or not shutil.which("podman"):
        return "needs root and podman for the lab's containers (tests/lab/README.md)"
    return ""


@contextmanager
def lab(site: str = "faults") -> Iterator[Lab]:
    """The running site; gone afterwards. Test files that want the same one take turns: each removes its hosts."""
    made = Lab(site)
    with (Path(tempfile.gettempdir()) / f"iot-site-lab-{site}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            made.up()
            yield made
        finally:
            made.down()


def new_connection(lab: Lab, host: Host) -> bool:
    """Whether a really new SSH connection of the controller gets in."""
    done = subprocess.run(
        [
            "ssh", "-F", "none", "-i", str(lab.key), "-o", f"UserKnownHostsFile={lab.known_hosts}",
            "-o", "ConnectTimeout=3", "-o", "BatchMode=yes", "-o", "ControlPath=none", f"ops@{host.address}", "true",
        ],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0
