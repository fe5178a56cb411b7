# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session has proved of passwords, from the transport to whoever judges them."""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.session_secrets import (
    BECOME,
    SESSION_SECRETS,
    asked,
    login,
    only_asked,
    outputs,
    taken,
)
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.one_of(st.just(BECOME), st.builds(login, st.text(max_size=8)), st.sampled_from([asked("console"), asked("")]))


def read(found):
    return Raw({SESSION_SECRETS.name: found})


@given(st.dictionaries(KEYS, st.text(min_size=1, max_size=12)))
def test_what_was_taken_arrives_as_it_was(passwords):
    assert taken(read(outputs(passwords))) == passwords


def test_it_is_a_secret_read_and_no_password_is_shown():
    assert SESSION_SECRETS.secret
    assert taken(read(outputs({BECOME: ""}))) == {}, "no password was asked for"


def test_what_a_question_was_answered_with_is_told_from_what_opened_the_session():
    raw = read(outputs({login("noc-a"): "one", BECOME: "two", asked(BECOME): "two", asked("console"): "three"}))
    assert taken(read(only_asked(raw))) == {asked(BECOME): "two", asked("console"): "three"}


def test_nobody_asked_and_an_answer_that_is_not_ours_prove_nothing():
    assert taken(Raw()) == {}
    assert taken(read({"@session_secrets": Output(b"\xff"), "become": Output(b"\xff", rc=1)})) == {}
