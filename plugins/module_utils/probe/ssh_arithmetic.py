# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic of an SSH session that protects nothing: AES (FIPS 197), X25519 (RFC 7748), the MODP groups. Pure.

Slow and not constant in time. That is right for one use only: a session in which we have no secret to keep.
"""

from __future__ import annotations

from functools import lru_cache

# --- AES, encryption alone: CTR mode (RFC 4344) needs no more -------------------------------------------------


def _tables():
    """The S-box, and it multiplied with (2, 1, 1, 3) as a word for each of four places."""
    power, log, value = [], [0] * 256, 1
    for exponent in range(255):
        power.append(value)
        log[value] = exponent
        value ^= _doubled(value)  # 3 generates the field
    inverses = [power[-log[byte] % 255] if byte else 0 for byte in range(256)]
    box = [0x63 ^ _folded(inverse) for inverse in inverses]
    words = [_doubled(one) << 24 | one << 16 | one << 8 | one ^ _doubled(one) for one in box]
    return box, [[word >> shift | word << 32 - shift & 0xFFFFFFFF for word in words] for shift in (0, 8, 16, 24)]


def _doubled(value):
    return value << 1 ^ (0x11B if value & 0x80 else 0)


def _folded(value):
    """The affine map of FIPS 197, 5.1.1: the byte and its four rotations."""
    spread = value ^ value << 1 ^ value << 2 ^ value << 3 ^ value << 4
    return (spread ^ spread >> 8) & 0xFF


_BOX, _WORDS = _tables()


def _expanded(key):
    """One word for each column of each round."""
    count = len(key) // 4
    words = [int.from_bytes(key[at : at + 4], "big") for at in range(0, len(key), 4)]
    constant = 1
    for number in range(count, 4 * (count + 7)):
        word = words[-1]
        if number % count == 0:
            word = _substituted(word << 8 & 0xFFFFFFFF | word >> 24) ^ constant << 24
            constant = _doubled(constant)
        elif count > 6 and number % count == 4:
            word = _substituted(word)
        words.append(words[number - count] ^ word)
    return words


def _substituted(word):
    return int.from_bytes(bytes(_BOX[one] for one in word.to_bytes(4, "big")), "big")


def _block(block, keys):
    """One block of 16 bytes, encrypted."""
    columns = [int.from_bytes(block[at : at + 4], "big") ^ keys[at // 4] for at in (0, 4, 8, 12)]
    for begin in range(4, len(keys) - 4, 4):
        columns = [
            _WORDS[0][columns[at] >> 24]
            ^ _WORDS[1][columns[at - 3] >> 16 & 0xFF]
            ^ _WORDS[2][columns[at - 2] >> 8 & 0xFF]
            ^ _WORDS[3][columns[at - 1] & 0xFF]
            ^ keys[begin + at]
            for at in range(4)
        ]
    return b"".join(
        (
            (_BOX[columns[at] >> 24] << 24 | _BOX[columns[at - 3] >> 16 & 0xFF] << 16
             | _BOX[columns[at - 2] >> 8 & 0xFF] << 8 | _BOX[columns[at - 1] & 0xFF]) ^ keys[len(keys) - 4 + at]
        ).to_bytes(4, "big")
        for at in range(4)
    )  # fmt: skip


class Counter:
    """A key stream: AES in counter mode."""

    def __init__(self, key, first):
        self._keys = _expanded(key)
        self._counter = int.from_bytes(first, "big")
        self._left = b""

    def crypt(self, data):
        """Encrypts and decrypts alike."""
        while len(self._left) < len(data):
            self._left += _block(self._counter.to_bytes(16, "big"), self._keys)
            self._counter = self._counter + 1 & (1 << 128) - 1
        stream, self._left = self._left[: len(data)], self._left[len(data) :]
        return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")


# --- X25519 ---------------------------------------------------------------------------------------------------

_FIELD = (1 << 255) - 19
BASE = (9).to_bytes(32, "little")


def x25519(scalar, point):
    """RFC 7748, section 5; both 32 bytes."""
    number = int.from_bytes(scalar, "little") & ~7 & (1 << 255) - 1 | 1 << 254
    start = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swapped = 1, 0, start, 1, 0
    for place in range(254, -1, -1):
        bit = number >> place & 1
        if swapped ^ bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swapped = bit
        plus, minus = x2 + z2, x2 - z2
        plus2, minus2 = plus * plus % _FIELD, minus * minus % _FIELD
        left, right = (x3 - z3) * plus % _FIELD, (x3 + z3) * minus % _FIELD
        x3, z3 = (left + right) ** 2 % _FIELD, start * (left - right) ** 2 % _FIELD
        difference = plus2 - minus2
        x2, z2 = plus2 * minus2 % _FIELD, difference * (plus2 + 121665 * difference) % _FIELD
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, _FIELD - 2, _FIELD) % _FIELD).to_bytes(32, "little")


# --- the MODP groups ------------------------------------------------------------------------------------------


@lru_cache(maxsize=None)
def prime(bits, addend):
    """2^n - 2^(n-64) - 1 + 2^64 ([2^(n-130) pi] + addend), as RFC 2409 (6.2) and RFC 3526 give their primes."""
    return (1 << bits) - (1 << bits - 64) - 1 + ((_pi(bits - 130) + addend) << 64)


def _pi(places):
    """The whole part of pi times two to the power of ``places``, by Machin's formula."""
    spare = places + 64
    return (16 * _arctangent(5, spare) - 4 * _arctangent(239, spare)) >> 64


def _arctangent(inverse, places):
    term = total = (1 << places) // inverse
    divisor, sign = 1, 1
    while term:
        term //= inverse * inverse
        divisor, sign = divisor + 2, -sign
        total += sign * (term // divisor)
    return total
