# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How old a secret is, whatever the clocks said."""

from __future__ import annotations

from datetime import date, timedelta

from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret_age import days_old, too_old
from hypothesis import given
from hypothesis import strategies as st


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(-4000, 4000), st.integers(0, 3650))
def test_it_is_too_old_from_the_day_after_its_last_one(today, age, most):
    made = f"{today - timedelta(days=age)}T23:59:59Z"
    intent = Intent(site="k7", host="gw", today=str(today), max_age_days=most)
    assert days_old(made, intent.today) == (None if age < -1 else max(age, 0))
    assert too_old(made, intent) is (0 < most < age)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_in_the_place_of_a_day_raises(made, today):
    assert too_old(made, Intent(site="k7", host="gw", today=today, max_age_days=1)) in (True, False)
