# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this very host tells its neighbours by multicast DNS (RFC 6762), whichever program of its says so.

The questions have a time to live of 0: they reach the programs of this host and never the network. Runs on the
device: Python 3.8, standard library only.
"""

from __future__ import annotations

import select
import socket
import struct
import time

from ansible_collections.iot_site.checklist.plugins.module_utils.dns_packet import PTR, asking, labels

PORT = 5353
GROUPS = {socket.AF_INET: "224.0.0.251", socket.AF_INET6: "ff02::fb"}
TRIES, FIRST_SECONDS, QUIET_SECONDS = 3, 0.6, 0.2  # for a first answer (it may just have started), and for the others
ROUNDS, RECORDS = 4, 500

HINFO, TXT, SRV, ANY = 13, 16, 33, 255
_ALL_TYPES = ("_services", "_dns-sd", "_udp", "local")


def ask():
    """``{"heard": [[kind, name, what it says]], "error"}``, sorted: kinds are type, service, text, host and system."""
    doors = _doors()
    try:
        if not doors:
            return {"heard": [], "error": "no interface takes multicast"}
        found = _conversation(doors)
    finally:
        for door in doors:
            door[0].close()
    told = sorted(set(_told(found)))
    return {"heard": [list(one) for one in told], "error": "" if told else "nobody answered"}


def _doors():
    """``(socket, where to ask, the questions that give its addresses a name)`` of every interface and family."""
    doors = []
    for index, name in socket.if_nameindex():
        for family in GROUPS if name != "lo" else ():
            try:
                doors.append(_door(family, index))
            except OSError:  # the interface is down, or does not speak this
                continue
    return doors


def _door(family, index):
    if family == socket.AF_INET6:
        own = {((*address, "ip6", "arpa"), PTR) for address in _addresses6(index)}
        return _silent(family, index), (GROUPS[family], PORT, 0, index), own
    with _silent(family, index) as probe:  # connecting sends nothing, and shows our own address there
        probe.connect((GROUPS[family], PORT))
        address = probe.getsockname()[0].split(".")
    return _silent(family, index), (GROUPS[family], PORT), {((*reversed(address), "in-addr", "arpa"), PTR)}


def _addresses6(index):
    """The digits of every IPv6 address of an interface, from the last to the first."""
    with open("/proc/net/if_inet6", encoding="ascii") as file:
        lines = [line.split() for line in file]
    return [reversed(words[0]) for words in lines if int(words[1], 16) == index]


def _silent(family, index):
    made = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=4s4si", bytes(4), bytes(4), index))
    else:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 0)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    return made


# --- the conversation ---------------------------------------------------------------------------------------


def _conversation(doors):
    """All records that were heard: every answer leads to the next questions, until there are none."""
    records, asked = set(), set()
    for number in range(ROUNDS):
        wanted = {(_ALL_TYPES, PTR)}.union(*(door[2] for door in doors)) if number == 0 else _onward(records)
        new = sorted(wanted - asked)[:RECORDS]
        if not new:
            break
        asked.update(new)
        for _try in range(TRIES if number == 0 else 2):
            before = len(records)
            _ask_all(doors, new)
            _listen(doors, records, new, FIRST_SECONDS if number == 0 else QUIET_SECONDS)
            if len(records) > before:
                break
    return records


def _onward(records):
    """Who offers each type, and what is said of each of them."""
    asked = set()
    for name, kind, data in records:
        if kind == PTR and name == _ALL_TYPES:
            asked.add((data, PTR))
        elif kind == PTR and name[-1:] == ("arpa",):
            asked.add((data, ANY))
        elif kind == PTR:
            asked |= {(data, SRV), (data, TXT)}
        elif kind == SRV:
            asked.add((data, ANY))
    return asked


def _ask_all(doors, questions):
    for begin in range(0, len(questions), 10):
        packet = asking(questions[begin : begin + 10])
        for door, to, _own in doors:
            try:
                door.sendto(packet, to)
            except OSError:
                continue


def _listen(doors, records, questions, seconds):
    """Until it is quiet, or every question has its answer that can have only one."""
    end = time.monotonic() + seconds
    while len(records) < RECORDS and time.monotonic() < end:
        ready, _write, _error = select.select([door[0] for door in doors], [], [], max(0.0, end - time.monotonic()))
        for door in ready:
            try:
                records.update(_records(door.recv(9000)))
            except (OSError, ValueError, IndexError, struct.error):
                continue  # not an answer, or cut off
        if ready and _answered(questions, records):
            break
        if ready:
            end = time.monotonic() + QUIET_SECONDS


def _answered(questions, records):
    """Of a PTR there may always be more."""
    heard = {(name, kind) for name, kind, _data in records}
    heard |= {(name, ANY) for name, _kind in heard}
    return all(kind != PTR and (name, kind) in heard for name, kind in questions)


# --- answers ------------------------------------------------------------------------------------------------


def _records(packet):
    """``(name, kind, data)`` of each record; a name is a tuple of labels."""
    _id, flags, questions, *counts = struct.unpack(">6H", packet[:12])
    if not flags & 0x8000:
        return
    at = 12
    for _question in range(questions):
        _name, at = labels(packet, at)
        at += 4
    for _record in range(min(sum(counts), RECORDS)):
        name, at = labels(packet, at)
        kind, _class, _ttl, length = struct.unpack(">HHIH", packet[at : at + 10])
        begin, at = at + 10, at + 10 + length
        if kind in (PTR, SRV):
            yield name, kind, labels(packet, begin + (6 if kind == SRV else 0))[0]
        elif kind in (TXT, HINFO):
            yield name, kind, tuple(_texts(packet[begin:at]))
        else:
            yield name, kind, ()


def _texts(data):
    while data:
        yield data[1 : 1 + data[0]].decode("utf-8", "backslashreplace")
        data = data[1 + data[0] :]


def _told(records):
    """What a person sees of it. Addresses name nothing, and come and go."""
    for name, kind, data in records:
        full = ".".join(name)
        if kind == PTR and name == _ALL_TYPES:
            yield "type", ".".join(data[:2]), ""
        elif kind == PTR and name[-1:] == ("arpa",):
            yield "host", ".".join(data), ""
        elif kind == PTR and len(data) > len(name):
            yield "service", data[0], ".".join(name[:2])
        elif kind == SRV:
            yield "service", name[0], ".".join(name[1:3])
            yield "host", ".".join(data), ""
        elif kind == TXT:
            for text in data:
                if text:
                    yield "text", name[0], text
        elif kind == HINFO:
            yield "system", full, " ".join(data)
