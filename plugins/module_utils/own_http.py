# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a port of this very host answers to a visitor who asks for its start page and has not logged in.

Asks only sockets that listen on this host, for ``/``, and follows a redirect only to the same port. Never sends a
name, a password or a form. Runs on the device: Python 3.8, standard library only.
"""

from __future__ import annotations

import re
import socket
import time

from ansible_collections.iot_site.checklist.plugins.module_utils import html_page, kernel

SECONDS, ALL_SECONDS = 1.0, 8.0  # of one question, and of all in one run: other reads wait meanwhile
BYTES = 1 << 16
REDIRECTS = 3
LONGEST_TITLE = 200

_spent = {"seconds": 0.0}


def ask(port):
    """``{"http": answer, "https": answer}``; an answer without ``status`` says why there is none in ``error``."""
    began = time.monotonic()
    answers = {}
    for scheme in ("http", "https"):
        if _spent["seconds"] + time.monotonic() - began > ALL_SECONDS:
            answers[scheme] = {"error": "not asked: the ports before it took all the time there is"}
        else:
            answers[scheme] = _visit(scheme, int(port))
    _spent["seconds"] += time.monotonic() - began
    return answers


def _visit(scheme, port):
    address = _address(port)
    if not address:
        return {"error": "nothing listens there any more"}
    path = "/"
    try:
        for _again in range(REDIRECTS):
            answer = _answer(_exchange(scheme, address, port, path))
            onward = _same_place(answer.get("to", ""), scheme, address, port)
            if not onward or onward == path:
                return answer
            path = onward
        return answer
    except (OSError, ValueError) as error:
        return {"error": f"no answer in HTTP ({type(error).__name__})"}


def _address(port):
    """An address of ours on which this port listens, as others use it: many applications trust loopback."""
    listening = {one["address"] for one in kernel.tcp_listeners() if one["port"] == port}
    wildcard = next((one for one in _BEYOND if one in listening), "")
    return reached_by(wildcard or min(listening, default=""))


#: A wildcard, an address that it leads to, and what is left on a machine without a network.
_BEYOND = {"0.0.0.0": ("192.0.2.1", "127.0.0.1"), "::": ("2001:db8::1", "::1")}


def reached_by(address):
    """The address by which others reach a socket that listens on ``address``."""
    if address not in _BEYOND:
        return address
    beyond, loopback = _BEYOND[address]
    return _own(beyond) or loopback


def _own(beyond):
    """With which address we would go there; connecting a UDP socket sends nothing."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in beyond else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((beyond, 9))
            return probe.getsockname()[0]
    except OSError:
        return ""


# --- one question -------------------------------------------------------------------------------------------


def _exchange(scheme, address, port, path):
    """What came back within the second, at most 64 kB. HTTP/1.0, so that the body comes as it is."""
    end = time.monotonic() + SECONDS
    with socket.create_connection((address, port), SECONDS) as plain, _wrapped(scheme, plain) as connection:
        host = f"[{address}]" if ":" in address else address
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nAccept: text/html\r\n\r\n".encode("ascii"))
        received = b""
        while len(received) < BYTES:
            connection.settimeout(max(0.01, end - time.monotonic()))
            try:
                chunk = connection.recv(BYTES - len(received))
            except OSError:
                if b"\r\n\r\n" not in received:
                    raise
                break
            if not chunk:
                break
            received += chunk
        return received


def _wrapped(scheme, plain):
    if scheme == "http":
        return plain
    import ssl  # only where something is asked: loading it takes longer than most questions

    context = ssl.create_default_context()
    context.check_hostname = False  # it is our own machine, and we tell it nothing
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain)


# --- its answer ---------------------------------------------------------------------------------------------

_STATUS = re.compile(r"HTTP/[0-9.]+ ([1-5][0-9][0-9])\b")


def _answer(received):
    head, _blank, body = received.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.decode("latin-1").split("\n")
    status = _STATUS.match(lines[0])
    if not status:
        raise ValueError(lines[0][:20])
    headers = {}
    for line in lines[1:]:
        name, _colon, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    page = html_page.Page()
    page.feed(body.decode("utf-8", "replace"))
    return {
        "status": int(status.group(1)),
        "asks": headers.get("www-authenticate", "").partition(" ")[0][:40],
        "to": headers.get("location", "")[:LONGEST_TITLE] if status.group(1)[0] == "3" else "",
        "title": " ".join("".join(page.title).split())[:LONGEST_TITLE],
        "password": page.password,
        "scripts": page.scripts,
        "empty": not body.strip(),
        "error": "",
    }


def _same_place(to, scheme, address, port):
    """The path of a redirect that stays on this port; "" for every other."""
    host = re.escape(f"[{address}]" if ":" in address else address)
    usual = {"http": 80, "https": 443}[scheme]
    own = re.match(rf"{scheme}://{host}(?::{port}){'?' if port == usual else ''}(?=/)", to)
    path = to[own.end() :] if own else to
    return path if re.match(r"/(?!/)[!-~]*\Z", path) else ""
