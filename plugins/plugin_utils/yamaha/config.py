# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of ``show config`` as logical lines, each with the interface it belongs to.

The console breaks lines in the middle of a word at its width, whatever the terminal asked for: after 79 of 80
columns on the devices whose output we have (m); a break after all 80 is understood as well (a).
A line that we cannot place makes the whole text unreadable: a lost piece of a filter list would be a false pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Unreadable

#: How long a broken line is: on a console of 80 columns (the factory's) or 200 (what our terminal plugin sets).
_FULL = (79, 80, 199, 200)

#: Every configuration line begins with one of these; anything else is a piece of a broken line. (d)
_FIRST_WORDS = frozenset(
    """
    account administrator alarm alias analog ap application arp audio auth auto bgp bridge bri cloud cloud-vpn clock
    cluster connect console cooperation dashboard default description dhcp diagnosis disconnect dns dpi embedded
    ethernet export
    external-memory flash fr fxo heartbeat heartbeat2 http httpd igmp import inbound interface ip ipip ipsec ipv6 isdn
    keepalive l2tp lacp lan lan-map line lldp login loopback lua mail mail-notify mail-server mobile multicast nat
    netvolante-dns ngn no ntp ntpd ntpdate null onu operation ospf packet-buffer packetdump pki policy port-based-option
    pp ppp pppoe pptp prefix provider proxyarp qac-tm qos queue radius rdate remote rip rtfs save schedule sd security
    select server service set set-serial-baudrate sftpd sip sntpd snmp snmpv2c snmpv3 speed sshd ssh statistics status
    storm switch syslog system tcp tel telnet telnetd template terminal tftp time timezone tunnel upnp url usb usbhost
    user vlan vrrp wan wins wlan wol yno
    """.split()  # noqa: SIM905 - a hundred quoted words in a column would hide the list
)
_COMMAND = re.compile(r"\s*([a-z][a-z0-9-]*)(?=\s|$)")
_HERE_DOCUMENT = re.compile(r"embedded file \S+ <<\s*(\S+)")
_SELECT = re.compile(r"(pp|tunnel) select (\S+)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One command, single-spaced, and what ``pp`` and ``tunnel`` in it stand for."""

    text: str
    pp: str = ""
    tunnel: str = ""

    @property
    def words(self) -> list[str]:
        return self.text.split(" ")


def read(text: str) -> tuple[Line, ...]:
    """Every configuration line. Raises Unreadable where a line is neither a command nor a piece of one."""
    selected = {"pp": "", "tunnel": ""}
    lines = []
    for command in (" ".join(line.split()) for line in _unwrapped(_without_documents(text)) if not _is_remark(line)):
        chosen = _SELECT.fullmatch(command.removeprefix("no "))
        if chosen:
            kind, which = chosen.groups()
            selected[kind] = "" if command.startswith("no ") or which == "none" else which
        elif command in ("no pp select", "no tunnel select"):
            selected[command.split()[1]] = ""
        else:
            lines.append(Line(command, selected["pp"], selected["tunnel"]))
    if not lines:
        raise Unreadable("the configuration is empty: no line of it was shown")
    return tuple(lines)


def starting(lines: tuple[Line, ...], *beginning: str) -> Iterator[Line]:
    """The lines whose first words are these."""
    wanted = list(beginning)
    return (line for line in lines if line.words[: len(wanted)] == wanted)


def last(lines: tuple[Line, ...], *beginning: str) -> str:
    """What follows these words in the last such line; "" where there is none (a later line replaces an earlier one)."""
    found = [" ".join(line.words[len(beginning) :]) for line in starting(lines, *beginning)]
    return found[-1] if found else ""


def joined(text: str) -> list[str]:
    """Physical lines put together again where the console broke them, for outputs that are not configuration."""
    physical = text.splitlines()
    full = _full(physical)
    lines: list[str] = []
    broken = False
    for line in physical:
        if broken:
            lines[-1] += line
        else:
            lines.append(line)
        broken = _columns(line) == full
    return lines


def _unwrapped(text: str) -> Iterator[str]:
    physical = text.splitlines()
    full = _full(physical)
    pending = ""
    for number, line in enumerate(physical, 1):
        if pending and not _continues(pending, line, number):
            yield pending
            pending = ""
        if not pending and not line.strip():
            continue
        if not pending and not _is_remark(line) and not _begins_command(line):
            raise Unreadable(f"line {number} of the configuration does not begin with a command we know")
        pending += line
        if _columns(line) != full:
            yield pending
            pending = ""
    if pending:
        yield pending


def _continues(pending: str, line: str, number: int) -> bool:
    """Whether ``line`` is the rest of a broken line. Raises Unreadable where both readings make sense."""
    if not line.strip():
        return False
    if _is_remark(line):
        return False
    if not _begins_command(line):
        return True
    if _is_remark(pending):
        return False
    if pending[-1].isdigit() and not pending.lstrip().startswith("schedule"):
        return False  # a number is complete: nothing of the language goes on with a word right after it
    raise Unreadable(f"line {number} of the configuration is either a new line or the rest of the one before")


def _without_documents(physical: str) -> str:
    """Embedded files (programs, which may hold passwords) are no configuration lines."""
    kept = []
    end = ""
    for line in physical.splitlines():
        if end:
            end = "" if line.strip() == end else end
        elif document := _HERE_DOCUMENT.match(line.strip()):
            end = document.group(1)
        else:
            kept.append(line)
    if end:
        raise Unreadable("an embedded file in the configuration does not end")
    return "\n".join(kept)


def _is_remark(line: str) -> bool:
    return line.lstrip().startswith("#")


def _begins_command(line: str) -> bool:
    word = _COMMAND.match(line)
    if not word:
        return False
    name = word.group(1)
    return (
        name in _FIRST_WORDS
        or re.fullmatch(r"(lan|wan|bridge|vlan|onu|pp|tunnel|loopback|sd|usb)\d+", name) is not None
    )


def _full(physical: list[str]) -> int:
    """The length at which this console breaks lines; 0 when no line reached it."""
    longest = max((_columns(line) for line in physical), default=0)
    return longest if longest in _FULL else 0


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)
