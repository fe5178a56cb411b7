# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as other programs make them, and what no certificate is."""

from __future__ import annotations

import datetime
import ipaddress

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import tls
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.answer import Answer
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.certificate import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(until, issuer="弘前市", names=()):
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "弘前市"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "第一浄水場"),
        ]
    )
    made = x509.CertificateBuilder(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]) if issuer != "弘前市" else subject, subject,
        KEY.public_key(), 7, until - datetime.timedelta(days=3), until,
    )  # fmt: skip
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def told(der):
    answer = Answer("tls")
    tls.keep(answer, der)
    return [one["text"] for one in answer.texts], answer.facts


@pytest.mark.parametrize(("year", "expired"), [(2001, True), (2049, False), (2061, False)])
def test_names_and_time_are_read(year, expired):
    names = [x509.DNSName("pump.example.org"), x509.IPAddress(ipaddress.ip_address("2001:db8::7")),
             x509.RFC822Name("suidoka@example.org"), x509.UniformResourceIdentifier("https://example.org/k7"),
             x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ポンプ")]))]  # fmt: skip
    texts, facts = told(certificate(datetime.datetime(year, 5, 6, tzinfo=datetime.UTC), names=names))
    assert texts == [
        "O=弘前市, L=第一浄水場", "O=弘前市, L=第一浄水場", "pump.example.org", "2001:db8::7", "suidoka@example.org",
        "https://example.org/k7", "CN=ポンプ",
    ]  # fmt: skip
    assert facts == {"expired": expired, "self_signed": True, "not_after": f"{year}-05-06"}


def test_a_name_in_a_form_that_we_do_not_know_is_told_as_it_is():
    name = "第一浄水場".encode()
    other = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), bytes((0x0C, len(name))) + name)
    texts, _facts = told(certificate(datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC), names=[other]))
    assert texts[-1] == "第一浄水場"


def test_one_that_another_has_signed_is_not_self_signed():
    texts, facts = told(certificate(datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC), issuer="CA 7"))
    assert texts == ["O=弘前市, L=第一浄水場", "CN=CA 7"] and facts["self_signed"] is False


def test_no_certificate_says_so():
    assert told(b"") == ([], {"certificate": "none"})
    assert told(b"\x30\x03abc") == ([], {"certificate": "not understood"})


WHOLE = certificate(datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC), names=[x509.DNSName("pump.example.org")])


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(0, len(WHOLE)))
def test_no_certificate_is_too_strange(place, byte, cut):
    for der in (WHOLE[:place] + bytes((byte,)) + WHOLE[place + 1 :], WHOLE[:cut]):
        try:
            Certificate(der)
        except ValueError:
            continue
