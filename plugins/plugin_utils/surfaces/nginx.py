# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx: its login (A1), whom it serves (A2), what it tells before that (B1), from all of its configuration."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..contract import Surface
from ..model import Absent, Intent, Json, Judgement, RunEdit, Unreadable
from ..raw import Follow, Raw, Read, missing
from . import (
    at_rest,
    daemon,
    nginx_access,
    nginx_login,
    nginx_names,
    nginx_pages,
    own_process,
    taken_over,
    web_servers,
)
from .nginx_config import Directive, matches, parse
from .nginx_scopes import Entry, Server, applying, as_state, http_of, listens, servers
from .sockets import LISTENERS

_ACCESS_FILE, _NAMES_FILE = "zz-iot-site-checklist-access.conf", "zz-iot-site-checklist-names.conf"
_LOGIN_FILE = "zz-iot-site-checklist-login.conf"

_CHECK = RunEdit(("nginx", "-t"))

#: The files of which ``nginx -T`` is made.
_FILES = r"^# configuration file (/.*):$"

#: How packages start it; -c or -p would mean another configuration. It writes this as its name.
_STARTED = re.compile(r"nginx: master process (?:\S*/)?nginx(?: -g [a-z_; ]*)?|(?:\S*/)?nginx(?: -g [a-z_; ]*)?")

_UPSTREAMS = ("proxy", "fastcgi", "uwsgi", "scgi", "grpc")


CONFIG = Read("nginx.config", command=("nginx", "-T"), limit=4 << 20)

_BY_ITEM = {"A1": nginx_login.judge, "A2": nginx_access.judge, "B1": nginx_names.judge}


class Nginx(Surface):
    """The nginx of the machine itself; one in a container is the container's."""

    name = "nginx"
    controls = ("A1.web", "A2.web", "B1.http_header", "B1.http_realm", "B1.http_title")
    programs = web_servers.JUDGED["nginx"]
    hidden_at = web_servers.PORTS
    reads = (
        CONFIG,
        *nginx_login.READS,
        *nginx_pages.READS,
        Read("nginx.unit", command=("@units", at_rest.PROPERTIES, "nginx.service")),
        daemon.processes("nginx.process", "nginx"),
        Read("nginx.started", files="/proc/{}/stat", follow=Follow("nginx.process", daemon.PID), limit=1 << 12),
        own_process.read("nginx.running", "nginx"),
        Read("nginx.changed", command=(*taken_over.CHANGED, "{}"), follow=Follow("nginx.config", _FILES)),
        taken_over.BOOTED,
        LISTENERS,
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        outputs = list(raw.all("nginx.config").values())
        if outputs and missing(outputs[0]):
            return _other_servers(raw, "nginx is not installed")
        if at_rest.rests(raw, "nginx.unit", web_servers.JUDGED[self.name]):
            return _other_servers(raw, "nginx is installed and switched off")
        own_process.check(raw, "nginx.running", _STARTED, "nginx.conf (nginx -T)")
        tree = parse(raw.text("nginx.config"))
        http = http_of(tree)
        found = servers(tree)
        mail = [one.at for one in tree if one.name == "mail"]
        if mail:
            raise Unreadable(f"{mail[0]}: nginx as a mail proxy is not judged")
        general = applying({}, http) if http else {}
        pages, unread = nginx_pages.found(raw, found)
        return {
            "servers": as_state(found),
            "http_access": cast(Json, general.get("access", [])),
            "http_hide": cast(Json, {kind: general.get(f"{kind}_hide", []) for kind in _UPSTREAMS}),
            "http_login": cast(Json, [*general.get("auth_basic", []), *general.get("auth_user_file", [])]),
            "login_file": _place(http, _LOGIN_FILE),
            "user_files": cast(Json, nginx_login.user_files(raw)),
            "account": cast(Json, [*next((one.args for one in tree if one.name == "user"), ()), "", ""][:2]),
            "access_file": _place(http, _ACCESS_FILE),
            "names_file": _place(http, _NAMES_FILE),
            "names_rules": cast(Json, _names_rules(found, general, _place(http, _NAMES_FILE))),
            "pages": cast(Json, pages),
            "pages_unread": cast(Json, unread),
            "reload": cast(Json, list(_reload(raw))),
            "not_taken_over": cast(Json, taken_over.younger(raw.all("nginx.changed"), _started(raw))),
            "others": cast(Json, web_servers.others(raw, self.name, listens(tree))),
        }

    def judge_item(self, state: Mapping[str, Any], intent: Intent, item: str) -> Iterable[Judgement]:
        yield from web_servers.judge(state, self.controls, self.name, intent)
        if "servers" not in state:
            return
        activate = (RunEdit(tuple(state["reload"])),) if state["reload"] else ()
        yield from _BY_ITEM[item](state, intent, web_servers.Service(_CHECK, activate))
        yield from taken_over.judge(state, self.controls, self.name, state["reload"])


def _other_servers(raw: Raw, evidence: str) -> dict[str, Json]:
    """Without nginx, or with one where we do not look, somebody else may still serve the web."""
    others = web_servers.others(raw, Nginx.name, frozenset())
    if not others:
        raise Absent(f"{evidence}, and nothing that looks like a web server listens for others")
    return {"others": cast(Json, others)}


# --- our own files ------------------------------------------------------------------------------------------


def _place(http: Directive | None, name: str) -> str:
    """Where a file of ours is included at the http level; "" when nowhere."""
    for one in http.inner if http else ():
        if one.name == "include" and len(one.args) == 1:
            folder, pattern = posixpath.split(one.args[0])
            path = posixpath.join(_prefix(http, folder), name)
            if not any(sign in folder for sign in "*?[") and matches(f"/{name}", f"/{pattern}"):
                return path
    return ""


def _prefix(http: Directive | None, folder: str) -> str:
    return posixpath.join(posixpath.dirname(http.file) if http else "/", folder)


def _names_rules(found: list[Server], general: Mapping[str, list[Entry]], path: str) -> list[str]:
    """What our file says: nothing twice that the owner says at the same level, nothing of a module not in use."""
    owners = [entry for entry in general.get("server_tokens", []) if not entry["at"].startswith(f"{path}:")]
    used = {
        entry["name"].removesuffix("_pass")
        for server in found
        for scope in server["scopes"]
        for entry in scope["applies"].get("application", [])
    }
    tokens = [] if owners else ["server_tokens off;"]
    return [*tokens, *(f"{kind}_hide_header X-Powered-By;" for kind in _UPSTREAMS if kind in used)]


# --- taking it over -----------------------------------------------------------------------------------------


def _reload(raw: Raw) -> tuple[str, ...]:
    """Reload with systemd, or without; nothing while nginx does not run."""
    if any("ActiveState=active" in output.text.split() for output in raw.all("nginx.unit").values()):
        return ("systemctl", "reload", "nginx.service")
    return ("nginx", "-s", "reload") if daemon.runs(raw, "nginx.process") else ()


def _started(raw: Raw) -> float:
    """Its youngest worker: a reload starts new ones, and leaves the master as it is. 0 while nginx does not run."""
    return taken_over.newest_start(raw, "nginx.started") if daemon.runs(raw, "nginx.process") else 0.0
