# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaves the terminal to the table; says what went wrong, apart from the gate, which only sets the exit code."""

from __future__ import annotations

from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: quiet
type: stdout
short_description: Prints failures only
description: For the demo.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "quiet"

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        if result.task.action != "iot_site.checklist.gate":
            message = result.result.get("msg", result.result)
            self._display.display(f"{result.host.get_name()}: {result.task.get_name()}: {message}", color="red")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self.v2_runner_on_failed(result)
