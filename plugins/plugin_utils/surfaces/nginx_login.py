# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 on nginx: every scope a visitor can reach asks for a login, or shows nothing."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..display import show
from ..model import Change, FileEdit, Intent, Json, Judgement, Status
from ..raw import Follow, Raw, Read
from . import user_file
from .nginx_config import quoted
from .nginx_scopes import Entry, Scope, Server, answers_all, from_state
from .ours import own_file
from .web_servers import Service

CONTROL = "A1.web"

#: Where nginx looks for a file that is named without a directory.
_NEAR = "/etc/nginx"

_FILE = r"""auth_basic_user_file[ \t]+["']?"""

READS = (
    Read(
        "nginx.user_file", command=(*user_file.SIZE, "{}"), follow=Follow("nginx.config", rf"{_FILE}(/[^\s;\"'{{}}$]+)")
    ),
    Read(
        "nginx.user_file_near",
        command=(*user_file.SIZE, f"{_NEAR}/{{}}"),
        follow=Follow("nginx.config", rf"{_FILE}([^\s/;\"'{{}}$][^\s;\"'{{}}$]*)"),
    ),
)

#: Whose answers are somebody's application, which may ask for a login of its own.
_APPLICATIONS = frozenset({
    "proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "js_content", "perl", "echo",
    "content_by_lua_file",
})  # fmt: skip

_Groups = Mapping[str, list[Entry]]


@dataclass(frozen=True, slots=True)
class _Open:
    """Something that is shown without a login, or may be. ``general``: a login at the http level would close it."""

    why: str
    fix: str = ""
    status: Status = Status.GAP
    general: bool = False


def user_files(raw: Raw) -> dict[str, int]:
    """The password files in use."""
    return user_file.sizes({key: out for read in READS for key, out in raw.all(read.name).items()})


def has_login(scope: Scope) -> bool:
    """Whether a password is asked for before anything of this scope is shown."""
    applies = scope["applies"]
    return (_basic(applies) or _asks_elsewhere(applies)) and not _any_will_do(applies)


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on A1.web; the worst of them counts."""
    reachable = from_state(state)
    if not reachable:
        why = "no server of nginx listens on an address that others can reach"
        yield Judgement(CONTROL, "nginx", Status.NOT_APPLICABLE, why)
        return
    found = list(dict.fromkeys(one for server in reachable for one in _opened(server, state, intent)))
    evidence: dict[str, Json] = {"servers": [f"{server['name']} ({server['at']})" for server in reachable]}
    if intent.exposure:
        evidence["public"] = [path for path in intent.exposure.paths if intent.is_public(path)]
    general = [one for one in found if one.general]
    if general:
        yield _general(state, reachable, general, intent, service, evidence)
    for one in found:
        if not one.general:
            yield Judgement(CONTROL, "nginx", one.status, one.why, fix=one.fix, evidence=evidence)
    if not found:
        why = "every server and location asks for a login, shows nothing, or is meant to be public"
        yield Judgement(CONTROL, "nginx", Status.PASS, why, evidence=evidence)


# --- the http level, which our own file can set -------------------------------------------------------------


def _general(
    state: Mapping[str, Any], reachable: list[Server], general: list[_Open], intent: Intent,
    service: Service, evidence: Mapping[str, Json],
) -> Judgement:  # fmt: skip
    why = "; ".join(one.why for one in general[:5]) + (f"; and {len(general) - 5} more" if general[5:] else "")
    here: list[Entry] = state["http_login"]
    before = "".join(f"{_line(entry)}\n" for entry in here)
    after = "".join(f"{line}\n" for line in _rules(state, intent))
    if fix := _by_hand(state, reachable, intent):
        return Judgement(CONTROL, "nginx", Status.GAP, why, before, after, fix, evidence)
    checks = (*user_file.checks(intent.user_file, *state["account"]), service.check)
    change = Change(
        CONTROL, "nginx", f"a login for every server, with the accounts in {intent.user_file}", before, after,
        edits=(FileEdit(state["login_file"], own_file("A1", "nginx", after)),), checks=checks,
        activate=service.activate,
    )  # fmt: skip
    return Judgement(CONTROL, "nginx", Status.GAP, why, before, after, evidence=evidence, changes=(change,))


def _rules(state: Mapping[str, Any], intent: Intent) -> Iterator[str]:
    """What our file says: nothing twice that the owner says at the same level."""
    owners = [one["name"] for one in state["http_login"] if not one["at"].startswith(f"{state['login_file']}:")]
    if "auth_basic" not in owners:
        yield f"auth_basic {quoted(intent.label or 'login')};"
    if "auth_basic_user_file" not in owners:
        yield f"auth_basic_user_file {intent.user_file or '<the password file>'};"


def _by_hand(state: Mapping[str, Any], reachable: list[Server], intent: Intent) -> str:
    """Why our own file cannot close it, as what to do; "" when it can."""
    if not intent.user_file:
        return (
            "Make a password file on the device (htpasswd) and name it in login_required_user_file, then run again; or "
            "put auth_basic and auth_basic_user_file into these places; or declare in iot_site_exposure what is public."
        )
    if not state["login_file"]:
        return "nginx.conf includes no directory at its http level: put the lines below there by hand, then run again."
    closed = sorted(_public_without_off(reachable, intent))
    if closed:
        return (
            "A login for every server would close what iot_site_exposure declares public. Put auth_basic off; into a "
            f"location of its own for {', '.join(map(show, closed))}, then run again."
        )
    return ""


def _public_without_off(reachable: list[Server], intent: Intent) -> Iterator[str]:
    """Public paths that no location keeps open by its own word."""
    paths = intent.exposure.paths if intent.exposure else ()
    kept = [
        _covered(server, scope)
        for server in reachable
        for scope in server["scopes"]
        if scope["applies"].get("return") or _word(scope["applies"], "auth_basic") == "off"
    ]
    for path in paths:
        if intent.is_public(path) and not any(prefix.rstrip("/") == path.rstrip("/") for prefix, _exact in kept):
            yield path


# --- one server ---------------------------------------------------------------------------------------------


def _opened(server: Server, state: Mapping[str, Any], intent: Intent) -> Iterator[_Open]:
    if server["stream"]:
        why = f"{server['at']}: nginx passes connections on; whether a login is asked for is seen only behind it"
        yield _Open(why, "Look at what answers there without logging in.", Status.MANUAL)
        return
    for number, scope in enumerate(server["scopes"]):
        if _is_public(server, scope, intent):
            continue
        yield from _texts(scope)
        if _answers(server, number):
            yield from _content(server, scope, state)


def _texts(scope: Scope) -> Iterator[_Open]:
    """What ``return`` says comes before any login. An error or a redirect shows nothing."""
    for entry in scope["applies"].get("return", []):
        if len(entry["args"]) > 1 and not re.fullmatch(r"[345][0-9][0-9]", entry["args"][0]) and entry["args"][1]:
            why = f"{entry['at']}: return answers everybody with a text, before any login"
            yield _Open(why, f"Serve this text from a file behind the login instead of {entry['at']}, or delete it.")


def _answers(server: Server, number: int) -> bool:
    """Whether content of this scope can be shown: nothing ended the request before."""
    scopes = server["scopes"]
    scope = scopes[number]
    if _ended(scopes, number) or (_ended(scopes, 0) and not _after_an_error(scopes, number)):
        return False
    if scope["kind"] == "server":
        return not answers_all(server)
    if scope["applies"].get("internal") and _is_asked(server, scope):
        return False
    return not (scope["kind"] == "if" and scope["parent"] == 0)  # there only return and rewrite have an effect


def _after_an_error(scopes: list[Scope], number: int) -> bool:
    """Whether it is, or lies in, a named location: error_page leads there past the server's own ``return``."""
    while scopes[number]["parent"] > 0:
        number = scopes[number]["parent"]
    return scopes[number]["name"].startswith("location @")


def _is_asked(server: Server, scope: Scope) -> bool:
    """Whether it is there for ``auth_request``, which takes its verdict and shows nothing of it."""
    asked = {_word(one["applies"], "auth_request") for one in server["scopes"]}
    return bool(_named(asked - {None, "off"}) & {scope["name"]})


def _named(paths: Iterable[str | None]) -> set[str]:
    """What a location that answers exactly for one of these may be called."""
    return {f"location {sign}{path}" for path in paths for sign in ("= ", "^~ ", "")}


def _ended(scopes: list[Scope], number: int) -> bool:
    """Whether every request that comes to this scope ends in its ``return``: no break or rewrite goes past it."""
    around = [one for place, one in enumerate(scopes) if place == number or (one["parent"] == number and _if(one))]
    skips = any(
        one["applies"].get("break") or any(entry["args"][2:] in (["last"], ["break"]) for entry in rewrites)
        for one in around
        for rewrites in [one["applies"].get("rewrite", [])]
    )
    return bool(scopes[number]["applies"].get("return")) and not skips


def _if(scope: Scope) -> bool:
    return scope["kind"] == "if"


# --- one scope ----------------------------------------------------------------------------------------------


def _content(server: Server, scope: Scope, state: Mapping[str, Any]) -> Iterator[_Open]:
    applies, where = scope["applies"], f"{scope['name']} of {server['name']} ({scope['at']})"
    if "$" in (_word(applies, "auth_basic") or "") + (_word(applies, "auth_jwt") or ""):
        why = f"{applies.get('auth_basic', applies.get('auth_jwt', []))[-1]['at']}: a variable decides about the login"
        yield _Open(why, "Write the login's name there, or off.", Status.UNKNOWN)
    elif _any_will_do(applies) and (_basic(applies) or _asks_elsewhere(applies)):
        entry = applies["satisfy"][-1]
        yield _Open(
            f"{entry['at']}: satisfy any lets in whoever comes from an allowed address, without a login",
            f"Delete {entry['at']} (satisfy any;): address and password are then both required.",
        )
    elif _basic(applies):
        yield from _password_file(applies["auth_user_file"][-1], state)
    elif _asks_elsewhere(applies):
        yield from _asked(server, applies)
    else:
        yield _without(server, scope, where)


def _without(server: Server, scope: Scope, where: str) -> _Open:
    applies = scope["applies"]
    for entry in applies.get("early", []):
        why = f"{entry['at']}: {entry['name']} may ask for a login, or answer by itself"
        return _Open(why, "Look at what it answers without logging in.", Status.UNKNOWN)
    if applies.get("internal"):
        why = f"{where}: shown in place of other pages (errors, redirects inside nginx), without a login"
        return _Open(why, "Look at what it shows without logging in.", Status.MANUAL)
    for entry in _served_by(server, scope):
        if entry["name"] in _APPLICATIONS:
            why = f"{where}: {entry['name']} ({entry['at']}): only the application can ask for a login"
            fix = "Open each of its screens without logging in: none may show anything but the login."
            return _Open(why, fix, Status.MANUAL)
    off = [entry for entry in applies.get("auth_basic", []) if entry["args"] == ["off"]]
    what = _what(server, scope)
    if off:
        return _Open(
            f"{off[-1]['at']}: auth_basic off: {where} {what} to everybody",
            f"Delete {off[-1]['at']} (auth_basic off;), so that the login above counts, and run again.",
        )
    return _Open(f"{where} {what} to everybody", general=True)


def _what(server: Server, scope: Scope) -> str:
    """In words, what is shown there."""
    names = [entry["name"] for entry in _served_by(server, scope)]
    if names:
        return f"answers ({', '.join(names)})"
    listing = _word(scope["applies"], "autoindex")
    return "shows files and lists them (autoindex)" if listing not in (None, "off") else "shows files"


def _served_by(server: Server, scope: Scope) -> list[Entry]:
    """Who answers there; a block inside a location has its location's."""
    while not scope["applies"].get("application") and scope["kind"] in ("if", "limit_except"):
        scope = server["scopes"][scope["parent"]]
    return scope["applies"].get("application", [])


def _password_file(entry: Entry, state: Mapping[str, Any]) -> Iterator[_Open]:
    named = entry["args"][0]
    path = posixpath.join(_NEAR, named)
    if "$" in named:
        yield _Open(f"{entry['at']}: a variable names the password file", "Name one file.", Status.UNKNOWN)
    elif state["user_files"].get(path, -1) < 0:
        why = f"{entry['at']}: it is not known whether the password file {show(path)} exists"
        yield _Open(why, f"Look for it on the device (ls -l {show(path)}).", Status.UNKNOWN)
    elif not state["user_files"][path]:
        why = f"{entry['at']}: the password file {show(path)} does not exist or holds nobody, so nobody can log in"
        yield _Open(why, f"Make it on the device (htpasswd -c {show(path)} NAME).")


def _asked(server: Server, applies: _Groups) -> Iterator[_Open]:
    """``auth_request`` is worth what it asks: an application, not a constant."""
    target = _word(applies, "auth_request")
    if target in (None, "off"):
        return  # auth_jwt
    entry = applies["auth_request"][-1]
    asked = [scope for scope in server["scopes"] if scope["name"] in _named([target])]
    if not any(one["name"] in _APPLICATIONS for scope in asked for one in _served_by(server, scope)):
        why = f"{entry['at']}: auth_request asks {show(str(target))}, and no application was found there"
        yield _Open(why, "Check what it answers without a login.", Status.UNKNOWN)


# --- words of nginx -----------------------------------------------------------------------------------------


def _word(applies: _Groups, group: str) -> str | None:
    """The first argument of what applies; None when nothing does."""
    entries = applies.get(group, [])
    return (*entries[-1]["args"], "")[0] if entries else None


def _basic(applies: _Groups) -> bool:
    """Without a file of passwords, or with a name that may turn out as off, nobody is asked."""
    realm = _word(applies, "auth_basic")
    return realm not in (None, "off") and "$" not in str(realm) and bool(_word(applies, "auth_user_file"))


def _asks_elsewhere(applies: _Groups) -> bool:
    said = [_word(applies, group) for group in ("auth_request", "auth_jwt")]
    return any(word not in (None, "off") and "$" not in str(word) for word in said)


def _any_will_do(applies: _Groups) -> bool:
    return _word(applies, "satisfy") == "any"


def _line(entry: Entry) -> str:
    return f"{' '.join((entry['name'], *entry['args']))};"


# --- what is meant to be public (P2) ------------------------------------------------------------------------


def _is_public(server: Server, scope: Scope, intent: Intent) -> bool:
    path, exact = _covered(server, scope)
    return intent.is_public(path) and (exact or path.endswith("/"))


def _covered(server: Server, scope: Scope) -> tuple[str, bool]:
    """``(what every address of this scope begins with, whether it is the whole address)``"""
    while scope["kind"] in ("if", "limit_except"):
        scope = server["scopes"][scope["parent"]]
    words = scope["name"].split()[1:]
    if scope["kind"] != "location" or not words[-1].startswith("/"):
        return "/", False
    if words[0] in ("~", "~*"):
        return "/", False
    if words[0] == "=":
        return words[-1], True
    # "location /cam" answers for /camera too, which is not meant where only /cam is public
    return words[-1] if words[-1].endswith("/") else posixpath.join(posixpath.dirname(words[-1]), ""), False
