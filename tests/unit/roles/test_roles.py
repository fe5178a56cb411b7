# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible does not check: that a role's specification is found, and says what its defaults say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.iot_site.checklist.plugins.plugin_utils.intent import load
from ansible_collections.iot_site.checklist.plugins.plugin_utils.judges import JUDGES

COLLECTION = Path(__file__).parents[3]
ROLES = sorted(path for path in (COLLECTION / "roles").iterdir() if path.is_dir())
#: The roles that a site's items are judged by, in the order of work; iot_site and report serve them.
CONTROLS = {
    "preparation": ["P1", "P2", "P3", "P4"],
    "ip_allowlist": ["A2"],
    "login_required": ["A1"],
    "banner_blanking": ["B1"],
    "user_credentials": ["C2", "C1"],
    "device_inventory": ["D2"],
}

#: The tasks of a role whose items have one each, in this order; every other role is one task of its own name.
TASKS = {"user_credentials": {"personal_accounts": ["C2"], "strong_passwords": ["C1"]}}

#: The devices of the sites, without the hosts from which they are looked at; and those hosts.
DEVICES = (
    "{{ iot_site_hosts | default('all:!iot_site_vantage_hosts' if 'iot_site_vantage_hosts' in groups else 'all') }}"
)
VANTAGES = "{{ groups['iot_site_vantage_hosts'] | default([]) }}"

every_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def _options(role: Path) -> dict[str, Any]:
    (entry,) = _yaml(role / "meta" / "argument_specs.yml")["argument_specs"].values()
    return entry["options"] or {}


def _defaults(role: Path) -> dict[str, Any]:
    defaults = _yaml(role / "defaults" / "main.yml") or {}
    return {name: value for name, value in defaults.items() if not name.startswith(f"__{role.name}_")}


def _tasks(role: Path) -> list[dict[str, Any]]:
    return [task for path in sorted((role / "tasks").glob("*.yml")) for task in _yaml(path)]


def test_there_are_roles() -> None:
    assert set(CONTROLS) | {"iot_site"} <= {role.name for role in ROLES}


@every_role
def test_a_role_has_its_files_under_the_names_that_ansible_looks_for(role: Path) -> None:
    """A specification called argument_spec.yml or *.yaml.bak would be ignored without a word."""
    assert {path.name for path in (role / "meta").iterdir()} == {"main.yml", "argument_specs.yml"}
    entries = {path.stem for path in (role / "tasks").iterdir()}
    assert set(_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]) == entries
    assert entries == ({"preflight"} if role.name == "iot_site" else {"main"})


@every_role
def test_defaults_and_specification_name_the_same_variables_of_the_role(role: Path) -> None:
    assert set(_defaults(role)) == set(_options(role))
    assert all(name.startswith(f"{role.name}_") for name in _options(role))


@every_role
def test_the_specification_states_the_default_that_holds(role: Path) -> None:
    """A computed default cannot be stated; then the specification states none."""
    computed = {name for name, value in _defaults(role).items() if "{{" in str(value)}
    stated = {name: option["default"] for name, option in _options(role).items() if "default" in option}
    assert stated == {name: value for name, value in _defaults(role).items() if name not in computed}


@every_role
def test_the_readme_is_the_one_that_the_specification_gives(role: Path) -> None:
    assert (role / "README.md").read_text(encoding="utf-8") == _tool().readme(role), "run tests/tools/role_readmes.py"


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("role_readmes", COLLECTION / "tests" / "tools" / "role_readmes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("name", "items"), CONTROLS.items())
def test_a_control_role_is_one_task_with_its_items_as_tags_that_leaves_check_mode_alone(
    name: str, items: list[str]
) -> None:
    wanted = TASKS.get(name, {name: items})
    assert [one for each in wanted.values() for one in each] == items
    for task, (module, its) in zip(_tasks(COLLECTION / "roles" / name), wanted.items(), strict=True):
        assert task["tags"] == [*its, name]
        assert task["name"].startswith(f"{its[0] if len(its) == 1 else its[0][0]} | ")
        assert set(task) == {"name", "tags", f"iot_site.checklist.{module}"}
    assert _yaml(COLLECTION / "roles" / name / "meta" / "main.yml")["dependencies"] == [
        {"role": "iot_site.checklist.iot_site"}
    ]


@every_role
def test_tags_are_static_and_configuration_is_not_made_by_set_fact_or_shell(role: Path) -> None:
    for task in _tasks(role):
        assert "{{" not in str(task.get("tags"))
        assert task.get("tags"), task["name"]
        assert not {"set_fact", "command", "shell", "raw", "script"} & {key.rpartition(".")[2] for key in task}


@every_role
def test_a_role_stays_small(role: Path) -> None:
    lines = [line for path in (role / "tasks").glob("*.yml") for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) <= 40
    assert role.name == "iot_site" or len(_options(role)) <= 10


# --- playbooks ----------------------------------------------------------------------------------------------


def _plays(name: str) -> list[dict[str, Any]]:
    return _yaml(COLLECTION / "playbooks" / f"{name}.yml")


def _imported(play: dict[str, Any]) -> list[str]:
    return [task["ansible.builtin.import_role"]["name"].rpartition(".")[2] for task in play["tasks"]]


@pytest.mark.parametrize("name", ["audit", "inventory", "verify"])
def test_a_reading_playbook_stands_in_check_mode_wherever_it_touches_devices(name: str) -> None:
    *contacting, report = _plays(name)
    assert [play["check_mode"] for play in contacting] == [True, True]
    assert all(play["hosts"] in (DEVICES, VANTAGES) for play in contacting)
    assert _imported(report) == ["report"]


@pytest.mark.parametrize("name", ["audit", "inventory", "verify", "remediate"])
def test_a_playbook_checks_every_host_first_and_reports_last_whatever_happened(name: str) -> None:
    preflight, *between, report = _plays(name)
    assert preflight["any_errors_fatal"] is True
    first = preflight["tasks"][0]["ansible.builtin.import_role"]
    assert (first["name"], first["tasks_from"]) == ("iot_site.checklist.iot_site", "preflight")
    assert between
    assert all(play["ignore_errors"] is play["ignore_unreachable"] is True for play in between)
    for play in (preflight, report):
        assert play["strategy"] == "ansible.builtin.linear", "any_errors_fatal and run_once mean nothing elsewhere"
        assert "serial" not in play
    assert all(play["gather_facts"] is False for play in (preflight, *between, report))
    assert (report["hosts"], preflight["hosts"]) == (DEVICES, DEVICES)


def test_audit_judges_in_one_task_that_heeds_the_tags_itself_what_remediate_has_a_role_for() -> None:
    (task,) = _plays("audit")[1]["tasks"]
    assert task["ansible.builtin.import_role"]["name"] == "iot_site.checklist.every_item"
    (only,) = _tasks(COLLECTION / "roles" / "every_item")
    assert task["tags"] == only["tags"] == ["always"], "any other would be skipped with one item of --skip-tags"
    assert list(dict.fromkeys(judge.role for judge in JUDGES)) == list(CONTROLS)
    for role, items in CONTROLS.items():
        assert [item for judge in JUDGES if judge.role == role for item in judge.items] == items


@pytest.mark.parametrize("name", CONTROLS)
def test_a_variable_that_is_not_set_means_the_default_of_its_role(name: str) -> None:
    """The task for every item has no defaults of roles: what the intent makes of nothing must be the same."""
    for variable, default in _defaults(COLLECTION / "roles" / name).items():
        option = variable.removeprefix(f"{name}_")
        assert load({option: default}, "k7") == load({option: None}, "k7") == load({}, "k7"), variable


def test_remediate_takes_one_host_at_a_time_and_its_roles_in_the_order_of_the_checklist() -> None:
    (controls,) = [play for play in _plays("remediate") if "serial" in play]
    assert controls["serial"] == 1
    assert controls["strategy"] == "ansible.builtin.linear"
    assert _imported(controls) == list(CONTROLS)
    tags = {name: [name] if name in TASKS else [*items, name] for name, items in CONTROLS.items()}
    assert [task["tags"] for task in controls["tasks"]] == list(tags.values()), "a tag here goes to every task"


def test_remediate_looks_from_outside_before_and_after_and_only_the_vantages_look() -> None:
    plays = [play for play in _plays("remediate") if play["hosts"] == VANTAGES]
    assert [_imported(play) for play in plays] == [["exposure_view"]] * 2
    assert [play["tasks"][0].get("vars") for play in plays] == [{"exposure_view_moment": "before"}, None]
    order = ["exposure_view" if play in plays else "serial" if "serial" in play else "" for play in _plays("remediate")]
    assert order == ["", "exposure_view", "serial", "exposure_view", ""]


def test_verify_judges_from_outside_alone_and_says_so_to_the_report() -> None:
    _preflight, looks, report = _plays("verify")
    assert (looks["hosts"], _imported(looks)) == (VANTAGES, ["exposure_view"])
    assert report["tasks"][0]["vars"] == {"report_outside_only": True}
    assert looks["tasks"][0]["tags"] == ["A1", "A2", "B1", "exposure_view"]


def test_the_role_of_the_outside_view_passes_its_variables_on_and_needs_nothing_of_a_site() -> None:
    role = COLLECTION / "roles" / "exposure_view"
    (task,) = _tasks(role)
    assert task["tags"] == ["A1", "A2", "B1", "exposure_view"]
    given = {f"exposure_view_{name}" for name in task["iot_site.checklist.exposure_view"]}
    assert given == set(_options(role))
    assert "dependencies" not in _yaml(role / "meta" / "main.yml"), "a vantage belongs to no site"


def test_handover_checks_every_host_first_and_contacts_none() -> None:
    preflight, handover = _plays("handover")
    assert preflight["any_errors_fatal"] is True
    assert _imported(preflight) == ["iot_site"] and _imported(handover) == ["handover"]
    for play in (preflight, handover):
        assert play["strategy"] == "ansible.builtin.linear" and "serial" not in play and play["gather_facts"] is False
    (task,) = _tasks(COLLECTION / "roles" / "handover")
    assert (task["run_once"], task["delegate_to"]) == (True, "localhost")
