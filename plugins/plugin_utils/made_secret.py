# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1's answer: a secret that nobody thought up, of 100 bits or more, in the characters that its place takes.

The bits are counted, not estimated: every character (every syllable of a passphrase) is drawn alike and alone. What
password_weakness.py would call weak is drawn anew. That costs -log2(1 - p) bits, where p is the share of weak ones: for
a site of a dozen words, none was weak of 100 000 of each kind. Were it one in a thousand, it would cost 0.0015 bits,
and each kind has at least 0.37 bits more than it needs.
"""

from __future__ import annotations

import math
import secrets
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .password_weakness import weaknesses

ENOUGH = 100  # bits

#: No signs: each of them means something to some shell, file, address or command line, and a Japanese keyboard has them
#: elsewhere than an American one (and a yen for the backslash). They would save one character of seventeen.
PLAIN = string.ascii_letters + string.digits

#: No two of these are taken for one another. On screen and paper: 0/o, 1/l/i/7, 2/z, 3/8, 5/s, 6/b, 9/g/q, u/v, c/e,
#: h/n, and a capital for its small letter. Over the telephone: a/j/k/8, b/c/d/e/g/p/t/v/z, f/s, m/n, i/y, q/u, and in
#: Japanese 9/q (kyuu). Of most of these none is here. With r there is m, but no n, so nothing looks like rn.
CLEAR = "347fhkmrtwxy"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a place takes: of which characters, how few and how many of them."""

    alphabet: str
    shortest: int
    longest: int
    unambiguous: bool = False  # only what is CLEAR: for a secret that somebody reads out, or types from paper

    def __post_init__(self) -> None:
        if not 1 <= self.shortest <= self.longest:
            raise ValueError(f"no secret has {self.shortest} characters or more and {self.longest} or fewer")

    @property
    def characters(self) -> str:
        """Those that a secret is made of, each once: one that stood there twice would be drawn more often."""
        return "".join(one for one in dict.fromkeys(self.alphabet) if not self.unambiguous or one in CLEAR)

    @property
    def length(self) -> int:
        """How many characters have enough bits. Raises ValueError where the longest have not."""
        each = math.log2(len(self.characters) or 1)
        _refuse(self.longest * each, f"{self.longest} of {len(self.characters)} different characters")
        return max(self.shortest, math.ceil(ENOUGH / each))


PLACES = {
    # bcrypt, which some Linux systems make of it, reads 72 bytes (OpenBSD, crypt_checkpass(3)); so do web servers.
    "shadow": Shape(PLAIN, 8, 72),
    "htpasswd": Shape(PLAIN, 8, 72),
    # MQTT 3.1.1, 3.1.3.5: two bytes for the length.
    "mosquitto": Shape(PLAIN, 8, 65_535),
    # RFC 3414, 11.2: eight or more. It has no upper limit, but managers and routers do.
    "usm": Shape(PLAIN, 8, 64),
    # Command reference, `login user` and `administrator password`: 32 characters. A `?` would ask for help.
    "yamaha_rtx": Shape(PLAIN, 8, 32),
}


def made_secret(shape: Shape, words: Iterable[str] = (), user: str = "") -> str:
    """Characters in no order, none of them a sign where the alphabet has none.

    ``words`` are the site's own and ``user`` is the name of the account, both as for :func:`weaknesses`. Raises
    ValueError where the shape cannot hold enough bits.
    """
    characters, length = shape.characters, shape.length
    return _strong(lambda: "".join(secrets.choice(characters) for _place in range(length)), words, user)


# --- passphrases ------------------------------------------------------------------------------------------------

#: One vowel after one consonant, written and read in one way only: kana to a Japanese ear, and easy to any other. Left
#: out is what has two spellings (shi, chi, tsu, fu, ji, wo), what merges with its neighbour (a vowel alone, n), and
#: what is misheard: p for b, and z for d.
_ROWS = {
    "k": "aiueo", "s": "aueo", "t": "aeo", "n": "aiueo", "h": "aieo", "m": "aiueo", "y": "auo", "r": "aiueo", "w": "a",
    "g": "aiueo", "d": "aeo", "b": "aiueo",
}  # fmt: skip
SYLLABLES = tuple(consonant + vowel for consonant, vowels in _ROWS.items() for vowel in vowels)
_IN_A_WORD = 3
_JOINT = "-"  # every place above takes it
_STEP = 2 * _IN_A_WORD + len(_JOINT)  # characters from one word to the next


def made_passphrase(shape: Shape, words: Iterable[str] = (), user: str = "") -> str:
    """Six made-up words of three syllables, to be read out over the telephone: ``kemira-sotano-…``.

    Small letters and "-" only. Raises ValueError where the shape does not take these letters, or not enough of them:
    :func:`made_secret` needs less room.
    """
    if missing := set("".join(SYLLABLES)) - set(shape.alphabet):
        raise ValueError(f"a passphrase needs small letters, of which this place does not take {len(missing)}")
    each, fitting = _IN_A_WORD * math.log2(len(SYLLABLES)), (shape.longest + len(_JOINT)) // _STEP
    _refuse(fitting * each, f"a passphrase of {shape.longest} characters")
    count = max(math.ceil(ENOUGH / each), math.ceil((shape.shortest + len(_JOINT)) / _STEP))
    if count > fitting:
        raise ValueError(f"no passphrase has {shape.shortest} characters or more and {shape.longest} or fewer")
    return _strong(lambda: _JOINT.join(_word() for _place in range(count)), words, user)


def _word() -> str:
    return "".join(secrets.choice(SYLLABLES) for _place in range(_IN_A_WORD))


# --- both -------------------------------------------------------------------------------------------------------

_TRIES = 20  # one is enough but for chance


def _refuse(bits: float, what: str) -> None:
    if bits < ENOUGH:
        raise ValueError(f"{what} can hold {math.floor(bits)} bits, {ENOUGH - math.floor(bits)} fewer than are needed")


def _strong(draw: Callable[[], str], words: Iterable[str], user: str) -> str:
    known = tuple(words)
    for _attempt in range(_TRIES):
        secret = draw()
        if not weaknesses(secret, known, user):
            return secret
    raise ValueError("every secret that was made is weak by the words of this site: are all of them words?")
