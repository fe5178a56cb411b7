# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 on what keeps accounts where nobody looks: an application behind a web server, a program of some maker.

Their passwords are in no file that we know, and a panel's own admin/admin is what strangers try first. So the good
passwords of the machine itself are never the last word while such a program can be reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..login_tests import offer
from ..model import Intent, Json, Judgement, Status
from ..raw import Raw
from . import web_servers
from .listening import INFRASTRUCTURE
from .sockets import LISTENERS, Socket, sockets

CONTROL = "C1.own_accounts"

_WEB = frozenset(program for programs in web_servers.JUDGED.values() for program in programs)


def ports(state: Json) -> list[int]:
    """Where these programs answer over TCP; a maker's own before a web server, which mostly keeps accounts we read."""
    reached = state.get("reached") if isinstance(state, dict) else None
    told = [str(one).split(" ", 2) for one in reached] if isinstance(reached, list) else []
    found = [(program in _WEB, int(port)) for protocol, port, program in told if protocol == "tcp"]
    return list(dict.fromkeys(port for _web, port in sorted(found)))


class Applications(Surface):
    """The programs that others reach and whose accounts no surface reads; web servers, for what lies behind them."""

    name = "applications"
    controls = (CONTROL,)
    reads = (LISTENERS,)

    def __init__(self, judged: Iterable[Surface]) -> None:
        self._known = frozenset(program for surface in judged for program in surface.programs) - _WEB

    def parse(self, raw: Raw) -> dict[str, Json]:
        exposed = (one for one in sockets(raw) if one.exposed and one.lasting)
        return {"reached": cast(Json, sorted({str(one) for one in exposed if not self._is_known(one)}))}

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        reached = state["reached"]
        if not reached:
            why = "no web server and no program that we do not know can be reached"
            yield Judgement(CONTROL, self.name, Status.NOT_APPLICABLE, why)
            return
        names = ", ".join(map(show, reached))
        why = f"an application may keep accounts of its own, which cannot be read from here: {names}"
        fix = (
            "Find out how its makers ship it, and give each of its accounts a password that `password_weakness` finds "
            "nothing wrong with. Where it has none of its own, waive this control with that reason."
        )
        fix = f"{fix} {offer(intent)}".rstrip()
        yield Judgement(CONTROL, self.name, Status.MANUAL, why, fix=fix, evidence={"reached": reached})

    def _is_known(self, socket: Socket) -> bool:
        programs, _why = INFRASTRUCTURE.get(f"{socket.protocol} {socket.port}", ((), ""))
        return socket.program in self._known or (bool(socket.program) and socket.program in programs)
