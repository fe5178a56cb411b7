# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""crypt_rn(3) of the controller's own libcrypt, through ctypes: no Python library can do yescrypt.

Only libxcrypt (Debian since 11, Fedora since 28) has yescrypt. Python's own crypt module asked the same library, and is
gone since Python 3.13.
"""

from __future__ import annotations

import contextlib
import ctypes
import hmac
import secrets
from collections.abc import Callable
from functools import cache
from typing import cast

_NAMES = ("libcrypt.so.1", "libcrypt.so.2")  # Debian's, Fedora's
_ROOM = 1 << 16  # twice what struct crypt_data takes

_SALT = 16  # bytes, as Debian's passwd takes
_SETTING = 192  # CRYPT_GENSALT_OUTPUT_SIZE

_Room = ctypes.Array[ctypes.c_char]
_CryptRn = Callable[[bytes, bytes, _Room, int], bytes | None]
_GensaltRn = Callable[[bytes, int, bytes, int, _Room, int], bytes | None]


def missing() -> str:
    """What to do where this controller has no such library, or one without yescrypt; "" where it has."""
    if _crypt_rn() and _setting("$y$", 1):
        return ""
    return "the controller's system has no libcrypt of libxcrypt, which alone can do it: run from Debian 11 or later"


def matches(stored: str, candidate: bytes) -> bool:
    """Raises ValueError where the library does not know the scheme or its parameters."""
    return hmac.compare_digest(_hashed(candidate, stored.encode()), stored.encode())


def made(secret: bytes, prefix: str, cost: int) -> str:
    """``secret`` hashed with a salt of its own; ``prefix`` and ``cost`` as crypt_gensalt(3) has them.

    Raises ValueError where the library does not know them.
    """
    return _hashed(secret, _setting(prefix, cost)).decode()


def _setting(prefix: str, cost: int) -> bytes:
    """Scheme, parameters and a new salt; empty where the library does not know them."""
    function = _gensalt_rn()
    salt, room = secrets.token_bytes(_SALT), ctypes.create_string_buffer(_SETTING)
    return (function(prefix.encode(), cost, salt, _SALT, room, _SETTING) if function else None) or b""


def _hashed(secret: bytes, setting: bytes) -> bytes:
    function = _crypt_rn()
    room = ctypes.create_string_buffer(_ROOM)
    hashed = function(secret, setting, room, _ROOM) if function and setting else None
    if hashed is None or hashed.startswith(b"*"):
        raise ValueError("libcrypt refuses it")
    return hashed


@cache
def _crypt_rn() -> _CryptRn | None:
    return _function("crypt_rn", ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)


@cache
def _gensalt_rn() -> _GensaltRn | None:
    text, number = ctypes.c_char_p, ctypes.c_int
    return _function("crypt_gensalt_rn", text, ctypes.c_ulong, text, number, ctypes.c_void_p, number)


def _function(symbol: str, *takes: type) -> Callable[..., bytes | None] | None:
    for name in _NAMES:
        with contextlib.suppress(OSError, AttributeError):
            function = getattr(ctypes.CDLL(name), symbol)
            function.argtypes, function.restype = takes, ctypes.c_char_p
            return cast(Callable[..., bytes | None], function)
    return None
