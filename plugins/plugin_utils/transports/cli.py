# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes to and from a CLI device: network_cli's connection plugin, opened in this process and only when needed.

In the usual way every task of a network host starts a helper process even without I/O. Here the
control action opens the connection itself, bounds it with an alarm of its own (in-process there is no command
timeout), and ends it. The platform brings its terminal and cliconf plugins; this file knows no vendor.
"""

from __future__ import annotations

import copy
import fcntl
import hashlib
import logging
import os
import re
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure
from ansible.plugins.loader import connection_loader
from ansible.utils.display import Display

from ..display import show
from ..model import Edit, GuardLines, Json, LineEdit, Plan
from ..raw import Output, Raw, Read
from ..secret import Secret
from ..session_secrets import BECOME, SESSION_SECRETS, asked, login, outputs
from .base import Arming, Refused, Reverted, Transport, Unable, Unreachable
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
_WORDS = 300
_REFUSED = "the device refused the login (tried once)"
_MEANINGS = (
    (r"failed to authenticate|access denied|authentication|password was refused", _REFUSED),
    (r"host key.* changed", "the device shows another host key than the one we know: find out who answers there"),
    (r"authenticity of host", "the device's host key is not known: compare it, then put it into known_hosts"),
)
#: Seconds of silence after a prompt before an answer counts as whole: a fast device first, then a slow one.
_QUIET = (0.1, 1.0)
#: A follow-up rule asks at most so many more questions.
_MOST_FOLLOWED = 16
#: And a command is repeated at most so often because of a pager.
_MOST_PAGED = 3
#: The longest answer to one command: a configuration fits many times over.
_MOST_BYTES = 2 << 20
_MOST_AT_ONCE, _FULL_PIECE = 1 << 17, 4096
_COMMAND_SECONDS = 60
_CONNECT_SECONDS = 30
#: A connection that proves a change: the guard's time runs (guarded.CONNECT_SECONDS).
_PROOF_SECONDS = 10


class CliTransport(Transport):
    """One CLI session, opened at the first command."""

    blind = ""  # every session is a new SSH connection to the device itself
    learned: Mapping[str, Json] = {}
    password_login = True  # RTX: becoming the administrator always takes one

    def __init__(self, action: Any, task_vars: Mapping[str, Any]) -> None:
        self._action = action
        self._vars = task_vars
        self._session: Any = None
        self._lock: int | None = None
        self._answered: dict[str, Secret] = {}  # whose password a command asked for, and took

    # --- Transport ------------------------------------------------------------------------------------------

    def read(self, reads: Sequence[Read]) -> Raw:
        for quiet in _QUIET:
            self._open().set_option("persistent_buffer_read_timeout", quiet)
            self._answered.clear()
            raw = Raw(self._outputs(reads))
            if self._in_step():
                return raw
        raise Unable("the device's answers came out of step with our questions: its prompt is not recognised")

    def apply(self, plan: Plan, arming: Arming) -> None:
        lines = arming.lines
        self._take_lock()
        if lines:
            self._arm(lines)
        for line in _lines(edit for change in plan.changes for edit in change.edits):
            try:
                self._must(line, Reverted)
            except Reverted as refused:
                self.revert(arming)
                raise Reverted(f"{refused}; everything was taken back") from None

    def fresh(self, password: Secret | None = None) -> CliTransport:
        other = CliTransport(self._action, self._vars)
        other._session = other._connected(_PROOF_SECONDS)
        return other

    def logs_in(self, account: str, secret: Secret) -> bool | None:
        raise Unable("no new login with another account is tried on such a device yet")

    def confirm(self, arming: Arming) -> bool:
        lines = arming.lines
        if lines is None:
            return True
        if not self._armed(lines):
            return False
        *entries, mark = lines.disarm
        for line in entries:
            self._must(line, Reverted)
        if not self._armed(lines):  # it fired while we were taking it away
            return False
        self._must(mark, Reverted)
        if re.search(lines.left, self._say(lines.look), re.MULTILINE):
            raise Reverted("lines of the guard could not be removed, and they must not be saved")
        return True

    def revert(self, arming: Arming) -> None:
        if arming.lines:
            self._quietly(arming.lines.revert)
            self._quietly(arming.lines.disarm)

    def persist(self, edits: Sequence[Edit], arming: Arming) -> None:
        for line in (*_lines(edits), *(arming.lines.save if arming.lines else ())):
            self._must(line, Reverted)

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            _end(session)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # --- one command ----------------------------------------------------------------------------------------

    def _outputs(self, reads: Sequence[Read]) -> dict[str, dict[str, Output]]:
        found: dict[str, dict[str, Output]] = {}
        for read in reads:
            if read != SESSION_SECRETS:
                found[read.name] = {line: self._output(line, read) for line in _asked(read, found)}
        if SESSION_SECRETS in reads:  # last: the others' questions tell of passwords too
            found[SESSION_SECRETS.name] = outputs(self._taken())
        return found

    def _output(self, line: str, read: Read) -> Output:
        try:
            data = self._say(line, read.answers).encode("utf-8", "surrogateescape")
        except _DeviceError as error:
            return Output(rc=1, data=str(error).encode("utf-8", "surrogateescape"))
        return Output(data=data[: read.limit], truncated=len(data) > read.limit)

    def _say(self, line: str, answers: Sequence[tuple[str, str]] = ()) -> str:
        """The device's whole answer. Raises _DeviceError on its error message, Unreachable when it is gone.

        A pager stops only what is shown, so the command is safe to repeat.
        """
        for _attempt in range(_MOST_PAGED):
            try:
                return self._say_answering(line, answers) if answers else self._exchange(line)
            except _Paged:
                continue
        raise self._lost(line, "somebody else keeps changing how the console shows text")

    def _exchange(self, line: str, shown: str = "") -> str:
        """One line there, one answer back."""
        session = self._open()
        try:
            with bounded(_COMMAND_SECONDS):
                answer = session.send(command=line.encode(), strip_prompt=False)
        except AnsibleConnectionFailure as failure:
            if session._matched_prompt is None:
                raise self._lost(shown or line, failure) from None
            raise _DeviceError(_last_words(str(failure))) from None
        except Exception as failure:  # the SSH library's own errors share no class with Ansible's
            raise self._lost(shown or line, failure) from None
        if session._matched_prompt is None:  # libssh ends quietly when the device closes the channel
            raise self._lost(shown or line, "the device closed the session")
        self._leave_pager(session)
        return _without_prompt(str(answer), session._matched_prompt.decode(errors="replace"))

    def _say_answering(self, line: str, answers: Sequence[tuple[str, str]]) -> str:
        """A command that may ask for passwords before it answers; each question is answered once."""
        session = self._open()
        plain = [{"pattern": pattern.pattern.decode()} for pattern in session._terminal.terminal_stdout_re]
        session.set_option("terminal_stdout_re", [*plain, *({"pattern": question} for question, _whose in answers)])
        try:
            answer, given = self._exchange(line), dict[str, Secret]()
            for _question in answers:
                whose = _asked_for(session, answers)
                if whose is None:
                    break
                given[whose] = self._secret(whose)
                answer = self._exchange(given[whose].reveal(), shown="(a password)")
            if _asked_for(session, answers) is None:
                self._answered |= given
            return answer
        finally:
            if self._session is session:
                session.set_option("terminal_stdout_re", None)

    def _leave_pager(self, session: Any) -> None:
        pager = getattr(session._terminal, "pager", None)
        if pager is None or not pager.search(session._matched_prompt):
            return
        try:
            with bounded(_COMMAND_SECONDS):
                session._terminal.on_pager()
        except Exception as failure:
            raise self._lost("the pager", failure) from None
        raise _Paged

    def _secret(self, whose: str) -> Secret:
        """The administrator's password, or the console's own: iot_site_console_password, else the login's."""
        if whose == "become":
            return Secret(self._action._play_context.become_pass or "")
        given = self._action._templar.template(self._vars.get("iot_site_console_password") or "")
        return Secret(given or self._open().get_option("password") or "")

    def _taken(self) -> dict[str, str]:
        """The passwords that this session and its questions have proved. A key that opened it proves no password."""
        session = self._open()
        found = {asked(whose): secret for whose, secret in self._answered.items()}
        opened_by = getattr(getattr(session.ssh_type_conn, "ssh", None), "taken", None)
        if opened_by is not None:
            found[login(str(session.ssh_type_conn.get_option("remote_user") or ""))] = opened_by
        if getattr(session._terminal, "became_by_password", False):
            found[BECOME] = self._secret("become")
        return {what: secret.reveal() for what, secret in found.items()}

    def _lost(self, line: str, reason: object) -> Unreachable:
        self.close()
        return Unreachable(f"the session ended at '{line}': {show(str(reason), _WORDS)}")

    def _must(self, line: str, failure: type[Exception]) -> None:
        try:
            self._say(line)
        except _DeviceError as error:
            raise failure(f"the device refused '{line}': {error}") from None

    def _quietly(self, lines: Sequence[str]) -> None:
        """On the way back one line's error must not keep the next from being sent."""
        for line in lines:
            try:
                self._say(line)
            except _DeviceError:
                continue

    def _in_step(self) -> bool:
        """An empty line must give the bare prompt: text left over belongs to an earlier answer."""
        if not self._say("").strip():
            return True
        for _attempt in range(20):
            if not self._say("").strip():
                break
        return False

    def _arm(self, lines: GuardLines) -> None:
        try:
            for line in lines.arm:
                self._must(line, Refused)
            if not self._armed(lines):
                raise Refused("the device did not take the guard's lines; nothing else was changed")
        except Refused:
            self._quietly(lines.disarm)
            raise

    def _armed(self, lines: GuardLines) -> bool:
        try:
            return re.search(lines.armed, self._say(lines.look), re.MULTILINE) is not None
        except _DeviceError:
            return False

    # --- the session ----------------------------------------------------------------------------------------

    def _open(self) -> Any:
        if self._session is None:
            self._session = self._connected(_CONNECT_SECONDS)
        return self._session

    def _connected(self, seconds: int) -> Any:
        context = copy.copy(self._action._play_context)
        context.network_os = self._vars.get("ansible_network_os")
        context.timeout = min(context.timeout, seconds)
        session = None
        try:
            session = connection_loader.get(
                _PLUGIN,
                context,
                new_stdin=None,
                task_uuid=self._action._task._uuid,
                ansible_playbook_pid=secrets.token_hex(8),  # never some persistent helper's socket
            )
            if session is None:
                raise Unable(_MISSING)
            self._set_options(session)
            with bounded(seconds):
                session._connect()
            session._ssh_shell = _Shell(session._ssh_shell)
        except Unable:
            raise
        except Exception as failure:  # the SSH library's own errors share no class with Ansible's
            if session is not None:
                _end(session)
            raise Unreachable(_unreached(failure)) from None
        return session

    def _set_options(self, session: Any) -> None:
        """What ansible's task executor does for a connection plugin it opens itself."""
        templar = self._action._templar
        keys = self._action._task.dump_attrs()
        keys["timeout"] = session._play_context.timeout
        if self._action._play_context.password:
            keys["password"] = self._action._play_context.password
        del keys["retries"]
        session.set_options(task_keys=keys, var_options=session._resolve_option_variables(self._vars, templar))
        ssh = session.ssh_type_conn
        own = secrets.token_hex(8)
        ssh._cache_key = lambda: own  # else every session of a process is one SSH connection, and proves nothing
        names = C.config.get_plugin_vars("connection", ssh._load_name)
        values = {name: templar.template(self._vars[name]) for name in names if name in self._vars}
        ssh.set_options(task_keys=keys, var_options=values)
        if ssh.has_option("persistent_connect_timeout"):  # newer netcommon; older takes the play context's
            ssh.set_option("persistent_connect_timeout", session._play_context.timeout)
        session.set_option("network_cli_retries", 0)  # one login attempt per host and run: no account lockout
        _one_attempt(sys.modules[type(ssh).__module__])

    def _take_lock(self) -> None:
        """One controller process at a time changes a device: until close()."""
        context = self._action._play_context
        name = hashlib.sha256(f"{context.remote_addr}:{context.port}".encode()).hexdigest()[:16]
        folder = Path(C.DEFAULT_LOCAL_TMP).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(folder / f"iot-site-{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "another run on this controller is changing this device now; run again when it is done"
            ) from None


class _DeviceError(Exception):
    """The device answered with an error message of its own."""


class _Shell:
    """The device's shell, of which no answer is longer than we are ready to hold.

    It hands on more at a time than libssh does: network_cli searches everything anew with each piece.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._left = _MOST_BYTES

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shell, name)

    def sendall(self, data: bytes) -> Any:
        self._left = _MOST_BYTES
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
            raise Unreachable(f"it sent more than {_MOST_BYTES >> 20} MB in answer to one command")
        return data


class _Paged(Exception):
    """The answer was cut by a pager, which is off again now."""


def _one_attempt(plugin: Any) -> None:
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


def _end(session: Any) -> None:
    try:
        with bounded(_PROOF_SECONDS):
            session.close()
    except Exception as failure:  # it is gone, which is what we wanted; nobody needs to know how
        display.debug(f"the session ended with: {failure}")


def _unreached(failure: Exception) -> str:
    said = show(" ".join(str(failure).split()), _WORDS)
    if isinstance(failure, AnsibleAuthenticationFailure):
        return f"{_REFUSED}: {said}"
    meaning = next((text for pattern, text in _MEANINGS if re.search(pattern, said, re.IGNORECASE)), "")
    return f"{meaning}: {said}" if meaning else said


def _asked(read: Read, outputs: Mapping[str, Mapping[str, Output]]) -> list[str]:
    """The command lines of a read: one, or one for each thing found in an earlier answer."""
    (line,) = read.command
    if read.follow is None:
        return [line]
    found = [
        match.group(1)
        for output in outputs.get(read.follow.of, {}).values()
        for match in re.finditer(read.follow.pattern, output.text, re.MULTILINE)
    ]
    return [line.replace("{}", each) for each in list(dict.fromkeys(found))[:_MOST_FOLLOWED]]


def _asked_for(session: Any, answers: Sequence[tuple[str, str]]) -> str | None:
    """Whose password the device asks for now; None at its prompt."""
    shown = session._matched_prompt.decode(errors="replace")
    return next((whose for question, whose in answers if re.search(question, shown)), None)


def _lines(edits: Iterable[Edit]) -> list[str]:
    return [edit.line for edit in edits if isinstance(edit, LineEdit)]


def _without_prompt(answer: str, prompt: str) -> str:
    lines = answer.splitlines()
    if lines and lines[-1].strip() == prompt.strip():
        lines.pop()
    return "\n".join(lines)


def _last_words(text: str) -> str:
    """The error line of an answer that also holds echo and prompt; bounded, for messages."""
    errors = [line.strip() for line in text.replace("\\r", "").replace("\\n", "\n").splitlines() if ":" in line]
    return (errors or [text.strip()])[0][:200]
