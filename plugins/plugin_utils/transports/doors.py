# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a door of a host: inside a session of SSH, so that no password travels in the clear or to somebody else.

A page or a broker does not prove whose it is, and a certificate that nobody trusts does not either; the host key does.
What SSH carries ends on the host itself, so a door that only loopback reaches is tried too. The near ends are sockets
in a directory of ours alone: a port would be open to everybody on the controller.
"""

from __future__ import annotations

import ipaddress
import shlex
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..login_tests import Peer
from ..model import Door
from .basic_peer import BasicPeer
from .mqtt_peer import MqttPeer

_SECONDS = 2.0
_STAYS = 60  # seconds after the last use, should nobody be left to end it


@contextmanager
def passage(connection: Any, doors: Sequence[Door], reach: Callable[[], None]) -> Iterator[Mapping[Door, Path]]:
    """Where each door is reached, as long as the block lasts. ``connection`` is a new one of Ansible's ssh plugin, and
    ``reach`` logs in with it; what that raises passes through.
    """
    far = {door: _far(door) for door in doors}
    folder = Path(tempfile.mkdtemp(prefix="iot_site"))  # ours alone (0700)
    near = {door: folder / str(number) for number, door in enumerate(far)}
    ways = [f"-L {shlex.quote(f'{path}:{far[door]}')}" for door, path in near.items()]
    own = (
        f"-o ControlMaster=yes -o ControlPath={shlex.quote(f'{folder}/session')} -o ControlPersist={_STAYS}"
        " -o StrictHostKeyChecking=yes -o ExitOnForwardFailure=yes"
    )
    # Comes first: ssh takes the first value it sees.
    connection.set_option("ssh_args", " ".join((own, *ways, connection.get_option("ssh_args") or "")))
    try:
        reach()
        yield near
    finally:
        _end(connection, folder)
        shutil.rmtree(folder, ignore_errors=True)


def _far(door: Door) -> str:
    """Only an address is put into a command. Raises ValueError where it is none."""
    address = ipaddress.ip_address(door.address)
    return f"[{address}]:{door.port}" if address.version == 6 else f"{address}:{door.port}"


def _end(connection: Any, folder: Path) -> None:
    program = str(connection.get_option("ssh_executable") or "ssh")
    ended = [program, "-F", "none", "-o", f"ControlPath={folder}/session", "-O", "exit", "device"]
    with suppress(OSError, subprocess.TimeoutExpired):  # then it ends by itself
        subprocess.run(ended, capture_output=True, timeout=_SECONDS, check=False)


def peer(door: Door, near: Path, account: str) -> Peer:
    """Who is asked there."""

    def dial() -> socket.socket:
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_SECONDS)
        try:
            line.connect(str(near))
            return _without_trust().wrap_socket(line, server_hostname=door.site or None) if door.tls else line
        except BaseException:
            line.close()
            raise

    return BasicPeer(dial, door, account) if door.kind == "http" else MqttPeer(dial, account)


def _without_trust() -> ssl.SSLContext:
    """Who answers is known already."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
