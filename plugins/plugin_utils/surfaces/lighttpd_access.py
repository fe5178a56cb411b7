# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 on lighttpd: every request from beyond the allowlist is refused, and none from within it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from ..addresses import union, written
from ..ip import IPNetwork, IPSet
from ..model import Change, FileEdit, Intent, Json, Judgement, Status, as_json
from .lighttpd_login import Service, answers_first, denied, loading, redirected
from .lighttpd_worlds import LOOPBACK, World, described, names, worlds
from .ours import own_file

CONTROL, _SURFACE = "A2.web", "lighttpd"


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on A2.web; the worst of them counts."""
    if intent.enforce_with != "web_server":
        yield _said(Status.NOT_APPLICABLE, "the packet filter limits access (ip_allowlist_enforce_with)")
        return
    everything, wanted = worlds(state["blocks"]), union((*intent.allow4, *intent.allow6))
    if not everything:
        yield _said(Status.NOT_APPLICABLE, "lighttpd listens on no address that others can reach")
    elif not wanted:
        why = "no person's address is known, so there is nothing to allow"
        yield _said(Status.MANUAL, why, fix="Declare who may use the device in iot_site_people.")
    else:
        yield from _judged(state, everything, wanted, service)


def _judged(state: Mapping[str, Any], everything: list[World], wanted: IPSet, service: Service) -> Iterator[Judgement]:
    evidence: dict[str, Json] = {
        "allow": as_json(written(wanted)),
        "listeners": as_json(sorted({one.listener for one in everything})),
        "loopback": "may come in: health checks and the machine's own proxies do, and no packet from outside can",
    }
    strangers = list(dict.fromkeys(_let_in(everything, state["modules"], wanted)))
    special = list(dict.fromkeys(_special(everything, state, wanted)))
    if strangers:
        yield _closing(state, strangers, wanted, service, evidence)
    for status, why, fix in special:
        yield _said(status, why, fix, evidence)
    if not strangers and not special:
        yield _said(Status.PASS, f"every request is served only to {', '.join(written(wanted))}", evidence=evidence)


def _let_in(everything: list[World], modules: list[str], wanted: IPSet) -> Iterator[str]:
    for world in everything:
        strangers = world.sources - wanted - LOOPBACK
        if strangers and not denied(world, modules) and not redirected(world, modules):
            yield f"{_whom(strangers)} may come in and is not on the allowlist, {described(world)}"


def _whom(sources: IPSet) -> str:
    return "everybody else" if sources.size > 1 << 120 else names(sources)


def _special(everything: list[World], state: Mapping[str, Any], wanted: IPSet) -> Iterator[tuple[Status, str, str]]:
    """What our own list cannot mend."""
    for world in everything:
        if (world.sources & wanted) and denied(world, state["modules"]) and not world.special:
            places = ", ".join(state["places"].get("url.access-deny", [])[:3]) or "our own list"
            why = f"{names(world.sources & wanted)} is on the allowlist and is kept out, {described(world)}"
            if state["places"].get("url.access-deny"):
                yield Status.GAP, why, f"Delete the list there, so that ours counts: {places}."
            else:
                yield Status.GAP, why, "Delete zz-iot-site-checklist-access.conf, reload lighttpd and run again."
        for key in sorted(key for key in world.settings if key.startswith("extforward.")):
            why = f"{key}: the visitor's address is taken from a header, which can be forged"
            fix = f"Delete {', '.join(state['places'].get(key, [key]))}, or limit access on the proxy in front."
            yield Status.GAP, why, fix
        for key in sorted(key for key in world.settings if key.startswith(("magnet.", "sockproxy."))):
            yield Status.UNKNOWN, f"{key}: may answer before the list is asked", "Look at what it answers to strangers."
    for key, place in answers_first(everything, state, "mod_access"):
        why = f"{place}: {key} is answered before mod_access is asked, because mod_status is loaded before it"
        yield Status.GAP, why, f"Load mod_access before mod_status in server.modules, or delete {key}."


def _closing(
    state: Mapping[str, Any], strangers: list[str], wanted: IPSet, service: Service, evidence: Mapping[str, Json]
) -> Judgement:
    why = "; ".join(strangers[:3]) + (f"; and {len(strangers) - 3} more" if strangers[3:] else "")
    after = "".join(f"{line}\n" for line in _rules(state, wanted))
    if service.obstacle:
        return Judgement(CONTROL, _SURFACE, Status.GAP, why, after=after, fix=service.obstacle, evidence=evidence)
    path = posixpath.join(service.folder, "zz-iot-site-checklist-access.conf")
    change = Change(
        CONTROL, _SURFACE, "nobody but the allowlist, for every request", "", after,
        edits=(FileEdit(path, own_file("A2", _SURFACE, after)),),
        checks=(service.check,), activate=service.activate, cuts_access=True,
    )  # fmt: skip
    return Judgement(CONTROL, _SURFACE, Status.GAP, why, after=after, evidence=evidence, changes=(change,))


def _rules(state: Mapping[str, Any], wanted: IPSet) -> Iterator[str]:
    """lighttpd has no list of networks to compare with: one condition after the other, and refusal where none held."""
    yield from loading(state, "mod_access")
    for number, cidr in enumerate((wanted | LOOPBACK).iter_cidrs()):
        yield f'{"else " if number else ""}$HTTP["remoteip"] == "{_short(cidr)}" {{ }}'
    yield "else {"
    if state["places"].get("url.access-allow"):
        yield "    url.access-allow = ( )"  # it would go before the refusal
    yield '    url.access-deny = ( "" )'
    yield "}"


def _short(cidr: IPNetwork) -> str:
    return str(cidr.ip) if cidr.size == 1 else str(cidr)


def _said(status: Status, why: str, fix: str = "", evidence: Mapping[str, Json] | None = None) -> Judgement:
    return Judgement(CONTROL, _SURFACE, status, why, fix=fix, evidence=evidence or {})
