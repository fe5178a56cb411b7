# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that this very host shows to whoever connects, and those in a file. Never a key: that stays here.

Asks only sockets that listen on this host, and ends the connection once the greeting is done. Runs on the device:
Python 3.8, standard library only.
"""

from __future__ import annotations

import base64
import os
import re
import socket
import stat
import time

from ansible_collections.iot_site.checklist.plugins.module_utils import any_tls, kernel, own_http

SECONDS, ALL_SECONDS = 1.0, 4.0  # of one greeting, and of all in one run: other reads wait meanwhile
BYTES = 1 << 18  # of one file
CERTIFICATES = 20  # of one file

_BLOCK = re.compile(
    rb"^-----BEGIN ([A-Z0-9 ]{1,40})-----[ \t]*\r?\n([A-Za-z0-9+/=\s]*?)^-----END \1-----", re.MULTILINE
)
_BEGIN = re.compile(rb"^-----BEGIN ([A-Z0-9 ]{1,40})-----", re.MULTILINE)

_spent = {"seconds": 0.0}


# --- what is served -----------------------------------------------------------------------------------------


def greet(port):
    """For each address on which this port listens ``{"address", "certificate", "error"}``."""
    began = time.monotonic()
    greeted = []
    for address in _addresses(int(port)):
        if _spent["seconds"] + time.monotonic() - began > ALL_SECONDS:
            error = "not asked: the ports before it took all the time there is"
            greeted.append({"address": address, "certificate": "", "error": error})
        else:
            greeted.append(dict(_greeted(own_http.reached_by(address), int(port)), address=address))
    _spent["seconds"] += time.monotonic() - began
    return greeted


def _addresses(port):
    """A wildcard stands for all that no other socket takes."""
    found = sorted({one["address"] for one in kernel.tcp_listeners() if one["port"] == port})
    return ["0.0.0.0"] if found == ["0.0.0.0", "::"] else [one for one in found if not _is_loopback(one)]


def _is_loopback(address):
    return address == "::1" or address.startswith("127.")


def _greeted(address, port):
    """The certificate as base64 of DER; "" with a reason, which is ``no TLS`` where another protocol is spoken."""
    import ssl  # only where something is asked: loading it takes longer than most greetings

    context = any_tls.context()
    try:
        with socket.create_connection((address, port), SECONDS) as plain, context.wrap_socket(plain) as connection:
            der = connection.getpeercert(binary_form=True) or b""
    except ssl.SSLError as error:
        return {"certificate": "", "error": any_tls.reason(error)}
    except OSError as error:
        return {"certificate": "", "error": f"no greeting ({type(error).__name__})"}
    return {"certificate": base64.b64encode(der).decode("ascii"), "error": "" if der else "it shows no certificate"}


# --- what is in a file --------------------------------------------------------------------------------------


def in_file(path):
    """``{"certificates": [base64 of DER], "holds": [kinds of block], "changed": seconds, "error"}``.

    Of a key, only that it is there.
    """
    told = {"certificates": [], "holds": [], "changed": 0}
    try:
        data, told["changed"] = _read(path)
    except OSError as exception:
        error = "missing" if isinstance(exception, (FileNotFoundError, NotADirectoryError)) else exception.strerror
        return dict(told, error=error)
    if len(data) > BYTES:
        return dict(told, error="longer than we read")
    told["holds"] = [kind.decode("ascii") for kind in _BEGIN.findall(data)[: 2 * CERTIFICATES]]
    found = [body for kind, body in _BLOCK.findall(data) if kind in (b"CERTIFICATE", b"X509 CERTIFICATE")]
    told["certificates"] = [b"".join(body.split()).decode("ascii") for body in found[:CERTIFICATES]]
    return dict(told, error="")


def _read(path):
    """A device or a pipe must not block us."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        seen = os.fstat(file.fileno())
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(0, "not a regular file")
        return file.read(BYTES + 1), int(seen.st_ctime)
