# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets of a login at a broker, and what its first answer means."""

from __future__ import annotations

import socket
import threading

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.login_tests import Answer
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.mqtt_peer import MqttPeer, connect
from hypothesis import given
from hypothesis import strategies as st


def read(packet):
    """``(flags, texts)`` of a CONNECT, by the rules of MQTT 3.1.1 (2.2.3, 3.1)."""
    assert packet[0] == 0x10
    length = shift = 0
    place = 1
    for digit in packet[1:5]:
        place += 1
        length |= (digit & 0x7F) << shift
        shift += 7
        if digit < 0x80:
            break
    body = packet[place:]
    assert len(body) == length and body[:7] == b"\0\4MQTT\4"
    rest, texts = body[10:], []
    while rest:
        size = int.from_bytes(rest[:2], "big")
        texts.append(rest[2 : 2 + size].decode())
        rest = rest[2 + size :]
    return body[7], texts


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=64), st.text("abc-", max_size=5000))
def test_a_broker_reads_the_account_and_the_password_that_were_meant(account, password):
    flags, (name, *pair) = read(connect((account, Secret(password))))
    assert flags == 0xC2 and pair == [account, password]
    assert len(name) == 23 and name.isalnum()


def test_without_a_credential_none_is_sent_and_no_client_is_pushed_out():
    (flags, (first,)), (_flags, (second,)) = read(connect(None)), read(connect(None))
    assert flags == 0x02 and first != second


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"\x20\x02\0\0", Answer.IN),
        (b"\x20\x02\0\4", Answer.REFUSED),
        (b"\x20\x02\0\5", Answer.REFUSED),
        (b"\x20\x02\0\3", Answer.OTHER),
        (b"HTTP/1.1 400 Bad Request", Answer.OTHER),
        (b"\x20\x02", Answer.LOST),
        (b"", Answer.LOST),
    ],
)
def test_only_what_a_broker_says_counts(said, answer):
    ours, theirs = socket.socketpair()
    served = threading.Thread(target=lambda: (theirs.recv(4096), theirs.sendall(said), theirs.close()))
    served.start()
    heard = MqttPeer(lambda: ours, "pump").ask(Secret("generated"))
    served.join(10)
    assert heard.answer is answer and "generated" not in heard.why
