# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: which are shown, what their names tell, who mends them. test_names.py proves it on real software."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import x509 as ours
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    Consent,
    Intent,
    MadeFile,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import certificate_files, certificate_names
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.certificates import _TO_GREET, Certificates
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.captures import changed, load

CERTIFICATES = Certificates()
CAPTURES = Path(__file__).parent / "certificates"
INTENT = Intent(
    site="k7",
    host="k7-panel",
    label="K-7Q2MXA",
    words=("弘前", "第一浄水場", "hirosaki"),
    consent=frozenset({Consent.CERTIFICATES}),
    today="2026-11-28",
)
CERTIFICATE, BOTH = "/etc/site-tls/certificate.pem", "/etc/site-tls/both.pem"

KEY, OTHER_KEY = (ec.generate_private_key(ec.SECP256R1()) for _number in range(2))
_BEGAN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def capture(case):
    return load(CAPTURES / case / "capture.json")


def judged(raw, intent=INTENT):
    return list(CERTIFICATES.judge(CERTIFICATES.parse(raw), intent))


def made(subject, names=(), issuer=None, signer=KEY, days=800, extensions=()):
    """The base64 of a certificate for KEY."""
    name = x509.Name([x509.NameAttribute(getattr(x509.NameOID, kind), text) for kind, text in subject.items()])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]) if issuer else name)
        .public_key(KEY.public_key())
        .serial_number(7)
        .not_valid_before(_BEGAN)
        .not_valid_after(_BEGAN + datetime.timedelta(days=days))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return base64.b64encode(builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.DER)).decode()


def served(*certificates, port=9443, program="panel", error="no TLS"):
    """A machine on which only this listens."""
    listens = [{"address": "0.0.0.0", "port": port, "program": program, "protocol": "tcp"}]
    told = [{"address": "0.0.0.0", "certificate": one, "error": "" if one else error} for one in certificates]
    return Raw({
        "listeners": {"@listeners": Output(json.dumps(listens).encode())},
        "certificates.served": {f"@certificate {port}": Output(json.dumps(told).encode())},
    })  # fmt: skip


# --- real servers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "statuses"),
    [
        ("stock", [Status.PASS]),
        ("exposed", [Status.GAP]),
        ("signed", [Status.MANUAL]),
        ("chain", [Status.MANUAL]),
        ("compliant", [Status.PASS, Status.PASS]),
        ("broken", [Status.MANUAL, *[Status.UNKNOWN] * 4]),
    ],
)
def test_the_servers_of_debian(case, statuses):
    found = judged(capture(case))
    assert [one.status for one in found] == statuses, found
    assert all(one.fix for one in found if one.status in (Status.MANUAL, Status.UNKNOWN))


def test_one_certificate_of_four_servers_is_one_change_of_each_file_and_one_reload_of_each_server():
    (one,) = judged(capture("exposed"))
    (change,) = one.changes
    assert [edit.path for edit in change.edits] == [BOTH, CERTIFICATE]
    assert all(isinstance(edit, MadeFile) and "CN = K-7Q2MXA\n" in edit.stdin for edit in change.edits)
    assert "subjectAltName = DNS:K-7Q2MXA, IP:192.168.144.11\n" in change.edits[0].stdin
    assert [run.argv[1:] for run in change.activate] == [
        ("reload", "apache2.service"), ("reload", "mosquitto.service"), ("reload", "nginx.service"),
        ("restart", "vsftpd.service"),
    ]  # fmt: skip
    assert ("nginx", "-t") in [check.argv for check in change.checks]
    assert ("apache2ctl", "-t") in [check.argv for check in change.checks]
    keys = [check.argv[-2:] for check in change.checks if "pubout" in str(check.argv)]
    assert keys == [(BOTH, BOTH), (CERTIFICATE, "/etc/site-tls/key.pem")]
    assert change.checks[0].argv[-1] == "20261127"


def test_without_consent_it_is_left_to_a_person_who_learns_how_to_give_it():
    (one,) = judged(capture("exposed"), replace(INTENT, consent=frozenset()))
    assert one.status is Status.MANUAL and "banner_blanking_replace_certificates: true" in one.fix and not one.changes


def test_an_authority_elsewhere_is_named_as_whom_to_ask():
    (one,) = judged(capture("signed"))
    assert "CN=弘前市 CA" in one.fix and "issuer CN=弘前市 CA" in one.why and not one.changes


def test_a_server_that_systemd_does_not_run_is_left_to_a_person():
    unknown = {name: {} for name in capture("exposed").outputs if name.endswith(".unit")}
    (one,) = judged(changed(capture("exposed"), **unknown))
    assert one.status is Status.MANUAL and "systemd" in one.fix


@pytest.mark.parametrize("key", ["", "engine:pkcs11:id", "key.pem"])
def test_a_key_that_is_not_a_plain_file_is_left_to_a_person(key):
    state = CERTIFICATES.parse(capture("exposed"))
    state["certificates"][0]["files"][0]["key"] = key
    (one,) = CERTIFICATES.judge(state, INTENT)
    assert one.status is Status.MANUAL and "key" in one.fix and not one.changes


def test_a_file_that_is_not_read_is_unknown_whatever_is_served():
    lost = {name: {} for name in capture("stock").outputs if re.fullmatch(r"certificates\.nginx\d", name)}
    found = judged(changed(capture("stock"), **lost))
    assert Status.UNKNOWN in [one.status for one in found]


def test_a_server_that_shows_its_file_by_another_protocol_must_have_been_restarted():
    later = {
        key: re.sub(r'"changed": \d+', '"changed": 99999999999', out.text)
        for key, out in capture("stock").all("certificates.vsftpd0").items()
    }
    found = judged(changed(capture("stock"), **{"certificates.vsftpd0": later}))
    assert [one.status for one in found] == [Status.PASS, Status.UNKNOWN] and "restarted" in found[1].why


# --- what a certificate tells ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "names", "status"),
    [
        ({"COMMON_NAME": "K-7Q2MXA"}, [x509.DNSName("k-7q2mxa")], Status.PASS),
        ({"COMMON_NAME": "device", "COUNTRY_NAME": "JP"}, [], Status.PASS),
        ({"COMMON_NAME": "localhost", "ORGANIZATION_NAME": "Internet Widgits Pty Ltd"}, [], Status.PASS),
        ({"COMMON_NAME": "K-7Q2MXA"}, [x509.IPAddress(ipaddress.ip_address("192.0.2.7"))], Status.PASS),
        ({}, [], Status.PASS),
        ({"COMMON_NAME": "K-7Q2MXA", "LOCALITY_NAME": "弘前"}, [], Status.GAP),
        ({"COMMON_NAME": "K-7Q2MXA", "STATE_OR_PROVINCE_NAME": "Aomori"}, [], Status.GAP),
        ({"COMMON_NAME": "FortiGate"}, [], Status.GAP),
        ({"COMMON_NAME": "K-7Q2MXA", "EMAIL_ADDRESS": "pump@hirosaki.example"}, [], Status.GAP),
        ({"COMMON_NAME": "K-7Q2MXA"}, [x509.DNSName("hirosaki-pump.example")], Status.GAP),
        ({"COMMON_NAME": "K-7Q2MXA"}, [x509.UniformResourceIdentifier("urn:hirosaki:plc")], Status.GAP),
        ({"COMMON_NAME": "kp-17"}, [], Status.MANUAL),
        ({"COMMON_NAME": "K-7Q2MXA"}, [x509.DNSName("K-7Q2MXA")] * 101, Status.MANUAL),
        ({"COMMON_NAME": "K-7Q2MXA"}, [x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))], Status.MANUAL),
    ],
)
def test_names_of_a_place_or_a_device_are_found_wherever_they_stand(subject, names, status):
    (one,) = judged(served(made(subject, names)))
    assert (one.status is Status.PASS) is (status is Status.PASS)
    assert ("by eye" in one.why) is (status is Status.MANUAL)
    assert not one.changes, "it stands in no file that we know of"


def test_an_expired_one_is_told_and_is_no_gap_of_its_own():
    (one,) = judged(served(made({"COMMON_NAME": "K-7Q2MXA"}, days=30)))
    assert one.status is Status.PASS and "expired on 2026-01-31" in one.why


def test_only_a_proved_signature_of_its_own_makes_it_self_signed():
    same = made({"COMMON_NAME": "hirosaki"})
    forged = made({"COMMON_NAME": "hirosaki"}, signer=OTHER_KEY)
    assert ours.read(same)["self_signed"] and not ours.read(forged)["self_signed"]


def test_a_key_that_signs_others_is_an_authoritys():
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    assert ours.read(made({"COMMON_NAME": "hirosaki"}, extensions=[usage]))["authority"]
    basic = x509.BasicConstraints(ca=True, path_length=None)
    assert not ours.read(made({"COMMON_NAME": "hirosaki"}, extensions=[basic]))["authority"]


def test_who_signed_another_certificate_of_this_machine_is_an_authority():
    ca = made({"COMMON_NAME": "hirosaki"})
    key = OTHER_KEY.public_key()
    leaf = (
        x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "leaf")]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hirosaki")])).public_key(key)
        .serial_number(8).not_valid_before(_BEGAN).not_valid_after(_BEGAN + datetime.timedelta(days=9))
        .sign(KEY, hashes.SHA256())
    )  # fmt: skip
    other = base64.b64encode(leaf.public_bytes(serialization.Encoding.DER)).decode()
    state = CERTIFICATES.parse(served(ca, other))
    assert sorted(one["authority"] for one in state["certificates"]) == [False, True]


@given(st.binary(max_size=300))
def test_what_is_no_certificate_is_unreadable(data):
    with pytest.raises(Unreadable):
        ours.read(base64.b64encode(data).decode())


def test_no_label_that_could_break_the_request_gets_into_it():
    for label in ("", "a\nb", "${ENV::HOME}", "弘前", "a,b", "x" * 99):
        intent = replace(INTENT, label=label, words=())
        assert "CN = device\n" in certificate_names._request(intent, [])


# --- where it is looked for -----------------------------------------------------------------------------------


def test_without_tls_there_is_nothing_to_judge():
    with pytest.raises(Absent):
        CERTIFICATES.parse(served("", port=8080))


@pytest.mark.parametrize(
    ("port", "error", "status"),
    [
        (7777, "TLS is spoken there, and refused (X)", Status.UNKNOWN),
        (7777, "not asked: the ports before it took all the time there is", Status.UNKNOWN),
        (443, "no greeting (timeout)", Status.UNKNOWN),
        (443, "no TLS", None),
        (7777, "no greeting (timeout)", None),
    ],
)
def test_a_greeting_that_shows_no_certificate_is_unknown_where_tls_is_spoken(port, error, status):
    given_raw = served("", port=port, error=error)
    if status is None:
        with pytest.raises(Absent):
            CERTIFICATES.parse(given_raw)
    else:
        assert [one.status for one in judged(given_raw)] == [status]


def test_where_nobody_may_ask_and_tls_is_spoken_it_is_unknown():
    silent = served("", port=993, program="dovecot")
    (one,) = judged(Raw({**silent.outputs, "certificates.served": {}}))
    assert one.status is Status.UNKNOWN and "993" in one.why


@pytest.mark.parametrize(
    ("port", "program", "address", "asked"),
    [
        (443, "nginx", "0.0.0.0", True),
        (9443, "panel", "::", True),
        (8443, "", "192.0.2.7", True),
        (8883, "mosquitto", "0.0.0.0", True),
        (8883, "broker", "0.0.0.0", False),
        (80, "nginx", "0.0.0.0", False),
        (443, "nginx", "127.0.0.1", False),
        (443, "nginx", "::1", False),
        (443, "sshd", "0.0.0.0", False),
        (4001, "ser2net", "0.0.0.0", False),
        (502, "plc", "0.0.0.0", False),
        (9100, "printer", "0.0.0.0", False),
        (21, "vsftpd", "0.0.0.0", False),
    ],
)
def test_only_ports_where_a_greeting_harms_nothing_are_asked(port, program, address, asked):
    kernel = [{"address": address, "port": port, "program": program, "protocol": "tcp"}]
    assert re.findall(_TO_GREET, json.dumps(kernel)) == ([str(port)] if asked else [])


def test_the_files_of_lighttpd_hold_both_or_name_the_key():
    other = '$HTTP["host"] == "b" { ssl.pemfile = "/etc/l/b.pem" ssl.privkey = "/etc/l/b.key" }'
    text = f'config {{ ssl.pemfile = "/etc/l/a.pem"\n{other}\n}}\n'
    raw = Raw({"lighttpd.config": {"lighttpd -p": Output(text.encode())}})
    pairs, problem = certificate_files.files("lighttpd", raw)
    assert [(one.certificate, one.key) for one in pairs] == [
        ("/etc/l/a.pem", "/etc/l/a.pem"), ("/etc/l/b.pem", "/etc/l/b.key"),
    ]  # fmt: skip
    assert not problem


def test_no_key_travels():
    for path in CAPTURES.glob("*/capture.json"):
        assert "BEGIN" not in re.sub(r"/\^?-----BEGIN", "", path.read_text(encoding="utf-8")), path
