# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway between an internet of two (an office, a stranger) and a panel, in network namespaces of this machine.

Real kernel, real nft, real TCP. ``python -m tests.integration.gateway_world DIRECTORY`` records from it the fixtures
that the unit tests of the platform linux read.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import FileEdit, Intent, RunEdit
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM, Linux
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.identity import Identity
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nft_boot import ALLOWLIST
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nftables import Nftables
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.software import Software

from tests.unit.plugins.plugin_utils.captures import changed, dump

#: Namespaces: who, and the two addresses of each on its one interface (the gateway has two).
HOSTS = {
    "office": ("203.0.113.10/24", "2001:db8:1::10/64"),
    "stranger": ("203.0.113.66/24", "2001:db8:1::66/64"),
    "panel": ("192.168.10.20/24", "2001:db8:10::20/64"),
}
WAN, LAN = ("203.0.113.1/24", "2001:db8:1::1/64"), ("192.168.10.1/24", "2001:db8:10::1/64")
NEXT_HOP = "203.0.113.10"  # somebody must be the provider

#: Whom the tests let in: the office by address and by a range, and nobody else.
INTENT = Intent(
    site="k7", host="k7-gw", allow4=("203.0.113.8-203.0.113.12",), allow6=("2001:db8:1::10/128", "2001:db8:2::/56")
)

NAT = """
table ip nat {
    map web {
        type inet_service : ipv4_addr . inet_service
        elements = { 8444 : 192.168.10.20 . 443 }
    }
    chain prerouting {
        type nat hook prerouting priority dstnat
        iifname "wan" tcp dport 8443 dnat to 192.168.10.20:443
        dnat ip to tcp dport map @web
    }
    chain postrouting {
        type nat hook postrouting priority srcnat
        oifname "wan" masquerade
    }
}
"""

_SERVER = """
import selectors, socket, sys
chooser = selectors.DefaultSelector()
for port in map(int, sys.argv[1:]):
    server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    chooser.register(server, selectors.EVENT_READ, True)
print("ready", flush=True)
while True:
    for key, _events in chooser.select():
        if key.data:
            chooser.register(key.fileobj.accept()[0], selectors.EVENT_READ, False)
        elif data := key.fileobj.recv(100):
            key.fileobj.send(data)
        else:
            chooser.unregister(key.fileobj)
            key.fileobj.close()
"""
#: One round trip, then one more for every line of standard input.
_CLIENT = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 0.7) as peer:
        peer.send(b"hello")
        print(peer.recv(100).decode(), flush=True)
        for line in sys.stdin:
            peer.send(line.encode())
            print(peer.recv(100).decode().strip(), flush=True)
except OSError as error:
    print(type(error).__name__, flush=True)
"""
_READ = """
import json, sys
from ansible_collections.iot_site.checklist.plugins.modules.host_read import Reader, packed, shown
found = Reader(json.load(sys.stdin), 60).all()
print(json.dumps({n: {shown(k): packed(o) for k, o in each.items()} for n, each in found.items()}))
"""


def unavailable() -> str:
    """Why there can be no such world here; "" when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    lacking = [program for program in ("nft", "ip") if not shutil.which(program)]
    if lacking:
        return f"not installed: {', '.join(lacking)}"
    tried = subprocess.run(["unshare", "-n", "nft", "list", "ruleset"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this kernel lets us have no network namespace with nftables"


class World:
    """The namespaces of one test; everything in them ends with it."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._processes: list[subprocess.Popen[str]] = []

    def run(self, host: str, *argv: str, stdin: str = "") -> str:
        """A command that must succeed on one of the hosts."""
        return subprocess.run(self._on(host, *argv), input=stdin, text=True, capture_output=True, check=True).stdout

    def start(self, host: str, program: str, *argv: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._on(host, sys.executable, "-c", program, *argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process

    def serve(self, host: str, *ports: int) -> None:
        assert self.start(host, _SERVER, *map(str, ports)).stdout.readline() == "ready\n"

    def connection(self, host: str, address: str, port: int) -> subprocess.Popen[str]:
        """A client that is connected, and echoes what it is sent until it is closed."""
        client = self.start(host, _CLIENT, address, str(port))
        assert client.stdout.readline() == "hello\n"
        return client

    def reaches(self, host: str, address: str, port: int) -> bool:
        return self.run(host, sys.executable, "-c", _CLIENT, address, str(port)) == "hello\n"

    def read(self) -> Raw:
        """The gateway as host_read sees it, in one execution."""
        reads = [
            {
                "name": read.name, "files": read.files, "command": list(read.command), "limit": read.limit,
                "follow": read.follow and {"of": read.follow.of, "pattern": read.follow.pattern},
            }
            for read in PLATFORM.all_reads
        ]  # fmt: skip
        answer = json.loads(self.run("gateway", sys.executable, "-c", _READ, stdin=json.dumps(reads)))
        return Raw({name: {key: _output(one) for key, one in each.items()} for name, each in answer.items()})

    def apply(self, *edits: RunEdit) -> None:
        for edit in edits:
            self.run("gateway", *edit.argv, stdin=edit.stdin)

    def undo(self, *edits: RunEdit) -> None:
        for edit in reversed(edits):
            self.run("gateway", *edit.undo, stdin=edit.undo_stdin)

    def ruleset(self) -> str:
        return self.run("gateway", "nft", "-s", "list", "ruleset")

    def build(self) -> None:
        for host in (*HOSTS, "gateway", "internet"):
            _ip("netns", "add", self.name(host))
            self.run(host, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")  # or the first second loses packets
            self.run(host, "ip", "link", "set", "lo", "up")
        self.run("internet", "ip", "link", "add", "br0", "type", "bridge")
        self.run("internet", "ip", "link", "set", "br0", "up")
        for host, interface, peer, end in (
            ("office", "eth0", "internet", "office"),
            ("stranger", "eth0", "internet", "stranger"),
            ("gateway", "wan", "internet", "gateway"),
            ("panel", "eth0", "gateway", "lan"),
        ):
            self.run(
                host, "ip", "link", "add", interface, "type", "veth", "peer", "name", end, "netns", self.name(peer)
            )
            self.run(host, "ip", "link", "set", interface, "up")
            self.run(peer, "ip", "link", "set", end, "up")
            if peer == "internet":
                self.run("internet", "ip", "link", "set", end, "master", "br0")
        self._address()
        self.run("gateway", "nft", "-f", "-", stdin=NAT)

    def _address(self) -> None:
        places = [(host, "eth0", addresses) for host, addresses in HOSTS.items()]
        for host, interface, addresses in (*places, ("gateway", "wan", WAN), ("gateway", "lan", LAN)):
            for address in addresses:
                extra = ["nodad"] if ":" in address else []
                self.run(host, "ip", "addr", "add", address, "dev", interface, *extra)
        self.run("gateway", "ip", "route", "add", "default", "via", NEXT_HOP)
        self.run("gateway", "ip", "-6", "route", "add", "default", "via", "2001:db8:1::10", "dev", "wan")
        self.run("panel", "ip", "route", "add", "default", "via", "192.168.10.1")
        self.run("panel", "ip", "-6", "route", "add", "default", "via", "2001:db8:10::1")
        for host in ("office", "stranger"):
            self.run(host, "ip", "-6", "route", "add", "2001:db8:10::/64", "via", "2001:db8:1::1")
        self.run("gateway", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

    def destroy(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()
        for host in (*HOSTS, "gateway", "internet"):
            subprocess.run(["ip", "netns", "del", self.name(host)], capture_output=True, check=False)

    def name(self, host: str) -> str:
        return f"{self._prefix}-{host}"

    def _on(self, host: str, *argv: str) -> list[str]:
        return ["ip", "netns", "exec", self.name(host), *argv]


@contextmanager
def world() -> Iterator[World]:
    """A world of its own for each process."""
    made = World(f"iot{os.getpid()}")
    try:
        made.build()
        yield made
    finally:
        made.destroy()


def _ip(*argv: str) -> None:
    subprocess.run(["ip", *argv], capture_output=True, check=True)


def _output(one: dict[str, object]) -> Output:
    data = zlib.decompress(base64.b64decode(str(one["data"])))
    return Output(data, int(str(one["rc"])), bool(one["truncated"]), str(one["error"]))


# --- recording ----------------------------------------------------------------------------------------------

_PACKAGES = ("nftables", "openssh-server", "iproute2", "base-files")
#: What belongs to the machine that records, not to the world in it.
_SOCKETS = [("tcp", "0.0.0.0", 22, "sshd"), ("tcp", "::", 22, "sshd"), ("udp", "127.0.0.1", 323, "chronyd")]
_SESSION = {"ssh_connection": "203.0.113.10 50022 203.0.113.1 22", "sudo_user": "noc", "uid": 0, "user": "root"}
_ROOT = {"container": False, "etc_fstype": "ext4", "fstype": "ext4", "options": "rw,relatime"}
_INVENTED: dict[str, dict[str, str | Output]] = {
    "init": {"/proc/1/comm": "systemd\n"},
    "session": {"@session": json.dumps(_SESSION)},
    "root": {"@root": json.dumps(_ROOT)},
    "resolver": {"/etc/resolv.conf": "# by the provider\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n"},
    "listeners": {
        "@listeners": json.dumps(
            [dict(zip(("protocol", "address", "port", "program"), each, strict=True)) for each in _SOCKETS]
        )
    },
    "dmi_sys_vendor": {"/sys/class/dmi/id/sys_vendor": "Example Industrial\n"},
    "dmi_product_name": {"/sys/class/dmi/id/product_name": "Box-PC 200\n"},
    "dmi_product_serial": {"/sys/class/dmi/id/product_serial": "X200-0042\n"},
    "kernel": {"/proc/sys/kernel/osrelease": "6.1.0-28-amd64\n"},
}


def recorded(raw: Raw) -> Raw:
    """One answer of the gateway as a fixture: real where the world made it, invented where the machine would show."""
    (dpkg,) = raw.all("dpkg").items()
    packages = [line for line in dpkg[1].text.splitlines() if line.split(" ")[1] in _PACKAGES]
    hidden = {name: {} for name in raw.outputs if name.startswith("dmi_")}
    ours = {read.name for surface in (Nftables, Identity, Software) for read in surface.reads}
    kept = Raw({name: each for name, each in raw.outputs.items() if name in ours | {read.name for read in Linux.reads}})
    return changed(kept, **{**hidden, **_INVENTED}, dpkg={dpkg[0]: "\n".join([*packages, ""])})


def record(directory: Path) -> None:
    """``exposed`` before our change and ``compliant`` after it, as the unit tests read them."""
    with world() as made:
        exposed = recorded(made.read())
        dump(exposed, directory / "exposed" / "capture.json")
        state = PLATFORM.parse(exposed)
        (change, *_rest) = PLATFORM.plan(state, INTENT, PLATFORM.judge(state, INTENT, "A2")).changes
        made.apply(*change.edits)
        files = {edit.path: str(edit.content) for edit in change.persist if isinstance(edit, FileEdit)}
        unit = files[ALLOWLIST.unit_path]
        compliant = changed(
            recorded(made.read()),
            nft_boot_rules={ALLOWLIST.rules_path: files[ALLOWLIST.rules_path]},
            nft_boot_unit={ALLOWLIST.unit_path: unit},
            nft_boot_follow={ALLOWLIST.follow_path: files[ALLOWLIST.follow_path]},
            nft_boot_wants={f"/etc/systemd/system/sysinit.target.wants/{ALLOWLIST.unit}": unit},
        )
        dump(compliant, directory / "compliant" / "capture.json")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
