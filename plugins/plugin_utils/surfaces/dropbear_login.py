# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 and A2 on dropbear: nobody comes in for nothing, and root's password lets nobody in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..display import show
from ..model import Change, Intent, Json, Judgement, LineInFile, RunEdit, Status
from .dropbear_config import Options, Started, rewritten

LOGIN, SOURCES = "A1.ssh", "A2.service"

#: (what opens the door, unless one of these switches closes it; the switch to take away; the one to add; why).
_BLANK = ("st", "B", "", "-B: an account without a password lets everybody in")
_ROOT = ("stwg", "", "g", "neither -g, -w nor -s is given: root comes in with a password, which anybody may guess at")

_KEEPS = "who is connected stays so"


def open_doors(given: Options) -> list[tuple[str, str, str, str]]:
    """What of a command line lets in who should not come in."""
    switches = set(given["switches"])
    doors = [_BLANK] if "B" in switches else []
    return [one for one in (*doors, _ROOT) if not switches & set(one[0])]


def judge_login(state: Mapping[str, Any]) -> Iterator[Judgement]:
    """What the next boot starts is edited; what runs otherwise needs a restart."""
    evidence: dict[str, Json] = {
        "listens": state["listens"],
        "switches": [one["options"]["switches"] for one in (*state["running"], *state["next_boot"])],
    }
    gaps = [one for one in state["next_boot"] if open_doors(one["options"])]
    told = [one["options"]["switches"] for one in gaps]
    for one in gaps:
        yield _gap(one, state, evidence)
    others = [one for one in state["running"] if open_doors(one["options"]) and one["options"]["switches"] not in told]
    for one in others:
        yield Judgement(LOGIN, "dropbear", Status.GAP, _why(one), fix=_restart_by_hand(state), evidence=evidence)
    if not gaps and not others:
        why = "a key or a password is asked of everybody, and root's password lets nobody in"
        yield Judgement(LOGIN, "dropbear", Status.PASS, why, evidence=evidence)


def _why(one: Started) -> str:
    return "; ".join(f"{show(one['where'])}: {why}" for _unless, _drop, _add, why in open_doors(one["options"]))


def _gap(one: Started, state: Mapping[str, Any], evidence: Mapping[str, Json]) -> Judgement:
    doors = open_doors(one["options"])
    drop, add = ("".join(door[place] for door in doors) for place in (1, 2))
    source = one["source"]
    edited = rewritten(source, drop, add) if source else None
    changes: tuple[Change, ...] = ()
    if source and edited and not state["restart"]["refused"]:
        changes = (_change(source["file"], source["number"], source["text"], edited["text"], add, state),)
    fix = "" if changes else _by_hand(drop, add, state)
    before, after = (source["text"], edited["text"]) if source and edited else ("", "")
    return Judgement(LOGIN, "dropbear", Status.GAP, _why(one), show(before), show(after), fix, evidence, changes)


def _change(file: str, number: int, before: str, after: str, add: str, state: Mapping[str, Any]) -> Change:
    again = RunEdit(tuple(state["restart"]["argv"]))
    reread = RunEdit(("systemctl", "daemon-reload")) if file.startswith("/etc/systemd/") else None
    activate = tuple(step for step in (reread, again if again.argv else None) if step)
    asked = [f"-{letter}" for letter in add]
    return Change(
        LOGIN, "dropbear", f"one line in {file}; {_KEEPS}", show(before), show(after),
        edits=(LineInFile(file, number, before, after),),
        checks=(RunEdit(("dropbear", *asked, "-V")),), activate=activate, cuts_access=True,
    )  # fmt: skip


def _by_hand(drop: str, add: str, state: Mapping[str, Any]) -> str:
    steps = [f"take -{drop} away"] if drop else []
    steps += [f"add -{add}"] if add else []
    refused = state["restart"]["refused"]
    return f"{' and '.join(steps).capitalize()} {state['by_hand']}, and restart dropbear{_because(refused)}."


def _restart_by_hand(state: Mapping[str, Any]) -> str:
    if not state["next_boot"]:
        return f"Find out who starts it, and change its options {state['by_hand']}."
    again = " ".join(state["restart"]["argv"]) or "restart it"
    return f"It runs with other options than the next boot gives it; while somebody is on site: {again}"


def _because(refused: str) -> str:
    return f" ({refused}, so we do not)" if refused else ""


def judge_sources(state: Mapping[str, Any], intent: Intent) -> Judgement:
    """dropbear asks everybody for a login; it has no list of addresses."""
    if intent.enforce_with != "web_server":
        why = "the packet filter limits access (ip_allowlist_enforce_with)"
        return Judgement(SOURCES, "dropbear", Status.NOT_APPLICABLE, why)
    why = f"dropbear has no list of addresses, and listens on {', '.join(state['listens']) or 'its port at boot'}"
    fix = "Let the packet filter limit access (ip_allowlist_enforce_with: packet_filter)."
    return Judgement(SOURCES, "dropbear", Status.GAP, why, fix=fix, evidence={"listens": state["listens"]})
