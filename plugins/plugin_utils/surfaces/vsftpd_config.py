# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vsftpd's configuration: one file of NAME=value lines, or several, of which the last value counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypedDict

from ..model import Unreadable

#: The settings we judge; no other leaves this file.
JUDGED = (
    "anonymous_enable", "no_anon_password", "anon_upload_enable", "ftpd_banner", "banner_file", "tcp_wrappers",
    "listen", "listen_ipv6", "listen_port", "listen_address", "listen_address6",
    "local_enable", "ssl_enable", "force_local_logins_ssl",
)  # fmt: skip

_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


class Setting(TypedDict):
    """A setting where it stands. Without a number it was given to the process itself."""

    value: str
    file: str
    number: int
    text: str


class Instance(TypedDict):
    """One vsftpd: the files it was started with, and what they say together."""

    files: list[str]
    settings: dict[str, Setting]


def instance(arguments: Sequence[str], files: Mapping[str, str]) -> Instance:
    """What a process with these arguments has read, in its order."""
    named = [one for one in arguments if not one.startswith("-")]
    asked = arguments if named else [*arguments, "/etc/vsftpd.conf"]
    settings: dict[str, Setting] = {}
    for one in asked:
        if one.startswith("-o"):
            _take(settings, one[2:], "", 0)
        elif one.startswith("-"):
            raise Unreadable("vsftpd was started with an option that we do not know")
        elif one not in files:
            raise Unreadable(f"vsftpd was started with {one}, which could not be read")
        else:
            for number, line in enumerate(files[one].split("\n"), 1):
                if line.strip() and not line.startswith("#"):
                    _take(settings, line, one, number)
    return {"files": named or ["/etc/vsftpd.conf"], "settings": settings}


def _take(settings: dict[str, Setting], line: str, file: str, number: int) -> None:
    name, sign, value = line.lstrip().partition("=")
    if not sign or not re.fullmatch(r"[a-z0-9_]+", name):
        raise Unreadable(f"{file or 'its command line'}:{number} is no setting of vsftpd")
    if name in JUDGED:
        settings[name] = Setting(value=value, file=file, number=number, text=line if number else "")


def is_on(one: Instance, name: str, default: bool = False) -> bool:
    """A yes or no; vsftpd itself refuses every other word."""
    found = one["settings"].get(name)
    if found is None:
        return default
    word = found["value"].lower()
    if word not in _YES | _NO:
        raise Unreadable(f"{found['file']}:{found['number']}: {name} is neither YES nor NO")
    return word in _YES


def value(one: Instance, name: str) -> str:
    """A text; "" where it is not set."""
    found = one["settings"].get(name)
    return found["value"] if found else ""


def at(one: Instance, name: str) -> str:
    """Where a setting stands, for a person."""
    found = one["settings"].get(name)
    if found is None:
        return one["files"][-1]
    return f"{found['file']}:{found['number']}" if found["number"] else "the command line of vsftpd"
