# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m …devices.yamaha_rtx``: one emulated router as a process on loopback, without root.

Everything it keeps lies in the directory it is given (flash, host key, control socket). It prints one JSON line when it
is ready and stops, leaving nothing running, on SIGTERM, SIGINT, ``{"do": "stop"}``, or when its parent dies
(``--with-parent``).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from .clock import Clock
from .config import Config
from .control import Control, listen
from .personality import Options, Personality, Seen
from .router import Router
from .server import Server


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="yamaha_rtx", description="An emulated Yamaha RTX router on loopback.")
    parser.add_argument("directory", type=Path, help="where its flash, host key and control socket live (made, 0700)")
    parser.add_argument(
        "--personality", default="rtx830_pppoe", help="a name below personalities/, or a path to such a pair"
    )
    parser.add_argument("--config", type=Path, help="start from this saved configuration instead of the personality's")
    parser.add_argument("--fresh", action="store_true", help="forget the flash of an earlier run")
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    parser.add_argument("--ssh-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--speed", type=float, default=1.0, help="device seconds per real second")
    parser.add_argument("--boot-seconds", type=float, default=40.0, help="device seconds a restart takes")
    parser.add_argument("--bytes-per-second", type=float, default=0.0, help="a slow console; 0: fast")
    parser.add_argument("--refusal", choices=("close", "silent"), default="close", help="how a refused session feels")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME=JSON", help="set a fault from the start")
    parser.add_argument(
        "--see", action="append", default=[], metavar="REAL=ADDRESS%INTERFACE", help="127.0.0.1=203.0.113.10%%pp1"
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the process that started this one is gone"
    )
    return parser.parse_args(argv)


def build(arguments: argparse.Namespace) -> Router:
    """The router these arguments describe."""
    flash = arguments.directory / "config0.txt"
    if arguments.fresh:
        flash.unlink(missing_ok=True)
    stored = next((path for path in (flash, arguments.config) if path is not None and path.exists()), None)
    options = Options(
        host=arguments.host,
        ssh_port=arguments.ssh_port,
        boot_seconds=arguments.boot_seconds,
        bytes_per_second=arguments.bytes_per_second,
        refusal=arguments.refusal,
    )
    sources = {}
    for text in arguments.see:
        real, _equals, seen = text.partition("=")
        address, _percent, interface = seen.partition("%")
        sources[real] = Seen(address, interface)
    router = Router(
        Personality.load(arguments.personality),
        options,
        Clock(arguments.speed),
        saved=Config(stored.read_text(encoding="utf-8")) if stored else Config(),
        sources=sources,
    )
    for text in arguments.fault:
        name, _equals, value = text.partition("=")
        router.faults.update({name: json.loads(value)})
    return router


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    router, directory = build(arguments), arguments.directory
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(Server(router, directory))
        control = Control(server, stop.set)
        await stack.enter_async_context(listen(control, directory / "control.sock"))
        ready = {
            "ready": True,
            "pid": os.getpid(),
            "model": router.personality.model,
            "host": router.options.host,
            "ports": server.ports,
            "host_key": server.fingerprint(),
            "control": str(directory / "control.sock"),
        }
        parent = os.getppid()  # before it hears that we are ready, which may be all that it waited for
        print(json.dumps(ready), flush=True)
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=0.3 if arguments.with_parent else None)
            if arguments.with_parent and os.getppid() != parent:
                stop.set()


def main(argv: list[str] | None = None) -> int:
    arguments = _arguments(argv)
    arguments.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        asyncio.run(_serve(arguments))
    except (ValueError, OSError) as error:
        print(f"yamaha_rtx: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
