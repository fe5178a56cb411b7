# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a visitor gets from a port of this host, asked of real servers that run here for the length of a test."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils import own_http


@pytest.fixture(autouse=True)
def unspent(monkeypatch):
    monkeypatch.setattr(own_http, "_spent", {"seconds": 0.0})


@pytest.fixture
def panel():
    """Starts a web application that answers with these, by path; tells its port and what it was asked."""
    running = []

    def start(pages, address="127.0.0.1"):
        asked = []

        class Panel(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, dict(self.headers)))
                status, headers, body = pages[self.path]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_words):
                pass

        server = ThreadingHTTPServer((address, 0), Panel)
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1], asked

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def test_an_open_page_is_told_by_its_title(panel):
    port, asked = panel({"/": (200, {}, "<title>第一\n ポンプ</title><p>on")})
    answer = own_http.ask(port)["http"]
    assert (answer["status"], answer["title"], answer["password"], answer["scripts"]) == (
        200,
        "第一 ポンプ",
        False,
        False,
    )
    assert all("Authorization" not in headers and "Cookie" not in headers for _path, headers in asked)


def test_a_login_is_told_by_its_scheme_or_its_form(panel):
    basic, _asked = panel({"/": (401, {"WWW-Authenticate": 'Basic realm="x"'}, "")})
    assert own_http.ask(basic)["http"]["asks"] == "Basic"
    form, _asked = panel({"/": (200, {}, '<form><input TYPE="Password" name=p></form><script></script>')})
    answer = own_http.ask(form)["http"]
    assert answer["password"] and answer["scripts"]


def test_follows_a_redirect_on_its_own_port_only(panel):
    elsewhere, never = panel({"/": (200, {}, "other")})
    port, asked = panel({"/": (302, {"Location": "/login"}, ""), "/login": (200, {}, "<input type=password>")})
    assert own_http.ask(port)["http"]["password"]
    assert [path for path, _headers in asked] == ["/", "/login"]
    for to in (f"http://127.0.0.1:{elsewhere}/", "//192.0.2.1/", "http://192.0.2.1/", "https://127.0.0.1/"):
        away, _asked = panel({"/": (302, {"Location": to}, "")})
        assert own_http.ask(away)["http"]["to"] == to
    assert not never


def test_a_ring_of_redirects_ends(panel):
    port, asked = panel({"/": (302, {"Location": "/a"}, ""), "/a": (302, {"Location": "/"}, "")})
    assert own_http.ask(port)["http"]["status"] == 302
    assert len(asked) <= own_http.REDIRECTS


def test_what_does_not_speak_http_gives_no_status_within_the_time():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        answers = own_http.ask(mute.getsockname()[1])
    assert all("status" not in answer and answer["error"] for answer in answers.values())


def test_a_page_that_html_does_not_know_is_read_on(panel):
    port, _asked = panel({"/": (200, {}, "<![x<![ y]><title>K-7</title><input type=password>")})
    answer = own_http.ask(port)["http"]
    assert (answer["title"], answer["password"]) == ("K-7", True)


def test_asks_nothing_but_sockets_that_listen_here():
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = server.getsockname()[1]
    assert own_http.ask(gone)["http"]["error"] == "nothing listens there any more"


def test_when_the_time_is_spent_no_more_ports_are_asked(panel, monkeypatch):
    port, asked = panel({"/": (200, {}, "open")})
    monkeypatch.setattr(own_http, "_spent", {"seconds": own_http.ALL_SECONDS + 1})
    assert "status" not in own_http.ask(port)["http"]
    assert not asked
