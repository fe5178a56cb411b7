# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""lighttpd: its login (A1), whom it serves (A2), what it tells before that (B1), from all of its configuration."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, RunEdit, Status, Unreadable
from ..raw import Follow, Raw, Read, missing
from . import (
    at_rest,
    daemon,
    lighttpd_access,
    lighttpd_login,
    lighttpd_names,
    lighttpd_print,
    own_process,
    pages,
    taken_over,
    user_file,
    web_servers,
)
from .lighttpd_config import Block, members, parse, words
from .lighttpd_login import Service
from .lighttpd_worlds import listeners, worlds
from .sockets import LISTENERS, Socket, sockets

_MAIN, _FOLDER = lighttpd_print.MAIN, "/etc/lighttpd/conf-enabled"
_OWN = "zz-iot-site-checklist-"

#: Its graceful restart: what is under way is finished, and no connection is refused.
_RELOAD = ("systemctl", "reload", "lighttpd.service")

#: A reload keeps the process, so only systemd knows when it was.
_SINCE = "StateChangeTimestampMonotonic"

_CHECK = ("lighttpd", "-tt", "-f", _MAIN)

#: Every directory or page that may be shown: a superset, of which only what is served is kept.
_ROOTS = r'(?:server\.document-root\s*=|=>)\s*"(/[^"\n{}$%*?\[\\]+)"'
_INCLUDED = r'^[ \t]*include[ \t]+"(/[^"\n{}]+)"'
#: The accounts of one backend, by its name, or of any.
ACCOUNTS = r'^\s*auth\.backend\.{}\.userfile\s*= "(/[^"\n{{}}\s\\]+)"'

#: Settings that are judged; no other reaches the state, for it may hold a password.
_JUDGED = (
    "server.bind", "server.port", "server.tag", "server.document-root", "server.errorfile-prefix", "alias.url",
    "server.dir-listing", "dir-listing.", "auth.require", "auth.backend", "auth.extern-authn", "auth.cache",
    "url.access-", "url.redirect", "url.rewrite", "magnet.", "extforward.", "status.", "setenv.add-response-header",
    "setenv.set-response-header", *lighttpd_login.APPLICATIONS, *lighttpd_names.ELSEWHERE,
)  # fmt: skip

#: Of these only whether they are there, and for which paths: their values may hold a password.
_BARE = (*lighttpd_login.APPLICATIONS, "magnet.", "extforward.", "auth.cache", "vhostdb.")
_ACCOUNT_FILES = re.compile(r"auth\.backend(?:\.(?:htpasswd|htdigest|plain)\.userfile)?")

_FILES = ("lighttpd.main", "lighttpd.parts", "lighttpd.included", "lighttpd.included_more")
_CHANGED = ("lighttpd.changed", "lighttpd.changed_elsewhere")

_MOST = 40

CONFIG = Read("lighttpd.config", command=lighttpd_print.COMMAND, limit=4 << 20)

_BY_ITEM = {"A1": lighttpd_login.judge, "A2": lighttpd_access.judge, "B1": lighttpd_names.judge}

#: How packages start it; another file would mean another configuration.
_STARTED = re.compile(rf"(?:\S*/)?lighttpd(?: -D)? -f {_MAIN}(?: -D)?")


class Lighttpd(Surface):
    """The lighttpd of the machine itself, as its distribution starts it; one in a container is the container's."""

    name = "lighttpd"
    controls = ("A1.web", "A2.web", "B1.http_header", "B1.http_realm", "B1.http_title")
    programs = web_servers.JUDGED["lighttpd"]
    reads = (
        CONFIG,
        # -p loads no modules, so it accepts what cannot run; what runs has proved it, and the check costs as much again
        Read(
            "lighttpd.check",
            command=("sh", "-c", f"exec {shlex.join(_CHECK)} 2>&1"),
            follow=Follow("lighttpd.unit", r"^ActiveState=(?!active$)(\w+)$"),
            limit=1 << 16,
        ),
        Read("lighttpd.main", files=_MAIN),
        Read("lighttpd.parts", files=f"{_FOLDER}/*.conf"),
        Read("lighttpd.included", files="{}", follow=Follow("lighttpd.main", _INCLUDED)),
        Read("lighttpd.included_more", files="{}", follow=Follow("lighttpd.parts", _INCLUDED)),
        Read("lighttpd.pages", files="{}/**/*.*htm*", follow=Follow("lighttpd.config", _ROOTS), limit=1 << 18),
        Read(
            "lighttpd.user_file",
            command=(*user_file.SIZE, "{}"),
            follow=Follow("lighttpd.config", ACCOUNTS.format("[a-z]+")),
        ),
        Read(
            "lighttpd.unit",
            command=("@units", f"{at_rest.PROPERTIES},{_SINCE}", "lighttpd.service"),
        ),
        daemon.processes("lighttpd.process", "lighttpd"),
        Read("lighttpd.started", files="/proc/{}/stat", follow=Follow("lighttpd.process", daemon.PID), limit=1 << 12),
        own_process.read("lighttpd.running", "lighttpd"),
        Read("lighttpd.changed", command=(*taken_over.CHANGED, _MAIN, f"{_FOLDER}/*.conf")),
        Read(
            "lighttpd.changed_elsewhere",
            command=(*taken_over.CHANGED, "{}"),
            follow=Follow("lighttpd.parts", _INCLUDED),
        ),
        taken_over.BOOTED,
        LISTENERS,
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        outputs = list(raw.all("lighttpd.config").values())
        if outputs and missing(outputs[0]):
            raise Absent("lighttpd is not installed")
        unit = _unit(raw)
        if at_rest.rests(raw, "lighttpd.unit", web_servers.JUDGED[self.name]):
            raise Absent("lighttpd is installed and switched off")
        listening = [one for one in sockets(raw) if one.program == "lighttpd" and one.protocol == "tcp"]
        for said in (out for name in ("lighttpd.check", "lighttpd.config") for out in raw.all(name).values()):
            if said.rc:
                raise Unreadable(f"lighttpd refuses its configuration: {show(said.text.strip()[-300:])}")
        own_process.check(raw, "lighttpd.running", _STARTED, _MAIN)
        blocks = parse(raw.text("lighttpd.config"))
        if blocks[0]["keys"].get("server.chroot"):
            raise Unreadable(f"{_MAIN}: server.chroot: the pages it shows do not lie where its configuration says")
        worlds(blocks)  # what cannot be looked at is unreadable as a whole
        files = {path: text for name in _FILES for path, text in raw.files(name).items()}
        changed = {key: out for name in _CHANGED for key, out in raw.all(name).items()}
        return {
            "blocks": cast(Json, [_judged(block) for block in blocks]),
            "modules": cast(Json, words(blocks[0]["keys"].get("server.modules"))),
            "own_modules": cast(Json, _own_modules(files)),
            "account": [str(blocks[0]["keys"].get(f"server.{one}name", "")) for one in ("user", "group")],
            "places": cast(Json, _places(files)),
            "obstacle": _obstacle(files.get(_MAIN, ""), unit),
            "user_files": cast(Json, user_file.sizes(raw.all("lighttpd.user_file"))),
            "not_taken_over": cast(Json, taken_over.younger(changed, _taken_over(raw, unit))),
            "strange": cast(Json, _strangers(listening, {_bound(one) for one in listeners(blocks)})),
            **_pages(raw, blocks),
        }

    def judge_item(self, state: Mapping[str, Any], intent: Intent, item: str) -> Iterable[Judgement]:
        service = Service(RunEdit(_CHECK), (RunEdit(_RELOAD),), _FOLDER, state["obstacle"])
        yield from _BY_ITEM[item](state, intent, service)
        yield from taken_over.judge(state, self.controls, self.name, _RELOAD)
        yield from _strange(state, self.controls, intent)


def _strangers(listening: Iterable[Socket], told: set[tuple[str, int]]) -> list[str]:
    strange = [one for one in listening if one.exposed and not web_servers.is_told(one, told)]
    return sorted(f"{one.address} port {one.port}" for one in strange)


def _strange(state: Mapping[str, Any], controls: tuple[str, ...], intent: Intent) -> Iterator[Judgement]:
    """A second lighttpd with a configuration of its own, or one that has not taken over its ports."""
    for control in controls if state["strange"] else ():
        if control.startswith("A2.") and intent.enforce_with != "web_server":
            continue
        why = f"a lighttpd listens on {', '.join(state['strange'])}, which {_MAIN} does not say"
        fix = "Find its configuration (ps -C lighttpd -o args) and look at what it shows without a login."
        yield Judgement(control, "lighttpd", Status.UNKNOWN, why, fix=fix)


# --- the configuration --------------------------------------------------------------------------------------


def _judged(block: Block) -> Block:
    """Of a block only what is judged: other settings may hold passwords."""
    kept: dict[str, Json] = {}
    for key, value in block["keys"].items():
        if key.startswith("auth.backend") and not _ACCOUNT_FILES.fullmatch(key):
            continue
        if key.startswith(_BARE):
            kept[key] = [[name, "..."] for name, _inner in members(value)] or "..."
        elif key.startswith(_JUDGED):
            kept[key] = value
    return {"says": block["says"], "conditions": block["conditions"], "keys": kept}


def _bound(listener: str) -> tuple[str, int]:
    """``(address, port)``; "*" for any address, and for a name, which may be any."""
    host, _colon, last = listener.rpartition(":")
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        address = None
    where = "*" if address is None or address.is_unspecified else str(address)
    return where, int(last) if last.isascii() and last.isdigit() else 0


def _places(files: Mapping[str, str]) -> dict[str, list[str]]:
    """``{setting: the lines of the owner's files where it is made}``"""
    found: dict[str, list[str]] = {}
    for path, text in files.items():
        if not posixpath.basename(path).startswith(_OWN):
            for number, line in enumerate(text.split("\n"), 1):
                for key in re.findall(r"([a-z][\w.-]*\.[\w.-]+)\s*(?:\+=|:=|=)(?![>~^$=])", line.partition("#")[0]):
                    if key.startswith(_JUDGED):
                        found.setdefault(key, []).append(f"{path}:{number}")
    return found


def _own_modules(files: Mapping[str, str]) -> list[str]:
    """Modules that only files of ours load."""
    ours = [text for path, text in files.items() if posixpath.basename(path).startswith(_OWN)]
    lines = [line for text in ours for line in text.split("\n") if line.startswith("server.modules :=")]
    return sorted({name for line in lines for name in re.findall(r'"(mod_\w+)"', line)})


def _obstacle(main: str, unit: Mapping[str, str]) -> str:
    """Why no file of ours can take effect."""
    lines = [line.partition("#")[0].split() for line in main.split("\n")]
    by_hand = f"put the lines below into a file of {_FOLDER}"
    if ["include", f'"{_FOLDER}/*.conf"'] not in lines and "include-conf-enabled.pl" not in main:
        return f"{_MAIN} does not include {_FOLDER}/*.conf: put the lines below at its end by hand, then run again."
    if unit.get("ActiveState") != "active":  # the signal that reloads one under systemd ends every other
        return f"lighttpd runs without its systemd unit: {by_hand} and restart it by hand, then run again."
    return ""


# --- pages --------------------------------------------------------------------------------------------------


def _pages(raw: Raw, blocks: list[Block]) -> dict[str, Json]:
    """The pages below every place that any block shows, and the places that were not read."""
    printed = raw.text("lighttpd.config")
    read = set(re.findall(_ROOTS, printed, re.MULTILINE))
    shown = list(dict.fromkeys(place for block in blocks for place in _shown(block)))
    outputs = {
        path: out
        for path, out in sorted(raw.all("lighttpd.pages").items())
        if not missing(out) and (not path.startswith("/") or any(_below(path, place) for place in shown))
    }
    cut = [f"{show(path)} ({out.error})" for path, out in outputs.items() if out.error and out.truncated]
    whole = {path: out for path, out in outputs.items() if not (out.error and out.truncated)}
    unread = [*(show(place) for place in shown if place not in read), *cut]
    if len(whole) > _MOST:
        unread.append(f"{len(whole)} pages, of which {_MOST} were judged")
    if "lighttpd.pages" not in raw.outputs:
        unread.append("lighttpd.pages was not read")
    return {
        "pages": cast(Json, [pages.read(path, out) for path, out in list(whole.items())[:_MOST]]),
        "pages_unread": cast(Json, unread),
    }


def _shown(block: Block) -> Iterator[str]:
    root = block["keys"].get("server.document-root")
    yield from [root] if isinstance(root, str) else []
    yield from (str(place) for _beginning, place in members(block["keys"].get("alias.url")))


def _below(path: str, place: str) -> bool:
    normal = posixpath.normpath(path.partition("/**")[0])
    return f"{normal}/".startswith(posixpath.join(posixpath.normpath(place), ""))


# --- taking it over -----------------------------------------------------------------------------------------


def _unit(raw: Raw) -> dict[str, str]:
    text = "".join(out.text for out in raw.all("lighttpd.unit").values() if not out.error and not out.rc)
    return {key: value for key, _sign, value in (line.partition("=") for line in text.splitlines())}


def _taken_over(raw: Raw, unit: Mapping[str, str]) -> float:
    """When it read its files last; 0 when that cannot be told."""
    booted = taken_over.seconds(raw, taken_over.BOOTED.name, r"btime (\d+)")
    since = unit.get(_SINCE, "")
    if unit.get("ActiveState") == "active" and booted and since.isascii() and since.isdigit():
        return booted + int(since) / 1_000_000
    return taken_over.newest_start(raw, "lighttpd.started") if daemon.runs(raw, "lighttpd.process") else 0.0
