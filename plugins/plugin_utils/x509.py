# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate says, from its DER: the names in it, who signed it, until when. It holds no secret.

cryptography comes with ansible-core; a plugin must import without it, so its absence is told when a host is judged.
"""

from __future__ import annotations

import base64
import contextlib
from typing import TypedDict

from .model import Unreadable

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes

    MISSING = ""
except ImportError:
    MISSING = "the Python library cryptography is missing on the controller: pip install cryptography, then run again"

LONGEST = 1 << 16  # of the DER
MOST_NAMES = 100
TOO_MANY = "other:(more names than we read)"


class Certificate(TypedDict):
    """One certificate as plain JSON."""

    fingerprint: str  # SHA-256
    subject: list[list[str]]  # [attribute, value]
    issuer: list[list[str]]
    names: list[str]  # DNS:…, IP:…, URI:…, email:…, other:…
    until: str  # ISO 8601 day
    self_signed: bool  # proved with its own key
    authority: bool  # made to sign others


def read(encoded: str) -> Certificate:
    """From the base64 of its DER. Raises Unreadable on what is no certificate."""
    if MISSING:
        raise Unreadable(MISSING)
    try:
        der = base64.b64decode(encoded, validate=True)
        if len(der) > LONGEST:
            raise ValueError("too long")
        return _said(x509.load_der_x509_certificate(der))
    except (ValueError, TypeError, KeyError, x509.InvalidVersion) as error:
        raise Unreadable(f"a certificate is not understood ({type(error).__name__})") from error


def issued(issuer: str, other: str) -> bool:
    """Whether the one certificate's key signed the other, which is not itself; both as base64 of DER."""
    if issuer == other:
        return False
    with contextlib.suppress(ValueError):
        first, second = (x509.load_der_x509_certificate(base64.b64decode(one)) for one in (issuer, other))
        return _signed(second, first) and first.public_key() != second.public_key()
    return False


def _said(certificate: x509.Certificate) -> Certificate:
    return {
        "fingerprint": certificate.fingerprint(hashes.SHA256()).hex(),
        "subject": _attributes(certificate.subject),
        "issuer": _attributes(certificate.issuer),
        "names": _names(certificate),
        "until": certificate.not_valid_after_utc.date().isoformat(),
        "self_signed": _signed(certificate, certificate),
        "authority": _signs_others(certificate),
    }


def _attributes(name: x509.Name) -> list[list[str]]:
    found = []
    for one in name:
        value = one.value if isinstance(one.value, str) else one.value.decode("utf-8", "backslashreplace")
        found.append([one.rfc4514_attribute_name, value])
    return found


_KINDS = (
    (x509.DNSName, "DNS"), (x509.IPAddress, "IP"), (x509.UniformResourceIdentifier, "URI"), (x509.RFC822Name, "email"),
) if not MISSING else ()  # fmt: skip


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return []
    found = []
    for one in names[:MOST_NAMES]:
        kind = next((kind for known, kind in _KINDS if isinstance(one, known)), "")
        if kind:
            found.append(f"{kind}:{one.value}")
        elif isinstance(one, x509.DirectoryName):
            found += [f"other:{value}" for _attribute, value in _attributes(one.value)]
        else:
            found.append("other:(a name of a kind that we do not read)")
    return [*found, TOO_MANY] if len(names) > MOST_NAMES else found


def _signed(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _signs_others(certificate: x509.Certificate) -> bool:
    """By what it says of its key's use. CA:TRUE alone says nothing: openssl writes it into every self-signed one."""
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return False
