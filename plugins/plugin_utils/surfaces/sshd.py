# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenSSH's server: whom it lets in (A1), from where (A2), what it tells before login (B1).

Answers for every socket of sshd, and for those that systemd holds for it on its ports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, Status
from ..raw import Follow, Raw, Read, missing
from . import sshd_access, sshd_login, sshd_names, taken_over
from .nginx_config import matches
from .sockets import LISTENERS, Socket, sockets
from .sshd_config import FOLDER, MAIN, Line, config_lines, effective, in_our_file, place, reload

PROGRAMS = frozenset({"sshd", "sshd-session"})

_OFF = "no sshd listens, and none is started at boot"

_BANNER_LINE = r"(?i)^[ \t]*\"?banner[ \t=\"]+(/[^\s\"]+)"

_PIDFILE = r"^pidfile (/.+)$"

#: Settings that a file cannot tell, because the command line goes before it.
_GIVEN = re.compile(
    r"\s-\w*f\s*\S+|\s-\w*o\s*\"?(?:permit|auth|password|kbd|challenge|hostbased|usepam|allowusers)[a-z]*",
    re.IGNORECASE,
)


class Sshd(Surface):
    """OpenSSH's server."""

    name = "sshd"
    controls = (sshd_login.CONTROL, sshd_access.CONTROL, sshd_names.BANNER, sshd_names.VERSION)
    programs, hidden_at = PROGRAMS, frozenset({"tcp 22"})
    reads = (
        LISTENERS,
        Read("sshd.effective", command=("sshd", "-T")),
        # sshd -T keeps silent about DebianBanner; only a sshd with Debian's patch knows the word
        Read("sshd.debian", command=("sshd", "-t", "-o", sshd_names.WANTED["debianbanner"].replace(" ", "="))),
        Read("sshd.config", files=MAIN),
        Read("sshd.config_d", files=f"{FOLDER}/*.conf"),
        Read("sshd.banner", files="{}", follow=Follow("sshd.effective", r"^banner (/.+)$"), limit=1 << 16),
        Read("sshd.match_banner", files="{}", follow=Follow("sshd.config", _BANNER_LINE), limit=1 << 16),
        Read("sshd.match_banner_d", files="{}", follow=Follow("sshd.config_d", _BANNER_LINE), limit=1 << 16),
        Read("sshd.changed", command=(*taken_over.CHANGED, MAIN, f"{FOLDER}/*.conf")),
        # it is written at every start and every reload; a sshd that systemd starts for each visitor writes none
        Read("sshd.taken_over", command=("@stat", "%Y", "{}"), follow=Follow("sshd.effective", _PIDFILE)),
        Read("sshd.unit", command=("@units", "Id,ActiveState", "ssh.service", "sshd.service")),
        Read("sshd.enabled", files="/etc/systemd/system/*.wants/ssh*", limit=1 << 12),
        Read("sshd.linked", files="/etc/rc*.d/S*ssh", limit=1 << 12),
        Read("sshd.pid", files="{}", follow=Follow("sshd.effective", _PIDFILE), limit=1 << 12),
        # a listener's title holds its command line
        Read("sshd.title", files="/proc/{}/cmdline", follow=Follow("sshd.pid", r"^(\d+)$"), limit=1 << 12),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        outputs = list(raw.all("sshd.effective").values())
        if outputs and missing(outputs[0]):
            raise Absent("OpenSSH's server is not installed")
        if not raw.has("sshd.effective") and _is_off(raw):
            raise Absent(_OFF)  # one that rests may have no folder in /run, and then tells nothing
        settings = effective(raw.text("sshd.effective"))
        lines = list(config_lines(raw))
        banner = settings.get("banner", ["none"])[0]
        taken_over_at = taken_over.seconds(raw, "sshd.taken_over")
        listening = _listening(raw, settings)
        allow = [line.at for line in lines if line.match and line.key == "allowusers"]
        return {
            "listens": cast(Json, [f"{one.address} port {one.port}" for one in listening if one.exposed]),
            "speaks_of": cast(Json, sorted({str(one) for one in listening if one.exposed})),
            "unheard": _unheard(raw, listening),
            "unjudged": cast(Json, [*_unjudged(raw, listening, settings), *_unread(lines)]),
            "login": sshd_login.settings(settings),
            "matched_login": cast(Json, sshd_login.matched(lines)),
            "allow_users": cast(Json, [one for value in settings.get("allowusers", []) for one in value.split()]),
            "allow_users_matched": cast(Json, allow),
            "banner": banner,
            "texts": dict(sshd_names.banner_texts(raw, banner, lines)),
            "distribution": sshd_names.shows_distribution(raw, lines),
            "addendum": settings.get("versionaddendum", ["none"])[0],
            "places": cast(Json, {key: place(lines, key) for key in (*sshd_login.WANTED, *sshd_names.WANTED)}),
            "ours": cast(Json, in_our_file(lines)),
            "reload": cast(Json, list(reload(raw, settings, any(one.program == "systemd" for one in listening)))),
            "not_taken_over": cast(Json, taken_over.younger(raw.all("sshd.changed"), taken_over_at)),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        if state["unheard"]:
            for control in self.controls[:2]:
                yield Judgement(control, self.name, Status.NOT_APPLICABLE, state["unheard"])
        else:
            yield from sshd_login.judge(state)
            yield from sshd_access.judge(state, intent)
            yield from _not_judged(state, self.controls[:2])
        yield from sshd_names.judge(state, intent)
        yield from taken_over.judge(state, self.controls, self.name, state["reload"])


# --- what listens ---------------------------------------------------------------------------------------------


def _listening(raw: Raw, settings: Mapping[str, Sequence[str]]) -> list[Socket]:
    """The sockets of sshd. A container's programs, and those that systemd starts for each visitor, are told by port."""
    if not raw.has(LISTENERS.name):
        return []
    return [
        one
        for one in sockets(raw)
        if one.program in PROGRAMS or (one.program in ("systemd", "") and one.port in _ports(settings))
        if one.protocol == "tcp"
    ]


def _ports(settings: Mapping[str, Sequence[str]]) -> frozenset[int]:
    named = [*settings.get("port", []), *(one.rpartition(":")[2] for one in settings.get("listenaddress", []))]
    return frozenset(int(one) for one in named if one.isascii() and one.isdigit())


def _unheard(raw: Raw, listening: Sequence[Socket]) -> str:
    """The evidence that no other machine can log in here; "" when one can, or may."""
    if not raw.has(LISTENERS.name) or any(one.exposed for one in listening):
        return ""
    if listening:
        return f"sshd listens on {listening[0].address} only, which no other machine reaches"
    return "" if _is_enabled(raw) else _OFF


def _is_enabled(raw: Raw) -> bool:
    return any(not missing(out) for name in ("sshd.enabled", "sshd.linked") for out in raw.all(name).values())


def _is_off(raw: Raw) -> bool:
    """Whether nothing here can be a sshd, though its settings are not known."""
    if not raw.has(LISTENERS.name) or not raw.has("sshd.unit") or _is_enabled(raw):
        return False
    return not any(one.program in (*PROGRAMS, "", "systemd") for one in sockets(raw) if one.protocol == "tcp")


def _unjudged(raw: Raw, listening: Sequence[Socket], settings: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Why sshd -T is not the whole truth about who comes in."""
    if not raw.has(LISTENERS.name):
        yield "what listens could not be read"
    for one in listening:
        if one.exposed and one.port not in _ports(settings):
            where = f"{one.address} port {one.port}"
            yield f"a sshd on {where} is none that {MAIN} names, so it has a configuration of its own"
    for output in raw.all("sshd.title").values():
        given = _GIVEN.search(output.text.replace("\0", " "))
        if given:
            yield f"sshd was started with settings of its own ({show(given[0].strip(), 80)})"


def _unread(lines: Sequence[Line]) -> Iterator[str]:
    """Included files that were not read: a Match block in them may say anything."""
    for line in lines:
        for one in line.value.split() if line.key == "include" else ():
            path = one if one.startswith("/") else f"/etc/ssh/{one}"
            if line.file != MAIN or not (path == f"{FOLDER}/*.conf" or matches(path, f"{FOLDER}/*.conf")):
                yield f"{line.at} includes {show(one)}, which is not read"


def _not_judged(state: Mapping[str, Any], controls: Sequence[str]) -> Iterator[Judgement]:
    why = "; ".join(sorted(set(state["unjudged"]))[:3])
    for control in controls if why else ():
        fix = f"Look at it with sshd -T and the options it was started with, or keep one sshd with {MAIN}."
        yield Judgement(control, "sshd", Status.UNKNOWN, why, fix=fix)
