# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded reads of a device as JSON: ``{read name: {path or command: {text, rc, error}}}``."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw


def load(path: Path) -> Raw:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    return Raw({name: {key: _output(**one) for key, one in each.items()} for name, each in recorded.items()})


def dump(raw: Raw, path: Path) -> None:
    recorded = {
        name: {key: {"text": one.text, "rc": one.rc, "error": one.error} for key, one in each.items()}
        for name, each in raw.outputs.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(recorded, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def changed(raw: Raw, **answers: dict[str, str | Output]) -> Raw:
    """The same device with other answers to some reads: ``name={path or command: text}``."""
    others = {
        name: {key: Output(one.encode()) if isinstance(one, str) else one for key, one in each.items()}
        for name, each in answers.items()
    }
    return Raw({**raw.outputs, **others})


def _output(text: str, rc: int, error: str) -> Output:
    return Output(text.encode(), rc=rc, error=error)
