# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 for the logins of the router itself: its users, the login without a name, and the step to administrator.

Their passwords are hidden (config_secrets.py). Where there is none no line is, as the factory leaves it. (d)
"""

from __future__ import annotations

from collections.abc import Iterator

from ..raw import Raw
from ..stored_secrets.scheme import Kept, Stored
from .config import last
from .config_secrets import ConfigSecrets, Lines, behind, secret, words

_NAMELESS = ""


class RouterAccounts(ConfigSecrets):
    """``login user``, ``login password``, ``administrator password``."""

    name = "accounts"
    change = "login user {} (without a name: login password, administrator password), then save"

    def written(self, lines: Lines, raw: Raw) -> Kept:
        attributes = _Attributes(lines)
        users = {name: told for name, *told in behind(lines, "login", "user")}
        entering = [name for name in users if attributes.may_enter(name)]
        named = (secret(users[name], name) for name in entering)
        return Kept((*_nameless(lines, attributes, entering), *named), tuple(_elsewhere(lines)))


class _Attributes:
    """What ``user attribute`` says of each user. A line of the user's own replaces that of everybody (``*``). (d)"""

    def __init__(self, lines: Lines) -> None:
        self._of: dict[str, dict[str, str]] = {}
        for told in behind(lines, "user", "attribute"):
            name = told.pop(0) if "=" not in told[0] else _NAMELESS
            self._of[name] = dict(word.partition("=")[::2] for word in told)

    def may_enter(self, name: str) -> bool:
        return self._told(name).get("connection") != "off"

    def asks_to_rise(self, name: str) -> bool:
        """Whether this user becomes administrator by the administrator's password: 2 needs none, off never does."""
        return self._told(name).get("administrator", "on") not in ("2", "off")

    @property
    def has_nameless(self) -> bool:
        """Routers where a user may have ``administrator=2`` need one, and have no login without a name. (d)"""
        return not any(told.get("administrator") == "2" for told in self._of.values())

    def _told(self, name: str) -> dict[str, str]:
        return self._of.get(name, self._of.get("*", {}))


def _nameless(lines: Lines, attributes: _Attributes, users: list[str]) -> Iterator[Stored]:
    enters = attributes.has_nameless and attributes.may_enter(_NAMELESS)
    rises = any(attributes.asks_to_rise(name) for name in (*users, *([_NAMELESS] if enters else [])))
    for word, used, at in (
        ("login", enters, "the login without a name"),
        ("administrator", rises, "the step to administrator"),
    ):
        if used:
            yield secret(words(last(lines, word, "password")), at=at)


def _elsewhere(lines: Lines) -> Iterator[str]:
    """Whoever is not known here is asked for there. The factory's value of both is off. (d)"""
    for command in (("login", "radius", "use"), ("administrator", "radius", "auth")):
        if last(lines, *command) not in ("", "off"):
            yield f"{' '.join(command)}: a RADIUS server has passwords too, which we do not read"
