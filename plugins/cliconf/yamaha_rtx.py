# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of Yamaha RTX, NVR, FWX and vRX routers, for ansible.netcommon.network_cli."""

from __future__ import annotations

DOCUMENTATION = r"""
name: yamaha_rtx
author:
  - iot_site.checklist contributors (@iot-site)
short_description: Run commands on Yamaha RTX, NVR, FWX and vRX routers
description:
  - Sends commands and configuration lines. Every line acts at once; nothing is saved unless C(save) is sent.
version_added: 0.1.0
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from ansible.plugins.cliconf import CliconfBase

_VERSION = re.compile(r"^(\S+) +(Rev\.\S+)", re.MULTILINE)


class Cliconf(CliconfBase):  # type: ignore[misc]
    """The least that network_cli needs: the platform file knows the language, this only carries it."""

    def get_config(self, source: str = "running", flags: Any = None, format: str | None = None) -> str:
        """The running configuration. The saved one lies in a numbered file: ask for it with get()."""
        if source != "running":
            raise ValueError(f"only the running configuration is shown whole, not {source}")
        return str(self.send_command("show config"))

    def edit_config(
        self,
        candidate: str | list[str] | None = None,
        commit: bool = True,
        replace: str | None = None,
        diff: bool = False,
        comment: str | None = None,
    ) -> dict[str, list[str]]:
        """Send each line; the device has no candidate configuration, so there is nothing to commit."""
        lines = candidate.splitlines() if isinstance(candidate, str) else list(candidate or ())
        sent = [line.strip() for line in lines if line.strip()]
        return {"request": sent, "response": [str(self.send_command(line)) for line in sent]}

    def get(
        self,
        command: str | None = None,
        prompt: str | Iterable[str] | None = None,
        answer: str | Iterable[str] | None = None,
        sendonly: bool = False,
        newline: bool = True,
        output: str | None = None,
        check_all: bool = False,
    ) -> str:
        """One command's answer."""
        if not command:
            raise ValueError("a command is needed")
        return str(
            self.send_command(
                command=command, prompt=prompt, answer=answer, sendonly=sendonly, newline=newline, check_all=check_all
            )
        )

    def get_device_info(self) -> dict[str, str]:
        """Model and firmware."""
        found = _VERSION.search(str(self.send_command("show environment")))
        named = {"network_os_model": found.group(1), "network_os_version": found.group(2)} if found else {}
        return {"network_os": "yamaha_rtx", **named}

    def get_capabilities(self) -> str:
        """What network_cli asks of every cliconf plugin."""
        return json.dumps(super().get_capabilities())
