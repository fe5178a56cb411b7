# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile peers on loopback: each ends within its bounds, in no better state than what is known of it."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils.html_page import Page
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import kinds, site_run
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.http_message import INFLATED

from tests.unit.plugins.module_utils.probe.peers import HURRIED, PATIENT, each_kind, says, tcp, texts, udp, web

HEAD = "200 OK\r\nContent-Type: text/html\r\n"


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Only how long a silence is waited for."""
    monkeypatch.setattr(kinds, "GREETING", 0.2)
    monkeypatch.setattr(kinds, "QUIET", 0.1)


async def mute(reader, _writer):
    await reader.read()


def test_who_accepts_and_never_answers_is_open_and_no_more():
    for kind, (row,) in each_kind(mute, timeout=HURRIED):
        assert (row["state"], row["texts"]) == ("open", []) and row["why"], (kind, row)


BEGINNINGS = (b"", b"SSH-2.0-x", b"RFB 003.008\n", b"RTSP/1.0 200 OK\r\n", b"220-x\r\n", b"HTTP/1.1 200 OK\r\n")


def test_one_byte_after_the_other_ends_with_the_connections_time():
    def dripping(begin):
        async def drip(_reader, writer):
            writer.write(begin)
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)

        return drip

    for kind, rows in each_kind(*map(dripping, BEGINNINGS), timeout=2 * HURRIED):
        assert rows and all(row["state"] in ("unknown", "open") for row in rows), (kind, rows)


def test_a_flood_of_any_bytes_is_cut_off():
    sent = []

    async def flood(_reader, writer):
        block = bytes(range(256)) * 256
        for _number in range(1600):  # 100 MB
            writer.write(block)
            await writer.drain()
            sent.append(1)

    for kind, rows in each_kind(flood, timeout=PATIENT):
        assert rows and all(row["state"] in ("unknown", "open") for row in rows), (kind, rows)
    assert len(sent) < 1600


GARBAGE = (
    b"\0" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 90,  # a TLS record without an end
    b"\x15\x03\x01\x00\x02\x02\x28", b"\r\n", b"\xff\xfb",  # its alert; half a telnet command
)  # fmt: skip


def test_garbage_is_never_a_login_nor_an_open_door():
    for kind, rows in each_kind(*map(says, GARBAGE), timeout=2 * HURRIED):
        assert rows and all(row["state"] in ("unknown", "open") for row in rows), (kind, rows)


@pytest.mark.parametrize("kind", sorted(kinds.UDP))
def test_datagrams_of_garbage_are_open_and_silence_is_filtered(kind):
    (row,) = udp(lambda _asked: [b"\x30\x82\xff\xff", b"", b"x" * 1400], kind, timeout=HURRIED)
    assert row["state"] == "open" and not row["texts"], row
    (row,) = udp(lambda _asked: [], kind, timeout=HURRIED, tries=2)
    assert (row["state"], row["tries"]) == ("filtered", 2)


def test_endless_headers_are_unknown():
    async def endless(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X-Pump: on\r\n" * 500)
            await writer.drain()

    (row,) = tcp(endless, "http")
    assert row["state"] == "unknown" and "65536 bytes" in row["why"]


def test_a_body_without_end_is_cut_and_its_beginning_kept():
    async def endless(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 104857600\r\n\r\n<title>K-7</title>"
        )
        while not writer.is_closing():
            writer.write(b"pump " * 10000)
            await writer.drain()

    (row,) = tcp(endless, "http")
    assert texts(row, "html_title") == ["K-7"]
    assert [one["cut"] for one in row["texts"] if one["surface"] == "html_text"] == [True]


def test_a_gzip_bomb_is_not_blown_up():
    page = b"<title>K-7</title>" + b"pump " * (20 << 20)
    head = HEAD + "Content-Encoding: gzip\r\n"
    (row,) = tcp(web({"/": (head, gzip.compress(page))}), "http", most=1 << 20)
    assert texts(row, "html_title") == ["K-7"]
    assert len(texts(row, "html_text")[0]) <= 20000 < INFLATED


def test_a_broken_gzip_stream_shows_nothing():
    (row,) = tcp(web({"/": (HEAD + "Content-Encoding: gzip\r\n", b"\x1f\x8b\x08" + b"x" * 50)}), "http")
    assert row["state"] == "open" and not texts(row, "html_text")


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "pump">' + b"".join(
        f'<!ENTITY b{number} "{"&b" + (str(number - 1) if number else "") + ";"}">'.encode() for number in range(5)
    ) + b"]><Envelope><Body><GetSystemDateAndTimeResponse>&b4;</GetSystemDateAndTimeResponse></Body></Envelope>"
)  # fmt: skip


def test_an_xml_bomb_is_not_read_at_all():
    head = "200 OK\r\nContent-Type: application/soap+xml\r\n"
    rows = tcp(web({"/onvif/device_service": (head, BOMB), "/rootDesc.xml": (head, BOMB)}), "onvif", "upnp")
    assert not any(row["kind"] in ("onvif", "upnp") for row in rows)
    (row,) = udp(lambda _asked: [BOMB], "onvif")
    assert (row["kind"], row["state"], row["texts"]) == ("udp", "open", [])


def test_a_ring_of_redirects_ends():
    asked = []
    away = {path: (f"302 Found\r\nLocation: {to}\r\n", b"") for path, to in {"/": "/a", "/a": "/b", "/b": "/"}.items()}
    (row,) = tcp(web(away, asked), "http")
    assert row["state"] == "open" and "without an end" in row["why"]
    assert len(asked) == 3


def test_a_chain_of_redirects_is_not_followed_for_ever():
    asked = []

    async def onward(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: /{len(asked)}\r\n\r\n".encode())

    (row,) = tcp(onward, "http")
    assert row["state"] == "open" and len(asked) <= 7


@pytest.mark.parametrize(
    "elsewhere",
    ["http://192.0.2.1/", "//192.0.2.1/x", "https://192.0.2.1:8443/", "http://127.0.0.1.example.org/", "ftp://127.0.0.1/",
     "http://127.0.0.1@192.0.2.1/", "http://[::1", "file:///etc/passwd"],
)  # fmt: skip
def test_a_redirect_to_another_host_is_told_and_not_followed(elsewhere):
    asked = []
    (row,) = tcp(web({"/": (f"302 Found\r\nLocation: {elsewhere}\r\n", b"")}, asked), "http")
    assert row["facts"]["left_for"] == "other host (not followed)" and row["state"] == "open"
    assert len(asked) == 1 and row["facts"]["redirects"] == []


def test_frames_and_refreshes_lead_to_no_other_host():
    asked = []
    page = b'<frameset><frame src="http://192.0.2.1/a"><frame src="//192.0.2.2/b"><frame src="c"></frameset>'
    tcp(web({"/": page, "/c": b"<meta http-equiv=refresh content='0; url=http://192.0.2.3/'>"}, asked), "http")
    assert [one.split(" ")[1] for one in asked] == ["/", "/c", "/favicon.ico"]


def test_frames_of_frames_are_bounded():
    asked = []

    async def frames(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        inner = "".join(f"<iframe src=/{len(asked)}-{number}></iframe>" for number in range(50))
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{inner}".encode())

    tcp(frames, "http")
    assert len(asked) <= 8 + 1, "and the icon"


def test_a_line_break_in_a_redirect_is_no_second_request():
    asked = []
    tcp(web({"/": b"<meta http-equiv=refresh content='0; url=/a&#13;&#10;X-Evil:&#32;1'>", "/a": b""}, asked), "http")
    assert not any("X-Evil" in line for one in asked for line in one.split("\r\n")[1:])


def test_what_a_terminal_would_obey_is_kept_for_whoever_shows_it():
    (row,) = tcp(web({"/": b"<title>\x1b[2J\x1b]0;pump\x07</title>x"}), "http")
    assert texts(row, "html_title") == ["\x1b[2J\x1b]0;pump\x07"]
    assert "\x1b" not in json.dumps(row)


def test_an_unknown_charset_spoils_nothing():
    page = "<title>第一浄水場</title>".encode("euc_jp")
    (row,) = tcp(web({"/": ("200 OK\r\nContent-Type: text/html; charset=x-no-such\r\n", page)}), "http")
    assert texts(row, "html_title") == ["第一浄水場"]


@pytest.mark.parametrize(
    "shape", ["<!--", "<a ", "<![CDATA[", "<a b='", "&#", "<script>", "</", "<title>", "<meta content="]
)
def test_a_page_of_unended_pieces_is_read_to_its_end(shape, monkeypatch):
    """HTMLParser's ``close`` reads such a page again from each of its characters: minutes, with nobody else asked."""
    monkeypatch.setattr(Page, "close", None)
    rows = tcp(web({"/": (HEAD, b"<title>K-7</title>" + shape.encode() * 9000)}), "http", most=1 << 20)
    assert [texts(row, "html_title")[0][:3] for row in rows] == ["K-7"]


def test_the_end_of_the_run_is_the_end_for_all():
    async def scenario():
        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            one = {"host": "k7", "address": "127.0.0.1", "port": port, "transport": "tcp", "kinds": ["ftp"]}
            limits = site_run.Limits(timeout=PATIENT, total=0.3, rate=1000)
            return await site_run._run([one] * 300, [], limits)

    rows, _controls, complete = asyncio.run(scenario())
    assert not complete and len(rows) == 300
    assert {(row["state"], row["host"], row["kind"]) for row in rows} == {("unknown", "k7", "tcp")}
    assert "0.3 seconds of the whole run" in rows[0]["why"]


def test_a_cancellation_that_is_lost_is_given_again_and_nothing_new_begins():
    """As wait_for() loses one before Python 3.12: a run went on for minutes after its end."""
    begun = []

    async def stubborn():
        begun.append(1)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    jobs = [stubborn] * (site_run.AT_ONCE + 1)
    assert asyncio.run(site_run._within(0.05, jobs)) == [None] * len(jobs)
    assert len(begun) == site_run.AT_ONCE


def test_a_reader_that_stumbles_leaves_the_other_rows_alone(monkeypatch):
    async def stumble(_visit):
        raise RuntimeError("anything")

    monkeypatch.setitem(kinds.TCP, "vnc", stumble)
    (row,) = tcp(mute, "vnc")
    assert row["state"] == "unknown" and "RuntimeError" in row["why"] and "anything" not in row["why"]
