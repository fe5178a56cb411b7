# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.reused in the report's join: which of a device's secrets others have too, another device or another person.

A site learns of another site's device its label, and nothing else. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .display import show
from .findings import SEVERITY
from .marks import Mark, Marks
from .model import Finding, Json, Status
from .surfaces.reused import CONTROL, SURFACE

_FIX = {
    Status.GAP: "Give each device and each person a secret of their own. What is a person's or a declared service "
    "account's, remediate makes anew: -e user_credentials_rotate=NAME.",
    Status.MANUAL: "Make sure that these are the two ends of one tunnel. If they are not, each tunnel needs a key of "
    "its own.",
    Status.UNKNOWN: "Mend what C1 names of this device: what cannot be read cannot be compared.",
}
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """The devices of one site with their marks, and of those of other sites what they share with it, nameless."""

    devices: Sequence[Marks] = ()
    holders: Mapping[str, Collection[int]] = field(default_factory=dict)  # {digest: places in ``devices``}


NOBODY = Compared()


def compared(site: str, everywhere: Iterable[Marks]) -> Compared:
    """What ``site`` may know of the devices of this run."""
    all_marks = list(everywhere)
    own = [one for one in all_marks if one.site == site]
    here = {digest for device in own for mark in device.marks for digest in mark.digests}
    foreign = [_nameless(one, here) for one in all_marks if one.site != site]
    devices = [*own, *(one for one in foreign if one.marks)]
    holders: defaultdict[str, set[int]] = defaultdict(set)
    for place, device in enumerate(devices):
        for digest in (digest for mark in device.marks for digest in mark.digests):
            holders[digest].add(place)
    return Compared(devices, holders)


def _nameless(device: Marks, here: Collection[str]) -> Marks:
    shared = ((tuple(one for one in mark.digests if one in here), mark.tunnel) for mark in device.marks)
    marks = tuple(Mark(digests, "", "", "", True, tunnel) for digests, tunnel in shared if digests)
    return Marks("", "", device.label, marks, ())


@dataclass(frozen=True, slots=True)
class _Objection:
    status: Status
    why: str


def settled(finding: Finding, among: Compared) -> Finding:
    """C2.reused of one device; as it was where its secrets were not read in this run."""
    if (finding.control, finding.surface, finding.status) != (CONTROL, SURFACE, Status.UNKNOWN):
        return finding
    place = next((at for at, one in enumerate(among.devices) if one.site and one.host == finding.host), None)
    if place is None:
        return finding
    mine = among.devices[place]
    evidence = {**finding.evidence, **_evidence(mine, among)}
    objections = [
        *_elsewhere(place, among),
        *_within(mine.marks),
        *(_Objection(Status.UNKNOWN, why) for why in mine.hidden),
    ]
    if not objections:
        status, why = _closed(mine, evidence)
        return replace(finding, status=status, why=why, fix="", evidence=evidence)
    worst = min((one.status for one in objections), key=SEVERITY.index)
    why = _some(list(dict.fromkeys(one.why for one in objections if one.status is worst)))
    return replace(finding, status=worst, why=why, fix=_FIX[worst], evidence=evidence)


def _elsewhere(place: int, among: Compared) -> Iterator[_Objection]:
    for mark in among.devices[place].marks:
        others = sorted({at for digest in mark.digests for at in among.holders[digest]} - {place})
        if others:
            ends = mark.tunnel and len(others) == 1 and _only_tunnels(mark, among.devices[others[0]])
            names = ", ".join(dict.fromkeys(_name(among.devices[at]) for at in others[:_SHOWN]))
            more = f" and {len(others) - _SHOWN} more" if others[_SHOWN:] else ""
            why = f"{_told(mark)} has the secret of {names}{more}"
            yield _Objection(Status.MANUAL if ends else Status.GAP, why)


def _only_tunnels(mark: Mark, other: Marks) -> bool:
    return all(one.tunnel for one in other.marks if not set(one.digests).isdisjoint(mark.digests))


def _within(marks: Sequence[Mark]) -> Iterator[_Objection]:
    """One person may have several accounts on a device with one secret, which is how ours are made. What is nobody's,
    such as a community, may stand at several places, but is no person's password.
    """
    same: defaultdict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        for digest in mark.digests:
            same[digest].append(mark)
    for group in same.values():
        if len({mark.whose for mark in group}) > 1:
            yield _Objection(Status.GAP, f"{' and '.join(dict.fromkeys(map(_told, group)))} have one secret")


def _told(mark: Mark) -> str:
    return f"{mark.account} ({mark.surface})"


def _name(device: Marks) -> str:
    if device.site:
        return show(device.label or device.host)
    return f"{show(device.label)} of another site" if device.label else "a device of another site"


def _closed(mine: Marks, told: Mapping[str, Json]) -> tuple[Status, str]:
    if not mine.marks:
        return Status.NOT_APPLICABLE, "nothing on this device is opened by a secret"
    compared = f"{told['secrets']} of this device, {told['devices']} devices of this site"
    why = f"no secret here is used twice (compared: {compared})"
    hashes = f"; salted hashes that no guess opened are only compared byte for byte: {told['byte_for_byte']}"
    return Status.PASS, why + (hashes if told["byte_for_byte"] else "")


def _evidence(mine: Marks, among: Compared) -> dict[str, Json]:
    return {
        "secrets": len(mine.marks),
        "byte_for_byte": sum(not mark.known for mark in mine.marks),
        "devices": sum(bool(one.site) for one in among.devices),
    }


def _some(said: Sequence[str]) -> str:
    return "; ".join(said[:_SHOWN]) + (f"; and {len(said) - _SHOWN} more" if said[_SHOWN:] else "")
