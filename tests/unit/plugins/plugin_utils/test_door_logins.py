# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of a door prove of a new password, and what they do not."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.door_logins import Entry, Login, entered
from ansible_collections.iot_site.checklist.plugins.plugin_utils.login_tests import Answer, Heard
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Door
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given
from hypothesis import strategies as st

NEW, WRONG = Secret("generated-for-this"), Secret("not-the-one")
IN, REFUSED, LOST = Answer.IN, Answer.REFUSED, Answer.LOST


class Service:
    """Answers in this order, the last one for ever, and remembers what it was asked."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.asked = []

    def ask(self, secret):
        self.asked.append(secret)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return Heard(answer, why=f"said {answer}")

    def close(self):
        """Nothing was opened."""


def tried(*answers):
    service, pauses = Service(*answers), []
    return service, pauses, entered(service, NEW, WRONG, lambda: pauses.append(1))


def test_only_who_refuses_nothing_and_a_wrong_one_proves_the_new_one():
    service, pauses, entry = tried(REFUSED, REFUSED, IN)
    assert entry == Entry(True) and service.asked == [None, WRONG, NEW] and not pauses


@pytest.mark.parametrize("answers", [(IN,), (REFUSED, IN)])
def test_a_door_for_everybody_proves_nothing_and_never_hears_the_new_password(answers):
    service, _pauses, entry = tried(*answers)
    assert entry.proved is None and "(A1)" in entry.why and NEW not in service.asked


def test_a_service_that_reads_its_file_anew_has_a_moment_for_it():
    service, pauses, entry = tried(REFUSED, REFUSED, REFUSED, REFUSED, IN)
    assert entry.proved and len(pauses) == 2 and service.asked.count(NEW) == 3


def test_a_new_password_that_is_refused_and_refused_is_disproved_before_anything_locks():
    service, _pauses, entry = tried(REFUSED)
    assert entry.proved is False and len(service.asked) == 5


@given(st.lists(st.sampled_from(Answer), min_size=1, max_size=5))
def test_no_other_answers_prove_or_disprove_anything(answers):
    _service, _pauses, entry = tried(*answers)
    padded = [*answers, *[answers[-1]] * 5][:5]
    first = next((answer for answer in padded[2:] if answer is not REFUSED), REFUSED)
    told = {IN: True, REFUSED: False}.get(first) if padded[:2] == [REFUSED, REFUSED] else None
    assert entry.proved is told and (entry.proved or entry.why)


def test_a_place_is_told_without_its_password_and_without_what_a_terminal_obeys():
    login = Login(Door("http", "127.0.0.1", 80, path="/\x1b[2J", site="panel"), "view\ner", NEW)
    assert login.place == r"view\x0aer at http port 80 panel/\x1b[2J"
    assert "generated" not in repr(login)
