# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many devices on loopback in one process: ``python -m tests.bench.outside_peers COUNT ADDRESSES``.

Prints where each listens and which text it shows, as JSON, and ends with its standard input. A TCP port is one device
on each of the addresses 127.0.0.1, 127.0.0.2 and so on.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

import asyncssh

Made = Callable[[str], Awaitable[int]]  # from the text that it shows to the port where it does
_PORTS = iter(range(20001, 30000))


async def _tcp(meet: Callable[[Any, Any], Awaitable[None]], secure: ssl.SSLContext | None = None) -> int:
    async def met(reader: Any, writer: Any) -> None:
        try:
            await meet(reader, writer)
            await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass
        writer.close()

    server = await asyncio.start_server(met, "0.0.0.0", 0, ssl=secure)
    return int(server.sockets[0].getsockname()[1])


def _says(greeting: bytes, answers: dict[bytes, bytes]) -> Callable[[Any, Any], Awaitable[None]]:
    async def meet(reader: Any, writer: Any) -> None:
        writer.write(greeting)
        while line := await reader.readline():
            writer.write(answers.get(line.strip().upper(), b""))

    return meet


async def _http(text: str, secure: ssl.SSLContext | None = None) -> int:
    page = f"<html><head><title>{text}</title></head><body><p>1.20 m</p></body></html>"

    async def meet(reader: Any, writer: Any) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = b" / " in head.partition(b"\r\n")[0]
        status = "200 OK" if found else "404 Not Found"
        body = page if found else ""
        writer.write(
            f"HTTP/1.1 {status}\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}".encode()
        )

    return await _tcp(meet, secure)


async def _ftp(text: str) -> int:
    return await _tcp(
        _says(
            f"220 ProFTPD Server ({text}) [127.0.0.1]\r\n".encode(), {b"FEAT": b"211 End\r\n", b"QUIT": b"221 Bye\r\n"}
        )
    )


async def _telnet(text: str) -> int:
    return await _tcp(_says(b"\xff\xfd\x18" + f"{text}\r\nlogin: ".encode(), {}))


async def _vnc(text: str) -> int:
    name = text.encode()

    async def meet(reader: Any, writer: Any) -> None:
        writer.write(b"RFB 003.008\n")
        await reader.readexactly(12)
        writer.write(b"\x01\x01")
        await reader.readexactly(1)
        writer.write(bytes(4))
        await reader.readexactly(1)
        writer.write(b"\x03\x20\x02\x58" + bytes(16) + len(name).to_bytes(4, "big") + name)
        await reader.read()

    return await _tcp(meet)


async def _rtsp(text: str) -> int:
    async def meet(reader: Any, writer: Any) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status = "200 OK" if head.startswith(b"OPTIONS") else "401 Unauthorized"
        if b"RTSP/" not in head:
            status = "400 Bad Request"
        writer.write(f"RTSP/1.0 {status}\r\nCSeq: 1\r\nServer: {text}\r\nPublic: OPTIONS, DESCRIBE\r\n\r\n".encode())
        await reader.read()

    return await _tcp(meet)


class _Anybody(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True


async def _ssh(text: str, key: asyncssh.SSHKey) -> int:
    version = text.replace(" ", "_")
    made = await asyncssh.listen("0.0.0.0", 0, server_host_keys=[key], server_version=version, server_factory=_Anybody)
    return int(made.get_port())


class _Agent(asyncio.DatagramProtocol):
    """Answers a GetRequest of the community public with a sysDescr, and nothing else (RFC 1157)."""

    def __init__(self, text: str) -> None:
        value = _tlv(4, text.encode())
        self._bindings = _tlv(0x30, _tlv(0x30, _tlv(6, bytes((0x2B, 6, 1, 2, 1, 1, 1, 0))) + value))

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        public = data.find(b"\x04\x06public")
        if public < 0 or data[2:4] != b"\x02\x01" or data[public + 8] not in (0xA0, 0xA1):
            return
        number = data[public + 10 : public + 12 + data[public + 11]]
        pdu = _tlv(0xA2, number + b"\x02\x01\0\x02\x01\0" + self._bindings)
        self._transport.sendto(_tlv(0x30, data[2:5] + b"\x04\x06public" + pdu), address)


def _tlv(tag: int, content: bytes) -> bytes:
    size = bytes((len(content),)) if len(content) < 128 else b"\x82" + len(content).to_bytes(2, "big")
    return bytes((tag,)) + size + content


async def _snmp(text: str, addresses: list[str]) -> int:
    """A socket for each address, or the answer would come from another one; the ports are free on all of them."""
    loop = asyncio.get_running_loop()
    while True:
        number, made = next(_PORTS), []
        try:
            for address in addresses:
                made.append((await loop.create_datagram_endpoint(lambda: _Agent(text), (address, number)))[0])
        except OSError:
            for transport in made:
                transport.close()
            continue
        return number


def _secure(folder: str) -> ssl.SSLContext:
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"]
    named = ["-subj", "/O=Hirosaki Jousui/CN=bench", "-keyout", f"{folder}/key", "-out", f"{folder}/crt"]
    subprocess.run([*made, *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/crt", f"{folder}/key")
    return context


async def _serve(count: int, addresses: list[str]) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    with tempfile.TemporaryDirectory() as folder:
        secure = _secure(folder)
    kinds: dict[str, Made] = {
        "http": _http, "https": lambda text: _http(text, secure), "ssh": lambda text: _ssh(text, key), "ftp": _ftp,
        "telnet": _telnet, "vnc": _vnc, "rtsp": _rtsp, "snmp": lambda text: _snmp(text, addresses),
    }  # fmt: skip
    names = list(kinds)
    told = []
    for number in range(count):
        kind, text = names[number % len(names)], f"Hirosaki Jousui {number:04}"
        transport = "udp" if kind == "snmp" else "tcp"
        told.append({"kind": kind, "transport": transport, "port": await kinds[kind](text), "text": text})
    print(json.dumps(told), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), [f"127.0.0.{last}" for last in range(1, int(sys.argv[2]) + 1)]))
