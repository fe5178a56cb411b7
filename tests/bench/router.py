# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit of one Yamaha router against the least that could be asked of it: one session, two commands."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import asyncssh

from .judged import JUDGED, require
from .timing import ROOT, SCRATCH, Ratio, ansible, interleaved

HERE = Path(__file__).parent
GOAL = 1.5
COMMANDS = ("show config", "show environment")
USER, PASSWORD, ADMINISTRATOR = "noc-a", "h7wkq3zr9mtxv4cd", "t4xkz9wmq7rhc3vd"  # of the demo's own configuration
CONFIGURATION = ROOT / "tests" / "devices" / "demo" / "site" / "k7-rtx.conf"


def measure() -> list[Ratio]:
    """Against network_cli, which is the goal, and against bare SSH, to know what Ansible itself costs."""
    with _router() as port:
        evidence = SCRATCH / "router"
        ansible_arguments = ("-i", str(HERE / "router.yml"), "-e", f"ansible_port={port}")
        audit = partial(
            ansible,
            "ansible-playbook",
            *(*ansible_arguments, "iot_site.checklist.audit", "-e", f"report_directory={evidence}"),
            expect=(2,),  # this router has gaps
            ANSIBLE_HOST_KEY_CHECKING="0",
        )
        session = partial(
            ansible,
            "ansible-playbook",
            *(*ansible_arguments, str(HERE / "router_session.yml")),
            ANSIBLE_HOST_KEY_CHECKING="0",
        )
        audit()
        require(
            evidence / "bench" / "latest" / "findings.json",
            hosts=1,
            items=JUDGED,
        )
        times = interleaved({"audit": audit, "session": session, "bare": lambda: asyncio.run(_bare(port))})
    commands = " + ".join(COMMANDS)
    return [
        Ratio("audit, one RTX", f"{commands}, network_cli", times["audit"], times["session"], GOAL),
        Ratio("audit, one RTX", f"{commands}, bare SSH", times["audit"], times["bare"], 0),
    ]


@contextlib.contextmanager
def _router() -> Iterator[int]:
    """The emulated router as a process of its own, and the port it listens on."""
    module = "tests.devices.yamaha_rtx"
    config = SCRATCH / "rtx.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(_ours_alone(CONFIGURATION.read_text("utf-8")), "utf-8")
    arguments = [str(SCRATCH / "rtx"), "--fresh", "--with-parent", "--config", str(config)]
    command = [sys.executable, "-m", module, *arguments, "--see", "127.0.0.1=203.0.113.10%pp1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["ports"]["ssh"]
        finally:
            process.terminate()


def _ours_alone(config: str) -> str:
    """Without the other people's logins: the router hides their passwords, and what is unknown must not be timed."""
    others = re.compile(rf"(?:login user|user attribute) (?!{USER} )")
    return "".join(line for line in config.splitlines(keepends=True) if not others.match(line))


async def _bare(port: int) -> None:
    """One login, become administrator, both commands; what a person's script would do at the least."""
    async with (
        asyncssh.connect("127.0.0.1", port, username=USER, password=PASSWORD, known_hosts=None) as connection,
        connection.create_process(term_type="vt100", encoding=None) as console,
    ):
        lines = "".join(f"{line}\n" for line in ("console lines infinity", *COMMANDS))
        await console.stdout.readuntil(b"> ")
        console.stdin.write(b"administrator\n")
        await console.stdout.readuntil(b"Password: ")
        console.stdin.write(f"{ADMINISTRATOR}\n".encode())
        await console.stdout.readuntil(b"# ")
        console.stdin.write(lines.encode())
        await console.stdout.readuntil(f"# {COMMANDS[-1]}".encode())  # `show config` has lines that begin with #, too
        await console.stdout.readuntil(b"\n# ")
