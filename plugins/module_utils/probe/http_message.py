# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP message: the question as bytes, the answer taken apart. RTSP's messages have the same form. Pure.

(RFC 9110, RFC 9112; RFC 2326 for RTSP.)
"""

from __future__ import annotations

import re
import zlib

from ansible_collections.iot_site.checklist.plugins.module_utils.probe import charsets

HEADERS = 100  # kept of one answer
INFLATED = 1 << 18  # bytes made of a compressed body, whatever its size
_STATUS = re.compile(rb"(?:HTTP|RTSP)/[0-9.]{1,5} ([1-5][0-9]{2})(?![0-9])")
_CHALLENGE = re.compile(r"""realm\s{0,9}=\s{0,9}(?:"((?:[^"\\]|\\.)*)"?|([^\s,]+))""", re.IGNORECASE)


class Message:
    """An answer: its status, its headers by lower-case name (as bytes: their charset is anybody's guess), its body."""

    def __init__(self, status, headers, body, cut):
        self.status, self.headers, self.body, self.cut = status, headers, body, cut

    def header(self, name):
        return charsets.decoded(self.headers.get(name, [b""])[0])

    @property
    def charset(self):
        return self.header("content-type").lower().partition("charset=")[2].partition(";")[0]

    @property
    def media(self):
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def realms(self):
        """The realms of every challenge."""
        found = []
        for challenge in self.headers.get("www-authenticate", []):
            for quoted, bare in _CHALLENGE.findall(charsets.decoded(challenge)):
                found.append(re.sub(r"\\(.)", r"\1", quoted) or bare)
        return found

    @property
    def text(self):
        return charsets.decoded(self.body, self.charset)


def request(method, target, host, headers=(), body=b"", protocol="HTTP/1.1"):
    """A question without a name, a password or a cookie."""
    lines = [f"{method} {target} {protocol}", *([f"Host: {host}"] if host else []), *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode("utf-8") + body


def ended(data):
    """Whether an answer is there in full, by what it says of its length; one that tells none ends with its stream."""
    head, blank, body = _split(data)
    if not blank:
        return False
    length = re.search(rb"\ncontent-length:[ \t]*([0-9]{1,15})[ \t\r]*(?:\n|\Z)", head, re.IGNORECASE)
    if re.search(rb"\ntransfer-encoding:[ \t]*chunked", head, re.IGNORECASE):
        return bool(re.search(rb"(?:\A|\n)0+[ \t]*\r?\n\r?\n\Z", body[-16:]))
    if head.startswith(b"RTSP/") and not length:
        return True  # RFC 2326, 12.14: no length, no body
    return bool(length) and len(body) >= int(length.group(1))


def parse(data, cut=False):
    """``cut`` when there may be more. Raises ValueError on what is no answer, or has no end of its headers."""
    status = _STATUS.match(data)
    if not status:
        raise ValueError("no status line")
    head, blank, body = _split(data)
    if not blank:
        raise ValueError("no end of the headers")
    headers = {}
    for line in head.split(b"\n")[1 : HEADERS + 1]:
        name, colon, value = line.partition(b":")
        if colon:
            headers.setdefault(name.strip().lower().decode("latin-1"), []).append(value.strip())
    message = Message(int(status.group(1)), headers, body, cut)
    if b"chunked" in headers.get("transfer-encoding", [b""])[-1].lower():
        message.body, message.cut = _joined(body)
    length = content_length(message)
    if length is not None:
        message.body, message.cut = message.body[:length], len(message.body) < length
    return _inflated(message)


def _split(data):
    """Some servers end lines with a bare line feed."""
    crlf, bare = data.find(b"\r\n\r\n"), data.find(b"\n\n")
    if bare < 0 or 0 <= crlf < bare:
        return data.partition(b"\r\n\r\n")
    return data.partition(b"\n\n")


def content_length(message):
    """None where it is not told, or not understood, or the body comes in chunks."""
    said = message.headers.get("content-length", [b""])[0]
    chunked = "transfer-encoding" in message.headers
    return int(said) if not chunked and re.match(rb"[0-9]{1,15}\Z", said) else None


def _joined(body):
    """``(the chunks' content, whether the last one is missing)``."""
    joined, at = [], 0
    while True:
        end = body.find(b"\n", at, at + 100)
        size = re.match(rb"\s*([0-9A-Fa-f]{1,8})\s*(?:;|\Z)", body[at:end] if end >= 0 else b"")
        if not size:
            return b"".join(joined), True
        length, at = int(size.group(1), 16), end + 1
        joined.append(body[at : at + length])
        if not length or len(joined[-1]) < length:
            return b"".join(joined), bool(length)
        at = body.find(b"\n", at + length, at + length + 2) + 1 or at + length


def _inflated(message):
    """A compressed body, though we did not ask for one: no more than INFLATED bytes are ever made of it."""
    coding = message.header("content-encoding").strip().lower()
    if coding not in ("gzip", "x-gzip", "deflate"):
        return message
    inflater = zlib.decompressobj(47 if coding != "deflate" else 15)
    try:
        message.body = inflater.decompress(message.body, INFLATED)
    except zlib.error:
        message.body, message.cut = b"", True
        return message
    message.cut = message.cut or not inflater.eof
    return message
