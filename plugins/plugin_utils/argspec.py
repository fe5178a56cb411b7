# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specification of our modules, read once from their DOCUMENTATION: it stands in one place only.

Ansible's own reader also reads what a module returns, and remembers of each word where it stood: four times the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, cast

import yaml

_PLUGINS = __name__.rpartition(".plugin_utils.")[0]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COPIED = ("type", "required", "default", "choices", "elements", "aliases")


@cache
def argument_spec(module: str) -> dict[str, Any]:
    """What the action plugin of ``module`` accepts. Call it at import, never inside ``run()``."""
    told = _read(import_module(f"{_PLUGINS}.modules.{module}").DOCUMENTATION)
    shared = [_fragment(name) for name in told.get("extends_documentation_fragment", ())]
    documented = {name: option for one in (*shared, told) for name, option in one.get("options", {}).items()}
    return options(documented)


def _fragment(name: str) -> dict[str, Any]:
    """Of ``iot_site.checklist.declared.control`` the part CONTROL of doc_fragments/declared.py."""
    _namespace, _collection, file, *part = name.split(".")
    fragment = import_module(f"{_PLUGINS}.doc_fragments.{file}").ModuleDocFragment
    return _read(getattr(fragment, part[0].upper() if part else "DOCUMENTATION"))


def _read(text: str) -> dict[str, Any]:
    return cast(dict[str, Any], yaml.load(text, _LOADER))  # a safe loader


def options(documented: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The specification of documented options, those of every depth."""
    return {name: _option(option) for name, option in documented.items()}


def _option(option: Mapping[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = {key: option[key] for key in _COPIED if key in option}
    if "suboptions" in option:
        spec["options"] = options(option["suboptions"])
    return spec
