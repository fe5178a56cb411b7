# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one endpoint speaks: by what it is expected to, by how it begins to speak, and at last by asking.

Every kind that fits is one Answer: web pages and ONVIF often share a port.
"""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import answer as found
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import (
    bacnet,
    ftp,
    modbus,
    mqtt,
    onvif,
    rtsp,
    snmp,
    ssh,
    telnet,
    tls,
    upnp,
    vnc,
    web,
)
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.bounds import (
    NotThis,
    Refused,
    Silent,
    Stopped,
    Unreachable,
)

TCP = {
    "http": web.http, "https": web.https, "ssh": ssh.ssh, "ftp": ftp.ftp, "telnet": telnet.telnet, "rtsp": rtsp.rtsp,
    "onvif": onvif.onvif, "mqtt": mqtt.mqtt, "modbus": modbus.modbus, "vnc": vnc.vnc, "upnp": upnp.description,
    "tls": tls.tls,
}  # fmt: skip
UDP = {"snmp": snmp.snmp, "bacnet": bacnet.bacnet, "onvif": onvif.discovery, "upnp": upnp.search}
READERS = {"tcp": TCP, "udp": UDP}
KINDS = sorted({*TCP, *UDP})

#: What is registered or usual at a port; elsewhere a peer is listened to first.
USUAL = {
    "tcp": {
        21: ("ftp",), 22: ("ssh",), 23: ("telnet",), 80: ("http",), 443: ("https",), 502: ("modbus",), 554: ("rtsp",),
        1883: ("mqtt",), 2323: ("telnet",), 5900: ("vnc",), 5901: ("vnc",), 8000: ("http",), 8080: ("http",),
        8443: ("https",), 8554: ("rtsp",), 8883: ("mqtt",), 10554: ("rtsp",),
    },
    "udp": {161: ("snmp",), 1900: ("upnp",), 3702: ("onvif",), 47808: ("bacnet",)},
}  # fmt: skip
ALSO = {"http": ("onvif",)}  # asked where the one was found and nobody said which kinds to try
LAST = ("http", "https")  # asked of a peer that waits for us to speak: TLS answers plain text at once, with an alert

#: How a peer begins, and what it then speaks.
SIGNS = (
    (b"SSH-", "ssh"), (b"RFB ", "vnc"), (b"HTTP/", "http"), (b"RTSP/", "rtsp"), (b"220", "ftp"), (b"\xff", "telnet"),
    (b"\x15\x03", "https"),
)  # fmt: skip
GREETING, QUIET = 1.5, 0.5  # seconds for a first word, and of silence after the last


async def look(visit, transport, kinds=()):
    """The Answers. Raises Refused, Silent or Unreachable where there was never a connection."""
    return await (_tcp(visit, kinds) if transport == "tcp" else _udp(visit, kinds))


async def _tcp(visit, kinds):
    search = _Search(visit, kinds)
    while search.wanted:
        await search.ask(search.wanted.pop(0))
    return search.answers or [search.nothing()]


class _Search:
    """The kinds still to be asked for at a TCP endpoint, and what was found."""

    def __init__(self, visit, kinds):
        self._visit, self._named = visit, bool(kinds)
        self.answers, self._tried, self._why, self._heard = [], set(), "", b""
        self.wanted = list(kinds or USUAL["tcp"].get(visit.port, ("",)))

    async def ask(self, kind):
        self._tried.add(kind)
        try:
            self.answers.append(await TCP.get(kind, greeting)(self._visit))
            self._want(*(ALSO.get(kind, ()) if not self._named else ()))
        except NotThis as other:
            self._heard = self._heard or other.heard
            self._want(other.instead or sign(other.heard))
        except Stopped as stop:
            self._stopped(kind, stop)
        except (Refused, Silent, Unreachable):
            if not self._visit.source:
                raise
            self._why = self._why or "took a connection, and then no more"
        if not self.wanted and not self.answers and not self._heard:
            self._want(next((kind for kind in LAST if kind not in self._tried), ""))

    def _want(self, *kinds):
        self.wanted += [kind for kind in kinds if kind and kind not in self._tried and kind not in self.wanted]

    def _stopped(self, kind, stop):
        """An answer without an end is still of that kind, and what it is like is not known."""
        self._why = self._why or stop.why
        other = sign(stop.heard)
        if other and other not in self._tried:
            self._want(other)
        elif stop.heard and not self.answers:
            cut = found.Answer(kind or "tcp", found.UNKNOWN, stop.why)
            if kind in ("ssh", "ftp", "telnet", ""):
                cut.tell("telnet_banner", stop.heard, cut=True)
            self.answers.append(cut)
            self.wanted.clear()

    def nothing(self):
        """The answer about what speaks nothing that we know."""
        answer = found.Answer("tcp", why=self._why or "takes connections, and speaks nothing that this probe knows")
        answer.tell("telnet_banner", self._heard)
        return answer


async def greeting(visit):
    """Listens: always NotThis, with what the peer says by itself."""
    async with visit.connection() as line:
        raise NotThis(await line.pause(QUIET, GREETING))


def sign(heard):
    return next((kind for begin, kind in SIGNS if heard.startswith(begin)), "")


async def _udp(visit, kinds):
    wanted = kinds or USUAL["udp"].get(visit.port, ())
    if not wanted:
        why = f"nothing is usual at UDP port {visit.port}: say in kinds what to ask"
        return [found.Answer("udp", found.UNKNOWN, why)]
    answers = []
    for kind in wanted:
        try:
            answers.append(await UDP[kind](visit))
        except NotThis:
            answers.append(found.Answer("udp", why=f"answers, and not as {kind} does"))
        except Silent:
            continue
    if not answers:
        raise Silent()
    return answers
