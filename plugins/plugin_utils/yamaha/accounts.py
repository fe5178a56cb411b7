# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 for the logins of the router itself: its users, the login without a name, and the step to administrator.

Their passwords are hidden (config_secrets.py), but those that this very session came in by are known
(session_secrets.py). Where there is none no line is, as the factory leaves it. (d)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..raw import Raw
from ..session_secrets import BECOME, SESSION_SECRETS, asked, login, taken
from ..stored_secrets.scheme import Kept, Stored
from .config import last
from .config_secrets import ConfigSecrets, Lines, behind, secret, words
from .guard import difference
from .user_attributes import NAMELESS, UserAttributes, written

_RADIUS = {"login": ("login", "radius", "use"), "administrator": ("administrator", "radius", "auth")}


class RouterAccounts(ConfigSecrets):
    """``login user``, ``login password``, ``administrator password``."""

    name = "accounts"
    reads = (*ConfigSecrets.reads, SESSION_SECRETS)
    change = "login user {} (without a name: login password, administrator password), then save"

    def written(self, lines: Lines, raw: Raw) -> Kept:
        attributes = UserAttributes(written(lines))
        known = _Known.of(lines, raw)
        users = {name: told for name, *told in behind(lines, "login", "user")}
        entering = [name for name in users if attributes.may_enter(name)]
        named = (_told(secret(users[name], name), known.logins.get(name, "")) for name in entering)
        return Kept((*_nameless(lines, attributes, entering, known), *named), tuple(_elsewhere(lines)))


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
            nameless=told.get(asked("console"), "") if local["login"] else "",
            administrator=(told.get(BECOME) or told.get(asked("become"), "")) if local["administrator"] else "",
        )


def _told(kept: Stored, known: str) -> Stored:
    """The secret in the clear, where the device hides one that we know."""
    return replace(kept, store="plain", text=known) if known and kept.store == "yamaha" and kept.text else kept


def _nameless(lines: Lines, attributes: UserAttributes, users: list[str], known: _Known) -> Iterator[Stored]:
    enters = attributes.has_nameless and attributes.may_enter(NAMELESS)
    rises = any(attributes.asks_to_rise(name) for name in (*users, *([NAMELESS] if enters else [])))
    for word, used, at, text in (
        ("login", enters, "the login without a name", known.nameless),
        ("administrator", rises, "the step to administrator", known.administrator),
    ):
        if used:
            yield _told(secret(words(last(lines, word, "password")), at=at), text)


def _elsewhere(lines: Lines) -> Iterator[str]:
    """Whoever is not known here is asked for there. The factory's value of both is off. (d)"""
    for what, command in _RADIUS.items():
        if _asks_radius(lines, what):
            yield f"{' '.join(command)}: a RADIUS server has passwords too, which we do not read"


def _asks_radius(lines: Lines, what: str) -> bool:
    """Then nobody can tell whose password was taken."""
    return last(lines, *_RADIUS[what]) not in ("", "off")
