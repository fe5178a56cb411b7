# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks in real ansible-playbook runs: what they contact, in which mode and in which order.

The devices are one listener on loopback that counts who knocks and says nothing.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration import playbook_run
from tests.integration.playbook_run import opened

#: Writes down, for every task and host, what Ansible itself thinks of check mode.
WITNESS = """
import json, os
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_NAME = "witness"
    CALLBACK_TYPE = "notification"

    def v2_runner_on_start(self, host, task):
        with open(os.environ["WITNESS"], "a") as out:
            out.write(json.dumps([host.get_name(), task.action, bool(task.check_mode)]) + "\\n")
"""

SITE: dict[str, Any] = {
    "iot_site_id": "k7",
    "iot_site_people": [{"name": "noc-a", "sources": ["203.0.113.10/32"]}],
    "iot_site_authorised": {"by": "owner", "on": "2020-01-01", "until": "2099-12-31", "scope": ["read", "change"]},
    "ansible_host": "127.0.0.1",
    "ansible_ssh_common_args": "-o ConnectTimeout=2 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
}
CONTROLS = ["ip_allowlist", "banner_blanking", "device_inventory"]


class Listener:
    """A device that hangs up at once, and counts the knocks."""

    def __init__(self) -> None:
        self.knocks = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _peer = self._socket.accept()
            except OSError:
                return
            self.knocks += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def device() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


class Run:
    """One ansible-playbook run over the given hosts."""

    def __init__(
        self, tmp_path: Path, device: Listener, playbook: str, hosts: dict[str, Any], *args: str, **env: str
    ) -> None:
        inventory = {"all": {"vars": {**SITE, "ansible_port": device.port}, "hosts": hosts}}
        (tmp_path / "hosts.json").write_text(json.dumps(inventory, ensure_ascii=False), encoding="utf-8")
        (tmp_path / "witness.py").write_text(WITNESS)
        self._witnessed = tmp_path / "witnessed"
        self._witnessed.write_text("")
        environment = {
            "ANSIBLE_CALLBACK_PLUGINS": str(tmp_path), "ANSIBLE_CALLBACKS_ENABLED": "witness",
            "WITNESS": str(self._witnessed), **env,
        }  # fmt: skip
        done = playbook_run.play(tmp_path, "-i", "hosts.json", f"iot_site.checklist.{playbook}", *args, **environment)
        self.code, self.output = done.code, done.output

    def controls(self) -> list[tuple[str, str, bool]]:
        """(host, control module, check mode) in the order they ran."""
        seen = [json.loads(line) for line in self._witnessed.read_text().splitlines()]
        named = [(host, action.rpartition(".")[2], checked) for host, action, checked in seen]
        return [entry for entry in named if entry[1] in (*CONTROLS, "every_item")]


WRONG = {
    "k7-gw": {"iot_site_guard_seconds": 3, "iot_site_unsaved": "ignore", "iot_site_secret": "hunter2-hunter2"},
    "k7-panel": {
        "iot_site_people_panel": [{"name": "p", "sources": ["0.0.0.0/0"]}],
        "banner_blanking_change_hostname": "?",
    },
    "k7-cam": {"iot_site_fail_on": ["gap", "gaps"]},
}


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_every_wrong_variable_of_every_host_is_named_and_nothing_is_contacted(
    tmp_path: Path, device: Listener, strategy: str
) -> None:
    run = Run(tmp_path, device, "remediate", WRONG, ANSIBLE_STRATEGY=strategy)
    assert run.code == 2
    for host, variable in [
        ("k7-gw", "iot_site_guard_seconds"), ("k7-gw", "iot_site_unsaved"), ("k7-gw", "iot_site_secret"),
        ("k7-panel", "iot_site_people_panel[p].sources"), ("k7-panel", "banner_blanking_change_hostname"),
        ("k7-cam", "iot_site_fail_on"),
    ]:  # fmt: skip
        assert f"{host}: {variable}" in run.output
    assert "hunter2" not in run.output
    assert (device.knocks, run.controls()) == (0, [])


def test_an_inventory_that_is_right_is_contacted(tmp_path: Path, device: Listener) -> None:
    """Without this the test above would also pass on a listener that hears nothing."""
    run = Run(tmp_path, device, "inventory", {"k7-gw": {"iot_site_secret": "Zq8-planted-W4v7-xK3n"}}, "-vvvv")
    assert device.knocks > 0, run.output
    assert "Zq8-planted" not in opened(run.output), "the secret of the labels is nobody's argument"
    assert '"label": "K-' in run.output
    assert run.code == 2, "a device that hangs up is unreachable, and that is no success"
    assert run.controls() == [("k7-gw", "device_inventory", True)]


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_audit_stays_in_check_mode_whatever_is_said_on_the_command_line(
    tmp_path: Path, device: Listener, strategy: str
) -> None:
    loosened = '{"check_mode": false, "ansible_check_mode": false, "ignore_errors": false}'
    run = Run(tmp_path, device, "audit", {"k7-gw": {}}, "-e", loosened, "-t", "all", ANSIBLE_STRATEGY=strategy)
    assert run.controls() == [("k7-gw", "every_item", True)], run.output


def test_preparation_judges_without_contacting_anything(tmp_path: Path, device: Listener) -> None:
    hosts = {"a-ready": playbook_run.PREPARED, "b-bare": {}, "c-wrong": {"ansible_network_os": "nobody.knows.this_one"}}
    run = Run(tmp_path, device, "remediate", hosts, "--tags", "P1,P2,P3,P4")
    assert (device.knocks, run.controls(), run.code) == (0, [], 2), run.output
    (document,) = tmp_path.glob("iot_site_evidence/k7/latest/findings.json")
    judged = {(f["host"], f["control"]): f["status"] for f in json.loads(document.read_text())["findings"]}
    controls = ["P1.stakeholders", "P1.decisions", "P1.authorised", "P2.exposure", "P3.guidelines", "P4.items"]
    ready, bare, wrong = ([judged[host, control] for control in controls] for host in hosts)
    assert ready == ["pass", "pass", "pass", "unknown", "pass", "pass"], "A2 was not judged, so P2 cannot be"
    assert bare == ["gap", "manual", "pass", "unknown", "manual", "pass"]
    assert set(wrong) == {"not_supported"}


@pytest.mark.parametrize(
    ("tags", "items"), [("P2", {"P2"}), ("P4,D2,P1", {"P1", "P4", "D2"}), ("preparation", {"P1", "P2", "P3", "P4"})]
)
def test_preparation_judges_the_items_that_the_tags_name(
    tmp_path: Path, device: Listener, tags: str, items: set[str]
) -> None:
    run = Run(tmp_path, device, "audit", {"a-ready": playbook_run.PREPARED}, "--tags", tags)
    (document,) = tmp_path.glob("iot_site_evidence/k7/latest/findings.json")
    assert {f["item"] for f in json.loads(document.read_text())["findings"]} == items, run.output


PANEL = {"iot_site_enforced_by": "a-gw", "iot_site_published": [{"via": "a-gw", "port": 8443, "to": 443}]}


def test_remediate_finishes_one_device_after_the_other_and_the_gateway_last(tmp_path: Path, device: Listener) -> None:
    run = Run(
        tmp_path, device, "remediate", {"a-gw": {}, "b-panel": PANEL, "c-panel": {"iot_site_enforced_by": "a-gw"}}
    )
    assert run.controls() == [
        (host, control, False) for host in ("b-panel", "c-panel", "a-gw") for control in CONTROLS
    ], run.output
    assert "changed=0" in run.output
    assert "changed=1" not in run.output


def test_remediate_honours_check_tags_and_limit(tmp_path: Path, device: Listener) -> None:
    hosts = {"a-gw": {}, "b-panel": PANEL, "c-other": {}}
    run = Run(tmp_path, device, "remediate", hosts, "--check", "--diff", "--tags", "A2", "--limit", "b-panel,c-other")
    assert run.controls() == [("b-panel", "ip_allowlist", True), ("c-other", "ip_allowlist", True)], run.output
    assert run.code == 2


def test_a_role_argument_that_fails_on_one_host_ends_neither_the_others_nor_the_report(
    tmp_path: Path, device: Listener
) -> None:
    """With serial 1 Ansible gives up the whole run after a failed host: then nobody would hear of the rest."""
    right_at_first = "{{ nowhere if ansible_play_name.startswith('Gaps') else false }}"
    run = Run(tmp_path, device, "remediate", {"a-broken": {"ip_allowlist_unguarded": right_at_first}, "b-next": {}})
    assert "'nowhere' is undefined" in run.output
    assert {host for host, _control, _checked in run.controls()} == {"a-broken", "b-next"}
    assert run.code == 2
    (document,) = tmp_path.glob("iot_site_evidence/k7/latest/findings.json")
    asked = [f for f in json.loads(document.read_text())["findings"] if f["item"] == "D2"]  # the last one
    assert {finding["host"] for finding in asked} == {"a-broken", "b-next"}
    assert not {"pass", "gap"} & {finding["status"] for finding in asked}
