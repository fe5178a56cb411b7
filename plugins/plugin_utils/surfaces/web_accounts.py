# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts with which web servers ask for a login, in the password files that their configurations name (C1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..account_passwords import Work, owner
from ..contract import Accounts
from ..display import show
from ..model import Absent, AccountLine, Given, Intent, Json, Unreadable
from ..raw import Follow, Output, Raw, Read, missing
from ..stored_secrets.scheme import Kept, Store, Stored
from . import apache_login, doors, lighttpd, nginx_login

#: A line of htdigest(1): its last field is the digest, MD5 or (lighttpd) SHA-256.
_DIGEST = re.compile(r"[^:]+:.*:(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{64})")


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

#: By server and read: what a line means depends on who reads it.
_STORES: dict[str, dict[str, Store]] = {
    "nginx": {one.name: "nginx" for one in _NGINX},
    "apache2": {one.name: "htpasswd" for one in _APACHE},
    "lighttpd": {**{one.name: "htpasswd" for one in _LIGHTTPD}, "lighttpd.plain_accounts": "plain"},
}
_MOST = 500

#: What apache2 checks itself, and what the crypt(3) of every system does for the others.
_BCRYPT, _SHA512 = ("bcrypt", "sha512-crypt"), ("sha512-crypt",)


class WebAccounts(Accounts):
    """Password files of nginx, apache2 and lighttpd; one that several of them name is read as each reads it."""

    name = "web_users"
    of = tuple(_STORES)
    doors_of = "panel_users"
    reads = (*_NGINX, *_APACHE, *_LIGHTTPD)
    change = "sudo htpasswd -B <the file> {}"

    def kept(self, raw: Raw, present: Collection[str]) -> Kept:
        stores = {name: store for server in _STORES if server in present for name, store in _STORES[server].items()}
        if not stores.keys() <= raw.outputs.keys():
            raise Unreadable("the password files of the web servers were not read")
        files = [
            (path, out, store)
            for name, store in stores.items()
            for path, out in raw.all(name).items()
            if not missing(out)
        ]
        if not files:
            raise Absent("no web server names a password file")
        unread = [f"{show(path)}: {_problem(out)}" for path, out, _store in files if _problem(out)]
        found: dict[tuple[str, Store, int], Stored] = {}
        for path, out, store in files:
            for number, line in _lines(out.text) if not _problem(out) else ():
                if ":" in line:
                    found[path, store, number] = _stored(line, store, f"{path}:{number}")
                else:  # it may be a password
                    unread.append(f"{show(path)}:{number} is no account")
        about: dict[str, Json] = {"takes": list(takes(present)), "doors": {}}
        return Kept(tuple(found.values()), tuple(dict.fromkeys(unread)), about)

    def setting(self, state: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]], intent: Intent) -> Work | None:
        if not {one["store"] for one in accounts} <= {"nginx", "htpasswd"}:
            return None
        schemes = tuple(map(str, state["takes"]))
        places = dict.fromkeys((one["at"].rpartition(":")[0], one["account"]) for one in accounts)
        files = {account: [path for path, name in places if name == account] for _path, account in places}
        given = {
            account: Given(
                owner(account, intent), account, self.name, "htpasswd", schemes, doors=doors.of_files(state, paths)
            )
            for account, paths in files.items()
        }
        return Work(tuple(AccountLine(path, account, given[account]) for path, account in places))


def takes(present: Collection[str]) -> tuple[str, ...]:
    """The schemes that all of these servers can check."""
    return _BCRYPT if list(present) == ["apache2"] else _SHA512


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
