# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a web server says to Basic, where an application may stand behind it."""

from __future__ import annotations

import base64
import socket
import threading

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.login_tests import Answer
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Door
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.basic_peer import BasicPeer

ASKS = '401 Unauthorized\r\nWWW-Authenticate: Basic realm="panel"'
DOOR = Door("http", "127.0.0.1", 80, path="/pumps/", site="panel.example.org")


def said(answers, secrets=(None, "wrong", "generated"), door=DOOR):
    """What the peer makes of each answer, and what was asked for it."""
    requests = []

    def serve(line, answer):
        requests.append(line.recv(4096).decode())
        if requests[-1]:
            line.sendall(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())
        line.close()

    def dial():
        ours, theirs = socket.socketpair()
        threading.Thread(target=serve, args=(theirs, answers[len(requests)]), daemon=True).start()
        return ours

    peer = BasicPeer(dial, door, "viewer")
    heard = [peer.ask(None if text is None else Secret(text)) for text in secrets]
    assert not any("generated" in one.why for one in heard)
    return [one.answer for one in heard], requests


@pytest.mark.parametrize(
    ("last", "answer"),
    [
        ("200 OK", Answer.IN),
        ("302 Found", Answer.IN),
        ("404 Not Found", Answer.IN),
        (ASKS, Answer.REFUSED),
        ('401 Unauthorized\r\nWWW-Authenticate: Basic realm="the application behind"', Answer.OTHER),
        ("401 Unauthorized", Answer.OTHER),
        ("403 Forbidden", Answer.OTHER),
        ("429 Too Many Requests", Answer.OTHER),
        ("502 Bad Gateway", Answer.OTHER),
    ],
)
def test_only_the_servers_own_question_is_a_refusal(last, answer):
    assert said([ASKS, ASKS, last])[0] == [Answer.REFUSED, Answer.REFUSED, answer]


def test_the_page_of_the_site_is_asked_for_with_the_account():
    _answers, requests = said([ASKS, ASKS, "200 OK"])
    assert all(one.startswith("GET /pumps/ HTTP/1.1\r\nHost: panel.example.org") for one in requests)
    assert "Authorization" not in requests[0]
    assert f"Basic {base64.b64encode(b'viewer:generated').decode()}" in requests[2]


@pytest.mark.parametrize("path", ["/a\r\nX: y", "/\u6c34", "/ x"])
def test_a_path_that_is_none_breaks_nothing(path):
    answers, requests = said([ASKS], secrets=(None,), door=Door("http", "127.0.0.1", 80, path=path))
    assert answers == [Answer.LOST] and not any(requests)


def test_a_digest_is_not_answered_by_basic():
    assert said(['401 Unauthorized\r\nWWW-Authenticate: Digest realm="x", nonce="n"'], secrets=(None,))[0] == [
        Answer.OTHER
    ]


@pytest.mark.parametrize(
    ("first", "answer"),
    [("200 OK", Answer.IN), ("404 Not Found", Answer.IN), ("301 Moved", Answer.OTHER), ("403 No", Answer.OTHER)],
)
def test_who_is_led_on_or_kept_out_without_a_login_is_not_let_in(first, answer):
    assert said([first], secrets=(None,))[0] == [answer]
