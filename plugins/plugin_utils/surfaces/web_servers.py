# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web servers that others can reach and that no surface judges: what is not known of them is never a pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..model import Intent, Judgement, RunEdit, Status
from ..raw import Raw
from . import front_filter
from .sockets import Socket, sockets

#: Where one usually finds a web server, whatever its name.
_PORTS = frozenset({80, 81, 443, 8000, 8008, 8080, 8081, 8088, 8443, 8888})

_PROGRAMS = frozenset({
    "nginx", "openresty", "angie", "apache2", "httpd", "lighttpd", "caddy", "haproxy", "traefik", "envoy", "varnishd",
    "h2o", "hiawatha", "cherokee", "monkey", "thttpd", "mini_httpd", "micro_httpd", "boa", "uhttpd", "goahead",
    "webfsd", "darkhttpd", "civetweb", "mongoose", "gunicorn", "uwsgi", "puma", "litespeed",
})  # fmt: skip


#: Which programs each web server surface of a platform judges; a program of no surface stands in no row.
JUDGED: Mapping[str, frozenset[str]] = {
    "nginx": frozenset({"nginx"}),
    "apache2": frozenset({"apache2", "httpd"}),
    "lighttpd": frozenset({"lighttpd"}),
}

#: Where a program that cannot be seen is still spoken about.
PORTS = frozenset(f"tcp {port}" for port in _PORTS)

#: The surface that speaks about what none of them judges, so that it is said once.
_SPEAKER = "nginx"


@dataclass(frozen=True, slots=True)
class Service:
    """How a web server checks its configuration and takes it over."""

    check: RunEdit
    activate: tuple[RunEdit, ...]


#: ``(address, port)`` on which a configuration listens; the address is "*" where it may be any.
Listens: TypeAlias = Collection[tuple[str, int]]


def others(raw: Raw, surface: str, listens: Listens) -> list[str]:
    """What ``surface``, which judges its own programs where they listen so, must report as not judged."""
    closed = front_filter.closed(raw)
    return [
        f"{one.address} port {one.port} ({one.program or 'a program we may not look into'})"
        for one in sockets(raw)
        if one.protocol == "tcp" and one.exposed and _is_web(one) and _reported_by(one.program) == surface
        and one.port not in closed and not (one.program in (*JUDGED[surface], "") and is_told(one, listens))
    ]  # fmt: skip


def is_told(socket: Socket, listens: Listens) -> bool:
    """Whether the configuration says so: a second server may listen on the same port of another address."""
    return not {("*", socket.port), (socket.address, socket.port)}.isdisjoint(listens)


def _reported_by(program: str) -> str:
    return next((surface for surface, programs in JUDGED.items() if program in programs), _SPEAKER)


def _is_web(socket: Socket) -> bool:
    return socket.port in _PORTS or socket.program in _PROGRAMS


def judge(state: Mapping[str, Any], controls: tuple[str, ...], surface: str, intent: Intent) -> Iterator[Judgement]:
    """``unknown`` for every control they concern; they do not when the packet filter limits access."""
    where = ", ".join(state["others"])
    for control in controls if where else ():
        if control.startswith("A2.") and intent.enforce_with != "web_server":
            why = "the packet filter limits access (ip_allowlist_enforce_with)"
            yield Judgement(control, surface, Status.NOT_APPLICABLE, why)
        else:
            why = f"a web server that this version cannot judge listens on {where}"
            fix = "Look at it without logging in and from a foreign address, or stop it if nobody needs it."
            yield Judgement(control, surface, Status.UNKNOWN, why, fix=fix)
