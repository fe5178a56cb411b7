# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this house rests on in Ansible itself. When a new core changes one of these, it is known here first.

Proved elsewhere: the full name of ``ansible_network_os`` and a missing collection (test_rtx_bad_input.py); preflight
before contact, and audit in check mode whatever is said (test_playbooks.py); the devices' oldest Python (sanity).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import reasons

from tests.devices.yamaha_rtx import Personality
from tests.integration import playbook_run, router_world
from tests.integration.playbook_run import COLLECTIONS, Run
from tests.integration.router_world import Device, Loop, World

PACKAGE = "ansible_collections.iot_site.checklist.plugins.plugin_utils"

#: Runs in the process that forks the workers; writes down what it sees when a task has ended on a host.
WITNESS = f"""
import json, os, sys
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_NAME = "witness"
    CALLBACK_TYPE = "notification"

    def v2_runner_on_ok(self, result):
        task = getattr(result, "task", None) or result._task
        host = getattr(result, "host", None) or result._host
        helpers = os.environ["ANSIBLE_PERSISTENT_CONTROL_PATH_DIR"]
        seen = {{
            "host": host.get_name(), "action": task.action, "check_mode": bool(task.check_mode), "pid": os.getpid(),
            "helpers": len(os.listdir(helpers)) if os.path.isdir(helpers) else 0,
            "platforms": sorted(name for name in sys.modules if name.startswith("{PACKAGE}.platforms.")),
        }}
        with open(os.environ["WITNESS"], "a") as out:
            out.write(json.dumps(seen) + "\\n")
"""

#: An intruder's or an owner's text, on the router and readable without a login.
HOSTILE = "{{ lookup('pipe', 'touch pwned') }}{{ 7 * 7 }} josuijo"

CACHE = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": "cache"}


@dataclass(frozen=True)
class Seen:
    """One run and what the witness wrote."""

    run: Run
    tasks: list[dict[str, Any]]

    def of(self, action: str) -> list[dict[str, Any]]:
        return [task for task in self.tasks if task["action"].endswith(action)]


def witnessed(world: World, playbook: str, *arguments: str, **environment: str) -> Seen:
    (world.folder / "witness.py").write_text(WITNESS)
    log = world.folder / "witnessed"
    log.write_text("")
    # A helper's socket needs a short path.
    helpers = {"ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(world.folder / "pc"), "WITNESS": str(log)}
    ours = {"ANSIBLE_CALLBACK_PLUGINS": str(world.folder), "ANSIBLE_CALLBACKS_ENABLED": "witness"}
    run = world.play(playbook, *arguments, **helpers, **ours, **environment)
    return Seen(run, [json.loads(line) for line in log.read_text().splitlines()])


@dataclass(frozen=True)
class Audits:
    world: World
    first: Seen
    first_findings: list[dict[str, Any]]
    second: Seen


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Audits]:
    """Two routers audited twice with a fact cache on disk; between the runs one of them is changed."""
    with router_world.world(tmp_path_factory.mktemp("audits"), loop) as world:
        world.site["office"] = "203.0.113.10"
        world.site["iot_site_people"] = [{"name": "noc-a", "sources": ["{{ office }}/32"]}]
        for host in ("k7-a", "k7-b"):
            world.add(
                host, saved=Personality.load("rtx830_pppoe").config.replace("daiichi-josuijo-rtx", f'"{HOSTILE}"')
            )
        first = witnessed(world, "audit", "--forks", "2", **CACHE)
        findings = world.findings()
        world.devices["k7-a"].somebody_types("sshd hide openssh version on", save=True)
        yield Audits(world, first, findings, witnessed(world, "audit", **CACHE))


def cached(audits: Audits) -> dict[str, dict[str, Any]]:
    """The facts on disk, by file. Ansible wraps them as a text inside a text."""
    files = {path.name: path.read_text() for path in (audits.world.folder / "cache").iterdir()}
    facts = {name: json.loads(text) for name, text in files.items()}
    return {
        name: json.loads(found["__payload__"]) if "__payload__" in found else found for name, found in facts.items()
    }


# --- one run, one process -----------------------------------------------------------------------------------


def test_the_run_id_is_one_value_for_all_forks_hosts_and_tasks(audits: Audits) -> None:
    assert {finding["host"] for finding in audits.first_findings} == {"k7-a", "k7-b"}
    assert {finding["item"] for finding in audits.first_findings} >= {"A2", "B1", "D2"}
    assert len({finding["run"] for finding in audits.first_findings}) == 1
    assert {finding["run"] for finding in audits.world.findings()} != {f["run"] for f in audits.first_findings}


def test_platforms_are_imported_before_the_fork_and_never_per_task(audits: Audits) -> None:
    """What a worker imports is gone with it; what the witness sees was imported in the process that forks."""
    controls = audits.first.of("every_item")
    assert len({task["pid"] for task in audits.first.tasks}) == 1 and len(controls) == 2
    assert f"{PACKAGE}.platforms.yamaha_rtx" in controls[0]["platforms"]


def test_a_fact_cache_of_an_earlier_run_never_supplies_a_verdict(audits: Audits) -> None:
    was = {f["host"]: f["status"] for f in audits.first_findings if f["control"] == "B1.ssh_version"}
    assert was == {"k7-a": "gap", "k7-b": "gap"}
    assert all("iot_site_findings_B1" in facts for facts in cached(audits).values()), "there was a verdict to believe"
    assert audits.world.verdicts("k7-a")["B1.ssh_version names"] == "pass"
    assert audits.world.devices["k7-a"].router.connections == 2, "it was read again, once for each run"


# --- what results and facts are made of ----------------------------------------------------------------------


def test_facts_are_plain_json_without_the_controllers_paths(audits: Audits) -> None:
    for host, facts in cached(audits).items():
        ours = playbook_run.opened(
            json.dumps({name: fact for name, fact in facts.items() if name.startswith("iot_site_")})
        )
        assert '"state_hash"' in ours, "the plans were laid open"
        assert "A2.forwarded filters" in ours and "iot_site_findings_A2" in facts, host
        assert "__ansible_type" not in ours and "_ansible_tags" not in ours, host
        assert str(audits.world.folder) not in ours and "/plugins/" not in ours, host


def test_intent_is_what_the_task_was_given_with_every_template_rendered(audits: Audits) -> None:
    (gap,) = [f for f in audits.first_findings if (f["host"], f["control"]) == ("k7-b", "A2.forwarded")]
    assert "pass 203.0.113.10 192.168.100.20 tcp * 443" in gap["after"]


USES = """
- hosts: k7-a
  gather_facts: false
  check_mode: true
  roles: [iot_site.checklist.iot_site]
  tasks:
    - iot_site.checklist.banner_blanking:
      register: judged
    - set_fact: {found: "{{ judged.findings | selectattr('control', 'eq', 'B1.snmp_names') | first }}", cacheable: true}
    - name: "Shown {{ ansible_facts.found.before }}"
      debug:
        msg: "why {{ ansible_facts.found.before }} end"
    - copy:
        content: "{{ ansible_facts.found | to_json }}"
        dest: "{{ playbook_dir }}/written"
      check_mode: false
      vars:
        ansible_connection: local
        ansible_become: false
        ansible_python_interpreter: "{{ ansible_playbook_python }}"
    - set_fact: {again: "{{ ansible_facts.found.before }}"}
    - debug: {msg: "again {{ again }} end"}
"""


def test_device_text_stays_untemplated_through_facts_templates_and_task_names(audits: Audits) -> None:
    (audits.world.folder / "uses.yml").write_text(USES)
    run = audits.world.play("uses.yml")
    assert run.code == 0, run.output
    for place in ("TASK [Shown ", "why ", "again "):
        (line,) = [line for line in run.stdout.splitlines() if place in line and "snmp sysname" in line]
        assert HOSTILE in line.replace('\\\\"', '"').replace("\\\\'", "'"), line
    assert HOSTILE in (audits.world.folder / "written").read_text()
    assert "}}49" not in run.output and "K-49" not in run.output
    assert not (audits.world.folder / "pwned").exists()


# --- connections --------------------------------------------------------------------------------------------

HELPERS = """
- hosts: k7-a
  gather_facts: false
  check_mode: true
  roles: [iot_site.checklist.device_inventory]
  tasks:
    - debug: {msg: "play level {{ ansible_check_mode }}"}
- hosts: k7-a
  gather_facts: false
  tasks:
    - ansible.netcommon.cli_command: {command: show environment}
    - ansible.netcommon.cli_command: {command: show ip route}
"""


@dataclass(frozen=True)
class Connected:
    seen: Seen
    device: Device


@pytest.fixture(scope="module")
def connected(loop: Loop) -> Iterator[Connected]:
    """A control action, and then a module that uses the connection as Ansible would."""
    with tempfile.TemporaryDirectory(prefix="p") as short, router_world.world(Path(short), loop) as world:
        device = world.add("k7-a", ansible_host_key_checking=False)  # a helper is no child of our launcher
        (world.folder / "helpers.yml").write_text(HELPERS)
        # netcommon's modules pass their warnings in a way that core 2.23 drops: theirs to mend, not ours to fail on.
        yield Connected(witnessed(world, "helpers.yml", ANSIBLE_DEPRECATION_WARNINGS="0"), device)


def test_control_actions_start_no_helper_process_where_other_network_modules_do(connected: Connected) -> None:
    (control,), modules = connected.seen.of("device_inventory"), connected.seen.of("cli_command")
    assert (control["helpers"], len(modules)) == (0, 2), connected.seen.run.output
    assert modules[0]["helpers"] > 0, "otherwise nothing was proved"


def test_what_comes_through_a_helper_shares_one_session_so_it_proves_no_new_one(connected: Connected) -> None:
    """The control's own session, and one for both modules."""
    assert connected.device.router.connections == 2


def test_a_play_in_check_mode_leaves_ansible_check_mode_false(connected: Connected) -> None:
    (control,) = connected.seen.of("device_inventory")
    assert control["check_mode"] is True
    assert "play level False" in connected.seen.run.stdout


# --- misuse, and what Ansible itself does -------------------------------------------------------------------

MISUSED = """
- hosts: all
  gather_facts: false
  ignore_errors: true
  vars: {ansible_connection: local}
  tasks:
    - iot_site.checklist.device_inventory: {declared: {site: k7}}
      run_once: true
    - iot_site.checklist.device_inventory: {declared: {site: k7}}
      delegate_to: localhost
    - iot_site.checklist.device_inventory: {declared: {site: k7}}
      loop: [1]
    - iot_site.checklist.device_inventory: {declared: {site: k7}, sites: k7}
    - rotate:
    - debug: {msg: "user {{ ansible_user }} password {{ ansible_password }} other {{ ansible_facts.other }}"}
    - iot_site.checklist.host_apply: {payload: ''}
      check_mode: true
      vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
      register: skipped
    - debug: {msg: "host_apply {{ skipped.skipped | default(false) }}"}
    - iot_site.checklist.host_read: {reads: []}
      vars: {ansible_python_interpreter: /nonexistent/python}
      register: pythonless
    - debug: {msg: "pythonless {{ pythonless.failed }} {{ pythonless.rc | default('') }}"}
- hosts: all
  gather_facts: false
  vars: {ansible_connection: local, ansible_python_interpreter: /nonexistent/python}
  roles: [iot_site.checklist.device_inventory]
  tasks:
    - debug: {msg: "judged {{ ansible_facts.iot_site_findings_D2.statuses['D2.identity'] }}"}
"""

ROTATE = """
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        return {"ansible_facts": {"ansible_user": "rotated", "ansible_password": "rotated", "other": "kept"}}
"""


@pytest.fixture(scope="module")
def misused(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("misused")
    (folder / "action_plugins").mkdir()
    (folder / "action_plugins/rotate.py").write_text(ROTATE)
    (folder / "library").mkdir()
    (folder / "library/rotate.py").write_text("#!/usr/bin/python\\n")
    (folder / "misused.yml").write_text(MISUSED)
    inventory = {"all": {"hosts": {"k7-a": {"ansible_user": "old", "ansible_password": "old", "iot_site_id": "k7"}}}}
    (folder / "hosts.json").write_text(json.dumps(inventory))
    return playbook_run.play(folder, "-i", "hosts.json", "misused.yml")


@pytest.mark.parametrize("word", ["run_once", "delegate_to", "loop"])
def test_control_actions_refuse_what_would_hand_one_hosts_verdict_to_another(misused: Run, word: str) -> None:
    assert f"judges its own host; it cannot be used with {word}" in misused.output


def test_an_argument_that_is_none_is_refused(misused: Run) -> None:
    assert re.search(r"Unsupported parameters.* sites", misused.output)


def test_returned_credentials_are_stripped_from_the_facts(misused: Run) -> None:
    """So a rotated account of our own must come from the inventory."""
    assert "user old password old other kept" in misused.stdout


def test_a_module_without_check_mode_is_skipped_and_skipped_is_unknown(misused: Run) -> None:
    assert "host_apply True" in misused.stdout
    assert "skipped the module" in reasons.unable({"skipped": True})


def test_a_missing_python_is_a_failed_result_and_becomes_unknown(misused: Run) -> None:
    assert re.search(r"pythonless True 127", misused.stdout), misused.output
    assert "judged unknown" in misused.stdout


# --- arguments ----------------------------------------------------------------------------------------------

ACTIONS = ("ip_allowlist", "banner_blanking", "device_inventory", "preflight", "report", "gate")


#: In a process that has set up Ansible's collection loader, as every run has.
SPECIFIED = f"""
import json, sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
from {PACKAGE}.argspec import argument_spec
print(json.dumps({{name: argument_spec(name) for name in sys.argv[1:]}}))
"""


@pytest.fixture(scope="module")
def specified() -> dict[str, Any]:
    return told(Path(sys.executable), "-c", SPECIFIED, *ACTIONS)


def told(program: Path, *arguments: str) -> dict[str, Any]:
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_argument_specification_is_what_the_documentation_says(specified: dict[str, Any]) -> None:
    program = Path(sys.executable).with_name("ansible-doc")
    documented = told(program, "-j", *(f"iot_site.checklist.{name}" for name in ACTIONS))
    for name in ACTIONS:
        options = documented[f"iot_site.checklist.{name}"]["doc"]["options"]
        assert _shape(specified[name]) == _shape(options), name


def _shape(options: dict[str, Any]) -> dict[str, Any]:
    """Names, types, defaults and choices, at any depth; a specification says ``options`` for ``suboptions``."""
    return {
        name: [
            option.get("type", "str"), option.get("default"), option.get("choices"), bool(option.get("required")),
            _shape(option.get("options") or option.get("suboptions") or {}),
        ]
        for name, option in options.items()
    }  # fmt: skip


def test_no_control_action_takes_a_secret(specified: dict[str, Any]) -> None:
    """Arguments are printed at -vvv and lie in the device's journal."""
    for name in ACTIONS:
        named = " ".join(_names(specified[name]))
        assert not re.search(r"password|secret|token|credential", named), name


def _names(options: dict[str, Any]) -> Iterator[str]:
    for name, option in options.items():
        yield name
        yield from _names(option.get("options") or {})
