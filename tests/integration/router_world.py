# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site of emulated routers in this process, with the inventory a person would write for it.

The routers (tests/devices) live in one event loop in a thread, so a test sees and moves everything in them while a
real ``ansible-playbook`` talks to them over SSH.
"""

from __future__ import annotations

import asyncio
import copy
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.devices.yamaha_rtx import Config, Options, Personality, Router, Server
from tests.integration import playbook_run
from tests.integration.playbook_run import PREPARED, Run

T = TypeVar("T")

OFFICE, PERSON, STRANGER = "127.0.0.1", "127.0.0.2", "127.0.0.9"

#: The passwords of the personalities: login, administrator, console.
PASSWORDS = {
    "rtx830_pppoe": ("noc-a-pass", "rtx830-admin", "rtx830-login"),
    "rtx1210_mape": ("noc-a-pass", "rtx1210-admin", "rtx1210-login"),
    "nvr510_vpn": ("noc-a-pass", "nvr510-admin", ""),
}

SITE: dict[str, Any] = {
    "iot_site_id": "k7",
    "iot_site_authorised": {"by": "owner", "on": "2020-01-01", "until": "2099-12-31", "scope": ["read", "change"]},
    **PREPARED,
    "iot_site_words": ["josuijo", "haisui", "pump"],
    "iot_site_secret": "Zq8-planted-W4v7-xK3n-secret-of-labels",
    "iot_site_people": [
        {"name": "noc-a", "sources": ["203.0.113.10/32"], "access": "admin"},
        {"name": "user-b", "sources": ["203.0.113.20/32"]},
    ],
    "ansible_host": "127.0.0.1",
    "ansible_user": "noc-a",
    "ansible_connection": "ansible.netcommon.network_cli",
    "ansible_network_os": "iot_site.checklist.yamaha_rtx",
    "ansible_become": True,
    "ansible_become_method": "enable",
}


#: As the playbooks have it, but every router at once: with a site each, no failure stops another.
ALL_AT_ONCE = """
- hosts: all
  gather_facts: false
  ignore_errors: true
  roles: [iot_site.checklist.ip_allowlist]
- hosts: all
  gather_facts: false
  roles: [iot_site.checklist.report]
"""


class Loop:
    """An event loop in a thread, for as long as the tests run."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def do(self, act: Callable[[], T]) -> T:
        """``act`` inside the loop, where everything of a router happens one after the other."""

        async def acted() -> T:
            return act()

        return self.run(acted())

    def close(self) -> None:
        self.run(_all_ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


async def _all_ended() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Device:
    """One emulated router, seen from a test."""

    def __init__(self, loop: Loop, server: Server, kind: str) -> None:
        self._loop = loop
        self.server = server
        self.router = server.router
        self.kind = kind

    def fault(self, **faults: Any) -> None:
        self._loop.do(lambda: self.router.faults.update(faults))

    def advance(self, seconds: float) -> None:
        """That much time passes on the device, at once."""

        def passed() -> None:
            self.router.clock.advance(seconds)
            self.router.tick()

        self._loop.do(passed)

    def somebody_types(self, *lines: str, section: str = "", save: bool = False) -> None:
        """What another person sets at the serial console."""

        def typed() -> None:
            for line in lines:
                self.router.configure(section, line)
            if save:
                self.router.save()

        self._loop.do(typed)

    def change_host_key(self) -> None:
        """Another machine answers here, or somebody in between does."""
        self._loop.do(self.server.rotate_host_key)

    @property
    def hash(self) -> str:
        """One value over running and saved configuration."""
        return self._loop.do(self.router.state_hash)

    @property
    def running(self) -> list[str]:
        return self._loop.do(self.router.lines)

    @property
    def saved(self) -> list[str]:
        return self._loop.do(lambda: self.router.saved.lines(masked=True))

    def without_leftovers(self) -> list[str]:
        """The running configuration without what a dead session leaves and nobody is harmed by."""
        left = ("schedule at 6", "console character", "console lines", "console columns")
        return [line for line in self.running if not line.startswith(left)]

    @property
    def typed(self) -> list[str]:
        """Every line a session has sent, in order."""
        return self._loop.do(lambda: [entry["line"] for entry in self.router.journal if entry["session"]])

    def edits(self) -> list[str]:
        """The lines that set something, apart from the console's own settings."""
        harmless = ("show ", "console ", "no console ", "administrator", "exit", "quit")
        return [line for line in self.typed if not line.startswith(harmless)]

    # --- who gets in -----------------------------------------------------------------------------------------

    def greeting(self, source: str) -> str:
        """What the SSH service says to a new TCP connection from this address; "" when it is refused."""
        return self._ask(source, "ssh", b"")

    def page(self, source: str, service: str) -> str:
        """What a web page answers to a new TCP connection from this address; "" when it is refused."""
        return self._ask(source, service, b"GET / HTTP/1.1\r\nHost: panel\r\n\r\n")

    def _ask(self, source: str, service: str, question: bytes) -> str:
        address = ("127.0.0.1", self.server.ports[service])
        try:
            with socket.create_connection(address, timeout=10, source_address=(source, 0)) as line:
                line.sendall(question)
                return line.recv(4096).decode("utf-8", "replace")
        except ConnectionError:
            return ""


class World:
    """Routers, inventory and runs of one test, in one directory."""

    def __init__(self, folder: Path, loop: Loop) -> None:
        self.folder = folder
        self._loop = loop
        self.hosts: dict[str, dict[str, Any]] = {}
        self.devices: dict[str, Device] = {}
        self.site = copy.deepcopy(SITE)
        self._known: list[str] = []

    def add(
        self,
        host: str,
        kind: str = "rtx830_pppoe",
        options: Options | None = None,
        saved: str = "",
        **variables: Any,
    ) -> Device:
        """A router and the inventory host that leads to it."""
        stored = Config(saved) if saved else Config()
        options = options or Options(boot_seconds=0.05)
        router = Router(Personality.load(kind), options, saved=stored)
        server = Server(router)
        self._loop.run(server.__aenter__())
        self.devices[host] = Device(self._loop, server, kind)
        self._known.append(f"[127.0.0.1]:{server.port} {server.host_key.export_public_key().decode().strip()}\n")
        login, administrator, console = PASSWORDS[kind]
        self.hosts[host] = {
            "ansible_port": server.port, "ansible_password": login, "ansible_become_password": administrator,
            "iot_site_console_password": console, **variables,
        }  # fmt: skip
        return self.devices[host]

    def write(self) -> None:
        """The inventory, and the host keys a person would have accepted."""
        inventory = {"all": {"vars": self.site, "hosts": self.hosts}}
        (self.folder / "hosts.json").write_text(json.dumps(inventory, ensure_ascii=False), encoding="utf-8")
        ssh = self.folder / "home" / ".ssh"
        ssh.mkdir(mode=0o700, parents=True, exist_ok=True)
        (ssh / "known_hosts").write_text("".join(self._known))

    def play(self, playbook: str, *arguments: str, **environment: str) -> Run:
        """One of the collection's playbooks (or, with a dot and a suffix, one of the test's own)."""
        self.write()
        return playbook_run.play(self.folder, "-i", "hosts.json", _named(playbook), *arguments, **environment)

    def start(self, playbook: str, *arguments: str, **environment: str) -> Any:
        self.write()
        return playbook_run.start(self.folder, "-i", "hosts.json", _named(playbook), *arguments, **environment)

    def all_at_once(self, *arguments: str, **environment: str) -> Run:
        """Item A2 on every router, in parallel."""
        (self.folder / "all_at_once.yml").write_text(ALL_AT_ONCE)
        return self.play("all_at_once.yml", "--forks", str(len(self.hosts)), *arguments, **environment)

    def findings(self, site: str = "k7") -> list[dict[str, Any]]:
        return playbook_run.findings(self.folder, site)

    def verdicts(self, host: str, site: str = "k7") -> dict[str, str]:
        """``{"A2.forwarded filters": "gap"}`` of one host in the newest report."""
        return {
            f"{finding['control']} {finding['surface']}".strip(): finding["status"]
            for finding in self.findings(site)
            if finding["host"] == host
        }

    def finding(self, host: str, control: str, site: str = "k7") -> dict[str, Any]:
        """The one finding whose control (and surface) begins so."""
        named = {f"{one['control']} {one['surface']}": one for one in self.findings(site) if one["host"] == host}
        (found,) = [one for name, one in named.items() if name.startswith(control)]
        return found

    def close(self) -> None:
        for device in self.devices.values():
            self._loop.run(device.server.__aexit__(None, None, None))


@contextmanager
def world(folder: Path, loop: Loop) -> Iterator[World]:
    """A world that is gone afterwards."""
    made = World(folder, loop)
    try:
        yield made
    finally:
        made.close()


def until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Come back when it is so; fail when it never is."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        threading.Event().wait(0.02)


def _named(playbook: str) -> str:
    return playbook if playbook.endswith(".yml") else f"iot_site.checklist.{playbook}"
