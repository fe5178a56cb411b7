# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 on nginx: every scope a visitor can reach ends in exactly the allowlist, then ``deny all``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..addresses import union, written
from ..ip import AddrFormatError, IPNetwork, IPSet
from ..model import Change, FileEdit, Intent, Json, Judgement, Status, as_json
from .nginx_scopes import Entry, Scope, Server, from_state
from .ours import own_file
from .web_servers import Service

CONTROL = "A2.web"

#: Packets from the network cannot carry these. Health checks and the machine's own proxies do.
_LOOPBACK = IPSet(["127.0.0.0/8", "::1/128"])


@dataclass(frozen=True, slots=True)
class Access:
    """What a list of allow and deny comes to; ``problem`` says why it is no allowlist."""

    allowed: IPSet
    problem: str = ""


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on A2.web; the worst of them counts."""
    reachable = from_state(state)
    wanted = union((*intent.allow4, *intent.allow6))
    if intent.enforce_with != "web_server":
        yield _said(Status.NOT_APPLICABLE, "the packet filter limits access (ip_allowlist_enforce_with)")
    elif not reachable:
        yield _said(Status.NOT_APPLICABLE, "no server of nginx listens on an address that others can reach")
    elif not wanted:
        why = "no person's address is known, so there is nothing to allow"
        yield _said(Status.MANUAL, why, fix="Declare who may use the device in iot_site_people.")
    else:
        yield from _judged(state, reachable, intent, wanted, service)


def _judged(
    state: Mapping[str, Any], reachable: list[Server], intent: Intent, wanted: IPSet, service: Service,
) -> Iterator[Judgement]:  # fmt: skip
    here = state["http_access"]
    general = [why for scope in _inheriting(reachable, here) if (why := _scope_problem(scope, wanted))]
    special = list(dict.fromkeys(_overrides(reachable, here, wanted)))
    evidence: dict[str, Json] = {
        "allow": as_json(written(wanted)),
        "servers": [f"{server['name']} ({server['at']})" for server in reachable],
        "answers_everybody_with_a_redirect": as_json(_redirects(reachable)),
        "loopback": "may come in: health checks and the machine's own proxies do, and no packet from outside can",
    }
    if general:
        yield _general(state, general[0], intent, wanted, service, evidence)
    for why, fix in special:
        yield _said(Status.GAP, why, fix=fix, evidence=evidence)
    for scope in (scope for server in reachable for scope in server["scopes"]):
        for entry in scope["applies"].get("early", []):
            why = f"{entry['at']}: {entry['name']} may answer before allow and deny are asked"
            yield _said(Status.UNKNOWN, why, fix="Look at what that program answers to strangers.", evidence=evidence)
    if not general and not special:
        why = f"every server and location serves only {', '.join(written(wanted))}"
        yield _said(Status.PASS, why, evidence=evidence)


def _said(status: Status, why: str, fix: str = "", evidence: Mapping[str, Json] | None = None) -> Judgement:
    return Judgement(CONTROL, "nginx", status, why, fix=fix, evidence=evidence or {})


# --- the http level, which our own file can set -------------------------------------------------------------


def _general(
    state: Mapping[str, Any], why: str, intent: Intent, wanted: IPSet, service: Service,
    evidence: Mapping[str, Json],
) -> Judgement:  # fmt: skip
    here: list[Entry] = state["http_access"]
    before = "".join(f"{_line(entry)}\n" for entry in here)
    after = "".join(f"{line}\n" for line in _rules(wanted))
    strangers = [entry for entry in here if not entry["at"].startswith(f"{state['access_file']}:")]
    why = f"at the http level: {why}"
    fix = ""
    if strangers:
        places = ", ".join(f"{entry['at']} ({_line(entry)})" for entry in strangers)
        fix = f"Delete these rules, so that one list counts: {places}. Then run again."
    elif not state["access_file"]:
        fix = "nginx.conf includes no directory at its http level: put the rules below there by hand, then run again."
    if fix:
        return Judgement(CONTROL, "nginx", Status.GAP, why, before, after, fix, evidence)
    change = Change(
        CONTROL, "nginx", "the allowlist, then deny all, for every server", before, after,
        edits=(FileEdit(state["access_file"], own_file("A2", "nginx", after)),),
        checks=(service.check,), activate=service.activate, cuts_access=True,
    )  # fmt: skip
    return Judgement(CONTROL, "nginx", Status.GAP, why, before, after, evidence=evidence, changes=(change,))


def _rules(wanted: IPSet) -> Iterator[str]:
    for cidr in (wanted | _LOOPBACK).iter_cidrs():
        yield f"allow {_short(cidr)};"
    yield "allow unix:;"
    yield "deny all;"


def _short(cidr: IPNetwork) -> str:
    return str(cidr.ip) if cidr.size == 1 else str(cidr)


def _line(entry: Entry) -> str:
    return f"{' '.join((entry['name'], *entry['args']))};"


def _inheriting(reachable: Iterable[Server], here: list[Entry]) -> Iterator[Scope]:
    for server in reachable:
        for scope in server["scopes"]:
            if not server["stream"] and scope["applies"].get("access", []) == here:
                yield scope


# --- one scope ----------------------------------------------------------------------------------------------


def access(entries: Iterable[Entry]) -> Access:
    """First match wins in nginx; we accept only allows, then one ``deny all``."""
    allowed = IPSet()
    rules = list(entries)
    if not rules:
        return Access(allowed, "everybody may come in: no allow or deny applies")
    for entry in rules[:-1]:
        what = entry["args"][0] if entry["args"] else ""
        if entry["name"] != "allow" or what == "all":
            return Access(allowed, f"{entry['at']}: {_line(entry)} is no part of an allowlist")
        if what != "unix:":
            try:
                allowed.add(IPNetwork(what))
            except (AddrFormatError, ValueError):
                return Access(allowed, f"{entry['at']}: {_line(entry)} was not understood")
    if _line(rules[-1]) != "deny all;":
        return Access(allowed, f"{rules[-1]['at']}: the list does not end in deny all")
    return Access(allowed)


def _scope_problem(scope: Scope, wanted: IPSet) -> str:
    found = access(scope["applies"].get("access", []))
    if found.problem:
        return found.problem
    strangers = found.allowed - wanted - _LOOPBACK
    if strangers:
        return f"{', '.join(written(strangers))} may come in and is not on the allowlist"
    missing = wanted - found.allowed
    if missing and scope["kind"] == "server":  # a location may be for fewer people, or for nobody
        return f"{', '.join(written(missing))} is on the allowlist and is kept out"
    return ""


# --- what stands against it ---------------------------------------------------------------------------------


def _overrides(reachable: Iterable[Server], here: list[Entry], wanted: IPSet) -> Iterator[tuple[str, str]]:
    """``(why, what to do)`` for everything a list at the http level cannot mend."""
    for server in reachable:
        for scope in server["scopes"]:
            rules = scope["applies"].get("access", [])
            problem = _scope_problem(scope, wanted)
            if problem and (server["stream"] or rules != here):
                yield _override(server, scope, rules, problem)
            yield from _loopholes(scope)


def _override(server: Server, scope: Scope, rules: list[Entry], problem: str) -> tuple[str, str]:
    where = f"{scope['name']} of {server['name']} ({scope['at']})"
    if server["stream"]:
        return (
            f"stream {where}: {problem}",
            f"Put the allowlist, then deny all, into this stream server: {scope['at']}.",
        )
    places = ", ".join(f"{entry['at']} ({_line(entry)})" for entry in rules)
    return f"{where}: {problem}", f"Delete there, so that the list of the http level counts: {places}."


def _loopholes(scope: Scope) -> Iterator[tuple[str, str]]:
    applies = scope["applies"]
    for entry in applies.get("satisfy", []):
        if entry["args"] == ["any"]:
            yield (
                f"{entry['at']}: satisfy any lets in whoever has a password, from anywhere",
                f"Delete {entry['at']} (satisfy any;): address and password are then both required.",
            )
    for entry in applies.get("real_ip", []):
        yield (
            f"{entry['at']}: {_line(entry)} takes the visitor's address from a header, which can be forged",
            f"Delete {entry['at']}, or limit access on the proxy in front and set iot_site_enforced_by.",
        )
    for entry in applies.get("return", []):
        if _shows_text(entry):
            yield (
                f"{entry['at']}: return answers everybody with a text; nginx asks allow and deny only later",
                f"Serve this text from a file instead of {entry['at']}.",
            )


def _shows_text(entry: Entry) -> bool:
    """``return 200 text``, also ``return text`` of a stream. A status alone or a redirect serves nothing."""
    args = entry["args"]
    if len(args) == 1:
        return not args[0].isdigit() and not args[0].startswith(("http://", "https://", "$scheme"))
    return len(args) > 1 and args[0] not in _REDIRECTS and bool(args[1])


_REDIRECTS = frozenset({"301", "302", "303", "307", "308"})


def _redirects(reachable: Iterable[Server]) -> list[str]:
    return sorted(
        {
            entry["at"]
            for server in reachable
            for scope in server["scopes"]
            for entry in scope["applies"].get("return", [])
            if not _shows_text(entry) and len(entry["args"]) > 1
        }
    )
