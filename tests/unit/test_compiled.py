# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What make remembers of compiled collections (tests/tools/compiled) is what their files say now."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMPILED = Path(__file__).parents[1] / "tools" / "compiled"


def said(program: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(COMPILED)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.split()


def test_a_source_is_compiled_anew_when_it_has_changed() -> None:
    program = "for n in 1, 1, 2: exec(sitecustomize._compiled(f'print({n})', 'a.py', 'exec', 0, True))"
    assert said(f"import sitecustomize\n{program}") == ["1", "1", "2"]


def test_ansible_compiles_collections_there() -> None:
    finder = "ansible.utils.collection_loader._collection_finder"
    assert said(f"import {finder} as finder, sys; print(finder.compile.__module__)") == ["sitecustomize"]
