# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate of a port of this host, asked of real servers that run here for a test's length; and of a file."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import subprocess
import threading

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils import own_tls
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


@pytest.fixture(autouse=True)
def unspent(monkeypatch):
    monkeypatch.setattr(own_tls, "_spent", {"seconds": 0.0})


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    """A key and its certificate in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9"]
    subprocess.run(
        [*made, "-subj", "/CN=pump", "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True
    )
    path.write_bytes(path.read_bytes() + path.with_suffix(".pem.crt").read_bytes())
    return path


@pytest.fixture
def listening():
    """Starts something that meets every visitor with ``meet``; tells its port."""
    running = []

    def start(meet, address="0.0.0.0"):
        server = socket.create_server((address, 0))
        running.append(server)

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    visitor, _address = server.accept()
                    with visitor, contextlib.suppress(OSError):
                        meet(visitor)

        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1]

    yield start
    for server in running:
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()


def secured(pem, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    for name, value in options.items():
        setattr(context, name, value)

    def meet(visitor):
        with context.wrap_socket(visitor, server_side=True) as connection:
            connection.recv(1)

    return meet


def own(pem):
    return base64.b64encode(ssl.PEM_cert_to_DER_cert(pem.with_suffix(".pem.crt").read_text())).decode()


def test_the_certificate_of_a_server_is_seen(listening, pem):
    (one,) = own_tls.greet(listening(secured(pem)))
    assert one == {"address": "0.0.0.0", "certificate": own(pem), "error": ""}


def test_a_server_of_long_ago_is_seen_too_or_told(listening, pem):
    old = secured(pem, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
    (one,) = own_tls.greet(listening(old))
    assert one["certificate"] == own(pem) or one["error"].startswith("TLS is spoken")


def test_one_that_wants_a_certificate_of_ours_is_seen_too_or_told(listening, pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    def meet(visitor):
        context.wrap_socket(visitor, server_side=True).close()

    (one,) = own_tls.greet(listening(meet))
    assert one["certificate"] == own(pem) or one["error"].startswith("TLS is spoken")


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b"HTTP/1.0 400 Bad Request\r\n\r\n", "no TLS"), (b"220 ready\r\n" * 9, "no TLS"), (b"", "no greeting")],
)
def test_another_protocol_is_told_from_silence(listening, answer, error):
    def meet(visitor):
        visitor.recv(4096)
        visitor.sendall(answer)

    (one,) = own_tls.greet(listening(meet))
    assert one["certificate"] == "" and one["error"].startswith(error), one


def test_who_never_answers_is_not_waited_for(listening, monkeypatch):
    monkeypatch.setattr(own_tls, "SECONDS", 0.2)
    held = threading.Event()
    (one,) = own_tls.greet(listening(lambda _visitor: held.wait(20)))
    held.set()
    assert one["error"].startswith("no greeting")


def test_when_the_time_is_over_nobody_is_asked(listening, pem, monkeypatch):
    monkeypatch.setattr(own_tls, "_spent", {"seconds": own_tls.ALL_SECONDS + 1})
    (one,) = own_tls.greet(listening(secured(pem)))
    assert one["error"].startswith("not asked")


def test_what_listens_on_loopback_only_is_not_asked(listening, pem):
    assert own_tls.greet(listening(secured(pem), "127.0.0.1")) == []


# --- files ----------------------------------------------------------------------------------------------------


def test_of_a_file_only_certificates_travel(pem):
    told = own_tls.in_file(str(pem))
    assert told == {
        "certificates": [own(pem)], "holds": ["PRIVATE KEY", "CERTIFICATE"], "changed": int(pem.stat().st_ctime),
        "error": "",
    }  # fmt: skip
    secret = "".join(pem.read_text().split("-----")[2].split())
    assert secret and secret[:30] not in str(told)


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_bytes(b"x" * (own_tls.BYTES + 1))
    errors = {"absent": "missing", "pipe": "not a regular file", "long": "longer than we read"}
    assert {name: own_tls.in_file(str(tmp_path / name))["error"] for name in errors} == errors


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_outside_a_certificate_ever_travel(tmp_path_factory, before, key):
    path = tmp_path_factory.mktemp("any") / "file"
    body = base64.b64encode(key)
    path.write_bytes(before + b"\n-----BEGIN PRIVATE KEY-----\n" + body + b"\n-----END PRIVATE KEY-----\n")
    told = own_tls.in_file(str(path))
    assert told["certificates"] == [] and (len(body) < 12 or body.decode() not in str(told))
