# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""avahi-daemon's configuration and service files: the lines that say what is announced, and where they stand."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TypedDict

CONF = "/etc/avahi/avahi-daemon.conf"

#: The section of each setting that is judged; no other reaches the state.
SECTIONS = {
    "host-name": "server",
    "domain-name": "server",
    "allow-interfaces": "server",
    "enable-dbus": "server",
    "disable-publishing": "publish",
    "disable-user-service-publishing": "publish",
    "publish-hinfo": "publish",
    "publish-workstation": "publish",
}

_SECTION = re.compile(r"\[([^\]]*)\]")
_SETTING = re.compile(r"(#?)[ \t]*([a-z0-9-]+)[ \t]*=[ \t]*(.*?)[ \t\r]*")

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(r"<(name|txt-record|host-name|subtype)((?:\s[^<>]*)?)>([^<>]*)</\1\s*>")


class Setting(TypedDict):
    """A setting where it stands; without ``value`` only a comment that shows the place for it."""

    value: str | None
    number: int
    line: str


class Told(TypedDict):
    """One text of a service file. ``line`` is its whole line when nothing else is on it, else ""."""

    kind: str  # name, txt-record, host-name, subtype
    text: str
    attributes: str
    number: int
    line: str


def settings(text: str) -> dict[str, Setting]:
    """The last line of each kind counts."""
    section, found = "", dict[str, Setting]()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _SECTION.fullmatch(line.strip()):
            section = header[1]
        said = _SETTING.fullmatch(line)
        if not said or SECTIONS.get(said[2]) != section:
            continue
        if not said[1]:
            found[said[2]] = {"value": said[3], "number": number, "line": line}
        elif said[2] not in found:
            found[said[2]] = {"value": None, "number": number, "line": line}
    return found


def is_yes(value: str | None) -> bool:
    """As avahi itself reads it."""
    return (value or "")[:1] in tuple("yY1tT")


def service(text: str, host: str) -> Iterator[Told]:
    """What a service file announces, as visitors see it. A comment keeps its lines, so that every number holds."""
    plain = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), text)
    lines = text.split("\n")
    for element in _ELEMENT.finditer(plain):
        number = plain.count("\n", 0, element.start()) + 1
        shown = html.unescape(element[3]).strip()
        if re.search(r"""replace-wildcards\s*=\s*["']yes["']""", element[2]):
            shown = shown.replace("%h", host)
        alone = lines[number - 1].strip() == element[0]
        yield {
            "kind": element[1],
            "text": shown,
            "attributes": element[2],
            "number": number,
            "line": lines[number - 1] if alone else "",
        }


def named(told: Told, name: str) -> str:
    """The line of a service file with another name."""
    indent = told["line"][: len(told["line"]) - len(told["line"].lstrip())]
    return f"{indent}<name{told['attributes']}>{html.escape(name, quote=False)}</name>"
