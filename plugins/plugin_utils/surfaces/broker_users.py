# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of mosquitto, mostly machines: nobody is missing there, and no account is ever taken away (C2).

A controller of a pump that loses its broker is an outage at night, so whose an account is, a person finds out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, Status
from ..raw import Raw
from . import login_files, mosquitto
from .login_files import Holders, names, placed
from .mosquitto_config import lines
from .mqtt_accounts import elsewhere
from .panel_leftover import nobody_left
from .users_whose import together
from .whose_account import declared_twice

_PERSON, _LEFT, _SHARED, _RIGHTS = "C2.person_account", "C2.leftover_account", "C2.shared_account", "C2.rights"

_READS = tuple(names(name, "{}", follow, hashed=False) for name, follow in mosquitto.PASSWORDS)

#: What these two have nothing to say about.
_NOT_HERE = {
    _PERSON: "the users of a broker are machines mostly: nobody on the list is missing there",
    _RIGHTS: "an account of a broker has no rights of its own: its acl_file says what it may read and write",
}


class BrokerUsers(Surface):
    """The names in the password files of mosquitto."""

    name = "broker_users"
    controls = (_PERSON, _LEFT, _SHARED, _RIGHTS)
    reads = (*mosquitto.Mosquitto.reads, *_READS)

    def __init__(self, broker: Surface) -> None:
        self._broker = broker

    def parse(self, raw: Raw) -> dict[str, Json]:
        self._broker.parsed(raw)
        found = login_files.files(raw, _READS)
        main, configured = mosquitto.own_files(raw)
        unread = [*found.unread, *elsewhere(lines(configured, main))]
        if not found.names and not unread:
            raise Absent("mosquitto names no password file")
        return {"files": cast(Json, found.names), "unread": cast(Json, unread)}

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        holders = Holders(state, intent)
        for control, why in _NOT_HERE.items():
            yield Judgement(control, self.name, Status.NOT_APPLICABLE, why)
        yield from _leftover(holders)
        yield from _shared(holders)


def _leftover(holders: Holders) -> Iterator[Judgement]:
    left = [placed(name, holders.places(name)) for name in holders.left]
    if left:
        why = f"nobody's, and lets something in; no run takes it away, which may be an outage: {together(left)}"
        name = holders.left[0]
        fix = (
            "Find out what logs in with it (mosquitto's log names them). Add the account to "
            "user_credentials_service_accounts; or, once nothing uses it, take it away on the host: "
            f"sudo mosquitto_passwd -D {show(holders.places(name)[0], 120)} {show(name, 40)}, and reload mosquitto"
        )
        yield Judgement(_LEFT, BrokerUsers.name, Status.MANUAL, why, "\n".join(left), fix=fix)
    if holders.state["unread"]:
        yield _unread(_LEFT, holders)
    elif not left:
        yield nobody_left(holders, BrokerUsers.name)


def _shared(holders: Holders) -> Iterator[Judgement]:
    shared = list(declared_twice(holders.intent, holders.everybody))
    personal = [name for name in holders.everybody if holders.intent.people_of(name)]
    if shared:
        fix = "Give each person, and each machine, an account of its own; then run again."
        yield Judgement(_SHARED, BrokerUsers.name, Status.GAP, together(shared), fix=fix)
    elif holders.state["unread"]:
        yield _unread(_SHARED, holders)
    elif personal:
        told = ", ".join(show(name, 40) for name in personal)
        why = f"no account is declared for two persons; who else connects as {told} is not recorded"
        yield Judgement(_SHARED, BrokerUsers.name, Status.MANUAL, why, fix="Ask them.")
    else:
        yield Judgement(_SHARED, BrokerUsers.name, Status.NOT_APPLICABLE, "no account of the broker is a person's")


def _unread(control: str, holders: Holders) -> Judgement:
    fix = "Look as root whose accounts stand there."
    return Judgement(control, BrokerUsers.name, Status.UNKNOWN, together(holders.state["unread"]), fix=fix)
