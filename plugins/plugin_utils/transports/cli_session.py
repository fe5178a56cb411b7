# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session of a CLI device: network_cli's connection plugin, opened in this process, really new, with one login."""

from __future__ import annotations

import copy
import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleAuthenticationFailure
from ansible.plugins.loader import connection_loader
from ansible.utils.display import Display

from ..display import show
from ..secret import Secret
from .base import Unable, Unreachable
from .deadline import bounded

# What an SSH library logs goes nowhere; what matters arrives as an exception. With no handler Python would print it.
# Into Ansible's log file it would be written by a forked worker; the file's lock, held at the fork, is held for ever.
for _library in ("ansible-pylibssh", "paramiko"):
    logging.getLogger(_library).addHandler(logging.NullHandler())
    logging.getLogger(_library).propagate = False

display = Display()

_PLUGIN = "ansible.netcommon.network_cli"
_MISSING = (
    "the connection plugin ansible.netcommon.network_cli is not installed on the controller: "
    "ansible-galaxy collection install ansible.netcommon, and pip install ansible-pylibssh"
)
#: Characters of somebody else's words in a message.
WORDS = 300
_REFUSED = "the device refused the login (tried once)"
_MEANINGS = (
    (r"failed to authenticate|access denied|authentication|password was refused", _REFUSED),
    (r"host key.* changed", "the device shows another host key than the one we know: find out who answers there"),
    (r"authenticity of host", "the device's host key is not known: compare it, then put it into known_hosts"),
)
#: The longest answer to one command: a configuration fits many times over.
MOST_BYTES = 2 << 20
_MOST_AT_ONCE, _FULL_PIECE = 1 << 17, 4096
#: A session that is to end ends in that time.
_END_SECONDS = 10


class LoginRefused(Unreachable):
    """There is a way to the device, and it lets this account not in with this password."""


def connected(
    action: Any, task_vars: Mapping[str, Any], seconds: int, account: str = "", password: Secret | None = None,
    risen_by: Secret | None = None,
) -> Any:  # fmt: skip
    """A new session: ours, by another password if there is one; or an account's own, which goes no further."""
    context = copy.copy(action._play_context)
    context.network_os = task_vars.get("ansible_network_os")
    context.timeout = min(context.timeout, seconds)
    if risen_by:
        context.become_pass = risen_by.reveal()
    if account:
        context.become, context.remote_user, context.private_key_file = False, account, None
    session = None
    try:
        session = connection_loader.get(
            _PLUGIN,
            context,
            new_stdin=None,
            task_uuid=action._task._uuid,
            ansible_playbook_pid=secrets.token_hex(8),  # never some persistent helper's socket
        )
        if session is None:
            raise Unable(_MISSING)
        _set_options(session, action, task_vars)
        _as(session, account, password)
        with bounded(seconds):
            session._connect()
        session._ssh_shell = Shell(session._ssh_shell)
    except Unable:
        raise
    except Exception as failure:  # the SSH library's own errors share no class with Ansible's
        if session is not None:
            end(session)
        said = unreached(failure)
        raise (LoginRefused if said.startswith(_REFUSED) else Unreachable)(said) from None
    return session


def _set_options(session: Any, action: Any, task_vars: Mapping[str, Any]) -> None:
    """What ansible's task executor does for a connection plugin it opens itself."""
    templar = action._templar
    keys = action._task.dump_attrs()
    keys["timeout"] = session._play_context.timeout
    if action._play_context.password:
        keys["password"] = action._play_context.password
    del keys["retries"]
    session.set_options(task_keys=keys, var_options=session._resolve_option_variables(task_vars, templar))
    ssh = session.ssh_type_conn
    own = secrets.token_hex(8)
    ssh._cache_key = lambda: own  # else every session of a process is one SSH connection, and proves nothing
    names = C.config.get_plugin_vars("connection", ssh._load_name)
    values = {name: templar.template(task_vars[name]) for name in names if name in task_vars}
    ssh.set_options(task_keys=keys, var_options=values)
    if ssh.has_option("persistent_connect_timeout"):  # newer netcommon; older takes the play context's
        ssh.set_option("persistent_connect_timeout", session._play_context.timeout)
    session.set_option("network_cli_retries", 0)  # one login attempt per host and run: no account lockout
    one_attempt(sys.modules[type(ssh).__module__])


def _as(session: Any, account: str, password: Secret | None) -> None:
    if password:
        session.set_option("password", password.reveal())
        session.ssh_type_conn.set_option("password", password.reveal())
    if account:  # whatever key there is: the password is to be tried
        session.ssh_type_conn.set_option("remote_user", account)
        session.ssh_type_conn.set_option("look_for_keys", False)


@contextmanager
def unlogged(session: Any, secret: bool) -> Iterator[None]:
    """network_cli writes what it sends into Ansible's log where persistent_log_messages is on, and keeps it."""
    if not secret:
        yield
        return
    logged, single = session.get_option("persistent_log_messages"), session._single_user_mode
    session.set_option("persistent_log_messages", False)
    session._single_user_mode = False  # or it would keep the answer by the line that was sent
    try:
        yield
    finally:
        session.set_option("persistent_log_messages", logged)
        session._single_user_mode = single
        session._history.clear()


class Shell:
    """The device's shell, of which no answer is longer than we are ready to hold.

    It hands on more at a time than libssh does: network_cli searches everything anew with each piece.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._left = MOST_BYTES

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shell, name)

    def sendall(self, data: bytes) -> Any:
        self._left = MOST_BYTES
        return self._shell.sendall(data)

    def read_bulk_response(self) -> Any:
        data = piece = self._shell.read_bulk_response() or b""
        while len(piece) >= _FULL_PIECE and len(data) < _MOST_AT_ONCE:
            piece = self._shell.read_bulk_response() or b""
            data += piece
        if not data and self._shell.is_eof:  # or network_cli would ask for more until the bound
            raise Unreachable("the device closed the session")
        self._left -= len(data)
        if self._left < 0:
            raise Unreachable(f"it sent more than {MOST_BYTES >> 20} MB in answer to one command")
        return data


def one_attempt(plugin: Any) -> None:
    """libssh offers a password that was refused once more, as keyboard-interactive; an account may lock at that.

    And it does not tell what was taken, a key or the password.
    """
    library = getattr(plugin, "Session", None)
    if library is None or hasattr(library, "refused"):
        return  # another SSH library, or done already in this process

    class Session(library):  # type: ignore[misc,valid-type]
        refused = False
        taken: Secret | None = None  # the password that opened it; interactively, something else may have been asked

        def authenticate_password(self, password: str) -> None:
            self.refused = True
            super().authenticate_password(password)
            self.taken = Secret(password)

        def authenticate_interactive(self, password: str, **more: Any) -> None:
            if self.refused:
                self.disconnect()
                raise AnsibleAuthenticationFailure("the password was refused")
            super().authenticate_interactive(password, **more)

    plugin.Session = Session


def end(session: Any) -> None:
    try:
        with bounded(_END_SECONDS):
            session.close()
    except Exception as failure:  # it is gone, which is what we wanted; nobody needs to know how
        display.debug(f"the session ended with: {failure}")


def unreached(failure: Exception) -> str:
    said = show(" ".join(str(failure).split()), WORDS)
    if isinstance(failure, AnsibleAuthenticationFailure):
        return f"{_REFUSED}: {said}"
    meaning = next((text for pattern, text in _MEANINGS if re.search(pattern, said, re.IGNORECASE)), "")
    return f"{meaning}: {said}" if meaning else said
