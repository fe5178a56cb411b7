# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on net-snmp's agent: what it tells whoever asks without a secret. Name, place, contact, description have a line.

A name without a line is what the agent finds by itself: the host's name, and the kernel's whole name as description.
After a reload a name whose line is gone keeps its old value (measured on 5.9.3), so such a name gets a line of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from ..disclosure import TextVerdict, verdict
from ..display import show
from ..model import Change, Edit, FileEdit, Intent, Judgement, LineInFile, RunEdit, Status
from .ours import own_file
from .snmpd_access import Grant, anonymous
from .snmpd_config import MAIN, Line

CONTROL = "B1.snmp_names"

#: The settings of names, as the manual writes them.
NAMES = {"sysname": "sysName", "sysdescr": "sysDescr", "syslocation": "sysLocation", "syscontact": "sysContact"}

#: What the agent runs for whoever asks; what it prints, and what it is called, is read with the whole tree.
_RUN = ("exec", "execfix", "extend", "extend-sh", "extendfix", "sh")
_WATCHED = ("disk", "file", "proc")
_HIDDEN = ("pass", "pass_persist")  # their own names are not shown

_SYSTEM = (".1.3.6.1.2.1.1", "1.3.6.1.2.1.1", ".iso.org.dod.internet.mgmt.mib-2.system", "system")

_STAYS = "what kind of agent this is (sysObjectID, sysORDescr) no setting hides"
_CLOSE = "Answer nobody who proves nothing (A1.snmp); then all of this is hidden."


class Name(TypedDict):
    """One line with a name, the whole line."""

    word: str
    value: str
    file: str
    number: int
    text: str


def names(lines: Sequence[Line], odd: frozenset[str]) -> list[Name]:
    """The lines with names. Of a file with ``odd`` bytes no line can be replaced, so its lines are not kept."""
    return [
        Name(word=line.word, value=line.rest, file=line.file, number=line.number,
             text="" if line.file in odd else line.text)
        for line in lines
        if line.word in (*NAMES, "engineid")
    ]  # fmt: skip


class Extra(TypedDict):
    """One line by which the agent shows more. Arguments of a command may be passwords, and are not kept."""

    runs: bool
    shown: str
    file: str
    number: int


def extras(lines: Sequence[Line]) -> list[Extra]:
    """The commands that the agent runs, and the programs, disks and files that it watches."""
    return [
        Extra(runs=line.word not in _WATCHED, shown=_shown(line), file=line.file, number=line.number)
        for line in lines
        if line.word in (*_RUN, *_WATCHED, *_HIDDEN)
    ]


def _shown(line: Line) -> str:
    named = line.args[1:] if line.args[:1] and re.match(r"\.?[0-9]", line.args[0]) else line.args
    if line.word in _HIDDEN or not named:
        return ""
    return " ".join((named[0], *(one for one in named[1:2] if one.startswith("/") and line.word in _RUN)))


def views(lines: Sequence[Line]) -> dict[str, list[str]]:
    """``{view: what it shows}``"""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.word == "view" and len(line.args) > 2 and line.args[1].lower().startswith("incl"):
            found.setdefault(line.args[0], []).append(line.args[2])
    return found


def judge(
    state: Mapping[str, Any], intent: Intent, checks: tuple[RunEdit, ...], activate: tuple[RunEdit, ...]
) -> Iterator[Judgement]:
    """The judgements on B1.snmp_names; the worst of them counts."""
    yield from _engine(state, intent)
    readers = anonymous(state["grants"])
    if not readers:
        why = "nobody reads a name without a community that is no known default, or an account"
        yield Judgement(CONTROL, "snmpd", Status.PASS, why)
        return
    for name in state["names"]:
        if name["word"] in NAMES and name["file"] != state["own_file"]:
            yield from _written(name, intent, checks, activate)
    yield from _set_over_snmp(state, intent)
    yield from _unwritten(state, intent, checks, activate)
    yield from _beyond_names(readers, state, intent)


def _engine(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """An engine's id is told to everybody, before any proof."""
    for name in state["names"]:
        told = verdict(name["value"], intent.words, intent.label)
        if name["word"] == "engineid" and told.status is not Status.PASS:
            why = f"{name['file']}:{name['number']}: the engine's id, which everybody is told, {told.why}"
            fix = "Choose another engineID; every SNMPv3 account needs its password set again after that."
            yield Judgement(CONTROL, "snmpd", told.status, why, show(name["value"]), intent.label, fix)


# --- names with a line --------------------------------------------------------------------------------------


def _written(
    name: Name, intent: Intent, checks: tuple[RunEdit, ...], activate: tuple[RunEdit, ...]
) -> Iterator[Judgement]:
    told = _told(name["word"], name["value"], intent)
    word, at = NAMES[name["word"]], f"{name['file']}:{name['number']}"
    why, before, after = f"{at}: {word}: {told.why}", f"{word} {show(name['value'])}", _setting(name["word"], intent)
    if told.status is Status.MANUAL:
        fix = f"Write the label there if it names a place or a device: {at}."
        yield Judgement(CONTROL, "snmpd", told.status, why, before, after, fix)
    elif told.status is Status.GAP and not name["text"]:
        fix = f"Write this by hand in {at} (the file is not in UTF-8), and reload snmpd: {after}"
        yield Judgement(CONTROL, "snmpd", told.status, why, before, after, fix)
    elif told.status is Status.GAP:
        edit = LineInFile(name["file"], name["number"], name["text"], after)
        change = _change(f"{word} in {name['file']}", before, after, (edit,), checks, activate)
        yield Judgement(CONTROL, "snmpd", told.status, why, before, after, changes=(change,))


def _told(word: str, value: str, intent: Intent) -> TextVerdict:
    return verdict(value, intent.words, intent.label, "sysname" if word == "sysname" else "")


def _setting(word: str, intent: Intent) -> str:
    """An empty value is no setting for the agent, so a dash stands for nothing."""
    return f"{NAMES[word]} {intent.label or '-'}"


# --- names without a line -----------------------------------------------------------------------------------


def _unwritten(
    state: Mapping[str, Any], intent: Intent, checks: tuple[RunEdit, ...], activate: tuple[RunEdit, ...]
) -> Iterator[Judgement]:
    """Those that nobody else has written, in a file of ours."""
    place = state["own_file"]
    others = {name["word"] for name in state["names"] if name["file"] != place}
    ours = {name["word"]: f"{NAMES[name['word']]} {name['value']}" for name in state["names"] if name["file"] == place}
    missing = {word: _setting(word, intent) for word in NAMES if word not in others}
    problems = list(_problems(state, missing, ours, intent))
    if not problems:
        return
    before, after = "".join(f"{line}\n" for line in ours.values()), "".join(f"{line}\n" for line in missing.values())
    edits: tuple[Edit, ...] = (FileEdit(place, own_file("B1", "snmpd", after)),)
    if not place:
        edits = tuple(LineInFile(MAIN, 0, "", line) for line in missing.values())
    change = _change("names in place of what the agent finds", before, after, edits, checks, activate)
    yield Judgement(CONTROL, "snmpd", Status.GAP, "; ".join(problems), before, after, changes=(change,))


def _problems(
    state: Mapping[str, Any], missing: Mapping[str, str], ours: Mapping[str, str], intent: Intent
) -> Iterator[str]:
    for word, wanted in missing.items():
        if word in ours:
            if ours[word] != wanted:
                yield f"{state['own_file']} shows {show(ours[word])}"
        elif word == "sysdescr":
            yield "sysDescr is not set, so it names the kernel, its version and the host"
        elif word == "sysname":
            told = _told(word, state["hostname"], intent)
            if told.status is not Status.PASS:
                yield f"sysName is not set, so it shows the host's name {show(state['hostname'])}: {told.why}"
        elif state["older_than"]:
            changed = show(state["older_than"][0])
            yield f"{NAMES[word]} is not set, and keeps what it was before {changed} was changed"


def _set_over_snmp(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    for word, value in state["set_over_snmp"].items():
        told = _told(word, value, intent)
        if told.status is not Status.PASS:
            why = f"{NAMES[word]} was set over SNMP: {told.why}"
            fix = f"Set it to the label the same way, or write {_setting(word, intent)} and restart snmpd."
            yield Judgement(CONTROL, "snmpd", told.status, why, show(value), _setting(word, intent), fix)


def _change(
    summary: str, before: str, after: str, edits: tuple[Edit, ...], checks: tuple[RunEdit, ...],
    activate: tuple[RunEdit, ...],
) -> Change:  # fmt: skip
    return Change(CONTROL, "snmpd", summary, before, after, edits=edits, checks=checks, activate=activate)


# --- everything else that is read ---------------------------------------------------------------------------


def _beyond_names(readers: Sequence[Grant], state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    wide = [grant for grant in readers if not _is_system(grant["view"], state["views"])]
    extra: list[Extra] = state["extras"] if wide else []
    for one in extra:
        told = verdict(one["shown"], intent.words, intent.label)
        if told.status is Status.GAP:
            why = f"{one['file']}:{one['number']}: {show(one['shown'], 80)} is shown with the whole tree: {told.why}"
            fix = f"Rename it, show strangers the system group only (a view), or delete the line. {_CLOSE}"
            yield Judgement(CONTROL, "snmpd", Status.GAP, why, show(one["shown"]), fix=fix)
    more = [
        f"{grant['file']}:{grant['number']}: {grant['what']} also reads "
        + ("the whole tree: software, processes, disks, addresses" if not grant["view"] else f"{show(grant['view'])}")
        for grant in wide[:3]
    ]
    run = [f"{one['file']}:{one['number']}" for one in extra if one["runs"]]
    more += [f"the agent runs commands for them, and what these print is shown ({', '.join(run[:3])})"] if run else []
    yield Judgement(CONTROL, "snmpd", Status.MANUAL, "; ".join([_STAYS, *more]), fix=_CLOSE)


def _is_system(view: str, shown: Mapping[str, list[str]]) -> bool:
    """Whether nothing but the names of the system group is shown."""
    named = re.fullmatch(r"-V (\S+).*", view)
    parts = shown.get(named[1], [""]) if named else view.split()[:1]
    return bool(parts) and all(any(f"{part}.".startswith(f"{one}.") for one in _SYSTEM) for part in parts)
