# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every item of one device, judged in one task. Documentation: plugins/modules/every_item.py; the way: engine.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..plugin_utils.argspec import argument_spec
from ..plugin_utils.declared import declared
from ..plugin_utils.engine import ControlAction
from ..plugin_utils.judges import ROLE_VARIABLES, chosen


class ActionModule(ControlAction):
    """The controls of the items that the run's tags name. It has no way to change anything."""

    SPEC = argument_spec("every_item")
    ONLY_JUDGES = True

    @staticmethod
    def _arguments(given: dict[str, Any], variables: Mapping[str, Any], said: Callable[[str], Any]) -> dict[str, Any]:
        tags = [frozenset(variables.get(f"ansible_{which}_tags") or ()) for which in ("run", "skip")]
        return {
            **{option: said(name) for option, name in ROLE_VARIABLES.items()},
            "declared": declared(variables, said),
            "items": given["items"] or chosen(*tags),
        }
