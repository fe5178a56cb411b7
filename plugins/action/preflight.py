# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first task of every playbook: see plugins/modules/preflight.py for the documentation."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..plugin_utils.argspec import argument_spec
from ..plugin_utils.intent import load
from ..plugin_utils.ip import MISSING
from ..plugin_utils.model import as_json
from ..plugin_utils.problems import Problem

_SPEC = argument_spec("preflight")


class ActionModule(ActionBase):
    """Names every wrong variable of one host; contacts nothing."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if MISSING:
            raise AnsibleActionFail(MISSING)
        _result, arguments = self.validate_argument_spec(argument_spec=_SPEC)
        _intent, problems = load(arguments, str((task_vars or {})["inventory_hostname"]))
        result.update(changed=False, problems=as_json(problems))
        if problems:
            result.update(failed=True, msg=_message(problems))
        return result


def _message(problems: list[Problem]) -> str:
    count = "1 variable is" if len(problems) == 1 else f"{len(problems)} variables are"
    return "\n".join([f"{count} wrong, so nothing was contacted. Correct the inventory:", *map(str, problems)])
