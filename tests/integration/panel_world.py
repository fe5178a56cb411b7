# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A panel with real nginx and sshd in namespaces of this machine: own /etc, own network, own host name, own processes.

``python -m tests.integration.panel_world DIRECTORY`` records from it the fixtures that the unit tests of the
surfaces nginx, sshd and login_text read.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, Consent, Door, Intent, Plan
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.login_text import LoginText
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sshd import Sshd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import host

from tests.unit.plugins.plugin_utils.captures import dump

SURFACES: tuple[Surface, ...] = (Nginx(), Sshd(), LoginText())

PANEL, ALLOWED, STRANGER = "203.0.113.1", "203.0.113.10", "203.0.113.66"

INTENT = Intent(
    site="k7",
    host="k7-panel",
    allow4=("203.0.113.8-203.0.113.12",),
    allow6=("2001:db8:1::10/128",),
    enforce_with="web_server",
    label="K-7Q2MXA",
    words=("弘前", "第一浄水場", "hirosaki"),
    consent=frozenset({Consent.HOSTNAME, Consent.APPLICATION_FILES}),
)

SITE = """\
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    root /srv/panel;
    index index.html;

    location / {
        try_files $uri $uri/ =404;
    }
    location /admin/ {
        auth_basic "弘前市 第一浄水場";
        auth_basic_user_file /etc/nginx/htpasswd;
        proxy_set_header Authorization "Basic cGxhbnRlZDpzZWNyZXQ=";
    }
}
server {
    listen 127.0.0.1:8081;
    location / {
        return 200 "第一浄水場";
    }
}
"""

PAGE = """\
<!DOCTYPE html>
<html lang="ja">
<head><meta charset="utf-8">
<title>第一浄水場 監視</title>
<meta name="generator" content="panel 2.4.1">
</head>
<body>
<h1>弘前市 &amp; 第一浄水場</h1>
<form action="/admin/">ユーザー名 <input name="u"> パスワード <input type="password" name="p">
<input type="submit" value="ログイン"></form>
</body></html>
"""

FILES = {
    "etc/nginx/sites-enabled/panel": SITE,
    "etc/nginx/htpasswd": "operator:{PLAIN}planted-secret\n",
    "etc/ssh/sshd_config.d/50-site.conf": "Banner /etc/ssh/banner\nPermitRootLogin no\n",
    "etc/ssh/banner": "弘前市 第一浄水場\nRTX830 gateway\n",
    "etc/issue": "Debian GNU/Linux 12 \\n \\l\n\n",
    "etc/issue.net": "Debian GNU/Linux 12\n",
    "etc/hostname": "hirosaki-josuijo\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 hirosaki-josuijo\n",
    "srv/panel/index.html": PAGE,
}

_ENTER = """
set -e
mount --bind "$1/etc" /etc
mount --bind "$1/srv" /srv
mount -t tmpfs none /run
mount -t tmpfs none /var/log
mkdir -p /run/sshd /run/lock /var/log/nginx /var/log/apache2
hostname hirosaki-josuijo
ip link set lo up
for address in 203.0.113.1 203.0.113.10 203.0.113.66; do ip addr add $address/32 dev lo; done
echo ready
sleep infinity & wait  # as an init does, for daemons that have ended
"""
_READ = """
import json, sys
from ansible_collections.iot_site.checklist.plugins.modules.host_read import Reader, packed, shown
found = Reader(json.load(sys.stdin), 60).all()
print(json.dumps({n: {shown(k): packed(o) for k, o in each.items()} for n, each in found.items()}))
"""
_CHANGE = """
import json, sys
from ansible_collections.iot_site.checklist.plugins.module_utils.guard import Places
from ansible_collections.iot_site.checklist.plugins.modules.host_apply import OPERATIONS
asked = json.load(sys.stdin)
print(json.dumps(OPERATIONS[asked["operation"]](asked, Places("/run/iot_site_checklist"))))
"""
_ASK = """
import http.client, json, sys
source, host, path = sys.argv[1:]
peer = http.client.HTTPConnection(host, 80, timeout=5, source_address=(source, 0))
peer.request("GET", path)
answer = peer.getresponse()
print(json.dumps([answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace")]))
"""
_GREETING = """
import socket
print(socket.create_connection(("203.0.113.1", 22), 5).recv(200).decode().strip())
"""


_TRY = """
import base64, http.client, json, sys
asked = json.load(sys.stdin)

def status(door, headers):
    peer = http.client.HTTPConnection(door["address"], door["port"], timeout=5)
    try:
        peer.request("GET", door["path"], headers={**headers, **({"Host": door["site"]} if door["site"] else {})})
        return peer.getresponse().status
    except OSError:
        return 0
    finally:
        peer.close()

login = {"Authorization": "Basic " + base64.b64encode(asked["login"].encode()).decode()}
print(json.dumps([[status(door, headers) for headers in ({}, login)] for door in asked["doors"]]))
"""


def unavailable() -> str:
    """Why there can be no such panel here; "" when there can."""
    if os.geteuid() != 0:
        return "namespaces need root"
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    needed = ("nginx", "sshd", "ssh-keygen", "unshare", "nsenter", "ip", "pgrep", "hostname")
    lacking = [program for program in needed if not shutil.which(program, path=places)]
    if lacking:
        return f"not installed: {', '.join(lacking)} (apt-get install nginx-light openssh-server)"
    tried = subprocess.run(["unshare", "-m", "-n", "-u", "-p", "-f", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this kernel lets us have no namespaces"


class Panel:
    """The running panel."""

    def __init__(self, root: Path, pid: int) -> None:
        self.root = root
        self._pid = pid

    def run(self, *argv: str, stdin: str = "", check: bool = True) -> str:
        """A command inside, and what it says."""
        modules = os.pathsep.join(os.path.abspath(place) for place in sys.path)  # noqa: PTH100  inside, . is another place
        environment = {
            **os.environ,
            "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
            "LC_ALL": "C",
            "PYTHONPATH": modules,
        }
        done = subprocess.run(
            self._inside(argv), input=stdin, capture_output=True, text=True, env=environment, timeout=60, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"{argv}: {done.stderr or done.stdout}")
        return done.stdout

    def _inside(self, argv: Iterable[str]) -> tuple[str, ...]:
        return ("nsenter", "-t", str(self._pid), "-m", "-n", "-u", "-p", "--", *argv)

    @contextmanager
    def started(self, *argv: str) -> Iterator[None]:
        """A program that runs inside, from its first line of output until its standard input ends."""
        with subprocess.Popen(self._inside(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdout.readline()
            yield

    def read(self, *surfaces: Surface) -> Raw:
        """What the host transport would bring, by the module that runs on the device."""
        asked = [
            {
                "name": one.name, "files": one.files, "command": list(one.command), "limit": one.limit,
                "follow": {"of": one.follow.of, "pattern": one.follow.pattern} if one.follow else None,
            }
            for surface in surfaces or SURFACES for one in surface.reads
        ]  # fmt: skip
        found = json.loads(self.run(sys.executable, "-c", _READ, stdin=json.dumps(asked)))
        return Raw({name: {key: _output(one) for key, one in each.items()} for name, each in found.items()})

    def tried(self, doors: Iterable[Door], login: str) -> list[tuple[int, int]]:
        """How each answers to a request without a login and to one with this ``name:password``; 0 is no answer."""
        asked = {"doors": [asdict(door) for door in doors], "login": login}
        return [
            (none, right) for none, right in json.loads(self.run(sys.executable, "-c", _TRY, stdin=json.dumps(asked)))
        ]

    def write(self, path: str, text: str | bytes) -> None:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())

    def text(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text(encoding="utf-8")

    def apply(self, changes: Iterable[Change]) -> None:
        """By the module that runs on the device, and confirmed."""
        self._try(changes)
        assert self._change("confirm") == {"outcome": "confirmed", "why": "", "problems": []}

    @contextmanager
    def trying(self, changes: Iterable[Change]) -> Iterator[None]:
        """The same, and taken back at the end."""
        self._try(changes)
        yield
        assert self._change("revert") == {"outcome": "reverted", "why": "", "problems": []}

    def _try(self, changes: Iterable[Change]) -> None:
        work = host._work(Plan("k7-panel", "", tuple(changes)))
        assert self._change("apply", **work, seconds=600, deadline=20)["outcome"] == "applied"

    def _change(self, operation: str, **more: object) -> dict[str, object]:
        asked = {"operation": operation, "token": "20261120T000000Z-aaaaaa", **more}
        found: dict[str, object] = json.loads(self.run(sys.executable, "-c", _CHANGE, stdin=json.dumps(asked)))
        return found

    def ask(self, source: str, path: str = "/") -> tuple[int, dict[str, str], str]:
        """Status, headers and body that a visitor from ``source`` gets."""
        status, headers, body = json.loads(self.run(sys.executable, "-c", _ASK, source, PANEL, path))
        return status, headers, body

    def greets(self, *, debian: bool) -> bool:
        """Whether sshd says Debian's version or not. After a reload it says neither for a moment: it refuses."""
        said = self.run(sys.executable, "-c", _GREETING, check=False)
        return said.startswith("SSH-2.0-OpenSSH") and ("Debian" in said) is debian

    def start(self) -> None:
        self.run("nginx")
        self.run("/usr/sbin/sshd", "-o", "ListenAddress=203.0.113.1:22")


@contextmanager
def panel(files: dict[str, str] | None = None) -> Iterator[Panel]:
    """A panel with the exposed site and ``files``, services not yet started."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _furnish(root, {**FILES, **(files or {})})
        argv = (
            "unshare",
            "-m",
            "-n",
            "-u",
            "-p",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "sh",
            "-c",
            _ENTER,
            "sh",
            folder,
        )
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
                yield Panel(root, int(children.split()[0]))
            finally:
                process.kill()


def _furnish(root: Path, files: dict[str, str]) -> None:
    (root / "etc").mkdir()
    for name in (
        "nginx",
        "apache2",
        "passwd",
        "group",
        "nsswitch.conf",
        "ld.so.cache",
        "ld.so.conf",
        "os-release",
        "pam.d",
        "mime.types",
    ):
        source = Path("/etc", name)
        if source.is_dir():
            shutil.copytree(source, root / "etc" / name, symlinks=True)
        elif source.exists():
            shutil.copy(source, root / "etc" / name)
    (root / "etc/nginx/sites-enabled/default").unlink(missing_ok=True)
    (root / "etc/ssh/sshd_config.d").mkdir(parents=True)
    key = str(root / "etc/ssh/ssh_host_ed25519_key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "panel", "-f", key], check=True)
    shutil.copy("/etc/ssh/sshd_config", root / "etc/ssh/sshd_config")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def _output(one: dict[str, object]) -> Output:
    data = zlib.decompress(base64.b64decode(str(one["data"])))
    return Output(data, int(str(one["rc"])), bool(one["truncated"]), str(one["error"]))


def changes_of(raw: Raw, intent: Intent = INTENT) -> list[Change]:
    """Every change that the surfaces plan."""
    return [
        change
        for surface in SURFACES
        for judgement in surface.judge(surface.parse(raw), intent)
        for change in judgement.changes
    ]


def record(folder: Path) -> None:
    with panel() as made:
        made.start()
        exposed = made.read()
        dump(exposed, folder / "exposed" / "capture.json")
        made.apply(changes_of(exposed))
        dump(made.read(), folder / "compliant" / "capture.json")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
