# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns findings into an exit code, host by host (plugins/modules/gate.py)."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ..plugin_utils.argspec import argument_spec

_NO_VERDICT = {"unknown": ["no verdict in this run"]}


class ActionModule(ActionBase):
    """Fails where a status in ``fail_on`` occurs."""

    SPEC = argument_spec("gate")
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(argument_spec=self.SPEC)
        statuses = arguments["verdict"].get("statuses") or _NO_VERDICT
        found = {status: statuses[status] for status in arguments["fail_on"] if statuses.get(status)}
        result: dict[str, Any] = {"changed": False, "open": found}
        if found:
            result |= {"failed": True, "msg": _message(found, arguments["verdict"].get("report", ""))}
        return result


def _message(found: dict[str, list[str]], report: str) -> str:
    what = "; ".join(
        f"{len(controls)} {status}: {', '.join(sorted(set(controls)))}" for status, controls in found.items()
    )
    where = f" Report: {report}" if report else " There is no report of this host; did the report task run?"
    return f"{what}.{where} (iot_site_fail_on says which statuses end the run with exit code 2.)"
