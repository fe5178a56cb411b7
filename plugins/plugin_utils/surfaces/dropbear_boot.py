# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the next boot starts dropbear: systemd's unit, an init script and its variables, or OpenWrt's configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypedDict

from ..model import Unreadable
from ..raw import Follow, Raw, Read, missing
from .daemon import unit
from .dropbear_config import VARIABLES, Source, Started, assigned, exec_start, expanded, options, takes, uci

_ASKED = "Id,LoadState,ActiveState,UnitFileState,KillMode,ExecStart,Environment,EnvironmentFiles,NeedDaemonReload"
_UNIT, _SCRIPT = "dropbear.service", "/etc/init.d/dropbear"
_INSTALLED = r"(?s)\A.*?^LoadState=(loaded)$"

READS = (
    Read("dropbear.unit", command=("@units", _ASKED, _UNIT)),
    Read("dropbear.unit_file", files=f"/etc/systemd/system/{_UNIT}", follow=Follow("dropbear.unit", _INSTALLED)),
    Read("dropbear.drop_in", files=f"/etc/systemd/system/{_UNIT}.d/*.conf", follow=Follow("dropbear.unit", _INSTALLED)),
    Read("dropbear.default", files="/etc/default/dropbear", limit=1 << 16),
    Read("dropbear.conf_d", files="/etc/conf.d/dropbear", limit=1 << 16),
    Read("dropbear.uci", files="/etc/config/dropbear", limit=1 << 16),
    Read("dropbear.script", files=_SCRIPT, limit=1 << 16),
    Read("dropbear.linked", files="/etc/rc*.d/S*dropbear", limit=1 << 16),
    Read("dropbear.linked_s", files="/etc/init.d/S*dropbear", limit=1 << 16),
    Read("dropbear.linked_level", files="/etc/runlevels/*/dropbear", limit=1 << 16),
)

_LINKS = ("dropbear.linked", "dropbear.linked_s", "dropbear.linked_level")
_FILES = ("dropbear.default", "dropbear.conf_d")


class Restart(TypedDict):
    """The command after which new settings count, and why it must not be ours to run."""

    argv: list[str]
    refused: str


def next_boot(raw: Raw) -> list[Started]:
    """What the next boot starts, or what a restart of the service that runs would."""
    told = _told(raw)
    if told.get("LoadState") == "masked":
        return []
    if told.get("LoadState") == "loaded":
        return [_by_unit(raw, told)] if _is_enabled(raw, told) or told.get("ActiveState") == "active" else []
    configured = [
        Started(where=where, options=options(words), source=None) for where, words in uci(raw.files("dropbear.uci"))
    ]
    if configured or not _is_linked(raw):
        return configured
    return [_by_script(raw)]


def _told(raw: Raw) -> dict[str, str]:
    """What systemd says; nothing where there is none."""
    for out in raw.all("dropbear.unit").values():
        if out.error and not missing(out):
            raise Unreadable(f"what systemd says of {_UNIT}: {out.error}")
    return unit(raw, "dropbear.unit")


def _is_enabled(raw: Raw, told: Mapping[str, str]) -> bool:
    state = told.get("UnitFileState")
    return _is_linked(raw) if state == "generated" else state not in ("disabled", "masked", "masked-runtime")


def _is_linked(raw: Raw) -> bool:
    return any(not missing(out) for name in _LINKS for out in raw.all(name).values())


def _variables(raw: Raw) -> dict[str, tuple[str, Source]]:
    return assigned({path: text for name in _FILES for path, text in raw.files(name).items()})


def _by_unit(raw: Raw, told: Mapping[str, str]) -> Started:
    if told.get("NeedDaemonReload") == "yes":
        raise Unreadable(f"the files of {_UNIT} have changed, and systemd has not read them: systemctl daemon-reload")
    command = re.search(r"argv\[\]=(.*?) ; ignore_errors=", told.get("ExecStart", ""))
    if command and command[1].startswith(_SCRIPT):
        return _by_script(raw)
    said = "\n".join(out.text for out in raw.all("dropbear.unit").values())
    others = set(re.findall(r"^EnvironmentFiles?=(\S+)", said, re.MULTILINE)) - {"/etc/default/dropbear"}
    if not command or others:
        raise Unreadable(f"how systemd starts {_UNIT} is not understood {' '.join(sorted(others))}".rstrip())
    variables = _variables(raw)
    given = dict(word.partition("=")[::2] for word in told.get("Environment", "").split())
    values = {**given, **{name: value for name, (value, _source) in variables.items()}}
    source = _source(raw, command[1], variables)
    where = f"{source['file']}:{source['number']}" if source and source["number"] else _UNIT
    return Started(where=where, options=options(expanded(command[1], values)), source=source)


def _source(raw: Raw, command: str, variables: Mapping[str, tuple[str, Source]]) -> Source | None:
    """The line to edit: that of the variable which the command takes, else a command in a file of the owner's."""
    for name in VARIABLES:
        if takes(command, name):
            on_top = Source(file="/etc/default/dropbear", number=0, text="", name=name)
            there = any(not missing(out) for out in raw.all("dropbear.default").values())
            return variables[name][1] if name in variables else on_top if there else None
    own = {path: text for name in ("unit_file", "drop_in") for path, text in raw.files(f"dropbear.{name}").items()}
    return exec_start(own)


def _by_script(raw: Raw) -> Started:
    variables = _variables(raw)
    name = next((one for one in VARIABLES if one in variables), "")
    value, source = variables.get(name, ("", None))
    port = variables.get("DROPBEAR_PORT", ("", None))[0]
    words = [*(["-p", port] if port else []), *value.split()]
    banner = variables.get("DROPBEAR_BANNER", ("", None))[0]
    words += ["-b", banner] if banner else []
    where = f"{source['file']}:{source['number']}" if source else _SCRIPT
    return Started(where=where, options=options(words), source=source)


def restart(raw: Raw, runs: bool) -> Restart:
    """It reads its options once. A restart leaves alone who is connected, if the service manager lets it."""
    told = _told(raw)
    if told.get("LoadState") == "loaded":
        argv = ["systemctl", "restart", _UNIT]
        if told.get("ActiveState") != "active":
            return Restart(argv=argv if runs else [], refused="it was not systemd that started it" if runs else "")
        keeps = told.get("KillMode") in ("process", "none")
        return Restart(argv=argv, refused="" if keeps else f"restarting {_UNIT} ends every session (KillMode)")
    script = any(not missing(out) for out in raw.all("dropbear.script").values())
    if not runs:
        return Restart(argv=[], refused="")
    refused = "" if script else "no service manager that we know starts it"
    return Restart(argv=[_SCRIPT, "restart"] if script else [], refused=refused)


def by_hand(raw: Raw) -> str:
    """Where a person writes an option."""
    if any(not missing(out) for out in raw.all("dropbear.uci").values()):
        return "with uci (RootPasswordAuth, PasswordAuth of dropbear), then uci commit dropbear"
    if any(not missing(out) for out in raw.all("dropbear.default").values()):
        return "in DROPBEAR_EXTRA_ARGS of /etc/default/dropbear"
    return "in the command that starts dropbear"
