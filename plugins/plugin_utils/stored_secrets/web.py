# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemes that web servers brought along: password files of Apache, nginx and lighttpd, and digest files."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from .scheme import Scheme, always, as_bytes
from .unix import passlib_missing, with_passlib


def plain(found: re.Match[str], candidate: bytes) -> bool:
    """The secret itself stands there."""
    return hmac.compare_digest(as_bytes(found["secret"]), candidate)


def _sha1(found: re.Match[str], candidate: bytes) -> bool:
    """The digest, and after it the salt if there is one."""
    kept = base64.b64decode(found["kept"], validate=True)
    digest, salt = kept[:20], kept[20:]
    if len(digest) < 20 or bool(salt) != bool(found["salted"]):
        raise ValueError("not a SHA-1 digest")
    return hmac.compare_digest(hashlib.sha1(candidate + salt, usedforsecurity=False).digest(), digest)


def _digest(found: re.Match[str], candidate: bytes) -> bool:
    """HA1 of RFC 7616: user, realm and password."""
    made = hashlib.new("md5" if len(found["kept"]) == 32 else "sha256", usedforsecurity=False)
    made.update(as_bytes(found["whose"]) + b":" + candidate)
    return hmac.compare_digest(made.digest(), bytes.fromhex(found["kept"]))


SCHEMES = (
    Scheme(
        "apr1", r"\$apr1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}", with_passlib("apr_md5_crypt"), always(700),
        passlib_missing,
    ),
    Scheme("sha", r"\{SHA\}(?P<salted>)(?P<kept>[+/0-9A-Za-z]{27}=)", _sha1, always(10)),
    Scheme("ssha", r"\{(?P<salted>S)SHA\}(?P<kept>[+/0-9A-Za-z]+={0,2})", _sha1, always(10)),
)  # fmt: skip
#: Only nginx reads it.
MARKED_PLAIN = Scheme("plain", r"\{PLAIN\}(?P<secret>.*)", plain, always(10))
PLAIN = Scheme("plain", r"(?P<secret>.+)", plain, always(10))
#: A whole line: `user:realm:digest`, SHA-256 as lighttpd reads it too.
DIGEST = Scheme("htdigest", r"(?P<whose>[^:]+:.*):(?P<kept>[0-9a-fA-F]{32}|[0-9a-fA-F]{64})", _digest, always(10))
