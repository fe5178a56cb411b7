# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CLI transport makes of a shell and of a library's errors; real sessions: tests/integration/test_rtx*.py."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleAuthenticationFailure
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import cli
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.base import Unreachable


@pytest.mark.parametrize("library", ["ansible-pylibssh", "paramiko.transport"])
def test_an_ssh_library_writes_nothing_into_ansibles_log(library, tmp_path):
    """In a forked worker that waited for ever for the file's lock, which the controller had held at the fork."""
    log = logging.FileHandler(tmp_path / "ansible.log")  # as Ansible's own, at the root of all loggers
    logging.getLogger().addHandler(log)
    try:
        logging.getLogger("ansible").critical("from Ansible")
        logging.getLogger(library).critical("from within a callback")
    finally:
        logging.getLogger().removeHandler(log)
        log.close()
    assert (tmp_path / "ansible.log").read_text() == "from Ansible\n"


class Shell:
    """libssh's shell, with these pieces to read."""

    def __init__(self, *pieces, eof=False):
        self.pieces, self.eof, self.sent = list(pieces), eof, []

    @property
    def is_eof(self):
        return self.eof

    def read_bulk_response(self):
        return self.pieces.pop(0) if self.pieces else b""

    def sendall(self, data):
        self.sent.append(data)


def test_a_short_answer_is_handed_on_at_once():
    shell = cli._Shell(Shell(b"first", b"second"))
    assert [shell.read_bulk_response() for _command in range(3)] == [b"first", b"second", b""]


def test_a_long_answer_is_handed_on_in_large_pieces():
    shell = cli._Shell(Shell(*[b"x" * 5120] * 10, b"end"))
    assert shell.read_bulk_response() == b"x" * 51200 + b"end"


def test_a_shell_that_has_ended_is_not_asked_for_ever():
    shell = cli._Shell(Shell(b"last words", eof=True))
    assert shell.read_bulk_response() == b"last words"
    with pytest.raises(Unreachable, match="closed the session"):
        shell.read_bulk_response()


def test_an_endless_answer_ends_and_the_next_command_begins_anew(monkeypatch):
    monkeypatch.setattr(cli, "_MOST_BYTES", 100)
    shell = cli._Shell(Shell(b"x" * 60, b"x" * 60, b"x"))
    shell.read_bulk_response()
    with pytest.raises(Unreachable, match="in answer to one command"):
        shell.read_bulk_response()
    shell.sendall(b"next\r")
    assert shell.read_bulk_response() == b"x"


class Library:
    """libssh's session as far as logging in goes."""

    def __init__(self):
        self.offered, self.connected = [], True

    def authenticate_password(self, password):
        self.offered.append("password")

    def authenticate_interactive(self, password, expected_prompt=None):
        self.offered.append("keyboard-interactive")

    def disconnect(self):
        self.connected = False


def test_a_refused_password_is_not_offered_a_second_time():
    plugin = SimpleNamespace(Session=Library)
    for _again in range(2):
        cli._one_attempt(plugin)
    session = plugin.Session()
    session.authenticate_password("wrong")
    with pytest.raises(AnsibleAuthenticationFailure):
        session.authenticate_interactive("wrong", expected_prompt=None)
    assert (session.offered, session.connected) == (["password"], False)


def test_a_device_that_knows_keyboard_interactive_only_is_answered():
    plugin = SimpleNamespace(Session=Library)
    cli._one_attempt(plugin)
    session = plugin.Session()
    session.authenticate_interactive("right", expected_prompt=None)
    assert session.offered == ["keyboard-interactive"]


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (
            "ssh connection failed: Failed to authenticate with password: Access denied",
            "refused the login (tried once)",
        ),
        ("due to 'Host key for server has changed: aa:bb'", "another host key than the one we know"),
        ("The authenticity of host '192.0.2.1' can't be established", "put it into known_hosts"),
        ("Timeout connecting to 192.0.2.1", "Timeout connecting"),
    ],
)
def test_why_there_is_no_connection_is_said_in_a_persons_words(said, meaning):
    assert meaning in cli._unreached(Exception(said))


def test_a_librarys_words_are_bounded_and_harmless():
    assert "\x1b" not in cli._unreached(Exception("\x1b[2J" + "x" * 10_000))
    assert len(cli._unreached(Exception("x" * 10_000))) < 400
