# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on apache2: what headers, login prompts, error pages and pages tell whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..disclosure import TextVerdict, verdict
from ..display import show
from ..model import Change, FileEdit, Intent, Judgement, LineInFile, Status
from . import header_texts, page_texts
from .apache_config import quoted
from .apache_scopes import Entry, Server, from_state
from .apache_visits import Visit, visits
from .ours import own_file
from .web_servers import Service

_HEADERS, _REALM, _TITLE = "B1.http_header", "B1.http_realm", "B1.http_title"

#: What stands in a login prompt when there is no label.
_NEUTRAL_REALM = "Restricted"

#: What apache2 tells of itself where one of these answers.
_TELLING = frozenset({"server-status", "server-info", "balancer-manager", "ldap-status"})

_SETS = frozenset({"set", "append", "merge", "add", "setifempty", "edit", "edit*"})
_HIDDEN = "X-Powered-By"


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on all of B1; of several on one control the worst counts."""
    servers = from_state(state)
    if not servers:
        for control in (_HEADERS, _REALM, _TITLE):
            why = "no web server of apache2 listens on an address that others can reach"
            yield Judgement(control, "apache2", Status.NOT_APPLICABLE, why)
        return
    yield from _or_pass(_HEADERS, "no header names a version; the name apache2 itself stays", [
        *_ours(state, list(_reasons(state, servers)), service),
        *_signatures(state, servers, service),
        *_own_headers(servers, intent),
    ])  # fmt: skip
    yield from _or_pass(_REALM, "no login prompt names anything", _realms(state, servers, intent, service))
    yield from _or_pass(_TITLE, "no page that opens without a login names anything", [
        *page_texts.judge(state, "apache2", intent),
        *_answers(servers, "autoindex" in state["modules"]),
        *_error_texts(servers, intent),
    ])  # fmt: skip


def _or_pass(control: str, why: str, found: Iterable[Judgement]) -> Iterator[Judgement]:
    said = list(found)
    yield from said or [Judgement(control, "apache2", Status.PASS, why)]


def _entries(servers: Iterable[Server], group: str, *, general: bool = True) -> list[Entry]:
    """Every directive of a group, once: of the servers themselves, and of the sections inside."""
    every = [
        entry
        for server in servers
        for says in ([server["says"]] if general else []) + [section["says"] for section in server["sections"]]
        for entry in says.get(group, [])
    ]
    return list({f"{entry['at']} {entry['name']} {entry['args']}": entry for entry in every}.values())


def _words(entry: Entry) -> str:
    return show(" ".join((entry["name"], *entry["args"])))


def _off_limits(control: str, entry: Entry, why: str, after: str) -> Judgement:
    """A gap in the owner's file that we leave to the owner."""
    fix = f"Change {entry['at']} to: {after}" if after else f"Delete {entry['at']}: {_words(entry)}"
    return Judgement(control, "apache2", Status.GAP, why, before=_words(entry), after=after, fix=fix)


def _edited(control: str, entry: Entry, why: str, after: str, state: Mapping[str, Any], service: Service) -> Judgement:
    """A gap that one line of the owner's file closes."""
    source = state["lines"].get(entry["at"], "")
    if not source:
        return _off_limits(control, entry, why, after)
    path, _colon, number = entry["at"].rpartition(":")
    indent = source[: len(source) - len(source.lstrip())]
    change = Change(
        control, "apache2", f"one line in {entry['at']}", _words(entry), after,
        edits=(LineInFile(path, int(number), source, indent + after),),
        checks=(service.check,), activate=service.activate,
    )  # fmt: skip
    return Judgement(control, "apache2", Status.GAP, why, before=_words(entry), after=after, changes=(change,))


def _text_judgement(entry: Entry, told: TextVerdict, control: str) -> Iterator[Judgement]:
    if told.status is Status.GAP:
        yield _off_limits(control, entry, f"{entry['at']}: {told.why}", "")
    elif told.status is not Status.PASS:
        fix = f"Change {entry['at']} if it names a place or a device."
        yield Judgement(control, "apache2", Status.MANUAL, f"{entry['at']}: {told.why}", before=_words(entry), fix=fix)


# --- headers ------------------------------------------------------------------------------------------------


def _word(entries: list[Entry]) -> str:
    """The last word of a group that only the server's own level says."""
    return (*entries[-1]["args"], "")[0].lower() if entries else ""


def _reasons(state: Mapping[str, Any], servers: list[Server]) -> Iterator[str]:
    """What our own file closes."""
    tokens = state["general"].get("tokens", [])
    if _word(tokens) not in ("prod", "productonly"):
        at = tokens[-1]["at"] if tokens else "ServerTokens is not set"
        yield f"{at}: every answer names apache2's version or system"
    signature = state["general"].get("signature", [])
    if _word(signature) not in ("", "off"):
        yield f"{signature[-1]['at']}: error pages name the server (ServerSignature)"
    for server in servers:
        places = [root["at"] for root in server["roots"] if root["application"]]
        if places and not _hides(server):
            yield f"{places[0]}: an {_HIDDEN} of the application (its name and version) passes through"


def _hides(server: Server) -> bool:
    """Both tables of headers: what the application says, and what it says with an error."""
    unset = {tuple(word.lower() for word in entry["args"][:3]) for entry in server["says"].get("header", [])}
    return {("unset", _HIDDEN.lower()), ("always", "unset", _HIDDEN.lower())} <= unset


def _ours(state: Mapping[str, Any], reasons: list[str], service: Service) -> Iterator[Judgement]:
    if not reasons:
        return
    path, why = state["names_file"], "; ".join(dict.fromkeys(reasons))
    hides = any(root["application"] for server in from_state(state) for root in server["roots"])
    lines = ["ServerTokens Prod", "ServerSignature Off"]
    if hides:
        lines += [f"Header unset {_HIDDEN}", f"Header always unset {_HIDDEN}"]
    after = "".join(f"{line}\n" for line in lines)
    fix = ""
    if hides and "headers" not in state["modules"]:
        fix = "Switch on what apache2 needs to hide headers, then run again: a2enmod headers"
    elif not path:
        fix = "apache2.conf does not include conf-enabled: put these lines into it by hand."
    elif any(entry["at"].startswith(f"{path}:") for entry in state["general"].get("tokens", [])):
        fix = f"{path} is there, and what is read after it says otherwise: delete it where it is named above."
    if fix:
        yield Judgement(_HEADERS, "apache2", Status.GAP, why, after=after, fix=fix)
        return
    change = Change(
        _HEADERS, "apache2", "no version in any answer", before="", after=after,
        edits=(FileEdit(path, own_file("B1", "apache2", after)),), checks=(service.check,), activate=service.activate,
    )  # fmt: skip
    yield Judgement(_HEADERS, "apache2", Status.GAP, why, after=after, changes=(change,))


def _signatures(state: Mapping[str, Any], servers: list[Server], service: Service) -> Iterator[Judgement]:
    """Those of a virtual host or a section, which ours at the server's level cannot mend."""
    general = [entry["at"] for entry in state["general"].get("signature", [])]
    for entry in _entries(servers, "signature"):
        if entry["at"] not in general and _word([entry]) != "off":
            why = f"{entry['at']}: error pages name the server (ServerSignature)"
            yield _edited(_HEADERS, entry, why, "ServerSignature Off", state, service)


def _own_headers(servers: list[Server], intent: Intent) -> Iterator[Judgement]:
    for entry in _entries(servers, "header"):
        action, name, *values = [*entry["args"][entry["args"][:1] in (["always"], ["onsuccess"]) :], "", ""]
        if action.lower() in _SETS:
            value = values[1] if action.lower().startswith("edit") else values[0]
            if told := header_texts.told(name, value, intent):
                yield from _text_judgement(entry, told, _HEADERS)


# --- login prompts ------------------------------------------------------------------------------------------


def _realms(state: Mapping[str, Any], servers: list[Server], intent: Intent, service: Service) -> Iterator[Judgement]:
    for entry in _entries(servers, "realm"):
        told = verdict(" ".join(entry["args"]), intent.words, intent.label)
        if told.status is Status.GAP:
            after = f"AuthName {_argument(intent.label or _NEUTRAL_REALM)}"
            yield _edited(_REALM, entry, f"{entry['at']}: the login prompt {told.why}", after, state, service)
        else:
            yield from _text_judgement(entry, told, _REALM)


def _argument(text: str) -> str:
    try:
        return quoted(text)
    except ValueError:
        return quoted(_NEUTRAL_REALM)


# --- pages --------------------------------------------------------------------------------------------------


def _answers(servers: Iterable[Server], lists: bool) -> Iterator[Judgement]:
    """What is answered without a login by something else than a static page."""
    opened = [(server, visit) for server in servers for visit in visits(server) if visit.open]
    for visit in dict.fromkeys(visit for _server, visit in opened):
        yield from _answer(visit)
    showing = [server for server, visit in opened if not visit.application] if lists else []
    for entry in _entries(showing, "options"):
        if {word.lower().lstrip("+") for word in entry["args"]} & {"indexes", "all"}:
            why = f"{entry['at']}: apache2 lists the names of files, which is seen only from outside"
            yield Judgement(_TITLE, "apache2", Status.MANUAL, why, fix="Look at these pages without logging in.")


def _answer(visit: Visit) -> Iterator[Judgement]:
    handler = visit.word("handler")
    if handler in _TELLING:
        why = f"{visit.at('handler')}: {visit.url} tells whoever asks about this server ({handler})"
        fix = f"Limit it there (Require local), or delete {visit.at('handler')}."
        yield Judgement(_TITLE, "apache2", Status.GAP, why, fix=fix)
    elif visit.application or handler.startswith("proxy:"):
        why = f"{visit.where}: an application answers, whose pages are seen only from outside"
        yield Judgement(_TITLE, "apache2", Status.MANUAL, why, fix="Look at its pages without logging in.")


def _error_texts(servers: list[Server], intent: Intent) -> Iterator[Judgement]:
    for entry in _entries(servers, "error"):
        text = " ".join(entry["args"][1:])
        if not text.startswith(("/", "http://", "https://")) and text != "default":
            yield from _text_judgement(entry, verdict(text, intent.words, intent.label), _TITLE)
    for entry in _entries(servers, "admin"):
        told = verdict(" ".join(entry["args"]), intent.words, intent.label)
        if told.status is Status.GAP:  # a mail address is no text to judge by eye
            yield from _text_judgement(entry, told, _TITLE)
