# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The label says nothing to those who do not hold the secret, and always the same to those who do."""

from __future__ import annotations

import re

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.label import ALPHABET, label, weakness
from hypothesis import given
from hypothesis import strategies as st

SECRET = "correct-horse-battery-staple"
_NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)


@given(_NAMES, _NAMES)
def test_a_label_is_stable_opaque_and_fits_every_device(site: str, host: str) -> None:
    symbol = label(SECRET, site, host)
    assert symbol == label(SECRET, site, host)
    assert re.fullmatch(f"K-[{ALPHABET}]{{7}}", symbol)
    for name in (site, host):
        assert len(name) == 1 or name.upper() not in symbol.removeprefix("K-")


def test_no_symbol_is_mistaken_for_another() -> None:
    assert not set(ALPHABET) & set("0O1IL2Z5S8BU")
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_a_short_host_name_that_turns_up_by_chance_is_stepped_over() -> None:
    by_chance = [
        host for host in (a + b for a in ALPHABET for b in ALPHABET) if host in label(SECRET, "site-a", "x" + host)
    ]
    assert by_chance, "the sample is large enough to hold such names, or this test shows nothing"
    assert all(host not in label(SECRET, "site-a", host).removeprefix("K-") for host in by_chance)


def test_labels_depend_on_secret_site_and_host_and_do_not_run_together() -> None:
    symbols = {
        label(SECRET, "a", "bc"),
        label(SECRET, "ab", "c"),
        label(SECRET[::-1], "a", "bc"),
        label(SECRET, "a", "bd"),
    }
    assert len(symbols) == 4
    assert len({label(SECRET, "k7", f"host{number}") for number in range(2000)}) == 2000


@pytest.mark.parametrize(
    "secret", ["", "short", "x" * 40, "passwordpassword", "changemechangemechangeme", None, 12345678901234567890]
)
def test_a_secret_that_could_be_guessed_is_refused_without_showing_it(secret: object) -> None:
    assert weakness(secret)
    with pytest.raises(ValueError, match="expected") as refused:
        label(secret, "k7", "k7-panel")  # type: ignore[arg-type]
    assert not secret or str(secret) not in str(refused.value)


def test_a_label_needs_site_and_host() -> None:
    with pytest.raises(ValueError, match="site's id"):
        label(SECRET, "", "k7-panel")
