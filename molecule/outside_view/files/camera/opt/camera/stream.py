# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network camera's stream as far as strangers meet it: RTSP (RFC 2326, with the SDP of RFC 4566).

Written from these documents, never from our own probe. It asks for no login, and no setting makes it ask for one.
"""

from __future__ import annotations

import socketserver

SITE = "第一浄水場"
SDP = f"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns={SITE} 取水口\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


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


if __name__ == "__main__":
    Streams(("", 554), Stream).serve_forever()
