# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module exposure_probe returned, as types. What it does not say, or says in another form, is ``unknown``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..model import Json
from .targets import Target
from .wanted import Control, Vantage

ANSWERED = frozenset({"open", "login_required", "open_without_login"})
SILENT = frozenset({"closed", "filtered"})

#: Texts of one answer, characters of each that are judged, and answers of one target. More is said to be cut.
_TEXTS, _LENGTH, _KINDS = 200, 65_536, 20


@dataclass(frozen=True, slots=True)
class Text:
    """One text that a visitor can read before login."""

    surface: str
    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What one visitor met at one target; where it speaks two protocols, there is one for each."""

    target: Target
    state: str = "unknown"  # closed, filtered, open, login_required, open_without_login, unknown
    kind: str = ""
    source: str = ""  # the vantage's own address; "" where it is not known
    tries: int = 0
    why: str = ""
    texts: tuple[Text, ...] = ()
    facts: Mapping[str, Json] = field(default_factory=dict)

    @property
    def spoken(self) -> str:
        """The target, and what is spoken there."""
        return f"{self.target.place} {self.kind}".rstrip() if self.answered else self.target.place

    @property
    def answered(self) -> bool:
        return self.state in ANSWERED


@dataclass(frozen=True, slots=True)
class Look:
    """One site, seen from one vantage, once."""

    vantage: Vantage
    reached: tuple[Control, ...] = ()  # the controls that answered in this run
    complete: bool = False
    endpoints: tuple[Endpoint, ...] = ()
    why: str = ""  # why there is nothing, where the vantage could not be used at all


def look(vantage: Vantage, targets: Iterable[Target], told: Mapping[str, Any]) -> Look:
    """The module's result for exactly these targets; whatever else is in it is nobody's."""
    complete = told.get("complete") is True
    missing = "the vantage did not say" if complete else "the time for this site was over before it was tried"
    rows: dict[tuple[str, ...], list[Mapping[str, Any] | None]] = {}
    for each in _mappings(told.get("endpoints")):
        rows.setdefault(_key(each), []).append(each)
    return Look(
        vantage=vantage,
        reached=_reached(vantage, _mappings(told.get("controls"))),
        complete=complete,
        endpoints=tuple(
            _endpoint(target, row, missing) for target in targets for row in rows.get(_asked(target), [None])[:_KINDS]
        ),
    )


def unseen(vantage: Vantage, targets: Iterable[Target], why: str) -> Look:
    """A vantage that could not be used."""
    return Look(vantage, endpoints=tuple(Endpoint(target, why=why) for target in targets), why=why)


def _key(told: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(told.get(name)) for name in ("host", "address", "port", "transport"))


def _asked(target: Target) -> tuple[str, ...]:
    return target.host, target.address, str(target.port), target.transport


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _reached(vantage: Vantage, told: Iterable[Mapping[str, Any]]) -> tuple[Control, ...]:
    answered = {(str(each.get("address")), str(each.get("port"))) for each in told if each.get("reached") is True}
    return tuple(one for one in vantage.controls if (one.address, str(one.port)) in answered)


def _endpoint(target: Target, told: Mapping[str, Any] | None, missing: str) -> Endpoint:
    if told is None:
        return Endpoint(target, why=missing)
    state, tries, facts = told.get("state"), told.get("tries"), told.get("facts")
    texts = _mappings(told.get("texts"))
    judged = tuple(_text(each) for each in texts[:_TEXTS])
    known = isinstance(state, str) and state in ANSWERED | SILENT
    return Endpoint(
        target=target,
        state=str(state) if known else "unknown",
        kind=_line(told.get("kind")),
        source=_line(told.get("source")),
        tries=tries if isinstance(tries, int) and not isinstance(tries, bool) else 0,
        why=_line(told.get("why")) or ("" if known else "the vantage could not tell"),
        texts=judged if len(texts) <= _TEXTS else tuple(replace(text, cut=True) for text in judged),
        facts=dict(facts) if isinstance(facts, Mapping) else {},
    )


def _line(value: Any) -> str:
    return value[:1000] if isinstance(value, str) else ""


def _text(told: Mapping[str, Any]) -> Text:
    text = told.get("text")
    whole = text if isinstance(text, str) else ""
    cut = told.get("cut") is not False or not isinstance(text, str) or len(whole) > _LENGTH
    return Text(_line(told.get("surface")), whole[:_LENGTH], cut)
