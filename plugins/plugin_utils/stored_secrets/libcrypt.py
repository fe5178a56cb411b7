# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""crypt_r(3) of the controller's own libcrypt, through ctypes: no Python library can do yescrypt.

Only libxcrypt (Debian since 11, Fedora since 28) has yescrypt. Python's own crypt module asked the same library, and is
gone since Python 3.13.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable
from functools import cache

_NAMES = ("libcrypt.so.1", "libcrypt.so.2")  # Debian's, Fedora's
_ROOM = 1 << 16  # twice what struct crypt_data takes

_CryptRn = Callable[[bytes, bytes, "ctypes.Array[ctypes.c_char]", int], bytes | None]


def missing() -> str:
    """What to do where this controller has no such library; "" where it has."""
    if _crypt_rn():
        return ""
    return "this controller cannot check it: its system has no libcrypt of libxcrypt; run from Debian 11 or later"


def matches(stored: str, candidate: bytes) -> bool:
    """Raises ValueError where the library does not know the scheme or its parameters."""
    function = _crypt_rn()
    made = function(candidate, stored.encode(), ctypes.create_string_buffer(_ROOM), _ROOM) if function else None
    if made is None or made.startswith(b"*"):
        raise ValueError("libcrypt refuses it")
    return made == stored.encode()


@cache
def _crypt_rn() -> _CryptRn | None:
    for name in _NAMES:
        with contextlib.suppress(OSError, AttributeError):
            function = ctypes.CDLL(name).crypt_rn
            function.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
            function.restype = ctypes.c_char_p
            return function
    return None
