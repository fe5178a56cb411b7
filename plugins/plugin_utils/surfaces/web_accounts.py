# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts with which web servers ask for a login, in the password files that their configurations name (C1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..contract import Accounts
from ..display import show
from ..model import Absent
from ..raw import Follow, Output, Raw, Read, missing
from ..stored_secrets.scheme import Kept, Store, Stored
from . import apache_login, lighttpd, nginx_login

#: A line of htdigest(1): its last field is the digest, MD5 or (lighttpd) SHA-256.
_DIGEST = re.compile(r"[^:]+:.*:(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{64})")
_MOST = 500


def _content(sizes: Sequence[Read]) -> tuple[Read, ...]:
    """What is in the files of which A1 asks the size only."""
    return tuple(
        Read(f"{one.name}_accounts", files=one.command[-1], follow=one.follow, secret=True, limit=1 << 18)
        for one in sizes
    )


_NGINX, _APACHE = _content(nginx_login.READS), _content(apache_login.READS)
_LIGHTTPD = tuple(
    Read(
        f"lighttpd.{backend}_accounts",
        files="{}",
        follow=Follow("lighttpd.config", lighttpd.ACCOUNTS.format(backend)),
        secret=True,
        limit=1 << 18,
    )
    for backend in ("htpasswd", "htdigest", "plain")
)

#: What a line means depends on who reads it.
_STORES: dict[str, Store] = {
    **{one.name: "nginx" for one in _NGINX},
    **{one.name: "htpasswd" for one in (*_APACHE, *_LIGHTTPD)},
    "lighttpd.plain_accounts": "plain",
}


class WebAccounts(Accounts):
    """Password files of nginx, apache2 and lighttpd; one that several of them name is read as each reads it."""

    name = "web_users"
    reads = (*_NGINX, *_APACHE, *_LIGHTTPD)
    change = "sudo htpasswd -B <the file> {}"

    def kept(self, raw: Raw) -> Kept:
        files = [
            (path, out, store)
            for name, store in _STORES.items()
            for path, out in raw.all(name).items()
            if not missing(out)
        ]
        if not files and any(name in raw.outputs for name in _STORES):
            raise Absent("no web server names a password file")
        unread = [f"{show(path)}: {_problem(out)}" for path, out, _store in files if _problem(out)]
        found = {
            (path, store, number): _stored(line, store, f"{path}:{number}")
            for path, out, store in files
            if not _problem(out)
            for number, line in _lines(out.text)
        }
        return Kept(tuple(found.values()), tuple(unread if files else ["the password files were not read"]))


def _problem(out: Output) -> str:
    return out.error or ("cut off" if out.truncated or out.text.count("\n") > _MOST else "")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.rstrip("\r")


def _stored(line: str, store: Store, at: str) -> Stored:
    account, _colon, rest = line.partition(":")
    if store != "plain" and _DIGEST.fullmatch(line):
        return Stored(account, "htdigest", line, at=at)
    return Stored(account, store, rest if store == "plain" else rest.partition(":")[0], at=at)
