# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which schemes each kind of place has, and whether a candidate is the secret that is stored there.

Stored text is hostile: its length is bounded before a pattern sees it, the cost that it claims before a library does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..model import Unreadable
from . import mosquitto, unix, usm, web
from .scheme import Scheme, Store, Stored, as_bytes

LONGEST = 1024  # of a stored text
LONGEST_CANDIDATE = 511  # bytes; crypt(3) takes no more
COSTLIEST = 2_000_000  # microseconds for one candidate: bcrypt up to 15, two million rounds

#: crypt(3) takes no setting that begins with a mark, so such a line opens for nobody here, too.
_WEB = (unix.LOCKED, *web.SCHEMES, *unix.SCHEMES)

STORES: dict[Store, tuple[Scheme, ...]] = {
    "shadow": (unix.EMPTY, unix.LOCKED, *unix.SCHEMES),
    "htpasswd": _WEB,
    "nginx": (web.MARKED_PLAIN, *_WEB),
    "htdigest": (web.DIGEST,),
    "mosquitto": mosquitto.SCHEMES,
    "usm": (unix.EMPTY, usm.LOCALIZED),
    "yamaha": (unix.EMPTY,),
    "plain": (unix.EMPTY, web.PLAIN),
}

#: Schemes that we can only name. A beginning that is not listed is not shown: it could be a password in the clear.
_NAMED = {
    "$argon2": "argon2", "$7$": "scrypt", "$sm3y$": "sm3-yescrypt", "$sha1$": "sha1-crypt", "$md5": "SunMD5",
    "$3$": "NT hash", "$2x$": "the broken bcrypt 2x", "$2$": "the first bcrypt",
    "$y$": "yescrypt with parameters of its own", "$gy$": "gost-yescrypt with parameters of its own",
    "{CRYPT}": "LDAP crypt", "{SSHA512}": "SSHA-512", "encrypted ": "Yamaha's own, or a star in its place",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Readied:
    """A stored secret that this controller can check, and what one candidate costs."""

    stored: Stored
    scheme: Scheme
    cost: int
    found: re.Match[str] = field(repr=False)


def scheme_of(stored: Stored) -> Scheme | None:
    """The scheme of a stored text; None where no scheme of its place fits."""
    matched = _matched(stored)
    return matched[0] if matched else None


def in_the_clear(stored: Stored) -> str | None:
    """The secret itself, where its place keeps it so."""
    matched = _matched(stored)
    return matched[1].groupdict().get("secret") if matched else None


def readied(stored: Stored) -> Readied:
    """Raises Unreadable, with the reason, for every text that cannot be checked here within reason."""
    matched = _matched(stored)
    if matched is None:
        raise Unreadable(_unknown(stored.text))
    scheme, found = matched
    if lacking := scheme.missing():
        raise Unreadable(f"{scheme.name}: {lacking}")
    cost = scheme.cost(found)
    if cost > COSTLIEST:
        raise Unreadable(
            f"{scheme.name}: too costly: the stored parameters ask for more than we spend on one candidate"
        )
    return Readied(stored, scheme, max(cost, 1), found)


def matches(stored: Stored, candidate: str) -> bool:
    """Whether the candidate is the secret. Raises Unreadable where nobody can say."""
    return opens(readied(stored), candidate)


def opens(ready: Readied, candidate: str) -> bool:
    """The same for one that was readied before."""
    typed = as_bytes(candidate)
    if len(typed) > LONGEST_CANDIDATE or b"\0" in typed:
        return False  # no device takes it: nobody can have typed it
    try:
        return ready.scheme.check(ready.found, typed)
    except ValueError:  # its own words could quote the stored text
        raise Unreadable(f"{ready.scheme.name}: the library refuses the stored text") from None


def _matched(stored: Stored) -> tuple[Scheme, re.Match[str]] | None:
    if len(stored.text) > LONGEST or "\0" in stored.text:
        return None
    for scheme in STORES[stored.store]:
        if found := re.fullmatch(scheme.pattern, stored.text, re.DOTALL | re.ASCII):
            return scheme, found
    return None


def _unknown(text: str) -> str:
    if len(text) > LONGEST:
        return f"a stored text of more than {LONGEST} characters is not read"
    if "\0" in text:
        return "a stored text with a NUL in it: programs disagree where it ends"
    name = next((name for beginning, name in _NAMED.items() if text.startswith(beginning)), "")
    return f"stored in a scheme that we cannot check{f' ({name})' if name else ''}"
