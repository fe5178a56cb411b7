# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""inetd and xinetd: which services they start for visitors, and the one line that ends each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import TypedDict

from ..display import show
from ..model import Unreadable
from .plain_logins import Door, port_of, service_of

#: As Debian's update-inetd marks what is switched off, so that it can switch it on again.
_OFF = "#<off># "


INETD_FOLDER = "/etc/inetd.d/"

#: The original that our own guard keeps beside a file until a change is confirmed.
_KEPT = re.compile(r"/\.[^/]+\.[A-Za-z0-9-]{8,80}\.original")


# --- inetd ----------------------------------------------------------------------------------------------------


def inetd(files: Mapping[str, str]) -> Iterator[Door]:
    """The plain logins among the lines of inetd's files. A name may have an address before it."""
    for path, text in files.items():
        for number, line in enumerate([] if _KEPT.search(path) else text.split("\n"), 1):
            words = line.split()
            if not words or line.startswith("#"):
                continue
            if len(words) < 6:
                if len(words) == 1 and words[0].endswith(":"):
                    continue  # the default address of the lines that follow
                raise Unreadable(f"{path}:{number} is no line of inetd: {show(line, 80)}")
            if not words[2].startswith("tcp"):
                continue
            name = words[0].rpartition(":")[2]
            port = port_of(name)
            service = service_of(name, port, words[5:])
            if service:
                yield Door(
                    service=service, port=port, by="inetd", unit="", state="", command=words[5:],
                    file=path, number=number, text=line, after=f"{_OFF}{line}",
                )  # fmt: skip


# --- xinetd ---------------------------------------------------------------------------------------------------

_BLOCK = re.compile(r"\s*(service\s+(?P<name>\S+)|defaults)\s*(?P<open>\{)?\s*")
_SETTING = re.compile(r"\s*(?P<key>\w+)\s*[+-]?=\s*(?P<value>.*?)\s*")


class _Block(TypedDict):
    name: str  # "" is the defaults
    file: str
    settings: dict[str, str]
    disable: tuple[int, str]  # the line that says so


def xinetd(files: Mapping[str, str]) -> Iterator[Door]:
    """The plain logins among the services that xinetd is not told to leave out."""
    blocks = [block for path, text in files.items() for block in _blocks(path, text)]
    defaults = [block["settings"] for block in blocks if not block["name"]]
    left_out = {word for one in defaults for word in one.get("disabled", "").split()}
    for block in blocks:
        settings, name = block["settings"], block["name"]
        off = settings.get("disable") == "yes" or {name, settings.get("id", name)} & left_out
        if not name or off or settings.get("socket_type", "stream") != "stream":
            continue
        command = [settings.get("server", ""), *_words(settings.get("server_args", ""))]
        port = port_of(settings.get("port", name))
        service = service_of(name, port, command)
        if service:
            number, text = block["disable"]
            yield Door(
                service=service, port=port, by="xinetd", unit="", state="", command=command,
                file=block["file"], number=number, text=text,
                after=re.sub(r"=.*", "= yes", text) if text else "",
            )  # fmt: skip


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _blocks(path: str, text: str) -> Iterator[_Block]:
    block: _Block | None = None
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        started = _BLOCK.fullmatch(line) if not inside else None
        setting = _SETTING.fullmatch(line) if inside else None
        if started:
            block = _Block(name=started["name"] or "", file=path, settings={}, disable=(0, ""))
            inside = bool(started["open"])
        elif bare == "{" and block is not None:
            inside = True
        elif bare == "}" and block is not None:
            yield block
            block, inside = None, False
        elif setting and block is not None:
            key = setting["key"].lower()
            block["settings"][key] = setting["value"]
            if key == "disable":
                block["disable"] = (number, line)
        elif not re.match(r"include(dir)?\s", bare):
            raise Unreadable(f"{path}:{number} is no line of xinetd: {show(line, 80)}")
