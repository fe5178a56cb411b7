# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 on apache2: whatever a visitor asks for, only the allowlist is served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..addresses import is_world, union, written
from ..ip import IPSet
from ..model import Change, FileEdit, Intent, Json, Judgement, Status, as_json
from .apache_login import with_ours
from .apache_requires import LOOPBACK
from .apache_scopes import Server, from_state
from .apache_visits import Visit, visits
from .ours import own_file
from .web_openings import Opening
from .web_servers import Service

CONTROL = "A2.web"


def judge(state: Mapping[str, Any], intent: Intent, service: Service) -> Iterator[Judgement]:
    """The judgements on A2.web; the worst of them counts."""
    reachable = from_state(state)
    wanted = union((*intent.allow4, *intent.allow6))
    if intent.enforce_with != "web_server":
        yield _said(Status.NOT_APPLICABLE, "the packet filter limits access (ip_allowlist_enforce_with)")
    elif not reachable:
        yield _said(Status.NOT_APPLICABLE, "no server of apache2 listens on an address that others can reach")
    elif not wanted:
        why = "no person's address is known, so there is nothing to allow"
        yield _said(Status.MANUAL, why, fix="Declare who may use the device in iot_site_people.")
    else:
        yield from _judged(state, reachable, wanted, service)


def _judged(state: Mapping[str, Any], reachable: list[Server], wanted: IPSet, service: Service) -> Iterator[Judgement]:
    now = list(dict.fromkeys(_all(reachable, wanted, None)))
    then = list(
        dict.fromkeys(_all(reachable, wanted, (state["access_file"], own_file("A2", "apache2", _text(wanted)))))
    )
    general = [one for one in now if one.general and one not in then]
    evidence: dict[str, Json] = {
        "allow": as_json(written(wanted)),
        "servers": [f"{server['name']} ({server['at']})" for server in reachable],
        "loopback": "may come in: health checks and the machine's own proxies do, and no packet from outside can",
    }
    if general:
        yield _general(state, general, wanted, service, evidence)
    for one in now:
        if one not in general:
            yield _said(one.status, one.why, one.fix, evidence)
    if not now:
        yield _said(Status.PASS, f"every server and location serves only {', '.join(written(wanted))}", "", evidence)


def _said(status: Status, why: str, fix: str = "", evidence: Mapping[str, Json] | None = None) -> Judgement:
    return Judgement(CONTROL, "apache2", status, why, fix=fix, evidence=evidence or {})


# --- our own file -------------------------------------------------------------------------------------------


def _text(wanted: IPSet) -> str:
    """The allowlist for everything, besides what is required there already. Apache merges <If> after all else."""
    lines = "".join(f"    Require ip {one}\n" for one in (wanted | LOOPBACK).iter_cidrs())
    return f'<If "true">\n    AuthMerging And\n{lines}</If>\n'


def _general(
    state: Mapping[str, Any], general: list[Opening], wanted: IPSet, service: Service,
    evidence: Mapping[str, Json],
) -> Judgement:  # fmt: skip
    why = "; ".join(one.why for one in general[:5]) + (f"; and {len(general) - 5} more" if general[5:] else "")
    after = _text(wanted)
    fix = ""
    if "authz_host" not in state["modules"]:
        fix = "Switch on what apache2 needs to tell addresses apart, then run again: a2enmod authz_host"
    elif not state["access_file"]:
        fix = "apache2.conf does not include conf-enabled: put the lines below into it by hand, then run again."
    if fix:
        return Judgement(CONTROL, "apache2", Status.GAP, why, "", after, fix, evidence)
    change = Change(
        CONTROL, "apache2", "the allowlist for every server, and nobody else", "", after,
        edits=(FileEdit(state["access_file"], own_file("A2", "apache2", after)),),
        checks=(service.check,), activate=service.activate, cuts_access=True,
    )  # fmt: skip
    return Judgement(CONTROL, "apache2", Status.GAP, why, "", after, evidence=evidence, changes=(change,))


# --- what is open -------------------------------------------------------------------------------------------


def _all(reachable: Iterable[Server], wanted: IPSet, ours: tuple[str, str] | None) -> Iterator[Opening]:
    for server in reachable:
        found = visits(server, with_ours(server, *ours) if ours else None)
        for visit in found:
            yield from _openings(server, visit, wanted)
        served = IPSet()
        for let in {visit.lets for visit in found}:
            served |= let.known
        missing = wanted - served
        if missing and served - LOOPBACK:
            why = f"{server['name']}: {', '.join(written(missing))} is on the allowlist and is kept out"
            places = dict.fromkeys(visit.decided[-1] for visit in found if visit.decided)
            yield Opening(
                why, f"Delete the addresses there, so that one list counts: {', '.join(places)}", general=True
            )
        yield from _headers(server)


def _openings(server: Server, visit: Visit, wanted: IPSet) -> Iterator[Opening]:
    strangers = visit.lets.known - wanted - LOOPBACK
    if not strangers:
        return
    where = f"{server['name']}: {visit.where}"
    if visit.any_will_do and visit.let is not None:
        at = visit.at("satisfy")
        yield Opening(
            f"{at}: Satisfy Any lets in whoever has a password, from anywhere",
            f"Delete {at} (Satisfy Any): address and password are then both required.",
        )
    elif visit.unclear:
        why = f"{where}: it is not understood whom {visit.unclear[-1]} lets in"
        yield Opening(why, f"Write Require ip with the allowlist there, or look at {visit.url} from a foreign address.",
                      Status.UNKNOWN, general=True)  # fmt: skip
    else:
        who = "everybody" if is_world(strangers) else ", ".join(written(strangers)[:3])
        by = visit.decided[-1] if visit.decided else where
        fix = f"Write AuthMerging And into it, so that the allowlist for everything counts too, and run again: {by}"
        yield Opening(f"{where}: {who} may come in and is not on the allowlist", fix, general=True)


def _headers(server: Server) -> Iterator[Opening]:
    for entry in server["says"].get("remote_ip", []):
        yield Opening(
            f"{entry['at']}: {entry['name']} takes the visitor's address from a header, which can be forged",
            f"Delete {entry['at']}, or limit access on the proxy in front and set iot_site_enforced_by.",
        )
