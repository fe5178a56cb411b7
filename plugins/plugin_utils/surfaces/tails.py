# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads of the newest part of logs: they can be gigabytes, and a scanner fills a day with failures.

So a line is picked on the device, from the last megabytes of each file, and only those lines travel. What was looked
into and held anything is named, for who has looked nowhere must not say that nobody came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..model import Unreadable
from ..raw import Raw, Read, missing

#: Bytes of each file that are looked through, and bytes of its picked lines that travel.
_LOOKED, _KEPT = 8 << 20, 128 << 10

#: Lines are looked at up to here; a longer one is nobody's login.
_LINE = 4096

_PICK = f"""\
for file in $2; do
  test -s "$file" || continue
  test -r "$file" || {{ echo "#unread $file"; continue; }}
  echo "#read $file"
  tail -c {_LOOKED} "$file" | grep -aE -e "$1" | tail -c {_KEPT}
done
true"""

#: The journal's newest entries of some programs. One of these is what a scanner leaves in some days.
_PICK_JOURNAL = """\
command -v journalctl >/dev/null || exit 0
{ journalctl -q --no-pager -o short-unix -n 20000 --since=-92days $2 2>/dev/null || echo "#unread journal"; } |
  sed '$a #read journal' | grep -aE -e "$1" -e '^#(un)?read journal$' | tail -n 2000
true"""

_MARK = re.compile(r"#(read|unread) (/\S+|journal)")


def tail(name: str, pattern: str, *files: str) -> Read:
    """The newest lines that hold ``pattern`` (grep -E), of all files that these globs name."""
    return Read(name, command=("sh", "-c", _PICK, "sh", pattern, " ".join(files)), limit=2 << 20)


def journal(name: str, pattern: str, *programs: str) -> Read:
    """The newest lines of these programs that hold ``pattern`` (grep -E)."""
    named = " ".join(f"-t {program}" for program in programs)
    return Read(name, command=("sh", "-c", _PICK_JOURNAL, "sh", pattern, named), limit=1 << 20)


def lines(raw: Raw, read: Read) -> Iterator[tuple[str, str]]:
    """``(log, line)`` of every picked line, a log and its older part under one name. What was cut off is left out."""
    log = ""
    for line in _answer(raw, read):
        if mark := _MARK.fullmatch(line):
            log = mark[2].removesuffix(".1")
        else:
            yield log, line[:_LINE]


def looked_into(raw: Raw, reads: Iterable[Read]) -> list[str]:
    """The logs that were read; Unreadable names those that exist and could not be."""
    marks = [mark.groups() for read in reads for line in _answer(raw, read) if (mark := _MARK.fullmatch(line))]
    unread = sorted({place for what, place in marks if what == "unread"})
    if unread:
        raise Unreadable(f"who has come is recorded in {', '.join(unread)}, which this account may not read")
    return sorted({place for _what, place in marks})


def _answer(raw: Raw, read: Read) -> list[str]:
    outputs = [output for output in raw.all(read.name).values() if not missing(output)]
    for output in outputs:
        if output.error or output.rc:
            raise Unreadable(f"{read.name}: {output.error or f'ended with status {output.rc}'}")
    return [line for output in outputs for line in output.text.split("\n")]
