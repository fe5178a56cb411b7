# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house rules that no linter knows, over every file of the tree."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What git keeps, or would: never what was built.
_LISTED = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
)
FILES = sorted({path for name in _LISTED.stdout.split("\0") if name and (path := ROOT / name).is_file()})
PYTHON = [path for path in FILES if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ("plugins", "tests")]
PLUGINS = [path for path in PYTHON if path.is_relative_to(ROOT / "plugins")]
ON_DEVICES = [path for path in PLUGINS if path.parent.name in ("modules", "module_utils")]

HEADER = """\
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
#: Written so that this file does not hold them itself.
_LEFTOVERS = re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b")
_ELSEWHERE = re.compile(r"DESIG[N](?:\.md)? §|/work/[m]ain|/tmp/[s]etup|\.\./[s]hared/DESIGN")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _found(pattern: re.Pattern[str], path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if pattern.search(line):
            yield f"{_name(path)}:{number}: {line.strip()[:80]}"


def test_the_tree_is_seen() -> None:
    assert {"galaxy.yml", "README.md", "plugins/plugin_utils/engine.py"} <= {_name(path) for path in FILES}
    assert len(ON_DEVICES) >= 8


def test_nothing_is_left_for_later() -> None:
    assert [hit for path in FILES if path.name != "LICENSE" for hit in _found(_LEFTOVERS, path)] == []


def test_no_file_names_the_machine_it_was_written_on_or_what_is_not_here() -> None:
    """This checkout's own directory, the home of whoever runs the tests, a paper that does not lie in the tree."""
    home = str(Path.home())
    places = [str(ROOT), *([home] if home.count("/") > 1 else [])]  # /root is a place on every machine
    pattern = re.compile("|".join([_ELSEWHERE.pattern, *(re.escape(place) + r"\b" for place in places)]))
    assert [hit for path in FILES for hit in _found(pattern, path)] == []


@pytest.mark.parametrize("path", PYTHON, ids=_name)
def test_a_python_file_says_whose_it_is_and_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if not text:  # marks a package
        return
    shebang = "#!/usr/bin/python\n" if path.parent == ROOT / "plugins" / "modules" else ""
    assert text.startswith(shebang + HEADER)
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    if len(tree.body) > 1:
        assert isinstance(tree.body[1], ast.ImportFrom) and tree.body[1].module == "__future__"


def test_a_plugin_file_can_be_read_in_one_sitting() -> None:
    assert [_name(path) for path in PLUGINS if len(path.read_text(encoding="utf-8").splitlines()) >= 500] == []


@pytest.mark.parametrize("path", ON_DEVICES, ids=_name)
def test_what_runs_on_devices_is_python_3_8(path: Path) -> None:
    """Its grammar; tests/integration/test_oldest_python.py runs it."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_task_files_are_short() -> None:
    tasks = [path for path in FILES if path.parent.name == "tasks" and path.suffix == ".yml"]
    assert tasks
    assert [_name(path) for path in tasks if len(path.read_text(encoding="utf-8").splitlines()) > 40] == []
