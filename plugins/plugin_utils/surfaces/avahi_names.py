# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on multicast DNS: the host's name, what it tells of its system, and every service with its texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..disclosure import TextVerdict, disclosures, verdict
from ..display import show
from ..model import Change, Edit, Intent, Json, Judgement, LineInFile, RunEdit, Status
from . import neutral_name
from .avahi_config import CONF, SECTIONS, Setting, Told, is_yes, named

CONTROL, AVAHI = "B1.mdns_names", "avahi-daemon"

#: {setting: how it is heard, what it tells}
_OPTIONS = {
    "publish-hinfo": ("system", "the processor and the operating system"),
    "publish-workstation": ("_workstation._tcp", "the host with its hardware address, whose first half is the maker's"),
}

#: A service type is a protocol, and often a device class too; what it must not be is somebody's name.
_TELLING_TYPES = frozenset({"own", "site", "prefecture", "municipality", "area", "address", "vendor", "model"})

_ELSEWHERE = (
    "It stands in no file of avahi: restart avahi-daemon, or find the program that announces it and change it there. "
    f"Where nobody needs it, set disable-user-service-publishing=yes in {CONF} and restart avahi-daemon."
)


def judge(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """One judgement for everything that tells something; a pass only where something was heard, or nothing can be."""
    found = [*(_written(state, intent) if AVAHI in state["holders"] else ()), *_heard(state, intent)]
    yield from found
    if not state["heard"]:
        yield _silent(state)
    elif not found:
        announced: list[Json] = [
            f"{kind} {show(name, 80)} {show(text, 80)}".strip() for kind, name, text in state["heard"]
        ]
        why = "what this machine announces names nothing"
        yield Judgement(CONTROL, "avahi", Status.PASS, why, evidence={"announced": announced})


def _silent(state: Mapping[str, Any]) -> Judgement:
    """The packet filter may keep our own question away, and not what avahi announces unasked."""
    said = {name: is_yes(each["value"]) for name, each in state["settings"].items() if each["value"] is not None}
    if state["holders"] == [AVAHI] and said.get("disable-publishing"):
        return Judgement(
            CONTROL, "avahi", Status.PASS, f"avahi-daemon announces nothing (disable-publishing in {CONF})"
        )
    if state["holders"] == [AVAHI] and (
        said.get("disable-user-service-publishing") or not said.get("enable-dbus", True)
    ):
        return Judgement(CONTROL, "avahi", Status.PASS, "avahi-daemon announces nothing but its files")
    who = ", ".join(map(show, state["holders"]))
    why = f"{who} on UDP port 5353 did not answer this machine itself ({state['silence']})"
    fix = (
        "A packet filter may keep the question away, and not what is announced unasked. Where no other program "
        f"announces something through avahi, set disable-user-service-publishing=yes in {CONF}, restart it, run again."
    )
    return Judgement(CONTROL, "avahi", Status.UNKNOWN, why, fix=fix)


# --- what stands in avahi's files -----------------------------------------------------------------------------


def _written(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    yield from _host(state, intent)
    for option, (heard_as, tells) in _OPTIONS.items():
        setting = state["settings"].get(option)
        value = setting["value"] if setting else None
        if is_yes(value) or (value is None and any(heard_as in one for one in state["heard"])):
            why = f"{CONF}{_number(setting)}: {option} tells {tells}"
            yield _closed(state, option, "no", why, f"{option}={value or 'yes'}")
    for path, texts in state["services"].items():
        for told in texts:
            yield from _service(path, told, state, intent)


def _host(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    name, setting = state["host"], state["settings"].get("host-name")
    told = neutral_name.told(name, intent)
    from_where = f"{CONF}:{setting['number']}" if setting and setting["value"] else "the host's own name"
    why = f"the name {show(name)}.local is announced ({from_where}): {told.why}"
    if told.status is Status.GAP:
        yield _closed(state, "host-name", neutral_name.wanted(intent), why, show(name))
    elif told.status is not Status.PASS:
        fix = f"Set host-name in {CONF} and restart avahi-daemon, if the name tells a place or a device."
        yield Judgement(CONTROL, "avahi", told.status, why, show(name), neutral_name.wanted(intent), fix)


def _closed(state: Mapping[str, Any], option: str, value: str, why: str, before: str) -> Judgement:
    """avahi reads its configuration at its start only."""
    after = f"{option}={value}"
    restart = (RunEdit(tuple(state["restart"])),)
    edits = _edits(state["settings"].get(option), SECTIONS[option], after)
    change = Change(CONTROL, "avahi", f"{after} in {CONF}", before, after, edits, activate=restart)
    return Judgement(CONTROL, "avahi", Status.GAP, why, before, after, changes=(change,))


def _edits(setting: Setting | None, section: str, after: str) -> tuple[Edit, ...]:
    """In the place of the old line or of the comment that shows it; else above everything. A section may come twice."""
    if setting:
        return (LineInFile(CONF, setting["number"], setting["line"], after),)
    return (LineInFile(CONF, 0, "", after), LineInFile(CONF, 0, "", f"[{section}]"))


def _number(setting: Setting | None) -> str:
    return f":{setting['number']}" if setting else ""


def _service(path: str, told: Told, state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    said = (
        _of_text(told["text"], intent) if told["kind"] == "txt-record" else neutral_name.told(told["text"], intent, "")
    )
    if said.status is Status.PASS or (told["kind"] == "subtype" and said.status is not Status.GAP):
        return
    why = f"{show(path)}:{told['number']}: the {told['kind']} {show(told['text'], 80)}: {said.why}"
    before = show(told["text"])
    if said.status is Status.GAP and told["kind"] == "name" and told["line"]:
        name = intent.label or neutral_name.NEUTRAL
        after = named(told, name)
        edit = LineInFile(path, told["number"], told["line"], after)
        change = Change(
            CONTROL, "avahi", f"the service is called {name} in {show(path)}", show(told["line"]), after,
            edits=(edit,), activate=(RunEdit(tuple(state["reload"])),),
        )  # fmt: skip
        yield Judgement(CONTROL, "avahi", Status.GAP, why, before, name, changes=(change,))
        return
    fix = f"Change it in {show(path)} if it names a place or a device; whoever uses the service may read it there."
    yield Judgement(CONTROL, "avahi", said.status, why, before, fix=fix)


def _of_text(text: str, intent: Intent) -> TextVerdict:
    """The key of ``key=value`` belongs to the protocol, the value to its owner."""
    whole, value = (
        verdict(text, intent.words, intent.label),
        verdict(text.partition("=")[2], intent.words, intent.label),
    )
    return whole if whole.status is Status.GAP else value


# --- what was heard -------------------------------------------------------------------------------------------


def _heard(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """What no file explains."""
    written = {("host", state["host"].casefold())} if AVAHI in state["holders"] else set()
    for texts in state["services"].values():
        written |= {("text" if told["kind"] == "txt-record" else "service", told["text"].casefold()) for told in texts}
    seen = set()
    for kind, name, text in state["heard"]:
        shown = text if kind == "text" else name
        if kind == "host":
            shown = shown.removesuffix(".local")
        key = (kind, re.sub(r"(?:-| #)[0-9]{1,3}\Z", "", shown).casefold())
        if key in seen or key in written or (kind, shown.casefold()) in written or _is_option(kind, text, state):
            continue
        seen.add(key)
        told = _said(kind, shown, text, intent)
        if told.status is not Status.PASS:
            why = f"the {kind} {show(shown, 120)} is announced: {told.why}"
            yield Judgement(CONTROL, "avahi", told.status, why, show(shown), fix=_ELSEWHERE)


def _is_option(kind: str, text: str, state: Mapping[str, Any]) -> bool:
    """Closed above by a setting of avahi's. One that is off already is heard only until avahi is restarted."""
    for option, (heard_as, _tells) in _OPTIONS.items():
        if AVAHI in state["holders"] and heard_as in (kind, text):
            setting = state["settings"].get(option)
            return setting is None or setting["value"] is None or is_yes(setting["value"])
    return False


def _said(kind: str, shown: str, text: str, intent: Intent) -> TextVerdict:
    for heard_as, tells in _OPTIONS.values():
        if heard_as in (kind, text):
            return TextVerdict(Status.GAP, f"tells {tells}")
    if kind == "type":
        found = [one.match for one in disclosures(shown, intent.words) if one.kind in _TELLING_TYPES]
        return TextVerdict(Status.GAP if found else Status.PASS, f"names {', '.join(map(show, found))}")
    if kind == "text":
        return _of_text(shown, intent)
    return neutral_name.told(shown, intent, "hostname" if kind == "host" else "")
