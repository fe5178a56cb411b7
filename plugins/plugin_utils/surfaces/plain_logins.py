# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins that travel in plain text: which servers and ports they have, and what a server's command line says of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypedDict

#: {what it is called here: (its port, its names in inetd's files, the programs that serve it)}.
_SERVICES = {
    "telnet": (23, ("telnet", "telnets"), ("telnetd", "in.telnetd", "utelnetd", "telnetd-ssl")),
    "ftp": (21, ("ftp",), ("ftpd", "in.ftpd", "proftpd", "pure-ftpd", "bftpd", "ftpd-ssl")),
    "rlogin": (513, ("login", "rlogin"), ("rlogind", "in.rlogind", "login.rlogind")),
    "rsh": (514, ("shell", "rsh", "cmd"), ("rshd", "in.rshd")),
    "rexec": (512, ("exec", "rexec"), ("rexecd", "in.rexecd")),
}

#: Where one of them is to be expected, whoever listens. vsftpd and Listening speak about FTP's.
PORTS = frozenset(port for service, (port, _names, _servers) in _SERVICES.items() if service != "ftp")

_SHELL = "a shell"
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "ksh", "zsh"})

#: These have a surface of their own, which says whether a login travels in plain text there.
_JUDGED_ELSEWHERE = frozenset({"vsftpd"})

TELNETDS = frozenset(_SERVICES["telnet"][2])

#: Servers that start another program for each visitor.
SUPER_SERVERS = frozenset({"inetd", "inetutils-inetd", "openbsd-inetd", "xinetd", "busybox", "systemd"})

_LOGIN_OPTION = re.compile(r"(?:-[lLE]|--exec-login=)(.*)")


class Door(TypedDict):
    """One way in: a service that somebody can reach, or will after the next boot."""

    service: str  # a name of _SERVICES, or a bare shell
    port: int  # 0: not known
    by: str  # what starts it: a super-server's kind, systemd, or itself
    unit: str  # systemd's, where there is one
    state: str  # of that unit: "active enabled", "inactive enabled"
    command: list[str]
    file: str
    number: int
    text: str  # the line that an edit replaces
    after: str  # what replaces it; "" where one line does not close it


def service_of(name: str, port: int, command: Sequence[str]) -> str:
    """What a configured service is to us; "" where it is no login in plain text, as far as we know."""
    programs = [word.rpartition("/")[2] for word in command]
    if _JUDGED_ELSEWHERE & set(programs):
        return ""
    for service, (_port, _names, servers) in _SERVICES.items():
        if set(servers) & set(programs[:3]):
            return service
    if command and all(one.lstrip("-") in _SHELLS or one in ("-i", "-l") for one in programs):
        return _SHELL
    for service, (usual, names, _servers) in _SERVICES.items():
        if name in names or (port and port == usual):
            return service
    return ""


def port_of(name: str) -> int:
    """The port of a service's name or number; 0 where it is not known."""
    if name.isascii() and name.isdigit():
        return int(name)
    return next((port for port, names, _servers in _SERVICES.values() if name in names), 0)


def asks_nothing(door: Door) -> bool:
    """Whether whoever connects gets a shell at once, without any login."""
    if door["service"] == _SHELL:
        return True
    words = door["command"]
    for position, word in enumerate(words if door["service"] == "telnet" else ()):
        option = _LOGIN_OPTION.fullmatch(word)
        value = option[1] or next(iter(words[position + 1 :]), "") if option else ""
        program = value.strip("\"'").split(" ")[0]
        if program.startswith("/") and program.rpartition("/")[2] != "login":
            return True
    return False


def wrapped(door: Door) -> str:
    """The name under which tcp_wrappers knows it; "" where they are not asked."""
    programs = [word.rpartition("/")[2] for word in door["command"]]
    return programs[1] if programs[:1] == ["tcpd"] and len(programs) > 1 else ""


def tells_host(door: Door) -> bool:
    """Whether telnetd itself names system and host before the login; busybox shows /etc/issue.net alone."""
    programs = [word.rpartition("/")[2] for word in door["command"]]
    told = {"telnetd", "in.telnetd"} & set(programs) and "busybox" not in programs
    silent = any(re.fullmatch(r"-[A-Za-z]*h[A-Za-z]*|--no-hostinfo", word) for word in door["command"])
    return bool(told) and not silent
