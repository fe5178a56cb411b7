# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS certificates that this machine shows before login (B1): those it greets with, and those in its servers' files.

The ports are asked on the machine itself, so that a server nobody declared is found too. A server that shows another
certificate to whoever asks for another name is known by its files.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ..contract import Surface
from ..display import show
from ..model import Absent, Intent, Json, Judgement, Unreadable
from ..raw import Follow, Raw, Read
from ..x509 import issued, read
from . import certificate_names, taken_over
from .certificate_files import READS, SERVERS, Pair, files
from .listening import BYTES_ACT, PASS_BYTES_ON
from .sockets import LISTENERS, Socket, sockets

#: Where TLS is spoken from the first byte on; some of these are never asked.
_TLS = frozenset({443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 4443, 4911, 5671, 8443, 8883, 9443})

#: Never greeted: what speaks first there is plain text, or is no TLS by its nature.
_PLAIN = (80, 1883)
_PLAIN_PROGRAMS = (*PASS_BYTES_ON, "sshd", "dropbear", "snmpd", "vsftpd", "inetutils-telnetd", "telnetd", "dnsmasq")


def _any(words: Iterable[object]) -> str:
    return "|".join(re.escape(str(word)) for word in words)


_KNOWN = sorted({program for one in SERVERS.values() for program in one.programs} - set(_PLAIN_PROGRAMS))

#: The ports of exposed TCP sockets, in the kernel's list as JSON writes it: of a server that we know all but the plain.
_TO_GREET = (
    rf'\{{"address": "(?!127\.|::1")[^"]*", "port": (?!(?:{_any(_PLAIN)}),)'
    rf'(?=(?:(?!(?:{_any(BYTES_ACT)}),)[0-9]+|[0-9]+, "program": "(?:{_any(_KNOWN)})"))([0-9]+), '
    rf'"program": "(?!(?:{_any(_PLAIN_PROGRAMS)})")[^"\\]*", "protocol": "tcp"\}}'
)

_HOLDS = r'"holds": \[(")'  # once, for a file with something in it


def _of_files() -> Iterator[Read]:
    """The certificates of each server, and its unit where it has any."""
    for name, server in SERVERS.items():
        unit = ("@units", "ActiveState,CanReload", f"{name}.service")
        for number, (of, pattern) in enumerate(server.follow):
            file = f"certificates.{name}{number}"
            yield Read(file, command=("@certificate_file", "{}"), follow=Follow(of, pattern))
            yield Read(f"{file}.unit", command=unit, follow=Follow(file, _HOLDS))


class Certificates(Surface):
    """The certificates of all servers of the machine."""

    name = "certificates"
    controls = (certificate_names.CONTROL,)
    reads = (
        LISTENERS,
        taken_over.BOOTED,
        *READS,
        *_of_files(),
        Read("certificates.served", command=("@certificate", "{}"), follow=Follow(LISTENERS.name, _TO_GREET)),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        exposed = [one for one in sockets(raw) if one.exposed and one.protocol == "tcp"]
        found, doubts = _Found(), list(_not_asked(raw, exposed))
        doubts += [why for port, out in _served(raw) for why in _greeted(found, port, out, exposed)]
        doubts += [why for name in SERVERS for why in _written(found, name, raw, exposed)]
        if not found.certificates and not doubts:
            raise Absent("no server that others reach shows a TLS certificate")
        return {
            "certificates": cast(Json, found.state()),
            "doubts": cast(Json, sorted(set(doubts))),
            "units": cast(Json, _units(raw)),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        yield from certificate_names.judge(state, intent)


class _Found:
    """Every certificate once, with all places where it was seen."""

    def __init__(self) -> None:
        self.certificates: dict[str, dict[str, Any]] = {}
        self._encoded: dict[str, str] = {}

    def add(self, encoded: str) -> dict[str, Any]:
        one = read(encoded)
        self._encoded[one["fingerprint"]] = encoded
        return self.certificates.setdefault(one["fingerprint"], {**one, "served": [], "files": []})

    def state(self) -> list[dict[str, Any]]:
        for name, one in self.certificates.items():
            one["authority"] |= any(issued(self._encoded[name], other) for other in self._encoded.values())
            one["served"] = sorted(set(one["served"]))
            one["files"] = sorted(one["files"], key=lambda file: (file["path"], file["server"], file["key"]))
        return [self.certificates[name] for name in sorted(self.certificates)]


# --- what is served -------------------------------------------------------------------------------------------


def _served(raw: Raw) -> Iterator[tuple[int, Any]]:
    for key, out in raw.all("certificates.served").items():
        try:
            told = json.loads(out.text) if not out.error else [{"certificate": "", "error": out.error, "address": ""}]
            yield (
                int(key.rpartition(" ")[2]),
                [{name: str(one[name]) for name in ("certificate", "error", "address")} for one in told],
            )
        except (ValueError, TypeError, KeyError) as error:
            raise Unreadable(f"with what a port greets is not understood: {type(error).__name__}") from error


def _greeted(found: _Found, port: int, told: list[dict[str, str]], exposed: list[Socket]) -> Iterator[str]:
    """Takes the certificates; yields where TLS is spoken and the certificate was not seen."""
    for one in told:
        program = next((each.program for each in exposed if each.port == port), "")
        where = _place(port, program)
        if one["certificate"]:
            try:
                found.add(one["certificate"])["served"].append(where)
            except Unreadable as reason:
                yield f"{where}: {reason}"
        elif one["error"].startswith(("TLS", "not asked")) or (port in _TLS and one["error"] != "no TLS"):
            yield f"{where}: {show(one['error'])}"


def _place(port: int, program: str) -> str:
    return f"TCP port {port} ({show(program) or 'a program we may not look into'})"


def _not_asked(raw: Raw, exposed: Iterable[Socket]) -> Iterator[str]:
    asked = {int(key.rpartition(" ")[2]) for key in raw.all("certificates.served") if key[-1:].isdigit()}
    for one in exposed:
        if one.port in _TLS and one.port not in asked and one.program not in ("sshd", "dropbear"):
            yield f"{_place(one.port, one.program)}: it is never asked there"


# --- what is in files -----------------------------------------------------------------------------------------


def _written(found: _Found, name: str, raw: Raw, exposed: Iterable[Socket]) -> Iterator[str]:
    """Takes what a server that others reach is configured to show; yields what could not be read of it."""
    if not any(one.program in SERVERS[name].programs for one in exposed):
        return
    pairs, problem = files(name, raw)
    if problem:
        yield f"which certificates {name} shows is not known: {problem}"
    told = {shlex.split(key)[-1]: out for number in range(len(SERVERS[name].follow))
            for key, out in raw.all(f"certificates.{name}{number}").items()}  # fmt: skip
    began = taken_over.newest_start(raw, SERVERS[name].started) if SERVERS[name].started else 0.0
    for pair in pairs:
        out = told.get(pair.certificate)
        if out is None or out.error:
            why = out.error if out else "only a plain path is read"
            yield f"{show(pair.certificate)}, which {name} shows, was not read ({show(why)})"
        else:
            yield from _in_file(found, name, pair, out.text, began)


def _in_file(found: _Found, name: str, pair: Pair, text: str, began: float) -> Iterator[str]:
    """The first certificate is the server's own; others lead to its authority."""
    try:
        told = json.loads(text)
        certificates, holds, error = list(told["certificates"]), list(told["holds"]), str(told["error"])
        if error or not certificates:
            raise Unreadable(error or "there is no certificate in it")
        leaf, *_chain = certificates
        found.add(leaf)["files"].append({"path": pair.certificate, "key": pair.key, "server": name, "holds": holds})
        if began and int(told["changed"]) > began + 2:
            yield f"{name} was not restarted since {show(pair.certificate)} changed, so it may show another certificate"
    except Unreadable as reason:
        yield f"{show(pair.certificate)}, which {name} shows: {show(str(reason))}"
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"what is in {show(pair.certificate)} is not understood: {type(error).__name__}") from error


def _units(raw: Raw) -> dict[str, dict[str, str]]:
    """What systemd says of the servers that it runs."""
    found = {}
    for name, server in SERVERS.items():
        for number in range(len(server.follow)):
            for out in raw.all(f"certificates.{name}{number}.unit").values():
                said = dict(line.partition("=")[::2] for line in out.text.splitlines())
                if said.get("ActiveState") == "active":
                    found[name] = {"reload": said.get("CanReload", "")}
    return found
