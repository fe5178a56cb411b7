# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every plugin is documented whole, Ansible can show it, and its examples are calls that it would accept."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.iot_site.checklist.plugins.plugin_utils.argspec import options

ROOT = Path(__file__).parents[2]
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
PREFIX = "iot_site.checklist."
KINDS = ("modules", "filter", "lookup", "cliconf", "terminal")
PLUGINS = sorted(path for kind in KINDS for path in (ROOT / "plugins" / kind).glob("*.py"))
MODULES = sorted(path for path in PLUGINS if path.parent.name == "modules")
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


every_plugin = pytest.mark.parametrize("path", PLUGINS, ids=_name)
every_module = pytest.mark.parametrize("path", MODULES, ids=_name)


def _section(path: Path, name: str) -> Any:
    """DOCUMENTATION, EXAMPLES or RETURN of a plugin; None, if it has none."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == [name]:
            return yaml.safe_load(ast.literal_eval(node.value))
    return None


def _tasks(path: Path) -> Iterator[dict[str, Any]]:
    """The tasks of a plugin's examples, those of its plays, too."""
    for task in _section(path, "EXAMPLES") or ():
        yield from task.get("tasks", [task])


def _ansible_doc(home: Path, *arguments: str) -> str:
    """What ansible-doc prints when it has nothing to complain about (of Ansible's own collections 2.21 does)."""
    program = Path(sys.executable).with_name("ansible-doc")
    environment = {**os.environ, "HOME": str(home), "NO_COLOR": "1"}
    run = subprocess.run([program, *arguments], cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and "iot_site" not in run.stderr, run.stderr
    return run.stdout


def _described(options: Mapping[str, Any], inside: str) -> Iterator[str]:
    """Every option and returned value, those inside others, too, that lacks its description or type."""
    for name, option in options.items():
        if not (option.get("description") and option.get("type")):
            yield f"{name}{inside}"
        for deeper in ("suboptions", "contains"):
            yield from _described(option.get(deeper) or {}, f" in {name}{inside}")


def test_there_are_plugins_of_every_kind() -> None:
    assert {path.parent.name for path in PLUGINS} == set(KINDS)


@every_plugin
def test_a_plugin_says_what_it_is_and_what_it_takes(path: Path) -> None:
    documentation = _section(path, "DOCUMENTATION")
    assert documentation.get("module", documentation.get("name")) == path.stem
    assert documentation["short_description"] and not documentation["short_description"].endswith(".")
    assert documentation["description"]
    releases = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    assert documentation["version_added"] in {*releases, VERSION}
    assert not list(_described(documentation.get("options") or {}, f" of {path.stem}"))


@every_plugin
def test_a_plugin_that_people_call_shows_how_and_what_comes_back(path: Path) -> None:
    called = path.parent.name in ("modules", "filter", "lookup")
    examples, returned = _section(path, "EXAMPLES"), _section(path, "RETURN")
    if not called:
        assert (examples, returned) == (None, None)
        return
    assert examples and all(task["name"] for task in examples)
    assert returned and not list(_described(returned, f" returned by {path.stem}"))


# --- examples -----------------------------------------------------------------------------------------------


#: Every call of a module of ours in any example, and which example it is.
CALLS = [
    pytest.param(action.removeprefix(PREFIX), arguments, id=f"{path.stem}: {task['name']}")
    for path in PLUGINS
    for task in _tasks(path)
    for action, arguments in task.items()
    if action.startswith(PREFIX)
]


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each module takes, shared fragments put together as Ansible does."""
    names = [PREFIX + path.stem for path in MODULES]
    shown = json.loads(_ansible_doc(tmp_path_factory.mktemp("home"), "--json", *names))
    return {name.removeprefix(PREFIX): options(about["doc"]["options"]) for name, about in shown.items()}


def _problems(spec: dict[str, Any], arguments: Any) -> list[str]:
    """What Ansible would refuse. A template is taken for what its option wants."""
    rest = {name: value for name, value in (arguments or {}).items() if "{{" not in str(value)}
    wanted = {name: option for name, option in spec.items() if name in rest or name not in (arguments or {})}
    unknown = [f"{name}: no such option" for name in arguments or {} if name not in spec]
    return unknown + list(ArgumentSpecValidator(wanted).validate(rest).error_messages)


@every_module
def test_a_module_is_called_in_its_own_examples(path: Path) -> None:
    if path.stem in ("host_read", "host_apply"):  # the actions call them, nobody else should
        return
    assert any(PREFIX + path.stem in task for task in _tasks(path))


@pytest.mark.parametrize(("module", "arguments"), CALLS)
def test_an_example_is_a_call_that_the_module_accepts(specs: dict[str, Any], module: str, arguments: Any) -> None:
    assert not _problems(specs[module], arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"declared": {"site": "k7"}, "enforce": "x"}, "enforce: no such option"),
        ({"declared": {"site": "k7"}, "enforce_with": "wishes"}, "value of enforce_with must be one of"),
        ({"declared": "{{ anything }}", "unguarded": "{{ anything }}", "no_such": 1}, "no_such: no such option"),
    ],
)
def test_an_example_that_rots_is_found(specs: dict[str, Any], arguments: Any, problem: str) -> None:
    assert problem in " ".join(_problems(specs["ip_allowlist"], arguments))


# --- ansible-doc --------------------------------------------------------------------------------------------

_SHOWN = {
    "module": [path.stem for path in MODULES],
    "filter": [path.stem for path in PLUGINS if path.parent.name == "filter"],
    "lookup": [path.stem for path in PLUGINS if path.parent.name == "lookup"],
    "cliconf": [path.stem for path in PLUGINS if path.parent.name == "cliconf"],
    "role": ROLES,
}


@pytest.mark.parametrize("kind", _SHOWN)
def test_ansible_shows_the_documentation(kind: str, tmp_path: Path) -> None:
    names = [PREFIX + name for name in _SHOWN[kind]]
    shown = _ansible_doc(tmp_path, "-t", kind, *names).lower()
    assert all(name in shown for name in names)
