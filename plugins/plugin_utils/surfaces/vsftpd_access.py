# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom vsftpd serves: everybody, as anonymous (A1), and from where (A2)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..addresses import union, written
from ..display import show
from ..model import Change, Consent, Intent, Json, Judgement, LineInFile, RunEdit, Status
from . import hosts_access
from .vsftpd_config import Instance, at, is_on

LOGIN, SOURCES = "A1.ftp", "A2.service"

#: What a vsftpd that takes its files says when it is told not to listen.
UNDERSTOOD = "must be started from inetd"

_CLOSED = "anonymous_enable=NO"

_BY_HAND = "Write {} into {} and reload vsftpd."


def judge_login(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """A1.ftp: anonymous is nobody, with or without the word that he gives for a password."""
    instances: list[Instance] = state["instances"]
    evidence: dict[str, Json] = {"listens": state["listens"]}
    opened = [one for one in instances if is_on(one, "anonymous_enable", default=True)]
    for one in opened:
        yield _opened(one, state, intent, evidence)
    if not opened:
        why = "anonymous is refused"
        yield Judgement(LOGIN, "vsftpd", Status.PASS, why, evidence=evidence)


def _opened(
    one: Instance, state: Mapping[str, Any], intent: Intent, evidence: Mapping[str, Json]
) -> Judgement:  # fmt: skip
    where, written_down = at(one, "anonymous_enable"), one["settings"].get("anonymous_enable")
    how = "anonymous_enable=YES" if written_down else "anonymous_enable is not set, and vsftpd's own default is YES"
    more = ["asks not even for a name as password (no_anon_password)"] if is_on(one, "no_anon_password") else []
    more += ["takes files from everybody (anon_upload_enable)"] if is_on(one, "anon_upload_enable") else []
    why = "; and ".join([f"{where}: {how}: everybody is served without a login", *more])
    before = written_down["text"] if written_down else ""
    if Consent.ANONYMOUS_CLIENTS not in intent.consent:
        fix = (
            "If no machine fetches files this way, set login_required_refuse_anonymous: true for this host; "
            "else give it an account first."
        )
        return Judgement(LOGIN, "vsftpd", Status.MANUAL, why, before, _CLOSED, fix, evidence)
    changes = edited(LOGIN, one, "anonymous_enable", _CLOSED, state)
    fix = "" if changes else _BY_HAND.format(_CLOSED, where)
    return Judgement(LOGIN, "vsftpd", Status.GAP, why, before, _CLOSED, fix, evidence, changes)


def edited(
    control: str, one: Instance, name: str, after: str, state: Mapping[str, Any]
) -> tuple[Change, ...]:  # fmt: skip
    """One line in its place, or above everything where there is none; nothing where no file decides.

    Where several run, none is told to read its file again: the signal would end the sessions of the others.
    """
    found = one["settings"].get(name)
    if len(state["instances"]) > 1 or (found and not found["number"]):
        return ()
    file, number, before = (found["file"], found["number"], found["text"]) if found else (one["files"][-1], 0, "")
    activate = (RunEdit(tuple(state["reload"])),) if state["reload"] else ()
    return (
        Change(
            control, "vsftpd", f"one line in {file}; who is connected stays so", show(before), after,
            edits=(LineInFile(file, number, before, after),), checks=(check(one["files"]),), activate=activate,
        ),
    )  # fmt: skip


def check(files: Sequence[str]) -> RunEdit:
    """vsftpd's own reading of its files."""
    asked = shlex.join(["vsftpd", *files, "-olisten=NO", "-olisten_ipv6=NO"])
    return RunEdit(
        ("sh", "-c", f'said=$({asked} <&1); case "$said" in *"{UNDERSTOOD}"*) ;; *) echo "$said"; exit 1; esac')
    )


# --- A2 -------------------------------------------------------------------------------------------------------


def judge_sources(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """A2.service: tcp_wrappers is the only list that vsftpd has."""
    if intent.enforce_with != "web_server":
        why = "the packet filter limits access (ip_allowlist_enforce_with)"
        yield Judgement(SOURCES, "vsftpd", Status.NOT_APPLICABLE, why)
        return
    wanted = union((*intent.allow4, *intent.allow6))
    evidence: dict[str, Json] = {"allow": list(written(wanted)), "listens": state["listens"]}
    strange = [
        f"{at(one, 'tcp_wrappers')}: tcp_wrappers is not YES, so vsftpd serves every address"
        for one in state["instances"]
        if not is_on(one, "tcp_wrappers")
    ] or hosts_access.beyond(state["hosts_allow"], state["hosts_deny"], "vsftpd", wanted)
    if strange:
        fix = (
            "Set tcp_wrappers=YES, write vsftpd: ADDRESSES into /etc/hosts.allow and vsftpd: ALL into /etc/hosts.deny; "
            "or let the packet filter limit access (ip_allowlist_enforce_with)."
        )
        why = "; ".join(map(show, strange[:5]))
        yield Judgement(SOURCES, "vsftpd", Status.GAP, why, fix=fix, evidence=evidence)
    else:
        why = "tcp_wrappers lets only the allowlist through"
        yield Judgement(SOURCES, "vsftpd", Status.PASS, why, evidence=evidence)
