# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site of ours in nginx that asks for a login and passes on to applications that have none: its text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..declarations import Front
from .nginx_config import quoted
from .ours import own_file

FILE = "zz-iot-site-checklist-fronts.conf"

#: Where the owner puts a certificate for the fronts and its key; with both of them they speak TLS.
CERTIFICATE, KEY = "/etc/iot_site_checklist/front.crt", "/etc/iot_site_checklist/front.key"

_HEAD = """\
map $http_upgrade $iot_site_checklist_connection {
    default upgrade;
    "" "";
}
"""

#: ``satisfy all`` and the realm stand here themselves, so that nothing above can switch them off. A password is the
#: front's, and is not told to the application. Long polls and streams come through as they are.
_SERVER = """\
server {{
{listens}
    server_tokens off;
    satisfy all;
    auth_basic {realm};
    auth_basic_user_file {user_file};
    client_max_body_size 0;
    location / {{
        proxy_pass http://127.0.0.1:{to};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $iot_site_checklist_connection;
        proxy_set_header Authorization "";
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_buffering off;
        proxy_request_buffering off;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
        proxy_hide_header X-Powered-By;
    }}
}}
"""

_OURS = re.compile(
    r"\s*(?:#.*|server \{|location / \{|\}|proxy_pass http://127\.0\.0\.1:\d+;"
    r"|(?:listen|ssl_certificate|server_tokens|satisfy|auth_basic|auth_basic_user_file) [^;]{1,300};)"
)


def site(fronts: Iterable[Front], label: str, user_file: str, ipv6: bool, tls: bool) -> str:
    """The whole file."""
    servers = [
        _SERVER.format(
            listens=_listens(front.listen, ipv6, tls), realm=quoted(label or "login"), user_file=user_file, to=front.to
        )
        for front in fronts
    ]
    return own_file("A1", "nginx", "".join((_HEAD, *servers)))


def shown(text: str) -> str:
    """Of a file that somebody may have edited, what is ours to show: the rest could hold a secret."""
    return "".join(f"{line}\n" for line in text.splitlines() if _OURS.fullmatch(line))


def _listens(port: int, ipv6: bool, tls: bool) -> str:
    ssl = " ssl" if tls else ""
    lines = [f"listen {port}{ssl};", *([f"listen [::]:{port}{ssl};"] if ipv6 else [])]
    lines += [f"ssl_certificate {CERTIFICATE};", f"ssl_certificate_key {KEY};"] if tls else []
    return "\n".join(f"    {line}" for line in lines)
