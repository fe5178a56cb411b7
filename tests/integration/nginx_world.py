# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A panel whose web server is Debian's nginx, configured in several ways, in namespaces of its own (panel_world.py).

python -m tests.integration.nginx_world FOLDER     records the captures
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx

from tests.integration.panel_world import Panel, panel, unavailable
from tests.unit.plugins.plugin_utils.captures import dump
from tests.unit.plugins.plugin_utils.surfaces.test_nginx import INTENT

NGINX = Nginx()
_SITE = "etc/nginx/sites-enabled/panel"

#: The one site of each machine; Debian's own for the stock one.
CASES = {
    "stock": "",
    "overridden": """\
server {
    listen 80 default_server;
    root /srv/panel;
    auth_basic "K-7Q2MXA";
    auth_basic_user_file /etc/nginx/htpasswd;
    allow 203.0.113.8/30;
    deny all;
    location /open/ { auth_basic off; }
    location /any/ { satisfy any; }
    location /all/ { allow all; }
    location = /status { stub_status; auth_basic off; }
    location /files/ { autoindex on; }
}
""",
    "ipv6": "server { listen [2001:db8:1::1]:80 ipv6only=on; root /srv/panel; }\n",
    "port": "server { listen 203.0.113.1:8080; server_name panel.example; root /srv/panel; }\n",
    "loopback": "server { listen 127.0.0.1:80; listen [::1]:80; root /srv/panel; }\n",
    "broken": "server { listen 80; root /srv/panel;\n",
}


@contextmanager
def server(site: str = "") -> Iterator[Panel]:
    """It runs, unless nginx refuses its configuration."""
    debians = Path("/etc/nginx/sites-available/default").read_text(encoding="utf-8")
    with panel({_SITE: site or debians}) as made:
        made.run("ip", "addr", "add", "2001:db8:1::1/128", "dev", "lo")
        made.run("nginx", check=False)
        yield made


def close(made: Panel) -> None:
    """What is planned, as the module on the device makes it."""
    found = NGINX.judge(NGINX.parse(made.read(NGINX)), INTENT)
    made.apply([change for one in found for change in one.changes])


def record(folder: Path) -> None:
    for name, site in CASES.items():
        with server(site) as made:
            dump(made.read(NGINX), folder / name / "capture.json")
            if name == "port":
                close(made)
                dump(made.read(NGINX), folder / "compliant" / "capture.json")


if __name__ == "__main__":
    sys.exit(unavailable() or record(Path(sys.argv[1])))
