# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on mosquitto: what a client without a login is told. The broker's version, its bridges' names, topics.

``sys_interval 0`` ends the broker's own topics ($SYS) for everybody. Measured on 2.0.11: it needs a restart, since the
version stays a retained message.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..disclosure import verdict
from ..display import show
from ..model import Change, Edit, FileEdit, Intent, Judgement, LineInFile, RunEdit, Status
from .mosquitto_access import Door, decided_elsewhere, open_doors
from .mosquitto_config import Bridge, Config, Line
from .ours import own_file

CONTROL = "B1.mqtt_names"

_OWN_FILE = "zz-iot-site-checklist.conf"
_WANTED = "sys_interval 0"


def state_of(config: Config, hostname: str, folder: str) -> dict[str, Any]:
    """What of the configuration is told to strangers."""
    interval = config.last.get("sys_interval")
    hints = [one.own["psk_hint"] for one in config.listeners if "psk_hint" in one.own]
    return {
        "sys_interval": _entry(interval) if interval else None,
        "own_file": posixpath.join(folder, _OWN_FILE) if folder else "",
        "bridges": [_told_of(bridge, hostname) for bridge in config.bridges if _is_told(bridge)],
        "hints": [_entry(hint) for hint in hints],
    }


def _entry(line: Line) -> dict[str, Any]:
    return {"file": line.file, "number": line.number, "text": line.text, "value": line.value}


def _is_told(bridge: Bridge) -> bool:
    notifies = bridge.own.get("notifications")
    return notifies is None or notifies.value not in ("false", "0")


def _told_of(bridge: Bridge, hostname: str) -> dict[str, str]:
    own = bridge.own
    named = own.get("notification_topic") or own.get("remote_clientid") or own.get("clientid")
    return {"at": bridge.at, "name": named.value if named else f"{bridge.name}.{hostname}"}


def judge(
    state: Mapping[str, Any], intent: Intent, checks: tuple[RunEdit, ...], restart: tuple[RunEdit, ...]
) -> Iterator[Judgement]:
    """The judgements on B1.mqtt_names; the worst of them counts."""
    yield from _hints(state, intent)
    doors = open_doors(state["doors"])
    unknown = [one for one in state["doors"] if decided_elsewhere(one)]
    for one in unknown:
        why = f"{one['at']}: whom {show(one['accounts'], 80)} serves without a login is not known, nor what they read"
        yield Judgement(CONTROL, "mosquitto", Status.MANUAL, why, fix="Settle A1.mqtt first.")
    if not doors and not unknown:
        yield Judgement(CONTROL, "mosquitto", Status.PASS, "nobody reads anything without a login")
    if not doors:
        return
    if _shows_system(doors):
        yield from _version(state, checks, restart)
        yield from _bridges(state, intent)
    why = "topics and retained messages are no setting; a client without a login sees them"
    fix = "Look at them (mosquitto_sub -v -t '#' -W 10), or serve nobody without a login (A1.mqtt)."
    yield Judgement(CONTROL, "mosquitto", Status.MANUAL, why, fix=fix)


def _shows_system(doors: Sequence[Door]) -> bool:
    """Whether the broker's own topics are among those that are shown: no wildcard at the front stands for them."""
    return any(one["topics"] is None or any(topic[:1] in "$%" for topic in one["topics"]) for one in doors)


def _hints(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    for hint in state["hints"]:
        told = verdict(hint["value"], intent.words, intent.label)
        if told.status is not Status.PASS:
            why = f"{hint['file']}:{hint['number']}: psk_hint is told before any proof, and {told.why}"
            fix = "Write the label there, and restart mosquitto: clients reconnect."
            yield Judgement(CONTROL, "mosquitto", told.status, why, show(hint["value"]), intent.label, fix)


def _bridges(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    for bridge in state["bridges"]:
        told = verdict(bridge["name"], intent.words, intent.label, "hostname")
        if told.status is not Status.PASS:
            why = f"{bridge['at']}: $SYS/broker/connection shows the bridge {show(bridge['name'])}: {told.why}"
            fix = "Set remote_clientid to the label for this bridge, or notifications false, and restart mosquitto."
            yield Judgement(CONTROL, "mosquitto", told.status, why, show(bridge["name"]), intent.label, fix)


def _version(
    state: Mapping[str, Any], checks: tuple[RunEdit, ...], restart: tuple[RunEdit, ...]
) -> Iterator[Judgement]:
    written = state["sys_interval"]
    if written and written["value"] == "0" and not state["older_than"]:
        return
    why = "$SYS/broker/version names the broker and its version"
    before = written["text"].strip() if written else "sys_interval 10"
    edits: tuple[Edit, ...]
    if written and written["value"] == "0":
        why += ", and is kept until a restart"
        fix = "Restart mosquitto: clients reconnect."
        yield Judgement(CONTROL, "mosquitto", Status.GAP, why, before, _WANTED, fix)
        return
    if written and written["file"] != state["own_file"]:
        edits = (LineInFile(written["file"], written["number"], written["text"], _WANTED),)
    elif state["own_file"]:
        edits = (FileEdit(state["own_file"], own_file("B1", "mosquitto", f"{_WANTED}\n")),)
    else:
        edits = (LineInFile(state["main"], 0, "", _WANTED),)
    summary = "the broker's own topics end for everybody, by a restart: clients reconnect"
    change = Change(CONTROL, "mosquitto", summary, before, _WANTED, edits=edits, checks=checks, activate=restart)
    yield Judgement(CONTROL, "mosquitto", Status.GAP, why, before, _WANTED, changes=(change,))
