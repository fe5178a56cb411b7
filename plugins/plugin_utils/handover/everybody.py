# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hand-over of one site: every person that its inventory lists, with what the store holds of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..credential_store.sealed_files import Seal
from ..credential_store.store import Store
from ..credential_store.unusable import Unusable
from ..model import Intent, Person
from .bundle import bundle
from .handing import Handed, Outcome, PublicKey, handed, public_key
from .shelf import Shelf


@dataclass(frozen=True, slots=True)
class Device:
    """One host of the site, whether it is in this run or not: a bundle that lacks devices is not handed over."""

    intent: Intent
    directory: Path  # the site's, as this host says
    store: Store  # where this host's credentials are kept


class Refused(Exception):
    """Why nobody of the site, or one person, gets a bundle."""


def handovers(site: str, devices: Sequence[Device], seal: Seal, day: str, *, check: bool) -> Iterator[Handed]:
    """One result for each person, by name; a single one without a name where the whole site is refused."""
    try:
        directory = _directory(devices)
    except Refused as error:
        yield Handed(site, "", Outcome.REFUSED, str(error))
        return
    for name in sorted({person.name for device in devices for person in device.intent.people}):
        yield _handed(Shelf(directory, site, name, seal), devices, day, check)


def _directory(devices: Sequence[Device]) -> Path:
    directories = sorted({str(device.directory) for device in devices})
    if len(directories) != 1:
        raise Refused(f"its hosts have more than one iot_site_directory: {', '.join(directories)}. Give them one")
    return Path(directories[0])


def _handed(shelf: Shelf, devices: Sequence[Device], day: str, check: bool) -> Handed:
    name = shelf.person
    on = [(device, person) for device in devices if (person := _listed(device.intent, name))]
    try:
        key = _key([(device.intent, person) for device, person in on])
        records = [(device.intent.label, device.store.record(device.intent.host, name)) for device, _person in on]
    except (Refused, Unusable) as error:
        return Handed(shelf.site, name, Outcome.REFUSED, str(error))
    words = {word for device in devices for word in device.intent.words}
    return handed(shelf, bundle(shelf.site, name, records, words), key, day, check=check)


def _listed(intent: Intent, name: str) -> Person | None:
    return next((person for person in intent.people if person.name == name), None)


def _key(on: Sequence[tuple[Intent, Person]]) -> PublicKey | None:
    """The same on every device; one that only some of them know is this person's as well."""
    keys = {(person.age, person.gpg): intent.host for intent, person in on if person.age or person.gpg}
    if len(keys) > 1:
        raise Refused(f"more than one public key, on {' and on '.join(sorted(keys.values()))}. Which one is in use?")
    return next((public_key(*pair) for pair in keys), None)
