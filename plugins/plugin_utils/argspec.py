# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specification of our modules, read once from their DOCUMENTATION: it stands in one place only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

_COLLECTION = "iot_site.checklist"
_COPIED = ("type", "required", "default", "choices", "elements", "aliases")


@cache
def argument_spec(module: str) -> dict[str, Any]:
    """What the action plugin of ``module`` accepts. Call it at import, never inside ``run()``."""
    path = Path(__file__).parent.parent / "modules" / f"{module}.py"
    documentation = get_docstring(str(path), fragment_loader, collection_name=_COLLECTION)[0]
    return options(documentation.get("options") or {})


def options(documented: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The specification of documented options, those of every depth."""
    return {name: _option(option) for name, option in documented.items()}


def _option(option: Mapping[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = {key: option[key] for key in _COPIED if key in option}
    if "suboptions" in option:
        spec["options"] = options(option["suboptions"])
    return spec
