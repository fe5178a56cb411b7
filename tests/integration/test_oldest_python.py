# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on devices, run by the oldest Python that this ansible-core accepts there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import ansible
import pytest
import yaml
from ansible.module_utils.basic import _PY_MIN

from tests.integration.playbook_run import COLLECTIONS, play

NAME = "python{}.{}".format(*_PY_MIN)

#: Ordinary places first; what pyenv calls python3.8 may be there and only say that it is not.
CANDIDATES = [shutil.which(NAME), *sorted(map(str, (Path.home() / ".pyenv/versions").glob(f"*/bin/{NAME}")))]

#: A change that is confirmed, and one that nobody confirms: the way back is a process of its own.
GUARDED = """
import json, os, sys, time
sys.path[:0] = [sys.argv[1]]
from ansible_collections.iot_site.checklist.plugins.module_utils.guard import Places
from ansible_collections.iot_site.checklist.plugins.modules import host_apply

folder = sys.argv[2]
places = Places(folder + "/var", folder + "/units", systemd=folder + "/none")
changed = folder + "/file"
run = {"argv": ["cat", changed], "stdin": "", "undo": [], "undo_stdin": ""}

def content():
    with open(changed) as file:
        return file.read()

def apply(token, seconds, content):
    file = {"kind": "FileEdit", "path": changed, "content": content, "mode": 0o644}
    asked = {"token": token, "seconds": seconds, "deadline": 20, "files": [file], "checks": [run], "runs": [run]}
    return host_apply.apply(asked, places)

token = "20261120T000000Z-aaaaaa"
seen = [apply(token, 600, "kept")["outcome"], host_apply.confirm({"token": token}, places)["outcome"], content()]
seen += [apply("20261120T000001Z-bbbbbb", 1, "not kept")["outcome"], content()]
end = time.monotonic() + 30
while content() != "kept" and time.monotonic() < end:
    os.sched_yield()
print(json.dumps([sys.version_info[:2], *seen, content()]))
"""


def _runs(program: str) -> bool:
    return subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode == 0


def oldest() -> str:
    for program in CANDIDATES:
        if program and _runs(program):
            return program
    pytest.skip(f"{NAME}, the oldest that this ansible-core accepts on a device, is not on this machine")


@pytest.fixture(scope="module")
def python() -> str:
    return oldest()


def test_host_read_answers(python: str, tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"\xff\n")
    reads = [
        {"name": "page", "files": f"{tmp_path}/p*"},
        {"name": "echo", "command": ["echo", "some words"]},
        *({"name": name, "command": [name]} for name in ("@session", "@listeners", "@root")),
        {"name": "@processes", "command": ["@processes", "init"]},
    ]
    tasks = [
        {"iot_site.checklist.host_read": {"reads": reads}, "register": "found"},
        {"ansible.builtin.copy": {"content": "{{ found.outputs }}", "dest": "{{ playbook_dir }}/found.json"}},
    ]
    book = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    (tmp_path / "book.yml").write_text(yaml.safe_dump(book), encoding="utf-8")
    options = ["-c", "local", "-e", f"ansible_python_interpreter={python}"]
    run = play(tmp_path, "-i", "k7-panel,", *options, "book.yml")
    assert run.code == 0, run.output
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["page"][f"{tmp_path}/page"]["length"] == 2
    told = ("echo", "@session", "@listeners", "@root", "@processes")
    assert [pack["error"] for name in told for pack in found[name].values()] == [""] * len(told)


def test_a_change_is_made_kept_and_taken_back(python: str, tmp_path: Path) -> None:
    library = tmp_path / "library"  # ansible.module_utils and nothing else of a newer Python's packages
    library.mkdir()
    (library / "ansible").symlink_to(Path(ansible.__file__).parent)
    (library / "ansible_collections").symlink_to(COLLECTIONS / "ansible_collections")
    (tmp_path / "file").write_text("old")
    run = subprocess.run(
        [python, "-I", "-B", "-c", GUARDED, library, tmp_path],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [list(_PY_MIN), "applied", "confirmed", "kept", "applied", "not kept", "kept"]
