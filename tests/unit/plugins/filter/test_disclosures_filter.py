# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter as a playbook calls it: its examples, the form of what it returns, and what it refuses."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.iot_site.checklist.plugins.filter import disclosures as plugin
from ansible_collections.iot_site.checklist.plugins.plugin_utils.facility_words import JAPANESE

disclosures = plugin.FilterModule().filters()["disclosures"]
assert callable(disclosures)


def test_the_first_example_finds_all_four_categories() -> None:
    title = "KKK浄水場 RTX830 Rev.15.02"
    told = disclosures(title, surface="html_title", known=["KKK"])
    assert [(one["category"], one["kind"], one["match"]) for one in told] == [
        ("facility", "own", "KKK"),
        ("facility", "water", "浄水場"),
        ("device", "model", "RTX830"),
        ("version", "number", "Rev.15.02"),
    ]
    assert all(title[slice(*one["span"])] == one["match"] and 0 < one["confidence"] <= 1 for one in told)


def test_what_it_returns_is_what_it_documents_and_plain_json() -> None:
    (one,) = disclosures("弘前市")
    assert set(one) == set(yaml.safe_load(plugin.RETURN)["_value"]["contains"])
    assert json.loads(json.dumps(one)) == one


def test_the_examples_do_what_they_say(tmp_path: Path) -> None:
    """The first shows all that is given away; the second stops at a host's name that tells something."""
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "tasks": yaml.safe_load(plugin.EXAMPLES),
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play], allow_unicode=True), encoding="utf-8")
    run = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-e", "new_name=hirosaki-sw3",
         "-e", "{iot_site_words: []}", "play.yml"],
        cwd=tmp_path, env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp")},
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 2, run.stdout + run.stderr
    assert '"kind": "water"' in run.stdout and "ok=1" in run.stdout and "failed=1" in run.stdout


def test_the_kind_of_a_facility_is_which_kind_of_site() -> None:
    for kind, words in JAPANESE.items():
        word = words.split()[0].partition(":")[0]
        assert kind in {one["kind"] for one in disclosures(f"第一{word}")}, word


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ((None,), "the text must be a text"),
        ((["弘前"],), "the text must be a text"),
        (("x", 3), "surface must be a text"),
        (("x", "", "弘前"), "known must be a list of texts"),
        (("x", "", ["弘前", 3]), "word 2 of known must be a text"),
    ],
)
def test_a_wrong_type_is_named(arguments: tuple[object, ...], wrong: str) -> None:
    with pytest.raises(AnsibleFilterError, match=wrong):
        disclosures(*arguments)


def test_what_the_core_takes_is_what_the_filter_documents() -> None:
    documented = yaml.safe_load(plugin.DOCUMENTATION)["options"]
    (function,) = (
        node
        for node in ast.parse(Path(plugin.__file__).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "_disclosures"
    )
    assert [argument.arg for argument in function.args.args[1:]] == [name for name in documented if name != "_input"]
