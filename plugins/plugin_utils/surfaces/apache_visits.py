# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of visit that a server of apache2 can get: which sections apply to it, and whom they let in together.

Sections that may or may not apply make two kinds of one, so whatever a visitor asks for is among them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ..model import Unreadable
from .apache_requires import EVERYBODY, Let, both, either, let_in
from .apache_scopes import Entry, Root, Section, Server, holds
from .ours import NAME

_MOST = 300

#: What a deeper section replaces, as far as a verdict asks for it.
_KEPT = ("type", "user_file", "provider", "satisfy", "handler")

_OPEN = Let(EVERYBODY, EVERYBODY, EVERYBODY, EVERYBODY)


@dataclass(frozen=True, slots=True)
class Ruled:
    """What sections require together, as mod_authz_core keeps it: the last AuthMerging goes with it."""

    merging: str = ""
    let: Let | None = field(default=None, compare=False)  # None: nothing was required so far
    by: tuple[str, ...] = ()  # the sections that say so


@dataclass(frozen=True, slots=True)
class Visit:
    """Requests to which the same sections apply. ``url`` is what all of their addresses begin with."""

    url: str
    root: str  # where its content comes from, for people
    application: bool
    of: str  # the place of that root
    before: Ruled = Ruled()  # what the earlier kinds of section require
    ruled: Ruled = Ruled()  # what those of the present kind do: they are merged among themselves first
    phase: int = 0
    says: tuple[tuple[str, str, str], ...] = ()  # (group, argument, place), the last word of each group
    doubtful: tuple[str, ...] = ()  # conditions that were taken for true

    @property
    def required(self) -> Ruled:
        return _merged(self.before, self.ruled)

    @property
    def let(self) -> Let | None:
        return self.required.let

    @property
    def decided(self) -> tuple[str, ...]:
        """The sections whose words count. Ours only add to them, and are nothing for a person to mend."""
        owners = tuple(one for one in self.required.by if NAME not in one)
        return owners or self.required.by

    def word(self, group: str) -> str:
        return next((value for name, value, _at in self.says if name == group), "")

    def at(self, group: str) -> str:
        return next((at for name, _value, at in self.says if name == group), "")

    @property
    def any_will_do(self) -> bool:
        """Address or password: one of them is enough."""
        return self.word("satisfy").lower() == "any"

    @property
    def lets(self) -> Let:
        return _OPEN if self.let is None or self.any_will_do else self.let

    @property
    def open(self) -> bool:
        """Whether somebody from outside may be let in without a login."""
        return self.lets.anybody

    @property
    def asks(self) -> bool:
        """Whether somebody from outside may be let in who has logged in, and nobody who has not."""
        return not self.open and self.lets.somebody

    @property
    def unclear(self) -> tuple[str, ...]:
        return (*self.doubtful, *(self.let.unclear if self.let else ()))

    @property
    def where(self) -> str:
        """For people: where it is open, and by whose word."""
        by = f", by {self.decided[-1]}" if self.decided else ""
        return f"{self.url} ({self.root}{by})"


def visits(server: Server, sections: Iterable[Section] | None = None) -> list[Visit]:
    """Every kind of visit to one server, with other sections than its own where some are given."""
    used = server["sections"] if sections is None else list(sections)
    return list(dict.fromkeys(visit for root in server["roots"] for visit in _of(root, used)))


def _of(root: Root, sections: Iterable[Section]) -> list[Visit]:
    begun = f"{'an application' if root['proxy'] else root['path'] or 'any file'}, {root['at']}"
    found = [Visit(root["url"], begun, root["application"], root["at"])]
    for section in sections:
        if section["rules"] or section["merging"] or any(section["says"].get(group) for group in _KEPT):
            found = list(dict.fromkeys(after for visit in found for after in _met(visit, section, root)))
        if len(found) > _MOST:
            raise Unreadable(f"{section['at']}: too many sections may apply or not; this cannot be judged")
    return found


# --- which sections apply -----------------------------------------------------------------------------------


def _met(visit: Visit, section: Section, root: Root) -> Iterator[Visit]:
    """The visit with the section, without it, or both."""
    if section["excluded"]:
        yield from _all_but(visit, section)
        return
    place = _place(section, root)
    if place is None:
        yield visit
    elif not place:
        yield from (visit, _with(visit, section))
    elif holds(place, visit.url):
        yield _with(visit, section)
    elif holds(visit.url, place):
        yield from (visit, _with(replace(visit, url=place), section))
    else:
        yield visit


def _all_but(visit: Visit, section: Section) -> Iterator[Visit]:
    for path in section["excluded"]:
        if holds(path, visit.url):
            yield visit
            return
    yield _with(visit, section)
    yield from (replace(visit, url=path) for path in section["excluded"] if holds(visit.url, path))


def _place(section: Section, root: Root) -> str | None:
    """The addresses that a section is about; "" when only a request can tell, None when it is none of this root."""
    kind, path = section["kind"], section["path"]
    if kind in ("directory", "proxy") and (kind == "proxy") is not root["proxy"]:
        return None
    if kind == "proxy":
        return "/" if path == "*" else ""
    if kind != "directory":
        return path
    if not path or (not root["path"] and path != "/"):
        return ""
    if path == "/" or holds(path, root["path"]):
        return "/"
    return posixpath.join(root["url"], path[len(root["path"]) :].lstrip("/")) if holds(root["path"], path) else None


# --- what they say together ---------------------------------------------------------------------------------


def _with(visit: Visit, section: Section) -> Visit:
    says = {name: (value, at) for name, value, at in visit.says}
    for group in _KEPT:
        for entry in section["says"].get(group, []):
            says[group] = (_argument(entry), entry["at"])
    doubtful = (*visit.doubtful, section["at"]) if section["kind"] == "if" and not section["path"] else visit.doubtful
    if section["order"][0] != visit.phase:
        visit = replace(visit, before=visit.required, ruled=Ruled(), phase=section["order"][0])
    if section["rules"] or section["merging"]:
        visit = replace(visit, ruled=_merged(visit.ruled, _ruled(section)))
    return replace(visit, doubtful=doubtful, says=tuple((name, *said) for name, said in sorted(says.items())))


def _argument(entry: Entry) -> str:
    return " ".join(entry["args"])


def _ruled(section: Section) -> Ruled:
    let = let_in(section["rules"]) if section["rules"] else None
    return Ruled(section["merging"], let, (f"{section['name']} {section['at']}",))


def _merged(above: Ruled, here: Ruled) -> Ruled:
    """As mod_authz_core does it: replaced unless AuthMerging says otherwise."""
    if not here.merging and here.let is None and above.let is not None:
        return above
    if here.merging in ("", "off") or (above.let is None and here.let is None):
        return here
    by = (*above.by, *here.by)
    if above.let is None or here.let is None:
        return Ruled(here.merging, above.let or here.let, by)
    return Ruled(here.merging, (both if here.merging == "and" else either)(above.let, here.let), by)
