# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One person's hand-over: from what is known of their credentials to the files, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ..credential_store.unusable import Unusable
from . import pages
from .bundle import Bundle
from .programs import PROGRAMS, NotEncrypted, Program
from .shelf import SHEET, Made, Shelf, sha256


class Outcome(StrEnum):
    """What became of a person's bundle."""

    WRITTEN = "written"
    TO_WRITE = "to_write"  # in check mode
    UNCHANGED = "unchanged"
    NOTHING = "nothing"  # this person has no active credential
    NO_KEY = "no_key"
    REFUSED = "refused"


#: Somebody is left without a bundle who should have one: the run ends with exit code 2.
OPEN = (Outcome.NO_KEY, Outcome.REFUSED)
CHANGED = (Outcome.WRITTEN, Outcome.TO_WRITE)

_NO_KEY = "no public key. Add age or gpg to this person's entry in iot_site_people"


@dataclass(frozen=True, slots=True)
class Handed:
    """The result for one person of one site. It holds no secret."""

    site: str
    person: str
    outcome: Outcome
    why: str = ""
    devices: int = 0
    changing: tuple[str, ...] = ()  # the devices where a pending credential waits
    key: str = ""
    bundle: str = ""  # paths
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key, and the program that encrypts to it."""

    program: Program
    text: str


def public_key(age: str, gpg: str) -> PublicKey | None:
    """The one that a person has: preflight refuses two."""
    found = {"age": age, "gpg": gpg}
    return next((PublicKey(PROGRAMS[kind], text) for kind, text in found.items() if text), None)


def handed(shelf: Shelf, bundle: Bundle, key: PublicKey | None, day: str, *, check: bool) -> Handed:
    """Writes what has changed; in check mode only says so. No reason ends the hand-over of others."""
    result = Handed(
        site=bundle.site,
        person=bundle.person,
        outcome=Outcome.NOTHING,
        devices=sum(entry.secret is not None for entry in bundle.entries),
        changing=tuple(entry.device for entry in bundle.entries if entry.changing),
    )
    if not bundle:
        return replace(result, why="no active credential")
    if key is None:
        return replace(result, outcome=Outcome.NO_KEY, why=_NO_KEY)
    try:
        return _made(shelf, bundle, key, day, check, result)
    except (Unusable, NotEncrypted) as error:
        return replace(result, outcome=Outcome.REFUSED, why=str(error))


def _made(shelf: Shelf, bundle: Bundle, key: PublicKey, day: str, check: bool, result: Handed) -> Handed:
    program = key.program
    places = replace(result, bundle=str(shelf.folder / program.file), sheet=str(shelf.folder / SHEET))
    content = bundle.digest(key.text)
    made = shelf.made()
    if made and made.content == content:
        return replace(places, outcome=Outcome.UNCHANGED, key=made.key)
    if check:
        program.needed()
        return replace(places, outcome=Outcome.TO_WRITE)
    encrypted = program.encrypted(key.text, pages.inside(bundle, day).encode("utf-8", "backslashreplace"))
    receipt = pages.Receipt(day, program.name, encrypted.key, program.file, sha256(encrypted.data))
    sheet = pages.sheet(bundle, receipt).encode("utf-8", "backslashreplace")
    _put(shelf, Made(bundle.site, bundle.person, content, encrypted.key, day),
         {program.file: encrypted.data, SHEET: sheet})  # fmt: skip
    return replace(places, outcome=Outcome.WRITTEN, key=encrypted.key)


def _put(shelf: Shelf, made: Made, content: dict[str, bytes]) -> None:
    """A person has one bundle: that of another key's program goes."""
    digests = {name: sha256(data) for name, data in content.items()}
    shelf.put(replace(made, files=digests), content, [program.file for program in PROGRAMS.values()])
