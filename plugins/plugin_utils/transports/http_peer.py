# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers HTTP at one port of the device's own address, asked by Basic or Digest (RFC 7617, RFC 7616).

A login on a page of HTML is not tried: what its answer means, only its maker knows. It goes there directly, with TLS
where the port speaks it. A certificate proves nothing at such an address; who answers was proved by ``proof``.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import secrets
import ssl
import time
from collections.abc import Callable

from ..login_tests import Answer, Heard
from ..secret import Secret
from .base import Unreachable
from .deadline import bounded

_SECONDS = 30
_MOST_BYTES, _LONGEST = 1 << 16, 2000  # of a page, of a challenge
_FIELD = re.compile(r'([a-z]+)=(?:"([^"]*)"|([^\s,"]*))', re.IGNORECASE)
_LOCKED = re.compile(rb"locked|lock(ed)? ?out|too many|blocked|temporarily", re.IGNORECASE)
_HASHES: dict[str, Callable[[bytes], hashlib._Hash]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_NO_LOGIN = "its first page asks for no Basic or Digest login"


class HttpPeer:
    """The first page of one port. ``proof`` says why it is not known to be this device's; "" where it is."""

    def __init__(self, address: str, port: int, account: str, proof: Callable[[], str]) -> None:
        self._address, self._port, self._account, self._proof = address, port, account, proof
        self._tls: bool | None = None
        self._challenge = ""

    def ask(self, secret: Secret | None) -> Heard:
        why = self._proof()
        if why:
            return Heard(Answer.LOST, why=why)
        started = time.monotonic()
        try:
            with bounded(_SECONDS):
                answer, why = self._meant(secret is not None, *self._got(secret))
        except (OSError, ValueError, http.client.HTTPException, Unreachable) as reason:  # ValueError: no such header
            answer, why = Answer.LOST, f"no HTTP there ({type(reason).__name__})"
        return Heard(answer, time.monotonic() - started, why)

    def close(self) -> None:
        """Every question has a connection of its own, closed with its answer."""

    def _meant(self, tried: bool, status: int, body: bytes) -> tuple[Answer, str]:
        if status == 429 or (status in (401, 403, 503) and _LOCKED.search(body)):
            return Answer.LOCKED, f"it answers {status} and speaks of a lock" if status != 429 else "it answers 429"
        if status == 401:
            return (Answer.REFUSED, "") if self._challenge else (Answer.OTHER, _NO_LOGIN)
        if 200 <= status < 300 and not (tried and _LOCKED.search(body)):
            return Answer.IN, ""
        return Answer.OTHER, _NO_LOGIN if not tried else f"it answers {status} to a password"

    def _got(self, secret: Secret | None) -> tuple[int, bytes]:
        """Status and the beginning of the page. TLS first: what speaks none says so at once."""
        for tls in (True, False) if self._tls is None else (self._tls,):
            line = self._line(tls)
            try:
                line.request("GET", "/", headers=self._headers(secret))
                answer = line.getresponse()
                body = answer.read(_MOST_BYTES)
                self._tls = tls
                told = answer.headers.get_all("WWW-Authenticate") or []
                self._challenge = next((one[:_LONGEST] for one in told if _is_understood(one[:_LONGEST])), "")
                return answer.status, body
            except (ssl.SSLError, ConnectionResetError, http.client.BadStatusLine):
                if not tls or self._tls is not None:
                    raise
            finally:
                line.close()
        raise http.client.HTTPException

    def _line(self, tls: bool) -> http.client.HTTPConnection:
        if not tls:
            return http.client.HTTPConnection(self._address, self._port, timeout=_SECONDS)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(self._address, self._port, timeout=_SECONDS, context=context)

    def _headers(self, secret: Secret | None) -> dict[str, str]:
        if secret is None:
            return {}
        if _scheme(self._challenge) == "basic":
            pair = f"{self._account}:{secret.reveal()}".encode("utf-8", "surrogatepass")
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {"Authorization": _digest(self._challenge, self._account, secret.reveal())}


def _scheme(challenge: str) -> str:
    return challenge.partition(" ")[0].casefold()


def _fields(challenge: str) -> dict[str, str]:
    """What a challenge asks; without an algorithm it is MD5."""
    told = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(challenge.partition(" ")[2])}
    return {"algorithm": "MD5", **told}


def _is_understood(challenge: str) -> bool:
    if _scheme(challenge) != "digest":
        return _scheme(challenge) == "basic"
    asked = _fields(challenge)
    return asked["algorithm"].upper() in _HASHES and {"realm", "nonce"} <= asked.keys()


def _digest(challenge: str, account: str, password: str) -> str:
    """The answer to a challenge that is understood."""
    asked = _fields(challenge)
    algorithm = asked["algorithm"].upper()

    def hashed(*parts: str) -> str:
        return _HASHES[algorithm](":".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    once, count = secrets.token_hex(8), "00000001"
    who, what = hashed(account, asked["realm"], password), hashed("GET", "/")
    counted = (count, once, "auth") if "auth" in re.findall(r"[\w-]+", asked.get("qop", "")) else ()
    answer = hashed(who, asked["nonce"], *counted, what)
    quoted = {"username": account, "uri": "/", "response": answer}
    quoted |= {name: asked[name] for name in ("realm", "nonce", "opaque") if name in asked}
    fields = [f"algorithm={algorithm}", *(f'{name}="{value}"' for name, value in quoted.items())]
    if counted:
        fields += [f"nc={count}", f'cnonce="{once}"', "qop=auth"]
    return f"Digest {', '.join(fields)}"
