# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who was served by nginx, apache2 or lighttpd: their access logs in the usual places and the usual forms.

The user's name stands in the log when the server itself asked for it. On a page that asks nobody, nginx writes down
whatever name a visitor claims; such a visitor is taken for a user, and a person then decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..raw import Raw
from .tails import lines, tail
from .visits import LIKELY, PROVEN, SEEN, Visit, day_in_words

_SERVED = r'" [23][0-9][0-9] '

LOG = tail(
    "sources.web_logs", _SERVED,
    *(
        f"/var/log/{place}{turned}"
        for turned in (".1", "")
        for place in ("nginx/*access*log", "apache2/*access*log", "httpd/*access*log", "lighttpd/*access*log")
    ),
)  # fmt: skip

#: combined and common; Apache puts the virtual host in front, lighttpd in place of ident.
_LINE = re.compile(
    r"(?:[\w.:*\[\]-]{1,255}:\d{1,5} )?(?P<source>[\w.:%-]{2,255}) \S{1,255} (?P<account>.{1,128}?) "
    r"\[(?P<day>\d\d)/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):\d\d:\d\d:\d\d [+-]\d{4}\] "
    r'"(?P<method>[A-Z]{3,16}) (?:[^"\\]|\\.){0,4000}" (?P<status>[23]\d\d) .*'
)
_SENDS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ELSEWHERE = frozenset({"301", "307", "308"})  # the whole server has moved, usually to HTTPS: it took nothing


def visits(raw: Raw) -> Iterator[Visit]:
    yield from (visit for line in lines(raw, LOG) if (visit := visit_in(line)))


def visit_in(line: str) -> Visit | None:
    found = _LINE.fullmatch(line)
    if not found:
        return None
    account = "" if found["account"] in ("-", '""') else found["account"]
    took = found["method"] in _SENDS and found["status"] not in _ELSEWHERE
    level = PROVEN if account else LIKELY if took else SEEN
    day = day_in_words(found["day"], found["month"], found["year"])
    return Visit(found["source"], level, "web form" if level is LIKELY else "web", account, day)
