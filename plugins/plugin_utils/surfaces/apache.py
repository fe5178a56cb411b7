# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""apache2: its login (A1), whom it serves (A2), what it tells before that (B1), from all of its configuration."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..model import Absent, Intent, Json, Judgement, RunEdit, Status, Unreadable
from ..raw import Follow, Raw, Read
from . import apache_access, apache_htaccess, apache_login, apache_names, apache_pages, at_rest, taken_over, web_servers
from .apache_config import Dump, parse_dump
from .apache_modules import not_understood
from .apache_scopes import as_state, from_state, listens, said, servers
from .sockets import LISTENERS, sockets

_HOME = "/etc/apache2"

#: Where our own files lie.
PLACE = f"{_HOME}/conf-enabled"
_ACCESS_FILE, _LOGIN_FILE, _NAMES_FILE = (
    f"{PLACE}/zz-iot-site-checklist-{what}.conf" for what in ("access", "login", "names")
)

_CHECK = RunEdit(("apache2ctl", "-t"))

#: With the same environment and arguments as Debian starts it. mod_info, which tells, is loaded after everything else
#: was read, into this process alone; with -t nothing is opened or started.
_DUMP = (
    f"[ ! -f {_HOME}/envvars ] || . {_HOME}/envvars; "
    'exec apache2 $APACHE_ARGUMENTS -t -D DUMP_CONFIG -D DUMP_INCLUDES -D DUMP_MODULES -D DUMP_RUN_CFG '
    '-c "LoadModule info_module /usr/lib/apache2/modules/mod_info.so"'
)  # fmt: skip

#: Lines that we may edit, which hold no secret, and a condition that would hide something from us alone.
_LINES = r'^[[:space:]]*(AuthName|ServerSignature)[[:space:]]|<IfDefine[[:space:]]+"?!?DUMP_'

_HERE = Follow("apache2.main", r"\A\s*(\S)")  # whatever the file begins with: it is there
CONFIG = Read("apache2.config", command=("sh", "-c", _DUMP), follow=_HERE, limit=4 << 20)
_PID_FILE = Follow("apache2.config", r'^PidFile: "(/[^"\n]+)"$')

#: How Debian starts it; another argument could mean another configuration.
_STARTED = re.compile(r"(?:/usr/sbin/)?apache2(?: -k (?:start|graceful)| -D ?[A-Za-z0-9_]+)*")


_BY_ITEM = {"A1": apache_login.judge, "A2": apache_access.judge, "B1": apache_names.judge}


class Apache(Surface):
    """The apache2 of Debian and its kin; one in a container is the container's."""

    name = "apache2"
    controls = ("A1.web", "A2.web", "B1.http_header", "B1.http_realm", "B1.http_title")
    programs = web_servers.JUDGED["apache2"]
    reads = (
        Read("apache2.main", files=f"{_HOME}/apache2.conf"),
        CONFIG,
        Read("apache2.lines", command=("grep", "-RnHiE", _LINES, _HOME), follow=_HERE),
        Read("apache2.changed", command=("find", "-L", _HOME, "-printf", "%C@ %p\\n"), follow=_HERE),
        Read(
            "apache2.changed_elsewhere",
            command=(*taken_over.CHANGED, "{}"),
            follow=Follow("apache2.config", rf"^ +\([*0-9]+\) (/(?!{_HOME[1:]}/).*)$"),
        ),
        Read(
            "apache2.unit", follow=_HERE,
            command=("@units", at_rest.PROPERTIES, "apache2.service"),
        ),
        Read("apache2.loaded", command=(*taken_over.CHANGED, "{}"), follow=_PID_FILE),
        Read("apache2.pid", files="{}", follow=_PID_FILE, limit=64),
        Read("apache2.process", files="/proc/{}/cmdline", follow=Follow("apache2.pid", r"\A(\d+)$"), limit=1 << 12),
        *apache_login.READS,
        *apache_htaccess.READS,
        *apache_pages.READS,
        LISTENERS,
    )  # fmt: skip

    def parse(self, raw: Raw) -> dict[str, Json]:
        if not raw.files("apache2.main"):
            return _other_servers(raw, "apache2 is not installed where Debian puts it")
        if _is_off(raw):
            return _other_servers(raw, "apache2 is installed, does not run and is not started at boot")
        dump = parse_dump(raw.text("apache2.config"))
        jails = [one.at for one in dump.tree if one.name == "chrootdir"]
        if jails:
            raise Unreadable(f"{jails[0]}: ChrootDir: the pages it shows do not lie where its configuration says")
        lines = {at: line for at, line in _lines(raw).items() if at.rpartition(":")[0] in dump.files}
        running = _running(raw)
        found = apache_htaccess.added(raw, dump, servers(dump, PLACE))
        pages, unread = apache_pages.found(raw, found)
        place = PLACE if _includes_our_place(raw.text("apache2.main")) else ""
        return {
            "servers": as_state(found),
            "general": cast(Json, said(one for one in dump.tree if not one.section)),
            "modules": cast(Json, sorted(dump.modules)),
            "not_understood": cast(Json, not_understood(dump, found)),
            "proxy": "proxy" in dump.modules,
            "login_file": _LOGIN_FILE if place else "",
            "access_file": _ACCESS_FILE if place else "",
            "names_file": _NAMES_FILE if place else "",
            "user_files": cast(Json, apache_login.user_files(raw)),
            "account": [dump.settings.get("User", ""), dump.settings.get("Group", "")],
            "lines": cast(Json, lines),
            "pages": cast(Json, pages),
            "pages_unread": cast(Json, unread),
            "reload": cast(Json, list(_reload(raw, running))),
            "not_taken_over": cast(Json, _not_taken_over(raw, dump) if running else []),
            "others": cast(Json, web_servers.others(raw, self.name, listens(dump))),
        }

    def judge_item(self, state: Mapping[str, Any], intent: Intent, item: str) -> Iterable[Judgement]:
        yield from web_servers.judge(state, self.controls, self.name, intent)
        if "servers" not in state:
            return
        activate = (RunEdit(tuple(state["reload"])),) if state["reload"] else ()
        yield from _BY_ITEM[item](state, intent, web_servers.Service(_CHECK, activate))
        yield from _doubts(state, intent)
        yield from taken_over.judge(state, self.controls, self.name, state["reload"])


def _other_servers(raw: Raw, evidence: str) -> dict[str, Json]:
    """One that we cannot read may still serve the web."""
    others = web_servers.others(raw, Apache.name, frozenset())
    if not others:
        raise Absent(f"{evidence}, and none listens for others")
    return {"others": cast(Json, others)}


def _doubts(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """What may decide about access, and is not understood."""
    for why in state["not_understood"] if from_state(state) else ():
        fix = "Look at its pages without logging in and from a foreign address."
        yield Judgement("A1.web", "apache2", Status.UNKNOWN, why, fix=fix)
        if intent.enforce_with == "web_server":
            yield Judgement("A2.web", "apache2", Status.UNKNOWN, why, fix=fix)


# --- what was read ------------------------------------------------------------------------------------------


def _lines(raw: Raw) -> dict[str, str]:
    """``{file:line: the line}`` of what one line can mend."""
    found: dict[str, str] = {}
    for out in raw.all("apache2.lines").values():
        if out.error or out.rc > 1:
            raise Unreadable(f"{_HOME} could not be searched: {out.error or out.text.strip()[-200:]}")
        for line in out.text.split("\n"):
            match = re.fullmatch(r"(/[^:]+:[0-9]+):(.*)", line)
            if match and "<ifdefine" in match[2].lower():
                raise Unreadable(f"{match[1]}: a condition on DUMP_ hides what it holds from every check")
            if match and not match[2].endswith("\\"):
                found[match[1]] = match[2]
    return found


def _includes_our_place(main: str) -> bool:
    """Whether the folder is included at the server's own level."""
    depth = 0
    for line in main.split("\n"):
        word = line.strip()
        depth += bool(re.match(r"<[A-Za-z]", word)) - word.startswith("</")
        if not depth and re.fullmatch(
            rf'Include(Optional)?\s+"?({_HOME}/)?conf-enabled/\*\.conf"?', word, re.IGNORECASE
        ):
            return True
    return False


# --- what runs ----------------------------------------------------------------------------------------------


def _unit(raw: Raw) -> str:
    return "\n".join(out.text for out in raw.all("apache2.unit").values() if not out.error and not out.rc)


def _listens(raw: Raw) -> bool:
    return any(one.program in web_servers.JUDGED[Apache.name] for one in sockets(raw))


def _is_off(raw: Raw) -> bool:
    unit = _unit(raw)
    resting = re.search(r"^UnitFileState=(disabled|masked)$", unit, re.MULTILINE) and "ActiveState=active" not in unit
    return bool(resting) and not _listens(raw)


def _running(raw: Raw) -> bool:
    """Whether the server runs whose configuration this is."""
    lines = [out.text.rstrip("\0").replace("\0", " ") for out in raw.all("apache2.process").values() if not out.error]
    ours = [line for line in lines if re.match(r"(\S*/)?apache2( |$)", line)]
    strange = [line for line in ours if not _STARTED.fullmatch(line)]
    if strange:
        raise Unreadable(
            f"apache2 runs with arguments of its own, so it may read another configuration: {strange[0]!r}"
        )
    if not ours and _listens(raw):
        raise Unreadable(f"an apache2 runs that is not the one of {_HOME} (its PidFile names no such process)")
    return bool(ours)


def _reload(raw: Raw, running: bool) -> tuple[str, ...]:
    """Reload with systemd, or without; nothing while apache2 does not run."""
    if "ActiveState=active" in _unit(raw).split("\n"):
        return ("systemctl", "reload", "apache2.service")
    return ("apache2ctl", "graceful") if running else ()


def _not_taken_over(raw: Raw, dump: Dump) -> list[str]:
    """What changed of the configuration, folders too, since it was loaded: that is when the PidFile is written."""
    ours = {*dump.files, *map(posixpath.dirname, dump.files)} - {_HOME}
    loaded = taken_over.seconds(raw, "apache2.loaded", r"(\d+) /.*")
    changed = taken_over.younger({**raw.all("apache2.changed"), **raw.all("apache2.changed_elsewhere")}, loaded)
    return [path for path in changed if path in ours]
