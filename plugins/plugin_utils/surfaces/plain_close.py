# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 and A2 on logins in plain text: how each is closed, and when it is left to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..addresses import union, written
from ..display import show
from ..model import Change, Intent, Json, Judgement, LineInFile, RunEdit, Status
from . import hosts_access
from .plain_logins import Door, asks_nothing, tells_host, wrapped
from .super_servers import INETD_FOLDER

LOGIN, SOURCES, TEXT = "A1.telnet", "A2.service", "B1.login_text"

NONE = "no telnet, rlogin, rsh, rexec or bare shell is served in plain text, and no boot starts one"

_SSH = "Use SSH instead, or a VPN around it; until then only the packet filter protects it (ip_allowlist)."
_NOTHING = "whoever connects gets a shell, and no login is asked"
_PLAIN = "names, passwords and all that follows travel in plain text"


def judge_login(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """One judgement for each way in."""
    for door in state["doors"]:
        yield _needed(door, state) if door["service"] in intent.plaintext_needed else _closed(door, state)
    if not state["doors"] and not state["unexplained"]:
        yield Judgement(LOGIN, "telnet", Status.PASS, NONE)
    for one in state["unexplained"]:
        why = f"{show(one)}, and no file that we read says what it starts there"
        fix = "Find out what it starts for a visitor; reload it where its files have changed since."
        yield Judgement(LOGIN, "telnet", Status.UNKNOWN, why, fix=fix)


def _needed(door: Door, state: Mapping[str, Any]) -> Judgement:
    why = f"{_where(door)}: {door['service']} is declared as needed (login_required_plaintext_needed)"
    evidence = _evidence(door, state)
    if asks_nothing(door):
        fix = "Let it start login (the option that names a program), or do without it."
        return Judgement(LOGIN, "telnet", Status.GAP, f"{why}, but {_NOTHING}", _before(door), "", fix, evidence)
    return Judgement(LOGIN, "telnet", Status.MANUAL, f"{why}; {_PLAIN}", _before(door), fix=_SSH, evidence=evidence)


def _closed(door: Door, state: Mapping[str, Any]) -> Judgement:
    why = f"{_where(door)}: {door['service']}: {_NOTHING if asks_nothing(door) else _PLAIN}"
    changes = _changes(door, state)
    fix = "" if changes else f"Switch it off{_how(door)}. {_SSH}"
    after = show(door["after"] or f"{door['unit']} is off") if changes else ""
    evidence = _evidence(door, state)
    return Judgement(LOGIN, "telnet", Status.GAP, why, _before(door), after, fix, evidence, changes)


def _where(door: Door) -> str:
    if door["number"]:
        return f"{door['file']}:{door['number']}"
    port = f"TCP port {door['port']}" if door["port"] else "an unknown port"
    return show(door["unit"] or door["file"] or f"{' '.join(door['command'])} on {port}", 120)


def _before(door: Door) -> str:
    return show(door["text"] or " ".join(door["command"]), 200)


def _evidence(door: Door, state: Mapping[str, Any]) -> dict[str, Json]:
    return {"service": door["service"], "port": door["port"], "by": door["by"], "listens": state["listens"]}


def _how(door: Door) -> str:
    if door["unit"]:
        return f": systemctl disable --now {door['unit']}"
    return {
        "inetd": " in that line and send inetd SIGHUP",
        "xinetd": f" with disable = yes in its block of {door['file']}, and reload xinetd",
        "boot": f" and remove {door['file']}",
    }.get(door["by"], ", and where it is started at boot")


# --- closing --------------------------------------------------------------------------------------------------


def _changes(door: Door, state: Mapping[str, Any]) -> tuple[Change, ...]:
    if door["number"] and door["after"]:
        return (_edited(LOGIN, door, door["after"], state),)
    ours = door["unit"] and door["state"].endswith((" enabled", " disabled"))  # others do not come back when started
    return (_stopped(door),) if ours else ()


def _edited(control: str, door: Door, after: str, state: Mapping[str, Any]) -> Change:
    """inetd reads every file of its folder, also the original that our guard keeps there: not before that is gone."""
    argv: Sequence[str] = state["reload"][door["by"]]
    reload = (RunEdit(tuple(argv)),) if argv else ()
    beside = door["file"].startswith(INETD_FOLDER)
    return Change(
        control, "telnet", f"one line in {door['file']}", show(door["text"]), show(after),
        edits=(LineInFile(door["file"], door["number"], door["text"], after),),
        activate=() if beside else reload, persist=reload if beside else (), cuts_access=control == LOGIN,
    )  # fmt: skip


def _stopped(door: Door) -> Change:
    """Stopped under guard; no boot starts it only when that has been proved."""
    unit = door["unit"]
    active, _space, at_boot = door["state"].partition(" ")
    stop = RunEdit(("systemctl", "stop", unit), undo=("systemctl", "start", unit))
    disable = RunEdit(("systemctl", "disable", unit), undo=("systemctl", "enable", unit))
    return Change(
        LOGIN, "telnet", f"{unit} is stopped, and no boot starts it", f"{unit}: {door['state']}", f"{unit}: off",
        edits=(stop,) if active == "active" else (), persist=(disable,) if at_boot == "enabled" else (),
        cuts_access=True,
    )  # fmt: skip


# --- B1: what telnetd itself tells ----------------------------------------------------------------------------


def judge_text(state: Mapping[str, Any]) -> Iterator[Judgement]:
    """Debian's telnetd names kernel and host before the login, whatever /etc/issue.net says, unless told not to."""
    telling = [door for door in state["doors"] if tells_host(door)]
    for door in telling:
        why = f"{_where(door)}: telnetd itself shows the system's and the host's name before the login (no -h)"
        after = f"{door['text'].rstrip()} -h" if door["by"] == "inetd" else ""
        changes = (_edited(TEXT, door, after, state),) if after else ()
        fix = "" if changes else "Start telnetd with -h."
        yield Judgement(TEXT, "telnet", Status.GAP, why, _before(door), show(after), fix, changes=changes)
    dark = [_where(door) for door in state["doors"] if not door["command"]] + list(state["unexplained"])
    if dark:
        fix = "Look from another machine at what it shows before the login."
        yield Judgement(TEXT, "telnet", Status.UNKNOWN, f"not known what it shows: {show('; '.join(dark))}", fix=fix)
    elif not state["doors"]:
        yield Judgement(TEXT, "telnet", Status.NOT_APPLICABLE, NONE)
    elif not telling:
        yield Judgement(TEXT, "telnet", Status.PASS, "no telnetd shows more than /etc/issue.net")


# --- A2 -------------------------------------------------------------------------------------------------------


def judge_sources(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """tcp_wrappers is the only list that these servers have."""
    if intent.enforce_with != "web_server":
        why = "the packet filter limits access (ip_allowlist_enforce_with)"
        yield Judgement(SOURCES, "telnet", Status.NOT_APPLICABLE, why)
        return
    if not state["doors"] and not state["unexplained"]:
        yield Judgement(SOURCES, "telnet", Status.NOT_APPLICABLE, NONE)
        return
    wanted = union((*intent.allow4, *intent.allow6))
    strange = [why for door in state["doors"] for why in _strangers(door, state, wanted)] + list(state["unexplained"])
    evidence: dict[str, Json] = {"allow": list(written(wanted)), "listens": state["listens"]}
    if strange:
        fix = "Close it (A1), or let the packet filter limit access (ip_allowlist_enforce_with)."
        yield Judgement(SOURCES, "telnet", Status.GAP, "; ".join(map(show, strange[:5])), fix=fix, evidence=evidence)
    else:
        why = "tcp_wrappers lets only the allowlist through"
        yield Judgement(SOURCES, "telnet", Status.PASS, why, evidence=evidence)


def _strangers(door: Door, state: Mapping[str, Any], wanted: Any) -> list[str]:
    daemon = wrapped(door)
    if not daemon:
        return [f"{_where(door)}: {door['service']} serves every address"]
    lists: dict[str, dict[str, list[str]]] = state["hosts"]
    return hosts_access.beyond(lists["allow"][daemon], lists["deny"][daemon], daemon, wanted)
