# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemes of crypt(3): /etc/shadow has them, and web servers on Linux accept them too.

passlib is asked for the old ones and libcrypt for yescrypt. For bcrypt it is the library bcrypt itself, not passlib:
passlib 1.7.4 probes it with a long password at first use, which bcrypt since 5.0 refuses, and then verifies nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from . import libcrypt
from .scheme import Scheme, always

try:
    import passlib.hash

    MISSING = ""
except ImportError:
    MISSING = "the Python library passlib is missing on the controller: pip install passlib, then run again"

try:
    import bcrypt

    BCRYPT_MISSING = ""
except ImportError:
    BCRYPT_MISSING = "the Python library bcrypt is missing on the controller: pip install bcrypt, then run again"

_BCRYPT_READS = 72  # bytes of a password; since 5.0 the library refuses longer ones, where a device cuts them
_MOST_MEMORY = 256 << 20  # a small controller runs several hosts at once
_ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def with_passlib(name: str) -> Callable[[re.Match[str], bytes], bool]:
    """The check of one of passlib's hashes."""
    return lambda found, candidate: bool(getattr(passlib.hash, name).verify(candidate, found.string))


def passlib_missing() -> str:
    return MISSING


def bcrypt_missing() -> str:
    return BCRYPT_MISSING


def _bcrypt(found: re.Match[str], candidate: bytes) -> bool:
    return bcrypt.checkpw(candidate[:_BCRYPT_READS], found.string.encode())


def _bcrypt_cost(found: re.Match[str]) -> int:
    return (60_000 << int(found["cost"])) >> 10


def _rounds(found: re.Match[str]) -> int:
    return int(found["rounds"] or 5000)


def _yescrypt(found: re.Match[str], candidate: bytes) -> bool:
    return libcrypt.matches(found.string, candidate)


def _yescrypt_cost(found: re.Match[str]) -> int:
    """20 ms at Debian's default of 16 MiB. One character each holds log2(N) - 1 and r - 1."""
    log2_n, r = (_ITOA64.index(found[name]) + 1 for name in ("n", "r"))
    memory = (128 * r) << log2_n
    return (20_000 * memory) >> 24 if memory <= _MOST_MEMORY else 1 << 40


def made_yescrypt(secret: bytes, cost: int) -> str:
    """``cost`` as in crypt_gensalt(3): 5 is what Debian has, 16 MiB."""
    return libcrypt.made(secret, "$y$", cost)


def made_sha512(secret: bytes, rounds: int) -> str:
    salt = "".join(secrets.choice(_ITOA64) for _place in range(16))
    return str(passlib.hash.sha512_crypt.using(rounds=rounds, salt=salt).hash(secret))


def made_bcrypt(secret: bytes, cost: int) -> str:
    """Called 2y, as htpasswd calls it, which is the same as the 2b that the library makes."""
    return "$2y" + bcrypt.hashpw(secret, bcrypt.gensalt(cost)).decode().removeprefix("$2b")


def _sha(number: int, length: int) -> str:
    """`rounds=` is what a hostile file would exaggerate: it is read here, before any library sees it."""
    return rf"\${number}\$(?:rounds=(?P<rounds>\d{{1,10}})\$)?[./0-9A-Za-z]{{0,16}}\$[./0-9A-Za-z]{{{length}}}"


#: The parameters that crypt_gensalt(3) makes; the others that yescrypt could have (p, t, g) are not read.
_YESCRYPT = r"\$%s\$j(?P<n>[./0-9A-Za-j])(?P<r>[./0-9A-Za-j])\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}"

SCHEMES = (
    Scheme("yescrypt", _YESCRYPT % "y", _yescrypt, _yescrypt_cost, libcrypt.missing),
    Scheme("gost-yescrypt", _YESCRYPT % "gy", _yescrypt, _yescrypt_cost, libcrypt.missing),
    Scheme("sha512-crypt", _sha(6, 86), with_passlib("sha512_crypt"), _rounds, passlib_missing),
    Scheme("sha256-crypt", _sha(5, 43), with_passlib("sha256_crypt"), _rounds, passlib_missing),
    Scheme("bcrypt", r"\$2[aby]\$(?P<cost>\d\d)\$[./0-9A-Za-z]{53}", _bcrypt, _bcrypt_cost, bcrypt_missing),
    Scheme(
        "md5-crypt",
        r"\$1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}",
        with_passlib("md5_crypt"),
        always(700),
        passlib_missing,
    ),
    Scheme("des-crypt", r"[./0-9A-Za-z]{13}", with_passlib("des_crypt"), always(500), passlib_missing),
)

#: No password opens the account; what stands behind the mark may be a hash that comes back when it is unlocked.
LOCKED = Scheme("locked", r"[!*].*", lambda _found, _candidate: False, always(1), state="locked")
#: Nothing stands where the secret should be.
EMPTY = Scheme("empty", r"", lambda _found, candidate: candidate == b"", always(1), state="empty")
