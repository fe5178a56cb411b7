# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closes the ports of applications that have a login in front of them: to everybody but this machine itself.

A table of its own beside that of the allowlist: who is on the allowlist may not go around the login either, whichever
packet filter limits access. A drop in any table is final, and this one stands before the others.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from ..model import Change, Json, RunEdit, Unreadable
from ..raw import Raw, Read, missing
from . import filter_facts
from .filter_facts import led_on
from .nft_boot import FRONTS

_FAMILY, _NAME = "inet", "iot_site_checklist_fronts"
_REMOVAL = f"table {_FAMILY} {_NAME}\ndelete table {_FAMILY} {_NAME}\n"
_LOAD = ("nft", "-f", "-")

_LISTED = filter_facts.listed(_NAME)
_TABLE = Read("fronts.table", command=("nft", "-s", "-j", "list", "table", _FAMILY, _NAME), follow=_LISTED)
_WORDS = Read("fronts.words", command=("nft", "-s", "list", "table", _FAMILY, _NAME), follow=_LISTED)

READS = (_TABLE, _WORDS, *FRONTS.reads, *filter_facts.READS)


def closed(raw: Raw) -> frozenset[int]:
    """The TCP ports that only this machine itself reaches; none where anything about that is not known."""
    try:
        services, strange = led_on(raw)
        return frozenset() if strange else frozenset(_ports(raw)) - {each.port for each in services}
    except Unreadable:
        return frozenset()


def read(raw: Raw) -> dict[str, Json]:
    """What is closed, what leads around that, and whether it survives a reboot."""
    services, strange = led_on(raw)
    boot = FRONTS.found(raw)
    return {
        "nft": not filter_facts.is_missing(raw, filter_facts.RULESET.name),
        "undo": raw.text(_WORDS.name) if raw.has(_WORDS.name) else "",  # in nft's own words, whoever wrote it
        "closed": list[Json](_ports(raw)),
        "boot": boot,
        "led_on": list[Json](sorted({each.port for each in services if each.protocol == "tcp"})),
        "strange": list[Json](strange),
    }


def change(control: str, surface: str, state: Mapping[str, Any], ports: Collection[int]) -> Change | None:
    """What closes ``ports`` and keeps them closed; None when all of that is so. What is closed stays closed."""
    wanted = sorted({*ports, *state["closed"]})
    if not wanted:
        return None
    now, after = table(state["closed"]), table(wanted)
    loaded = now == after
    if loaded and FRONTS.lasts(state["boot"], _replacing(after)):
        return None
    load = RunEdit(_LOAD, _replacing(after), undo=_LOAD, undo_stdin=_replacing(str(state["undo"])))
    return Change(
        control, surface,
        summary="keep them closed after a reboot" if loaded else "close the applications' own ports to others",
        before="" if loaded else now,
        after=f"# at boot: {FRONTS.unit} loads {FRONTS.rules_path}" if loaded else after,
        edits=() if loaded else (load,),
        checks=() if loaded else (RunEdit(("nft", "-c", "-f", "-"), _replacing(after)),),
        persist=FRONTS.persist(_replacing(after)),
    )  # fmt: skip


def table(ports: Collection[int]) -> str:
    """In nft's language; "" for no port."""
    if not ports:
        return ""
    listed = ", ".join(map(str, sorted(ports)))
    return f"""\
table {_FAMILY} {_NAME} {{
\tchain input {{
\t\ttype filter hook input priority -150; policy accept;
\t\tiifname != "lo" tcp dport {{ {listed} }} drop
\t}}
}}
"""


def _replacing(text: str) -> str:
    return _REMOVAL + text


# --- what is loaded -----------------------------------------------------------------------------------------

_CHAIN = {"name": "input", "type": "filter", "hook": "input", "prio": -150, "policy": "accept"}
_NOT_US = {"match": {"op": "!=", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}
_DPORT = {"payload": {"protocol": "tcp", "field": "dport"}}


def _ports(raw: Raw) -> list[int]:
    """The ports that our table closes; none when it holds anything but what we write."""
    outputs = list(raw.all(_TABLE.name).values())
    if not outputs or missing(outputs[0]) or (outputs[0].rc and "No such file" in outputs[0].text):
        return []
    try:
        _info, table_, chain, rule = json.loads(raw.text(_TABLE.name))["nftables"]
        plain = set(table_["table"]) == {"family", "name", "handle"}
        chained = {key: chain["chain"].get(key) for key in _CHAIN} == _CHAIN
        not_us, match, verdict = rule["rule"]["expr"]
        right = match["match"]["right"]
        exact = match == {"match": {"op": "==", "left": _DPORT, "right": right}}
        ports = right["set"] if isinstance(right, dict) else [right]
        if not (plain and chained and exact and not_us == _NOT_US and verdict == {"drop": None}):
            return []
        numbers = all(isinstance(port, int) and not isinstance(port, bool) for port in ports)
        return sorted(ports) if numbers else []
    except (ValueError, TypeError, KeyError, AttributeError):
        return []
