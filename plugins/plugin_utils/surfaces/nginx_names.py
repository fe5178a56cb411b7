# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on nginx: what headers, login prompts and pages tell whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..disclosure import TextVerdict, verdict
from ..display import show
from ..model import Change, FileEdit, Intent, Judgement, LineInFile, Status
from . import header_texts, page_texts
from .nginx_config import quoted
from .nginx_login import has_login
from .nginx_scopes import Entry, Scope, from_state
from .ours import own_file
from .web_servers import Service

_HEADERS, _REALM, _TITLE = "B1.http_header", "B1.http_realm", "B1.http_title"

#: What stands in a login prompt when there is no label.
_NEUTRAL_REALM = "Restricted"

#: Kinds of upstream whose answers bring headers of their own.
_UPSTREAMS = ("proxy", "fastcgi", "uwsgi", "scgi", "grpc")


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on all of B1; of several on one control the worst counts."""
    scopes = [scope for server in from_state(state) if not server["stream"] for scope in server["scopes"]]
    if not scopes:
        for control in (_HEADERS, _REALM, _TITLE):
            why = "no web server of nginx listens on an address that others can reach"
            yield Judgement(control, "nginx", Status.NOT_APPLICABLE, why)
        return
    yield from _or_pass(_HEADERS, "no header names a version; the name nginx itself stays", [
        *_ours(state, [*_no_tokens(scopes), *_passing(state, scopes)], service),
        *_tokens(scopes, intent, service),
        *_upstream_headers(state, scopes),
        *_own_headers(scopes, intent),
    ])  # fmt: skip
    yield from _or_pass(_REALM, "no login prompt names anything", _realms(scopes, intent, service))
    yield from _or_pass(_TITLE, "no page that opens without a login names anything", [
        *page_texts.judge(state, "nginx", intent),
        *_answers(scopes, intent),
    ])  # fmt: skip


def _or_pass(control: str, why: str, found: Iterable[Judgement]) -> Iterator[Judgement]:
    said = list(found)
    yield from said or [Judgement(control, "nginx", Status.PASS, why)]


def _entries(scopes: Iterable[Scope], group: str) -> list[Entry]:
    """Every directive of a group that applies somewhere, once."""
    return list(
        {entry["at"] + entry["name"]: entry for scope in scopes for entry in scope["applies"].get(group, [])}.values()
    )


def _words(entry: Entry) -> str:
    return show(f"{' '.join((entry['name'], *entry['args']))};")


def _off_limits(control: str, entry: Entry, why: str, after: str) -> Judgement:
    """A gap in the owner's file that we leave to the owner: the line holds more than this directive."""
    fix = f"Change {entry['at']} to: {after}" if after else f"Delete {entry['at']}: {_words(entry)}"
    return Judgement(control, "nginx", Status.GAP, why, before=_words(entry), after=after, fix=fix)


def _edited(control: str, entry: Entry, why: str, after: str, service: Service) -> Judgement:
    """A gap that one line of the owner's file closes."""
    if not entry["source"]:
        return _off_limits(control, entry, why, after)
    path, _colon, number = entry["at"].rpartition(":")
    indent = entry["source"][: len(entry["source"]) - len(entry["source"].lstrip())]
    change = Change(
        control, "nginx", f"one line in {entry['at']}", _words(entry), after,
        edits=(LineInFile(path, int(number), entry["source"], indent + after),),
        checks=(service.check,), activate=service.activate,
    )  # fmt: skip
    return Judgement(control, "nginx", Status.GAP, why, before=_words(entry), after=after, changes=(change,))


# --- headers ------------------------------------------------------------------------------------------------


def _no_tokens(scopes: list[Scope]) -> Iterator[str]:
    if any("server_tokens" not in scope["applies"] for scope in scopes):
        yield "every answer and error page names nginx's version (server_tokens is on)"


def _tokens(scopes: list[Scope], intent: Intent, service: Service) -> Iterator[Judgement]:
    for entry in _entries(scopes, "server_tokens"):
        value = " ".join(entry["args"])
        if value in ("on", "build"):
            why = f"{entry['at']}: every answer and error page names nginx's version"
            yield _edited(_HEADERS, entry, why, "server_tokens off;", service)
        elif value != "off":
            yield from _text_judgement(entry, verdict(value, intent.words, intent.label), _HEADERS)


def _showing(scopes: list[Scope]) -> Iterator[tuple[str, Scope, list[Entry]]]:
    """Scopes where the application's X-Powered-By passes through nginx, and what they hide instead."""
    for kind in _UPSTREAMS:
        for scope in scopes:
            hiding = scope["applies"].get(f"{kind}_hide", [])
            if _uses(scope, kind) and not any(_names_header(entry, "x-powered-by") for entry in hiding):
                yield kind, scope, hiding


def _passing(state: Mapping[str, Any], scopes: list[Scope]) -> Iterator[str]:
    """What hiding at the http level closes: nothing lower stands against it."""
    for kind, scope, hiding in _showing(scopes):
        if hiding == state["http_hide"][kind]:
            yield f"{scope['at']}: an X-Powered-By of the application (its name and version) passes through"


def _upstream_headers(state: Mapping[str, Any], scopes: list[Scope]) -> Iterator[Judgement]:
    for kind, scope, hiding in _showing(scopes):
        if hiding != state["http_hide"][kind]:
            why = f"{scope['at']}: an X-Powered-By of the application (its name and version) passes through"
            fix = f"Add to {scope['name']} ({scope['at']}): {kind}_hide_header X-Powered-By;"
            yield Judgement(_HEADERS, "nginx", Status.GAP, why, fix=fix)
    for kind in _UPSTREAMS:
        for entry in _entries([scope for scope in scopes if _uses(scope, kind)], f"{kind}_show"):
            if _names_header(entry, "server", "x-powered-by"):
                why = f"{entry['at']}: the application's {entry['args'][0]} header passes through"
                yield _off_limits(_HEADERS, entry, why, "")


def _names_header(entry: Entry, *names: str) -> bool:
    return bool(entry["args"]) and entry["args"][0].lower() in names


def _uses(scope: Scope, kind: str) -> bool:
    return any(entry["name"] == f"{kind}_pass" for entry in scope["applies"].get("application", []))


def _own_headers(scopes: list[Scope], intent: Intent) -> Iterator[Judgement]:
    for entry in (*_entries(scopes, "add_header"), *_entries(scopes, "add_trailer"), *_entries(scopes, "more_headers")):
        if entry["name"] == "more_clear_headers":
            continue
        named = entry["args"][:2] if entry["name"] != "more_set_headers" else " ".join(entry["args"]).split(":", 1)
        name, value = (*named, "", "")[:2]
        if told := header_texts.told(name, value, intent):
            yield from _text_judgement(entry, told, _HEADERS)


def _text_judgement(entry: Entry, told: TextVerdict, control: str) -> Iterator[Judgement]:
    if told.status is Status.GAP:
        yield _off_limits(control, entry, f"{entry['at']}: {told.why}", "")
    elif told.status is not Status.PASS:
        fix = f"Change {entry['at']} if it names a place or a device."
        yield Judgement(control, "nginx", Status.MANUAL, f"{entry['at']}: {told.why}", before=_words(entry), fix=fix)


def _ours(state: Mapping[str, Any], reasons: list[str], service: Service) -> Iterator[Judgement]:
    """What our own file at the http level closes."""
    if not reasons:
        return
    path, lines = state["names_file"], state["names_rules"]
    why, after = "; ".join(dict.fromkeys(reasons)), "".join(f"{line}\n" for line in lines)
    if not path:
        fix = "nginx.conf includes no directory at its http level: put these lines there by hand."
        yield Judgement(_HEADERS, "nginx", Status.GAP, why, after=after, fix=fix)
        return
    change = Change(
        _HEADERS, "nginx", "no version in any answer", before="", after=after,
        edits=(FileEdit(path, own_file("B1", "nginx", after)),), checks=(service.check,), activate=service.activate,
    )  # fmt: skip
    yield Judgement(_HEADERS, "nginx", Status.GAP, why, after=after, changes=(change,))


# --- login prompts ------------------------------------------------------------------------------------------


def _realms(scopes: list[Scope], intent: Intent, service: Service) -> Iterator[Judgement]:
    for entry in _entries(scopes, "auth_basic"):
        realm = " ".join(entry["args"])
        if realm == "off":
            continue
        told = verdict(realm, intent.words, intent.label)
        if told.status is Status.GAP:
            after = f"auth_basic {_argument(intent.label or _NEUTRAL_REALM)};"
            yield _edited(_REALM, entry, f"{entry['at']}: the login prompt {told.why}", after, service)
        else:
            yield from _text_judgement(entry, told, _REALM)


def _argument(text: str) -> str:
    try:
        return quoted(text)
    except ValueError:
        return quoted(_NEUTRAL_REALM)


# --- pages --------------------------------------------------------------------------------------------------


_COMPOSED = {
    "autoindex": "lists the names of files",
    "ssi": "composes pages",
    "sub_filter": "rewrites pages",
    "addition": "adds to pages",
}


def _answers(scopes: list[Scope], intent: Intent) -> Iterator[Judgement]:
    """What is answered without a login by something else than a static page."""
    for scope in scopes:
        applies = scope["applies"]
        if has_login(scope):
            continue
        for entry in applies.get("application", []):
            why = f"{entry['at']}: {entry['name']}: an application answers, whose pages are seen only from outside"
            fix = "Look at its pages without logging in."
            yield Judgement(_TITLE, "nginx", Status.MANUAL, why, fix=fix)
        for group, what in _COMPOSED.items():
            for entry in applies.get(group, []):
                if entry["args"] != ["off"]:
                    why = f"{entry['at']}: nginx {what}, which is seen only from outside"
                    yield Judgement(_TITLE, "nginx", Status.MANUAL, why, fix="Look at these pages without logging in.")
    for entry in (*_entries(scopes, "return"), *_entries(scopes, "error_page")):
        shown = [arg for arg in entry["args"] if not arg.lstrip("=").isdigit() and not arg.startswith("@")]
        told = verdict(" ".join(shown), intent.words, intent.label)
        target = any(arg.startswith(("http://", "https://", "/", "$")) for arg in shown)
        if told.status is Status.GAP or not target:
            yield from _text_judgement(entry, told, _TITLE)
