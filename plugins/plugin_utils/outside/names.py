# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 from outside: no text that a visitor reads before login names a facility, a region, a device or a version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from ..disclosure import verdict
from ..display import show
from ..findings import SEVERITY
from ..model import Intent, Json, Status, as_json
from .content import SURE, unsure
from .seen import SILENT, Endpoint, Text
from .verdict import Verdict

#: What the detector calls a text that is a name and not prose.
_AS_NAME = {"snmp_sysname": "sysname", "ptr_name": "hostname", "dns_name": "hostname"}

#: Servers that answer with nothing but bytes: that no text was read says nothing.
_MUTE = frozenset({"", "tcp", "udp", "tls"})

#: Texts of one surface that are shown; what all of them name is in the evidence.
_SHOWN = 5

#: What the protocol makes a server say (RFC 4253, 4.2) and no setting hides. With a comment behind it, it is a gap.
_SSH_STAYS = re.compile(r"SSH-2\.0-(?:OpenSSH|dropbear)_[0-9][0-9A-Za-z.]*")

_REPLACE = "Put the label in its place, or nothing: banner_blanking, or the vendor's own settings."
_CERTIFICATE = "Look at its certificate from another machine (openssl s_client -connect …), and for names in it."
_LOOK = "Look at it by eye; put the label in its place where it names a place or a device."


def names(endpoint: Endpoint, intent: Intent, access: Status) -> Iterator[Verdict]:
    """One verdict for every kind of text, and one for each thing that we cannot read: a picture, say."""
    told: dict[str, list[Verdict]] = {}
    for text in endpoint.texts:
        told.setdefault(text.surface, []).append(_judged(text, intent))
    yield from map(_together, told.values())
    yield from _pictures(endpoint)
    yield from _unread(endpoint)
    if not endpoint.texts:
        yield _textless(endpoint, access)


def named(name: str, intent: Intent) -> Verdict:
    """A name in DNS: everybody can ask for it."""
    return _judged(Text("dns_name", name), intent)


def _judged(text: Text, intent: Intent) -> Verdict:
    told = verdict(text.text, intent.words, intent.label, _AS_NAME.get(text.surface, text.surface))
    status, why, fix = told.status, told.why, _REPLACE if told.status is Status.GAP else ""
    if text.surface == "ssh_banner" and _SSH_STAYS.fullmatch(text.text.strip()):
        status, why = Status.MANUAL, "the greeting names the version, which the protocol needs and no setting hides"
        fix = "Keep the server up to date, and strangers away from it (A2)."
    elif text.surface == "image_name" and status is Status.PASS:
        status, why, fix = Status.MANUAL, "what the picture shows cannot be read by us", _LOOK
    elif text.cut and status is Status.PASS:
        status, why, fix = Status.UNKNOWN, "only its beginning could be read, and that names nothing", _LOOK
    elif status is Status.MANUAL:
        fix = _LOOK
    evidence: dict[str, Json] = {"named": as_json(told.matches), "cut": text.cut}
    return Verdict(status, why, fix, text.surface, show(text.text, 300), evidence)


def _together(told: list[Verdict]) -> Verdict:
    """The texts of one surface: a report has one finding for it, in which none hides another. The worst decides."""
    worst, *others = sorted(told, key=lambda one: SEVERITY.index(one.status))
    doubtful = [worst, *(one for one in others if one.status is not Status.PASS)]
    if len(doubtful) == 1:
        return worst
    left = [f"and {len(doubtful) - _SHOWN} texts more"] if len(doubtful) > _SHOWN else []
    evidence: dict[str, Json] = {
        "named": [match for one in doubtful for match in cast("list[Json]", one.evidence["named"])],
        "cut": any(one.evidence["cut"] for one in doubtful),
    }
    return replace(
        worst,
        why="; ".join([*dict.fromkeys(one.why for one in doubtful[:_SHOWN]), *left]),
        fix=" ".join(dict.fromkeys(one.fix for one in doubtful if one.fix)),
        before="\n".join(one.before for one in doubtful[:_SHOWN]),
        evidence=evidence,
    )


def _pictures(endpoint: Endpoint) -> Iterator[Verdict]:
    """Logos and favicons."""
    images = endpoint.facts.get("images")
    if isinstance(images, list) and images:
        shown = ", ".join(show(str(image), 80) for image in images[:10])
        why = f"{len(images)} pictures, which we cannot read, may show a name or a logo"
        yield Verdict(Status.MANUAL, why, _LOOK, "images", shown)


def _unread(endpoint: Endpoint) -> Iterator[Verdict]:
    """What a visitor sees, and the vantage could not."""
    if endpoint.facts.get("scripts") is True:
        why = "what its scripts write, which we do not run, may be a name"
        yield Verdict(Status.MANUAL, why, _LOOK, "scripts")
    certificate = endpoint.facts.get("certificate")
    if certificate is not None:
        why = f"the names in its certificate could not be read ({show(str(certificate), 80)})"
        yield Verdict(Status.UNKNOWN, why, _CERTIFICATE, "certificate")
    if endpoint.facts.get("ptr_name") is not None:
        address = endpoint.target.address
        why = f"no resolver of the vantage could tell which name DNS has for {address}"
        fix = f"Ask for it by hand (dig -x {address}), or give the vantage a resolver that answers."
        yield Verdict(Status.MANUAL, why, fix, "ptr_name")


def _textless(endpoint: Endpoint, access: Status) -> Verdict:
    if endpoint.state in SILENT and access in SURE:
        return Verdict(Status.PASS, "nothing answers this visitor, so nothing is named")
    if endpoint.answered and endpoint.kind not in _MUTE and endpoint.state != "open":
        return Verdict(Status.PASS, f"{endpoint.kind} shows no text before login")
    return unsure(endpoint)
