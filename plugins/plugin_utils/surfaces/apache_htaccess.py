# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
""".htaccess files: which of them apache2 reads, and what they say there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from ..display import show
from ..model import Unreadable
from ..raw import Follow, Raw, Read
from .apache_config import Directive, Dump, effective, parse_text
from .apache_scopes import HTACCESS, Section, Server, holds, ordered, section_of, sections

_NAME = ".htaccess"

#: Every directory that content may come from, and every one that has a section of its own.
_ROOTS = (
    r"""^(?:Main DocumentRoot:| *DocumentRoot| *\w*Alias(?: (?:"[^"\n]*"|[^\s"]+))?) ["']?(/[^"'\n*?\[]*?)/?["']?$"""
)
_SECTIONS = r"""^ *<Directory ["']?(/[^"'\n*?\[>]*?)/?["']?>$"""

READS = (
    Read("apache2.htaccess", files=f"{{}}/**/{_NAME}", follow=Follow("apache2.config", _ROOTS)),
    Read("apache2.htaccess_above", files=f"{{}}/{_NAME}", follow=Follow("apache2.config", _SECTIONS)),
)


def added(raw: Raw, dump: Dump, servers: list[Server]) -> list[Server]:
    """The servers with every .htaccess file that counts. Raises Unreadable where one may count that was not read."""
    if not any(_says(section) for server in servers for section in server["sections"]):
        return servers
    texts = {path: text for read in READS for path, text in raw.files(read.name).items()}
    files = {path: effective(parse_text(path, text), dump.modules) for path, text in texts.items()}
    return [_with(server, files) for server in servers]


def _with(server: Server, files: Mapping[str, tuple[Directive, ...]]) -> Server:
    _check(server)
    more = [one for path, inside in files.items() for one in _of(path, inside, server["sections"])]
    return {**server, "sections": ordered([*server["sections"], *more])}


def _of(path: str, inside: tuple[Directive, ...], known: list[Section]) -> Iterator[Section]:
    folder = posixpath.dirname(path)
    if counts := _counts(known, folder):
        as_section = Directive("directory", (folder if counts == "must" else "*",), path, 1, True, inside)
        yield {**section_of(as_section, HTACCESS), "name": _NAME}
        yield from sections(inside, HTACCESS)


def _check(server: Server) -> None:
    if not any(_says(section) for section in server["sections"]):
        return
    for entry in server["says"].get("htaccess_name", []):
        if entry["args"] != [_NAME]:
            raise Unreadable(f"{entry['at']}: files called {show(' '.join(entry['args']))} were not read")
    for root in server["roots"]:
        if not root["path"] and not root["proxy"]:
            raise Unreadable(f"{root['at']}: it is not known where {_NAME} files may lie")
        for folder in _above(root["path"]):
            if _counts(server["sections"], folder) and not _looked(server["sections"], folder):
                raise Unreadable(f"{posixpath.join(folder, _NAME)} may count (AllowOverride) and was not read")


def _counts(sections: list[Section], folder: str) -> str:
    """Whether a file there is read and may say who comes in: "" no, "may" perhaps, "must" surely."""
    patterns = [one for one in sections if one["kind"] == "directory" and not one["path"] and _says(one)]
    named = [one for one in sections if one["kind"] == "directory" and one["path"] and holds(one["path"], folder)]
    said = [one for one in named if one["says"].get("override")]
    if patterns or (said and _says(said[-1])):
        words = {word.lower() for entry in said[-1]["says"]["override"] for word in entry["args"]} if said else set()
        return "must" if not patterns and words & {"all", "authconfig"} else "may"
    return ""


def _says(section: Section) -> bool:
    return any(_allows(entry["args"]) for entry in section["says"].get("override", []))


def _allows(args: Iterable[str]) -> bool:
    return [word.lower() for word in args] != ["none"]


def _looked(sections: Iterable[Section], folder: str) -> bool:
    return any(one["kind"] == "directory" and one["path"] == folder for one in sections)


def _above(path: str) -> list[str]:
    """The folders above this one, the root directory first."""
    parts = [part for part in path.split("/") if part][:-1]
    return ["/", *("/" + "/".join(parts[:count]) for count in range(1, len(parts) + 1))] if path else []
