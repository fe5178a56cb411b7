# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 on sshd: nobody comes in who proves nothing, and root's password, which everybody guesses at, lets nobody in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from ..display import show
from ..model import Change, Json, Judgement, LineInFile, RunEdit, Status
from .sshd_config import CHECK, Line, Place, setting

CONTROL = "A1.ssh"

#: The keywords that decide who comes in, and the words with which nobody does for nothing.
WANTED = {
    "permitemptypasswords": "PermitEmptyPasswords no",
    "authenticationmethods": "AuthenticationMethods any",
    "permitrootlogin": "PermitRootLogin prohibit-password",
}

_OTHERS = ("passwordauthentication", "kbdinteractiveauthentication", "hostbasedauthentication", "usepam")
_OLD_NAMES = {"challengeresponseauthentication": _OTHERS[1], "skeyauthentication": _OTHERS[1]}

#: What a value that opens the door does.
_WHY = {
    ("permitemptypasswords", "yes"): "an account without a password lets everybody in",
    ("authenticationmethods", "none"): "nothing is asked of whoever names an account",
    ("permitrootlogin", "yes"): "root comes in with a password, which anybody may guess at",
    ("hostbasedauthentication", "yes"): "the visitor's machine vouches for him, and he proves nothing himself",
}

_BY_PASSWORD = re.compile(r"(password|keyboard-interactive)(:\S+)?")


class Matched(TypedDict):
    """A line of a Match block that decides who comes in. ``text`` is the line where we may edit it."""

    key: str
    value: str
    file: str
    number: int
    text: str


# --- reading --------------------------------------------------------------------------------------------------


def settings(effective: Mapping[str, Sequence[str]]) -> dict[str, Json]:
    """What sshd says that applies to everybody. It keeps silent about methods that nobody has set."""
    named = {_OLD_NAMES.get(key, key): values[0] for key, values in effective.items()}
    asked = (*WANTED, *_OTHERS)
    return {"authenticationmethods": "any", **{key: named[key] for key in asked if key in named}}


def matched(lines: Sequence[Line]) -> list[Matched]:
    """What Match blocks say about it."""
    return [
        Matched(key=key, value=_first(line.value), file=line.file, number=line.number, text=line.text)
        for line in lines
        for key in [_OLD_NAMES.get(line.key, line.key)]
        if line.match and key in (*WANTED, *_OTHERS)
    ]


def _first(value: str) -> str:
    return value.partition("#")[0].strip().strip('"').lower()


# --- judging --------------------------------------------------------------------------------------------------


def judge(state: Mapping[str, Any]) -> Iterator[Judgement]:
    """One judgement for each place that opens the door; the worst counts."""
    general: dict[str, str] = state["login"]
    blocks: list[Matched] = state["matched_login"]
    silent = [key for key in (*WANTED, *_OTHERS[:3]) if key not in general]
    if silent:
        yield Judgement(CONTROL, "sshd", Status.UNKNOWN, f"sshd -T says nothing about {', '.join(silent)}")
        return
    password = _takes_passwords(general, blocks)
    open_keys = [key for key in WANTED if _opens(key, general[key], password)]
    open_lines = [one for one in blocks if _opens(one["key"], one["value"], password)]
    evidence: dict[str, Json] = {**general, "listens": state["listens"]}
    yield from _general(state, open_keys, evidence)
    for one in open_lines:
        yield _in_block(one, RunEdit(tuple(state["reload"])), evidence)
    yield from _by_machine(general, blocks, evidence)
    if not open_keys and not open_lines:
        why = "a key or a password is asked of everybody, and root's password lets nobody in"
        yield Judgement(CONTROL, "sshd", Status.PASS, why, evidence=evidence)


def _opens(key: str, value: str, password: bool) -> bool:
    if key == "authenticationmethods":
        return "none" in value.split()
    return key in WANTED and (key, value) in _WHY and (key != "permitrootlogin" or password)


def _takes_passwords(general: Mapping[str, str], blocks: Sequence[Matched]) -> bool:
    """Whether a password alone can be enough for somebody."""
    methods = [
        general["authenticationmethods"],
        *(one["value"] for one in blocks if one["key"] == "authenticationmethods"),
    ]
    if not any(_password_is_enough(alternative) for value in methods for alternative in value.split()):
        return False
    asked = [general[key] for key in _OTHERS[:2]] + [one["value"] for one in blocks if one["key"] in _OTHERS[:2]]
    return "yes" in asked


def _password_is_enough(alternative: str) -> bool:
    return alternative in ("any", "none") or all(_BY_PASSWORD.fullmatch(method) for method in alternative.split(","))


def _general(state: Mapping[str, Any], keys: Sequence[str], evidence: Mapping[str, Json]) -> Iterator[Judgement]:
    """What applies to everybody: one change for each place where it must be written."""
    places: dict[str, Place] = state["places"]
    together: dict[tuple[str, int], list[str]] = {}
    for key in keys:
        together.setdefault((places[key]["file"], places[key]["number"]), []).append(key)
    for (file, number), here in together.items():
        before = [f"{WANTED[key].partition(' ')[0]} {state['login'][key]}" for key in here]
        after = [WANTED[key] for key in here]
        at = f"{file}:{number}: " if number else ""
        why = "; ".join(f"{at}{show(line)}: {_why(key)}" for key, line in zip(here, before, strict=True))
        change = setting(
            CONTROL, f"{', '.join(after)} in {file}", before, after, places[here[0]], state["ours"],
            RunEdit(tuple(state["reload"])), cuts_access=True,
        )  # fmt: skip
        yield Judgement(
            CONTROL, "sshd", Status.GAP, why, change.before, change.after, evidence=evidence, changes=(change,)
        )


def _in_block(one: Matched, reload: RunEdit, evidence: Mapping[str, Json]) -> Judgement:
    indent = re.match(r"\s*", one["text"])
    after = f"{indent[0] if indent else ''}{WANTED[one['key']]}"
    before, at = one["text"], f"{one['file']}:{one['number']}"
    change = Change(
        CONTROL, "sshd", f"one line of a Match block in {one['file']}", before, after,
        edits=(LineInFile(one["file"], one["number"], before, after),),
        checks=(CHECK,), activate=(reload,) if reload.argv else (), cuts_access=True,
    )  # fmt: skip
    why = f"{at}: {show(before.strip())}: {_why(one['key'])}, from whoever this Match block is about"
    return Judgement(CONTROL, "sshd", Status.GAP, why, before, after, evidence=evidence, changes=(change,))


def _why(key: str) -> str:
    return next(words for (name, _value), words in _WHY.items() if name == key)


def _by_machine(
    general: Mapping[str, str], blocks: Sequence[Matched], evidence: Mapping[str, Json]
) -> Iterator[Judgement]:
    key = "hostbasedauthentication"
    where = [f"{one['file']}:{one['number']}" for one in blocks if (one["key"], one["value"]) == (key, "yes")]
    if where or general[key] == "yes":
        why = f"{', '.join(where) or 'HostbasedAuthentication yes'}: {_why(key)}"
        fix = "Set HostbasedAuthentication no, unless each of these machines asks for a login of its own."
        yield Judgement(CONTROL, "sshd", Status.MANUAL, why, fix=fix, evidence=evidence)
