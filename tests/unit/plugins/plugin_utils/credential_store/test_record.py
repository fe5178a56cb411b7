# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of one credential: never two pendings, nothing forgotten that may open the device, no clock believed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import (
    Credential,
    Owner,
    Record,
    activate,
    candidates,
    propose,
    reinstate,
    retire,
    settled,
    withdraw,
    working,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import OutOfStep
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given
from hypothesis import strategies as st

EMPTY = Record(Owner("k7", "k7-gw", "佐藤"))
Step = Callable[[Record], Record]


def proposed(record: Record, secret: str = "Qx9-planted", made: str = "2026-11-20T09:00:00Z") -> Record:
    return propose(record, account="ops", secret=Secret(secret), surfaces=("sshd",), made=made)


ONE = activate(proposed(EMPTY))
TWO = activate(proposed(ONE))


def test_the_way_of_a_credential() -> None:
    pending = proposed(ONE, "new")
    assert pending.active == ONE.active and pending.previous is None
    active = activate(pending)
    assert (active.active, active.pending, active.previous) == (pending.pending, None, ONE.active)


def test_a_device_that_refuses_leaves_everything_as_it_was_but_the_number() -> None:
    refused = withdraw(proposed(TWO))
    assert (refused.active, refused.previous, refused.pending) == (TWO.active, TWO.previous, None)
    assert refused.counter == TWO.counter + 1, "a number is never given twice"


def test_what_may_be_on_the_device_is_not_written_over() -> None:
    with pytest.raises(OutOfStep, match=r"佐藤 on k7-gw has a pending credential already \(number 2\)"):
        proposed(proposed(ONE))


@pytest.mark.parametrize("step", [activate, withdraw, reinstate, partial(retire, at="2026-11-20T09:00:00Z")])
def test_no_step_is_made_from_nothing(step: Step) -> None:
    with pytest.raises(OutOfStep, match="佐藤 on k7-gw has no"):
        step(EMPTY)


def test_candidates_are_tried_in_their_order_and_no_further_than_needed() -> None:
    record = proposed(TWO)
    assert candidates(record) == (record.active, record.pending, record.previous)
    asked: list[Credential] = []
    assert working(record, lambda each: asked.append(each) or each == record.pending) == record.pending  # type: ignore[func-returns-value]
    assert asked == [record.active, record.pending]
    assert working(record, lambda _each: False) is None and working(EMPTY, lambda _each: True) is None


def test_after_a_run_that_was_cut_short_what_opens_becomes_active() -> None:
    record = proposed(TWO)
    active, pending, previous = candidates(record)
    assert settled(record, active) == record, "a surface may have the pending one already"
    assert settled(record, pending) == activate(record)
    back = settled(record, previous)
    assert (back.active, back.pending, back.previous) == (previous, pending, active)


def test_who_is_retired_keeps_what_a_device_could_accept_again_and_can_come_back() -> None:
    gone = retire(proposed(TWO), at="2026-11-20T09:00:00Z")
    assert gone.retired and candidates(gone) == candidates(proposed(TWO))
    assert withdraw(gone).retired and not activate(gone).retired


_STEPS: dict[str, Step] = {
    "propose": proposed, "activate": activate, "withdraw": withdraw, "reinstate": reinstate,
    "retire": partial(retire, at="2026-11-20T09:00:00Z"),
}  # fmt: skip
_CLOCK = st.sampled_from(["2026-11-20T09:00:00Z", "1970-01-01T00:00:00Z", "2099-12-31T23:59:59Z", ""])


@given(st.lists(st.tuples(st.sampled_from(sorted(_STEPS)), _CLOCK), max_size=40))
def test_whatever_the_steps_and_clocks_numbers_rise_and_nothing_recent_is_lost(steps: list[tuple[str, str]]) -> None:
    record = EMPTY
    for name, clock in steps:
        before = record
        step = partial(proposed, made=clock) if name == "propose" else _STEPS[name]
        try:
            record = step(before)
        except OutOfStep:
            assert record is before
            continue
        numbers = [each.number for each in candidates(record)]
        assert len(set(numbers)) == len(numbers) <= 3 and max(numbers, default=0) <= record.counter
        assert record.pending is None or record.pending.number == record.counter
        assert record.counter == before.counter + (name == "propose")
        lost = [each for each in candidates(before) if each not in candidates(record)]
        expected = {"withdraw": [before.pending], "activate": [before.previous] if before.active else []}.get(name, [])
        assert lost == [each for each in expected if each is not None]


def test_no_secret_is_in_what_is_printed_of_a_record_or_a_step() -> None:
    record = proposed(TWO)
    with pytest.raises(OutOfStep) as refused:
        proposed(record)
    assert "planted" not in f"{record} {record!r} {refused.value!r} {candidates(record)}"
