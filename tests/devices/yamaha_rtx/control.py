# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way in for tests and demos: ask what the router holds, set faults, move its clock. One JSON object a line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import CommandError
from .personality import Seen
from .server import Server

Reply = dict[str, Any]


class Control:
    """Answers requests ``{"do": NAME, ...}``; in-process users call :meth:`answer` with the same dictionaries."""

    def __init__(self, server: Server, stop: Callable[[], None] = lambda: None) -> None:
        self.server = server
        self.router = server.router
        self._stop = stop
        self._verbs: dict[str, Callable[[Reply], Any]] = {
            "state": self._state,
            "hash": lambda _ask: self.router.state_hash(),
            "running": lambda _ask: self.router.lines(),
            "saved": lambda _ask: self.router.saved.lines(masked=True),
            "journal": lambda ask: self.router.journal[ask.get("since", 0) :],
            "log": lambda _ask: self.router.log,
            "refused": lambda _ask: self.router.refused,
            "fault": self._fault,
            "advance": self._advance,
            "map": self._map,
            "rotate_host_key": lambda _ask: self.server.rotate_host_key(),
            "console": self._console,
            "restart": lambda _ask: self.router.restart(),
            "kick": self._kick,
            "stop": lambda _ask: self._stop(),
        }

    def answer(self, ask: Reply) -> Reply:
        verb = self._verbs.get(str(ask.get("do")))
        if verb is None:
            return {"ok": False, "error": f"unknown request; there are {', '.join(sorted(self._verbs))}"}
        try:
            return {"ok": True, "result": verb(ask)}
        except (ValueError, KeyError, TypeError, CommandError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def _state(self, _ask: Reply) -> Reply:
        router = self.router
        return {
            "up": router.up,
            "boots": router.boots,
            "saves": router.saves,
            "hash": router.state_hash(),
            "unsaved": router.running != router.saved,
            "sessions": [
                {
                    "user": item.user,
                    "connection": item.connection,
                    "address": item.address,
                    "admin": item.administrator,
                    "carrier": item.carrier,
                }
                for item in router.logins.values()
            ],
            "connections": router.connections,
            "auth_attempts": len(router.auth_attempts),
            "journal": len(router.journal),
            "refused": len(router.refused),
            "schedule": [" ".join(line.tokens) for line in router.running.starting("schedule at")],
            "timers": {str(number): timer.due - router.clock.seconds() for number, timer in router.timers.items()},
            "rollbacks": [item.due - router.clock.seconds() for item in router.rollbacks.values()],
            "default_route_lost": router.default_route_lost,
        }

    def _fault(self, ask: Reply) -> None:
        if ask.get("clear"):
            self.router.faults.clear()
        self.router.faults.update(ask.get("set", {}))

    def _advance(self, ask: Reply) -> str:
        self.router.clock.advance(float(ask["seconds"]))
        self.router.tick()
        return self.router.clock.now().isoformat()

    def _map(self, ask: Reply) -> None:
        self.router.sources[ask["source"]] = Seen(ask["address"], ask["interface"])

    def _console(self, ask: Reply) -> None:
        """Type configuration lines at the serial port: what somebody else does to the router meanwhile."""
        for line in ask["lines"]:
            self.router.configure(ask.get("section", ""), line)
            self.router.record(0, "serial", "administrator", ask.get("section", ""), line)
        if ask.get("save"):
            self.router.save()

    def _kick(self, _ask: Reply) -> None:
        for login in list(self.router.logins.values()):
            login.kill()


@contextlib.asynccontextmanager
async def listen(control: Control, path: Path) -> Any:
    """Serve :class:`Control` on a Unix socket inside the device's own directory."""
    path.unlink(missing_ok=True)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while line := await reader.readline():
                try:
                    ask = json.loads(line)
                    reply = control.answer(ask if isinstance(ask, dict) else {})
                except ValueError as error:
                    reply = {"ok": False, "error": f"not JSON: {error}"}
                writer.write(json.dumps(reply, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        writer.close()

    serving = await asyncio.start_unix_server(talk, path=str(path), limit=1_000_000)
    path.chmod(0o600)
    try:
        yield serving
    finally:
        serving.close()
        path.unlink(missing_ok=True)


def ask(path: Path | str, do: str, timeout: float = 5.0, **more: Any) -> Any:
    """Send one request to a router process and return its result (for demos and synchronous tests)."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(timeout)
        line.connect(str(path))
        line.sendall(json.dumps({"do": do, **more}).encode() + b"\n")
        data = b""
        while not data.endswith(b"\n"):
            part = line.recv(65536)
            if not part:
                raise ConnectionError(f"{path} closed the line")
            data += part
    reply = json.loads(data)
    if not reply["ok"]:
        raise ValueError(reply["error"])
    return reply.get("result")
