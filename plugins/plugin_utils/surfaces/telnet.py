# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""telnet and the other logins in plain text, from super-servers, from systemd, or by themselves: A1, A2, B1.

What the kernel says is listening and what the configuration says must agree; what they do not explain is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..contract import Surface
from ..model import Absent, Intent, Json, Judgement, Unreadable
from ..raw import Follow, Raw, Read, missing
from . import hosts_access, plain_close, plain_units, super_servers
from .plain_logins import PORTS, SUPER_SERVERS, TELNETDS, Door, wrapped
from .sockets import LISTENERS, Socket, sockets

_UNITS = ("inetutils-inetd.service", "openbsd-inetd.service", "inetd.service", "xinetd.service")
_KINDS = {"inetd": ("inetutils-inetd", "inetd"), "xinetd": ("xinetd",)}
_TCPD = r"(?s)\A.*?(/tcpd\s)"


class Telnet(Surface):
    """Every door through which a login, or no login at all, travels in plain text."""

    name = "telnet"
    programs, hidden_at = TELNETDS, frozenset({"tcp 23"})
    controls = (plain_close.LOGIN, plain_close.SOURCES, plain_close.TEXT)
    reads = (
        LISTENERS,
        Read("plain.inetd", files="/etc/inetd.conf", limit=1 << 18),
        Read("plain.inetd_d", files="/etc/inetd.d/*", limit=1 << 18),
        Read("plain.inetd_hidden", files="/etc/inetd.d/.*", limit=1 << 18),
        Read("plain.xinetd", files="/etc/xinetd.conf", limit=1 << 18),
        Read("plain.xinetd_d", files="/etc/xinetd.d/*", limit=1 << 18),
        Read("plain.inetd_process", command=("pgrep", "-l", "-x", "inetutils-inetd|inetd|openbsd-inetd|xinetd")),
        Read("plain.inetd_unit", command=("@units", "Id,ActiveState,UnitFileState,CanReload", *_UNITS)),
        Read("plain.inetd_wants", files="/etc/systemd/system/*.wants/*inetd*", limit=1 << 12),
        Read("plain.inetd_linked", files="/etc/rc*.d/S*inetd*", limit=1 << 12),
        Read("plain.hosts", files="/etc/hosts.allow", follow=Follow("plain.inetd", _TCPD)),
        Read("plain.hosts_deny", files="/etc/hosts.deny", follow=Follow("plain.inetd", _TCPD)),
        *plain_units.READS,
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        for name in ("plain.sockets", "plain.inetd_unit"):
            _refuse_unanswered(raw, name)
        listed = [one for one in sockets(raw) if one.protocol == "tcp"]
        every = [*_configured(raw), *plain_units.by_socket(raw), *plain_units.by_itself(raw)]
        doors = [door for door in every if not _only_inside(door, listed)]
        unexplained = _unexplained(listed, every)
        if every and not doors and not unexplained:
            raise Absent(f"{every[0]['service']} listens on the machine's own address only")
        ours = [one for one in listed if one.exposed and (_is_of(one, doors) or _is_expected(one))]
        return {
            "doors": cast(Json, doors),
            "unexplained": cast(Json, unexplained),
            "listens": cast(Json, [f"{one.address} port {one.port}" for one in ours]),
            "speaks_of": cast(Json, sorted({str(one) for one in ours})),
            "reload": cast(Json, {kind: _reload(raw, kind) for kind in _KINDS}),
            "hosts": cast(Json, _wrapped(raw, doors)),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        yield from plain_close.judge_login(state, intent)
        yield from plain_close.judge_sources(state, intent)
        yield from plain_close.judge_text(state)


def _refuse_unanswered(raw: Raw, name: str) -> None:
    """Where systemd gives no answer, nobody knows what the next boot starts. Where there is none, that is an answer."""
    for out in raw.all(name).values():
        if out.error and not missing(out):
            raise Unreadable(f"what systemd starts could not be read: {out.error}")


# --- super-servers --------------------------------------------------------------------------------------------


def _configured(raw: Raw) -> list[Door]:
    """What inetd and xinetd start, as long as one of them runs or will."""
    found: list[Door] = []
    for kind, parse in (("inetd", super_servers.inetd), ("xinetd", super_servers.xinetd)):
        if not _rests(raw, kind):
            names = (f"plain.{kind}{part}" for part in ("", "_d", "_hidden"))
            texts = {path: text for name in names for path, text in raw.files(name).items()}
            found += parse(texts)
    return found


def _rests(raw: Raw, kind: str) -> bool:
    """Whether systemd is there to say that none of this kind runs, and nothing starts one at the next boot."""
    units = [told for told in plain_units.blocks(raw, "plain.inetd_unit") if _is_kind(told["Id"][0], kind)]
    linked = [
        path
        for name in ("plain.inetd_wants", "plain.inetd_linked")
        for path, out in raw.all(name).items()
        if not missing(out) and _is_kind(path.rpartition("/")[2], kind)
    ]
    on = any(plain_units.is_on(plain_units.state_of(told)) for told in units)
    held = any(one.program in (*_KINDS[kind], "busybox") for one in sockets(raw))
    return bool(units) and not (linked or on or held or _processes(raw, kind))


def _is_kind(name: str, kind: str) -> bool:
    return ("xinetd" in name) == (kind == "xinetd")


def _processes(raw: Raw, kind: str) -> list[str]:
    lines = [
        line.split() for out in raw.all("plain.inetd_process").values() if not out.rc for line in out.text.splitlines()
    ]
    return [words[1] for words in lines if len(words) == 2 and _is_kind(words[1], kind)]


def _reload(raw: Raw, kind: str) -> list[str]:
    """SIGHUP: it reads its files again, closes what they no longer name, and leaves alone who is connected."""
    for told in plain_units.blocks(raw, "plain.inetd_unit"):
        if _is_kind(told["Id"][0], kind) and told.get("ActiveState") == ["active"] and told.get("CanReload") == ["yes"]:
            return ["systemctl", "reload", told["Id"][0]]
    running = _processes(raw, kind)
    return ["pkill", "-HUP", "-o", "-x", running[0]] if running else []


def _wrapped(raw: Raw, doors: Iterable[Door]) -> dict[str, dict[str, list[str]]]:
    daemons = {daemon for door in doors if (daemon := wrapped(door))}
    texts = {"allow": raw.files("plain.hosts"), "deny": raw.files("plain.hosts_deny")}
    return {
        name: {
            daemon: [one for text in files.values() for one in hosts_access.clients(text, daemon)]
            for daemon in sorted(daemons)
        }
        for name, files in texts.items()
    }


# --- what the kernel says -------------------------------------------------------------------------------------


def _only_inside(door: Door, listed: Iterable[Socket]) -> bool:
    """Whether it is served, and to the machine itself alone."""
    heard = [one for one in listed if one.port == door["port"]]
    return bool(heard) and not any(one.exposed for one in heard)


def _is_of(one: Socket, doors: Iterable[Door]) -> bool:
    holds = one.program in (*SUPER_SERVERS, *TELNETDS, "")
    return holds and any(one.port == door["port"] for door in doors)


def _unexplained(listed: Iterable[Socket], doors: Iterable[Door]) -> list[str]:
    """Sockets at which a plain login is to be expected, and of which no configuration speaks."""
    ports = {door["port"] for door in doors}
    return sorted(
        {
            f"{one.program or 'a program that we may not look into'} listens on TCP port {one.port}"
            for one in listed
            if one.exposed and one.port not in ports and _is_expected(one)
        }
    )


def _is_expected(one: Socket) -> bool:
    return (
        one.program in TELNETDS or str(one) == "tcp 23 (kernel)" or (one.port in PORTS and one.program in SUPER_SERVERS)
    )
