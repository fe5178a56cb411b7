# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inside and outside in one table: what was judged closed from inside and is open from outside is a gap. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..model import Finding, Json, Status
from .wanted import INSIDE, REFUSED

_CLOSED = (Status.PASS, Status.FIXED)

#: Decided or not, what is open is open.
_OPEN = (Status.GAP, Status.PLANNED, Status.WAIVED)

_WEB = frozenset({"http", "https", "onvif", "upnp"})

#: By the kind of endpoint that opened without a login: which control had said that it asks for one.
_LOGIN = {
    "http": ("A1.web", "A1.front"),
    "https": ("A1.web", "A1.front"),
    "ssh": ("A1.ssh",),
    "snmp": ("A1.snmp",),
    "mqtt": ("A1.mqtt",),
    "ftp": ("A1.ftp",),
    "telnet": ("A1.telnet",),
}

#: By the text that named something: which control had said that it does not.
_NAMES = {
    "html_title": ("B1.http_title",),
    "html_text": ("B1.http_title",),
    "image_name": ("B1.http_title",),
    "http_server": ("B1.http_header",),
    "http_header": ("B1.http_header",),
    "http_realm": ("B1.http_realm",),
    "certificate_subject": ("B1.certificate",),
    "certificate_san": ("B1.certificate",),
    "certificate_issuer": ("B1.certificate",),
    "ssh_banner": ("B1.ssh_version",),
    "ssh_text": ("B1.ssh_banner",),
    "ftp_banner": ("B1.ftp_banner",),
    "telnet_banner": ("B1.login_text", "B1.hostname"),
    "snmp_sysdescr": ("B1.snmp_names",),
    "snmp_sysname": ("B1.snmp_names", "B1.hostname"),
    "snmp_syslocation": ("B1.snmp_names",),
    "snmp_syscontact": ("B1.snmp_names",),
    "mqtt_sys": ("B1.mqtt_names",),
}


def met(found: Iterable[Finding]) -> list[Finding]:
    """What strangers have met, of all findings."""
    return [finding for finding in found if _is_open(finding)]


def contradicted(finding: Finding, strangers: Sequence[Finding]) -> Finding:
    """The finding, or the gap that it really is, with what was seen from outside beside what was read inside."""
    if finding.seen_from != INSIDE or finding.status not in _CLOSED:
        return finding
    against = [other for other in strangers if (finding.host, finding.control) in _against(other)]
    if not against:
        return finding
    seen = "; ".join(f"{other.surface} from {other.seen_from}: {other.why}" for other in against)
    said = f"{finding.why}; but seen from outside it is not so: {seen}"
    evidence: dict[str, Json] = {
        **finding.evidence,
        "inside": {"status": finding.status.value, "why": finding.why},
        "outside": [{"control": one.control, "surface": one.surface, "seen_from": one.seen_from} for one in against],
    }
    fix = "Find out which of the two is wrong: another way in, another device at that address, or our reading."
    return replace(finding, status=Status.GAP, why=said, fix=fix, evidence=evidence)


def _is_open(other: Finding) -> bool:
    """What a stranger met. A visitor of the allowlist who is not served contradicts nothing that was closed."""
    if other.seen_from == INSIDE or other.status not in _OPEN:
        return False
    return other.item != "A2" or other.evidence.get("expects") == REFUSED


def _against(other: Finding) -> Iterable[tuple[str, str]]:
    """The verdicts from inside, by host and control, that cannot be right with this one."""
    kind, via = str(other.evidence.get("kind") or ""), str(other.evidence.get("via") or "")
    if other.item == "A2":
        return _access(other.host, kind, via)
    if other.item == "A1":
        return [(other.host, control) for control in _LOGIN.get(kind, ("A1.listening",))]
    surface = other.surface.rpartition(" ")[2]
    return [(other.host, control) for control in _NAMES.get(surface, ())]


def _access(host: str, kind: str, via: str) -> Iterator[tuple[str, str]]:
    yield host, "A2.management"
    yield host, "A2.web" if kind in _WEB else "A2.service"
    if via and via != host:
        yield host, "A2.enforced"
        yield via, "A2.forwarded"
