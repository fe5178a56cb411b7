# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public key of a person: what the inventory says of it, and whether something can be encrypted to it. Pure.

Two forms. An age recipient (age-encryption.org/v1) is an X25519 key in Bech32, whose checksum (BIP 173) finds what was
mistyped. An OpenPGP key is the armored block that ``gpg --armor --export`` prints.
"""

from __future__ import annotations

import re
from typing import Any

from .problems import Expected

_AGE = "the public key that age-keygen prints, age1 and 58 more letters and digits, every one of them right"
_GPG = "the public key itself, one block as gpg --armor --export prints it, of at most 64 KB; never a private key"

_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PREFIX = "age"

_BEGIN, _END = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"
_LARGEST = 1 << 16

#: Field 2 of a key in gpg's listing (doc/DETAILS of GnuPG): why nothing is encrypted to it.
_VALIDITY = {"e": "has expired", "r": "was revoked", "d": "was disabled", "i": "is not valid"}


def age(value: Any) -> str:
    """An age recipient. Whoever is told that it is wrong must not show it: it may be the private key."""
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(rf"{_PREFIX}1[{_CHARACTERS}]{{58}}", text) or _checksum(text) != 1:
        raise Expected(_AGE)
    return str(text)


def gpg(value: Any) -> str:
    """One armored block; not to be shown when it is wrong, either."""
    text = "\n".join(value.strip().splitlines()) if isinstance(value, str) else ""
    is_block = text.startswith(f"{_BEGIN}\n") and text.endswith(f"\n{_END}") and text.count("-----BEGIN") == 1
    if not is_block or len(text.encode("utf-8", "replace")) > _LARGEST:
        raise Expected(_GPG)
    return f"{text}\n"


def fingerprint(listing: str) -> str:
    """The key in what ``gpg --with-colons --show-keys`` prints. Raises Expected, which says what is wrong with it."""
    rows = [line.split(":") for line in listing.splitlines()]
    keys = [row for row in rows if row[0] == "pub" and len(row) > 11]
    prints = [row[9] for row in rows if row[0] == "fpr" and len(row) > 9]
    if len(keys) != 1 or not prints or not re.fullmatch("[0-9A-F]{40,64}", prints[0]):
        raise Expected("one public key that this gpg can read")
    if "E" not in keys[0][11]:  # of the key as a whole: subkeys that have expired do not count
        why = _VALIDITY.get(keys[0][1], "has no part, or none that has not expired, to encrypt to")
        raise Expected(f"a public key to which something can be encrypted today; this one {why}")
    return prints[0]


def _checksum(text: str) -> int:
    """Of a Bech32 text; 1 when nothing was mistyped."""
    prefix, _one, data = text.rpartition("1")
    values = [*(ord(char) >> 5 for char in prefix), 0, *(ord(char) & 31 for char in prefix)]
    check = 1
    for value in [*values, *map(_CHARACTERS.index, data)]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, factor in enumerate(_GENERATOR):
            check ^= factor if top >> place & 1 else 0
    return check
