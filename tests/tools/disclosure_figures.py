# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the figures of the disclosure detector into docs/disclosures.md: python -m tests.tools.disclosure_figures

tests/unit/plugins/plugin_utils/test_disclosure_figures.py fails when they are out of date, or fall below the goals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.iot_site.checklist.plugins.plugin_utils.disclosure import disclosures
from ansible_collections.iot_site.checklist.plugins.plugin_utils.naming import Category

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "disclosures.md"
TEXTS = _ROOT / "tests" / "unit" / "plugins" / "plugin_utils" / "disclosures"

_HEADING = "## Figures\n\n"
_NOTE = "<!-- Written by tests/tools/disclosure_figures.py: run that instead. -->"
_LETTERS = {"f": Category.FACILITY, "r": Category.REGION, "d": Category.DEVICE, "v": Category.VERSION}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text of ``TEXTS``, and what it is said to disclose."""

    surface: str
    wanted: frozenset[Category]
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """``found`` of ``wanted`` texts for each category, and ``alarms`` on ``neutral`` ones."""

    wanted: dict[Category, int]
    found: dict[Category, int]
    neutral: int
    alarms: int

    def recall(self, category: Category) -> float:
        return self.found[category] / self.wanted[category]


def labelled(half: str) -> Iterator[Labelled]:
    """The texts of one half, ``dev`` or ``test``."""
    for path in sorted(TEXTS.glob(f"*_{half}.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                surface, letters, text = line.split("\t")
                yield Labelled(surface, frozenset(_LETTERS[one] for one in letters if one != "-"), text)


def figures(texts: Iterable[Labelled]) -> Figures:
    wanted, found = dict.fromkeys(Category, 0), dict.fromkeys(Category, 0)
    neutral = alarms = 0
    for one in texts:
        told = {each.category for each in disclosures(one.text, (), one.surface)}
        neutral += not one.wanted
        alarms += not one.wanted and bool(told)
        for category in one.wanted:
            wanted[category] += 1
            found[category] += category in told
    return Figures(wanted, found, neutral, alarms)


def page() -> str:
    """docs/disclosures.md, whole: the section of figures new, everything else as it stands."""
    before, _heading, section = PAGE.read_text(encoding="utf-8").partition(_HEADING)
    _old, following, after = section.partition("\n## ")
    return f"{before}{_HEADING}{_section()}{following}{after}"


def _section() -> str:
    test = list(labelled("test"))
    rows = [
        ("| texts | " + " | ".join(Category) + " | false alarms |"),
        "|---" * (len(Category) + 2) + "|",
        _row("dev, all surfaces", figures(labelled("dev"))),
        _row("test, all surfaces", figures(test)),
    ]
    for surface in sorted({one.surface for one in test}):
        rows.append(_row(f"test, `{surface}`", figures(one for one in test if one.surface == surface)))
    return "\n".join([_NOTE, "", *rows, ""])


def _row(name: str, counted: Figures) -> str:
    recalls = (f"{counted.found[one]} of {counted.wanted[one]}" if counted.wanted[one] else "" for one in Category)
    alarms = f"{counted.alarms} of {counted.neutral}" if counted.neutral else ""
    return f"| {name} | {' | '.join(recalls)} | {alarms} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
