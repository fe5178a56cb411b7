# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the variables in every role's README.md from its argument specification: python tests/tools/role_readmes.py

tests/unit/roles/test_roles.py fails when one is out of date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).parents[2] / "roles"
_HEADING = "## Variables\n\n"
_NOTE = "<!-- Written by tests/tools/role_readmes.py from meta/argument_specs.yml: change that instead. -->"
#: The markup of Ansible's documentation that our descriptions use.
_MARKUP = re.compile(r"\b[CVOMPIB]\(([^()]*)\)")


def readme(role: Path) -> str:
    """The README of one role, whole: the section of variables new, everything else as it stands."""
    (spec,) = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))[
        "argument_specs"
    ].values()
    path = role / "README.md"
    standing = path.read_text(encoding="utf-8") if path.exists() else _first(role.name, spec)
    before, _heading, section = standing.partition(_HEADING)
    _old, following, after = section.partition("\n## ")
    return f"{before.rstrip()}\n\n{_HEADING}{_section(spec.get('options') or {})}{following}{after}"


def _first(name: str, spec: Mapping[str, Any]) -> str:
    """What a new role begins with."""
    description = " ".join(_sentences(spec.get("description", [])))
    return f"# {name}\n\n{spec['short_description']}.\n\n{description}\n"


def _section(options: Mapping[str, Mapping[str, Any]]) -> str:
    return "\n".join([_NOTE, "", *_variables(options)])


def _variables(options: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if not options:
        yield "None of its own; see [iot_site](../iot_site/README.md) for those that every role reads."
        yield ""
        return
    yield "| variable | form | default | meaning |"
    yield "|---|---|---|---|"
    for name, option in options.items():
        yield _row(name, option)
        for key, suboption in (option.get("options") or {}).items():
            yield _row(f"{name}[].{key}" if option["type"] == "list" else f"{name}.{key}", suboption)
    yield ""


def _row(name: str, option: Mapping[str, Any]) -> str:
    form = f"list of {option['elements']}" if "elements" in option else option.get("type", "str")
    if "choices" in option:
        form += ": " + ", ".join(str(choice) for choice in option["choices"])
    default = f"`{json.dumps(option['default'], ensure_ascii=False)}`" if "default" in option else ""
    meaning = " ".join(_sentences(option["description"]))
    return f"| `{name}` | {form} | {default} | {meaning.replace('|', chr(92) + '|')} |"


def _sentences(description: str | list[str]) -> list[str]:
    """Raises where YAML made a mapping of a sentence with a colon."""
    sentences = [description] if isinstance(description, str) else description
    return [_MARKUP.sub(r"`\1`", sentence) for sentence in sentences]


if __name__ == "__main__":
    for role in sorted(path.parent.parent for path in ROLES.glob("*/meta/argument_specs.yml")):
        (role / "README.md").write_text(readme(role), encoding="utf-8")
