# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The opaque symbol that stands for a device where everybody can read it (記号等、利用者のみが判別可能な情報)."""

from __future__ import annotations

import hashlib
import hmac
from itertools import count

#: No pair that is mistaken on a screen or over the telephone (0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V), no vowel but A and E.
ALPHABET = "34679ACDEFGHJKMNPQRTVWXY"
_LENGTH = 7  # 24**7 = 4.6 thousand million: no two devices of an owner alike

_SHORTEST = 20
_DIFFERENT = 10


def weakness(secret: object) -> str:
    """Why a secret could be guessed, in words that do not show it; "" when it is good.

    Host names are few and guessable, so whoever guesses the secret can turn labels back into names.
    """
    if not isinstance(secret, str):
        return "a text"
    if len(secret) < _SHORTEST or len(set(secret)) < _DIFFERENT:
        return f"a random text of at least {_SHORTEST} characters, e.g. from: openssl rand -base64 24"
    return ""


def label(secret: str, site: str, host: str) -> str:
    """The same symbol for the same device at every run; without the secret it leads back to nothing."""
    if expected := weakness(secret):
        raise ValueError(f"the secret is too weak for a label; expected {expected}")
    if not site or not host:
        raise ValueError("a label needs the site's id and the host's name")
    names = [name.upper() for name in (site, host) if len(name) > 1]
    for attempt in count():
        symbol = _symbol(secret, f"{site}\0{host}\0{attempt}")
        if not any(name in symbol for name in names):  # a short name can turn up by chance
            return f"K-{symbol}"
    raise AssertionError("unreachable: count() never ends")


def _symbol(secret: str, message: str) -> str:
    number = int.from_bytes(hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest(), "big")
    symbols = []
    for _place in range(_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        symbols.append(ALPHABET[digit])
    return "".join(symbols)
