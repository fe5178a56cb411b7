# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 on everything that listens and that no other surface answers for: a server nobody declared is no blind spot.

What a visitor without a login gets there is asked where that harms nothing. The answer to one page never proves a
login for all of them, so only infrastructure that has nothing to log in to passes.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, Status, Unreadable
from ..raw import Follow, Output, Raw, Read
from . import front_filter
from .plain_logins import SUPER_SERVERS
from .sockets import LISTENERS, Socket, sockets

CONTROL = "A1.listening"

#: {protocol and port: (programs, "" is the kernel; why there is nothing to log in to)}. Ports as IANA assigns them.
INFRASTRUCTURE = {
    "udp 67": (("dnsmasq", "dhcpd", "udhcpd", "kea-dhcp4", "systemd-networkd"), "DHCP gives addresses (RFC 2131)"),
    "udp 68": (
        ("dhclient", "dhcpcd", "udhcpc", "systemd-networkd", "NetworkManager", "connmand", "busybox"),
        "a DHCP client (RFC 2131)",
    ),
    "udp 123": (("chronyd", "ntpd", "systemd-timesyncd", "openntpd"), "NTP tells the time (RFC 5905)"),
    "udp 500": (("charon", "charon-systemd", "pluto", "racoon", "iked"), "IKE proves its peer itself (RFC 7296)"),
    "udp 546": (
        ("dhclient", "dhcpcd", "udhcpc", "systemd-networkd", "NetworkManager", "odhcp6c", "dhcp6c"),
        "a DHCPv6 client (RFC 8415)",
    ),
    "udp 547": (("dnsmasq", "dhcpd", "kea-dhcp6", "odhcpd"), "DHCPv6 gives addresses (RFC 8415)"),
    "udp 5353": (("avahi-daemon", "systemd-resolved"), "mDNS tells names (RFC 6762), which B1.mdns_names judges"),
    "udp 4500": (("charon", "charon-systemd", "pluto", "racoon", "iked"), "IKE proves its peer itself (RFC 7296)"),
}

#: Never asked: there the first bytes of a stranger are printed, passed to a serial line, or count as an attack.
BYTES_ACT = (
    20, 21, 22, 23, 25, 102, 110, 111, 139, 143, 179, 389, 445, 465, 502, 515, 543, 544, 587, 631, 636, 873, 993, 995,
    1433, 1521, 1883, 1911, 2000, 2001, 2049, 2404, 3306, 3389, 4001, 4002, 4059, 4911, 4999, 5432, 5671, 5672, 5900,
    6379, 7000, 8883, 9042, 9100, 9101, 9102, 9600, 11211, 18245, 20000, 20547, 27017, 34962, 34963, 34964, 44818,
)  # fmt: skip
PASS_BYTES_ON = ("ser2net", "socat", "ncat", "nc", "remserial", "mbusd", *sorted(SUPER_SERVERS - {"busybox"}))

#: Programs that start others for visitors, or are many in one: whose socket it is depends on what they were told.
_SHARED = frozenset({*SUPER_SERVERS, ""})

_ASKED = "listening.http"

_CLOSE = (
    "Until then only the packet filter closes it (ip_allowlist), and everybody on the allowlist still gets in. Where "
    "nobody needs it, stop it."
)
_MAKER = f"Its maker or supplier must add a login, or you name it in login_required_fronts. {_CLOSE}"
_FRONTED = (
    "login_required_fronts puts a login in front of it: see A1.front for what is missing there. Then it is closed."
)


class Listening(Surface):
    """What is left when the ``judged`` surfaces have taken their own."""

    name = "listening"
    controls = (CONTROL,)

    def __init__(self, judged: Iterable[Surface]) -> None:
        self._judged = tuple(judged)
        self.reads = (LISTENERS, Read(_ASKED, command=("@http", "{}"), follow=Follow(LISTENERS.name, self._to_ask())))

    def parse(self, raw: Raw) -> dict[str, Json]:
        closed = {("tcp", port) for port in front_filter.closed(raw)}  # judged as A1.front
        exposed = [
            one for one in sockets(raw) if one.exposed and one.lasting and (one.protocol, one.port) not in closed
        ]
        silent = [each for each in self._judged if any(_is_of(each, one) for one in exposed) and _is_absent(each, raw)]
        speaking = [each for each in self._judged if each not in silent]
        left = [one for one in exposed if not any(_is_of(each, one) for each in speaking)]
        spoken = _spoken_of(speaking, raw) if any(one.program in _SHARED for one in left) else frozenset()
        left = [one for one in left if one.program not in _SHARED or str(one) not in spoken]
        return {
            "sockets": [
                {"protocol": one.protocol, "port": one.port, "address": one.address, "program": one.program}
                for one in left
            ],
            "answers": {key.rpartition(" ")[2]: _answers(out) for key, out in raw.all(_ASKED).items()},
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        left = [Socket(**one) for one in state["sockets"]]
        if not left:
            why = "every program that others can reach is judged by its own control"
            yield Judgement(CONTROL, self.name, Status.PASS, why)
        for group in _grouped(left):
            yield _judged(group, state["answers"], intent)

    def _to_ask(self) -> str:
        """The ports of exposed TCP sockets of which nobody speaks, in the kernel's list as JSON writes it."""
        known = {*PASS_BYTES_ON, *(one for surface in self._judged for one in surface.programs)}
        hidden_at = sorted(one[4:] for surface in self._judged for one in surface.hidden_at if one[:4] == "tcp ")
        programs, ports = "|".join(map(re.escape, sorted(known))), "|".join(map(str, BYTES_ACT))
        return (
            r'\{"address": "(?!127\.|::1")[^"]*", (?!"port": (?:' + "|".join(hidden_at) + r'), "program": "")'
            r'"port": (?!(?:' + ports + r'),)([0-9]+), '
            r'"program": "(?!(?:' + programs + r')")[^"\\]*", "protocol": "tcp"\}'
        )  # fmt: skip


def _is_of(surface: Surface, socket: Socket) -> bool:
    if not socket.program:
        return f"{socket.protocol} {socket.port}" in surface.hidden_at
    return socket.program in surface.programs


def _spoken_of(surfaces: Iterable[Surface], raw: Raw) -> frozenset[str]:
    """Sockets that a program holds for others, and of which the surface of what it starts there speaks."""
    spoken: set[str] = set()
    for each in surfaces:
        with contextlib.suppress(Absent, Unreadable):
            spoken.update(cast("list[str]", each.parsed(raw).get("speaks_of", [])))
    return frozenset(spoken)


def _is_absent(surface: Surface, raw: Raw) -> bool:
    """Its program listens, and it looks elsewhere: installed by hand, or not where the search path leads."""
    try:
        surface.parsed(raw)
    except Absent:
        return True
    except Unreadable:
        pass
    return False


def _answers(output: Output) -> Json:
    """What the start page told, over HTTP and HTTPS; without an answer, nothing is known."""
    if output.error:
        return {"http": {"error": output.error}}
    try:
        told = json.loads(output.text)
        return {scheme: _answer(told[scheme]) for scheme in ("http", "https")}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(f"what a port answered is not understood: {type(error).__name__}") from error


def _answer(told: Mapping[str, Any]) -> Json:
    if "status" not in told:
        return {"error": str(told.get("error", ""))}
    texts = {key: str(told[key]) for key in ("asks", "to", "title", "error")}
    return {
        "status": int(told["status"]),
        **texts,
        **{key: bool(told[key]) for key in ("password", "scripts", "empty")},
    }


def _grouped(left: Iterable[Socket]) -> Iterator[list[Socket]]:
    """One finding for a program at a port, on however many addresses."""
    groups: dict[str, list[Socket]] = {}
    for one in left:
        groups.setdefault(str(one), []).append(one)
    yield from groups.values()


# --- one of them --------------------------------------------------------------------------------------------


def _judged(group: list[Socket], answers: Mapping[str, Any], intent: Intent) -> Judgement:
    one = group[0]
    evidence: dict[str, Json] = {"addresses": [each.address for each in group]}
    programs, harmless = INFRASTRUCTURE.get(f"{one.protocol} {one.port}", ((), ""))
    if one.program and one.program in programs:
        return Judgement(CONTROL, "listening", Status.PASS, f"{show(str(one))}: {harmless}", evidence=evidence)
    listens = f"{one.protocol.upper()} port {one.port} ({_named(one)})"
    told = answers.get(str(one.port), {}) if one.protocol == "tcp" else {}
    heard = {scheme: each for scheme, each in told.items() if "status" in each}
    evidence["answers"] = cast(Json, told)
    status, why, fix = max(
        (_page(scheme, each, one, intent) for scheme, each in heard.items()),
        key=lambda verdict: _WORST.index(verdict[0]),
        default=(Status.UNKNOWN, "this version cannot judge what it shows to a visitor", _unjudged(one)),
    )
    return Judgement(CONTROL, "listening", status, f"{listens}: {why}", fix=fix, evidence=evidence)


_WORST = (Status.PASS, Status.MANUAL, Status.UNKNOWN, Status.GAP)


def _named(socket: Socket) -> str:
    return show(socket.program) if socket.program else "the kernel, or a program we may not look into"


def _unjudged(socket: Socket) -> str:
    front = " An application on the web can be named in login_required_fronts." if socket.protocol == "tcp" else ""
    return (
        "Find out who installed it and what it is for; look from another machine at what it tells without a login. "
        f"{_CLOSE}{front}"
    )


def _page(scheme: str, answer: Mapping[str, Any], socket: Socket, intent: Intent) -> tuple[Status, str, str]:
    """What one answer to a visitor's question for the start page means."""
    page = f"{scheme}://…:{socket.port}/" + (f" ({show(answer['title'], 80)})" if answer["title"] else "")
    look = "Look at its other pages without logging in; only its maker knows all of them."
    if answer["status"] in (401, 403):
        how = f"asks for a login ({show(answer['asks'])})" if answer["asks"] else f"is refused ({answer['status']})"
        return Status.MANUAL, f"{page} {how}, which proves nothing for its other pages", look
    if answer["password"]:
        return Status.MANUAL, f"{page} shows a login form, which proves nothing for its other pages", look
    if answer["to"]:
        return Status.MANUAL, f"{page} leads to {show(answer['to'], 120)}, where we do not follow", look
    if answer["status"] >= 400 or answer["empty"]:
        return Status.MANUAL, f"{page} shows nothing ({answer['status']}), and other pages may", look
    if intent.is_public("/"):
        return Status.PASS, f"{page} opens without a login, as iot_site_exposure declares for all of it", ""
    if answer["scripts"]:
        return Status.MANUAL, f"{page} is made by scripts, which may ask for a login and may not", look
    why = f"{page} opens without a login, and nobody has declared it public (iot_site_exposure; P2: closed is meant)"
    return Status.GAP, why, _FRONTED if any(one.to == socket.port for one in intent.fronts) else _MAKER
