# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocols of devices, each with a peer written from its document byte by byte, never from our own encoder."""

from __future__ import annotations

import struct

import pytest
from ansible_collections.iot_site.checklist.plugins.module_utils.probe import (
    bacnet,
    ber,
    ftp,
    modbus,
    mqtt,
    snmp,
    telnet,
)
from ansible_collections.iot_site.checklist.plugins.module_utils.probe.answer import Answer
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils.probe.peers import says, tcp, texts, udp, web

SITE = "弘前市 第一浄水場"


def seen(row):
    return row["kind"], row["state"]


# --- FTP (RFC 959) --------------------------------------------------------------------------------------------


def ftp_server(greeting, heard=None):
    async def meet(reader, writer):
        writer.write(greeting)
        while line := await reader.readline():
            if heard is not None:
                heard.append(line)
            writer.write(b"211-Features:\r\n UTF8\r\n211 End\r\n" if line == b"FEAT\r\n" else b"221 Bye\r\n")

    return meet


FTP = {
    "nothing is told": (b"220 K-7\r\n", "open", None),
    "offered": (b"220-Welcome\r\n220 Anonymous FTP server ready.\r\n", "open_without_login", True),
    "refused": (b"220 No anonymous login.\r\n", "open", False),
    "already in": (b"230 Logged in\r\n", "open_without_login", None),
}


@pytest.mark.parametrize("case", FTP)
def test_ftp_lets_anonymous_in_only_where_it_says_so(case):
    greeting, state, anonymous = FTP[case]
    (row,) = tcp(ftp_server(greeting), "ftp")
    assert (*seen(row), row["facts"]["anonymous"]) == ("ftp", state, anonymous)


def test_ftp_is_never_told_a_name():
    heard = []
    greeting = f"220-{SITE}\r\n220-\r\n220 ready\r\n".encode("euc_jp")
    (row,) = tcp(ftp_server(greeting, heard))
    assert texts(row, "ftp_banner") == [f"{SITE}\r\n\r\nready"]
    assert set(heard) <= {b"FEAT\r\n", b"QUIT\r\n"}


@given(st.binary(max_size=100))
def test_no_greeting_of_ftp_is_too_strange(greeting):
    answer = Answer("ftp")
    ftp.read(answer, greeting)
    assert answer.state != "login_required"


# --- Telnet (RFC 854) -----------------------------------------------------------------------------------------

TELNET = {
    "login": (b"\xff\xfd\x18\xff\xfb\x01\r\nRTX830\r\nlogin: ", "login_required"),
    "password": (b"\xff\xfb\x01\r\nPassword: \xff\xf1", "login_required"),
    "Japanese": ("\r\nユーザー名: ".encode("cp932"), "login_required"),
    "coloured": (b"\xff\xfb\x03\x1b[1mUsername:\x1b[0m ", "login_required"),
    "shell": (b"\xff\xfb\x01\r\nBusyBox v1.2\r\n/ # ", "open_without_login"),
    "router": (b"\xff\xfb\x01Hirosaki>", "open_without_login"),
    "named for its user": (b"\xff\xfb\x01\r\nuser> ", "open_without_login"),
    "user with a colon": (b"\xff\xfb\x01\r\nUser: ", "login_required"),
    "menu": (b"\xff\xfb\x011. Pumps 2. Valves", "open"),
}


@pytest.mark.parametrize("case", TELNET)
def test_what_a_telnet_prompt_asks_for(case, monkeypatch):
    monkeypatch.setattr(telnet, "QUIET", 0.2)
    said, state = TELNET[case]
    (row,) = tcp(says(said), "telnet")
    assert seen(row) == ("telnet", state)


def test_options_are_declined_and_the_banner_comes_after():
    """RFC 1143: a device that waits for our answers before it speaks is not left waiting."""

    async def meet(reader, writer):
        writer.write(b"\xff\xfd\x18\xff\xfd\x20\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0")
        answers = await reader.readexactly(9)
        assert sorted((answers[:3], answers[3:6], answers[6:])) == [b"\xff\xfc\x18", b"\xff\xfc\x20", b"\xff\xfe\x01"]
        writer.write(f"{SITE}\r\nlogin: ".encode())
        await reader.read()

    (row,) = tcp(meet)
    assert seen(row) == ("telnet", "login_required") and texts(row, "telnet_banner") == [f"{SITE}\r\nlogin: "]


@given(st.binary(max_size=60), st.integers(0, 60))
def test_telnet_is_understood_in_whatever_pieces_it_comes(data, cut):
    text, answers, pending = telnet.understood(data)
    first, first_answers, first_pending = telnet.understood(data[:cut])
    rest, rest_answers, rest_pending = telnet.understood(first_pending + data[cut:])
    assert (first + rest, first_answers + rest_answers, rest_pending) == (text, answers, pending)


def test_what_greets_in_no_protocol_we_know_is_shown():
    (row,) = tcp(says(f"{SITE} OK\n".encode()))
    assert seen(row) == ("tcp", "open") and texts(row, "telnet_banner") == [f"{SITE} OK\n"]


# --- VNC (RFC 6143) -------------------------------------------------------------------------------------------


def vnc_server(version, types, name=b""):
    async def meet(reader, writer):
        writer.write(version)
        chosen = await reader.readexactly(12)
        if chosen == b"RFB 003.003\n":
            writer.write(struct.pack(">I", types[0]))
        else:
            writer.write(bytes((len(types), *types)))
        if 1 in types:
            if chosen != b"RFB 003.003\n":
                assert await reader.readexactly(1) == b"\1"
            if chosen == b"RFB 003.008\n":
                writer.write(bytes(4))
            assert await reader.readexactly(1) == b"\1", "shared: nobody else is cut off"
            writer.write(struct.pack(">HH", 800, 600) + bytes(16) + struct.pack(">I", len(name)) + name)
        await reader.read()

    return meet


@pytest.mark.parametrize("version", [b"RFB 003.003\n", b"RFB 003.007\n", b"RFB 003.008\n", b"RFB 003.889\n"])
def test_a_screen_without_a_password_is_open_and_has_a_name(version):
    (row,) = tcp(vnc_server(version, [1], SITE.encode()))
    assert seen(row) == ("vnc", "open_without_login")
    assert texts(row, "vnc_name") == [SITE] and row["facts"]["security_types"] == [1]


@pytest.mark.parametrize(("types", "state"), [([2], "login_required"), ([2, 16], "login_required"), ([], "open")])
def test_a_screen_with_a_password_asks_for_it(types, state):
    (row,) = tcp(vnc_server(b"RFB 003.008\n", types))
    assert seen(row) == ("vnc", state) and row["facts"]["security_types"] == types


# --- Modbus (Application Protocol 1.1b3) ----------------------------------------------------------------------

#: 6.21, its example: basic identification, and a second answer with what did not fit.
OBJECTS = {0: b"Hirosaki Works", 1: b"PLC-7", 2: b"V3.1", 3: b"", 4: "第一浄水場".encode("cp932"), 5: b"M-580"}


def modbus_server(answer):
    async def meet(reader, writer):
        while True:
            transaction, _protocol, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
            pdu = answer(await reader.readexactly(length - 1), unit)
            if pdu is not None:
                writer.write(struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu)

    return meet


def identified(asked, _unit):
    assert asked[:2] == b"\x2b\x0e", "it reads, and nothing else"
    category, number = asked[2:]
    mine = [one for one in OBJECTS if one >= number and one < (3 if category == 1 else 9)]
    told, more = mine[:2], len(mine) > 2
    head = bytes((0x2B, 0x0E, category, 0x02, 0xFF if more else 0, mine[2] if more else 0, len(told)))
    return head + b"".join(bytes((one, len(OBJECTS[one]))) + OBJECTS[one] for one in told)


def test_modbus_tells_what_it_is():
    (row,) = tcp(modbus_server(identified), "modbus")
    assert seen(row) == ("modbus", "open_without_login")
    assert texts(row, "modbus_id") == ["Hirosaki Works", "PLC-7", "V3.1", "第一浄水場", "M-580"]


def test_modbus_that_does_not_know_the_question_is_open_anyway():
    (row,) = tcp(modbus_server(lambda _asked, _unit: b"\xab\x01"), "modbus")
    assert seen(row) == ("modbus", "open_without_login") and not row["texts"]


@given(st.binary(max_size=60))
def test_no_identification_is_too_strange(pdu):
    objects, _follows, _number = modbus.read(b"\x2b\x0e" + pdu)
    assert sum(len(value) for _kind, value in objects) <= len(pdu)


# --- SNMP (RFC 1157, 3416, 3414) ------------------------------------------------------------------------------


def tlv(tag, *parts):
    content = b"".join(parts)
    length = bytes((len(content),)) if len(content) < 128 else b"\x82" + len(content).to_bytes(2, "big")
    return bytes((tag,)) + length + content


def bound(last, value):
    return tlv(0x30, tlv(6, bytes((0x2B, 6, 1, 2, 1, 1, last, 0))), value)


SYSTEM = {1: b"PumpOS 3.1", 4: b"suidoka@example.org", 5: b"hirosaki-jousui", 6: SITE.encode("cp932")}
BINDINGS = b"".join(bound(last, tlv(4, text)) for last, text in SYSTEM.items())
ENGINE = bytes.fromhex("80001f8804756d70")


def agent(*versions, community=True):
    def answers(asked):
        version = asked[asked.index(b"\x02\x01") + 2]
        if version == 3 and 3 in versions:
            user = tlv(0x30, tlv(4, ENGINE), tlv(2, b"\1"), tlv(2, b"\x09"), tlv(4), tlv(4), tlv(4))
            head = tlv(0x30, tlv(2, b"\1"), tlv(2, b"\x05\xdc"), tlv(4, b"\0"), tlv(2, b"\3"))
            report = tlv(0xA8, tlv(2, b"\1"), tlv(2, b"\0"), tlv(2, b"\0"), tlv(0x30))
            return [tlv(0x30, tlv(2, b"\3"), head, tlv(4, user), tlv(0x30, tlv(4, ENGINE), tlv(4), report))]
        if version in versions and version != 3 and community:
            assert b"\x04\x06public\xa0" in asked, "a GetRequest of the community public"
            number = bytes((version + 1,))
            pdu = tlv(0xA2, tlv(2, number), tlv(2, b"\0"), tlv(2, b"\0"), tlv(0x30, BINDINGS))
            return [tlv(0x30, tlv(2, bytes((version,))), tlv(4, b"public"), pdu)]
        return []

    return answers


@pytest.mark.parametrize("versions", [(0,), (1,), (0, 1), (0, 1, 3)])
def test_an_agent_that_knows_public_is_open_and_tells_its_place(versions):
    (row,) = udp(agent(*versions), "snmp")
    assert seen(row) == ("snmp", "open_without_login") and row["facts"]["community_public"] is True
    surfaces = ("snmp_sysdescr", "snmp_syscontact", "snmp_sysname", "snmp_syslocation")
    assert [texts(row, one) for one in surfaces] == [
        ["PumpOS 3.1"], ["suidoka@example.org"], ["hirosaki-jousui"], [SITE],
    ]  # fmt: skip


def test_an_agent_that_does_not_know_public_is_told_by_its_engine():
    (row,) = udp(agent(0, 1, 3, community=False), "snmp")
    assert seen(row) == ("snmp", "login_required") and row["facts"]["engine_id"] == ENGINE.hex()
    assert row["facts"]["community_public"] is False and row["texts"] == []


def test_an_agent_that_answers_nothing_is_silent():
    (row,) = udp(agent(), "snmp", timeout=0.3)
    assert (row["kind"], row["state"]) == ("udp", "filtered")


@given(st.binary(max_size=120))
def test_no_datagram_of_snmp_is_too_strange(data):
    answer = Answer("snmp", community_public=False, engine_id="", versions=[])
    for said in (data, tlv(0x30, tlv(2, b"\1"), data), tlv(0x30, tlv(2, b"\3"), tlv(4), data)):
        try:
            snmp.read(said, answer)
        except ValueError:
            continue
    assert isinstance(answer.facts["engine_id"], str)


@given(st.integers(0, 1 << 70), st.lists(st.integers(0, 1 << 40), max_size=8), st.binary(max_size=400))
def test_what_is_written_in_ber_is_read_back(number, rest, content):
    ((_tag, integer),) = ber.items(ber.integer(number))
    assert ber.number(integer) == number
    name = ".".join(map(str, (1, 3, *rest)))
    assert ber.dotted(ber.first(ber.oid(name))[1]) == name
    assert ber.items(ber.encoded(4, content) * 2) == [(4, content)] * 2


# --- BACnet/IP (ASHRAE 135, annex J) --------------------------------------------------------------------------


def device_of_bacnet(asked):
    if asked[6:8] == b"\x10\x08":  # Who-Is: I-Am 1234, vendor 7
        return [bytes.fromhex("810b0014 0100 1000 c4020004d2 2201e0 9100 2107")]
    number = asked[-1]
    text = {77: b"\0" + SITE.encode(), 121: b"\1" + "弘前電機".encode("cp932"), 70: b"\4" + "型M".encode("utf-16-be")}
    if number not in text:
        return [bytes.fromhex("8104000a 0100 50") + bytes((number,)) + b"\x0c\x91\x1f"]
    value = text[number]
    tag = bytes((0x75, len(value))) if len(value) > 4 else bytes((0x70 | len(value),))
    apdu = (
        bytes((0x30, number, 0x0C, 0x0C))
        + bytes.fromhex("020004d2")
        + bytes((0x19, number, 0x3E))
        + tag
        + value
        + b"\x3f"
    )
    return [b"\x81\x0a" + struct.pack(">H", len(apdu) + 6) + b"\x01\x00" + apdu]


def test_bacnet_tells_its_names_without_a_login():
    (row,) = udp(device_of_bacnet, "bacnet")
    assert seen(row) == ("bacnet", "open_without_login") and row["facts"]["instance"] == 1234
    assert texts(row, "bacnet_name") == [SITE, "弘前電機", "型M"]


@given(st.binary(max_size=60))
def test_no_datagram_of_bacnet_is_too_strange(data):
    for begin in (b"", b"\x01\x20", b"\x01\x28", b"\x01\x00\x30", b"\x01\x00\x10"):
        body = begin + data
        bacnet.read(b"\x81\x0a" + struct.pack(">H", len(body) + 4) + body, Answer("bacnet"))


# --- RTSP (RFC 2326) ------------------------------------------------------------------------------------------

SDP = f"v=0\r\ns={SITE}\r\nm=video 0 RTP/AVP 96\r\n".encode()


def camera(describe):
    async def meet(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        assert "authorization" not in head.lower()
        status, headers, body = (
            ("200 OK", "Public: OPTIONS, DESCRIBE\r\n", b"") if head.startswith("OPTIONS") else describe(head)
        )
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        writer.write(f"RTSP/1.0 {status}\r\nCSeq: 1\r\nServer: Cam/2.0\r\n{headers}{length}\r\n".encode() + body)
        await reader.read()

    return meet


def test_a_stream_without_a_login_is_open_and_described():
    (row,) = tcp(
        camera(lambda head: ("200 OK", "", SDP) if "/stream1 " in head else ("404 Not Found", "", b"")), "rtsp"
    )
    assert seen(row) == ("rtsp", "open_without_login") and row["facts"]["path"] == "/stream1"
    assert SITE in texts(row, "rtsp_sdp")[0] and texts(row, "rtsp_server") == ["Cam/2.0"]


def test_a_stream_with_a_login_shows_its_realm():
    (row,) = tcp(
        camera(lambda _head: ("401 Unauthorized", f'WWW-Authenticate: Digest realm="{SITE}"\r\n', b"")), "rtsp"
    )
    assert seen(row) == ("rtsp", "login_required") and texts(row, "rtsp_realm") == [SITE]


def test_a_camera_whose_streams_have_other_names_is_not_judged():
    (row,) = tcp(camera(lambda _head: ("404 Not Found", "", b"")), "rtsp")
    assert seen(row) == ("rtsp", "open")


# --- ONVIF (Core Specification) and WS-Discovery --------------------------------------------------------------

_SOAP = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:t="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:c="http://www.onvif.org/ver10/schema"><s:Body>{}</s:Body></s:Envelope>'
)
CLOCK = _SOAP.format("<t:GetSystemDateAndTimeResponse><t:SystemDateAndTime/></t:GetSystemDateAndTimeResponse>")
SCOPES = _SOAP.format("<t:GetScopesResponse><t:Scopes><c:ScopeItem>onvif://www.onvif.org/location/%E5%BC%98%E5%89%8D"
                      "</c:ScopeItem></t:Scopes></t:GetScopesResponse>")  # fmt: skip
DEVICE = _SOAP.format(
    "<t:GetDeviceInformationResponse><t:Manufacturer>弘前光学</t:Manufacturer><t:Model>C-7</t:Model>"
    "<t:FirmwareVersion>1.2.3</t:FirmwareVersion></t:GetDeviceInformationResponse>"
)
BARRED = _SOAP.format(
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
    "</s:Fault>"
)


def onvif_service(**answers):
    async def meet(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = b""
        if head.startswith("POST"):
            length = next(int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:"))
            body = await reader.readexactly(length)
        assert b"UsernameToken" not in body
        said = next((text for name, text in answers.items() if f"<{name} ".encode() in body), "")
        status = "404 Not Found" if not said else "400 Bad Request" if "Fault" in said else "200 OK"
        if not body:
            status, said = "200 OK", "<p>camera"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n\r\n{said}".encode())

    return meet


def test_a_camera_that_tells_what_it_is_is_open():
    (row,) = tcp(onvif_service(GetSystemDateAndTime=CLOCK, GetScopes=SCOPES, GetDeviceInformation=DEVICE), "onvif")
    assert seen(row) == ("onvif", "open_without_login")
    assert texts(row, "onvif_scope") == ["onvif://www.onvif.org/location/弘前"]
    assert texts(row, "onvif_device") == ["弘前光学", "C-7", "1.2.3"]


def test_a_camera_that_wants_a_login_still_shows_its_place():
    (row,) = tcp(onvif_service(GetSystemDateAndTime=CLOCK, GetScopes=SCOPES, GetDeviceInformation=BARRED), "onvif")
    assert seen(row) == ("onvif", "login_required")
    assert texts(row, "onvif_scope") == ["onvif://www.onvif.org/location/弘前"]


def test_web_pages_and_onvif_on_one_port_have_a_row_each():
    rows = tcp(onvif_service(GetSystemDateAndTime=CLOCK, GetDeviceInformation=DEVICE), "http", "onvif")
    assert [row["kind"] for row in rows] == ["http", "onvif"]
    (row,) = tcp(web({"/": b"<p>a page"}), "http", "onvif")
    assert row["kind"] == "http"


MATCH = (
    "<d:ProbeMatch><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/K-7"
    " onvif://www.onvif.org/location/%E5%BC%98%E5%89%8D</d:Scopes></d:ProbeMatch>"
)


@pytest.mark.parametrize(
    "said",
    [
        f"<d:ProbeMatches>{MATCH}</d:ProbeMatches>",
        MATCH,  # as ipycam 1.3.0 answers, and no schema would
    ],
)
def test_a_device_that_answers_discovery_shows_its_scopes(said):
    match = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/'
        f'discovery"><s:Body>{said}</s:Body></s:Envelope>'
    )
    (row,) = udp(lambda _asked: [match.encode()], "onvif")
    assert seen(row) == ("onvif", "open_without_login")
    assert texts(row, "onvif_scope") == ["onvif://www.onvif.org/name/K-7", "onvif://www.onvif.org/location/弘前"]


# --- MQTT 3.1.1 -----------------------------------------------------------------------------------------------


def broker(code, heard):
    async def meet(reader, writer):
        kind, length = await reader.readexactly(2)
        heard.append((kind, await reader.readexactly(length)))
        writer.write(bytes((0x20, 2, 0, code)))
        if code:
            return
        kind, length = await reader.readexactly(2)
        heard.append((kind, await reader.readexactly(length)))
        topic, payload = b"$SYS/broker/version", "第一浄水場 2.0.11".encode()
        body = struct.pack(">H", len(topic)) + topic + payload
        own = struct.pack(">H", 4) + b"pump" + b"7"
        writer.write(b"\x90\x05\x00\x01\x00\x00\x00" + bytes((0x31, len(body))) + body + bytes((0x30, len(own))) + own)
        await reader.read()

    return meet


def test_a_broker_that_takes_anybody_is_open_and_only_its_own_topics_are_read():
    heard = []
    (row,) = tcp(broker(0, heard), "mqtt")
    assert seen(row) == ("mqtt", "open_without_login")
    assert texts(row, "mqtt_sys") == ["$SYS/broker/version 第一浄水場 2.0.11"]
    (kind, connect), (_subscribe, topics) = heard
    assert kind == 0x10 and connect[7] & 0xC0 == 0, "neither a name nor a password"
    assert topics.count(b"$SYS/") == len(mqtt.TOPICS) and b"\0\1#" not in topics


def chatty(*told, ends_with=None):
    """A broker that takes anybody, and what it has retained: ``(topic, payload)``. A nameless CONNECT has 14 bytes."""
    messages = [struct.pack(">H", len(topic)) + topic + payload for topic, payload in told]

    async def meet(reader, writer):
        await reader.readexactly(14)
        writer.write(b"\x20\x02\x00\x00" + b"".join(b"\x31" + bytes((len(one),)) + one for one in messages))
        if ends_with is None:
            await reader.read()
        else:
            writer.write(ends_with)

    return meet


COUNTS = {b"bytes/received": b"7", b"load/messages/sent/5min": b"0.25", b"uptime": b"12 seconds",
          b"retained messages/count": b"55"}  # fmt: skip
NAMES = {b"connection/panel.pump1/state": b"1", b"load/pump1": b"3", b"clients/total": b"pump1", b"load": b"pump1"}


def test_what_a_broker_counts_names_nothing_and_is_not_kept():
    """mosquitto(8), "Broker status": fifty figures, each of which a person would have to judge by eye."""
    told = [(b"$SYS/broker/" + topic, payload) for topic, payload in {**COUNTS, **NAMES}.items()]
    (row,) = tcp(chatty(*told), "mqtt")
    assert texts(row, "mqtt_sys") == [b" ".join(one).decode() for one in told[len(COUNTS) :]]


def test_a_broker_that_says_more_than_is_read_is_not_taken_to_have_said_all(monkeypatch):
    """A bridge's name behind the last message read would be a name that nobody has judged."""
    monkeypatch.setattr(mqtt, "MESSAGES", 3)
    told = [(f"$SYS/broker/connection/{number}/state".encode(), b"1") for number in range(4)]
    (row,) = tcp(chatty(*told), "mqtt")
    assert [text["cut"] for text in row["texts"]] == [False, False, True]


@pytest.mark.parametrize("half", [b"", b"\x31\x20\x00\x05$SYS/"])
def test_a_broker_that_breaks_off_is_not_taken_to_have_said_all(half):
    (row,) = tcp(chatty((b"$SYS/broker/connection/pump/state", b"1"), ends_with=half), "mqtt")
    assert seen(row) == ("mqtt", "open_without_login") and [text["cut"] for text in row["texts"]] == [True]


@pytest.mark.parametrize(("code", "state"), [(4, "login_required"), (5, "login_required"), (1, "open"), (3, "open")])
def test_a_broker_that_refuses_says_why(code, state):
    (row,) = tcp(broker(code, []), "mqtt")
    assert seen(row) == ("mqtt", state)


@given(st.binary(max_size=60))
def test_no_message_of_mqtt_is_too_strange(body):
    topic, payload = mqtt.message(body)
    assert topic + payload == body[2:]


# --- UPnP (Device Architecture 1.1) ---------------------------------------------------------------------------

DESCRIPTION = (
    '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>弘前 第一</friendlyName>'
    "<manufacturer>M</manufacturer><modelName>WXR-7</modelName></device></root>"
)


def test_a_description_is_read_where_it_usually_lies():
    (row,) = tcp(web({"/rootDesc.xml": ("200 OK\r\nContent-Type: text/xml\r\n", DESCRIPTION.encode())}), "upnp")
    assert seen(row) == ("upnp", "open_without_login")
    assert texts(row, "upnp_name") == ["弘前 第一", "M", "WXR-7"]


def test_a_search_follows_to_the_device_itself_only():
    def away(asked):
        assert b'MAN: "ssdp:discover"' in asked
        return [
            b"HTTP/1.1 200 OK\r\nSERVER: Linux UPnP/1.1 MiniUPnPd/2.0\r\nLOCATION: http://192.0.2.1:5000/d.xml\r\n\r\n"
        ]

    (row,) = udp(away, "upnp")
    assert seen(row) == ("upnp", "open_without_login") and texts(row, "upnp_name") == ["Linux UPnP/1.1 MiniUPnPd/2.0"]
    assert row["facts"]["left_for"] == "other host (not followed)"
