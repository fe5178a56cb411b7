# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vsftpd: whom it serves without a login (A1), from where (A2), what its greeting names (B1).

Answers for every socket of vsftpd, and for TCP port 21 where vsftpd is configured and nobody else holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, Status, Unreadable
from ..raw import Follow, Raw, Read, missing
from . import daemon, hosts_access, taken_over, vsftpd_access, vsftpd_names, vsftpd_plain
from .sockets import LISTENERS, Socket, sockets
from .vsftpd_config import Instance, instance, is_on, value

PROGRAM, PORT = "vsftpd", 21

#: Who may hold the port for it: nobody we may look into, or a super-server that starts it for each visitor.
_HOLDERS = frozenset({"", "systemd", "inetd", "inetutils-inetd", "xinetd", "busybox"})

_ANY_SETTING = r"(?s)\A.*?(=)"  # once, for a file that says anything

_UNIT = "Id,ActiveState,CanReload,StateChangeTimestampMonotonic"

#: Told not to listen, it reads its files, says what is wrong with them on its standard input, and ends.
_CHECK = (
    'for file in /etc/vsftpd*.conf /etc/vsftpd/*.conf; do test -e "$file" &&'
    ' echo "$file: $(vsftpd "$file" -olisten=NO -olisten_ipv6=NO <&1)"; done; true'
)


def _once(name: str, *command: str, of: str = "config") -> Read:
    return Read(f"vsftpd.{name}", command=command, follow=Follow(f"vsftpd.{of}", _ANY_SETTING))


class Vsftpd(Surface):
    """The FTP server of Debian and most distributions."""

    name = "vsftpd"
    programs, hidden_at = frozenset({PROGRAM}), frozenset({f"tcp {PORT}"})
    controls = (vsftpd_access.LOGIN, vsftpd_plain.PLAIN, vsftpd_access.SOURCES, vsftpd_names.BANNER)
    reads = (
        LISTENERS,
        taken_over.BOOTED,
        Read("vsftpd.config", files="/etc/vsftpd*.conf"),
        Read("vsftpd.folder", files="/etc/vsftpd/*.conf"),
        Read("vsftpd.enabled", files="/etc/systemd/system/*.wants/vsftpd*", limit=1 << 16),
        daemon.processes("vsftpd.process", PROGRAM, Follow("vsftpd.config", _ANY_SETTING)),
        daemon.processes("vsftpd.process_d", PROGRAM, Follow("vsftpd.folder", _ANY_SETTING)),
        Read("vsftpd.arguments", files="/proc/{}/cmdline", follow=Follow("vsftpd.process", daemon.PID), limit=1 << 12),
        Read(
            "vsftpd.arguments_d",
            files="/proc/{}/cmdline",
            follow=Follow("vsftpd.process_d", daemon.PID),
            limit=1 << 12,
        ),
        Read("vsftpd.started", files="/proc/{}/stat", follow=Follow("vsftpd.process", daemon.PID), limit=1 << 12),
        Read("vsftpd.given", files="{}", follow=Follow("vsftpd.arguments", r"\0(/[^\0]+)")),
        _once("unit", "@units", _UNIT, "vsftpd.service"),
        _once("check", "sh", "-c", _CHECK),
        _once("changed", *taken_over.CHANGED, "/etc/vsftpd*.conf", "/etc/vsftpd/*.conf"),
        Read("vsftpd.banner", files="{}", follow=Follow("vsftpd.config", r"^banner_file=(/.+)$"), limit=1 << 16),
        Read("vsftpd.banner_d", files="{}", follow=Follow("vsftpd.folder", r"^banner_file=(/.+)$"), limit=1 << 16),
        Read("vsftpd.hosts", files="/etc/hosts.allow"),
        Read("vsftpd.hosts_deny", files="/etc/hosts.deny"),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        found = _instances(raw)
        heard = _heard(raw, found)
        _refuse_broken(raw, found)
        unit = _unit(raw)
        alone = any(is_on(one, name) for one in found for name in ("listen", "listen_ipv6"))
        since = max(taken_over.newest_start(raw, "vsftpd.started"), _reloaded(raw, unit))
        return {
            "listens": cast(Json, [f"{one.address} port {one.port}" for one in heard]),
            "speaks_of": cast(Json, sorted({str(one) for one in heard})),
            "instances": cast(Json, found),
            "banners": dict(vsftpd_names.banner_texts(raw, found)),
            "hosts_allow": _wrapped(raw, "vsftpd.hosts"),
            "hosts_deny": _wrapped(raw, "vsftpd.hosts_deny"),
            "reload": cast(Json, _reload(unit) if alone else []),
            "not_taken_over": cast(Json, taken_over.younger(raw.all("vsftpd.changed"), since)),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        yield from vsftpd_access.judge_login(state, intent)
        yield from vsftpd_plain.judge(state, intent)
        yield from vsftpd_access.judge_sources(state, intent)
        yield from vsftpd_names.judge(state, intent)
        yield from _elsewhere(state)
        yield from taken_over.judge(state, self.controls, self.name, state["reload"])


# --- which of them runs ---------------------------------------------------------------------------------------


def _instances(raw: Raw) -> list[Instance]:
    """One for each way in which a vsftpd that runs was started; else the one that a super-server would start."""
    files = {path: text for name in ("config", "folder", "given") for path, text in raw.files(f"vsftpd.{name}").items()}
    if not files:
        if any(one.program == PROGRAM for one in sockets(raw)):
            raise Unreadable("vsftpd listens, and its configuration is not where we look")
        raise Absent("vsftpd is not installed")
    started = {
        tuple(text.split("\0")[1:-1])
        for name in ("arguments", "arguments_d")
        for text in raw.files(f"vsftpd.{name}").values()
        if _is_plain(text)
    }
    if not started and "/etc/vsftpd.conf" not in files:
        raise Absent("no vsftpd runs, and /etc/vsftpd.conf does not exist")
    return [instance(arguments, files) for arguments in sorted(started or {()})]


def _is_plain(text: str) -> bool:
    """A command line as it was given. A process that has just ended has none."""
    if text and not re.match(r"/?[^\0 ]*vsftpd\0", text):
        raise Unreadable("a vsftpd hides its command line (setproctitle_enable), so its files are not known")
    return bool(text)


def _heard(raw: Raw, found: list[Instance]) -> list[Socket]:
    """The sockets that others reach; Absent where there is none, and none will be."""
    ports = {PORT, *(int(port) for one in found if (port := value(one, "listen_port")).isdigit())}
    ours = [
        one
        for one in sockets(raw)
        if one.protocol == "tcp" and (one.program == PROGRAM or (one.program in _HOLDERS and one.port in ports))
    ]
    exposed = [one for one in ours if one.exposed]
    if exposed:
        return exposed
    if ours:
        raise Absent(f"vsftpd listens on {ours[0].address} only, which no other machine reaches")
    if any(not missing(out) for out in raw.all("vsftpd.enabled").values()):
        raise Unreadable("vsftpd starts at the next boot, and listens nowhere now: start it, and run again")
    raise Absent("no vsftpd listens, and none is started at boot")


def _refuse_broken(raw: Raw, found: list[Instance]) -> None:
    """A file that vsftpd itself refuses is not what it serves."""
    said = "\n".join(out.error or out.text for out in raw.all("vsftpd.check").values())
    told = dict(line.partition(": ")[::2] for line in said.splitlines())
    for one in found:
        for file in one["files"]:
            if vsftpd_access.UNDERSTOOD not in told.get(file, ""):
                raise Unreadable(f"vsftpd does not take {file}: {told.get(file, 'it was not asked')[-200:]}")
        for name in (
            "anonymous_enable",
            "no_anon_password",
            "anon_upload_enable",
            "tcp_wrappers",
            *vsftpd_plain.DECIDING,
        ):
            is_on(one, name)


def _elsewhere(state: Mapping[str, Any]) -> Iterator[Judgement]:
    """tcp_wrappers may give some visitors another file (VSFTPD_LOAD_CONF), and anything may stand there."""
    given = [one for one in (*state["hosts_allow"], *state["hosts_deny"]) if "vsftpd_load_conf" in one.lower()]
    if given and any(is_on(one, "tcp_wrappers") for one in state["instances"]):
        why = f"tcp_wrappers gives some visitors another configuration, which is not read: {show(given[0], 120)}"
        fix = "Take VSFTPD_LOAD_CONF out of /etc/hosts.allow and /etc/hosts.deny, or look at that file yourself."
        for control in (vsftpd_access.LOGIN, vsftpd_plain.PLAIN, vsftpd_names.BANNER):
            yield Judgement(control, PROGRAM, Status.UNKNOWN, why, fix=fix)


# --- its service ----------------------------------------------------------------------------------------------


def _unit(raw: Raw) -> dict[str, str]:
    return dict(line.partition("=")[::2] for out in raw.all("vsftpd.unit").values() for line in out.text.splitlines())


def _wrapped(raw: Raw, name: str) -> Json:
    return [client for text in raw.files(name).values() for client in hosts_access.clients(text, PROGRAM)]


def _reload(unit: Mapping[str, str]) -> list[str]:
    """It reads its file again at SIGHUP, and serves whoever comes after that by it."""
    if unit.get("ActiveState") == "active":
        return ["systemctl", "reload" if unit.get("CanReload") == "yes" else "restart", unit["Id"]]
    return ["pkill", "-HUP", "-o", "-x", PROGRAM]


def _reloaded(raw: Raw, unit: Mapping[str, str]) -> float:
    """When systemd last started or reloaded it; 0 when that cannot be told."""
    since = unit.get("StateChangeTimestampMonotonic", "")
    booted = taken_over.seconds(raw, taken_over.BOOTED.name, r"btime (\d+)")
    told = booted and unit.get("ActiveState") == "active" and since.isascii() and since.isdigit()
    return booted + int(since) / 1_000_000 if told else 0.0
