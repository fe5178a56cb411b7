# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a host with SSH and Python: one module execution reads everything, another one applies under guard.

It works through the action that owns the connection, so inventory, become and interpreter discovery behave as
everywhere in Ansible. docs/lockout-safety.md tells what happens on the device.
"""

from __future__ import annotations

import base64
import binascii
import copy
import json
import re
import secrets
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.loader import connection_loader

from ..display import show
from ..door_logins import Entry, Login, entered
from ..model import AccountLine, Edit, FileEdit, Json, KeptFile, LineInFile, MadeFile, Plan, RunEdit, as_json
from ..raw import Output, Raw, Read
from ..secret import Secret
from .base import Arming, Refused, Reverted, Unable, Unreachable
from .deadline import bounded
from .doors import passage, peer
from .reasons import NEEDS_TTY, said, unable, unreached

READ_MODULE = "iot_site.checklist.host_read"
APPLY_MODULE = "iot_site.checklist.host_apply"

READ_SECONDS = 60  # the device's own bound on one read of everything
APPLY_SECONDS = 20  # the same for arming and editing
GUARD_SECONDS = 35  # no guard is shorter: applying, a new connection and a first answer
SLACK_SECONDS = 30  # for the connection itself, before we stop waiting for an answer
WAY_BACK_SECONDS = 60  # a device that rolls back runs every undo, even slow ones

PASSAGE_SECONDS = 8  # a login on the way to the doors
LOGIN_SECONDS = 12  # the longest that one takes there: five questions of two seconds, and two pauses of one
ALL_SECONDS = 30  # what all logins of a change may take

WORDS = 1000  # characters of a device's own explanation

_NO_TIME = "iot_site_guard_seconds leaves no time for it"
_NO_SSH = "this connection does not come over SSH, so nothing leads to it that is known to be this device's"
SSH_PORT = 22
SSH = ("ssh", "ansible.builtin.ssh", "ansible.legacy.ssh")

#: Otherwise one wrong password is sent twice, by two methods: devices lock accounts. Comes last: the user's word wins.
ONE_ATTEMPT = "-o NumberOfPasswordPrompts=1 -o KbdInteractiveAuthentication=no"

#: Comes first: ssh takes the first value it sees, so a user's ControlPath cannot bring the old connection back.
REALLY_NEW = (
    "-o ControlMaster=no -o ControlPath=none -o ConnectTimeout=5 -o ServerAliveInterval=5 -o ServerAliveCountMax=2"
)


#: Whatever key an agent has, the password is what lets in.
WITH_A_PASSWORD = (
    "-o PubkeyAuthentication=no -o GSSAPIAuthentication=no -o HostbasedAuthentication=no"
    " -o KbdInteractiveAuthentication=yes -o NumberOfPasswordPrompts=1"
)


class HostTransport:
    """One connection to one host, through (a copy of) the running action plugin."""

    def __init__(self, action: Any, task_vars: Mapping[str, Any], connection: Any = None) -> None:
        self._action = copy.copy(action)
        self._action._connection = connection or action._connection
        self._task_vars = task_vars
        self._pipelined = connection is None and self._prepare()

    @property
    def blind(self) -> str:
        name = self._connection._load_name
        if name in SSH:
            return ""
        return (
            f"a new connection of the kind {name} does not come over the network, or reuses the old session: "
            "it cannot prove that the device is still reachable. Use ansible_connection: ssh for this host"
        )

    @property
    def password_login(self) -> bool:
        return bool(self._connection.get_option("password")) or bool(_become_password(self._connection.become))

    @property
    def address(self) -> tuple[str, int] | None:
        if self._connection._load_name not in SSH:
            return None
        return str(self._connection.get_option("host")), int(self._connection.get_option("port") or SSH_PORT)

    @property
    def account(self) -> str:
        return str(self._connection.get_option("remote_user") or "")

    @property
    def learned(self) -> Mapping[str, Json]:
        """Facts for the action to return: the interpreter that was found spares later tasks a round trip."""
        key = self._action._discovered_interpreter_key
        return {str(key): as_json(self._action._discovered_interpreter)} if key else {}

    def read(self, reads: Sequence[Read]) -> Raw:
        arguments = {"reads": [_asked(read) for read in reads], "seconds": READ_SECONDS}
        secret = any(read.secret for read in reads)
        if secret and self._connection._load_name in SSH:
            self._reach()  # why it fails may be told; ssh's words in an execution that carries secrets are hidden
        result = self._execute(READ_MODULE, arguments, READ_SECONDS + SLACK_SECONDS, secret)
        outputs = result.get("outputs")
        if not isinstance(outputs, Mapping):
            raise Unable(unable(result))
        return Raw({read.name: _outputs(outputs.get(read.name), read) for read in reads})

    def apply(self, plan: Plan, arming: Arming) -> None:
        if arming.seconds < GUARD_SECONDS:
            raise Refused(
                f"a guard of {arming.seconds} s would fire on success; iot_site_guard_seconds: {GUARD_SECONDS} at least"
            )
        wait = APPLY_SECONDS + WAY_BACK_SECONDS
        found = self._change("apply", arming, wait, **_work(plan), seconds=arming.seconds, deadline=APPLY_SECONDS)
        if found.outcome == "refused":
            raise Refused(found.words)
        if found.outcome != "applied":
            raise Reverted(found.words)

    def confirm(self, arming: Arming) -> bool:
        return self._change("confirm", arming, SLACK_SECONDS).outcome == "confirmed"

    def revert(self, arming: Arming) -> None:
        found = self._change("revert", arming, WAY_BACK_SECONDS)
        if found.problems:
            raise Unable(found.words)

    def persist(self, edits: Sequence[Edit], arming: Arming) -> None:
        if not edits:
            return
        wait = APPLY_SECONDS + WAY_BACK_SECONDS
        found = self._change("persist", arming, wait, **_files_and_runs(edits), deadline=APPLY_SECONDS)
        if found.outcome != "persisted":
            raise Reverted(f"it works now but would not survive a reboot: {found.words}")

    def fresh(self, password: Secret | None = None) -> HostTransport:
        connection = _another(self._connection)
        if password:
            _renew(connection, password)
        given = connection.get_option("ssh_args") or ""
        connection.set_option("ssh_args", f"{REALLY_NEW} {given}".strip())
        other = HostTransport(self._action, self._task_vars, connection)
        other._reach()
        return other

    def logs_in(self, account: str, secret: Secret) -> bool | None:
        connection = _another(self._connection)
        connection.set_option("ssh_args", f"{REALLY_NEW} {WITH_A_PASSWORD} {connection.get_option('ssh_args') or ''}")
        for option, value in ("remote_user", account), ("password", secret.reveal()), ("private_key_file", None):
            connection.set_option(option, value)
        try:
            HostTransport(self._action, self._task_vars, connection)._reach()
        except (Unreachable, Unable) as reason:
            said = str(reason.__cause__)
            methods = re.search(r"Permission denied \(([^)]*)\)", said)
            if methods and not {"password", "keyboard-interactive"} & set(methods[1].split(",")):
                return None
            if methods or "Invalid/incorrect" in said:
                return False
            raise
        return True

    def enters(self, logins: Sequence[Login], seconds: float) -> list[Entry]:
        if self._connection._load_name not in SSH:
            return [Entry(None, _NO_SSH) for _login in logins]
        if seconds < PASSAGE_SECONDS + LOGIN_SECONDS:
            return [Entry(None, _NO_TIME) for _login in logins]
        connection = _another(self._connection)
        other = HostTransport(self._action, self._task_vars, connection)
        until = time.monotonic() + min(seconds, ALL_SECONDS) - LOGIN_SECONDS
        doors = list(dict.fromkeys(one.door for one in logins))
        try:
            with passage(connection, doors, lambda: other._reach(PASSAGE_SECONDS)) as near:
                return [_entry(one, near[one.door], until) for one in logins]
        except (Unreachable, Unable) as reason:
            return [Entry(None, f"no session of SSH leads there: {reason}") for _login in logins]
        except OSError as reason:  # the controller's own: a full disk, say
            return [Entry(None, f"no way there could be made here ({type(reason).__name__})") for _login in logins]

    def close(self) -> None:
        """The connection itself is Ansible's; only what we left on the host in passing goes away."""
        try:
            with bounded(SLACK_SECONDS):
                self._action.cleanup()
        except (AnsibleError, OSError, Unreachable):
            pass  # a temporary directory remains; whoever looks after /tmp looks after it

    # --- executions -----------------------------------------------------------------------------------------

    @property
    def _connection(self) -> Any:
        return self._action._connection

    def _prepare(self) -> bool:
        """One login attempt, and pipelining, which spares a read four of its five round trips."""
        connection = self._connection
        if connection._load_name not in SSH:
            return False
        connection.set_option("reconnection_retries", 0)
        for option in ("ssh_extra_args", "sftp_extra_args", "scp_extra_args"):
            connection.set_option(option, f"{connection.get_option(option) or ''} {ONE_ATTEMPT}".strip())
        pipelined = not connection.get_option("pipelining")
        connection.set_option("pipelining", True)
        return pipelined

    def _reach(self, seconds: float = SLACK_SECONDS) -> None:
        """A login and nothing more."""
        with _reported(), bounded(seconds):
            self._action._low_level_execute_command("true", sudoable=False)

    def _execute(self, module: str, arguments: dict[str, Any], seconds: int, secret: bool = False) -> dict[str, Any]:
        with _reported(), _censored(self._connection, secret), bounded(seconds):
            result = self._run(module, arguments)
            if self._pipelined and NEEDS_TTY.search(said(result)):
                self._connection.set_option("pipelining", False)
                result = self._run(module, arguments)
        if result.get("unreachable"):
            raise Unreachable(unreached(str(result.get("msg", ""))))
        return result

    def _change(self, operation: str, arming: Arming, wait: int, **more: Json) -> _Found:
        """One execution of host_apply. What it carries is opaque: arguments land in the device's journal."""
        asked = {"operation": operation, "token": arming.token, **more}
        payload = base64.b64encode(json.dumps(asked).encode()).decode()
        result = self._execute(APPLY_MODULE, {"payload": payload}, wait + SLACK_SECONDS)
        if result.get("skipped"):
            raise Refused("this task runs in check mode, in which host_apply changes nothing")
        if not isinstance(result.get("outcome"), str):
            raise Unable(unable(result))
        return _Found(result["outcome"], str(result.get("why", "")), tuple(map(str, result.get("problems", ()))))

    def _run(self, module: str, arguments: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = self._action._execute_module(
            module_name=module, module_args=dict(arguments), task_vars=self._task_vars
        )
        return result


def _entry(login: Login, near: Path, until: float) -> Entry:
    """A login begins only where it can end in time."""
    if time.monotonic() > until:
        return Entry(None, _NO_TIME)
    asked = peer(login.door, near, login.account)
    try:
        return entered(asked, login.secret, Secret(secrets.token_hex(12)), lambda: time.sleep(1))
    finally:
        asked.close()


def _another(connection: Any) -> Any:
    """A new connection plugin with the same options, become and shell, sharing no session with the old one."""
    new = connection_loader.get(connection._load_name, connection._play_context)
    for option, value in connection.get_options().items():
        new.set_option(option, value)
    new.set_become_plugin(connection.become)
    new._shell = copy.copy(connection._shell)
    new._shell.tmpdir = None
    return new


def _renew(connection: Any, password: Secret) -> None:
    """A person's password opens the session and, where it is the same, makes it root."""
    before = connection.get_option("password")
    if before:
        connection.set_option("password", password.reveal())
    if _become_password(connection.become) and _become_password(connection.become) == before:
        become = copy.copy(connection.become)
        become._options = {**become._options, "become_pass": password.reveal()}
        connection.set_become_plugin(become)


def _become_password(become: Any) -> str:
    return str(become.get_option("become_pass") or "") if become else ""


@contextmanager
def _reported() -> Iterator[None]:
    """Ansible's errors as ours."""
    try:
        yield
    except AnsibleConnectionFailure as failure:
        raise Unreachable(unreached(str(failure))) from failure
    except AnsibleError as error:
        raise Unable(unable({"msg": str(error)})) from error


@contextmanager
def _censored(connection: Any, secret: bool) -> Iterator[None]:
    """Without this, -vvv prints a module's whole result (the connection's play context is the one)."""
    context = connection._play_context
    before = context.no_log
    context.no_log = before or secret
    try:
        yield
    finally:
        context.no_log = before


# --- plans --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """What became of one operation on the device."""

    outcome: str
    why: str
    problems: tuple[str, ...]

    @property
    def words(self) -> str:
        stuck = f"; the way back could not do everything: {'; '.join(self.problems)}" if self.problems else ""
        return show(f"{self.why}{stuck}", WORDS)


_ON_FILES = (FileEdit, LineInFile, MadeFile, AccountLine, KeptFile)


def _work(plan: Plan) -> dict[str, Json]:
    """A plan in the order of the device: all files, all checks, then every change's commands and activations."""
    edits: list[Edit] = [edit for change in plan.changes for edit in change.edits if isinstance(edit, _ON_FILES)]
    for change in plan.changes:
        edits += [edit for edit in change.edits if not isinstance(edit, _ON_FILES)]
        edits += [_undoable(run) for run in change.activate]
    checks = dict.fromkeys(check for change in plan.changes for check in change.checks)
    return {**_files_and_runs(_last_of_each(edits)), "checks": [as_json(check) for check in checks]}


def _undoable(activation: RunEdit) -> RunEdit:
    """What makes files take effect is undone by doing it again once the old files are back."""
    if activation.undo:
        return activation
    return replace(activation, undo=activation.argv, undo_stdin=activation.stdin)


def _last_of_each(edits: Sequence[Edit]) -> list[Edit]:
    """Two changes may activate the same service: once is enough, after the last of them."""
    return list(reversed(dict.fromkeys(reversed(edits))))


def _files_and_runs(edits: Sequence[Edit]) -> dict[str, Json]:
    strangers = [edit for edit in edits if not isinstance(edit, (*_ON_FILES, RunEdit))]
    if strangers:
        raise Refused(f"a host knows files and commands, not {strangers[0]}")
    return {
        "files": [as_json(edit) for edit in edits if isinstance(edit, _ON_FILES)],
        "runs": [as_json(edit) for edit in edits if isinstance(edit, RunEdit)],
    }


# --- reads and outputs --------------------------------------------------------------------------------------


def _asked(read: Read) -> dict[str, Any]:
    asked: dict[str, Any] = {"name": read.name, "files": read.files, "command": list(read.command), "limit": read.limit}
    if read.follow:
        asked["follow"] = {"of": read.follow.of, "pattern": read.follow.pattern}
    return asked


def _outputs(found: object, read: Read) -> dict[str, Output]:
    if not isinstance(found, Mapping):
        return {read.name: Output(error="the host's answer leaves it out")}
    return {str(key): _output(one, read.limit) for key, one in found.items()}


def _output(one: Any, limit: int) -> Output:
    """One output as it was on the device. The device is not trusted with our memory: no more than was asked for."""
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(one["data"], validate=True), limit + 1)
        if len(data) != one["length"] or len(data) > limit or not inflate.eof:
            return Output(error="it was damaged on the way")
        return Output(data, int(one["rc"]), bool(one["truncated"]), str.__str__(one["error"]))
    except (KeyError, TypeError, ValueError, binascii.Error, zlib.error) as problem:
        return Output(error=f"it was damaged on the way ({type(problem).__name__})")
