# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes to and from a CLI device: network_cli's connection plugin, opened in this process and only when needed.

In the usual way every task of a network host starts a helper process even without I/O. Here the
control action opens the connection itself, bounds it with an alarm of its own (in-process there is no command
timeout), and ends it. The platform brings its terminal and cliconf plugins; this file knows no vendor.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleConnectionFailure

from ..display import show
from ..door_logins import Entry, Login
from ..model import Edit, GuardLines, Json, LineEdit, PasswordEdit, Plan
from ..raw import Output, Raw, Read
from ..secret import Secret
from ..session_secrets import BECOME, CONSOLE, SESSION_SECRETS, asked, login, outputs
from .base import Arming, Refused, Reverted, Transport, Unable, Unreachable
from .cli_session import WORDS, LoginRefused, connected, end, unlogged
from .deadline import bounded

#: Seconds of silence after a prompt before an answer counts as whole: a fast device first, then a slow one.
_QUIET = (0.1, 1.0)
#: A follow-up rule asks at most so many more questions.
_MOST_FOLLOWED = 16
#: And a command is repeated at most so often because of a pager.
_MOST_PAGED = 3
#: What a device asks while a password is set: the old one, the new one, the new one again.
_NEW_PASSWORD, _OLD, _MOST_ASKED = r"\w*[Pp]assword(?:\([^()\r\n]{0,20}\))?: ?$", re.compile("old", re.IGNORECASE), 4
#: By which of session_secrets.py a password of the session's own is proved that it has set itself.
_PROVES = {"become": BECOME, "console": CONSOLE}
_COMMAND_SECONDS = 60
_SSH_PORT = 22
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
        self._instead: dict[str, Secret] = {}  # whose password is another one than the inventory has
        self._risen_by: Secret | None = None  # the same for the step to administrator of this session
        self._set: list[tuple[PasswordEdit, Secret | None]] = []  # with the old one, where we know it
        self._for_good: list[str] = []  # lines that no line takes back
        self._proved: dict[str, Secret] = {}  # what was set, and then taken from us

    # --- Transport ------------------------------------------------------------------------------------------

    @property
    def address(self) -> tuple[str, int] | None:
        context = self._action._play_context
        return str(context.remote_addr), int(context.port or _SSH_PORT)

    @property
    def account(self) -> str:
        return str(self._action._play_context.remote_user or "")

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
        for edit in (edit for change in plan.changes for edit in change.edits):
            try:
                self._edit(edit)
            except Reverted as refused:
                try:
                    self.revert(arming)
                except Unable as left:
                    raise Unable(f"{refused}; {left}") from None
                raise Reverted(f"{refused}; everything was taken back") from None

    def fresh(self, password: Secret | None = None) -> CliTransport:
        other = CliTransport(self._action, self._vars)
        other._set = self._set
        # until it is saved, what asks for passwords that are saved wants the old ones
        other._instead = {whose: self._secret(whose) for whose in _PROVES}
        other._risen_by = next((Secret(edit.text) for edit, _old in self._set if edit.whose == "become"), None)
        other._session = other._connected(_PROOF_SECONDS, password=password)
        return other

    def logs_in(self, account: str, secret: Secret) -> bool | None:
        """In a session of its own; a password without an account is asked for by the command that sets it."""
        own = next((edit for edit, _old in self._set if edit.whose in _PROVES and edit.given.account == account), None)
        try:
            if own is None:
                other = CliTransport(self._action, self._vars)
                other._session = other._connected(_PROOF_SECONDS, account, secret)
                other.close()
            elif own.whose != "become" or not self._open()._terminal.became_by_password:
                self._dialogue(own.line, secret, secret)
        except (LoginRefused, _DeviceError):
            return False
        self._proved[_PROVES[own.whose] if own else login(account)] = secret
        return True

    def enters(self, logins: Sequence[Login], seconds: float) -> list[Entry]:
        return [Entry(None, "this version knows no such service of a device without Python") for _login in logins]

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
        left = [edit.given.account for edit, old in reversed(self._set) if not self._unset(edit, old)]
        self._set = []
        if left:
            raise Unable(f"the old password of {', '.join(left)} is not known: only the device's own way back has it")
        if self._for_good:
            raise Unable(f"no line takes back '{self._for_good[0]}': only the device's own way back does")
        if arming.lines:
            self._quietly(arming.lines.revert)
            self._quietly(arming.lines.disarm)

    def persist(self, edits: Sequence[Edit], arming: Arming) -> None:
        for line in (*_lines(edits), *(arming.lines.save if arming.lines else ())):
            self._must(line, Reverted)
        self._instead |= {edit.whose: Secret(edit.text) for edit, _old in self._set if edit.whose in _PROVES}

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            end(session)
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

    def _exchange(self, line: str | Secret) -> str:
        """One line there, one answer back. A secret is not told to any log, nor are failures that may quote it."""
        session = self._open()
        told = "(a password)" if isinstance(line, Secret) else line
        try:
            with bounded(_COMMAND_SECONDS), unlogged(session, isinstance(line, Secret)):
                sent = line.reveal() if isinstance(line, Secret) else line
                answer = session.send(command=sent.encode(), strip_prompt=False)
        except AnsibleConnectionFailure as failure:
            if session._matched_prompt is None:
                raise self._lost(told, failure if told == line else "no answer") from None
            raise _DeviceError(_last_words(str(failure))) from None
        except Exception as failure:  # the SSH library's own errors share no class with Ansible's
            raise self._lost(told, failure if told == line else type(failure).__name__) from None
        if session._matched_prompt is None:  # libssh ends quietly when the device closes the channel
            raise self._lost(told, "the device closed the session")
        self._leave_pager(session)
        return _without_prompt(str(answer), session._matched_prompt.decode(errors="replace"))

    def _say_answering(self, line: str, answers: Sequence[tuple[str, str]]) -> str:
        """A command that may ask for passwords before it answers; each question is answered once."""
        with self._stopping_at(*(question for question, _whose in answers)) as session:
            answer, given = self._exchange(line), dict[str, Secret]()
            for _question in answers:
                whose = _asked_for(session, answers)
                if whose is None:
                    break
                given[whose] = self._secret(whose)
                answer = self._exchange(given[whose])
            if _asked_for(session, answers) is None:
                self._answered |= given
            return answer

    @contextmanager
    def _stopping_at(self, *questions: str) -> Iterator[Any]:
        """The session, to which these are prompts too."""
        session = self._open()
        plain = [{"pattern": pattern.pattern.decode()} for pattern in session._terminal.terminal_stdout_re]
        session.set_option("terminal_stdout_re", [*plain, *({"pattern": question} for question in questions)])
        try:
            yield session
        finally:
            if self._session is session:
                session.set_option("terminal_stdout_re", None)

    # --- passwords ------------------------------------------------------------------------------------------

    def _edit(self, edit: Edit) -> None:
        if isinstance(edit, LineEdit):
            self._must(edit.line, Reverted)
            self._for_good += [] if edit.undo else [edit.line]
        elif isinstance(edit, PasswordEdit):
            old = self._old(edit)
            try:
                self._dialogue(edit.line, old or Secret(""), Secret(edit.text))
            except _DeviceError as error:
                raise Reverted(f"the device refused '{edit.line}': {error}") from None
            self._set.append((edit, old))

    def _old(self, edit: PasswordEdit) -> Secret | None:
        if edit.first:
            return Secret("")
        return self._opened_by() if edit.whose == "login" else self._secret(edit.whose) if edit.whose else None

    def _unset(self, edit: PasswordEdit, old: Secret | None) -> bool:
        """Whether the old one is there again, or a line of the way back does it."""
        if edit.undo or old is None:
            return bool(edit.undo)
        try:
            self._dialogue(edit.line, Secret(edit.text), old)
        except _DeviceError:
            return False
        return True

    def _dialogue(self, line: str, old: Secret, new: Secret) -> None:
        """A command that asks for a new password, and perhaps for the old one first. Nothing of it is echoed."""
        with self._stopping_at(_NEW_PASSWORD) as session:
            self._exchange(line)
            if not _asks_password(session):
                raise _DeviceError("it asked for no password")
            for _question in range(_MOST_ASKED):
                shown = session._matched_prompt.decode(errors="replace")
                self._exchange(old if _OLD.search(shown) else new)
                if not _asks_password(session):
                    return
            raise self._lost(line, "it keeps asking for a password")

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
        if whose in self._instead:
            return self._instead[whose]
        if whose == "become":
            return Secret(self._action._play_context.become_pass or "")
        given = self._action._templar.template(self._vars.get("iot_site_console_password") or "")
        return Secret(given or self._open().get_option("password") or "")

    def _taken(self) -> dict[str, str]:
        """The passwords that this session and its questions have proved. A key that opened it proves no password."""
        session = self._open()
        found = {asked(whose): secret for whose, secret in self._answered.items()}
        opened_by = self._opened_by()
        if opened_by is not None:
            found[login(str(session.ssh_type_conn.get_option("remote_user") or ""))] = opened_by
        if getattr(session._terminal, "became_by_password", False):
            found[BECOME] = self._risen_by or self._secret("become")
        return {what: secret.reveal() for what, secret in {**found, **self._proved}.items()}

    def _opened_by(self) -> Secret | None:
        taken: Secret | None = getattr(getattr(self._open().ssh_type_conn, "ssh", None), "taken", None)
        return taken

    def _lost(self, line: str, reason: object) -> Unreachable:
        self.close()
        return Unreachable(f"the session ended at '{line}': {show(str(reason), WORDS)}")

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

    def _connected(self, seconds: int, account: str = "", password: Secret | None = None) -> Any:
        return connected(self._action, self._vars, seconds, account, password, self._risen_by)

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


class _Paged(Exception):
    """The answer was cut by a pager, which is off again now."""


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


def _asks_password(session: Any) -> bool:
    return re.search(_NEW_PASSWORD, session._matched_prompt.decode(errors="replace")) is not None


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
