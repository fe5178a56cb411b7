# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report role in a real ansible-playbook run: who is in the report, where it lies, and the exit code.

No device is contacted: a test action plants findings as the control actions would leave them.
"""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from tests.integration import playbook_run
from tests.integration.playbook_run import Run, report

PLANT = """
from ansible.plugins.action import ActionBase
from ansible_collections.iot_site.checklist.plugins.plugin_utils.account_passwords import Device
from ansible_collections.iot_site.checklist.plugins.plugin_utils.marks import marks
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent
from ansible_collections.iot_site.checklist.plugins.plugin_utils.reading import packed
from ansible_collections.iot_site.checklist.plugins.plugin_utils.run import RUN_ID
from ansible_collections.iot_site.checklist.plugins.plugin_utils.sealed import sealed_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Kept, Stored


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        host, site = task_vars["inventory_hostname"], task_vars["iot_site_id"]
        run, facts = self._task.args.get("run", RUN_ID), {}
        for control, status in self._task.args["findings"].items():
            found = {
                "run": run, "site": site, "host": host, "platform": "linux",
                "item": control.partition(".")[0], "control": control, "status": status,
                "surface": "secrets" if control == "C2.reused" else "",
                "why": task_vars["text"], "at": "2026-11-22T22:15:00Z", "before": task_vars["text"], "after": "",
                "fix": "", "evidence": {}, "enforced_by": "", "seen_from": "inside", "schema": 1,
            }
            facts["iot_site_findings_" + found["item"]] = {
                "run": run, "statuses": {control: status}, "packed": packed([found])
            }
        facts["iot_site_plan_A2"] = {"run": run, "item": "A2", "packed": packed(
            {"host": host, "state_hash": "ab" * 32, "changes": []})}
        facts["iot_site_context"] = {"run": run, "site": site, "host": host,
            "platform": "linux", "label": "", "enforced_by": "", "published": [], "mode": "check", "at": "",
            "authorised": {"by": "owner of " + site, "on": "2026-11-20", "until": "2027-03-31", "scope": ["read"]}}
        if "keeps" in task_vars:
            kept = {"accounts": Kept((Stored("ops of " + site, "plain", task_vars["keeps"]),))}
            intent = Intent(site=site, host=host, label=task_vars["label"])
            facts["iot_site_marks"] = {"run": run, "sealed": sealed_json(marks(kept, {}, {}, Device(), intent))}
        return {"ansible_facts": facts}
"""

PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - plant: {findings: "{{ planted }}"}
      when: inventory_hostname != 'a-dead'
    - ansible.builtin.ping:
      when: inventory_hostname == 'a-dead'
    - ansible.builtin.fail: {msg: on purpose}
      when: inventory_hostname == 'a-failing'
- hosts: all
  gather_facts: false
  strategy: linear
  roles: [iot_site.checklist.report]
"""

HOSTILE = "{{ '{{' }} 7 * 7 }} <script>alert(1)</script> \x1b]0;owned\x07 AlphaWaterworks"

INVENTORY = {
    "site_a": {
        "vars": {"iot_site_id": "a", "text": HOSTILE},
        "hosts": {
            "a-good": {"planted": {"A2.management": "pass", "B1.http_title": "pass"}},
            "a-gap": {"planted": {"A2.management": "gap", "B1.http_title": "pass"}},
            "a-failing": {"planted": {"A2.management": "pass"}},
            "a-dead": {"ansible_host": "127.0.0.1", "ansible_port": 9, "ansible_connection": "ssh"},
        },
    },
    "site_b": {
        "vars": {"iot_site_id": "b", "text": "BravoHospital"},
        "hosts": {"b-good": {"planted": {"A2.management": "pass", "B1.http_title": "fixed"}}},
    },
}


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    (tmp_path / "action_plugins").mkdir()
    (tmp_path / "action_plugins/plant.py").write_text(PLANT)
    (tmp_path / "library").mkdir()
    (tmp_path / "library/plant.py").write_text("#!/usr/bin/python\n")
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory/hosts.json").write_text(json.dumps(INVENTORY))
    return tmp_path


def play(bench: Path, *options: str, **environment: str) -> Run:
    quiet = {"ANSIBLE_HOST_KEY_CHECKING": "0", "ANSIBLE_SSH_ARGS": "-o ConnectTimeout=5"}
    return playbook_run.play(bench, "-i", "inventory", "play.yml", *options, **quiet, **environment)


def statuses(bench: Path, site: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for finding in json.loads(report(bench, site))["findings"]:
        found.setdefault(finding["host"], set()).add(finding["status"])
    return found


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_good_and_failing_hosts_are_all_in_the_report_and_the_run_ends_with_2(bench: Path, strategy: str) -> None:
    done = play(bench, "--limit", "!a-dead", ANSIBLE_STRATEGY=strategy)
    assert done.code == 2, done.stdout + done.stderr
    assert statuses(bench, "a") == {"a-good": {"pass"}, "a-gap": {"gap", "pass"}, "a-failing": {"pass", "unknown"}}
    assert "監査 AUDIT a" in done.stdout, "the table is printed under the default callback"
    assert "[1] a-gap A2.management" in done.stdout
    assert "\x1b" not in done.stdout and "49 <script>" not in done.stdout, "device text neither acts nor is evaluated"
    gates = done.stdout.split("TASK [iot_site.checklist.report : Report | End")[1]
    judged = {host: f"fatal: [{host}]" in gates for host in ("a-good", "a-gap", "b-good")}
    assert judged == {"a-good": False, "a-gap": True, "b-good": False}


def test_a_host_that_ansible_itself_lost_is_in_the_report(bench: Path) -> None:
    """Our own tasks never return unreachable; where another's does, Ansible ends with 4, whatever the gate says."""
    done = play(bench)
    assert done.code == 4, done.stdout + done.stderr
    assert statuses(bench, "a")["a-dead"] == {"unknown"}
    assert "a-dead A2, B1: no verdict in this run" in done.stdout


def test_a_site_without_open_findings_ends_with_0_and_a_limited_host_is_not_in_this_run(bench: Path) -> None:
    done = play(bench, "--limit", "a-good", "--check")
    assert done.code == 0, done.stdout + done.stderr
    devices = {device["host"]: device["in_run"] for device in json.loads(report(bench, "a"))["devices"]}
    assert devices == {"a-good": True, "a-gap": False, "a-failing": False, "a-dead": False}
    assert statuses(bench, "a") == {"a-good": {"pass"}}
    assert not (bench / "iot_site_evidence/b").exists(), "a site outside --limit gets no report"


def test_nothing_of_one_site_is_in_the_files_of_another(bench: Path) -> None:
    play(bench)
    words = {"a": ("AlphaWaterworks", "a-good", "owner of a"), "b": ("BravoHospital", "b-good", "owner of b")}
    for site, other in (("a", "b"), ("b", "a")):
        texts = [report(bench, site, name) for name in ("findings.json", "plan.json", "report.html")]
        assert all(any(word in text for text in texts) for word in words[site])
        assert not any(word in text for word in words[other] for text in texts)


def test_a_secret_that_two_sites_have_is_found_by_workers_of_one_run_and_told_by_label(bench: Path) -> None:
    reused = {"C2.reused": "unknown"}
    hosts = {
        site: {"vars": {"iot_site_id": site, "text": word}, "hosts": {f"{site}-{name}": {
            "planted": reused, "keeps": secret, "label": label} for name, secret, label in keeping}}
        for site, word, keeping in (
            ("a", "AlphaWaterworks", [("gw", "planted-shared", "K-A1"), ("own", "planted-own", "K-A2")]),
            ("b", "BravoHospital", [("gw", "planted-shared", "K-B1")]),
        )
    }  # fmt: skip
    (bench / "inventory/hosts.json").write_text(json.dumps(hosts))
    done = play(bench, "-vvv")
    assert done.code == 2, done.stdout + done.stderr
    texts = {site: [report(bench, site, name) for name in ("findings.json", "report.html")] for site in "ab"}
    told = {one["host"]: one for site in "ab" for one in json.loads(texts[site][0])["findings"]}
    assert {host: one["status"] for host, one in told.items()} == {"a-gw": "gap", "a-own": "pass", "b-gw": "gap"}
    assert told["a-gw"]["why"] == "ops of a (accounts) has the secret of K-B1 of another site"
    assert told["b-gw"]["why"] == "ops of b (accounts) has the secret of K-A1 of another site"
    assert not any(word in text for word in ("BravoHospital", "b-gw", "ops of b") for text in texts["a"])
    digest = re.compile(r"\b[0-9a-f]{64}\b")
    shown = [playbook_run.opened(done.output), *(text for each in texts.values() for text in each)]
    assert {hit for text in shown for hit in digest.findall(text)} <= {"ab" * 32}, "of marks nothing is shown"


def test_evidence_never_lies_where_ansible_reads_inventory(bench: Path) -> None:
    for _run in range(2):
        done = play(bench, "--limit", "b-good")
        assert done.code == 0 and "inventory source" not in done.stderr, done.stderr
    assert [path.name for path in (bench / "inventory").iterdir()] == ["hosts.json"]


def test_evidence_is_for_its_owner_only(bench: Path) -> None:
    play(bench, "--limit", "b-good")
    home = bench / "iot_site_evidence"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home, home / "b", home / "b/latest")}
    files = {stat.S_IMODE(path.stat().st_mode) for path in (home / "b/latest").iterdir()}
    assert (modes, files) == ({0o700}, {0o600})


def test_a_fact_cache_of_an_earlier_run_never_supplies_a_verdict(bench: Path) -> None:
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(bench / "cache")}
    assert play(bench, "--limit", "b-good", **cache).code == 0
    assert list((bench / "cache").glob("*b-good")), "the cache holds the facts of the first run"
    (bench / "play.yml").write_text(PLAYBOOK.replace("inventory_hostname != 'a-dead'", "false"))
    done = play(bench, "--limit", "b-good", **cache)
    assert done.code == 2, done.stdout
    assert statuses(bench, "b") == {"b-good": {"unknown"}}
    assert json.loads(report(bench, "b", "plan.json"))["hosts"] == {"b-good": {}}


def test_what_cannot_be_written_is_said_with_the_way_out(bench: Path) -> None:
    (bench / "iot_site_evidence").write_text("a file is in the way")
    done = play(bench, "--limit", "b-good")
    assert done.code == 2
    assert "evidence of site b could not be written" in done.stdout and "report_directory" in done.stdout


def test_a_status_that_is_none_is_refused(bench: Path) -> None:
    done = play(bench, "--limit", "b-good", "-e", '{"iot_site_fail_on": ["gaps"]}')
    assert done.code == 2 and "gaps" in done.stdout
