# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom net-snmp's agent answers: communities (v1, v2c) and accounts (v3), who proves nothing (A1), from where (A2).

A community is a password in plain text. One that everybody knows, or that is taken from everywhere, proves nobody.
Other communities are secrets: neither they nor their lines leave this file, so a person mends those lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

from ..addresses import is_world, union, written
from ..display import show
from ..ip import AddrFormatError, IPNetwork, IPSet
from ..model import Change, Consent, Intent, Json, Judgement, LineInFile, RunEdit, Status, Unreadable
from .snmpd_config import Line

LOGIN, SOURCES = "A1.snmp", "A2.service"

#: The communities that everybody tries first. Only these are ever shown.
KNOWN = frozenset({"public", "private"})

_LOOPBACK = IPSet(["127.0.0.0/8", "::1/128"])
_NO_PROOF = ("noauth", "noauthnopriv")
_LEVELS = (*_NO_PROOF, "auth", "authnopriv", "priv", "authpriv")

_CONSENT = "set login_required_refuse_anonymous: true for this host"


class Grant(TypedDict):
    """One line that lets somebody in. ``text`` is the line if it holds no secret, ``closed`` what takes its place."""

    what: str  # in words
    kind: str  # community or account
    known: bool  # the community is one that everybody knows
    source: str  # as written; "" is everywhere
    proof: bool  # an account of which a password is asked
    writes: bool
    view: str  # "" is the whole tree
    file: str
    number: int
    text: str
    closed: str


# --- reading ------------------------------------------------------------------------------------------------


def grants(lines: Sequence[Line]) -> list[Grant]:
    """Every line that lets somebody in, in the order in which the agent meets them."""
    mapped = {(args[1].lower(), args[2]) for line in lines if line.word == "group" for args in [_at_least(line, 3)]}
    return [grant for line in lines for grant in _granted(line, mapped)]


def _granted(line: Line, mapped: set[tuple[str, str]]) -> Iterator[Grant]:
    word = line.word
    if word.startswith("vacm"):
        raise Unreadable(f"{line.at}: access rules that were set over SNMP itself are not judged")
    if word in ("rocommunity", "rwcommunity", "rocommunity6", "rwcommunity6"):
        yield from _community(line, _at_least(line, 1), word.startswith("rw"))
    elif word == "authcommunity":
        types, *args = _at_least(line, 2)
        yield from _community(line, args, "write" in types.lower())
    elif word in ("com2sec", "com2sec6"):
        name, source, community = _at_least(line, 3)[:3]
        if any((model, name) in mapped for model in ("v1", "v2c", "any")):
            yield from _community(line, [community, source], True)
    elif word in ("rouser", "rwuser"):
        yield _account(line, _without_model(_at_least(line, 1)), word == "rwuser")
    elif word == "authuser":
        types, *args = _at_least(line, 2)
        yield _account(line, _without_model(args), "write" in types.lower())
    elif word in ("access", "setaccess", "authaccess", "authgroup"):
        yield from _group(line, mapped)


def _at_least(line: Line, number: int) -> list[str]:
    """The words of a setting, without a context. What the agent would skip is not judged at all."""
    args = list(line.args)
    if args and args[0].startswith("-Cn"):
        args = args[1 if len(args[0]) > len("-Cn") else 2 :]
    if len(args) < number:
        raise Unreadable(f"{line.at}: {line.word} lacks something, so snmpd skips this line")
    return args


def _community(line: Line, args: list[str], writes: bool) -> Iterator[Grant]:
    community, source, *what = [*args, "default"][: max(2, len(args))]
    if source.startswith("!"):
        return  # refuses
    known = community.lower() in KNOWN
    everywhere = source.lower() == "default" or is_world(_addresses(source))
    name = f"the community {show(community.lower())}" if known else "a community (not shown)"
    yield Grant(
        what=name, kind="community", known=known, source="" if everywhere else source, proof=False, writes=writes,
        view=" ".join(what), file=line.file, number=line.number,
        text=_plain(line) if known else "", closed=_silenced(line) if known else "",
    )  # fmt: skip


def _account(line: Line, args: list[str], writes: bool) -> Grant:
    user, level, *what = [*args, "auth"][: max(2, len(args))]
    return _of_account(line, f"the account {show(user, 40)}", level, writes, " ".join(what))


def _group(line: Line, mapped: set[tuple[str, str]]) -> Iterator[Grant]:
    """A group's rights: of accounts only, communities were found where they get their name."""
    level = next((word for word in line.args if word.lower() in _LEVELS), "")
    if line.word.startswith("auth"):
        level = level or "auth"
    if not level:
        raise Unreadable(f"{line.at}: {line.word} names no level that we know")
    models = {model for model, _name in mapped}
    if models & {"usm", "any"} and not {word.lower() for word in line.args} & {"v1", "v2c"}:
        yield _of_account(line, f"accounts, by {line.word}", level, True, "")


def _of_account(line: Line, what: str, level: str, writes: bool, view: str) -> Grant:
    if level.lower() not in _LEVELS:
        raise Unreadable(f"{line.at}: {show(level, 40)} is no level, so snmpd skips this line")
    proof = level.lower() not in _NO_PROOF
    safe = not proof and line.word in ("rouser", "rwuser")
    return Grant(
        what=what, kind="account", known=False, source="", proof=proof, writes=writes, view=view, file=line.file,
        number=line.number, text=_plain(line) if safe else "",
        closed=re.sub(rf"(\s\S+\s+){re.escape(level)}(?=\s|$)", r"\1auth", line.text, count=1) if safe else "",
    )  # fmt: skip


def _without_model(args: list[str]) -> list[str]:
    return args[2:] if args[:1] == ["-s"] else args


def _plain(line: Line) -> str:
    """The line as it stands, if nothing but settings is on it: a remark may hold anything."""
    return "" if "#" in line.text else line.text


def _silenced(line: Line) -> str:
    return f"# iot_site.checklist A1: {line.text.strip()}"


# --- addresses ----------------------------------------------------------------------------------------------


def _addresses(source: str) -> IPSet:
    """What a source stands for; nothing where a name decides, but for the machine's own."""
    if source.lower() == "localhost":
        return _LOOPBACK
    try:
        return IPSet([IPNetwork(source).cidr])
    except (AddrFormatError, ValueError):
        return IPSet()


# --- A1 -----------------------------------------------------------------------------------------------------


def is_open(grant: Grant) -> bool:
    """Whether somebody who proves nothing is answered: a known community, one from everywhere, an account unproved."""
    if grant["kind"] == "account":
        return not grant["proof"]
    if grant["source"] and not _addresses(grant["source"]) - _LOOPBACK and _addresses(grant["source"]):
        return False  # only the machine itself
    return grant["known"] or not grant["source"]


def judge_login(
    state: Mapping[str, Any], intent: Intent, checks: tuple[RunEdit, ...], activate: tuple[RunEdit, ...]
) -> Iterator[Judgement]:
    """A1.snmp, one judgement for each line that is open."""
    found: list[Grant] = state["grants"]
    evidence: dict[str, Json] = {"listens": state["listens"]}
    opened = [grant for grant in found if is_open(grant)]
    for grant in opened:
        yield _opened(grant, intent, checks, activate, evidence)
    if not opened:
        limited = sum(grant["kind"] == "community" for grant in found)
        why = "nobody is answered who proves nothing" + (
            f"; {limited} communities travel in plain text, and count from some addresses only" if limited else ""
        )
        yield Judgement(LOGIN, "snmpd", Status.PASS, why, evidence=evidence)


def _opened(
    grant: Grant, intent: Intent, checks: tuple[RunEdit, ...], activate: tuple[RunEdit, ...],
    evidence: Mapping[str, Json],
) -> Judgement:  # fmt: skip
    at, text = f"{grant['file']}:{grant['number']}", grant["text"]
    why = f"{at}: {_in_words(grant)}"
    if not text:
        return Judgement(LOGIN, "snmpd", Status.GAP, why, fix=_by_hand(grant, at), evidence=evidence)
    if Consent.ANONYMOUS_CLIENTS not in intent.consent:
        fix = f"If no poller needs it, {_CONSENT}, or delete {at}; else give the pollers SNMPv3 accounts first."
        return Judgement(LOGIN, "snmpd", Status.MANUAL, why, text.strip(), grant["closed"], fix, evidence)
    summary = f"one line in {grant['file']}; pollers that come in this way are refused from then on"
    change = Change(
        LOGIN, "snmpd", summary, text.strip(), grant["closed"],
        edits=(LineInFile(grant["file"], grant["number"], text, grant["closed"]),), checks=checks, activate=activate,
    )  # fmt: skip
    return Judgement(
        LOGIN, "snmpd", Status.GAP, why, text.strip(), grant["closed"], evidence=evidence, changes=(change,)
    )


def _in_words(grant: Grant) -> str:
    does = "may change settings" if grant["writes"] else "is answered"
    if grant["kind"] == "account":
        return f"{grant['what']} {does} without a password (noauth)"
    whence = f"from {show(grant['source'], 60)}" if grant["source"] else "from everywhere"
    return f"{grant['what']} {does} {whence}" + (", and everybody knows it" if grant["known"] else "")


def _by_hand(grant: Grant, at: str) -> str:
    if grant["kind"] == "account":
        return f"Write auth in place of noauth in {at}, and reload snmpd."
    if grant["known"]:
        return f"Delete {at}, and reload snmpd."
    return f"Name the pollers' address as its source in {at}, or use SNMPv3 accounts instead, and reload snmpd."


# --- A2 -----------------------------------------------------------------------------------------------------


def judge_sources(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """A2.service: the agent's own lists, where they are what limits access."""
    wanted = union((*intent.allow4, *intent.allow6))
    found: list[Grant] = state["grants"]
    if intent.enforce_with != "web_server":
        why = "the packet filter limits access (ip_allowlist_enforce_with)"
        yield Judgement(SOURCES, "snmpd", Status.NOT_APPLICABLE, why)
        return
    strange = [(grant, why) for grant in found if (why := _beyond(grant, wanted))]
    evidence: dict[str, Json] = {"allow": list(written(wanted)), "listens": state["listens"]}
    for grant, why in strange:
        at = f"{grant['file']}:{grant['number']}"
        fix = f"Write one line for each address of the allowlist in place of {at}, and reload snmpd."
        if grant["kind"] == "account":
            fix = "snmpd limits no account to addresses: let the packet filter do it (ip_allowlist_enforce_with)."
        yield Judgement(SOURCES, "snmpd", Status.GAP, f"{at}: {why}", fix=fix, evidence=evidence)
    if not strange:
        why = "every community is taken from the allowlist only"
        yield Judgement(SOURCES, "snmpd", Status.PASS, why, evidence=evidence)


def _beyond(grant: Grant, wanted: IPSet) -> str:
    if grant["kind"] == "account":
        return f"{grant['what']} may come from everywhere"
    if not grant["source"]:
        return f"{grant['what']} is taken from everywhere"
    addresses = _addresses(grant["source"])
    if not addresses:
        return f"a name ({show(grant['source'], 60)}) decides from where {grant['what']} is taken"
    strangers = addresses - wanted - _LOOPBACK
    return f"{grant['what']} is taken from {', '.join(written(strangers))}" if strangers else ""


def anonymous(found: Iterable[Grant]) -> list[Grant]:
    """The grants by which somebody reads who knows no secret at all."""
    return [grant for grant in found if is_open(grant) and (grant["known"] or grant["kind"] == "account")]
