# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that tells somebody to set a variable names one that exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

COLLECTION = Path(__file__).parents[3]
ROLES = sorted(path.parent.parent for path in COLLECTION.glob("roles/*/meta/argument_specs.yml"))

#: Words of the same form that are no variable of the inventory.
FACTS = {
    "iot_site_state",
    "iot_site_context",
    "iot_site_finding",
    "iot_site_checked",
    "iot_site_marks",
    "iot_site_outside",
    "iot_site_before",
}
BEGINNINGS = (
    "iot_site_findings_",
    "iot_site_plan_",
    "iot_site_people_",
)  # and a control, an item, a list
NAMES = {
    "iot_site_checklist",
    "iot_site_checklist_fronts",  # our tables of nftables
    "iot_site_checklist_connection",  # a variable of nginx
    "iot_site_vantage_hosts",  # an inventory group
    "iot_site_secrets",  # the directory beside an inventory
}
EXAMPLES = {"report_sites"}  # of the documentation of a module

pytestmark = pytest.mark.once

_WORD = re.compile(rf"(?<![\w./-])(?:{'|'.join(role.name for role in ROLES)})_[a-z0-9_]+(?![\w./-]*/)")


@cache
def declared() -> frozenset[str]:
    specs = [yaml.safe_load((role / "meta/argument_specs.yml").read_text(encoding="utf-8")) for role in ROLES]
    entries = [entry for spec in specs for entry in spec["argument_specs"].values()]
    return frozenset(name for entry in entries for name in entry.get("options") or {})


def words(source: str) -> Iterator[tuple[int, str]]:
    """``(line, word)`` in every string of a Python file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, word) for word in _WORD.findall(node.value))


def is_known(word: str) -> bool:
    return word in declared() | FACTS | NAMES | EXAMPLES or word.startswith(BEGINNINGS)


def test_every_variable_that_a_message_names_is_declared():
    plugins = sorted((COLLECTION / "plugins").rglob("*.py"))
    found = [(path, line, word) for path in plugins for line, word in words(path.read_text(encoding="utf-8"))]
    assert {"iot_site_people", "ip_allowlist_enforce_with"} <= {word for _path, _line, word in found}
    unknown = [f"{path.relative_to(COLLECTION)}:{line} {word}" for path, line, word in found if not is_known(word)]
    assert not unknown


@pytest.mark.parametrize("word", ["iot_site_consent", "iot_site_lable", "banner_blanking_hostname", "report_dir"])
def test_a_word_that_no_role_declares_is_found(word):
    source = f'fix = f"{{host}}: set {word}: true, or look at /etc/iot_site_checklist/x of iot_site.checklist"'
    assert [found for _line, found in words(source)] == [word]
    assert not is_known(word)
