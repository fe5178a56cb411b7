# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Debian host to which an office comes with a login, and a stranger without one.

``python -m tests.integration.sources_world DIRECTORY`` records from it the fixtures that the unit tests read.
"""

from __future__ import annotations

import base64
import hashlib
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sources import Sources
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.visits_records import RECORDS

from tests.integration import lab_world, telemetry_world
from tests.integration.lab_world import Host
from tests.integration.router_world import until
from tests.lab.lab import Lab
from tests.unit.plugins.plugin_utils.captures import dump

CONTROLLER = "192.168.145.1"
DEVICE, DEVICE6 = "192.168.145.11", "fd00:db8:145::11"
OFFICE, OFFICE6, STRANGER = "192.168.145.40", "fd00:db8:145::40", "192.168.145.66"

PASSWORD = "planted-secret"
_SSH = (
    "ssh", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "PubkeyAuthentication=no",
    "-o", "ConnectTimeout=5", "-o", "NumberOfPasswordPrompts=1",
)  # fmt: skip

#: A user name that reads like an accepted login of somebody else.
FORGED = "Accepted password for guest from 203.0.113.77 port 22 ssh2"

_SHA = "{SHA}" + base64.b64encode(hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest()).decode()
_WEB_PORTS = {"nginx": 8080, "apache2": 8081, "lighttpd": 8082}
_WEB = f"""
mkdir -p /srv/www/panel; echo page > /srv/www/index.html; echo panel > /srv/www/panel/index.html
cat > /etc/nginx/sites-enabled/default <<'END'
server {{ listen {_WEB_PORTS["nginx"]}; listen [::]:{_WEB_PORTS["nginx"]}; root /srv/www;
  location /panel/ {{ auth_basic x; auth_basic_user_file /srv/users; }}
  location = /login {{ return 303 /; }} }}
END
printf 'tanaka:{{PLAIN}}{PASSWORD}\\n' > /srv/users
cat > /etc/apache2/ports.conf <<'END'
Listen {_WEB_PORTS["apache2"]}
END
cat > /etc/apache2/sites-enabled/000-default.conf <<'END'
DocumentRoot /srv/www
CustomLog /var/log/apache2/access.log vhost_combined
<Directory /srv/www>
Require all granted
</Directory>
<Directory /srv/www/panel>
AuthType Basic
AuthName x
AuthUserFile /srv/users.apache
Require valid-user
</Directory>
END
printf 'tanaka:{_SHA}\\n' > /srv/users.apache
cat > /etc/lighttpd/lighttpd.conf <<'END'
server.modules = ( "mod_auth", "mod_authn_file", "mod_accesslog", "mod_access" )
server.document-root = "/srv/www"
server.port = {_WEB_PORTS["lighttpd"]}
server.username = "www-data"
index-file.names = ( "index.html" )
accesslog.filename = "/var/log/lighttpd/access.log"
auth.backend = "plain"
auth.backend.plain.userfile = "/srv/users.plain"
auth.require = ( "/panel/" => ( "method" => "basic", "realm" => "x", "require" => "valid-user" ) )
END
printf 'tanaka:{PASSWORD}\\n' > /srv/users.plain
systemctl restart nginx apache2 lighttpd
"""
_SERVICES = f"""
id guest 2>/dev/null || useradd -m guest
echo guest:{PASSWORD} | chpasswd
printf 'PasswordAuthentication yes\\n' > /etc/ssh/sshd_config.d/50-site.conf
systemctl restart ssh
mkdir -p /srv/ftp; echo public > /srv/ftp/list
printf 'listen_ipv6=YES\\nlocal_enable=YES\\nanonymous_enable=YES\\n' > /etc/vsftpd.conf
printf 'anon_root=/srv/ftp\\nxferlog_enable=YES\\n' >> /etc/vsftpd.conf
systemctl restart vsftpd
touch /srv/mqtt; chmod 644 /srv/mqtt; mosquitto_passwd -b /srv/mqtt pump {PASSWORD}
printf 'listener 1883 0.0.0.0\\nallow_anonymous true\\npassword_file /srv/mqtt\\n' > /etc/mosquitto/conf.d/site.conf
systemctl restart mosquitto
"""
#: A port that is published: somebody else on the network serves it.
_PUBLISHED = f"""
nft add table ip site
nft 'add chain ip site pre {{ type nat hook prerouting priority -100; }}'
nft 'add chain ip site post {{ type nat hook postrouting priority 100; }}'
nft add rule ip site pre tcp dport 8443 dnat to {OFFICE}:8000
nft add rule ip site post tcp dport 8000 masquerade
"""


class Device(telemetry_world.Device):
    """The host whose visitors are looked at, and those who come to it."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self.office = Host(lab, "office")

    def listens(self, port: int) -> bool:
        return self.says(f"ss -Hltn 'sport = :{port}' | grep -q .")


@contextmanager
def lab() -> Iterator[Lab]:
    with lab_world.lab("sources") as made:
        yield made


def ssh(came: Host, user: str, to: str = DEVICE, password: str = PASSWORD, terminal: bool = False) -> bool:
    """Whether somebody gets a session."""
    words = ("sshpass", "-p", password, *_SSH, *(["-tt"] if terminal else []), "-l", user, to, "echo", "let-in")
    quoted = " ".join(f"'{word}'" for word in words)
    return "let-in" in came.sh(f"timeout 20 {quoted} 2>&1 || true")


def start_ssh(device: Device) -> None:
    device.sh(_SERVICES.partition("mkdir -p /srv/ftp")[0])
    until(lambda: device.listens(22), "sshd listens")


def start(device: Device) -> None:
    """Everything that people and machines come to."""
    device.sh(_SERVICES)
    device.sh(_WEB)
    device.sh(_PUBLISHED)
    device.office.sh("systemd-run -q python3 -m http.server -d /srv 8000")
    for port in (21, 22, 1883, *_WEB_PORTS.values()):
        until(lambda port=port: device.listens(port), f"port {port} is open")  # type: ignore[misc]


def visit(device: Device) -> None:
    """The office comes in wherever there is a login. The stranger comes without one, and tries."""
    office, stranger = device.office, device.stranger
    assert ssh(office, "guest") and ssh(office, "guest", DEVICE6, terminal=True)
    assert not ssh(stranger, FORGED, password="wrong")
    for port in _WEB_PORTS.values():
        page = f"http://{DEVICE}:{port}"
        office.sh(f"curl -sf -u tanaka:{PASSWORD} {page}/panel/")
        stranger.sh(f"curl -s -u admin:admin {page}/ {page}/nothing {page}/panel/; curl -s {page}/ {page}/panel/")
        stranger.sh(f"curl -s -X POST -d a=b {page}/nothing")
    stranger.sh(f"curl -s -d user=admin http://{DEVICE}:{_WEB_PORTS['nginx']}/login")
    office.sh(f"curl -sf -u guest:{PASSWORD} ftp://{DEVICE}/ >/dev/null")
    stranger.sh(f"curl -sf ftp://{DEVICE}/list; curl -s -u admin:admin ftp://{DEVICE}/ || true")
    office.sh(f"mosquitto_pub -h {DEVICE} -u pump -P {PASSWORD} -t a -m 1")
    stranger.sh(f"mosquitto_pub -h {DEVICE} -t a -m 1 -i \"x (p2, c1, k60, u'admin').\"")
    for port in (8443, 1883):
        held = f"import socket, time; s = socket.create_connection(('{DEVICE}', {port})); time.sleep(600)"
        stranger.sh(f'systemd-run -q python3 -c "{held}"')
    until(lambda: "dport=8443" in device.sh("conntrack -L 2>/dev/null"), "the published flow is tracked")


def record(folder: Path) -> None:
    with lab() as running:
        made = Device(running)
        dump_case(made.read(Sources()), folder / "untouched")
        start(made)
        visit(made)
        dump_case(made.read(Sources()), folder / "visited")


def dump_case(raw: Raw, folder: Path) -> None:
    """Records are binary: beside the texts, packed."""
    texts = {name: each for name, each in raw.outputs.items() if name != RECORDS.name}
    dump(Raw(texts), folder / "capture.json")
    (output,) = raw.all(RECORDS.name).values()
    packed = base64.encodebytes(zlib.compress(output.data, 9)).decode()
    (folder / "wtmp.zlib.base64").write_text(packed, encoding="ascii")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
