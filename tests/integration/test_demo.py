# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo`` shows the whole way, twice in one directory, and leaves nothing behind it but that directory."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
_SECONDS = 180  # it takes half a minute; tests may run beside it


def start(directory: Path, home: Path) -> subprocess.Popen[str]:
    """The demo, in a session of its own, so that whatever it leaves running can be told from everything else.

    It minds Ctrl-C also where the tests themselves run in a background that ignores it.
    """
    environment = {**os.environ, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "SSH_AUTH_SOCK": "/nowhere"}
    command = ["env", "--default-signal=INT", sys.executable, "-m", "tests.devices.demo", "--directory", str(directory)]
    return subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def running_in(directory: Path) -> list[str]:
    """Command lines of living processes that work in the directory or name it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            where = (process / "cwd").readlink()
        except OSError:
            continue
        if str(directory) in line or where.is_relative_to(directory):
            found.append(line)
    return found


def ports(directory: Path) -> list[int]:
    return [int(port) for port in re.findall(r"ansible_port: (\d+)", (directory / "hosts.yml").read_text())]


def closed(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


@dataclass(frozen=True)
class Told:
    """What is left of two runs in one directory."""

    directory: Path
    home: Path
    said: list[str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    directory, home = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("home")
    said = []
    for _run in range(2):
        process = start(directory, home)
        output, _error = process.communicate(timeout=_SECONDS)
        assert process.returncode == 0, output
        said.append(output)
    return Told(directory, home, said)


def rows(output: str, host: str) -> list[dict[str, str]]:
    """What each table of a run says of a host, by item: cells stand two spaces or more apart."""
    header: list[str] = []
    found = []
    for line in output.splitlines():
        cells = re.split(r" {2,}", line)
        header = cells if cells[0] == "機器 device" else header
        if cells[0] == host and len(cells) >= len(header):
            found.append(dict(zip(header, cells, strict=False)))
    return found


def test_every_run_shows_the_table_and_what_changed(told: Told) -> None:
    for output in told.said:
        assert "監査 AUDIT k7" in output
        assert "監査 AUDIT m3" in output
        before, after = rows(output, "k7-rtx")
        assert (before["A2"], before["B1"], before["D2"]) == ("GAP", "GAP", "pass")
        assert (after["A2"], after["B1"], after["D2"]) == ("pass", "manual", "pass")
        assert "      - sshd host any\n" in output
        assert "      + sshd host 203.0.113.10 203.0.113.20 lan1\n" in output
        assert re.search(r"m3-rtx A2.forwarded +未変更 not changed\n.*running and saved configuration differ", output)
        assert output.count("exit code 2") == 3


def test_a_stranger_is_refused_afterwards_and_a_person_of_the_site_is_not(told: Told) -> None:
    for output in told.said:
        strangers = re.findall(r"a stranger +198.51.100.99 +panel: (\S+)", output)
        people = re.findall(r"user-b +203.0.113.20 +panel: (\S+)", output)
        assert strangers == ["「第一浄水場", "refused"]
        assert people == ["「第一浄水場", "「第一浄水場"]


def test_the_reports_it_names_are_there(told: Told) -> None:
    pages = re.findall(r"\S+/report\.html", told.said[-1])
    assert len(pages) == 4
    for page in pages:
        assert "<html" in (CHECKOUT / page).read_text(encoding="utf-8")


def test_it_is_for_the_eyes_of_its_user_only(told: Told) -> None:
    assert stat.S_IMODE(told.directory.stat().st_mode) == 0o700
    clear = [
        path.name for path in told.directory.rglob("*") if path.is_file() and b"t4xkz9wmq7rhc3vd" in path.read_bytes()
    ]
    assert clear == [], "a password lies in clear text"


def test_nothing_is_left_running_and_nothing_is_written_elsewhere(told: Told) -> None:
    assert running_in(told.directory) == []
    assert [port for port in ports(told.directory) if not closed(port)] == []
    assert list(told.home.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    directory, home = tmp_path / "demo", tmp_path / "home"
    process = start(directory, home)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("$ ansible-playbook"):
            break
    process.send_signal(number)
    output, _error = process.communicate(timeout=_SECONDS)
    assert process.returncode == 130, output
    assert "Nothing is left running" in output
    assert running_in(directory) == []
    assert [port for port in ports(directory) if not closed(port)] == []


def test_a_directory_that_it_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    process = start(tmp_path, tmp_path)
    output, _error = process.communicate(timeout=_SECONDS)
    assert process.returncode != 0
    assert "not made by the demo" in output
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "mine"
