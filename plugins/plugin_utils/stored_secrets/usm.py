# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SNMPv3 users (USM): a password becomes a key, and a key of its own for each engine (RFC 3414 A.2, RFC 7860).

net-snmp keeps the localized keys, authentication and privacy, in /var/lib/snmp/snmpd.conf. The privacy key is made with
the authentication hash too and cut to what the cipher takes.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from .scheme import Scheme, Stored, always

_HASHES = {2: "md5", 3: "sha1", 4: "sha224", 5: "sha256", 6: "sha384", 7: "sha512"}  # by the protocol's last number
_NO_AUTHENTICATION = "1"
_STRETCHED = 1 << 20  # bytes that are hashed: the password over and over
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"]+')
_LONGEST_LINE = 4096
_FIELDS = 11  # usmUser, status, storage, engine, name, security name, clone, protocol and key, protocol and key
_OID = "1.3.6.1.6.3.10.1.1."
_OWN_ENGINE = re.compile(r"^oldEngineID 0x((?:[0-9a-f]{2}){5,32})$", re.MULTILINE)
_OWN_USER = re.compile(r'^usmUser [0-9]+ [0-9]+ 0x([0-9a-f]+) "([a-z_][a-z0-9_-]*)" ', re.MULTILINE)


def users(text: str) -> list[Stored]:
    """The secrets of the ``usmUser`` lines of net-snmp's own file. A line that is not understood stays, unknown."""
    found: list[Stored] = []
    for line in text.split("\n"):
        if line.startswith("usmUser "):
            found += _secrets(_TOKEN.findall(line[:_LONGEST_LINE]))
    return found


def of_agent(text: str) -> dict[str, str]:
    """``{name: engine's id}`` of the users that have keys with the agent's own id and with no other.

    Names that need no quoting anywhere: what makes new keys for them takes them as they are.
    """
    own = _OWN_ENGINE.search(text)
    everywhere = [one.account for line in text.split("\n") for one in users(line) if one.part == "authentication"]
    here = _OWN_USER.findall(text)
    return {name: engine for engine, name in here if own and engine == own[1] and everywhere.count(name) == 1}


def _secrets(fields: list[str]) -> list[Stored]:
    if len(fields) < _FIELDS:
        return [Stored("?", "usm", "?", "authentication")]
    name, protocol = _name(fields[4]), fields[7].lstrip(".").removeprefix(_OID)
    if protocol == _NO_AUTHENTICATION:
        return [Stored(name, "usm", "", "authentication")]
    keys = {"authentication": fields[8], "privacy": fields[10]}
    engine = fields[3].removeprefix("0x").lower()
    return [
        Stored(name, "usm", f"{protocol}:{engine}:{key.removeprefix('0x').lower()}", part)
        for part, key in keys.items()
        if part == "authentication" or key != '""'
    ]


def _name(kept: str) -> str:
    """In quotes, or in hexadecimal where it has characters that quotes do not take."""
    if kept.startswith('"'):
        return re.sub(r"\\(.)", r"\1", kept[1:-1])
    try:
        return bytes.fromhex(kept.removeprefix("0x")).decode("utf-8", "backslashreplace").rstrip("\0")
    except ValueError:
        return kept


def _localized(found: re.Match[str], candidate: bytes) -> bool:
    name, engine, key = _HASHES[int(found["hash"])], bytes.fromhex(found["engine"]), bytes.fromhex(found["key"])
    if len(key) > hashlib.new(name, usedforsecurity=False).digest_size:
        raise ValueError("a key that was extended for a longer cipher")
    return bool(candidate) and hmac.compare_digest(localized(name, engine, candidate)[: len(key)], key)


def localized(name: str, engine: bytes, secret: bytes) -> bytes:
    """The key of a secret that is not empty, by the hash of this name."""
    stretched = (secret * (_STRETCHED // len(secret) + 1))[:_STRETCHED]
    master = hashlib.new(name, stretched, usedforsecurity=False).digest()
    return hashlib.new(name, master + engine + master, usedforsecurity=False).digest()


#: Engine ids have 5 to 32 bytes; a key of fewer than 16 bytes is no key of any protocol.
LOCALIZED = Scheme(
    "usm",
    r"(?P<hash>[2-7]):(?P<engine>(?:[0-9a-f]{2}){5,32}):(?P<key>(?:[0-9a-f]{2}){16,64})",
    _localized,
    always(3_000),
)
