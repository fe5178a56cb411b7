# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before and after: each endpoint is compared with itself, seen from the same vantage."""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.outside.progress import since

from tests.unit.plugins.plugin_utils.outside.looks import PLACE, STRANGER, Vantage, findings, one, result, row

TEXTS = [
    {"surface": "html_title", "text": "第一浄水場", "cut": False},
    {"surface": "http_server", "text": "x", "cut": False},
]
OPEN = findings(result(row(state="open_without_login", kind="https", texts=TEXTS)))
CLOSED = findings(result(row()))


def was(control: str, before: list, after: list, surface: str = PLACE) -> object:
    found = one(control, since(before, after), surface)
    told = found.evidence.get("was")
    return (told["status"], found.status.value) if isinstance(told, dict) else (None, found.status.value)


def test_what_was_open_and_is_refused_now_says_both() -> None:
    assert [was(f"{item}.outside", OPEN, CLOSED) for item in ("A2", "A1", "B1")] == [("gap", "pass")] * 3


def test_what_was_refused_and_is_open_now_says_both() -> None:
    assert was("A2.outside", CLOSED, OPEN) == ("pass", "gap")


def test_without_a_first_look_nothing_is_said_of_before() -> None:
    assert was("A2.outside", [], CLOSED) == (None, "pass")


def test_another_vantage_is_no_before() -> None:
    other = Vantage("another", STRANGER.sources, STRANGER.expects, STRANGER.controls)
    before = findings(result(row(state="open")), other)
    assert was("A2.outside", before, CLOSED) == (None, "pass")


def test_a_status_is_never_changed_by_what_was_before() -> None:
    assert [each.status for each in since(OPEN, CLOSED)] == [each.status for each in CLOSED]
    assert Status.FIXED not in {each.status for each in since(OPEN, CLOSED)}
