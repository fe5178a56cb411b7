# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""net-snmp's agent: whom it answers (A1), from where (A2), what it tells those who prove nothing (B1).

Answers for every socket of a program called snmpd, and for UDP port 161 whoever holds it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, RunEdit, Unreadable
from ..raw import Follow, Output, Raw, Read
from . import daemon, snmpd_access, snmpd_names, taken_over
from .snmpd_config import Line, lines
from .sockets import LISTENERS, Socket, sockets

PROGRAM, PORT = "snmpd", 161

_OWN_FILE = "zz-iot-site-checklist.conf"

#: Once for a file that says anything: where there is no such file, nothing more is asked.
_INSTALLED = Follow("snmpd.config", r"\A(?:.|\n)*?^[ \t]*([A-Za-z])")

_FOLDER = r"(?i)^[ \t]*includeDir[ \t]+(/[^\s#]*[^\s#/])/?"
_FILE = r"(?i)^[ \t]*includeFile[ \t]+(/[^\s#]+)"
_GIVEN = r"\0-[fdqrsUvVaAX]*C?c\0?(/[^\0,]+)"

#: The agent has no check mode, but says which lines it does not understand when it lists the words it knows. It then
#: opens no socket; without its directory it also writes nothing and sees no key.
_UNDERSTOOD = "SNMP_PERSISTENT_DIR=/dev/null/none snmpd -H 2>&1 | sed -n 's/^\\(.*: line [0-9]*\\): Error.*/\\1/p'"
_CHECK = RunEdit(("sh", "-c", f'test -z "$({_UNDERSTOOD})"'))

#: What accounts hold of keys stays on the device.
_KEPT = "^[[:space:]]*(psys(name|location|contact)|vacm|r[ow](community|user)|com2sec|auth|group|access|setaccess)"

_LOOPBACK = re.compile(r"(?:(?:udp|tcp)6?:)?\[?(?:127\.|::1\b|localhost\b)|unix:|/")


class Snmpd(Surface):
    """The agent of the machine itself."""

    name = "snmpd"
    controls = ("A1.snmp", "A2.service", "B1.snmp_names")
    programs, hidden_at = frozenset({PROGRAM}), frozenset({f"udp {PORT}"})
    reads = (
        LISTENERS,
        taken_over.BOOTED,
        Read("snmpd.config", files="/etc/snmp/snmpd*.conf", secret=True),
        Read("snmpd.shared", files="/usr/share/snmp/snmpd*.conf", secret=True),
        Read("snmpd.general", files="/etc/snmp/snmp.*conf", secret=True),
        Read("snmpd.folder", files="{}/*.conf", follow=Follow("snmpd.config", _FOLDER), secret=True),
        Read("snmpd.file", files="{}", follow=Follow("snmpd.config", _FILE), secret=True),
        Read("snmpd.file_d", files="{}", follow=Follow("snmpd.folder", _FILE), secret=True),
        Read("snmpd.enabled", files="/etc/systemd/system/*.wants/snmpd.service", limit=1 << 16),
        Read("snmpd.hostname", files="/proc/sys/kernel/hostname", limit=1 << 12),
        daemon.processes("snmpd.process", PROGRAM, _INSTALLED),
        Read("snmpd.arguments", files="/proc/{}/cmdline", follow=Follow("snmpd.process", daemon.PID), limit=1 << 12),
        Read("snmpd.started", files="/proc/{}/stat", follow=Follow("snmpd.process", daemon.PID), limit=1 << 12),
        Read("snmpd.given", files="{}", follow=Follow("snmpd.arguments", _GIVEN), secret=True),
        Read("snmpd.unit", command=("@units", daemon.ASKED, "snmpd.service"), follow=_INSTALLED),
        Read("snmpd.errors", command=("sh", "-c", _UNDERSTOOD), follow=_INSTALLED),
        Read("snmpd.kept", command=("grep", "-inE", _KEPT, "/var/lib/snmp/snmpd.conf"), follow=_INSTALLED, secret=True),
        Read(
            "snmpd.changed",
            command=(*taken_over.CHANGED, "/etc/snmp/*.conf", "/etc/snmp/*/*.conf"),
            follow=_INSTALLED,
        ),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        files = _files(raw)
        listens = cast(Json, [f"{one.protocol} {one.address} port {one.port}" for one in _heard(raw, files)])
        folders = _folders(files)
        found = _written(raw, files)
        kept = list(_kept(raw))
        _refuse(raw, found)
        unit = daemon.unit(raw, "snmpd.unit")
        started, reloaded = daemon.since(raw, unit, "snmpd.started")
        return {
            "listens": listens,
            "grants": cast(Json, snmpd_access.grants([*found, *kept])),
            "names": cast(Json, snmpd_names.names(found, _odd(raw))),
            "views": cast(Json, snmpd_names.views(found)),
            "extras": cast(Json, snmpd_names.extras(found)),
            "set_over_snmp": _set_over_snmp(found, kept),
            "hostname": raw.text("snmpd.hostname").strip(),
            "own_file": next((posixpath.join(folder, _OWN_FILE) for folder in sorted(folders)), ""),
            "reload": cast(Json, daemon.again(unit, PROGRAM)),
            "older_than": cast(Json, taken_over.younger(raw.all("snmpd.changed"), started)),
            "not_taken_over": cast(Json, taken_over.younger(raw.all("snmpd.changed"), reloaded)),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        checks, activate = (_CHECK,), (RunEdit(tuple(state["reload"])),)
        yield from snmpd_access.judge_login(state, intent, checks, activate)
        yield from snmpd_access.judge_sources(state, intent)
        yield from snmpd_names.judge(state, intent, checks, activate)
        yield from taken_over.judge(state, self.controls, self.name, state["reload"])


# --- is it there --------------------------------------------------------------------------------------------


def _heard(raw: Raw, files: Mapping[str, str]) -> list[Socket]:
    """The sockets of the agent that others reach. Absent where there is none, Unreadable where we cannot judge it."""
    told = "\n".join([*_addresses(files), *raw.files("snmpd.arguments").values()])
    listening = [one for one in sockets(raw) if _is_agents(one, told)]
    exposed = [one for one in listening if one.exposed]
    for one in exposed:
        if one.program not in (PROGRAM, ""):
            raise Unreadable(
                f"{show(one.program)} answers on UDP port {one.port}, an agent that this version cannot judge"
            )
    pids = raw.all("snmpd.started")
    if exposed and len(pids) != 1:
        raise Unreadable(f"an SNMP agent listens, but {len(pids) or 'no'} snmpd with files in /etc/snmp runs")
    if exposed:
        return exposed
    _refuse_what_may_open(raw, files, bool(listening))
    if listening:
        raise Absent(f"snmpd listens on {listening[0].address} only, which no other machine reaches")
    raise Absent("no SNMP agent listens, and none is started at boot")


def _is_agents(socket: Socket, told: str) -> bool:
    """``told`` names ports: in a container nobody may see which program holds a socket."""
    named = re.search(rf"(?<![\d.]){socket.port}(?![\d.])", told) is not None
    if socket.program == PROGRAM:
        return socket.lasting or named
    return (socket.protocol, socket.port) == ("udp", PORT) or (named and not socket.program)


def _addresses(files: Mapping[str, str]) -> list[str]:
    return [found for text in files.values() for found in re.findall(r"(?im)^[ \t]*agentaddress[ \t]+(.*)$", text)]


def _refuse_what_may_open(raw: Raw, files: Mapping[str, str], listening: bool) -> None:
    """Nobody is answered now; that is worth something only if it stays so."""
    if not listening:
        if daemon.wanted(raw, "snmpd.enabled", "snmpd.started"):
            raise Unreadable("snmpd runs or starts at the next boot, and listens nowhere now: start it, and run again")
        return
    changed = taken_over.younger(raw.all("snmpd.changed"), taken_over.newest_start(raw, "snmpd.started"))
    addresses = [one for text in _addresses(files) for one in text.split(",")]
    if changed and not (addresses and all(_LOOPBACK.match(one.strip()) for one in addresses)):
        raise Unreadable(
            f"snmpd listens on loopback only, but {show(changed[0])} was changed since it started: restart it"
        )


def _refuse(raw: Raw, found: list[Line]) -> None:
    """What makes a verdict from these lines wrong."""
    for text in raw.text("snmpd.errors").splitlines():
        raise Unreadable(f"snmpd does not understand {show(text)}, and skips that line")
    refuse_elsewhere(raw, found)
    for line in found:
        if line.word == "agentxsocket" and not re.match(r"unix:|/|(?:tcp|udp):(?:127\.|localhost)", line.rest):
            raise Unreadable(f"{line.at}: other programs may speak for the agent over the network, without a login")


def refuse_elsewhere(raw: Raw, found: Iterable[Line]) -> None:
    """Its files, where they are none of those that we read."""
    for line in found:
        if line.word == "persistentdir":
            raise Unreadable(f"{line.at}: what snmpd keeps of itself lies elsewhere, where we do not look")
    if "SNMP" in daemon.unit(raw, "snmpd.unit").get("Environment", ""):
        raise Unreadable("the environment of snmpd.service says where its files lie, and we do not look there")


# --- its files ----------------------------------------------------------------------------------------------

_READ = ("config", "shared", "general", "folder", "file", "file_d", "given")


def _files(raw: Raw) -> dict[str, str]:
    return {posixpath.normpath(path): text for name in _READ for path, text in raw.files(f"snmpd.{name}").items()}


def _folders(files: Mapping[str, str]) -> set[str]:
    return {posixpath.normpath(one) for text in files.values() for one in re.findall(_FOLDER, text, re.M)}


def _written(raw: Raw, files: Mapping[str, str]) -> list[Line]:
    return [line for start, kind in _starts(raw) for line in lines(files, _folders(files), start, kind)]


def written(raw: Raw) -> list[Line]:
    """The lines with which the agent starts. They hold secrets."""
    return _written(raw, _files(raw))


def _odd(raw: Raw) -> frozenset[str]:
    """The files that are not in UTF-8."""
    return frozenset(path for name in _READ for path, out in raw.all(f"snmpd.{name}").items() if not _is_utf8(out))


def _is_utf8(out: Output) -> bool:
    try:
        out.data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _starts(raw: Raw) -> Iterator[tuple[str, str]]:
    """The files with which the agent starts, in its order, and what each is about."""
    arguments = "".join(raw.files("snmpd.arguments").values())
    flags = re.findall(r"\0-[fdqrsUvVaAX]*(C?c?)(?=\0|/|$)", arguments)
    given = list(raw.files("snmpd.given"))
    if any("c" in flag for flag in flags) and not given:
        raise Unreadable("snmpd was started with a file of its own (-c) that could not be found")
    if not any("C" in flag for flag in flags):
        yield from ((path, "snmp") for path in raw.files("snmpd.general"))
        for name in ("config", "shared"):
            yield from ((path, "snmpd") for path in sorted(raw.files(f"snmpd.{name}")) if _is_start(path))
    yield from ((path, "snmpd") for path in given)


def _is_start(path: str) -> bool:
    return posixpath.basename(path) in ("snmpd.conf", "snmpd.local.conf")


def _kept(raw: Raw) -> Iterator[Line]:
    """What the agent keeps of itself, without the keys of its accounts."""
    for out in raw.all("snmpd.kept").values():
        if out.error or out.rc > 1:
            if "No such file" not in out.text:
                raise Unreadable(f"what snmpd keeps of itself was not read: {out.error or show(out.text)}")
            continue
        for one in out.text.splitlines() if not out.rc else ():
            number, _colon, text = one.partition(":")
            for line in lines({"/var/lib/snmp/snmpd.conf": text}, (), "/var/lib/snmp/snmpd.conf"):
                yield Line(line.word, line.args, line.rest, line.file, int(number), text)


def _set_over_snmp(found: list[Line], kept: list[Line]) -> dict[str, Json]:
    """Names that somebody set over SNMP; a line of the configuration goes before."""
    written = {line.word for line in found}
    return {
        line.word[1:]: line.rest
        for line in kept
        if line.word[:1] == "p" and line.word[1:] in snmpd_names.NAMES and line.word[1:] not in written
    }
