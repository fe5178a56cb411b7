# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A1 on applications that have no login and can be given none: nginx asks for one in front of them.

Only where the inventory asks for it (``login_required_fronts``). First the front serves, then the application's own
port is closed to everybody but this machine; the way back goes the other way round. So nobody ever finds more open
than before.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from ..contract import Surface
from ..declarations import Front
from ..display import show
from ..model import Absent, Change, FileEdit, Intent, Json, Judgement, RunEdit, Status, Unreadable, digest
from ..raw import Raw, Read, missing
from . import front_filter, nginx_config, nginx_front, nginx_scopes, user_file, web_servers
from .nft_boot import FRONTS as CLOSED
from .nginx import Nginx
from .nginx_login import has_login
from .sockets import LISTENERS, Socket, sockets

CONTROL = "A1.front"

_CHECK = RunEdit(("nginx", "-t"))
_TLS = Read("fronts.tls", command=("test", "-s", nginx_front.CERTIFICATE, "-a", "-s", nginx_front.KEY))

#: Through these, or what they start, somebody logs in to the machine itself: they are never closed here.
_WAYS_IN = frozenset({"sshd", "dropbear", "systemd", "telnetd", "inetd", "xinetd", "inetutils-inetd"})

#: Where the application must listen to be reached at 127.0.0.1.
_PASSED_ON_TO = frozenset({"0.0.0.0", "::", "127.0.0.1", "::ffff:127.0.0.1"})

_PLAIN = (
    "The password travels without TLS, so anybody on the way can read it: use it over a VPN, or put a certificate into "
    f"{nginx_front.CERTIFICATE} and its key into {nginx_front.KEY} on the device and run again."
)
_BIND = "let whoever maintains the application bind it to 127.0.0.1"

_Trouble = tuple[Status, str, str]


class Fronts(Surface):
    """Every front that the inventory asks for, together."""

    name = "fronts"
    controls = (CONTROL,)
    reads = (LISTENERS, _TLS, *Nginx.reads, *front_filter.READS)

    def parse(self, raw: Raw) -> dict[str, Json]:
        try:
            listening = [one for one in sockets(raw) if one.protocol == "tcp"]
            return {
                "listening": [[one.port, one.address, one.program] for one in listening],
                "tls": raw.has(_TLS.name),
                **_front(raw, listening),
                **front_filter.read(raw),
            }
        except Unreadable as reason:
            return {"unread": str(reason)}  # nobody asks for it where there is no front

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        if not intent.fronts:
            yield _unasked(state)
        elif "unread" in state:
            yield Judgement(CONTROL, self.name, Status.UNKNOWN, str(state["unread"]))
        else:
            yield from _judged(state, intent)


# --- what is there ------------------------------------------------------------------------------------------


def _front(raw: Raw, listening: list[Socket]) -> dict[str, Json]:
    """Our site in nginx as it counts, and what nginx is."""
    try:
        nginx: dict[str, Any] = dict(Nginx().parsed(raw))
    except Absent:
        nginx = {}
    if "servers" not in nginx:
        others = sorted({one.program for one in listening if one.program in _other_servers()})
        installed = not any(missing(out) for out in raw.all("nginx.config").values())
        return {"nginx": "", "installed": installed, "servers_instead": list[Json](others)}
    folder = posixpath.dirname(nginx["access_file"])
    path = posixpath.join(folder, nginx_front.FILE) if folder else ""
    dump = raw.text("nginx.config")
    text = nginx_config.sections(dump).get(path, "").rstrip("\n")
    inside = [scope for one in nginx["servers"] if one["at"].startswith(f"{path}:") for scope in one["scopes"]]
    return {
        "nginx": "there",
        "file": path,
        "found": digest(text) if text else "",
        "shown": nginx_front.shown(text),
        "asks": bool(inside) and all(has_login(one) and not one["applies"].get("early") for one in inside),
        "elsewhere": list[Json](sorted(_ports_elsewhere(dump, path))),
        **{name: nginx[name] for name in ("user_files", "account", "reload", "not_taken_over")},
    }


def _other_servers() -> frozenset[str]:
    return frozenset().union(*web_servers.JUDGED.values()) - web_servers.JUDGED["nginx"]


def _ports_elsewhere(dump: str, path: str) -> frozenset[int]:
    """Where nginx listens for somebody else's sites."""
    tree = nginx_config.parse(dump)
    others = [replace(top, block=tuple(one for one in top.inner if one.file != path)) for top in tree if top.block]
    return frozenset(port for _address, port in nginx_scopes.listens(others))


# --- verdicts -----------------------------------------------------------------------------------------------


def _unasked(state: Mapping[str, Any]) -> Judgement:
    """A front that was taken out of the inventory is not taken down: that would open the application."""
    left = [state["file"]] if state.get("found") else []
    if state.get("closed"):
        left.append(f"{CLOSED.rules_path} (ports {', '.join(map(str, state['closed']))})")
    if not left:
        return Judgement(CONTROL, "fronts", Status.NOT_APPLICABLE, "login_required_fronts asks for no login in front")
    why = f"login_required_fronts names nothing, and a front of ours is still there: {', '.join(left)}"
    fix = (
        "Declare it again, or, once the application is gone or asks for a login itself, delete these files, reload "
        "nginx, and run: nft delete table inet iot_site_checklist_fronts"
    )
    return Judgement(CONTROL, "fronts", Status.MANUAL, why, fix=fix)


def _judged(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    evidence: dict[str, Json] = {
        "fronts": [f"{one.listen} to {one.to}" for one in intent.fronts],
        "closed_to_others": state["closed"],
        "tls": state["tls"],
    }
    troubles = list(dict.fromkeys(_troubles(state, intent)))
    for status, why, fix in troubles:
        yield Judgement(CONTROL, "fronts", status, why, fix=fix, evidence=evidence)
    if troubles:
        return
    wanted = nginx_front.site(intent.fronts, intent.label, intent.user_file, _ipv6(state), state["tls"])
    serving = _serving(state, intent, wanted)
    closing = front_filter.change(CONTROL, "fronts", state, _to_close(state, intent))
    changes = tuple(one for one in (serving, closing) if one)
    if changes:
        before, after = ("".join(getattr(one, side) for one in changes) for side in ("before", "after"))
        why = "; ".join(_missing(state, intent, serving is not None, closing))
        yield Judgement(CONTROL, "fronts", Status.GAP, why, before, after, "", evidence, changes)
        return
    yield from _accounts(state, intent, evidence)


def _accounts(state: Mapping[str, Any], intent: Intent, evidence: Mapping[str, Json]) -> Iterator[Judgement]:
    """All is as wanted; whether somebody can log in is the last question."""
    path, size = show(intent.user_file), state["user_files"].get(intent.user_file, -1)
    if size <= 0:
        status = Status.UNKNOWN if size < 0 else Status.GAP
        why = f"the password file {path} " + ("could not be looked for" if size < 0 else "is missing or holds nobody")
        yield Judgement(CONTROL, "fronts", status, why, fix=_password_file(intent), evidence=evidence)
        return
    told = [f"port {one.listen} asks for a login and passes on to port {one.to}" for one in intent.fronts]
    why = f"{'; '.join(told)}, which nobody reaches from another machine"
    if not state["tls"]:
        why += "; the password travels without TLS"
    yield Judgement(CONTROL, "fronts", Status.PASS, why, fix="" if state["tls"] else _PLAIN, evidence=evidence)


def _missing(state: Mapping[str, Any], intent: Intent, unserved: bool, closing: Change | None) -> Iterator[str]:
    ports = ", ".join(str(one.listen) for one in intent.fronts)
    if unserved and not state["found"]:
        yield f"nothing asks for a login yet on port {ports}"
    elif unserved and not state["asks"]:
        yield f"{state['file']}: the front on port {ports} asks for no login"
    elif unserved:
        yield f"{state['file']}: the front on port {ports} is not as wanted, or nginx does not serve it"
    if closing and closing.edits:
        named = ", ".join(f"{one.to} ({_program(state, one.to)})" for one in intent.fronts)
        yield f"others reach port {named} around the login"
    elif closing:
        yield "a reboot would open the applications' own ports"


def _program(state: Mapping[str, Any], port: int) -> str:
    programs = sorted({show(program or "a program we may not look into") for program in _held(state, port)})
    return ", ".join(programs) or "nothing listens there now"


# --- what stands against it ---------------------------------------------------------------------------------


def _troubles(state: Mapping[str, Any], intent: Intent) -> Iterator[_Trouble]:
    """What a person must settle before anything is changed."""
    if not state["nginx"]:
        yield _no_nginx(state)
        return
    if not state["file"]:
        fix = "Put include /etc/nginx/conf.d/*.conf; into the http block of nginx.conf, then run again."
        yield Status.MANUAL, "nginx.conf includes no directory at its http level, so no site of ours has a place", fix
    if not state["reload"]:
        fix = "Start it (systemctl enable --now nginx) and look at what else it serves, then run again."
        yield Status.MANUAL, "nginx does not run, so it asks nobody for a login", fix
    if not intent.user_file:
        yield Status.GAP, "login_required_fronts needs accounts, and no password file is named", _password_file(intent)
    for front in intent.fronts:
        yield from _of_one(front, state, intent)
    if _to_close(state, intent):
        yield from _cannot_close(state, intent)


def _no_nginx(state: Mapping[str, Any]) -> _Trouble:
    instead = ", ".join(state["servers_instead"])
    why = "nginx is installed and switched off" if state["installed"] else "nginx is not installed"
    if instead:
        why += f"; {instead} serves the web here, and only nginx is made a front by us, beside it on a port of its own"
    how = "Start nginx (systemctl enable --now nginx)" if state["installed"] else "Install the package nginx"
    fix = f"{how}, look at what else it then serves, and run again. Until then the packet filter closes the port (A2)."
    return Status.MANUAL, f"{why}: nothing can ask for a login in front of the application", fix


def _of_one(front: Front, state: Mapping[str, Any], intent: Intent) -> Iterator[_Trouble]:
    other = "Choose a free port as listen in login_required_fronts."
    strangers = sorted(
        {show(one or "a program we may not look into") for one in _held(state, front.listen)} - {"nginx"}
    )
    if strangers:
        yield Status.GAP, f"port {front.listen} belongs to {', '.join(strangers)}, so no front can listen there", other
    if front.listen in state["elsewhere"]:
        yield Status.GAP, f"another site of nginx listens on port {front.listen} already", other
    if _held(state, front.to) & _WAYS_IN:
        why = f"port {front.to} ({_program(state, front.to)}) is a way in to the machine itself and no web application"
        yield Status.GAP, why, "Name the application's own port as to in login_required_fronts."
    if not _held(state, front.to) and not state["found"]:
        why = f"nothing listens on TCP port {front.to}, so there is nothing to put a login in front of"
        yield Status.MANUAL, why, "Start the application, or correct its port in login_required_fronts."
    addresses = {address for number, address, _program_ in state["listening"] if number == front.to}
    if addresses and not addresses & _PASSED_ON_TO:
        why = f"the application on port {front.to} listens on {', '.join(sorted(addresses))} only, not on 127.0.0.1"
        yield Status.MANUAL, f"{why}, where a front passes on to", f"To get a login in front of it, {_BIND}."
    for published in intent.published:
        if published.protocol == "tcp" and published.to == front.to:
            why = f"iot_site_published leads port {published.port} of {published.via} around the login, to {front.to}"
            fix = f"Lead it to {front.listen} on {published.via}, and declare to: {front.listen} in iot_site_published."
            yield Status.GAP, why, fix
    if front.to in state["led_on"]:
        why = f"port {front.to} is led on by destination NAT (a container's port?), past what filters this machine"
        fix = f"Publish it for this machine alone (-p 127.0.0.1:{front.to}:…), then run again."
        yield Status.GAP, why, fix


def _cannot_close(state: Mapping[str, Any], intent: Intent) -> Iterator[_Trouble]:
    ports = ", ".join(str(one) for one in sorted(_to_close(state, intent)))
    closing = f"port {ports} cannot be closed to others, who would go around the login"
    if not state["nft"]:
        yield Status.GAP, f"nftables is not installed: {closing}", f"Install the package nftables, or {_BIND}."
    elif not state["boot"]["systemd"]:
        yield Status.GAP, f"no systemd here, so after a reboot {closing}", f"Close it at boot by hand, or {_BIND}."
    elif state["boot"]["overridden"]:
        fix = "Remove the overrides of iot-site-checklist-fronts.service, then run again."
        yield Status.GAP, f"a file changes how our unit runs: {closing}", fix
    if state["strange"]:
        why = f"what this machine leads on is not understood ({show(state['strange'][0], 120)}): {closing} for sure"
        yield Status.UNKNOWN, why, f"Look whether it leads to the application; or {_BIND}."


def _password_file(intent: Intent) -> str:
    if not intent.user_file:
        return "Make a password file on the device (htpasswd) and name it in login_required_user_file, then run again."
    return f"Make it on the device, readable for nginx: htpasswd -c {show(intent.user_file)} NAME"


# --- what to change -----------------------------------------------------------------------------------------


def _serving(state: Mapping[str, Any], intent: Intent, wanted: str) -> Change | None:
    """The front itself; None when nginx serves it exactly so."""
    same = state["found"] == digest(wanted.rstrip("\n"))
    serves = all("nginx" in _held(state, one.listen) for one in intent.fronts)
    if same and serves and state["asks"] and state["file"] not in state["not_taken_over"]:
        return None
    return Change(
        CONTROL, "fronts", f"a login in front, with the accounts in {intent.user_file}", state["shown"], wanted,
        edits=(FileEdit(state["file"], wanted),),
        checks=(*user_file.checks(intent.user_file, *state["account"]), _CHECK),
        activate=(RunEdit(tuple(cast("list[str]", state["reload"]))),),
    )  # fmt: skip


def _to_close(state: Mapping[str, Any], intent: Intent) -> frozenset[int]:
    """An application on loopback needs nothing closed; one that does not run now may come up anywhere."""
    return frozenset(one.to for one in intent.fronts if not _on_loopback(state, one.to))


def _on_loopback(state: Mapping[str, Any], port: int) -> bool:
    found = [Socket("tcp", port, address) for number, address, _program_ in state["listening"] if number == port]
    return bool(found) and not any(one.exposed for one in found)


def _held(state: Mapping[str, Any], port: int) -> set[str]:
    """The programs at a port."""
    return {program for number, _address, program in state["listening"] if number == port}


def _ipv6(state: Mapping[str, Any]) -> bool:
    """This machine speaks IPv6: something listens there."""
    return any(":" in address for _port, address, _program_ in state["listening"])
