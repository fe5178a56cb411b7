# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate tells a visitor (RFC 5280), by the standard library's means: names, issuer, until when. Pure.

The controller reads certificates with cryptography (plugin_utils/x509.py); a vantage need not have it. So no signature
is verified here: "self-signed" means that it names itself as its issuer.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timezone

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import ber, charsets

#: Attribute types (RFC 4514, section 3; X.520) by their object identifier.
_ATTRIBUTES = {
    "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
    "2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.13": "description",
    "2.5.4.17": "postalCode", "2.5.4.42": "GN", "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID", "1.2.840.113549.1.9.1": "emailAddress",
}  # fmt: skip
_WIDE = {0x1E: "utf-16-be", 0x1C: "utf-32-be"}  # BMPString, UniversalString
_ALTERNATIVE_NAMES = "2.5.29.17"
MOST = 100  # names


class Certificate:
    """``subject`` and ``issuer`` as ``[(attribute, value)]``, ``names``, ``not_after``, ``self_signed``."""

    def __init__(self, der):
        """Raises ValueError on what is no certificate."""
        try:
            self._read(der)
        except (IndexError, OverflowError) as error:
            raise ValueError("no certificate") from error

    def _read(self, der):
        fields = ber.items(ber.first(ber.first(der)[1])[1])
        if fields[0][0] == 0xA0:  # its version
            fields = fields[1:]
        _serial, _algorithm, issuer, validity, subject, _key, *rest = fields
        self.issuer, self.subject = _name(issuer[1]), _name(subject[1])
        self.self_signed = issuer == subject
        self.not_after = _time(*ber.items(validity[1])[1])
        extensions = [ber.first(content)[1] for tag, content in rest if tag == 0xA3]
        self.names = [name for one in extensions for name in _alternative_names(one)][:MOST]


def _name(content):
    found = []
    for _set, attributes in ber.items(content):
        for _sequence, attribute in ber.items(attributes):
            (_oid, kind), (tag, value) = ber.items(attribute)[:2]
            dotted = ber.dotted(kind)
            found.append((_ATTRIBUTES.get(dotted, dotted), _text(tag, value)))
    return found[:MOST]


def _text(tag, value):
    return value.decode(_WIDE[tag], "replace") if tag in _WIDE else charsets.decoded(value)


def _time(tag, content):
    text = content.decode("ascii", "replace")
    if tag == 0x17:  # two digits of the year: RFC 5280, 4.1.2.5.1
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)


def _alternative_names(extensions):
    for _sequence, extension in ber.items(extensions):
        parts = ber.items(extension)
        if ber.dotted(parts[0][1]) == _ALTERNATIVE_NAMES:
            for tag, content in ber.items(ber.first(parts[-1][1])[1]):
                yield from _alternative(tag, content)


def _alternative(tag, content):
    if tag in (0x81, 0x82, 0x86):  # e-mail, DNS, URI
        yield charsets.decoded(content)
    elif tag == 0x87 and len(content) in (4, 16):
        yield str(ipaddress.ip_address(content))
    elif tag == 0xA4:
        yield written(_name(ber.first(content)[1]))
    elif tag == 0xA0:  # a name of another form: which one, and the name
        yield _text(*ber.first(ber.items(content)[-1][1]))


def written(name):
    """A name as people write it."""
    return ", ".join(f"{attribute}={value}" for attribute, value in name)
