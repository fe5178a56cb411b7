# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of web servers: everybody who looks at a panel has an account in its password file, and nobody else (C2).

Whether their passwords can be guessed is C1's question (web_accounts.py); for this one only names are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from ..contract import Surface
from ..model import Absent, Intent, Json, Judgement, Status, Unreadable
from ..raw import Follow, Raw, Read
from . import apache_login, lighttpd, login_files, nginx_login, panel_leftover, panel_people, panel_shared, users_logins
from .login_files import Holders, names
from .web_accounts import takes
from .web_doors import web_doors

_READS: dict[str, tuple[Read, ...]] = {
    "nginx": tuple(names(one.name, one.command[-1], one.follow) for one in nginx_login.READS),
    "apache2": tuple(names(one.name, one.command[-1], one.follow) for one in apache_login.READS),
    "lighttpd": tuple(
        names(f"lighttpd.{kind}", "{}", Follow("lighttpd.config", lighttpd.ACCOUNTS.format(kind)), kind == "htpasswd")
        for kind in ("htpasswd", "htdigest", "plain")
    ),
}
#: Of each server: what it prints of its configuration, and the words by which it asks something else for accounts.
_CONFIGS: dict[str, tuple[tuple[str, ...], str]] = {
    "nginx": (("nginx.config",), r"^\s*(auth_(?:ldap|pam|jwt|oidc|digest|spnego|gss)\w*)\s"),
    "apache2": (
        ("apache2.config", "apache2.htaccess", "apache2.htaccess_above"),
        r"^\s*Auth(?:Basic|Digest)Provider\s.*?\b(dbm|dbd|ldap|socache|pam|external|radius)\b",
    ),
    "lighttpd": (("lighttpd.config",), r'^\s*auth\.backend\s*=\s*"(?!htpasswd|htdigest|plain)(\w+)"'),
}
_OF_HASHES = frozenset({"nginx", "lighttpd.htpasswd_names"})  # where an empty file can only be for hashes


class PanelUsers(Surface):
    """The password files of nginx, apache2 and lighttpd."""

    name = "panel_users"
    controls = (panel_people.CONTROL, panel_leftover.CONTROL, panel_shared.CONTROL, "C2.rights")

    def __init__(self, servers: Sequence[Surface]) -> None:
        self._servers = [server for server in servers if server.name in _READS]
        own = (read for reads in _READS.values() for read in reads)
        self.reads = (*(read for server in self._servers for read in server.reads), *own, *users_logins.WEB_READS)

    def parse(self, raw: Raw) -> dict[str, Json]:
        present = [server.name for server in self._servers if _is_there(server, raw)]
        if not present:
            raise Absent("no web server that could ask for a login is there")
        reads = [read for name in present for read in _READS[name]]
        found = login_files.files(raw, reads)
        unread = [*found.unread, *_elsewhere(raw, present)]
        if not found.names and not unread:
            raise Absent("no web server names a password file")
        logins = users_logins.web_logins(raw)
        return {
            "files": cast(Json, found.names),
            "writable": cast(Json, [path for path in found.names if path not in found.digests | _others(raw, present)]),
            "unread": cast(Json, unread),
            "takes": cast(Json, list(takes(present))),
            "doors": web_doors(raw, present),
            "networks": cast(Json, logins.networks),
            "logins_recorded": logins.recorded,
            "logins_unknown": logins.unknown,
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        holders = Holders(state, intent)
        yield from panel_people.judge(holders)
        yield from panel_leftover.judge(holders)
        yield from panel_shared.judge(holders)
        yield from _rights()


def _rights() -> Iterator[Judgement]:
    why = "an account in a password file has no rights of its own: what it may do is the application's business"
    yield Judgement("C2.rights", PanelUsers.name, Status.NOT_APPLICABLE, why)


def _is_there(server: Surface, raw: Raw) -> bool:
    """One that is there and not understood is there."""
    try:
        server.parsed(raw)
    except Absent:
        return False
    except Unreadable:
        return True
    return True


def _elsewhere(raw: Raw, present: Iterable[str]) -> list[str]:
    found = [
        (server, word)
        for server in present
        for name in _CONFIGS[server][0]
        for out in raw.all(name).values()
        for word in re.findall(_CONFIGS[server][1], out.text, re.MULTILINE | re.IGNORECASE)
    ]
    told = (f"{server} asks something else for accounts ({word}), where we do not look" for server, word in found)
    return list(dict.fromkeys(told))


def _others(raw: Raw, present: Iterable[str]) -> set[str]:
    """The files in which a server looks for something else than hashes, or, where nothing is in them, may do so."""
    reads = [(server, read) for server in present for read in _READS[server]]
    plain = {"lighttpd.htdigest_names", "lighttpd.plain_names"}
    found = [(server, read.name, login_files.files(raw, [read]).names) for server, read in reads]
    return {
        path
        for server, name, held in found
        for path, inside in held.items()
        if name in plain or not (inside or _OF_HASHES & {server, name})
    }
