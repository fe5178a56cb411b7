# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's devices, and the inventory directory a person would have written for them."""

from __future__ import annotations

import contextlib
import datetime
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ..yamaha_rtx import Config, Personality, Router, Server
from ..yamaha_rtx.server import write_private
from . import playbook

_HERE = Path(__file__).parent

#: Host of the inventory, and what kind of router it is.
ROUTERS = {"k7-rtx": "rtx830_pppoe", "m3-rtx": "rtx1210_mape"}

#: Somebody typed this at the router of m3 and did not save it.
UNSAVED = ("", 'description lan1 "work in progress"')

#: They differ from a real site's in one way: you can read them here.
_PASSWORDS = {"ansible_password": "h7wkq3zr9mtxv4cd", "ansible_become_password": "t4xkz9wmq7rhc3vd"}


@dataclass(frozen=True, slots=True)
class Site:
    """What stands while the demo runs."""

    directory: Path
    servers: Mapping[str, Server]

    def port(self, host: str, service: str) -> int:
        return self.servers[host].ports[service]

    def fingerprint(self, host: str) -> str:
        """The running configuration of a router, in one word."""
        return self.servers[host].router.state_hash()


@contextlib.asynccontextmanager
async def standing(directory: Path, collections: Path) -> AsyncIterator[Site]:
    """The routers, listening, and the inventory that leads to them."""
    async with contextlib.AsyncExitStack() as stack:
        servers = {host: await stack.enter_async_context(_server(host, kind)) for host, kind in ROUTERS.items()}
        section, line = UNSAVED
        servers["m3-rtx"].router.configure(section, line)
        # The panel has no SSH: this port is ours, and nobody listens on it.
        silent = stack.enter_context(socket.socket())
        silent.bind(("127.0.0.1", 0))
        ports = {host: server.port for host, server in servers.items()} | {"k7-panel": silent.getsockname()[1]}
        _write_inventory(directory, collections, ports)
        _write_known_hosts(directory, servers)
        await _write_vault(directory)
        yield Site(directory, servers)


def _server(host: str, kind: str) -> Server:
    saved = Config((_HERE / "site" / f"{host}.conf").read_text(encoding="utf-8"))
    return Server(Router(Personality.load(kind), saved=saved))


def _write_inventory(directory: Path, collections: Path, ports: Mapping[str, int]) -> None:
    today = datetime.date.today()
    words = {host.replace("-", "_"): str(port) for host, port in ports.items()} | {
        "today": f"{today}",
        "until": f"{today + datetime.timedelta(days=90)}",
        "directory": str(directory),
        "collections": str(collections),
        "callback": str(_HERE / "callback"),
    }
    for name in ("hosts.yml", "ansible.cfg"):
        written = Template((_HERE / "site" / name).read_text(encoding="utf-8"))
        write_private(directory / name, written.substitute(words))


async def _write_vault(directory: Path) -> None:
    """Passwords, and the secret from which labels are derived, as they should lie on a disk."""
    values = _PASSWORDS | {"iot_site_secret": secrets.token_urlsafe(32)}
    folder = directory / "group_vars" / "all"
    folder.mkdir(parents=True)
    write_private(directory / "vault-password", f"{secrets.token_urlsafe(24)}\n")
    await playbook.encrypt(
        directory, "".join(f"{name}: {value}\n" for name, value in values.items()), folder / "vault.yml"
    )


def _write_known_hosts(directory: Path, servers: Mapping[str, Server]) -> None:
    """The routers' real keys, so that host keys are checked as on a real site."""
    folder = directory / "home" / ".ssh"
    folder.mkdir(parents=True, mode=0o700)
    keys = {server.port: server.host_key.export_public_key().decode().strip() for server in servers.values()}
    write_private(folder / "known_hosts", "".join(f"[127.0.0.1]:{port} {key}\n" for port, key in keys.items()))
