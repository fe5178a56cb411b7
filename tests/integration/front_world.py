# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Debian host with a closed application that has no login, nginx beside it, an office and a stranger.

``python -m tests.integration.front_world DIRECTORY`` records from it the fixtures that the unit tests read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Front
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, Intent, Judgement, Plan
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.fronts import Fronts
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import host

from tests.integration import lab_world, telemetry_world
from tests.integration.lab_world import Host
from tests.integration.router_world import until
from tests.lab.lab import Lab
from tests.unit.plugins.plugin_utils.captures import dump

DEVICE, DEVICE6 = "192.168.146.11", "fd00:db8:146::11"
LISTEN, TO = 8443, 8080
ACCOUNT, PASSWORD = "operator", "planted-secret"
USERS = "/etc/nginx/panel.users"

INTENT = Intent(
    site="k7", host="k7-panel", label="K-7Q2MXA", user_file=USERS, fronts=(Front(LISTEN, TO),), today="2026-11-28",
    allow4=("192.168.146.128/28",),
)  # fmt: skip

#: A panel as makers deliver it: everything to everybody, a long poll, an upgrade of the protocol, and who asked how.
APPLICATION = """\
import base64, hashlib, http.server, socket, socketserver, sys, time

class Panel(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Upgrade", "").lower() == "websocket":
            key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
            self.end_headers()
            self.wfile.write(b"\\x81\\x05level")
            self.wfile.flush()
            self.close_connection = True
            return
        if self.path == "/poll":
            time.sleep(2)
        told = "password seen" if "Authorization" in self.headers else "pump 1 runs"
        self.answer(("<title>Pump</title>" + told).encode())

    def do_POST(self):
        left = length = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 65536)))
        self.answer(b"took %d" % length)

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    address_family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET

Server((sys.argv[1], int(sys.argv[2])), Panel).serve_forever()
"""

_UNIT = "[Service]\nExecStart=/usr/bin/python3 /opt/panel.py {address} {port}\n"


class Device(telemetry_world.Device):
    """The host, read and changed by the modules that run on devices."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self.lab = lab
        self.office = Host(lab, "office")

    def runs(self, address: str = "0.0.0.0", port: int = TO) -> None:
        """The application listens there."""
        self.write("/opt/panel.py", APPLICATION)
        self.write("/etc/systemd/system/panel.service", _UNIT.format(address=address, port=port))
        self.sh("systemctl daemon-reload; systemctl restart panel")
        until(lambda: self.says(f"ss -Hltn 'sport = :{port}' | grep -q ."), "the application listens")

    def bare(self) -> None:
        """As before we came: the application, nginx with nothing to serve, accounts."""
        self.sh(
            "systemctl disable --now iot-site-checklist-fronts 2>/dev/null;"
            " rm -rf /etc/nginx/conf.d/* /etc/nginx/sites-enabled/* /etc/iot_site_checklist"
            " /etc/systemd/system/iot-site* /etc/systemd/system/nftables.service.d; systemctl daemon-reload;"
            " for one in iot_site_checklist iot_site_checklist_fronts; do nft delete table inet $one 2>/dev/null; done;"
            f" htpasswd -bc {USERS} {ACCOUNT} {PASSWORD} 2>/dev/null; chown root:www-data {USERS}; chmod 640 {USERS};"
            " systemctl restart nginx"
        )
        self.runs()

    @contextmanager
    def trying(self, changes: list[Change]) -> Iterator[None]:
        """Under guard, and taken back at the end."""
        done = self._change("apply", **host._work(Plan("k7-panel", "", tuple(changes))), seconds=600, deadline=20)
        assert done["outcome"] == "applied", done
        yield
        assert self._change("revert")["outcome"] == "reverted"

    def fronts(self, intent: Intent = INTENT) -> list[Judgement]:
        return self.judged(Fronts(), intent)

    def verdicts(self, intent: Intent = INTENT) -> dict[str, set[str]]:
        """Of item A1, ``{control: statuses}``, without what passes and what is not there."""
        found: dict[str, set[str]] = {}
        for one in PLATFORM.judge(PLATFORM.parse(self.read(*PLATFORM.surfaces)), intent, "A1"):
            if one.status.value not in ("pass", "not_applicable"):
                found.setdefault(one.control, set()).add(one.status.value)
        return found

    def close(self, intent: Intent = INTENT) -> None:
        """One run, as the role does it, with what comes after the proof."""
        changes = [change for one in self.fronts(intent) for change in one.changes]
        self.apply(changes)
        edits = [edit for change in changes for edit in change.persist]
        done = (
            self._change("persist", **host._files_and_runs(edits), deadline=60) if edits else {"outcome": "persisted"}
        )
        assert done["outcome"] == "persisted", done


@contextmanager
def device() -> Iterator[Device]:
    with lab_world.lab("fronts") as lab:
        yield Device(lab)


# --- recording ------------------------------------------------------------------------------------------------


def record(folder: Path) -> None:
    def keep(name: str) -> None:
        dump(made.read(Fronts()), folder / name / "capture.json")

    with device() as made:
        made.sh("systemctl stop nginx; mv /usr/sbin/nginx /root/nginx")
        made.runs()
        keep("no_nginx")
        made.sh("mv /root/nginx /usr/sbin/nginx")
        keep("stock")
        made.bare()
        keep("exposed")
        made.close()
        keep("compliant")
        made.sh(f"sed -i '/auth_basic/d' {FILE}; systemctl reload nginx")
        keep("no_login")
        made.close()
        made.sh("echo 'satisfy any; allow all;' > /etc/nginx/conf.d/00-owner.conf; systemctl reload nginx")
        keep("overridden")
        made.sh("echo 'satisfy sometimes;' > /etc/nginx/conf.d/00-owner.conf")
        keep("broken")
        made.bare()
        made.runs("::1", 9090)
        keep("loopback_9090")
        made.runs("::", 9090)
        keep("ipv6_9090")


FILE = "/etc/nginx/conf.d/zz-iot-site-checklist-fronts.conf"
PORT_9090 = replace(INTENT, fronts=(Front(9443, 9090),))

if __name__ == "__main__":
    record(Path(sys.argv[1]))
