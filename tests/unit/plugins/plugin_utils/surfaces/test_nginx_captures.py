# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx as real machines have it (nginx/README.md): stock, overridden deeper, IPv6, another port, loopback, broken."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Absent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Raw

from tests.unit.plugins.plugin_utils.captures import load
from tests.unit.plugins.plugin_utils.surfaces.test_nginx import INTENT, NGINX

CAPTURES = Path(__file__).parent / "nginx"
SITE = "/etc/nginx/sites-enabled/panel"


@cache
def capture(name: str) -> Raw:
    return load(CAPTURES / name / "capture.json")


def verdicts(name: str, control: str):
    return [one for one in NGINX.judge(NGINX.parse(capture(name)), INTENT) if one.control == control]


@pytest.mark.parametrize("name", ["stock", "ipv6", "port"])
@pytest.mark.parametrize("control", ["A1.web", "A2.web", "B1.http_header"])
def test_an_open_machine_is_a_gap_that_one_file_of_ours_closes(name, control):
    (gap,) = verdicts(name, control)
    assert (gap.status, len(gap.changes)) == (Status.GAP, 1)


def test_names_on_the_stock_pages_are_gaps_and_never_a_pass():
    found = {one.status for one in verdicts("stock", "B1.http_title")}
    assert found == {Status.GAP, Status.MANUAL}


@pytest.mark.parametrize(
    ("control", "line", "word"),
    [
        ("A1.web", 8, "auth_basic off"),
        ("A1.web", 9, "satisfy any"),
        ("A1.web", 11, "stub_status"),
        ("A2.web", 9, "satisfy any"),
        ("A2.web", 10, "does not end in deny all"),
    ],
)
def test_what_overrides_the_login_or_the_list_deeper_is_shown_with_file_and_line(control, line, word):
    found = [one for one in verdicts("overridden", control) if f"{SITE}:{line}" in one.why and word in one.why]
    assert [(one.status, one.changes) for one in found] == [(Status.GAP, ())]
    assert found[0].fix


@pytest.mark.parametrize("control", NGINX.controls)
def test_a_closed_machine_passes_and_nothing_is_left_to_do(control):
    (one,) = verdicts("compliant", control)
    assert (one.status, one.changes) == (Status.PASS, ())


def test_a_server_for_the_machine_itself_is_not_applicable():
    for control in NGINX.controls:
        assert {one.status for one in verdicts("loopback", control)} == {Status.NOT_APPLICABLE}


def test_a_configuration_that_nginx_refuses_is_not_judged():
    with pytest.raises(Unreadable, match="unexpected end of file"):
        NGINX.parse(capture("broken"))


@pytest.mark.parametrize("name", [folder.name for folder in CAPTURES.iterdir() if folder.is_dir()])
def test_no_capture_is_taken_for_a_machine_without_nginx(name):
    try:
        NGINX.parse(capture(name))
    except Absent as absent:
        pytest.fail(str(absent))
    except Unreadable:
        assert name == "broken"
