# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2's 「アクセスユーザーのIPアドレスの確認」: who really comes in, compared with who is on the list.

Somebody who comes in today with a login and is not on the list is named, and no change that would keep such a person
out is made unless the site's people consent (refusal.py asks the same question of the same reading). Strangers whose
logins failed, and those who were merely served by what is open, are no users: keeping them out is what A2 is for.
visits.py says which trace proves what.

State here is of people who come and go: it changes from one read to the next, and binds no plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..addresses import union
from ..contract import Surface
from ..ip import AddrFormatError, IPNetwork, IPSet
from ..model import Consent, Intent, Json, Judgement, Person, Status, Unreadable, as_json
from ..raw import Raw, Read
from ..visitors import holds, kept_out
from . import visits_login, visits_now, visits_records, visits_web
from .links import LINKS, ROUTES4, ROUTES6, network
from .tails import looked_into
from .visits import LEVELS, LIKELY, PROVEN, SEEN, by_source, first_day

CONTROL = "A2.sources"

_LOGS: tuple[Read, ...] = (*visits_login.READS, visits_web.LOG)
_LOOPBACK = IPSet(["127.0.0.0/8", "::1/128"])

#: Sources of one level that are listed one by one, the latest first. Who has a login is never left out.
_MOST = {LIKELY: 100, SEEN: 100}
_SHOWN = 10

_ASK = (
    "Ask who they are. Add those who are to come in to iot_site_people; to keep them out knowingly, set "
    "ip_allowlist_cut_active_sources: true on this host."
)


class Sources(Surface):
    """Logs, wtmp, connection tracking and open connections of one host."""

    name = "sources"
    controls = (CONTROL,)
    passing = True
    reads = (*visits_now.READS, *_LOGS, visits_records.RECORDS, LINKS, ROUTES4, ROUTES6)

    def parse(self, raw: Raw) -> dict[str, Json]:
        present = visits_now.now(raw)
        since = first_day(present.day)
        told = (present.visits, visits_login.visits(raw), visits_records.visits(raw), visits_web.visits(raw))
        found = by_source((visit for each in told for visit in each), since)
        own = _LOOPBACK | IPSet(_networks(raw, own=True))
        wtmp = ["wtmp"] if visits_records.kept(raw) else []
        state: dict[str, Json] = {
            "read": [*looked_into(raw, _LOGS), *wtmp],
            "records_logins": bool(looked_into(raw, visits_login.SSH) or wtmp),
            "since": since,
            "inside": [*_networks(raw, own=False)],
            "left_out": present.left_out,
        }
        for level in LEVELS:
            others = {source: how for source, how in found[level].items() if not holds(own, source)}
            most = _MOST.get(level, len(others))
            state[level] = dict(list(others.items())[:most])
            state[f"{level}_more"] = max(0, len(others) - most)
        return state

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        out = {level: kept_out(state[level], state["inside"], intent) for level in LEVELS}
        consent = Consent.ACTIVE_SOURCES in intent.consent
        absent = [person.name for person in intent.people if person.sources and not _seen(person, state)]
        evidence = _evidence(state, out, absent)
        status, why, fix = _verdict(state, out, consent)
        if absent:
            why += f"; on the list, and not seen here: {', '.join(absent)}"
        yield Judgement(CONTROL, self.name, status, why, fix=fix, evidence=evidence)


def come_in_today(raw: Raw) -> dict[str, Any]:
    """The same for the vitals: what refusal.py must know of it."""
    try:
        state: Mapping[str, Any] = Sources().parsed(raw)
    except Unreadable as reason:
        return {"visitors_unknown": str(reason)}
    left_out = f"{state['left_out']} open connections were not looked at" if state["left_out"] else ""
    return {"visitors": state[PROVEN], "inside": tuple(state["inside"]), "visitors_unknown": left_out}


# --- verdicts -----------------------------------------------------------------------------------------------


def _verdict(state: Mapping[str, Any], out: Mapping[str, list[str]], consent: bool) -> tuple[Status, str, str]:
    """Status, why, and what a person does."""
    if out[PROVEN] and not consent:
        why = f"not on the list, and come in with a login: {_named(out[PROVEN], state[PROVEN])}"
        return Status.MANUAL, why, f"{_ASK} Until then no change here limits who comes in."
    if state["left_out"]:
        why = f"{state['left_out']} open connections were not looked at: there are more than we list"
        return Status.UNKNOWN, why, "Look at them on the device: ss -tn state established"
    if not state["records_logins"]:
        why = "this host records no logins: its journal knows no sshd, and there is no wtmp and no log of it"
        return Status.MANUAL, why, "Ask everybody who uses it from where they come, before the list is applied."
    if out[LIKELY] and not consent:
        why = (
            "not on the list, and perhaps no strangers, for what they did cannot be told from a login: "
            f"{_named(out[LIKELY], state[LIKELY])}"
        )
        return Status.MANUAL, why, f"{_ASK} Nothing waits for it: they may as well be strangers."
    why = f"everybody who came in with a login since {state['since'] or 'records began'} is on the list"
    if consented := [*out[PROVEN], *out[LIKELY]]:
        who = ", ".join(consented[:_SHOWN])
        why = f"kept out by consent (ip_allowlist_cut_active_sources): {who}; everybody else is on the list"
    if strangers := len(out[SEEN]) + state[f"{SEEN}_more"]:
        why += f"; {strangers} not on the list were served without one"
    return Status.PASS, why, ""


def _named(sources: list[str], how: Mapping[str, str]) -> str:
    named = "; ".join(f"{source} ({how[source]})" for source in sources[:_SHOWN])
    return f"{named}; and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else named


def _seen(person: Person, state: Mapping[str, Any]) -> bool:
    theirs = union(person.sources)
    return any(holds(theirs, source) for level in LEVELS for source in state[level])


def _evidence(state: Mapping[str, Any], out: Mapping[str, list[str]], absent: list[str]) -> dict[str, Json]:
    return {
        "looked_into": state["read"],
        "since": state["since"],
        "with_a_login": state[PROVEN],
        "not_on_the_list": as_json(
            {level: {source: state[level][source] for source in out[level]} for level in LEVELS}
        ),
        "not_listed_one_by_one": as_json({level: state[f"{level}_more"] for level in LEVELS if state[f"{level}_more"]}),
        "inside": state["inside"],
        "never_seen": as_json(absent),
    }


# --- where a source is --------------------------------------------------------------------------------------


def _networks(raw: Raw, *, own: bool) -> Iterator[str]:
    """The addresses of the machine itself, or the networks its routes reach through inner interfaces."""
    inner = frozenset(network(raw).inside)
    for route in (route for read in (ROUTES4, ROUTES6) for route in json.loads(raw.text(read.name))):
        kind = route.get("type", "unicast")
        if kind == "local" if own else kind == "unicast" and route.get("dev") in inner:
            yield _network(str(route["dst"]))


def _network(destination: str) -> str:
    try:
        return str(IPNetwork(destination).cidr)
    except (AddrFormatError, ValueError) as error:
        raise Unreadable(f"a route leads to something that is no network: {destination[:64]}") from error
