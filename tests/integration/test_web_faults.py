# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's web servers in trouble: what is told of it, and that files and service are afterwards as they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration import lab_world
from tests.integration.lab_world import Host, World
from tests.integration.router_world import until
from tests.lab.lab import Lab

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

#: Everything of the web servers, and what runs; the same run may mend what has nothing to do with them.
_FILES = r"""
find /etc/nginx /etc/apache2 /etc/lighttpd /var/www -printf '%p %y %m %U:%G %T@ %l\n' | sort
find /etc/nginx /etc/apache2 /etc/lighttpd /var/www -type f -exec sha256sum {} + | sort -k 2
systemctl list-units --type=service --state=running --plain --no-legend | cut -d' ' -f1 | sort
"""


@dataclass(frozen=True)
class Server:
    name: str  # of the surface and of the unit
    port: int
    listen: str  # the owner's file that makes it listen there, and what it holds
    text: str
    ours: str  # the file that B1 writes
    reload: str  # what its package does to reload it
    broken: tuple[str, str]  # a file that it refuses


SERVERS = {
    "nginx": Server(
        "nginx", 8080, "/etc/nginx/sites-available/default", "server { listen 8080; root /var/www/html; }\n",
        "/etc/nginx/conf.d/zz-iot-site-checklist-names.conf", "nginx -s reload",
        ("/etc/nginx/conf.d/broken.conf", "server {\n"),
    ),
    "apache2": Server(
        "apache2", 8081, "/etc/apache2/ports.conf", "Listen 8081\n<VirtualHost *:8081>\n</VirtualHost>\n",
        "/etc/apache2/conf-enabled/zz-iot-site-checklist-names.conf", "apachectl graceful",
        ("/etc/apache2/conf-enabled/broken.conf", "NoSuchDirective on\n"),
    ),
    "lighttpd": Server(
        "lighttpd", 8082, "/etc/lighttpd/conf-enabled/50-panel.conf", "server.port := 8082\n",
        "/etc/lighttpd/conf-enabled/zz-iot-site-checklist-names.conf", "kill -USR1 $MAINPID",
        ("/etc/lighttpd/conf-enabled/broken.conf", 'server.tag = "never closed\n'),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with lab_world.lab("web_faults") as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, lab: Lab) -> Iterator[World]:
    with lab_world.world(tmp_path, lab) as made:
        made.site["iot_site_management_sources"] = ["192.168.148.1/32"]
        yield made


@pytest.fixture(params=SERVERS)
def served(request: pytest.FixtureRequest, lab: Lab) -> Iterator[tuple[Host, Server]]:
    """The panel with one server running. It is stopped at the end: another test's is another one."""
    server, host = SERVERS[request.param], Host(lab, "panel")
    host.write(server.listen, server.text)
    try:
        host.sh(f"systemctl start {server.name}")
        until(lambda: host.says(f"curl -sSf --max-time 5 {_url(server)}"), "it serves")
        yield host, server
    finally:
        host.sh(f"systemctl stop {server.name}; rm -f {server.broken[0]}")


def _url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}/"


def called(host: Host, server: Server) -> str:
    """What the running service calls itself."""
    told = host.sh(f"curl -sSI --max-time 5 {_url(server)}").splitlines()
    return next(line for line in told if line.lower().startswith("server:"))


def test_a_configuration_that_was_broken_before_is_unknown_and_nothing_is_touched(
    world: World, served: tuple[Host, Server]
) -> None:
    host, server = served
    host.write(*server.broken)
    before, running = host.sh(_FILES), called(host, server)
    run = world.play("remediate", "--tags", "A1,B1")
    found = findings(world, server)
    assert host.sh(_FILES) == before
    assert called(host, server) == running, "what runs goes on"
    assert run.code == 2
    assert {found[control]["status"] for control in ("A1.web", "B1.http_header", "B1.http_title")} == {"unknown"}
    assert any(word in found["A1.web"]["why"] for word in ("broken.conf", "NoSuchDirective", "closing quote"))


def test_after_a_reload_that_fails_the_old_file_and_the_running_service_come_back(
    world: World, served: tuple[Host, Server]
) -> None:
    """It fails as soon as our file is there, and works again without it."""
    host, server = served
    drop_in = f"/etc/systemd/system/{server.name}.service.d/fault.conf"
    reload = f"/bin/sh -c 'test ! -e {server.ours} && {server.reload}'"
    host.write(drop_in, f"[Service]\nExecReload=\nExecReload={reload}\n")
    host.sh("systemctl daemon-reload")
    try:
        before, running = host.state, called(host, server)
        run = world.play("remediate", "--tags", "B1")
        found = findings(world, server)
        assert host.state == before
        assert called(host, server) == running
        assert host.says(f"systemctl is-active {server.name}")
    finally:
        host.sh(f"rm {drop_in} && systemctl daemon-reload")
    assert run.code == 2
    assert found["B1.http_header"]["status"] == "failed"
    assert "reload" in found["B1.http_header"]["why"]
    assert not host.says(f"test -e {server.ours}")


def findings(world: World, server: Server) -> dict[str, dict[str, object]]:
    """``{control: finding}`` of this server's surface."""
    found = lab_world.playbook_run.findings(world.folder, world.site["iot_site_id"])
    return {one["control"]: one for one in found if one["surface"] == server.name}
