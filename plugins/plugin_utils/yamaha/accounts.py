# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 for the logins of the router itself: its users, the login without a name, and the step to administrator.

Their passwords are hidden (config_secrets.py), but those that this very session came in by are known
(session_secrets.py). Where there is none no line is, as the factory leaves it. (d)

A new one is given where a new login can show that the router took it. Each of these commands asks for it, which keeps
it out of the router's log (``syslog execute command``, command reference, 4.5). (d)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..account_passwords import Work, owner
from ..model import Given, Intent, Json, Judgement, PasswordEdit, Person
from ..raw import Raw
from ..session_secrets import BECOME, CONSOLE, SESSION_SECRETS, asked, login, taken
from ..stored_secrets.scheme import Kept, Stored
from .config import last
from .config_secrets import ConfigSecrets, Lines, behind, secret, words
from .guard import difference
from .user_attributes import NAMELESS, UserAttributes, written

#: What the router asks for without a name, and which of the session's own passwords that is.
NOBODYS = {"login": "the login without a name", "administrator": "the step to administrator"}
_WHOSE = {"login": "console", "administrator": "become"}
#: In whose name these are stored. They are the router's own, so nobody has to declare them.
_OWNERS = tuple(Person(f"{word} password", account=account) for word, account in NOBODYS.items())

_RADIUS = {"login": ("login", "radius", "use"), "administrator": ("administrator", "radius", "auth")}


class RouterAccounts(ConfigSecrets):
    """``login user``, ``login password``, ``administrator password``."""

    name = "accounts"
    reads = (*ConfigSecrets.reads, SESSION_SECRETS)
    change = "login user NAME, login password or administrator password (here for {}), then save"

    def written(self, lines: Lines, raw: Raw) -> Kept:
        attributes = UserAttributes(written(lines))
        known = _Known.of(lines, raw)
        users = {name: told for name, *told in behind(lines, "login", "user")}
        entering = [name for name in users if attributes.may_enter(name)]
        named = (_told(secret(users[name], name), known.logins.get(name, "")) for name in entering)
        found = (*_nameless(lines, attributes, entering, known), *named)
        return Kept(found, tuple(_elsewhere(lines)), _about(lines, attributes, entering, raw))

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        return super().judge(state, replace(intent, people=(*intent.people, *_OWNERS)))

    def opens_ssh(self, state: Mapping[str, Any]) -> Collection[str]:
        return tuple(map(str, state["users"]))

    def setting(self, state: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]], intent: Intent) -> Work | None:
        edits = [self._edit(state, one, owner(one["account"], intent)) for one in accounts]
        work = tuple(edit for edit in edits if edit)
        return Work(work) if work else None

    def _edit(self, state: Mapping[str, Any], one: Mapping[str, Any], whose: str) -> PasswordEdit | None:
        """None where an old password is asked for that we do not know, or where no login of ours proves the new one."""
        account = one["account"]
        if account in state["users"]:
            return given_to(account, whose, "login" if account in state["ours"] else "")
        word = next((word for word, name in NOBODYS.items() if name == account), "")
        if word not in state["commands"] or not (one["outcome"] == "empty" or one["store"] == "plain"):
            return None
        given = Given(whose, account, self.name, "plain", ("plain",), session=True, own=True)
        return PasswordEdit(state["commands"][word], given, _WHOSE[word], first=one["outcome"] == "empty")


def given_to(user: str, whose: str, own: str = "", undo: str = "") -> PasswordEdit:
    """A new password for a user, old or new."""
    given = Given(whose, user, RouterAccounts.name, "plain", ("plain",), session=True)
    return PasswordEdit(f"login user {user}", given, own, undo=undo)


def _about(lines: Lines, attributes: UserAttributes, users: Sequence[str], raw: Raw) -> dict[str, Json]:
    """Whose password can be set, and by which command; where a RADIUS server is asked too, nobody's can be proved."""
    local = [what for what in _RADIUS if not _asks_radius(lines, what)]
    ours = [name for name in users if login(name) in taken(raw)]
    named = [name for name in users if "login" in local and (name in ours or attributes.enters_as_we_do(name))]
    return {
        "users": list(named),
        "ours": list(ours),
        "commands": {word: _command(lines, word) for word in NOBODYS if word in local},
    }


def _command(lines: Lines, word: str) -> str:
    """As the owner has it kept: encrypted or in the clear. Where there is none yet, encrypted."""
    told = last(lines, word, "password")
    return f"{word} password" if told and not told.startswith("encrypted") else f"{word} password encrypted"


@dataclass(frozen=True, slots=True)
class _Known:
    """The passwords of a configuration that we know, because the device has just taken them from us.

    The one we log in with is that of what runs. Before a router shows what is saved it asks for the passwords that are
    saved (d); what runs has the same ones if nothing that is shown differs (a).
    """

    logins: dict[str, str] = field(default_factory=dict, repr=False)
    nameless: str = field(default="", repr=False)
    administrator: str = field(default="", repr=False)

    @classmethod
    def of(cls, lines: Lines, raw: Raw) -> _Known:
        told = taken(raw)
        if difference(raw) != "":
            told = {what: text for what, text in told.items() if what not in (asked("console"), asked("become"))}
        local = {what: not _asks_radius(lines, what) for what in _RADIUS}
        users = [name for name, *_told in behind(lines, "login", "user")] if local["login"] else []
        return cls(
            logins={name: told.get(login(name), "") for name in users},
            nameless=(told.get(CONSOLE) or told.get(asked("console"), "")) if local["login"] else "",
            administrator=(told.get(BECOME) or told.get(asked("become"), "")) if local["administrator"] else "",
        )


def _told(kept: Stored, known: str) -> Stored:
    """The secret in the clear, where the device hides one that we know."""
    return replace(kept, store="plain", text=known) if known and kept.store == "yamaha" and kept.text else kept


def _nameless(lines: Lines, attributes: UserAttributes, users: list[str], known: _Known) -> Iterator[Stored]:
    enters = attributes.has_nameless and attributes.may_enter(NAMELESS)
    rises = any(attributes.asks_to_rise(name) for name in (*users, *([NAMELESS] if enters else [])))
    for word, used, text in (("login", enters, known.nameless), ("administrator", rises, known.administrator)):
        if used:
            yield _told(secret(words(last(lines, word, "password")), NOBODYS[word]), text)


def _elsewhere(lines: Lines) -> Iterator[str]:
    """Whoever is not known here is asked for there. The factory's value of both is off. (d)"""
    for what, command in _RADIUS.items():
        if _asks_radius(lines, what):
            yield f"{' '.join(command)}: a RADIUS server has passwords too, which we do not read"


def _asks_radius(lines: Lines, what: str) -> bool:
    """Then nobody can tell whose password was taken."""
    return last(lines, *_RADIUS[what]) not in ("", "off")
