# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console of Yamaha RTX, NVR, FWX and vRX routers, for ansible.netcommon.network_cli."""

from __future__ import annotations

import json
import re
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.terminal import TerminalBase

DOCUMENTATION = r"""
name: yamaha_rtx
author:
  - iot_site.checklist contributors (@iot-site)
short_description: Terminal of Yamaha RTX, NVR, FWX and vRX routers
description:
  - Makes the console readable for a program (no pager, wide lines, ASCII messages) and gives it back as it was.
  - The console settings are part of the running configuration of the device. They are put back when the session
    ends, and comparing configurations leaves them out.
version_added: 0.1.0
"""

#: English messages. Newer firmware calls the character set en.ascii. (d)
_CHARACTERS = ("console character ascii", "console character en.ascii")
_NO_PAGER = "console lines infinity"
_WIDE = "console columns 200"
_CONSOLE_LINE = re.compile(r"^\s*(console (?:character|lines|columns) \S+)\s*$", re.MULTILINE)
_NAMES = ("character", "lines", "columns")
#: A row of ``show status user``: marks, a name that may be missing, the kind of connection with its number.
_SESSION = re.compile(r"^[*+@ ]{3}.*?\b(?:ssh|telnet|serial|remote|http)\w*\b", re.MULTILINE)
_CODES = ("utf-8", "cp932", "euc_jp")
_NO_ADMINISTRATOR = "unable to become administrator: the device refused the administrator password (tried once)"
#: What another session of ours has set, or one that died has left behind: no owner sets all of these.
_OURS = [{character, _NO_PAGER, _WIDE} for character in _CHARACTERS]


def _escaped(code: str) -> str:
    """つづく in a character set, for a pattern that may be handed on as text."""
    return "".join(rf"\x{byte:02x}" for byte in "つづく".encode(code))


class TerminalModule(TerminalBase):  # type: ignore[misc]
    """Prompts, errors, and what to say when a session begins and ends."""

    #: A screen is full: somebody else set the console, which all sessions share, while we were reading.
    pager = re.compile(rf"[\r\n]---(?:More|{'|'.join(map(_escaped, _CODES))})---$".encode())
    #: The prompt stands alone on the last line; in ``# RTX830 Rev...`` of ``show config`` text follows.
    terminal_stdout_re = [re.compile(rb"[\r\n][^\r\n]{0,80}[>#] ?$"), pager]
    terminal_stderr_re = [
        re.compile(rb"(?:^|[\r\n]) ?Error: "),
        *(re.compile(rb"(?:^|[\r\n]) ?" + re.escape("エラー".encode(code))) for code in _CODES),
    ]

    #: The device asked for the administrator's password, and took the one it was given.
    became_by_password = False

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._before: list[str] | None = None

    def on_open_shell(self) -> None:
        """Remember the console's settings, then make it readable."""
        self._before = self._console_lines()
        self._make_readable()

    def on_pager(self) -> None:
        """Leave the pager, and make the console readable again."""
        self._exec_cli_command(b"q")
        self._before = self._console_lines()
        self._make_readable()

    def _make_readable(self) -> None:
        if not any(self._accepted(line) for line in _CHARACTERS):
            raise AnsibleConnectionFailure("the device refused 'console character ascii'")
        if not self._accepted(_NO_PAGER):
            raise AnsibleConnectionFailure(f"the device refused '{_NO_PAGER}': its output cannot be read whole")
        self._accepted(_WIDE)  # refused: lines break at the factory's 80 columns, which the platform puts together

    def on_close_shell(self) -> None:
        """Give the console back as it was, unless another session of ours still needs it as it is."""
        if self._before is None:
            return
        if set(self._before) in _OURS:
            if not self._is_alone():
                return
            self._before = []
        kept = {line.split()[1] for line in self._before}
        for line in (*self._before, *(f"no console {name}" for name in _NAMES if name not in kept)):
            self._accepted(line)

    def on_become(self, passwd: str | None = None) -> None:
        """To the administrator's prompt (#)."""
        if self._prompt().endswith("#"):
            return
        command = {
            "command": "administrator",
            "prompt": r"[Pp]assword: ?$",
            "answer": passwd or "",
            "prompt_retry_check": True,
        }
        try:
            self._exec_cli_command(_json(command))
        except AnsibleConnectionFailure:
            raise AnsibleConnectionFailure(_NO_ADMINISTRATOR) from None
        was_asked = getattr(self._connection, "_matched_cmd_prompt", None) is not None
        if not self._prompt().endswith("#"):
            raise AnsibleConnectionFailure(_NO_ADMINISTRATOR)
        self.became_by_password = was_asked

    def on_unbecome(self) -> None:
        """Back to the user's prompt; what is unsaved stays unsaved."""
        if self._prompt().endswith("#"):
            self._exec_cli_command(_json({"command": "exit", "prompt": r"\(Y/N\)", "answer": "N", "newline": False}))

    def _console_lines(self) -> list[str] | None:
        try:
            shown = self._exec_cli_command(b"show config | grep console")
        except AnsibleConnectionFailure:
            return None  # older firmware has no grep: then the settings are not put back
        return _CONSOLE_LINE.findall(to_text(shown))

    def _is_alone(self) -> bool:
        try:
            shown = to_text(self._exec_cli_command(b"show status user"), errors="surrogate_then_replace")
        except AnsibleConnectionFailure:
            return False
        return len(_SESSION.findall(shown)) == 1

    def _accepted(self, line: str) -> bool:
        try:
            self._exec_cli_command(line.encode())
        except AnsibleConnectionFailure:
            return False
        return True

    def _prompt(self) -> str:
        return str(to_text(self._get_prompt() or b"", errors="surrogate_then_replace")).strip()


def _json(command: dict[str, Any]) -> bytes:
    return json.dumps(command).encode()
