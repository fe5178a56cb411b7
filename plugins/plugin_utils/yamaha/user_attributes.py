# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``user attribute``: how each user may come in, and whether they may become administrator.

From the command reference, 4.10 (d): what no line says is as in ``_FACTORY``; a line without a name is about the user
without one; ``*`` is everybody, but a line of the user's own goes before it. Whether it does so as a whole or value by
value, the reference leaves open: then both values are possible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .config_secrets import Lines, behind

NAMELESS, EVERYBODY = "", "*"

#: ``administrator`` is 1 on models whose users have levels; both let whoever has the administrator's password rise.
_FACTORY = {"administrator": "on", "connection": "all", "host": "any"}


def written(lines: Lines) -> dict[str, list[str]]:
    """``{user: the words of their line}``; a later line replaces an earlier one. (a)"""
    found = {}
    for told in behind(lines, "user", "attribute"):
        name = told.pop(0) if "=" not in told[0] else NAMELESS
        found[name] = told
    return found


class UserAttributes:
    """What these lines mean."""

    def __init__(self, lines: Mapping[str, Sequence[str]]) -> None:
        self._of = {name: dict(word.partition("=")[::2] for word in told) for name, told in lines.items()}

    def possible(self, name: str, attribute: str) -> frozenset[str]:
        """The value of an attribute; two where the reference leaves open which one counts."""
        factory = _FACTORY[attribute]
        everybodys = self._of.get(EVERYBODY, {}).get(attribute, factory)
        own = self._of.get(name)
        if own is None:
            return frozenset({everybodys})
        return frozenset({own[attribute]}) if attribute in own else frozenset({factory, everybodys})

    def may_enter(self, name: str) -> bool:
        return self.possible(name, "connection") != {"off"}

    def enters_as_we_do(self, name: str) -> bool:
        """Whether this user surely comes in by SSH, from wherever we are: then a login of theirs can be tried."""
        ways = [set(value.split(",")) for value in self.possible(name, "connection")]
        return all({"ssh", "all"} & way for way in ways) and self.possible(name, "host") == {"any"}

    def may_rise(self, name: str) -> bool:
        return self.possible(name, "administrator") != {"off"}

    def asks_to_rise(self, name: str) -> bool:
        """Whether this user becomes administrator by the administrator's password: 2 needs none, off never does."""
        return bool(self.possible(name, "administrator") - {"2", "off"})

    @property
    def has_nameless(self) -> bool:
        """Routers where a user may have ``administrator=2`` need one, and have no login without a name. (d)"""
        return not any(told.get("administrator") == "2" for told in self._of.values())
