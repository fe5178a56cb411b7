# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter as a playbook calls it: its examples, what it refuses, and that no password is in what it says."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.iot_site.checklist.plugins.filter import password_weakness as plugin
from ansible_collections.iot_site.checklist.plugins.plugin_utils.password_weakness import REASONS

PLANTED = "Qx9-planted-7Zk"
password_weakness = plugin.FilterModule().filters()["password_weakness"]
assert callable(password_weakness)


def played(home: Path, tasks: list[dict[str, Any]], variables: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    (home / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    (home / "variables.yml").write_text(yaml.safe_dump(variables, allow_unicode=True), encoding="utf-8")
    program = Path(sys.executable).with_name("ansible-playbook")
    return subprocess.run(
        [program, "-i", "localhost,", "-vvvv", "-e", "@variables.yml", "play.yml"],
        cwd=home, env={**os.environ, "ANSIBLE_HOME": str(home), "ANSIBLE_LOCAL_TEMP": str(home / "tmp")},
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("password", "passes"), [("kkk-jyousui1", False), (PLANTED, True)])
def test_the_examples_do_what_they_say(tmp_path: Path, password: str, passes: bool) -> None:
    run = played(
        tmp_path, yaml.safe_load(plugin.EXAMPLES)[:1], {"panel_password": password, "iot_site_words": ["浄水場"]}
    )
    assert (run.returncode == 0) is passes, run.stdout
    assert password not in run.stdout + run.stderr


def test_the_result_is_a_list_of_reasons_that_a_playbook_can_show(tmp_path: Path) -> None:
    run = played(tmp_path, yaml.safe_load(plugin.EXAMPLES)[1:], {})
    assert run.returncode == 0 and '"site_word",' in run.stdout and '"number"' in run.stdout


_WRONG = {
    "[planted] | F": "the password must be a text, not a list",
    "{'x': planted} | F": "the password must be a text, not a mapping",
    "none | F": "the password must be a text, not nothing",
    "8731462 | F": "the password must be a text, not a number (put it between quotes)",
    "planted | F(words=planted)": "words must be a list of texts, not a text",
    "planted | F(words=['x', [planted]])": "word 2 of words must be a text, not a list",
    "planted | F(user=[planted])": "user must be a text, not a list",
}


def test_a_wrong_type_is_named_and_nothing_of_the_password(tmp_path: Path) -> None:
    calls = [call.replace("F", "iot_site.checklist.password_weakness") for call in _WRONG]
    tasks = [
        {"name": "Judge", "ansible.builtin.debug": {"msg": "{{" + call + "}}"}, "ignore_errors": True} for call in calls
    ]
    run = played(tmp_path, tasks, {"planted": PLANTED})
    said = " ".join((run.stdout + run.stderr).split())
    assert [told for told in _WRONG.values() if told not in said] == []
    assert f"ignored={len(_WRONG)}" in said
    assert PLANTED not in said


@pytest.mark.parametrize("value", [None, 12345678, 1.5, True, b"himawari", ["himawari"], {"himawari": 1}])
def test_only_a_text_is_a_password(value: object) -> None:
    with pytest.raises(AnsibleFilterError, match="must be a text") as refused:
        password_weakness(value)
    assert "himawari" not in str(refused.value) and "12345678" not in str(refused.value)


def test_the_documentation_explains_every_reason_in_its_order() -> None:
    returned = yaml.safe_load(plugin.RETURN)["_value"]
    told = [line for line in returned["description"] if line.startswith("V(")]
    assert [line[2:].partition(")")[0] for line in told] == list(REASONS)
    for line, meaning in zip(told, REASONS.values(), strict=True):
        assert line.partition("), ")[2].removesuffix(".") in (meaning, *_SAID_OTHERWISE), line


_SAID_OTHERWISE = ("there is none, or only spaces", "it is made from one of O(words)",
                   "nothing of this, but it has too few characters for what they are")  # fmt: skip


def test_the_page_explains_every_reason() -> None:
    page = (Path(__file__).parents[4] / "docs" / "variables.md").read_text(encoding="utf-8")
    section = page.partition("## Would somebody guess this password?")[2].partition("\n## ")[0]
    assert [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")] == list(REASONS)


def test_what_the_core_takes_is_what_the_filter_documents() -> None:
    documented = yaml.safe_load(plugin.DOCUMENTATION)["options"]
    (function,) = (node for node in ast.parse(Path(plugin.__file__).read_text(encoding="utf-8")).body
                   if isinstance(node, ast.FunctionDef) and node.name == "_password_weakness")  # fmt: skip
    assert [argument.arg for argument in function.args.args[1:]] == [name for name in documented if name != "_input"]
