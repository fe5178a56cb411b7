# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address that changes: what a router says in this run is what would be tried from outside, and nothing else.

The vantage does not answer, so nothing is sent to any of these addresses; its findings still name them.
"""

from __future__ import annotations

import json
import socket

from tests.integration.router_world import World

PLAY = """
- hosts: all:!iot_site_vantage_hosts
  gather_facts: false
  tasks:
    - ansible.builtin.import_role: {name: iot_site.checklist.iot_site, tasks_from: preflight}
    - ansible.builtin.import_role: {name: iot_site.checklist.ip_allowlist}
- hosts: iot_site_vantage_hosts
  gather_facts: false
  roles: [iot_site.checklist.exposure_view]
- hosts: all:!iot_site_vantage_hosts
  gather_facts: false
  roles: [iot_site.checklist.report]
"""
NOW, BEFORE = "198.51.100.44", "198.51.100.45"


def test_a_router_is_tried_where_it_says_it_is_now_and_nowhere_while_its_line_is_down(world: World) -> None:
    world.site["iot_site_authorised"]["scope"].append("probe")
    world.site["iot_site_vantages"] = [{"host": "outside-a", "sources": ["198.51.100.7"]}]
    for host, address in (("k7-rtx", NOW), ("k7-down", BEFORE)):
        device = world.add(host, iot_site_outside_addresses=["reported"])
        device.router.assigned["pp 1"] = address
    world.devices["k7-down"].fault(pppoe_state="Offline")
    with socket.socket() as nobody:  # bound and not listening: refused at once
        nobody.bind(("127.0.0.1", 0))
        silent = {"ansible_connection": "ssh", "ansible_become": False, "ansible_port": nobody.getsockname()[1]}
        groups = {"iot_site_vantage_hosts": {"hosts": {"outside-a": silent}}}
        (world.folder / "vantages.json").write_text(json.dumps({"all": {"children": groups}}))
        (world.folder / "play.yml").write_text(PLAY)
        run = world.play("play.yml", "-i", "vantages.json", "--check")
    seen = [one for one in world.findings() if one["seen_from"] == "outside-a"]
    tried = {one["host"]: set() for one in seen}
    for one in seen:
        tried[one["host"]].add(one["surface"].rpartition(":")[0])
    assert tried == {"k7-rtx": {NOW}, "k7-down": {""}}, run.output
    assert {one["status"] for one in seen} == {"unknown"}
    (why,) = {one["why"] for one in seen if one["host"] == "k7-down"}
    assert "reported no outer address in this run" in why
    assert BEFORE not in json.dumps(world.findings()), "the router shows it still, and a stranger may have it"
