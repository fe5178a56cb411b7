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

from ..model import Change, FileEdit, Json, RunEdit, Unreadable, digest
from ..raw import Raw, Read, missing
from . import filter_facts
from .filter_facts import led_on

_FAMILY, _NAME = "inet", "iot_site_checklist_fronts"
RULES_PATH = "/etc/iot_site_checklist/fronts.nft"
_UNIT = "iot-site-checklist-fronts.service"
_UNIT_PATH = f"/etc/systemd/system/{_UNIT}"
_UNIT_TEXT = f"""\
[Unit]
Description=Applications behind a login (IoT device checklist)
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
After=local-fs.target nftables.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {RULES_PATH}

[Install]
WantedBy=sysinit.target
"""
#: nftables.service flushes every table whenever it starts or reloads.
_FOLLOW_PATH = "/etc/systemd/system/nftables.service.d/iot_site_checklist_fronts.conf"
_FOLLOW_TEXT = f"""\
[Service]
ExecStartPost=-/usr/sbin/nft -f {RULES_PATH}
ExecReload=-/usr/sbin/nft -f {RULES_PATH}
"""
_REMOVAL = f"table {_FAMILY} {_NAME}\ndelete table {_FAMILY} {_NAME}\n"
_LOAD = ("nft", "-f", "-")

_TABLE = Read("fronts.table", command=("nft", "-s", "-j", "list", "table", _FAMILY, _NAME))
_WORDS = Read("fronts.words", command=("nft", "-s", "list", "table", _FAMILY, _NAME))
_INIT = Read("init", files="/proc/1/comm")
_BOOT = {
    "rules": Read("fronts.rules", files=RULES_PATH),
    "unit": Read("fronts.unit", files=_UNIT_PATH),
    "follow": Read("fronts.follow", files=_FOLLOW_PATH),
}
_WANTS = Read("fronts.wants", files=f"/etc/systemd/system/*.wants/{_UNIT}")
_OVERRIDES = Read("fronts.overrides", files=f"{_UNIT_PATH}.d/*.conf")

READS = (_TABLE, _WORDS, _INIT, *_BOOT.values(), _WANTS, _OVERRIDES, *filter_facts.READS)


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
    boot: dict[str, Json] = {name: digest("".join(raw.files(one.name).values())) for name, one in _BOOT.items()}
    boot["enabled"] = any("/sysinit.target.wants/" in path for path in raw.files(_WANTS.name))
    return {
        "nft": not any(missing(out) for out in raw.all(_TABLE.name).values()),
        "systemd": "".join(raw.files(_INIT.name).values()).strip() == "systemd",
        "overridden": bool(raw.files(_OVERRIDES.name)),
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
    boot = {"rules": _replacing(after), "unit": _UNIT_TEXT, "follow": _FOLLOW_TEXT}
    if loaded and state["boot"] == {**{name: digest(text) for name, text in boot.items()}, "enabled": True}:
        return None
    load = RunEdit(_LOAD, _replacing(after), undo=_LOAD, undo_stdin=_replacing(str(state["undo"])))
    return Change(
        control, surface,
        summary="keep them closed after a reboot" if loaded else "close the applications' own ports to others",
        before="" if loaded else now,
        after=f"# at boot: {_UNIT} loads {RULES_PATH}" if loaded else after,
        edits=() if loaded else (load,),
        checks=() if loaded else (RunEdit(("nft", "-c", "-f", "-"), _replacing(after)),),
        persist=(
            FileEdit(RULES_PATH, boot["rules"], 0o600),
            FileEdit(_UNIT_PATH, _UNIT_TEXT),
            FileEdit(_FOLLOW_PATH, _FOLLOW_TEXT),
            RunEdit(("systemctl", "daemon-reload")),
            RunEdit(("systemctl", "enable", "--now", _UNIT), undo=("systemctl", "disable", _UNIT)),
        ),
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
    if outputs and (missing(outputs[0]) or (outputs[0].rc and "No such file" in outputs[0].text)):
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
        return sorted(ports) if all(type(port) is int for port in ports) else []
    except (ValueError, TypeError, KeyError, AttributeError):
        return []
