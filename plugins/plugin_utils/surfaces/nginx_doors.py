# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where nginx asks for the accounts of which password file, so that a new password can be tried there.

Left out is whatever may be answered for by another place than the one that was read: with a wrong door, a good password
would look refused.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from ..model import Door, Unreadable
from ..raw import Raw
from . import doors
from .nginx_config import Directive, parse
from .nginx_scopes import Scope, servers

_NEAR = "/etc/nginx"  # where it looks for a file that is named without a directory

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")  # of a host; no pattern, no variable
_PLACE = re.compile(r"location (?:\^~ |= )?(/[A-Za-z0-9/._-]*)")
_EVERYWHERE = frozenset({"", "*", "0.0.0.0", "::"})
_LISTEN = re.compile(r"(?:(?:(?P<address>\[[^\]]*\]|[^:\[\]]*):)?(?P<port>[0-9]{1,5})|(?P<alone>\[[^\]]*\]|[0-9.]+))")
_OTHERWISE = frozenset({"proxy_protocol", "quic"})  # no HTTP as we speak it comes first

_Listen = tuple[str, int, bool]  # address, port, TLS


def of(raw: Raw) -> dict[str, list[Door]]:
    """By password file; nothing where its configuration was not read or is not understood."""
    try:
        tree = parse(raw.text("nginx.config"))
    except Unreadable:
        return {}
    found: dict[str, list[Door]] = {}
    for path, door in _doors(tree):
        found.setdefault(path, []).append(door)
    return found


def _doors(tree: Iterable[Directive]) -> Iterator[tuple[str, Door]]:
    blocks = [
        (one, scopes["scopes"])
        for one, scopes in zip(_blocks(tree), servers(tree), strict=True)
        if not scopes["stream"]
    ]
    heard = [(listen, block) for block, _scopes in blocks for listen in _listens(block)]
    for block, scopes in blocks:
        asking = [scope for scope in scopes if _asks(scope)]
        files = {_file(scope) for scope in asking}
        if len(files) != 1 or "" in files:  # one that is led from place to place may be asked for another password
            continue
        (path,) = files
        for address, port, tls in _listens(block):
            beside = [(listen, other) for listen, other in heard if listen[1] == port and other is not block]
            taken = {name.lower() for _listen, other in beside for name in _names(other)}
            names = [name for name in _names(block) if name.lower() not in taken]  # of two of a name the first answers
            everywhere = {address, *(listen[0] for listen, _other in beside)} <= _EVERYWHERE
            if doors.within(address) and (not beside or (names and everywhere)):
                for place in _places(scopes):
                    yield path, Door("http", doors.within(address), port, tls, place, (*names, "")[0])


def _blocks(tree: Iterable[Directive]) -> list[Directive]:
    return [one for top in tree if top.name in ("http", "stream") for one in top.inner if one.name == "server"]


def _listens(block: Directive) -> list[_Listen]:
    told = [one.args for one in block.inner if one.name == "listen" and one.args] or [("80",)]
    found = [(_LISTEN.fullmatch(args[0]), args) for args in told if _OTHERWISE.isdisjoint(args)]
    return [
        ((one["address"] or one["alone"] or "").strip("[]"), int(one["port"] or 80), "ssl" in args)
        for one, args in found
        if one
    ]


def _names(block: Directive) -> list[str]:
    told = [name for one in block.inner if one.name == "server_name" for name in one.args]
    return [name for name in told if _NAME.fullmatch(name)]


def _asks(scope: Scope) -> bool:
    realm = scope["applies"].get("auth_basic", [])
    return bool(realm) and realm[-1]["args"] != ["off"] and bool(scope["applies"].get("auth_user_file"))


def _file(scope: Scope) -> str:
    """The password file; "" where it is not one and always the same, or something else may let in as well."""
    applies = scope["applies"]
    words = [*applies["auth_user_file"][-1]["args"], *applies["auth_basic"][-1]["args"]]
    elsewhere = {"satisfy", "auth_request", "auth_jwt"} & applies.keys()
    return "" if elsewhere or any("$" in word for word in words) else posixpath.join(_NEAR, words[0])


def _places(scopes: list[Scope]) -> list[str]:
    """The addresses for which one of these scopes answers, and nothing else: those that ask, the shortest first."""
    named = [(_PLACE.fullmatch(scope["name"]), scope) for scope in scopes]
    found = {one[1]: scope for one, scope in named if one}
    if "/" not in found:
        found["/"] = scopes[0]
    asking = [place for place, scope in found.items() if _asks(scope) and "return" not in scope["applies"]]
    return sorted(asking, key=len)
