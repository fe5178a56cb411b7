# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where lighttpd asks for the accounts of which password file, so that a new password can be tried there.

It is known beforehand what a request asks for and to which socket it comes. Every other condition may hold or not, and
where that makes a difference there is no door: with a wrong one, a good password would look refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..model import Door, Unreadable
from ..raw import Raw
from . import doors
from .lighttpd_config import Block, Condition, Value, members, parse, words
from .lighttpd_worlds import listeners

_ADDRESS = re.compile(r"/[A-Za-z0-9/._-]*")  # that can be asked for as it is written

#: What may answer, let in or lead elsewhere before mod_auth, or in its place.
_EARLY = ("magnet.", "auth.extern-authn", "auth.cache", "sockproxy.", "url.redirect", "url.rewrite")

_USERFILE = "auth.backend.htpasswd.userfile"
_SOCKET = "SERVER socket"
_COMPARED: dict[str, Callable[[str, str], bool]] = {"==": str.__eq__, "=^": str.startswith, "=$": str.endswith}


def of(raw: Raw) -> dict[str, list[Door]]:
    """By password file; nothing where its configuration was not read or is not understood."""
    try:
        blocks = parse(raw.text("lighttpd.config"))
    except Unreadable:
        return {}
    found: dict[str, list[Door]] = {}
    for path, door in _doors(blocks):
        found.setdefault(path, []).append(door)
    return found


def _doors(blocks: Sequence[Block]) -> Iterator[tuple[str, Door]]:
    always = blocks[0]["keys"]
    if always.get("server.chroot") or not {"mod_auth", "mod_authn_file"} <= {*words(always.get("server.modules"))}:
        return
    bound = {listener: _bound(listener) for listener in listeners(blocks)}
    leading = Counter(bound.values())
    for listener, (address, port) in bound.items():
        if not address or leading[address, port] > 1:  # two ways to write one; which of them counts is not known
            continue
        tls = _only(_counting(blocks, {_SOCKET: listener}), "ssl.engine") == "enable"
        known = {_SOCKET: listener, "HTTP scheme": "https" if tls else "http"}
        for place in _places(blocks):
            if file := _file(_counting(blocks, {**known, "HTTP url": place}), place):
                yield file, Door("http", address, port, tls, place)


def _bound(listener: str) -> tuple[str, int]:
    """``(address, port)`` as the host reaches it; no address where that is not known."""
    host, _colon, port = listener.rpartition(":")
    return (doors.within(host), int(port)) if re.fullmatch("[0-9]{1,5}", port) else ("", 0)


def _places(blocks: Sequence[Block]) -> list[str]:
    """Every address from which on a login may be asked for, the shortest first."""
    told = {begins or "/" for block in blocks for begins, _rule in members(block["keys"].get("auth.require"))}
    return sorted((place for place in told if _ADDRESS.fullmatch(place)), key=lambda place: (len(place), place))


# --- what counts for one request ------------------------------------------------------------------------------


def _counting(blocks: Sequence[Block], known: Mapping[str, str]) -> dict[str, list[Value]]:
    """By setting, every value that may count; None is that of one that may not be set at all."""
    found: dict[str, list[Value]] = {}
    for block in blocks:
        turned = [_as_wanted(one, known.get(one["field"])) for one in block["conditions"]]
        if False not in turned:
            for key, value in block["keys"].items():
                found[key] = [*found.get(key, [None]), value] if None in turned else [value]
    return found


def _as_wanted(one: Condition, known: str | None) -> bool | None:
    """Whether a condition turns out as its block needs it; None where only the request tells."""
    if known is None or one["operator"] not in _COMPARED:
        return None
    return _COMPARED[one["operator"]](known, one["value"]) is one["holds"]


def _only(said: Mapping[str, list[Value]], key: str) -> Value:
    """The value that counts; None where there is none, or it may be one or another."""
    first, *others = said.get(key, [None])
    return first if all(one == first for one in others) else None


def _file(said: Mapping[str, list[Value]], place: str) -> str:
    """The password file; "" where it is not certain, or something else than an account of it may be asked for."""
    rules = members(_only(said, "auth.require"))
    asked = any(place.startswith(begins) for begins, _rule in rules)
    plain = all(_is_plain(rule) for _begins, rule in rules)
    if (
        not asked
        or not plain
        or _only(said, "auth.backend") != "htpasswd"
        or any(key.startswith(_EARLY) for key in said)
    ):
        return ""
    return str(_only(said, _USERFILE) or "")


def _is_plain(rule: Value) -> bool:
    """Basic, for everybody who has an account."""
    said = dict(members(rule))
    return said.get("method") == "basic" and said.get("require") == "valid-user"
