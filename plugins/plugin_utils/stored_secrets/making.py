# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a secret to the text that a place keeps of it: the strongest scheme that it takes, salted anew at every call.

A costly hash protects a secret that can be guessed, and one of 100 bits (made_secret.py) cannot be. So a cost is what
a small device bears. For a login it is 20 ms (of a small controller, as in scheme.py), which is yescrypt's own.
Elsewhere it is a few: a server hashes at every request of HTTP Basic, and nginx, lighttpd and mosquitto do it in the
one thread that serves everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from . import libcrypt, mosquitto, unix, usm
from .scheme import Store, as_bytes
from .stores import LONGEST_CANDIDATE


@dataclass(frozen=True, slots=True)
class Way:
    """How to make the text of one scheme of STORES."""

    scheme: str
    make: Callable[[bytes], str]
    missing: Callable[[], str] = lambda: ""  # what this controller lacks to make it
    reads: int = LONGEST_CANDIDATE  # bytes; of a longer secret the beginning would be enough to log in


#: Apache has its own bcrypt. nginx and lighttpd ask the system's crypt(3): libxcrypt and musl have it, glibc had not.
_WEB = (
    Way("bcrypt", lambda secret: unix.made_bcrypt(secret, cost=5), unix.bcrypt_missing, reads=72),
    Way("sha512-crypt", lambda secret: unix.made_sha512(secret, rounds=5_000), unix.passlib_missing),
)

#: The strongest first.
WAYS: dict[Store, tuple[Way, ...]] = {
    "shadow": (
        Way("yescrypt", lambda secret: unix.made_yescrypt(secret, cost=5), libcrypt.missing),
        Way("sha512-crypt", lambda secret: unix.made_sha512(secret, rounds=20_000), unix.passlib_missing),
    ),
    "htpasswd": _WEB,
    "nginx": _WEB,
    "mosquitto": (Way("mosquitto-pbkdf2", lambda secret: mosquitto.made_pbkdf2(secret, iterations=1_000)),),
}


def made(store: Store, secret: str, takes: Collection[str]) -> str:
    """What stands in the file of ``store`` after the account's name.

    ``takes`` names the schemes that this device can check, by their names in STORES: one that it cannot locks its user
    out. A stronger one that this controller cannot make gives way to the next. Raises ValueError, which never shows the
    secret: where no scheme is left, saying what to install, and where the scheme does not read the whole secret.
    """
    ways = [way for way in WAYS.get(store, ()) if way.scheme in takes]
    if not ways:
        raise ValueError(f"{store}: this device takes no scheme that we make")
    lacking = [f"{way.scheme}: {way.missing()}" for way in ways if way.missing()]
    if len(lacking) == len(ways):
        raise ValueError("; or ".join(lacking))
    way = next(way for way in ways if not way.missing())
    return way.make(_typed(secret, 1, way.reads, way.scheme))


# --- SNMPv3 -----------------------------------------------------------------------------------------------------

#: SHA-256 (RFC 7860) for both; of the privacy key AES-128 takes the first 16 bytes (RFC 3826, 1.2.1).
_KEYS = {"authentication": 32, "privacy": 16}
_SHA256 = 5  # the last number of usmHMAC192SHA256AuthProtocol
_FEWEST = 8  # RFC 3414, 11.2


def made_usm(engine: str, secret: str, part: str) -> str:
    """As usm.users tells it: the hash, the engine's id in hexadecimal, the key. Raises as :func:`usm_key`."""
    return f"{_SHA256}:{engine}:{usm_key(bytes.fromhex(engine), secret, part).hex()}"


def usm_key(engine: bytes, secret: str, part: str) -> bytes:
    """The key that the agent with this engine id keeps.

    net-snmp takes it in its own file: ``createUser name SHA-256 -l 0x… AES -l 0x…``.
    It has no salt but the engine's id, so it is the same at every call. Raises ValueError where the id or the secret
    has a length that agents refuse.
    """
    if not 5 <= len(engine) <= 32:  # RFC 3411, SnmpEngineID
        raise ValueError("an engine id has 5 to 32 bytes")
    return usm.localized("sha256", engine, _typed(secret, _FEWEST, LONGEST_CANDIDATE, "usm"))[: _KEYS[part]]


def _typed(secret: str, fewest: int, most: int, scheme: str) -> bytes:
    typed = as_bytes(secret)
    if not fewest <= len(typed) <= most or b"\0" in typed:
        raise ValueError(f"{scheme}: a secret has {fewest} to {most} bytes, none of them NUL")
    return typed
