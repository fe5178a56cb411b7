# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Device text made safe to print."""

from __future__ import annotations

import unicodedata

from ansible_collections.iot_site.checklist.plugins.plugin_utils.display import show
from hypothesis import given
from hypothesis import strategies as st


def test_controls_are_shown_and_never_sent():
    assert show("a\x1b[2J\r\nb\u202e\u200b\ud800") == "a\\x1b[2J\\x0d\\x0ab\\u202e\\u200b\\ud800"


def test_a_line_feed_is_not_the_issue_escape_for_the_host_name():
    assert show("\\n\n") == "\\n\\x0a"


def test_what_is_cut_off_is_counted():
    assert show("x" * 12, 10) == "xxxxxxxxxx… (+2 characters)"


@given(text=st.text(), lines=st.booleans())
def test_nothing_in_the_result_acts_on_a_terminal_and_it_is_bounded(text, lines):
    shown = show(text, 50, lines=lines)
    acting = {char for char in shown if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"}
    assert acting <= ({"\n", "\t"} if lines else set())
    assert len(shown) <= 50 * len("\\U00000000") + 40
