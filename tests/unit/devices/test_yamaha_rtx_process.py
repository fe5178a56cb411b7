# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router as a process: what ``make demo`` starts, asks and stops."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.devices.yamaha_rtx import Control, Router, Server, ask
from tests.unit.devices.console_client import with_router

_ROOT = Path(__file__).parents[3]


@contextmanager
def _process(directory: Path, *arguments: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.devices.yamaha_rtx", str(directory), *arguments]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline()) | {"process": process}
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


def test_process_says_it_is_ready_keeps_its_flash_and_leaves_nothing(tmp_path: Path) -> None:
    home = tmp_path / "rtx"
    with _process(home, "--see", "127.0.0.1=203.0.113.77%pp1", "--fault", "fail_save=false") as ready:
        control = ready["control"]
        assert ready["ready"] and ready["model"] == "RTX830" and ready["ports"]["ssh"] > 0
        before = ask(control, "hash")
        ask(control, "console", lines=["snmp sysname k7"], save=True)
        assert ask(control, "hash") != before
        assert ask(control, "state")["unsaved"] is False
        with pytest.raises(ValueError, match="no such fault"):
            ask(control, "fault", set={"typo": True})
        fingerprint = ready["host_key"]
    assert not (home / "control.sock").exists()
    for name in ("config0.txt", "host_key"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    with pytest.raises(ProcessLookupError):
        os.kill(ready["pid"], 0)
    with _process(home) as again:
        assert "snmp sysname k7" in ask(again["control"], "running")
        assert again["host_key"] == fingerprint
    with _process(home, "--fresh") as fresh:
        assert "snmp sysname k7" not in ask(fresh["control"], "running")


def test_a_process_without_its_parent_stops(tmp_path: Path) -> None:
    starter = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-m', 'tests.devices.yamaha_rtx', sys.argv[1], '--with-parent'],"
        " stdout=subprocess.PIPE, text=True)\n"
        "print(p.stdout.readline(), flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", starter, str(tmp_path / "rtx")],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    pid = json.loads(done.stdout)["pid"]

    async def gone() -> None:
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(gone(), 10))


def test_control_in_the_same_process() -> None:
    async def work(router: Router, server: Server) -> None:
        control = Control(server)
        assert control.answer({"do": "advance", "seconds": 60})["ok"]
        assert control.answer({"do": "map", "source": "127.0.0.3", "address": "198.51.100.3", "interface": "pp1"})["ok"]
        assert router.seen("127.0.0.3").address == "198.51.100.3"
        assert control.answer({"do": "rotate_host_key"})["result"] == server.fingerprint()
        assert not control.answer({"do": "console", "lines": ["nonsense"]})["ok"]
        assert "unknown request" in control.answer({"do": "dance"})["error"]
        state = control.answer({"do": "state"})["result"]
        assert state["hash"] == router.state_hash()
        assert json.dumps(state)

    with_router(work)
