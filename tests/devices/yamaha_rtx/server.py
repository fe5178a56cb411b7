# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router on the network: SSH, the published panels, its own pages. All on loopback, all judged on arrival."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import html
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncssh

from .config import Config
from .console import Console, Gone
from .packet import Verdict
from .personality import Listener, Seen
from .router import Login, Router

#: A dropped packet is answered by nothing. A client that waits is let go after this long: nothing hangs for ever.
_SILENCE_SECONDS = 600.0
_REQUEST_LIMIT = 65536

Handler = Callable[[socket.socket, str], Awaitable[None]]


class Server:
    """Runs one :class:`~.router.Router`. Use as ``async with Server(router) as server``."""

    def __init__(self, router: Router, directory: Path | None = None) -> None:
        self.router = router
        self.directory = directory
        self.ports: dict[str, int] = {}
        self.host_key = _host_key(directory)
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        router.on_save = self._write_flash

    async def __aenter__(self) -> Server:
        await self._listen("ssh", self.router.options.ssh_port, self._serve_ssh)
        for listener in self._listeners():
            await self._listen(listener.name, listener.listen, self._web_handler(listener))
        self._start(self._run_clock())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for login in list(self.router.logins.values()):
            login.kill()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listening in self._sockets:
            listening.close()

    @property
    def port(self) -> int:
        """The loopback port of the router's SSH server."""
        return self.ports["ssh"]

    def fingerprint(self) -> str:
        return self.host_key.get_fingerprint()

    def rotate_host_key(self) -> str:
        """From the next session on, the router shows another key."""
        self.host_key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
        return self.fingerprint()

    def _listeners(self) -> tuple[Listener, ...]:
        return (*self.router.personality.listeners, Listener("httpd", 80), Listener("telnetd", 23))

    def _write_flash(self, saved: Config) -> None:
        if self.directory is not None:
            write_private(self.directory / "config0.txt", "".join(f"{line}\n" for line in saved.lines()))

    # --- plumbing

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self, name: str, port: int, handler: Handler) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self.router.options.host, port))
        listening.listen(64)
        listening.setblocking(False)
        self._sockets.append(listening)
        self.ports[name] = listening.getsockname()[1]
        self._start(self._accept(listening, handler))

    async def _accept(self, listening: socket.socket, handler: Handler) -> None:
        loop = asyncio.get_running_loop()
        while True:
            arrived, (peer, *_rest) = await loop.sock_accept(listening)
            self._start(self._guarded(arrived, peer, handler))

    async def _guarded(self, arrived: socket.socket, peer: str, handler: Handler) -> None:
        try:
            if self.router.faults.mute:
                await asyncio.sleep(_SILENCE_SECONDS)
            else:
                await handler(arrived, peer)
        except (OSError, asyncssh.Error):
            pass
        finally:
            arrived.close()

    async def _refuse(self) -> None:
        if self.router.options.refusal == "silent":
            await asyncio.sleep(_SILENCE_SECONDS)

    async def _run_clock(self) -> None:
        while True:
            self.router.tick()
            await self.router.clock.sleep_until(self.router.wakes_at())

    # --- SSH

    async def _serve_ssh(self, arrived: socket.socket, peer: str) -> None:
        port = int((self.router.running.get("sshd listen") or ("22",))[0])
        verdict = self.router.judge(peer, port)
        if not verdict.passed or verdict.target != "sshd":
            await self._refuse()
            return
        seen = self.router.seen(peer)
        connection = await asyncssh.run_server(
            arrived,
            server_factory=lambda: _SshServer(self.router, seen),
            server_host_keys=[self.host_key],
            server_version=self._version(),
            line_editor=False,
            encoding=None,
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
        )
        await connection.wait_closed()

    def _version(self) -> str:
        hidden = self.router.running.get("sshd hide openssh version") == ("on",)
        return "OpenSSH" if hidden else "OpenSSH_8.4"

    # --- published panels and the router's own services

    def _web_handler(self, listener: Listener) -> Handler:
        async def handle(arrived: socket.socket, peer: str) -> None:
            verdict = self.router.judge(peer, listener.port, listener.inner)
            if not verdict.passed or self.router.service_lost(listener.name):
                await self._refuse()
                return
            await self._answer(arrived, verdict)

        return handle

    async def _answer(self, arrived: socket.socket, verdict: Verdict) -> None:
        if verdict.target == "telnetd":
            await asyncio.get_running_loop().sock_sendall(arrived, b"\r\nPassword: ")
            await asyncio.get_running_loop().sock_recv(arrived, 1024)
            return
        page = self._page(verdict)
        if page is None:
            await self._refuse()
            return
        await _speak_http(arrived, *page)

    def _page(self, verdict: Verdict) -> tuple[str, str] | None:
        """Title and Server header of whatever the session reached."""
        if verdict.target == "httpd":
            return self.router.personality.model, f"YAMAHA-RT {self.router.personality.revision}"
        for panel in self.router.personality.panels:
            if verdict.target == f"{panel.address}:{panel.port}":
                return panel.title, panel.server
        return None


class _SshServer(asyncssh.SSHServer):
    def __init__(self, router: Router, seen: Seen) -> None:
        self.router = router
        self.seen = seen
        self.user = ""
        self.connection: asyncssh.SSHServerConnection | None = None
        router.connections += 1
        self.number = router.connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn

    def begin_auth(self, username: str) -> bool:
        self.user = username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.user = username
        return self.router.may_log_in(username, password, self.seen)

    def session_requested(self) -> _SshSession | bool:
        assert self.connection is not None
        login = self.router.log_in(self.user, self.seen, self.connection.abort, self.number)
        if login is None:
            self.connection.abort()
            return False
        return _SshSession(self.router, login, self._one_less)

    def _one_less(self) -> None:
        """The last shell that ends takes the connection with it."""
        if self.connection is not None and not any(item.carrier == self.number for item in self.router.logins.values()):
            self.connection.close()


class _SshSession(asyncssh.SSHServerSession[bytes]):
    """A shell. The router runs no single commands (``ssh host command``), so those are refused."""

    def __init__(self, router: Router, login: Login, ended: Callable[[], None]) -> None:
        self.router = router
        self.login = login
        self._ended = ended
        self.console = Console(router, login, self._write)
        self.channel: asyncssh.SSHServerChannel[bytes] | None = None
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self.channel = chan

    def pty_requested(self, *_what: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        del command
        return False

    def session_started(self) -> None:
        self.task = asyncio.get_running_loop().create_task(self._run())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        del datatype
        self.console.feed(data)

    def eof_received(self) -> bool:
        self.console.hang_up()
        return False

    def break_received(self, msec: int) -> bool:
        del msec
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.console.hang_up()
        self.router.log_out(self.login)

    async def _run(self) -> None:
        by_quit = False
        with contextlib.suppress(Gone, OSError, asyncssh.Error):
            await self.console.run()
            by_quit = True
        self.router.log_out(self.login, by_quit=by_quit)
        if self.channel is not None and not self.channel.is_closing():
            self.channel.exit(0)
        self._ended()

    async def _write(self, data: bytes) -> None:
        """Send, at the pace of a slow console if that is asked for."""
        assert self.channel is not None
        pace = self.router.options.bytes_per_second
        step = max(1, int(pace / 50)) if pace else len(data) or 1
        for start in range(0, len(data), step):
            if self.channel.is_closing():
                raise Gone
            part = data[start : start + step]
            self.channel.write(part)
            if pace:
                await asyncio.sleep(len(part) / pace)


async def _speak_http(arrived: socket.socket, title: str, server: str) -> None:
    """One request, one page, goodbye."""
    loop, request = asyncio.get_running_loop(), b""
    while b"\r\n\r\n" not in request and len(request) < _REQUEST_LIMIT:
        more = await loop.sock_recv(arrived, 4096)
        if not more:
            return
        request += more
    safe = html.escape(title)
    body = f"<!doctype html><html><head><title>{safe}</title></head><body><h1>{safe}</h1></body></html>\n".encode()
    head = [
        "HTTP/1.1 200 OK",
        f"Server: {server}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    await loop.sock_sendall(arrived, "\r\n".join(head).encode() + b"\r\n\r\n" + body)


def _host_key(directory: Path | None) -> asyncssh.SSHKey:
    """The router's host key; one that lasts if there is a directory to keep it in."""
    if directory is None:
        return _passing_key()
    path = directory / "host_key"
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
        write_private(path, key.export_private_key().decode())
    return asyncssh.read_private_key(path)


@functools.cache
def _passing_key() -> asyncssh.SSHKey:
    """One key for all routers of this process that have no directory: making one takes longer than most tests."""
    return asyncssh.generate_private_key("ssh-rsa", key_size=2048)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = path.with_name(f".{path.name}.new")
    draft.touch(mode=0o600)
    draft.chmod(0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
