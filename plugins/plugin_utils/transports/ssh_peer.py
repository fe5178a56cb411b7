# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers SSH at the device's own address, asked for one account: passwords and nothing more, no shell is opened.

One connection for all steps, since a server counts connections that fail (sshd_config(5), PerSourcePenalties). It goes
there directly, whatever a configuration says of proxies, and to nobody whose host key is not known: a password is tried
on this device or on none.
"""

from __future__ import annotations

import importlib
import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..login_tests import Answer, Heard
from ..secret import Secret
from .base import Unreachable
from .deadline import bounded

_MISSING = "the controller has no ansible-pylibssh: pip install ansible-pylibssh"
_CONNECT_SECONDS, _ANSWER_SECONDS = 10, 30

#: What libssh says of a login that was refused, and of what the server would take.
_DENIED = re.compile(r"Access denied for '[a-z -]*'\. Authentication that can continue: ([a-z0-9@.,-]*)")
#: What pylibssh says where it had nothing to try, and where no question was about a password.
_UNASKED, _NO_PASSWORD = "any acceptable way to authenticate", "looked like password prompts"
#: What a server says that has heard enough.
_ENOUGH = re.compile(r"too many|not allowed at this time|locked|lockout", re.IGNORECASE)
_KEY = re.compile(r"host is unknown|host key|host file", re.IGNORECASE)


class SshPeer:
    """The SSH service of one account."""

    def __init__(self, address: str, port: int, account: str) -> None:
        self._address, self._port, self._account = address, port, account
        self._line: socket.socket | None = None
        self._session: Any = None
        self._takes: frozenset[str] = frozenset()  # the methods that the server named last

    def ask(self, secret: Secret | None) -> Heard:
        started = time.monotonic()
        try:
            with bounded(_CONNECT_SECONDS + _ANSWER_SECONDS):
                answer, why = self._connected() if secret is None else self._tried(secret)
        except (OSError, Unreachable) as reason:
            answer, why = Answer.LOST, f"no SSH there ({type(reason).__name__})"
        return Heard(answer, time.monotonic() - started, why)

    def close(self) -> None:
        session, self._session = self._session, None
        line, self._line = self._line, None
        with suppress(Exception):  # it is gone, which is what we wanted
            if session is not None:
                session.close()
        if line is not None:
            with suppress(OSError):
                line.close()

    def _connected(self) -> tuple[Answer, str]:
        """A new connection, and no credential: what the server would take it tells then."""
        try:
            library = importlib.import_module("pylibsshext.session")  # by the worker that needs it
        except ImportError:
            return Answer.LOST, _MISSING
        self._line = socket.create_connection((self._address, self._port), timeout=_CONNECT_SECONDS)
        self._line.settimeout(None)
        self._session = library.Session()
        return self._said(
            lambda: self._session.connect(
                fd=self._line.fileno() if self._line else -1, host=self._address, port=self._port, user=self._account,
                look_for_keys=False, host_key_checking=True, timeout=_ANSWER_SECONDS,
            )
        )  # fmt: skip

    def _tried(self, secret: Secret) -> tuple[Answer, str]:
        if "password" in self._takes:
            return self._said(lambda: self._session.authenticate_password(secret.reveal()))
        return self._said(lambda: self._session.authenticate_interactive(secret.reveal()))

    def _said(self, act: Callable[[], None]) -> tuple[Answer, str]:
        """The server's own words stay here: they may quote what it was given."""
        try:
            act()
            self._session.new_channel()  # libssh is silent also about half a login and a connection that ended
            return Answer.IN, ""
        except Unreachable:
            raise
        except Exception as failure:  # the library's own, and MemoryError for a channel of a connection that ended
            said = str(failure)
        if _UNASKED in said:  # only then: otherwise it may be of an earlier step
            said = self._session._get_session_error_str()
        denied = _DENIED.search(said)
        if _KEY.search(said) and not denied:
            return Answer.LOST, "its host key is not in known_hosts, or is another one, so it may be another device"
        if _ENOUGH.search(said):
            return Answer.LOCKED, "it says that it has seen too many logins"
        if _NO_PASSWORD in said:
            return Answer.OTHER, "it asks for something else than a password"
        if denied is None:
            return Answer.LOST, "it ended the connection"
        self._takes = frozenset(denied[1].split(","))
        if not self._takes & {"password", "keyboard-interactive"}:
            return Answer.OTHER, "SSH takes no password for this account"
        return Answer.REFUSED, ""
