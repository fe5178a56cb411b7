# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemes of mosquitto's password files, as mosquitto_passwd(1) makes them: SHA-512 with a salt, and PBKDF2."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from .scheme import Scheme, always

_SALT_AND_DIGEST = r"(?P<salt>[+/0-9A-Za-z]{4,128}={0,2})\$(?P<digest>[+/0-9A-Za-z]{86}==)"


def _decoded(found: re.Match[str]) -> tuple[bytes, bytes]:
    return base64.b64decode(found["salt"], validate=True), base64.b64decode(found["digest"], validate=True)


def _sha512(found: re.Match[str], candidate: bytes) -> bool:
    salt, digest = _decoded(found)
    return hmac.compare_digest(hashlib.sha512(candidate + salt).digest(), digest)


def _pbkdf2(found: re.Match[str], candidate: bytes) -> bool:
    salt, digest = _decoded(found)
    return hmac.compare_digest(hashlib.pbkdf2_hmac("sha512", candidate, salt, int(found["iterations"])), digest)


def _pbkdf2_cost(found: re.Match[str]) -> int:
    return 10 + int(found["iterations"]) * 6 // 10


#: As many bytes as mosquitto_passwd 2.0 takes: a broker of that age refuses every other number.
_SALT = 12


def made_pbkdf2(secret: bytes, iterations: int) -> str:
    """What mosquitto_passwd writes after the name and its colon."""
    salt = secrets.token_bytes(_SALT)
    digest = hashlib.pbkdf2_hmac("sha512", secret, salt, iterations)
    return "$".join(("", "7", str(iterations), base64.b64encode(salt).decode(), base64.b64encode(digest).decode()))


SCHEMES = (
    Scheme("mosquitto-sha512", rf"\$6\${_SALT_AND_DIGEST}", _sha512, always(10)),
    Scheme("mosquitto-pbkdf2", rf"\$7\$(?P<iterations>[1-9]\d{{0,9}})\${_SALT_AND_DIGEST}", _pbkdf2, _pbkdf2_cost),
)
