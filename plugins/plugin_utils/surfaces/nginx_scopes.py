# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What applies where: nginx's inheritance, from the tree of directives to one flat list of scopes per server.

A scope is a server, a location, a limit_except or an if. Only directives that are judged are kept, so no secret of
another directive reaches the state.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypedDict, cast

from ..model import Json
from .nginx_config import Directive


class Entry(TypedDict):
    """One directive as it applies: where it stands, and its line when it may be edited there."""

    name: str
    args: list[str]
    at: str
    source: str


class Scope(TypedDict):
    """One scope with everything that applies in it, inherited or its own."""

    name: str
    at: str
    kind: str
    applies: dict[str, list[Entry]]
    parent: int  # the number of the scope around it in its server; -1: none


class Server(TypedDict):
    """One server of http or stream."""

    name: str
    at: str
    stream: bool
    local: bool  # listens on loopback and unix sockets only
    scopes: list[Scope]  # the first one is the server itself


#: Directives that replace what a higher level said, by the group that is replaced as a whole.
INHERITED = {
    "allow": "access",
    "deny": "access",
    "satisfy": "satisfy",
    "set_real_ip_from": "real_ip",
    "auth_basic": "auth_basic",
    "auth_basic_user_file": "auth_user_file",
    "auth_request": "auth_request",
    "auth_jwt": "auth_jwt",
    "error_page": "error_page",
    "server_tokens": "server_tokens",
    "add_header": "add_header",
    "add_trailer": "add_trailer",
    "root": "root",
    "autoindex": "autoindex",
    "ssi": "ssi",
    "sub_filter": "sub_filter",
    "add_before_body": "addition",
    "add_after_body": "addition",
    **{f"{kind}_hide_header": f"{kind}_hide" for kind in ("proxy", "fastcgi", "uwsgi", "scgi", "grpc")},
    **{f"{kind}_pass_header": f"{kind}_show" for kind in ("proxy", "fastcgi", "uwsgi", "scgi", "grpc")},
}

#: Directives that add to what a higher level said.
ADDED = {"more_set_headers": "more_headers", "more_clear_headers": "more_headers"}

_APPLICATIONS = (
    "proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass", "redis_pass", "js_content",
    "perl", "echo", "content_by_lua_file", "stub_status", "dav_methods", "mirror", "image_filter", "xslt_stylesheet",
    "random_index",
)  # fmt: skip

#: May answer before allow and deny are asked.
_EARLY = ("rewrite_by_lua_file", "server_rewrite_by_lua_file", "access_by_lua_file", "js_access", "modsecurity_rules")

#: Directives of one scope alone: who answers there. Only the name of most is kept: an address may hold a password.
OWN = {
    "return": "return",
    "rewrite": "rewrite",
    "break": "break",
    "alias": "alias",
    "internal": "internal",
    **dict.fromkeys(_APPLICATIONS, "application"),
    **dict.fromkeys(_EARLY, "early"),
}

_WITH_ARGS = frozenset({*INHERITED, *ADDED, "return", "rewrite", "alias"})
_SCOPES = frozenset({"location", "limit_except", "if"})

_Groups = Mapping[str, list[Entry]]


def http_of(tree: Iterable[Directive]) -> Directive | None:
    return next((one for one in tree if one.name == "http"), None)


def servers(tree: Iterable[Directive]) -> list[Server]:
    """Every server of http and stream, with its scopes."""
    found = []
    for top in tree:
        if top.name in ("http", "stream"):
            above = applying({}, top)
            found += [_server(one, above, top.name == "stream") for one in top.inner if one.name == "server"]
    return found


def applying(above: _Groups, scope: Directive) -> dict[str, list[Entry]]:
    """What applies in ``scope``, given what applies above it."""
    own: dict[str, list[Entry]] = {}
    for one in scope.inner:
        group = INHERITED.get(one.name) or OWN.get(one.name)
        if group:
            own.setdefault(group, []).append(_entry(one))
        if one.name in ADDED:
            group = ADDED[one.name]
            own.setdefault(group, list(above.get(group, []))).append(_entry(one))
    inherited = {group: entries for group, entries in above.items() if group not in _OWN_GROUPS}
    return {**inherited, **own}


_OWN_GROUPS = frozenset(OWN.values()) - {"early"}


def _entry(one: Directive) -> Entry:
    args = list(one.args) if one.name in _WITH_ARGS else []
    return {"name": one.name, "args": args, "at": one.at, "source": one.source if args else ""}


def _server(server: Directive, above: _Groups, stream: bool) -> Server:
    names = [name for one in server.inner if one.name == "server_name" for name in one.args if name not in ("", "_")]
    listens = [one.args[0] for one in server.inner if one.name == "listen" and one.args]
    applies = applying(above, server)
    first: Scope = {"name": "server", "at": server.at, "kind": "server", "applies": applies, "parent": -1}
    scopes = [first]
    _below(server, applies, 0, scopes)
    return {
        "name": " ".join(names[:4]) or "(default)",
        "at": server.at,
        "stream": stream,
        "local": bool(listens) and all(map(_is_local, listens)),
        "scopes": scopes,
    }


def _below(parent: Directive, above: _Groups, number: int, scopes: list[Scope]) -> None:
    """Appends every scope inside ``parent``, which is the ``number``th itself."""
    for one in parent.inner:
        if one.name in _SCOPES:
            applies = applying(above, one)
            name = " ".join((one.name, *one.args))
            scopes.append({"name": name, "at": one.at, "kind": one.name, "applies": applies, "parent": number})
            _below(one, applies, len(scopes) - 1, scopes)


def _is_local(listen: str) -> bool:
    if listen.startswith("unix:"):
        return True
    host = listen[1:].partition("]")[0] if listen.startswith("[") else listen.rpartition(":")[0] or listen
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listens(tree: Iterable[Directive]) -> frozenset[tuple[str, int]]:
    """Every ``(address, TCP port)`` on which this configuration listens; "*" for a name, which may be any."""
    blocks = [one for top in tree if top.name in ("http", "stream") for one in top.inner if one.name == "server"]
    return frozenset(found for block in blocks for found in _listens_of(block))


def _listens_of(server: Directive) -> Iterator[tuple[str, int]]:
    told = [one.args[0] for one in server.inner if one.name == "listen" and one.args]
    for listen in told or ["80"]:
        found = re.fullmatch(r"(?:(\[.*\]|[^:]*):)?(\d+)(?:-(\d+))?", listen)
        if found:
            for port in range(int(found[2]), int(found[3] or found[2]) + 1):
                yield _bound(found[1] or "*"), port
        elif not listen.startswith("unix:"):
            yield _bound(listen), 80  # an address alone


def _bound(host: str) -> str:
    """As the kernel writes it."""
    try:
        return "0.0.0.0" if host == "*" else str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return "*"


def as_state(found: list[Server]) -> Json:
    """The same, as the JSON it is."""
    return cast(Json, found)


def from_state(state: Mapping[str, Any]) -> list[Server]:
    """The servers a visitor can reach."""
    return [server for server in cast(list[Server], state["servers"]) if not server["local"]]


def answers_all(server: Server) -> bool:
    """Whether ``location /`` answers for everything that no other location does, so the server itself never does."""
    return any(scope["name"] in ("location /", "location ^~ /") for scope in server["scopes"])
