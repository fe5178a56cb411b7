# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which items a run's tags leave: as if every item were a task of its role, with its id and the role for tags."""

from __future__ import annotations

import pytest
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible_collections.iot_site.checklist.plugins.plugin_utils.argspec import argument_spec
from ansible_collections.iot_site.checklist.plugins.plugin_utils.judges import JUDGES, Judge, chosen
from hypothesis import given
from hypothesis import strategies as st

EVERY = [item for judge in JUDGES for item in judge.items]
SOME = st.frozensets(
    st.sampled_from(["all", "tagged", "untagged", "always", "never", "report", *EVERY, *(j.role for j in JUDGES)])
)


def test_the_module_takes_every_item_and_no_other() -> None:
    assert set(argument_spec("every_item")["items"]["choices"]) == set(EVERY)
    assert len(EVERY) == len(set(EVERY))


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.module)
def test_a_judge_has_the_options_of_its_module(judge: Judge) -> None:
    own = {"declared", "items"}  # they stand for no variable of the role
    assert set(judge.options) == set(argument_spec(judge.module)) - own
    assert len(judge.options) == len(set(judge.options))


@pytest.mark.parametrize("item", EVERY)
def test_the_tag_of_an_item_leaves_that_item(item: str) -> None:
    assert chosen({item}, ()) == [item]
    assert chosen({"all"}, {item}) == [one for one in EVERY if one != item]


@given(run=SOME, skipped=SOME)
def test_tags_choose_what_ansible_itself_would_choose(run: frozenset[str], skipped: frozenset[str]) -> None:
    """Its own rule, asked about a task of each item."""

    def runs(*tags: str) -> bool:
        task = Task(block=Block(play=Play()))
        task.tags = list(tags)
        return bool(task.evaluate_tags(sorted(run), sorted(skipped), {}))

    assert chosen(run, skipped) == [item for judge in JUDGES for item in judge.items if runs(item, judge.role)]
