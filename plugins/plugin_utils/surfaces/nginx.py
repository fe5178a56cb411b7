# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx: who it serves (A2), and what it tells before login (B1), from its whole effective configuration."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..model import Absent, Intent, Json, Judgement, RunEdit, Unreadable
from ..raw import Follow, Output, Raw, Read, missing
from . import nginx_access, nginx_names, pages
from .nginx_config import Directive, matches, parse
from .nginx_scopes import Entry, Scope, Server, applying, as_state, http_of, servers

_ACCESS_FILE, _NAMES_FILE = "zz-iot-site-checklist-access.conf", "zz-iot-site-checklist-names.conf"

_CHECK = RunEdit(("nginx", "-t"))

#: Every directory a page could lie in, also in comments: a superset, of which only what is served is kept.
_ROOTS = r"""(?:root|alias)[ \t]+["']?(/[^\s;"'{}$]+)"""

_PAGE_BYTES = 1 << 18
_MOST_PAGES = 40

_UPSTREAMS = ("proxy", "fastcgi", "uwsgi", "scgi", "grpc")


class Nginx(Surface):
    """The nginx of the machine itself; one in a container is the container's."""

    name = "nginx"
    controls = ("A2.web", "B1.http_header", "B1.http_realm", "B1.http_title")
    reads = (
        Read("nginx.config", command=("nginx", "-T"), limit=4 << 20),
        Read("nginx.pages", files="{}/*.htm*", follow=Follow("nginx.config", _ROOTS), limit=_PAGE_BYTES),
        Read("nginx.pages_below", files="{}/*/*.htm*", follow=Follow("nginx.config", _ROOTS), limit=_PAGE_BYTES),
        Read("nginx.unit", command=("systemctl", "is-active", "nginx.service")),
        Read("nginx.process", command=("pgrep", "-x", "nginx")),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        outputs = list(raw.all("nginx.config").values())
        if outputs and missing(outputs[0]):
            raise Absent("nginx is not installed")
        tree = parse(raw.text("nginx.config"))
        http = http_of(tree)
        found = servers(tree)
        mail = [one.at for one in tree if one.name == "mail"]
        if mail:
            raise Unreadable(f"{mail[0]}: nginx as a mail proxy is not judged")
        general = applying({}, http) if http else {}
        folders, unread = _shown(found)
        pages_found, too_many = _pages(raw, folders)
        return {
            "servers": as_state(found),
            "http_access": cast(Json, general.get("access", [])),
            "http_hide": cast(Json, {kind: general.get(f"{kind}_hide", []) for kind in _UPSTREAMS}),
            "access_file": _place(http, _ACCESS_FILE),
            "names_file": _place(http, _NAMES_FILE),
            "names_rules": cast(Json, _names_rules(found, general, _place(http, _NAMES_FILE))),
            "pages": cast(Json, pages_found),
            "pages_unread": cast(Json, [*unread, *too_many]),
            "reload": cast(Json, list(_reload(raw))),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        activate = (RunEdit(tuple(state["reload"])),) if state["reload"] else ()
        yield from nginx_access.judge(state, intent, _CHECK, activate)
        yield from nginx_names.judge(state, intent, nginx_names.Service(_CHECK, activate))


# --- our own files ------------------------------------------------------------------------------------------


def _place(http: Directive | None, name: str) -> str:
    """Where a file of ours is included at the http level; "" when nowhere."""
    for one in http.inner if http else ():
        if one.name == "include" and len(one.args) == 1:
            folder, pattern = posixpath.split(one.args[0])
            path = posixpath.join(_prefix(http, folder), name)
            if not any(sign in folder for sign in "*?[") and matches(f"/{name}", f"/{pattern}"):
                return path
    return ""


def _prefix(http: Directive | None, folder: str) -> str:
    return posixpath.join(posixpath.dirname(http.file) if http else "/", folder)


def _names_rules(found: list[Server], general: Mapping[str, list[Entry]], path: str) -> list[str]:
    """What our file says: nothing twice that the owner says at the same level, nothing of a module not in use."""
    owners = [entry for entry in general.get("server_tokens", []) if not entry["at"].startswith(f"{path}:")]
    used = {
        entry["name"].removesuffix("_pass")
        for server in found
        for scope in server["scopes"]
        for entry in scope["applies"].get("application", [])
    }
    tokens = [] if owners else ["server_tokens off;"]
    return [*tokens, *(f"{kind}_hide_header X-Powered-By;" for kind in _UPSTREAMS if kind in used)]


# --- taking it over -----------------------------------------------------------------------------------------


def _reload(raw: Raw) -> tuple[str, ...]:
    """Reload with systemd, or without; nothing while nginx does not run."""
    if any(output.text.strip() == "active" for output in raw.all("nginx.unit").values()):
        return ("systemctl", "reload", "nginx.service")
    running = [output.rc == 0 for output in raw.all("nginx.process").values() if not output.error]
    return ("nginx", "-s", "reload") if all(running) else ()


# --- pages --------------------------------------------------------------------------------------------------


def _shown(found: list[Server]) -> tuple[list[str], list[str]]:
    """Where the pages lie that open without a login: folders and files, and places that were not read."""
    folders: dict[str, None] = {}
    unread: dict[str, None] = {}
    for server in found:
        if server["local"] or server["stream"] or server["scopes"][0]["applies"].get("return"):
            continue
        for scope in server["scopes"]:
            if _serves_files(scope) and not (scope["kind"] == "server" and _has_all(server)):
                for path, why in _places(scope):
                    (unread if why else folders).update({why or path: None})
    return list(folders), list(unread)


def _has_all(server: Server) -> bool:
    """Whether ``location /`` answers for everything that no other location does, so the server itself never does."""
    return any(scope["name"] in ("location /", "location ^~ /") for scope in server["scopes"])


def _serves_files(scope: Scope) -> bool:
    applies = scope["applies"]
    answered = applies.get("return") or applies.get("application") or scope["kind"] == "limit_except"
    return not answered and not nginx_names.has_login(scope)


def _places(scope: Scope) -> Iterator[tuple[str, str]]:
    """``(path, why it was not read)``"""
    aliased = scope["applies"].get("alias", [])
    places = aliased or scope["applies"].get("root", [])
    if not places:
        yield "", f"{scope['at']} ({scope['name']}, in nginx's own default directory)"
    for entry in places:
        path = entry["args"][0] if entry["args"] else ""
        below = "" if aliased else _below(scope)
        if not path.startswith("/") or "$" in path:
            yield "", f"{entry['at']} ({entry['name']} {path})"
        elif below.count("/") > 1:
            yield "", f"{scope['at']} ({scope['name']} below {path})"
        else:
            yield posixpath.join(path, below).rstrip("/") or "/", ""


def _below(scope: Scope) -> str:
    """What a location adds to its root: a file, a folder, or nothing where a pattern decides."""
    words = scope["name"].split()[1:]
    if scope["kind"] != "location" or words[0] in ("~", "~*") or words[0].startswith("@"):
        return ""
    return words[-1].strip("/") if words[0] == "=" else posixpath.dirname(words[-1]).strip("/")


def _pages(raw: Raw, folders: list[str]) -> tuple[list[pages.Page], list[str]]:
    """The pages there, and a word on those too many to judge."""
    outputs: dict[str, Output] = {**raw.all("nginx.pages"), **raw.all("nginx.pages_below")}
    served = {path: out for path, out in sorted(outputs.items()) if _is_below(path, folders) and not missing(out)}
    many = [f"{len(served)} pages in {', '.join(folders)}, of which {_MOST_PAGES} were judged"]
    found = [pages.read(path, out) for path, out in list(served.items())[:_MOST_PAGES]]
    return found, many if len(served) > _MOST_PAGES else []


def _is_below(path: str, folders: list[str]) -> bool:
    """Also a word of the transport on the read as a whole: it could be about a page of ours."""
    normal = posixpath.normpath(path)
    return not path.startswith("/") or any(
        normal == one or normal.startswith(posixpath.join(one, "")) for one in folders
    )
