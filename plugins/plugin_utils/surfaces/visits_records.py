# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions in utmp and wtmp: fixed records in the machine's own byte order, of one of two lengths.

glibc keeps the times of 64-bit x86 as wide as those of its 32-bit programs (384 bytes a record); other 64-bit
machines, ARM among them, do not (400 bytes). Which one it is shows in the records themselves.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator

from ..model import Unreadable
from ..raw import Raw, Read, missing
from .visits import PROVEN, Visit, day_of

#: A multiple of both lengths, so that the end of a file holds whole records.
_BYTES = 20 * 384 * 25
_FILES = "/var/log/wtmp.1 /var/log/wtmp /run/utmp /var/run/utmp"

RECORDS = Read(
    "sources.records",
    command=("sh", "-c", f'for file in {_FILES}; do test ! -f "$file" || tail -c {_BYTES} "$file" || exit; done'),
    limit=1 << 20,
)

#: type, line, user, host, seconds, address, with what lies between them.
_LAYOUTS = tuple(
    struct.Struct(order + fields)
    for order in "<>"
    for fields in ("h2x4x32s4x32s256s4x4xi4x16s20x", "h2x4x32s4x32s256s4x8xq8x16s20x4x")
)
_TYPES = range(10)
_USER_PROCESS = 7


def visits(raw: Raw) -> Iterator[Visit]:
    """A session with an address; one at the machine itself has none."""
    data = _data(raw)
    layout = _layout(data)
    for kind, _line, user, _host, seconds, address in layout.iter_unpack(data) if layout else ():
        source = _address(address)
        if kind == _USER_PROCESS and source:
            yield Visit(source, PROVEN, "a login session", _text(user), day_of(seconds))


def kept(raw: Raw) -> bool:
    """Whether the host records sessions at all."""
    return bool(_data(raw))


def _data(raw: Raw) -> bytes:
    outputs = [output for output in raw.all(RECORDS.name).values() if not missing(output)]
    for output in outputs:
        if output.error or output.rc or output.truncated:
            raise Unreadable(f"wtmp could not be read: {output.error or output.text[-200:]}")
    return b"".join(output.data for output in outputs)


def _layout(data: bytes) -> struct.Struct | None:
    if not data:
        return None
    fitting = [layout for layout in _LAYOUTS if len(data) % layout.size == 0]
    for layout in fitting:
        if all(_is_record(*record) for record in layout.iter_unpack(data)):
            return layout
    raise Unreadable("wtmp is not in a form that is known here")


def _is_record(kind: int, line: bytes, user: bytes, host: bytes, seconds: int, _address: bytes) -> bool:
    """Texts end at their first NUL and hold no controls; the time is that of some computer."""
    printable = all(byte >= 0x20 for text in (line, user, host) for byte in text.partition(b"\0")[0])
    return kind in _TYPES and printable and 0 <= seconds < 1 << 33


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "backslashreplace")


def _address(field: bytes) -> str:
    """IPv4 fills the first four bytes only. Nobody comes from an IPv6 address that ends in twelve zeros."""
    if not any(field):
        return ""
    return str(ipaddress.ip_address(field if any(field[4:]) else field[:4]))
