# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Debian hosts in containers, on real networks. README.md says how a test uses it."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import socket
import subprocess
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import image, layout
from .layout import Host, LabError, Network
from .programs import output, podman, require, succeeds

ROOT = Path(__file__).resolve().parents[2]
LABEL = "iot-site-lab"
READY_SECONDS = 60.0
SECONDS = 300  # for one command on a host
OPS = 1000  # uid and gid of the account ops in the image
#: Bridged frames must not pass the controller's own packet filter: forwarded (DNAT) packets would vanish in it.
BRIDGE_SETTINGS = ("net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables")


class Lab:
    """One site of the lab. Everything it leaves on the controller lies in ``directory`` and goes with :meth:`down`."""

    def __init__(self, site: str) -> None:
        self.layout = layout.load(site)
        self.directory = ROOT / ".build" / "lab" / site
        self.key = self.directory / "id_ed25519"
        self.known_hosts = self.directory / "known_hosts"
        self.inventory = self.directory / "inventory.json"
        self._mine = ("--filter", f"label={LABEL}={site}")

    # --- what a person or a test calls --------------------------------------------------------------------------

    def up(self) -> None:
        """Start what is not running yet, and wait until every host answers."""
        require()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.key.exists():
            self._refuse_anothers()
            output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"lab {self.layout.name}", "-f", str(self.key))
        tag = image.build()
        for network in self.layout.networks:
            self._network(network)
        _let_bridges_be()
        with ThreadPoolExecutor(max_workers=4) as pool:
            keys = list(pool.map(lambda host: self._boot(host, tag), self.layout.hosts))
        self.known_hosts.write_text("".join(keys), "utf-8")
        self.inventory.write_text(json.dumps(self._inventory(), indent=2) + "\n", "utf-8")

    def down(self) -> None:
        """Remove the site's containers, networks and files; nothing stays running."""
        require()
        containers = podman("ps", "-aq", *self._mine).split()
        if containers:
            podman("rm", "-f", "-t", "0", *containers)
        for network in podman("network", "ls", "-q", *self._mine).split():
            podman("network", "rm", network)
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, host: str, *argv: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        """Run ``argv`` on ``host`` beside its network: works on a host that is locked out, too.

        What ``argv`` leaves running is waited for as long as it holds the output.
        """
        return subprocess.run(
            [*self.inside(host, **environment), *argv], input=stdin, capture_output=True, check=False, timeout=SECONDS
        )

    def inside(self, host: str, **environment: str) -> tuple[str, ...]:
        """What a command begins with to run on ``host``: what podman exec does in the end, at a third of its cost."""
        settings = [f"--env={name}={value}" for name, value in environment.items()]
        identity = self._identity(self.layout.host(host))
        if not identity.exists():
            raise LabError(f"{host} does not run; start its site: python3 -m tests.lab up {self.layout.name}")
        return ("runc", "exec", *settings, identity.read_text("ascii"))

    def reboot(self, host: str) -> None:
        """Stop and start the host: what was only in memory is gone, what is persistent comes back."""
        podman("restart", "-t", "10", self.container(host))
        _let_bridges_be()
        self._ready(self.layout.host(host))

    # --- how ----------------------------------------------------------------------------------------------------

    def container(self, part: str) -> str:
        return f"lab-{self.layout.name}-{part}"

    def _identity(self, host: Host) -> Path:
        """The file with the name by which the container runtime knows the host."""
        return self.directory / f"{host.name}.id"

    def _refuse_anothers(self) -> None:
        """Without our key, running hosts of this site were started from another checkout: nobody here can log in."""
        if podman("ps", "-aq", *self._mine):
            name = self.layout.name
            raise LabError(
                f"another checkout runs {name}; end it there, or here with: python3 -m tests.lab down {name}"
            )

    def _network(self, network: Network) -> None:
        name = self.container(network.name)
        if succeeds("podman", "network", "exists", name):
            return
        ranges = [argument for subnet in network.subnets for argument in ("--subnet", subnet)]
        podman("network", "create", "--disable-dns", "--ipv6", "--label", f"{LABEL}={self.layout.name}", *ranges, name)

    def _boot(self, host: Host, tag: str) -> str:
        """Start one host unless it runs, and return its line for known_hosts."""
        name = self.container(host.name)
        if not succeeds("podman", "container", "exists", name):
            podman("create", *self._arguments(host), tag, "/sbin/init")
            podman("cp", "--archive=false", "-", f"{name}:/", stdin=self._belongings(host))
        podman("start", name)
        self._identity(host).write_text(podman("inspect", "--format", "{{.Id}}", name), "ascii")
        return self._ready(host)

    def _arguments(self, host: Host) -> list[str]:
        forwarding = str(int(host.forwards))
        settings = {
            "net.ipv4.ip_forward": forwarding,
            "net.ipv6.conf.all.forwarding": forwarding,
            "net.ipv6.conf.default.accept_dad": "0",  # an address is usable at once
        }
        arguments = [
            "--name",
            self.container(host.name),
            "--hostname",
            host.name,
            "--label",
            f"{LABEL}={self.layout.name}",
        ]
        arguments += ["--systemd=always", "--cap-add=NET_ADMIN,NET_RAW,SYS_PTRACE"]
        arguments += [f"--sysctl={key}={value}" for key, value in settings.items()]
        for network, (v4, v6) in host.addresses.items():
            link = f"ip={v4},ip6={v6},mac={_mac(host, network)},interface_name={network}0"
            arguments.append(f"--network={self.container(network)}:{link}")
        return arguments

    def _belongings(self, host: Host) -> bytes:
        """A tar of what only this host has: who may log in, and its routes."""
        key = self.key.with_suffix(".pub").read_bytes()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            _add(tar, "home/ops/.ssh/authorized_keys", key, 0o600, OPS)
            _add(tar, "etc/lab/routes", host.routes.encode(), 0o644, 0)
        return packed.getvalue()

    def _ready(self, host: Host) -> str:
        """Wait for sshd; then the host key is there, read beside the network so that nobody can forge it."""
        deadline = time.monotonic() + READY_SECONDS
        while not _greets(host.management):
            if time.monotonic() > deadline:
                log = self.run(host.name, "journalctl", "-b", "--no-pager", "-n", "30").stdout.decode(errors="replace")
                raise LabError(f"{host.name} ({host.management}) did not start SSH in {READY_SECONDS:.0f} s:\n{log}")
        key = self.run(host.name, "cat", "/etc/ssh/ssh_host_ed25519_key.pub").stdout.decode("ascii").split()
        return f"{host.management} {key[0]} {key[1]}\n"

    def _inventory(self) -> dict[str, object]:
        """How Ansible reaches every host. What the site wants is the scenario's own inventory, not ours."""
        options = f"-o UserKnownHostsFile={self.known_hosts} -o StrictHostKeyChecking=yes"
        shared = {
            "ansible_user": "ops",
            "ansible_become": True,
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": options,
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        hosts = {
            host.name: {"ansible_host": host.management, "lab_addresses": host.addresses} for host in self.layout.hosts
        }
        return {"lab": {"hosts": hosts, "vars": shared}}


def _mac(host: Host, network: str) -> str:
    """A link address that stays the same over a reboot, as a device's does: neighbours remember it."""
    return ":".join(["02", *(f"{byte:02x}" for byte in hashlib.sha256(f"{host.name} {network}".encode()).digest()[:5])])


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int, owner: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.uid, entry.gid = len(content), mode, owner, owner
    tar.addfile(entry, io.BytesIO(content))


def _let_bridges_be() -> None:
    """After every start, since starting a container may load the bridge filter anew."""
    for setting in BRIDGE_SETTINGS:
        if Path("/proc/sys", *setting.split(".")).exists():
            output("sysctl", "-qw", f"{setting}=0")


def _greets(address: str) -> bool:
    try:
        with socket.create_connection((address, 22), timeout=1) as connection:
            if connection.recv(4) == b"SSH-":
                return True
    except OSError:
        pass
    time.sleep(0.1)  # between two looks
    return False
