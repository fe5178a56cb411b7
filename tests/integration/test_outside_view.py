# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outside view on a real network: a panel behind a gateway with nftables, an office that may enter, a stranger.

The vantages are namespaces of this machine. The real probe runs in each of them, in real ansible-playbook runs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration import gateway_world, playbook_run
from tests.integration.gateway_world import World, unavailable
from tests.integration.playbook_run import Run, report

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable())

PANEL = """
import http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        head = "<html><head><meta charset=utf-8><title>第一浄水場</title></head><body>"
        page = (head + "運転 停止 水位 " * 60).encode()
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
    def log_message(self, *said):
        pass
server = http.server.ThreadingHTTPServer(("0.0.0.0", 443), Page)
print("ready", flush=True)
server.serve_forever()
"""
FILTER = "table inet shut { chain forward { type filter hook forward priority 0; %s drop; }; }"
CONTROL = 40000  # a port that no usual filter lets out, and everybody answers here

#: As remediate does: a look, a change (here by hand), a look, the report.
PLAYBOOK = """
- hosts: site_k7
  gather_facts: false
  tasks:
    - ansible.builtin.import_role: {name: iot_site.checklist.iot_site, tasks_from: preflight}
- hosts: iot_site_vantage_hosts
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: iot_site.checklist.exposure_view}
      vars: {exposure_view_moment: before, exposure_view_timeout: 2}
- hosts: k7-gw
  gather_facts: false
  tasks:
    - ansible.builtin.command: {argv: [ip, netns, exec, "{{ gateway }}", nft, "{{ rules }}"]}
      delegate_to: localhost
- hosts: iot_site_vantage_hosts
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: iot_site.checklist.exposure_view}
      vars: {exposure_view_timeout: 2}
- hosts: site_k7
  gather_facts: false
  strategy: linear
  roles: [{role: iot_site.checklist.report, report_outside_only: true}]
"""

Seen = dict[tuple[str, str], tuple[str, str]]  # (vantage, control): (before, after), of the panel


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with gateway_world.world() as made:
        assert made.start("panel", PANEL).stdout.readline() == "ready\n"
        made.serve("office", CONTROL)
        made.serve("stranger", CONTROL)
        yield made


def inventory(folder: Path, world: World, rules: str) -> dict[str, Any]:
    def vantage(host: str) -> dict[str, str]:
        interpreter = folder / f"python-{host}"
        interpreter.write_text(f'#!/bin/sh\nexec ip netns exec {world.name(host)} {sys.executable} "$@"\n')
        interpreter.chmod(0o755)
        return {"ansible_connection": "local", "ansible_python_interpreter": str(interpreter)}

    def declared(host: str, address: str, expects: str, control: str) -> dict[str, Any]:
        controls = [{"address": control, "port": CONTROL}]
        return {"host": host, "sources": [address], "expects": expects, "controls": controls}

    site = {
        "iot_site_id": "k7", "iot_site_words": ["第一浄水場"], "gateway": world.name("gateway"), "rules": rules,
        "iot_site_people": [{"name": "office", "sources": ["203.0.113.10"]}],
        "iot_site_authorised": {"by": "owner", "on": "2020-01-01", "until": "2099-12-31", "scope": ["read", "probe"]},
        "iot_site_vantages": [
            declared("stranger", "203.0.113.66", "refused", "203.0.113.10"),
            declared("office", "203.0.113.10", "served", "203.0.113.66"),
        ],
    }  # fmt: skip
    hosts = {
        "k7-gw": {"iot_site_outside_addresses": ["203.0.113.1"]},
        "k7-panel": {
            "iot_site_enforced_by": "k7-gw",
            "iot_site_published": [{"via": "k7-gw", "port": 8443, "to": 443}],
        },
    }
    vantages = {host: vantage(host) for host in ("stranger", "office")}
    groups = {"iot_site_vantage_hosts": {"hosts": vantages}, "site_k7": {"vars": site, "hosts": hosts}}
    return {"all": {"children": groups}}


def looked(folder: Path, world: World, whom: str) -> tuple[Seen, Run]:
    """What both visitors met before and after the gateway began to drop ``whom``."""
    told = inventory(folder, world, FILTER % whom)
    (folder / "hosts.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    (folder / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    try:
        run = playbook_run.play(folder, "-i", "hosts.json", "play.yml")
    finally:
        world.run("gateway", "nft", "add", "table", "inet", "shut")  # as it was, also where it was never made
        world.run("gateway", "nft", "delete", "table", "inet", "shut")
    assert run.code in (0, 2), run.output
    seen: Seen = {}
    for one in json.loads(report(folder, "k7"))["findings"]:
        if one["host"] == "k7-panel" and one["surface"].partition(" ")[0] == "203.0.113.1:8443/tcp":
            was = one["evidence"].get("was", {}).get("status", "")
            text = one["surface"].rpartition(" ")[2] if one["surface"].count(" ") > 1 else ""
            seen[one["seen_from"], f"{one['control']} {text}".strip()] = (was, one["status"])
    return seen, run


def test_a_stranger_is_kept_out_by_a_change_and_the_office_is_not(world: World, tmp_path: Path) -> None:
    seen, run = looked(tmp_path, world, "ip saddr 203.0.113.66")
    stranger = {control: both for (vantage, control), both in seen.items() if vantage == "stranger"}
    assert stranger == dict.fromkeys(("A2.outside", "A1.outside", "B1.outside"), ("gap", "pass")), run.output
    assert seen["office", "A2.outside"] == ("pass", "pass")
    assert seen["office", "A1.outside"] == ("gap", "gap"), "an allowlist is no login"
    assert seen["office", "B1.outside html_title"] == ("gap", "gap")
    assert "gap → pass" in run.stdout
    page = report(tmp_path, "k7", "report.html")
    assert "203.0.113.66/32" in page and "拒否" in page


def test_a_change_that_keeps_everybody_out_is_seen_by_the_office(world: World, tmp_path: Path) -> None:
    seen, run = looked(tmp_path, world, 'iifname "wan"')
    assert seen["stranger", "A2.outside"] == ("gap", "pass"), run.output
    assert seen["office", "A2.outside"] == ("pass", "gap")
    assert "is not served" in run.stdout
