# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret gets out by its own word only."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given
from hypothesis import strategies as st

PLANTED = Secret("Qx9-planted-7Zk")


@dataclass(frozen=True)
class Holder:
    secret: Secret


def test_it_is_not_in_what_is_printed_or_formatted() -> None:
    shown = f"{PLANTED} {PLANTED!r} {Holder(PLANTED)} {[PLANTED]} {'%s' % PLANTED} {dir(PLANTED)}"  # noqa: UP031
    assert "planted" not in shown and "Secret(...)" in shown


@pytest.mark.parametrize(
    "takes", [as_json, json.dumps, pickle.dumps, copy.deepcopy, vars, str.encode, "{:>20}".format, "".join, hash]
)
@pytest.mark.parametrize("value", [PLANTED, Holder(PLANTED), {"secret": PLANTED}], ids=["itself", "held", "listed"])
def test_what_would_carry_it_further_refuses_or_has_nothing_of_it(takes: Callable[..., object], value: object) -> None:
    try:
        carried = repr(takes(value))
    except TypeError as refused:
        carried = "".join(traceback.format_exception(refused))
    assert "Qx9-planted" not in carried.replace('Secret("Qx9-planted-7Zk")', "")  # the line of this file itself


@given(st.text(st.characters()), st.text(st.characters()))
def test_two_are_equal_when_their_texts_are(one: str, two: str) -> None:
    assert (Secret(one) == Secret(two)) is (one == two) and Secret(one) == Secret(one)
    assert Secret(one) != one and bool(Secret(one)) is bool(one) and Secret(one).reveal() == one
