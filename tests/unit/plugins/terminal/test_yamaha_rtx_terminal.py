# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's prompts and errors as bytes, and what a session says when it begins and ends."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.iot_site.checklist.plugins.terminal.yamaha_rtx import TerminalModule


class Console:
    """A connection that answers from a table and writes down what it was told."""

    _matched_cmd_prompt = None  # network_cli's own: the question that the last command was met with

    def __init__(self, prompt=b"[RTX830] >", refused=(), console="", password="right", users=""):
        self.prompt, self.refused, self.console, self.password = prompt, refused, console, password
        self.users = users
        self.said = []

    def exec_command(self, command):
        text = command.decode()
        if text.startswith("{"):
            asked = json.loads(text)
            self.said.append(asked["command"])
            if asked["command"] == "administrator":
                self._matched_cmd_prompt = None if self.password is None else b"Password: "
                if self.password is not None and asked["answer"] != self.password:
                    raise AnsibleConnectionFailure("Error: password mismatch")
                self.prompt = b"[RTX830] #"
            if asked["command"] == "exit":
                assert asked["answer"] == "N", "leaving never saves"
                self.prompt = b"[RTX830] >"
            return b""
        self.said.append(text)
        if text in self.refused:
            raise AnsibleConnectionFailure("Error: Invalid command name")
        answers = {"show config | grep console": self.console, "show status user": self.users}
        return answers.get(text, "").encode()

    def get_prompt(self):
        return self.prompt


def is_prompt(output):
    return any(pattern.search(output) for pattern in TerminalModule.terminal_stdout_re)


def is_error(output):
    return any(pattern.search(output) for pattern in TerminalModule.terminal_stderr_re)


@pytest.mark.parametrize(
    "output", [b"\r\n> ", b"\r\n# ", b"x\r\n[RTX1210] >", b"\r\nk7-rtx# ", b"\r\n>", b"\r\nint-router:# "]
)
def test_prompts(output):
    assert is_prompt(output)


@pytest.mark.parametrize(
    "output",
    [
        b"\r\n# RTX830 Rev.15.02.30 (Fri Jun 16 10:30:11 2023)\r\n",
        b"\r\n# RTX830",
        b"\r\n#\r\n",
        b"Password: ",
        b"\r\nip filter 1 pass * *",
    ],
)
def test_a_head_line_of_the_configuration_is_no_prompt(output):
    assert not is_prompt(output)


def test_errors_in_both_languages_and_nothing_else():
    assert is_error(b"\r\nError: Invalid command name\r\n# ")
    assert all(
        is_error("\r\nエラー: コマンド名を確認してください\r\n# ".encode(code)) for code in ("utf-8", "cp932", "euc_jp")
    )
    assert not is_error(b'\r\ndescription lan1 "no Error: here"\r\n# ')


def test_a_session_leaves_the_console_as_it_was():
    device = Console(console="console character ja.utf8\r\nconsole lines 40\r\nconsole prompt k7\r\n")
    terminal = TerminalModule(device)
    terminal.on_open_shell()
    assert device.said[-3:] == ["console character ascii", "console lines infinity", "console columns 200"]
    device.said.clear()
    terminal.on_close_shell()
    assert device.said == ["console character ja.utf8", "console lines 40", "no console columns"]


OURS = "console character ascii\r\nconsole columns 200\r\nconsole lines infinity\r\nconsole prompt k7\r\n"
ALONE = """\
   username        connection login time   idle       IP address
-------------------------------------------------------------------------------
*+ noc-a           ssh1       11/20 10:00  0:00:00    203.0.113.10
"""


@pytest.mark.parametrize(
    ("users", "left"),
    [
        (ALONE, ["no console character", "no console lines", "no console columns"]),
        (f"{ALONE} + noc-b           ssh2       11/20 10:00  0:00:01    203.0.113.10\n", []),
        (f"{ALONE}                   telnet1    11/20 10:00  0:00:01    192.0.2.1\n", []),
        ("", []),
    ],
    ids=["a dead session of ours", "another session", "one without a name", "not understood"],
)
def test_settings_of_ours_found_at_the_beginning_are_left_while_another_session_may_need_them(users, left):
    terminal = TerminalModule(device := Console(console=OURS, users=users))
    terminal.on_open_shell()
    device.said.clear()
    terminal.on_close_shell()
    assert device.said == ["show status user", *left]


@pytest.mark.parametrize("code", ["utf-8", "cp932", "euc_jp"])
def test_a_pager_is_left_and_what_the_owner_has_then_is_put_back_at_the_end(code):
    output = "\r\nip filter 1 pass * *\r\n---つづく---".encode(code)
    assert TerminalModule.pager.search(output) and is_prompt(output)
    terminal = TerminalModule(device := Console(console=OURS))
    terminal.on_open_shell()
    device.console = "console lines 40\r\n"
    device.said.clear()
    terminal.on_pager()
    assert device.said[0] == "q" and "console lines infinity" in device.said
    device.said.clear()
    terminal.on_close_shell()
    assert "console lines 40" in device.said


def test_a_rule_of_dashes_is_no_pager():
    assert not is_prompt(b"\r\n" + b"-" * 40) and TerminalModule.pager.search(b"\r\n---More---")


def test_newer_names_and_fixed_widths_are_met():
    device = Console(refused=("console character ascii", "console columns 200"))
    TerminalModule(device).on_open_shell()
    assert "console character en.ascii" in device.said


def test_a_pager_that_stays_on_ends_the_session():
    with pytest.raises(AnsibleConnectionFailure, match="console lines infinity"):
        TerminalModule(Console(refused=("console lines infinity",))).on_open_shell()


def test_becoming_administrator_and_back():
    device = Console()
    terminal = TerminalModule(device)
    terminal.on_become("right")
    assert device.prompt.endswith(b"#")
    terminal.on_unbecome()
    assert device.prompt.endswith(b">")
    with pytest.raises(AnsibleConnectionFailure, match="administrator"):
        terminal.on_become("wrong")


@pytest.mark.parametrize(
    ("device", "proved"),
    [(Console(), True), (Console(password=None), False), (Console(prompt=b"[RTX830] #"), False)],
    ids=["asked for it", "a user with administrator=2", "administrator already"],
)
def test_a_password_is_proved_only_where_the_device_asked_for_it(device, proved):
    terminal = TerminalModule(device)
    terminal.on_become("right")
    assert terminal.became_by_password is proved
