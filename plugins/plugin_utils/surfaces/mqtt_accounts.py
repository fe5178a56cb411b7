# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of mosquitto: its password files, and the passwords that its bridges give to others (C1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..account_passwords import Work, owner
from ..contract import Accounts
from ..display import show
from ..model import Absent, AccountLine, Door, Given, Intent, RunEdit
from ..raw import Output, Raw, Read, missing
from ..stored_secrets.scheme import Kept, Stored
from . import daemon, doors, mosquitto
from .mosquitto_config import Config, Line, config, is_on, lines

_FILES = tuple(
    Read(f"{name}_accounts", files="{}", follow=follow, secret=True, limit=1 << 18)
    for name, follow in mosquitto.PASSWORDS
)


class MqttAccounts(Accounts):
    """mosquitto_passwd(1), and remote_username with remote_password of mosquitto.conf(5)."""

    name = "mqtt_users"
    of = ("mosquitto",)
    reads = (*mosquitto.Mosquitto.reads, *_FILES)
    change = "sudo mosquitto_passwd <the file> {}"

    def kept(self, raw: Raw, present: Collection[str]) -> Kept:
        files = {path: out for read in _FILES for path, out in raw.all(read.name).items() if not missing(out)}
        problems = {path: _problem(out) for path, out in files.items()}
        secrets = [
            Stored(line.partition(":")[0], "mosquitto", line.partition(":")[2], at=path)
            for path, out in files.items()
            if not problems[path]
            for line in _lines(out)
        ]
        main, configured = mosquitto.own_files(raw)
        written = list(lines(configured, main))
        more = elsewhere(written)
        brokers = config(written)
        for bridge in brokers.bridges:
            named = {word: bridge.own[word].value for word in _REMOTE if word in bridge.own}
            account = next((named[word] for word in _REMOTE[:2] if word in named), "")
            secrets += [Stored(account, "plain", named[word], at=bridge.at) for word in _REMOTE[2:] if word in named]
        if not (secrets or files or more):
            raise Absent("mosquitto names no password file")
        unread = [f"{show(path)}: {why}" for path, why in problems.items() if why]
        pbkdf2 = any(one.store == "mosquitto" and one.text.startswith("$7$") for one in secrets)
        about = {
            "takes": ["mosquitto-pbkdf2"] if pbkdf2 else [],
            "doors": doors.as_state(_doors(brokers)),
            "reload": daemon.again(daemon.unit(raw, "mosquitto.unit"), mosquitto.PROGRAM),
        }
        return Kept(tuple(secrets), (*unread, *more), about)

    def setting(self, state: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]], intent: Intent) -> Work | None:
        if not state["takes"] or {one["store"] for one in accounts} != {"mosquitto"}:
            return None
        takes = tuple(map(str, state["takes"]))
        names = dict.fromkeys(one["account"] for one in accounts)
        files = {account: [one["at"] for one in accounts if one["account"] == account] for account in names}
        given = {
            account: Given(
                owner(account, intent), account, self.name, "mosquitto", takes, doors=doors.of_files(state, paths)
            )
            for account, paths in files.items()
        }
        lines = tuple(AccountLine(one["at"], one["account"], given[one["account"]]) for one in accounts)
        return Work(lines, (RunEdit(tuple(map(str, state["reload"]))),))


def elsewhere(written: Iterable[Line]) -> list[str]:
    """What keeps accounts beside the password files."""
    return [f"{line.at}: {line.word} keeps accounts that we do not read" for line in written if line.word in _MORE]


def _doors(written: Config) -> dict[str, list[Door]]:
    """By password file, its listeners; none that asks for more than a password, or is asked in another way."""
    found: dict[str, list[Door]] = {}
    for one in written.listeners:
        said, address = one.security, doors.within(one.address)
        plain = one.own["protocol"].value == "mqtt" if "protocol" in one.own else True
        alone = said.keys().isdisjoint(_MORE) and not is_on(one.own.get("require_certificate"))
        if "password_file" in said and one.port and address and plain and alone:
            door = Door("mqtt", address, one.port, tls="certfile" in one.own)
            found.setdefault(said["password_file"].value, []).append(door)
    return found


def _lines(out: Output) -> list[str]:
    return [line for line in out.text.replace("\r\n", "\n").split("\n") if line.strip() and not line.startswith("#")]


def _problem(out: Output) -> str:
    """Lines that are no accounts may be passwords, so they are not shown."""
    strange = "" if all(":" in line for line in _lines(out)) else "a line in it is no account"
    return out.error or ("cut off" if out.truncated else strange)


#: Accounts that stand in no password file.
_MORE = frozenset({"plugin", "global_plugin", "auth_plugin", "psk_file"})

#: The older names are understood too.
_REMOTE = ("remote_username", "username", "remote_password", "password")
