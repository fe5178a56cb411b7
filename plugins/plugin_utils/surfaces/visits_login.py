# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accepted logins in the words of sshd, dropbear, vsftpd and mosquitto.

A line's beginning is the program's; what follows may be a visitor's text. So every expression is anchored at the
beginning, and where a visitor's text comes before the end, at the end too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..raw import Raw, Read
from .tails import journal, lines, tail
from .visits import PROVEN, SEEN, Visit, day_in_words, day_of

#: Up to the first "]" a line is syslog's and the program's own: a visitor's user name stands behind it.
_SSH_PICK = (
    r"^[^]]*(sshd|sshd-session)\[[0-9]+\]: Accepted |^[^]]*dropbear\[[0-9]+\]: "
    r"(\[[0-9]+\] [A-Z][a-z]+ [0-9 ]+ [0-9:]+ )?(Password|Pubkey|PAM password) auth succeeded "
)
_SYSLOGS = ("/var/log/auth.log.1", "/var/log/auth.log", "/var/log/secure", "/var/log/messages")

SSH_JOURNAL = journal("sources.ssh_journal", _SSH_PICK, "sshd", "sshd-session", "dropbear")
SSH_LOG = tail("sources.ssh_log", _SSH_PICK, *_SYSLOGS)
FTP_LOG = tail("sources.ftp_log", "OK LOGIN: Client ", "/var/log/vsftpd.log.1", "/var/log/vsftpd.log")
MQTT_LOG = tail(
    "sources.mqtt_log", "New client connected from ", "/var/log/mosquitto/*.log.1", "/var/log/mosquitto/*.log"
)

#: When, as the journal (seconds), a modern syslog (2026-11-28T…) and an old one (Nov 28 …, without a year) write it.
_WHEN = r"(?:(?P<unix>\d{9,11})\.\d+|(?P<iso>\d{4}-\d\d-\d\d)T\S{8,32}|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
_SSHD = re.compile(
    _WHEN + r" \S{1,255} sshd(?:-session)?\[\d+\]: Accepted \S{1,64} for (?P<account>.{1,128}) "
    r"from (?P<source>[0-9a-fA-F:.%\w]{2,64}) port \d{1,5}(?: ssh2.*)?"
)
_DROPBEAR = re.compile(
    _WHEN + r" \S{1,255} dropbear\[\d+\]: (?:\[\d+\] )?(?:\w{3} [ \d]\d \d\d:\d\d:\d\d )?"
    r"(?:Password|Pubkey|PAM password) auth succeeded for '(?P<account>[^']{1,128})' .{0,256}?"
    r"from (?P<source>[0-9a-fA-F:.%\w]{2,64}):\d{1,5}"
)
_FTP = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) \d\d:\d\d:\d\d (?P<year>\d{4}) \[pid \d+\] "
    r"\[(?P<account>[^\]]{1,128})\] OK LOGIN: "
    r'Client "(?P<source>[0-9a-fA-F:.]{2,64})"(?P<anonymous>, anon password ".*")?'
)
_MQTT = re.compile(
    r"(?:(?P<unix>\d{9,11})|(?P<iso>\d{4}-\d\d-\d\d)T\S{8,32}): New client connected from "
    r"(?P<source>[0-9a-fA-F:.]{2,64}):\d{1,5} as .{0,2048} \(p\d, c\d, k\d{1,5}(?:, u'(?P<account>.{0,128})')?\)\."
)


def visits(raw: Raw) -> Iterator[Visit]:
    for read, visit_in in _READ_BY.items():
        yield from (visit for _log, line in lines(raw, read) if (visit := visit_in(line)))


def _ssh(line: str) -> Visit | None:
    found = _SSHD.fullmatch(line) or _DROPBEAR.fullmatch(line)
    return found and Visit(found["source"], PROVEN, "ssh", found["account"], _day(found))


def _ftp(line: str) -> Visit | None:
    """Whoever came as anonymous has proved nothing."""
    found = _FTP.fullmatch(line)
    if not found:
        return None
    level = SEEN if found["anonymous"] is not None else PROVEN
    day = day_in_words(found["day"], found["month"], found["year"])
    return Visit(found["source"], level, "ftp", found["account"], day)


def _mqtt(line: str) -> Visit | None:
    found = _MQTT.fullmatch(line)
    if not found:
        return None
    return Visit(found["source"], PROVEN if found["account"] else SEEN, "mqtt", found["account"] or "", _day(found))


def _day(found: re.Match[str]) -> str:
    return day_of(float(found["unix"])) if found["unix"] else found["iso"] or ""


_READ_BY: dict[Read, Callable[[str], Visit | None]] = {
    SSH_JOURNAL: _ssh, SSH_LOG: _ssh, FTP_LOG: _ftp, MQTT_LOG: _mqtt,
}  # fmt: skip
READS = tuple(_READ_BY)
SSH = (SSH_JOURNAL, SSH_LOG)  # every host that is looked at over SSH has something there, if it records logins at all
