# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one device left its factory with: candidates for C1, and whether an account is a factory's. Pure.

Vendor and model come from a label, a device or somebody's ledger: hostile, and written in many ways. Since and until
of a row decide nothing: a newer firmware keeps the password that it finds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

from .shipped_table import LOGINS, SPELLINGS, Login

LONGEST = 200  # characters of a vendor, a model, a serial number
MOST_MACS = 16  # a device has more only as a switch, and its label shows the first

#: Names that a system has by itself. One of them is a factory's only where that maker ships a login for it.
_SYSTEMS_OWN = frozenset({"root"})

#: Words of company names that Japanese writes without a blank.
_COMPANY = re.compile("株式会社|有限会社|合同会社")


@dataclass(frozen=True, slots=True)
class Shipped:
    """What is published about one device. What it is opened with is never shown."""

    accounts: tuple[str, ...]
    sources: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...] = field(repr=False)  # account, password

    def texts(self, account: str = "") -> tuple[str, ...]:
        """The argument ``shipped`` of ``guesses``: each once, what is published for this very account first."""
        own = account.casefold()
        ordered = sorted(self.pairs, key=lambda pair: pair[0].casefold() != own)
        return tuple(dict.fromkeys(text for _account, text in ordered))


def shipped(vendor: str, model: str, serial: str = "", macs: Sequence[str] = ()) -> Shipped:
    """What this device left its factory with. Of a device that no row is about: what is tried everywhere.

    A model that is not known ("") may be any of its vendor's.
    """
    rows = _rows_of(vendor, model) or tuple(row for row in LOGINS if row.everywhere)
    return Shipped(
        accounts=tuple(dict.fromkeys(row.account for row in rows if row.account)),
        sources=tuple(dict.fromkeys(row.source for row in rows)),
        pairs=tuple((row.account, text) for row in rows for text in _passwords(row, serial, macs)),
    )


def is_factory_account(vendor: str, model: str, account: str) -> str | None:
    """The source that names this account as one with which a device leaves its factory; None where there is none."""
    name = account.casefold()
    if not name:
        return None
    own = _rows_of(vendor, model)
    everywhere = [row for row in LOGINS if row.everywhere and name not in _SYSTEMS_OWN]
    return next((row.source for row in (*own, *everywhere) if row.account.casefold() == name), None)


def runs(name: str) -> frozenset[str]:
    """The words of a company's or product's name, and neighbouring words as one: however it is written, it is there."""
    words = re.findall(r"[^\W_]+", _COMPANY.sub(" ", _normal(name)))
    return frozenset(
        "".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)
    )


def vendors(name: str) -> frozenset[str]:
    """Those of SPELLINGS that a vendor's name is about."""
    found = runs(name)
    return frozenset(vendor for vendor, spellings in SPELLINGS.items() if any(plain(way) in found for way in spellings))


def plain(text: str, keep: str = "") -> str:
    """Small letters and digits only."""
    return "".join(one for one in _normal(text) if one.isalnum() or one in keep)


@lru_cache(maxsize=64)  # each account of a device asks for them
def _rows_of(vendor: str, model: str) -> tuple[Login, ...]:
    about = vendors(vendor)
    return tuple(row for row in LOGINS if row.vendor in about and _fits(model, row))


def _fits(model: str, row: Login) -> bool:
    """A model is often written with its vendor before it."""
    whole = plain(model)
    ways = {whole, *(whole.removeprefix(plain(spelling)) for spelling in SPELLINGS[row.vendor])}
    globs = [plain(glob, keep="*?") for glob in row.models.split()]
    return not whole or any(fnmatchcase(way, glob) for way in ways for glob in globs)


def _passwords(row: Login, serial: str, macs: Sequence[str]) -> Iterator[str]:
    if row.kind in ("text", "blank"):
        yield row.text
    elif row.kind == "serial":
        told = serial.strip()[:LONGEST]
        yield from (way for way in (told, told.upper(), told.lower()) if way)
    elif row.kind == "mac":
        yield from (way for mac in macs[:MOST_MACS] for way in _written_mac(mac))


def _written_mac(mac: str) -> Iterator[str]:
    """In the ways of labels, capitals first; nothing of what is no hardware address."""
    digits = re.sub(r"[:.-]", "", mac[:LONGEST].strip()).upper()
    if re.fullmatch(r"[0-9A-F]{12}", digits):
        pairs = [digits[place : place + 2] for place in range(0, 12, 2)]
        for way in (digits, ":".join(pairs), "-".join(pairs)):
            yield from (way, way.lower())


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:LONGEST]).casefold()[:LONGEST]
