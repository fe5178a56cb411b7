# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook verify in a real ansible-playbook run, with the real probe, on an open panel and on a closed port.

The vantages are this machine and one that does not answer. What a stranger at another address meets, and when silence
passes, is in tests/unit/plugins/plugin_utils/outside: here nobody is at another address.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration import playbook_run
from tests.integration.playbook_run import Run, report

PAGE = (
    "<html><head><meta charset=utf-8><title>北九州市 第一浄水場</title></head>"
    f"<body>運転 停止 {'水位は正常です。' * 40}</body></html>"
)

Found = dict[tuple[str, ...], str]  # (vantage, host, control, port's name and what was read there): status


class Panel(BaseHTTPRequestHandler):
    """A page without a login."""

    def do_GET(self) -> None:
        page = PAGE.encode()
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_said: Any) -> None:
        """Nothing: the requests are no news."""


def own_address() -> str:
    """The address of this machine towards others; connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        try:
            door.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no way out, so no address but loopback, which is never tried")
        return str(door.getsockname()[0])


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    """A port on which the panel answers, and one that is closed."""
    address = own_address()
    server = ThreadingHTTPServer((address, 0), Panel)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with socket.socket() as free:
        free.bind((address, 0))
        closed = int(free.getsockname()[1])
    yield {"open": server.server_port, "closed": closed}
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def verified(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """One run; every test reads what it left."""
    folder, address = tmp_path_factory.mktemp("verify"), own_address()
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    dead = {"ansible_host": address, "ansible_port": 1, "ansible_ssh_common_args": "-o ConnectTimeout=2"}
    services = [{"via": "k7-gw", "port": port, "to": 443} for port in ports.values()]
    vantages = [{"host": host, "sources": [address]} for host in ("outside-a", "outside-dead")]
    site = {
        "iot_site_id": "k7", "iot_site_words": ["第一浄水場"], "iot_site_vantages": vantages,
        "iot_site_people": [{"name": "noc-a", "sources": ["203.0.113.10"]}],
        "iot_site_authorised": {"by": "owner", "on": "2020-01-01", "until": "2099-12-31", "scope": ["read", "probe"]},
    }  # fmt: skip
    hosts = {
        "k7-gw": {"iot_site_outside_addresses": [address]},
        "k7-panel": {"iot_site_published": services, "iot_site_enforced_by": "k7-gw"},
        "k7-inner": {},
    }
    groups = {
        "iot_site_vantage_hosts": {"hosts": {"outside-a": local, "outside-dead": dead}},
        "site_k7": {"vars": site, "hosts": hosts},
    }
    (folder / "hosts.json").write_text(json.dumps({"all": {"children": groups}}, ensure_ascii=False), encoding="utf-8")
    return folder, playbook_run.play(folder, "-i", "hosts.json", "iot_site.checklist.verify")


@pytest.fixture(scope="module")
def found(verified: tuple[Path, Run], ports: dict[str, int]) -> Found:
    folder, run = verified
    assert run.code == 2, run.output
    names = {str(port): name for name, port in ports.items()}
    told: Found = {}
    for one in json.loads(report(folder, "k7"))["findings"]:
        place, _space, text = one["surface"].partition(" ")
        port = place.rpartition(":")[2].partition("/")[0]
        told[one["seen_from"], one["host"], one["control"], f"{names.get(port, port)} {text}".strip()] = one["status"]
    return told


def test_what_a_stranger_meets_at_an_open_panel_is_a_gap_of_every_item(found: Found) -> None:
    mine = {key[2:]: status for key, status in found.items() if key[:2] == ("outside-a", "k7-panel")}
    assert mine["A2.outside", "open"] == "gap"
    assert mine["A1.outside", "open http"] == "gap"
    assert mine["B1.outside", "open http html_title"] == "gap"


def test_a_closed_port_is_unknown_where_nothing_shows_that_the_way_out_is_free(found: Found) -> None:
    mine = {key[2:]: status for key, status in found.items() if key[:2] == ("outside-a", "k7-panel")}
    assert [mine[f"{item}.outside", "closed"] for item in ("A2", "A1", "B1")] == ["unknown"] * 3


def test_a_device_of_which_nothing_is_declared_is_said_not_to_have_been_tried(found: Found) -> None:
    mine = {status for key, status in found.items() if key[:2] == ("outside-a", "k7-inner")}
    assert mine == {"not_applicable"}


def test_a_vantage_that_does_not_answer_passes_nothing_and_stops_nobody(found: Found) -> None:
    mine = {status for key, status in found.items() if key[0] == "outside-dead" and key[1] != "k7-inner"}
    assert mine == {"unknown"}


def test_the_vantages_are_no_devices_and_the_worst_device_is_on_top(verified: tuple[Path, Run]) -> None:
    document = json.loads(report(verified[0], "k7"))
    assert [device["host"] for device in document["devices"]] == ["k7-panel", "k7-gw", "k7-inner"]
    reasons = {reason["rule"] for reason in document["devices"][0]["reasons"]}
    assert {"control_visible", "open_without_login", "reached_by_strangers", "names_itself"} <= reasons
    assert {look["vantage"]: look["complete"] for look in document["looks"]} == {
        "outside-a": True,
        "outside-dead": False,
    }


def test_the_page_shows_what_was_met_and_says_what_cannot_be_seen(verified: tuple[Path, Run]) -> None:
    page = report(verified[0], "k7", "report.html")
    assert "北九州市 第一浄水場" in page and "any other open port is not seen from outside" in page
