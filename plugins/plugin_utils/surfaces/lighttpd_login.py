# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 on lighttpd: whatever a visitor asks for, a login is asked first, or nothing is shown."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..display import show
from ..model import Change, FileEdit, Intent, Json, Judgement, RunEdit, Status, as_json
from . import user_file
from .lighttpd_config import Block, Value, members, words
from .lighttpd_worlds import World, described, worlds
from .ours import own_file

CONTROL, _SURFACE = "A1.web", "lighttpd"

#: Backends whose accounts are in a file.
_FILES = frozenset({"htpasswd", "htdigest", "plain"})

#: Whose answers are somebody's application, which may ask for a login of its own.
APPLICATIONS = (
    "proxy.server", "fastcgi.server", "scgi.server", "uwsgi.server", "cgi.assign", "ajp13.server", "wstunnel.server",
    "sockproxy.server",
)  # fmt: skip

#: What may answer or let in before, or instead of, mod_auth.
_EARLY = ("magnet.", "auth.extern-authn", "auth.cache")

#: Redirects of every address.
_ALL = frozenset({"", ".*", "^", "^/", "^.*", "^.*$", "^(.*)", "^(.*)$", "^/(.*)", "^/(.*)$", "(.*)"})


@dataclass(frozen=True, slots=True)
class Service:
    """How lighttpd checks its configuration and takes it over, and where files of ours are read."""

    check: RunEdit
    activate: tuple[RunEdit, ...]
    folder: str
    obstacle: str  # why no file of ours can take effect, as what to do; "" when one can


@dataclass(frozen=True, slots=True)
class _Open:
    """Something that is shown without a login, or may be. ``general``: a login for everything would close it."""

    why: str
    fix: str = ""
    status: Status = Status.GAP
    general: bool = False


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on A1.web; the worst of them counts."""
    everything = worlds(state["blocks"])
    if not everything:
        why = "lighttpd listens on no address that others can reach"
        yield Judgement(CONTROL, _SURFACE, Status.NOT_APPLICABLE, why)
        return
    found = list(dict.fromkeys(one for world in everything for one in _opened(world, state, intent)))
    found += list(_ordered(everything, state, "mod_auth"))
    public = [path for path in intent.exposure.paths if intent.is_public(path)] if intent.exposure else []
    evidence: dict[str, Json] = {
        "listeners": as_json(sorted({one.listener for one in everything})),
        "public": as_json(public),
    }
    general = [one for one in found if one.general]
    if general:
        yield _general(state, general, public, intent, service, evidence)
    for one in found:
        if not one.general:
            yield Judgement(CONTROL, _SURFACE, one.status, one.why, fix=one.fix, evidence=evidence)
    if not found:
        why = "every request is asked for a login, is shown nothing, or is for what is meant to be public"
        yield Judgement(CONTROL, _SURFACE, Status.PASS, why, evidence=evidence)


# --- what a request meets -----------------------------------------------------------------------------------


def silent(world: World, modules: list[str]) -> bool:
    """Whether every request of this world is refused or sent elsewhere."""
    return (denied(world, modules) and not _too_late(world, modules, "mod_access")) or redirected(world, modules)


def denied(world: World, modules: list[str]) -> bool:
    """``url.access-deny`` compares ends of paths: an empty end fits every path. An ``access-allow`` goes before it."""
    allowed = members(world.value("url.access-allow"))
    return "mod_access" in modules and not allowed and "" in words(world.value("url.access-deny"))


def redirected(world: World, modules: list[str]) -> bool:
    targets = members(world.value("url.redirect"))[:1]
    everything = any(pattern in _ALL and bool(target) for pattern, target in targets)
    return "mod_redirect" in modules and everything and not _too_late(world, modules, "mod_redirect")


def _too_late(world: World, modules: list[str], guard: str) -> bool:
    """Whether status pages are answered before ``guard`` is asked: modules are asked in the order of their loading."""
    first = "mod_status" in modules and modules.index("mod_status") < modules.index(guard)
    return first and any(_is_status(key) and bool(world.value(key)) for key in world.settings)


def _is_status(key: str) -> bool:
    return key.startswith("status.") and key.endswith("-url")


def asks(world: World, modules: list[str]) -> bool:
    """Whether every path of this world falls under one of the beginnings that need a login."""
    required = [beginning for beginning, rule in members(world.value("auth.require")) if _is_login(rule)]
    known = [value for operator, value in world.paths if operator in ("==", "=^")]
    covering = any(begins in ("", "/") or any(one.startswith(begins) for one in known) for begins in required)
    return "mod_auth" in modules and covering and not _weak(world)


def _weak(world: World) -> bool:
    """A rule that is no login may be met first."""
    return any(not _is_login(rule) for _beginning, rule in members(world.value("auth.require")))


def _is_login(rule: Value) -> bool:
    said = dict(members(rule))
    return said.get("method") in ("basic", "digest") and bool(said.get("require"))


def is_public(world: World, intent: Intent) -> bool:
    """Whether everything that this world's requests can ask for is meant to be public."""
    return intent.is_public("/") or any(
        intent.is_public(value) and (operator == "==" or (operator == "=^" and value.endswith("/")))
        for operator, value in world.paths
    )


def _opened(world: World, state: Mapping[str, Any], intent: Intent) -> Iterator[_Open]:
    modules: list[str] = state["modules"]
    if silent(world, modules) or is_public(world, intent):
        return
    early = [key for key in world.settings if key.startswith(_EARLY)]
    if early or world.value("sockproxy.server"):
        place = _place(state, world, early[0] if early else "sockproxy.server")
        why = f"{place}: may answer before a login is asked for, or in its place"
        yield _Open(why, "Look at what it answers without logging in.", Status.UNKNOWN)
    elif asks(world, modules):
        yield from _accounts(world, state)
    else:
        yield from _without(world, state)


def _without(world: World, state: Mapping[str, Any]) -> Iterator[_Open]:
    where = described(world)
    for key in APPLICATIONS:
        if members(world.value(key)):
            why = f"{_place(state, world, key)} ({key}): only the application can ask for a login"
            fix = "Open each of its screens without logging in: none may show anything but the login."
            yield _Open(why, fix, Status.MANUAL)
    if any(begins in ("", "/") for begins, _to in members(world.value("proxy.server"))):
        return  # it answers everything
    what = "shows files and lists them" if lists(world) else "shows files"
    setting = world.settings.get("auth.require")
    if setting and setting.block:
        place = _place(state, world, "auth.require")
        why = f"{place}: auth.require there does not ask for everything: lighttpd {what} to everybody"
        yield _Open(why, f"Delete that auth.require, or make it ask for everything below /: {place}.")
    elif setting and state["places"].get("auth.require"):
        place = _place(state, world, "auth.require")
        why = f"{place}: auth.require does not ask for everything: lighttpd {what} to everybody"
        rule = '"/" => ( "method" => "basic", "realm" => "login", "require" => "valid-user" )'
        yield _Open(why, f"Add to it: {rule}")
    else:
        yield _Open(f"lighttpd {what} to everybody {where}", general=True)


def lists(world: World) -> bool:
    return "enable" in (world.value("dir-listing.activate"), world.value("server.dir-listing"))


def _accounts(world: World, state: Mapping[str, Any]) -> Iterator[_Open]:
    backend = world.value("auth.backend")
    if backend not in _FILES:
        if not backend:
            why = "auth.require asks for a login, and no auth.backend knows one, so nobody can log in"
            yield _Open(why, "Set auth.backend and its file of accounts.")
        return
    path = world.value(f"auth.backend.{backend}.userfile")
    size = state["user_files"].get(str(path), -1)
    if size < 0:
        why = f"it is not known whether the password file {show(str(path or ''))} exists"
        yield _Open(why, "Name one file in auth.backend's userfile, and look whether it is there.", Status.UNKNOWN)
    elif not size:
        why = f"the password file {show(str(path))} does not exist or holds nobody, so nobody can log in"
        yield _Open(why, f"Make it on the device (htpasswd -c {show(str(path))} NAME).")


def _ordered(everything: list[World], state: Mapping[str, Any], guard: str) -> Iterator[_Open]:
    for key, place in answers_first(everything, state, guard):
        why = f"{place}: {key} is answered before {guard} is asked, because mod_status is loaded before it"
        yield _Open(why, f"Load {guard} before mod_status in server.modules, or delete {key}.")


def answers_first(everything: list[World], state: Mapping[str, Any], guard: str) -> list[tuple[str, str]]:
    """``(status page, its place)`` of those that come before ``guard``."""
    late = [one for one in everything if guard in state["modules"] and _too_late(one, state["modules"], guard)]
    return sorted({(key, _place(state, one, key)) for one in late for key in one.settings if _is_status(key)})


def _place(state: Mapping[str, Any], world: World, key: str) -> str:
    """Where a setting that applies stands: the file and line if there is one candidate, else all of them."""
    block: Block = state["blocks"][world.settings[key].block] if key in world.settings else state["blocks"][0]
    places: list[str] = state["places"].get(key, [])
    inside = f" ({block['says']})" if block["says"] else ""
    return f"{', '.join(places[:3]) or 'lighttpd'}{inside}"


# --- our own file -------------------------------------------------------------------------------------------


def _general(
    state: Mapping[str, Any], general: list[_Open], public: list[str], intent: Intent, service: Service,
    evidence: Mapping[str, Json],
) -> Judgement:  # fmt: skip
    why = "; ".join(one.why for one in general[:3]) + (f"; and {len(general) - 3} more" if general[3:] else "")
    after = "".join(f"{line}\n" for line in _rules(state, intent))
    if fix := _by_hand(state, public, intent, service):
        return Judgement(CONTROL, _SURFACE, Status.GAP, why, after=after, fix=fix, evidence=evidence)
    path = posixpath.join(service.folder, "zz-iot-site-checklist-login.conf")
    change = Change(
        CONTROL, _SURFACE, f"a login for everything, with the accounts in {intent.user_file}", "", after,
        edits=(FileEdit(path, own_file("A1", _SURFACE, after)),),
        checks=(*user_file.checks(intent.user_file, *state["account"]), service.check), activate=service.activate,
    )  # fmt: skip
    return Judgement(CONTROL, _SURFACE, Status.GAP, why, after=after, evidence=evidence, changes=(change,))


def _rules(state: Mapping[str, Any], intent: Intent) -> Iterator[str]:
    realm = (intent.label or "login").replace("\\", "\\\\").replace('"', '\\"')
    yield from loading(state, "mod_auth", "mod_authn_file")
    yield 'auth.backend := "htpasswd"'
    yield f'auth.backend.htpasswd.userfile := "{intent.user_file or "<the password file>"}"'
    rule = f'"method" => "basic", "realm" => "{realm}", "require" => "valid-user"'
    yield f'auth.require := ( "/" => ( {rule} ) )'


def loading(state: Mapping[str, Any], *modules: str) -> Iterator[str]:
    """Loads what only our own files load, before all others: lighttpd asks its modules in this order."""
    needed = [f'"{name}"' for name in modules if name not in state["modules"] or name in state["own_modules"]]
    if needed:
        yield f"server.modules := ( {', '.join(needed)} ) + server.modules"


def _by_hand(state: Mapping[str, Any], public: list[str], intent: Intent, service: Service) -> str:
    """Why our own file cannot close it, as what to do; "" when it can."""
    if not intent.user_file:
        return (
            "Make a password file on the device (htpasswd) and name it in login_required_user_file, then run again; or "
            "set auth.require by hand; or declare in iot_site_exposure what is public."
        )
    if service.obstacle:
        return service.obstacle
    if state["places"].get("auth.backend"):
        owners = ", ".join(state["places"]["auth.backend"][:3])
        return f"The accounts are named in {owners} already: put only the auth.require below there by hand."
    kept = {
        one["value"].rstrip("/") for block in state["blocks"] if "auth.require" in block["keys"]
        for one in block["conditions"] if one["field"] == "HTTP url" and one["holds"]
    }  # fmt: skip
    closed = [path for path in public if path.rstrip("/") not in kept]
    if closed:
        return (
            "A login for everything would close what iot_site_exposure declares public. Put auth.require = () into a "
            f'condition on $HTTP["url"] for {", ".join(map(show, closed))}, then run again.'
        )
    return ""
