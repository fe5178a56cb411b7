# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network camera's software as far as strangers meet it: RTSP (RFC 2326, SDP of RFC 4566), and ONVIF over HTTP.

Written from these documents and the ONVIF Core Specification (device service, version 10), never from our own probe.
It asks for no login, and no setting makes it ask for one.
"""

from __future__ import annotations

import re
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

SITE = "第一浄水場"

PAGE = f"""<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><title>{SITE} 取水口カメラ</title></head>
<body><p>ライブ映像</p></body></html>
"""

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema">'
    "<SOAP-ENV:Body>{}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
)
#: A scope is a URI, so what is not ASCII is escaped in it (RFC 3986).
SCOPES = ("type/video_encoder", f"name/{quote(SITE)}", f"location/{quote('福岡県北九州市')}")
ANSWERS = {
    "GetSystemDateAndTime": (
        "<tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        "<tt:UTCDateTime><tt:Time><tt:Hour>3</tt:Hour><tt:Minute>4</tt:Minute><tt:Second>5</tt:Second></tt:Time>"
        "<tt:Date><tt:Year>2026</tt:Year><tt:Month>4</tt:Month><tt:Day>1</tt:Day></tt:Date></tt:UTCDateTime>"
        "</tds:SystemDateAndTime>"
    ),
    "GetScopes": "".join(
        f"<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>onvif://www.onvif.org/{scope}</tt:ScopeItem>"
        "</tds:Scopes>"
        for scope in SCOPES
    ),
    "GetDeviceInformation": (
        f"<tds:Manufacturer>Example</tds:Manufacturer><tds:Model>{SITE} 取水口</tds:Model>"
        "<tds:FirmwareVersion>4.2.1</tds:FirmwareVersion><tds:SerialNumber>000123</tds:SerialNumber>"
        "<tds:HardwareId>1</tds:HardwareId>"
    ),
}
FAULT = (
    "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Receiver</SOAP-ENV:Value></SOAP-ENV:Code>"
    '<SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">not implemented</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>'
)

SDP = f"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns={SITE} 取水口\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


class Web(BaseHTTPRequestHandler):
    """The start page, and the device service."""

    server_version, sys_version = "camera", ""

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/" else 404, "text/html", PAGE if self.path == "/" else "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        asked = [name for name in ANSWERS if re.search(rf"<(?:\w+:)?{name}[\s/>]", body)]
        if self.path != "/onvif/device_service":
            self._answer(404, "text/html", "")
        elif asked:
            answer = f"<tds:{asked[0]}Response>{ANSWERS[asked[0]]}</tds:{asked[0]}Response>"
            self._answer(200, "application/soap+xml; charset=utf-8", ENVELOPE.format(answer))
        else:
            self._answer(500, "application/soap+xml; charset=utf-8", ENVELOPE.format(FAULT))

    def _answer(self, status: int, media: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Nothing: the requests are no news."""


class Stream(socketserver.StreamRequestHandler):
    """OPTIONS and DESCRIBE of one stream, /stream1."""

    timeout = 20

    def handle(self) -> None:
        while line := self.rfile.readline(4096).decode("utf-8", "replace").split():
            number = "0"
            while header := self.rfile.readline(4096).strip():
                if header.lower().startswith(b"cseq:"):
                    number = header[5:].strip().decode("ascii", "replace")
            status, more, body = self._answer(line)
            head = f"RTSP/1.0 {status}\r\nCSeq: {number}\r\nServer: {SITE} ITV\r\n{more}\r\n"
            self.wfile.write(head.encode() + body)

    @staticmethod
    def _answer(line: list[str]) -> tuple[str, str, bytes]:
        if len(line) != 3 or not line[2].startswith("RTSP/"):
            return "400 Bad Request", "", b""
        if line[0] == "OPTIONS":
            return "200 OK", "Public: OPTIONS, DESCRIBE\r\n", b""
        if line[0] != "DESCRIBE":
            return "405 Method Not Allowed", "Allow: OPTIONS, DESCRIBE\r\n", b""
        if not line[1].endswith("/stream1"):
            return "404 Not Found", "", b""
        body = SDP.encode()
        return "200 OK", f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n", body


class Streams(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def main() -> None:
    threading.Thread(target=Streams(("", 554), Stream).serve_forever, daemon=True).start()
    ThreadingHTTPServer(("", 80), Web).serve_forever()


if __name__ == "__main__":
    main()
