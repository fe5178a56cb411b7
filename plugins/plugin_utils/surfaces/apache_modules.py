# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules and directives of apache2 that may decide about access in a way this version does not understand."""

from __future__ import annotations

from collections.abc import Iterable

from .apache_config import Dump
from .apache_scopes import Entry, Server

#: Their part in who is let in is understood, or they have none. What passes requests on is found by its directives.
_UNDERSTOOD = frozenset({
    "access_compat", "actions", "alias", "allowmethods", "asis", "auth_basic", "auth_digest", "authn_core",
    "authn_dbd", "authn_dbm", "authn_file", "authn_socache", "authnz_ldap", "authz_core", "authz_dbd", "authz_dbm",
    "authz_groupfile", "authz_host", "authz_owner", "authz_user", "autoindex", "brotli", "buffer", "cgi", "cgid",
    "charset_lite", "core", "dav", "dav_fs", "dav_lock", "dbd", "deflate", "dir", "dumpio", "env", "expires",
    "ext_filter", "filter", "headers", "http", "http2", "ident", "imagemap", "include", "info",
    "lbmethod_bybusyness", "lbmethod_byrequests", "lbmethod_bytraffic", "ldap", "log_config", "log_debug",
    "log_forensic", "logio", "macro", "md", "mime", "mime_magic", "mpm_event", "mpm_prefork", "mpm_worker",
    "negotiation", "php", "php5", "php7", "proxy", "proxy_ajp", "proxy_balancer", "proxy_fcgi", "proxy_hcheck",
    "proxy_html", "proxy_http", "proxy_http2", "proxy_scgi", "proxy_uwsgi", "proxy_wstunnel", "ratelimit",
    "remoteip", "reqtimeout", "request", "rewrite", "sed", "setenvif", "slotmem_plain", "slotmem_shm", "so",
    "socache_dbm", "socache_memcache", "socache_redis", "socache_shmcb", "speling", "ssl", "status", "substitute",
    "suexec", "unique_id", "unixd", "userdir", "usertrack", "version", "vhost_alias", "watchdog", "wsgi", "xml2enc",
})  # fmt: skip


def not_understood(dump: Dump, servers: Iterable[Server]) -> list[str]:
    """In words, everything that makes a verdict on access uncertain."""
    modules = sorted(dump.modules - _UNDERSTOOD)
    found = [
        f"the module {name} may let visitors in, or answer them, in a way that is not understood" for name in modules
    ]
    entries = {f"{one['at']} {one['name']}": one for server in servers for one in _programs(server)}
    return [*found, *(f"{one['at']}: {one['name']}: a program decides who is let in" for one in entries.values())]


def _programs(server: Server) -> Iterable[Entry]:
    for says in (server["says"], *(section["says"] for section in server["sections"])):
        yield from says.get("program", [])
