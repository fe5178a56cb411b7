# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who was served by nginx, apache2 or lighttpd: their access logs in the usual places and the usual forms.

The user's name stands in the log when the server itself asked for it. On a page that asks nobody, nginx writes down
whatever name a visitor claims. So a name proves a login unless the same page was later served without one: then it
is open, and the name was never checked. (Later, for a page may have been open before it got its login.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
    r"(?:(?P<host>[\w.:*\[\]-]{1,255}:\d{1,5}) )?(?P<source>[\w.:%-]{2,255}) \S{1,255} (?P<account>.{1,128}?) "
    r"\[(?P<day>\d\d)/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):\d\d:\d\d:\d\d [+-]\d{4}\] "
    r'"(?P<method>[A-Z]{3,16}) (?P<target>(?:[^"\\]|\\.){0,4000})" (?P<status>[23]\d\d) .*'
)
_SHOWS = frozenset({"GET", "HEAD"})
_SENDS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ELSEWHERE = frozenset({"301", "307", "308"})  # the whole server has moved, usually to HTTPS: it took nothing


@dataclass(frozen=True, slots=True)
class Request:
    """One line: a request that was served."""

    source: str
    account: str
    page: str
    day: str
    opened: bool  # it was given the page itself, not sent on to another
    took: bool  # it brought something, and that was taken


def visits(raw: Raw) -> Iterator[Visit]:
    served = [(log, found) for log, line in lines(raw, LOG) if (found := request(line))]
    open_pages: set[tuple[str, str]] = set()
    for log, found in reversed(served):
        if found.opened and not found.account:
            open_pages.add((log, found.page))
        yield _visit(found, unchecked=(log, found.page) in open_pages)


def _visit(found: Request, *, unchecked: bool) -> Visit:
    if found.account and not unchecked:
        return Visit(found.source, PROVEN, "web", found.account, found.day)
    if found.account:
        return Visit(found.source, LIKELY, "web, a name that nobody checked", found.account, found.day)
    if found.took:
        return Visit(found.source, LIKELY, "web, a form", "", found.day)
    return Visit(found.source, SEEN, "web", "", found.day)


def request(line: str) -> Request | None:
    found = _LINE.fullmatch(line)
    if not found:
        return None
    return Request(
        source=found["source"],
        account="" if found["account"] in ("-", '""') else found["account"],
        page=f"{found['host'] or ''} {re.split('[? ]', found['target'], maxsplit=1)[0]}",
        day=day_in_words(found["day"], found["month"], found["year"]),
        opened=found["method"] in _SHOWS and found["status"].startswith("2"),
        took=found["method"] in _SENDS and found["status"] not in _ELSEWHERE,
    )
