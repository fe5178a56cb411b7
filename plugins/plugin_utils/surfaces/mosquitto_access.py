# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is served by mosquitto without a login (A1), listener by listener, and from where (A2).

Measured on 2.0.11: without ``allow_anonymous true`` nobody is served who has no account, not even where there are none;
with it, only a certificate or a key that the listener asks for proves somebody. A reload takes it over and ends the
connections of clients without a login; what a listener asks of TLS is taken over by a restart only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypedDict

from ..display import show
from ..model import Change, Consent, Intent, Json, Judgement, LineInFile, RunEdit, Status
from . import user_file
from .mosquitto_config import Line, Listener, is_on

LOGIN, SOURCES = "A1.mqtt", "A2.service"

#: The broker's own plugin leaves clients without a user name to allow_anonymous; another may let in whom it likes.
_OWN_PLUGIN = "mosquitto_dynamic_security.so"


class Door(TypedDict):
    """One listener that others reach."""

    at: str
    listens: list[str]
    anonymous: bool  # clients without a user name are served
    line: dict[str, Any] | None  # the line that says so: file, number, text
    proof: str  # what TLS asks for before MQTT begins: a certificate or a key
    accounts: str  # the password file, or the plugin that knows the accounts
    plugin: bool
    topics: list[str] | None  # what clients without a login reach; None: everything
    pages: str  # the line that serves files of a folder to browsers


def door(listener: Listener, listens: list[str], lists: Mapping[str, str], modern: bool) -> Door:
    said = listener.security
    allow = said.get("allow_anonymous")
    accounts = said.get("password_file") or said.get("plugin") or said.get("auth_plugin")
    pages = listener.own.get("http_dir")
    return Door(
        at=listener.at,
        listens=listens,
        anonymous=is_on(allow) if allow else listener.open or not (modern or accounts),
        line=_place(allow),
        proof=_proof(listener),
        accounts=accounts.value if accounts else "",
        plugin=bool(accounts and accounts.word != "password_file"),
        topics=_topics(listener, lists),
        pages=pages.at if pages else "",
    )


def _topics(listener: Listener, lists: Mapping[str, str]) -> list[str] | None:
    """Without accounts nobody proves a name, so that a stranger may take any."""
    said = listener.security
    access = said.get("acl_file")
    if access is None or access.value not in lists or "plugin" in said or "auth_plugin" in said:
        return None
    return anonymous_topics(lists[access.value], any_name="password_file" not in said)


def _place(allow: Line | None) -> dict[str, Any] | None:
    return {"file": allow.file, "number": allow.number, "text": allow.text} if allow else None


def _proof(listener: Listener) -> str:
    if is_on(listener.own.get("require_certificate")) and {"certfile", "keyfile"} <= listener.own.keys():
        return "a certificate"  # without its own it speaks no TLS, and asks for none
    return "a key" if "psk_hint" in listener.own and "psk_file" in listener.security else ""


def anonymous_topics(text: str, any_name: bool = False) -> list[str]:
    """What an access list gives to clients without a user name: lines before the first user, and patterns.

    ``any_name``: to those who call themselves somebody, too.
    """
    found, user = [], False
    for line in text.splitlines():
        word, _space, rest = line.strip().partition(" ")
        user = user or (word == "user" and not any_name)
        if word == "pattern" or (word == "topic" and not user):
            access, _space, topic = rest.strip().partition(" ")
            if access != "deny":
                found.append(topic.strip() if access in ("read", "write", "readwrite") and topic else rest.strip())
    return found


def is_open(one: Door) -> bool:
    """Whether somebody is served who proves nothing."""
    return one["anonymous"] and not one["proof"] and one["topics"] != []


def decided_elsewhere(one: Door) -> bool:
    """Whether a plugin alone knows who is served."""
    return one["plugin"] and not one["proof"] and not is_open(one) and not one["accounts"].endswith(f"/{_OWN_PLUGIN}")


# --- A1 -----------------------------------------------------------------------------------------------------


def judge_login(
    state: Mapping[str, Any], intent: Intent, checks: tuple[RunEdit, ...], activate: tuple[RunEdit, ...]
) -> Iterator[Judgement]:
    """The judgements on A1.mqtt; the worst of them counts."""
    doors: list[Door] = state["doors"]
    evidence: dict[str, Json] = {"listens": [where for one in doors for where in one["listens"]]}
    found = list(_found(state, doors, intent, checks, activate, evidence))
    yield from found
    if not found:
        why = "every listener serves only clients that prove who they are"
        yield Judgement(LOGIN, "mosquitto", Status.PASS, why, evidence=evidence)


def _found(
    state: Mapping[str, Any], doors: list[Door], intent: Intent, checks: tuple[RunEdit, ...],
    activate: tuple[RunEdit, ...], evidence: Mapping[str, Json],
) -> Iterator[Judgement]:  # fmt: skip
    for one in doors:
        if is_open(one):
            yield _opened(state, one, intent, checks, activate, evidence)
        if decided_elsewhere(one):
            why = f"{one['at']}: {show(one['accounts'], 80)} decides who is served, by rules that no file here tells"
            fix = "Try it without a login from another machine (mosquitto_sub -v -t '#' -W 10), and ask its maker."
            yield Judgement(LOGIN, "mosquitto", Status.MANUAL, why, fix=fix, evidence=evidence)
        if one["pages"]:
            why = f"{one['pages']}: http_dir shows files of a folder to every browser"
            fix = f"Delete {one['pages']}, or serve these files with a web server that asks for a login."
            yield Judgement(LOGIN, "mosquitto", Status.GAP, why, fix=fix, evidence=evidence)
        if one["proof"] and one["anonymous"] and state["older_than"]:
            why = f"{one['at']}: whether it asks for {one['proof']} already is not known since {_changed(state)}"
            fix = "Restart mosquitto: a reload leaves what TLS asks for as it was."
            yield Judgement(LOGIN, "mosquitto", Status.UNKNOWN, why, fix=fix, evidence=evidence)


def _changed(state: Mapping[str, Any]) -> str:
    return f"{show(state['older_than'][0])} was changed"


def _opened(
    state: Mapping[str, Any], one: Door, intent: Intent, checks: tuple[RunEdit, ...], activate: tuple[RunEdit, ...],
    evidence: Mapping[str, Json],
) -> Judgement:  # fmt: skip
    line = one["line"]
    where = f"{line['file']}:{line['number']}" if line else one["at"]
    reach = f"topics {', '.join(show(topic, 60) for topic in one['topics'][:5])}" if one["topics"] else "every topic"
    why = f"{where}: clients without a login reach {reach} on {', '.join(one['listens'])}"
    before, after = (line["text"].strip() if line else ""), "allow_anonymous false"
    if fix := _accounts_missing(state, one):
        return Judgement(LOGIN, "mosquitto", Status.GAP, why, before, after, fix, evidence)
    if line is None or not _PLAIN.fullmatch(line["text"]):
        fix = f"Write allow_anonymous false for {one['at']}, and reload mosquitto."
        return Judgement(LOGIN, "mosquitto", Status.GAP, why, before, after, fix, evidence)
    if Consent.ANONYMOUS_CLIENTS not in intent.consent:
        fix = (
            "Give every client an account; when none comes in without one any more, set "
            "login_required_refuse_anonymous: true for this host, or write allow_anonymous false yourself."
        )
        return Judgement(LOGIN, "mosquitto", Status.MANUAL, why, before, after, fix, evidence)
    edit = LineInFile(line["file"], line["number"], line["text"], after)
    summary = f"one line in {edit.path}; clients without a login are sent away from then on"
    if not one["plugin"]:
        checks = (*user_file.checks(one["accounts"], state["account"], ""), *checks)
    change = Change(LOGIN, "mosquitto", summary, before, after, edits=(edit,), checks=checks, activate=activate)
    return Judgement(LOGIN, "mosquitto", Status.GAP, why, before, after, evidence=evidence, changes=(change,))


_PLAIN = re.compile(r" *allow_anonymous +(?:true|1) *")


def _accounts_missing(state: Mapping[str, Any], one: Door) -> str:
    """Closing a broker without accounts would send everybody away, for good: what to do first, or ""."""
    if one["plugin"] or state["password_files"].get(one["accounts"], 0) > 0:
        return ""
    return (
        "Make accounts on the device (mosquitto_passwd -c /etc/mosquitto/passwd NAME), name that file with "
        "password_file, give every client its account, and run again."
    )


# --- A2 -----------------------------------------------------------------------------------------------------


def judge_sources(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """A2.service: the broker has no list of addresses."""
    if intent.enforce_with != "web_server":
        why = "the packet filter limits access (ip_allowlist_enforce_with)"
        yield Judgement(SOURCES, "mosquitto", Status.NOT_APPLICABLE, why)
        return
    where = ", ".join(place for one in state["doors"] for place in one["listens"])
    why = f"mosquitto itself limits no addresses, and listens on {where}"
    fix = "Limit them in the packet filter or in /etc/hosts.allow, or bind the listener to 127.0.0.1."
    yield Judgement(SOURCES, "mosquitto", Status.MANUAL, why, fix=fix)


def open_doors(doors: Collection[Door]) -> list[Door]:
    return [one for one in doors if is_open(one)]
