# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on lighttpd: what headers, login prompts and pages tell whoever asks."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..disclosure import TextVerdict, verdict
from ..display import show
from ..model import Change, FileEdit, Intent, Judgement, Status
from . import page_texts
from .lighttpd_config import Block, Value, members
from .lighttpd_login import APPLICATIONS, Service, asks, lists, silent
from .lighttpd_worlds import World, described, worlds
from .ours import own_file

_HEADERS, _REALM, _TITLE, _SURFACE = "B1.http_header", "B1.http_realm", "B1.http_title", "lighttpd"

#: Documents that lie where only the request decides.
ELSEWHERE = (
    "simple-vhost.server-root", "evhost.path-pattern", "vhostdb.backend", "userdir.path", "server.errorfile-prefix",
    "server.error-handler", "server.error-handler-404", "ssi.extension", "dir-listing.show-header",
    "dir-listing.show-readme", "dir-listing.external-js", "dir-listing.external-css",
)  # fmt: skip

#: What the Server header says in place of a version. An empty tag would send none, and makes 1.4.69 crash in printing
#: its configuration, which is how we read it.
_TAG = "web"

_ADDED = ("setenv.add-response-header", "setenv.set-response-header")


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on all of B1; of several on one control the worst counts."""
    everything = worlds(state["blocks"])
    if not everything:
        for control in (_HEADERS, _REALM, _TITLE):
            why = "lighttpd listens on no address that others can reach"
            yield Judgement(control, _SURFACE, Status.NOT_APPLICABLE, why)
        return
    open_to_all = [one for one in everything if not silent(one, state["modules"]) and not asks(one, state["modules"])]
    yield from _or_pass(_HEADERS, "no header names lighttpd or a version", [
        *_tags(state, everything, intent, service),
        *_headers(state, intent),
        *_of_applications(everything),
    ])  # fmt: skip
    yield from _or_pass(_REALM, "no login prompt names anything", _realms(state, intent))
    yield from _or_pass(_TITLE, "no page that opens without a login names anything", [
        *(page_texts.judge(_open_pages(state, open_to_all), _SURFACE, intent) if open_to_all else ()),
        *_answers(open_to_all),
    ])  # fmt: skip


def _or_pass(control: str, why: str, found: Iterable[Judgement]) -> Iterator[Judgement]:
    said = {one.why: one for one in found}  # many kinds of request meet the same
    yield from said.values() or [Judgement(control, _SURFACE, Status.PASS, why)]


# --- headers ------------------------------------------------------------------------------------------------


def _tags(state: Mapping[str, Any], everything: list[World], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The Server header."""
    for world in everything:
        tag = world.settings.get("server.tag")
        told = verdict(str(tag.value), intent.words, intent.label) if tag else None
        if told and told.status is Status.PASS:
            continue
        if tag and tag.block:
            yield from _text(state, state["blocks"][tag.block], "server.tag", told)
        else:
            what = f"names {show(str(tag.value))}" if tag else "names lighttpd and its version (no server.tag is set)"
            yield _no_tag(f"the Server header of every answer {what}", str(tag.value) if tag else "", service)


def _no_tag(why: str, before: str, service: Service) -> Judgement:
    after = f'server.tag := "{_TAG}"\n'
    if service.obstacle:
        return Judgement(_HEADERS, _SURFACE, Status.GAP, why, before, after, service.obstacle)
    change = Change(
        _HEADERS, _SURFACE, f"the Server header is {_TAG}", before, after,
        edits=(FileEdit(posixpath.join(service.folder, "zz-iot-site-checklist-names.conf"),
                        own_file("B1", _SURFACE, after)),),
        checks=(service.check,), activate=service.activate,
    )  # fmt: skip
    return Judgement(_HEADERS, _SURFACE, Status.GAP, why, before, after, changes=(change,))


def _headers(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    for block in state["blocks"]:
        for key in _ADDED:
            for name, value in members(block["keys"].get(key)):
                told = verdict(str(value), intent.words, intent.label)
                if told.status is not Status.PASS:
                    yield from _text(state, block, key, told, f"the header {show(name)} ")


def _of_applications(everything: list[World]) -> Iterator[Judgement]:
    for key in APPLICATIONS:
        if any(members(world.value(key)) for world in everything):
            why = f"{key}: the application's own headers (X-Powered-By) pass through, and are seen only from outside"
            yield Judgement(_HEADERS, _SURFACE, Status.MANUAL, why, fix="Look at its headers: curl -I.")


def _text(
    state: Mapping[str, Any], block: Block, key: str, told: TextVerdict | None, what: str = ""
) -> Iterator[Judgement]:
    places = ", ".join(state["places"].get(key, [])[:3]) or key
    inside = f" ({block['says']})" if block["says"] else ""
    if told and told.status is Status.GAP:
        why, fix = f"{places}{inside}: {what}{told.why}", f"Change or delete {key} there: {places}."
        yield Judgement(_control(key), _SURFACE, Status.GAP, why, fix=fix)
    elif told and told.status is not Status.PASS:
        why = f"{places}{inside}: {what}{told.why}"
        yield Judgement(
            _control(key), _SURFACE, Status.MANUAL, why, fix=f"Change {key} if it names a place or a device."
        )


def _control(key: str) -> str:
    return _REALM if key == "auth.require" else _HEADERS


# --- login prompts ------------------------------------------------------------------------------------------


def _realms(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    for block in state["blocks"]:
        for realm in realms(block["keys"].get("auth.require")):
            yield from _text(
                state, block, "auth.require", verdict(realm, intent.words, intent.label), "the login prompt "
            )


def realms(required: Value) -> list[str]:
    """What every login prompt of an ``auth.require`` shows."""
    return [str(dict(members(rule)).get("realm", "")) for _beginning, rule in members(required)]


# --- pages --------------------------------------------------------------------------------------------------


def _open_pages(state: Mapping[str, Any], open_to_all: list[World]) -> dict[str, Any]:
    """The state with only the pages that some request without a login can get."""
    shown = [page for page in state["pages"] if any(_can_get(page["path"], world) for world in open_to_all)]
    return {**state, "pages": shown}


def _can_get(path: str, world: World) -> bool:
    """Where lighttpd rewrites what is asked for, any page may be the answer."""
    if not path.startswith("/") or any(key.startswith("url.rewrite") for key in world.settings):
        return True
    places = [("/", world.value("server.document-root")), *members(world.value("alias.url"))]
    asked = [posixpath.join(begin, path[len(str(place)) :].lstrip("/")) for begin, place in places if _in(path, place)]
    return any(_fits(world, url) or _fits(world, f"{posixpath.dirname(url)}/".replace("//", "/")) for url in asked)


def _in(path: str, place: Value) -> bool:
    return isinstance(place, str) and path.startswith(posixpath.join(place, ""))


def _fits(world: World, url: str) -> bool:
    """A regular expression may mean anything here: it comes from the device, and is not run."""
    told: dict[str, Callable[[str], bool]] = {"==": url.__eq__, "=^": url.startswith, "=$": url.endswith}
    return all(told[operator](value) for operator, value in world.paths if operator in told)


def _answers(open_to_all: list[World]) -> Iterator[Judgement]:
    """What is answered without a login by something else than a static page."""
    for world in open_to_all:
        for key in APPLICATIONS:
            if members(world.value(key)):
                why = f"{key}: an application answers, whose pages are seen only from outside"
                yield Judgement(_TITLE, _SURFACE, Status.MANUAL, why, fix="Look at its pages without logging in.")
        for key in world.settings:
            if (key in ELSEWHERE and world.value(key)) or (key.startswith("status.") and key.endswith("-url")):
                why = f"{key}: pages come from where we did not look"
                yield Judgement(_TITLE, _SURFACE, Status.MANUAL, why, fix="Look at these pages without logging in.")
        if lists(world):
            why = f"lighttpd lists the names of files {described(world)}, which is seen only from outside"
            yield Judgement(_TITLE, _SURFACE, Status.MANUAL, why, fix="Look at these lists without logging in.")
