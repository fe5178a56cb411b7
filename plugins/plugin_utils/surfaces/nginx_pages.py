# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which static pages nginx shows without a login: where they lie, what was read of them, and what was not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ..display import show
from ..raw import Follow, Raw, Read
from . import pages, served_pages
from .nginx_login import has_login
from .nginx_scopes import Scope, Server, answers_all

#: Every directory a page could lie in, also in comments: a superset, of which only what is served is kept.
_ROOTS = r"""(?:root|alias)[ \t]+["']?(/[^\s;"'{}$]+)"""

#: One page given a place of its own.
_ALIASED = r"""alias[ \t]+["']?(/[^\s;"'{}$]+\.[^\s;"'{}$/]*htm[^\s;"'{}$/]*)"""

#: Where nginx was built to look when nothing is said.
_PREFIX = r"--prefix='?([^\s']+)"
_DEFAULT = "html"


READS = (
    Read("nginx.pages", files="{}/**/*.*htm*", follow=Follow("nginx.config", _ROOTS), limit=served_pages.BYTES),
    Read("nginx.aliased", files="{}", follow=Follow("nginx.config", _ALIASED), limit=served_pages.BYTES),
    # nginx tells how it was built on its standard error only
    Read("nginx.built", command=("sh", "-c", "exec nginx -V 2>&1"), limit=1 << 16),
    Read(
        "nginx.default",
        files=f"{{}}/{_DEFAULT}/**/*.*htm*",
        follow=Follow("nginx.built", _PREFIX),
        limit=served_pages.BYTES,
    ),
)


def found(raw: Raw, servers: list[Server]) -> tuple[list[pages.Page], list[str]]:
    """The pages that open without a login, and in words what there is besides."""
    places, unread = _shown(servers, _Places(raw))
    served, cut = served_pages.below(raw, READS, places)
    unread += [f"{read.name} was not read" for read in READS if read.name not in raw.outputs]
    judged, more = served_pages.judged(served, places)
    return judged, [*unread, *cut, *more]


# --- where they lie -----------------------------------------------------------------------------------------


class _Places:
    """Which of the places in nginx's words the reads have really looked into."""

    def __init__(self, raw: Raw) -> None:
        config = "".join(out.text for out in raw.all("nginx.config").values())
        self._read = set(re.findall(_ROOTS, config, re.MULTILINE))
        built = "".join(out.text for out in raw.all("nginx.built").values() if not out.error)
        prefixes = set(re.findall(_PREFIX, built, re.MULTILINE))
        self.default = posixpath.join(prefixes.pop(), _DEFAULT) if len(prefixes) == 1 else ""

    def path(self, word: str) -> str:
        """The directory or file that ``word`` means; "" where nobody looked."""
        if word.rstrip("/") == _DEFAULT:
            return self.default
        return word if word in self._read and not any(sign in word for sign in "*?[$") else ""


def _shown(servers: list[Server], places: _Places) -> tuple[list[str], list[str]]:
    """Where the pages lie that open without a login, and in words the places that were not read."""
    looked: dict[str, None] = {}
    unread: dict[str, None] = {}
    for server in servers:
        if server["local"] or server["stream"] or server["scopes"][0]["applies"].get("return"):
            continue
        for scope in server["scopes"]:
            if _serves_files(scope) and not (scope["kind"] == "server" and answers_all(server)):
                for path, why in _of_scope(scope, places):
                    (unread if why else looked).update({why or path: None})
    return list(looked), list(unread)


def _serves_files(scope: Scope) -> bool:
    applies = scope["applies"]
    answered = applies.get("return") or applies.get("application") or scope["kind"] == "limit_except"
    return not answered and not has_login(scope)


def _of_scope(scope: Scope, places: _Places) -> Iterator[tuple[str, str]]:
    """``(path, why it was not read)``"""
    aliased = scope["applies"].get("alias", [])
    entries = aliased or scope["applies"].get("root", [])
    below = "" if aliased else _below(scope)
    if not entries:
        why = "" if places.default else f"{scope['at']} ({scope['name']}, in nginx's own default directory)"
        yield posixpath.normpath(posixpath.join(places.default, below)), why
    for entry in entries:
        word = entry["args"][0] if entry["args"] else ""
        path = places.path(word)
        why = "" if path else f"{entry['at']} ({entry['name']} {show(word)})"
        yield posixpath.normpath(posixpath.join(path, below)), why


def _below(scope: Scope) -> str:
    """What a location adds to its root: a file, a folder, or nothing where a pattern decides."""
    words = scope["name"].split()[1:]
    if scope["kind"] != "location" or words[0] in ("~", "~*") or words[0].startswith("@"):
        return ""
    return words[-1].strip("/") if words[0] == "=" else posixpath.dirname(words[-1]).strip("/")
