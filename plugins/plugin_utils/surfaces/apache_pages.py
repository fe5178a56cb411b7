# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which static pages apache2 shows without a login: where they lie, what was read of them, and what was not."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from ..display import show
from ..raw import Follow, Output, Raw, Read
from . import pages, served_pages
from .apache_scopes import Root, Server, holds
from .apache_visits import Visit, visits

#: What comes with the package and names neither place nor version: it is not read.
_PACKAGED = ("/usr/share/apache2/icons", "/usr/share/apache2/error")

#: Every directory or page that content may come from. What is served of it is told by the parsed configuration.
_BEGIN = (
    r"""^(?:Main DocumentRoot:| *DocumentRoot| *(?:Script)?Alias(?: (?:"[^"\n]*"|[^\s"]+))?) ["']?"""
    r"""(?!/usr/share/apache2/)"""
)
_ROOTS = _BEGIN + r"""(/[^"'\n*?\[]*?)/?["']?$"""

#: One page given a place of its own.
_ALIASED = _BEGIN + r"""(/[^"'\n*?\[]*\.[^"'\n/*?\[]*htm[^"'\n/*?\[]*)["']?$"""

READS = (
    Read("apache2.pages", files="{}/**/*.*htm*", follow=Follow("apache2.config", _ROOTS), limit=served_pages.BYTES),
    Read("apache2.aliased", files="{}", follow=Follow("apache2.config", _ALIASED), limit=served_pages.BYTES),
)


def found(raw: Raw, servers: Iterable[Server]) -> tuple[list[pages.Page], list[str]]:
    """The pages that open without a login, and in words what there is besides."""
    met = [(server, visits(server)) for server in servers]
    opened = [(root, seen) for server, seen in met for root in server["roots"] if _is_open(root, seen)]
    unread = [f"{root['at']} (any file)" for root, _seen in opened if not root["path"]]
    unread += [f"{root['at']} ({show(root['path'])})" for root, _seen in opened if _strange(root["path"])]
    places = list(dict.fromkeys(root["path"] for root, _seen in opened if root["path"]))
    served, cut = served_pages.below(raw, READS, places)
    shown = {path: out for path, out in served.items() if any(_is_shown(path, out, *one) for one in opened)}
    unread += [f"{read.name} was not read" for read in READS if read.name not in raw.outputs and places]
    judged, more = served_pages.judged(shown, places)
    return judged, [*dict.fromkeys(unread), *cut, *more]


def _is_open(root: Root, seen: Iterable[Visit]) -> bool:
    """Whether files of this place are shown to whoever asks."""
    files = not root["application"] and not root["path"].startswith(_PACKAGED)
    return files and any(visit.open and visit.of == root["at"] for visit in seen)


def _strange(path: str) -> bool:
    """Whether the reads cannot have followed it."""
    return any(sign in path for sign in "*?[\"'\n")


def _is_shown(path: str, out: Output, root: Root, seen: Iterable[Visit]) -> bool:
    """Whether the sections nearest to this page let in whoever asks; a word of the transport counts as a page."""
    if out.error or not holds(root["path"], path):
        return bool(out.error)
    url = posixpath.join(root["url"], path[len(root["path"]) :].lstrip("/"))
    near = [visit for visit in seen if visit.of == root["at"] and holds(visit.url, url)]
    longest = max((len(visit.url) for visit in near), default=0)
    return any(visit.open for visit in near if len(visit.url) == longest)
