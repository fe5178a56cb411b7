# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hand-over of one site: every person that its inventory lists, with what the store holds of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..credential_store.store import Seal, Store
from ..credential_store.unusable import Unusable
from ..model import Intent, Person
from .bundle import bundle
from .handing import Handed, Outcome, PublicKey, handed, public_key
from .shelf import Shelf

_EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Device:
    """One host of the site, whether it is in this run or not: a bundle that lacks devices is not handed over."""

    intent: Intent
    directory: Path  # the site's, as this host says
    store: str  # where its credentials are kept, as iot_site_credential_store says


class Refused(Exception):
    """Why nobody of the site, or one person, gets a bundle."""


def handovers(site: str, devices: Sequence[Device], seal: Seal, day: str, *, check: bool) -> Iterator[Handed]:
    """One result for each person, by name; a single one without a name where the whole site is refused."""
    try:
        store = Store(_directory(devices), site, seal)
    except Refused as error:
        yield Handed(site, "", Outcome.REFUSED, str(error))
        return
    for name in sorted({person.name for device in devices for person in device.intent.people}):
        yield _handed(store, name, devices, day, check)


def _directory(devices: Sequence[Device]) -> Path:
    stores = sorted({device.store for device in devices})
    if stores != [_EMBEDDED]:
        raise Refused(
            f"only what the embedded store keeps is handed over; iot_site_credential_store says {', '.join(stores)}. "
            "Give each person access to that store instead"
        )
    directories = sorted({str(device.directory) for device in devices})
    if len(directories) != 1:
        raise Refused(f"its hosts have more than one iot_site_directory: {', '.join(directories)}. Give them one")
    return Path(directories[0])


def _handed(store: Store, name: str, devices: Sequence[Device], day: str, check: bool) -> Handed:
    theirs = [(device.intent, _listed(device.intent, name)) for device in devices]
    on = [(intent, person) for intent, person in theirs if person is not None]
    try:
        key = _key(on)
        records = [(intent.label, store.record(intent.host, name)) for intent, _person in on]
    except (Refused, Unusable) as error:
        return Handed(store.site, name, Outcome.REFUSED, str(error))
    words = {word for device in devices for word in device.intent.words}
    shelf = Shelf(store.directory, store.site, name, store.seal)
    return handed(shelf, bundle(store.site, name, records, words), key, day, check=check)


def _listed(intent: Intent, name: str) -> Person | None:
    return next((person for person in intent.people if person.name == name), None)


def _key(on: Sequence[tuple[Intent, Person]]) -> PublicKey | None:
    """The same on every device; one that only some of them know is this person's as well."""
    keys = {(person.age, person.gpg): intent.host for intent, person in on if person.age or person.gpg}
    if len(keys) > 1:
        raise Refused(f"more than one public key, on {' and on '.join(sorted(keys.values()))}. Which one is in use?")
    return next((public_key(*pair) for pair in keys), None)
