# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the disclosure detector finds in texts with labels, and that its page says so."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.naming import Category

from tests.tools.disclosure_figures import PAGE, figures, labelled, page

#: The least of the texts that a category is in; the most of the neutral texts.
GOALS = {Category.FACILITY: 0.95, Category.REGION: 0.95, Category.DEVICE: 0.9, Category.VERSION: 0.95}
FALSE_ALARMS = 0.01


@pytest.mark.parametrize("half", ["dev", "test"])
def test_the_goals_are_reached(half: str) -> None:
    counted = figures(labelled(half))
    reached = {category: counted.recall(category) for category in Category}
    assert {category: told for category, told in reached.items() if told < GOALS[category]} == {}
    assert counted.alarms <= FALSE_ALARMS * counted.neutral


def test_no_text_is_in_both_halves_and_there_are_enough() -> None:
    dev, test = ({one.text for one in labelled(half)} for half in ("dev", "test"))
    assert not dev & test
    assert len(dev) + len(test) >= 600


def test_the_page_has_the_figures_of_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.tools.disclosure_figures"
