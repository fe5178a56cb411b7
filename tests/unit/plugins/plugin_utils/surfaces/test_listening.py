# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What listens and no other surface answers for: never silent, and never a pass without a reason."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Exposure, Level
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces import listening
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sockets import Socket
from hypothesis import example, given
from hypothesis import strategies as st

LISTENING = next(surface for surface in PLATFORM.surfaces if surface.name == "listening")
JUDGED = sorted({program for surface in PLATFORM.surfaces for program in surface.programs})
ASKED = next(read for read in LISTENING.reads if read.follow)
INTENT = Intent(site="k7", host="k7-panel", label="K-7Q2MXA", today="2026-01-10")

OPEN = {"status": 200, "asks": "", "to": "", "title": "Pump", "password": False, "scripts": False, "empty": False}
MUTE = {"error": "no answer in HTTP (TimeoutError)"}


def listeners(*rows: tuple[str, str, int, str]) -> str:
    """As host_read tells them."""
    return json.dumps([{"protocol": a, "address": b, "port": c, "program": d} for a, b, c, d in rows], sort_keys=True)


def host(*rows, **answers) -> Raw:
    told = {f"@http {port[1:]}": Output(json.dumps(answer).encode()) for port, answer in answers.items()}
    return Raw({"listeners": {"@listeners": Output(listeners(*rows).encode())}, ASKED.name: told})


def judged(raw: Raw, intent: Intent = INTENT):
    return list(LISTENING.judge(LISTENING.parse(raw), intent))


def said(http, https=None, intent: Intent = INTENT):
    found = judged(
        host(("tcp", "0.0.0.0", 9000, "panel"), p9000={"http": {**http, "error": ""}, "https": https or MUTE}), intent
    )
    assert len(found) == 1
    return found[0]


def asked(*rows) -> list[str]:
    return re.findall(ASKED.follow.pattern, listeners(*rows), re.MULTILINE)


@pytest.mark.parametrize("program", JUDGED)
def test_what_another_surface_answers_for_is_left_to_it_and_not_asked(program):
    row = ("tcp", "0.0.0.0", 9000, program)
    assert [one.status for one in judged(host(row))] == [Status.PASS]
    assert asked(row) == []


def test_a_surface_that_finds_nothing_of_its_program_does_not_answer_for_it():
    raw = host(("tcp", "0.0.0.0", 22, "sshd"), ("tcp", "0.0.0.0", 9000, "sshd"))
    gone = Raw({**raw.outputs, "sshd.effective": {"sshd -T": Output(error="missing")}})
    assert [one.status for one in judged(gone)] == [Status.UNKNOWN, Status.UNKNOWN]


def test_a_program_is_answered_for_by_one_surface_that_judges_a_login():
    assert len(JUDGED) == sum(len(surface.programs) for surface in PLATFORM.surfaces), "one program, one surface"
    for surface in PLATFORM.surfaces:
        if surface.programs or surface.hidden_at:
            assert any(control.startswith("A1.") for control in surface.controls), surface.name


@example(protocol="udp", port=546, program="0")
@example(protocol="udp", port=546, program="dhcpcd")
@given(
    protocol=st.sampled_from(("tcp", "udp")),
    port=st.integers(1, 32767),
    program=st.text(max_size=20).filter(lambda name: name not in JUDGED),
)
@example(protocol="udp", port=546, program="dhclient")
@example(protocol="udp", port=546, program="another")
def test_whatever_else_listens_is_a_finding_and_passes_only_as_infrastructure(protocol, port, program):
    found = judged(host((protocol, "2001:db8::7", port, program)))
    hidden = not program and f"{protocol} {port}" in {at for surface in PLATFORM.surfaces for at in surface.hidden_at}
    infrastructure = program and program in listening.INFRASTRUCTURE.get(f"{protocol} {port}", ((), ""))[0]
    assert [one.status for one in found] == [Status.PASS if hidden or infrastructure else Status.UNKNOWN]
    assert found[0].status is Status.PASS or str(port) in found[0].why


def test_loopback_and_a_clients_own_ports_are_no_ones_to_reach():
    found = judged(
        host(("tcp", "127.0.0.1", 9000, "panel"), ("tcp", "::1", 9000, "panel"), ("udp", "0.0.0.0", 40000, "x"))
    )
    assert [one.status for one in found] == [Status.PASS]


@pytest.mark.parametrize(
    ("bound", "called", "answers"),
    [
        ("0.0.0.0", "127.0.0.1", True),
        ("0.0.0.0", "::1", False),
        ("::", "::1", True),
        ("::", "127.0.0.1", True),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("::1", "127.0.0.1", False),
    ],
)
def test_a_socket_answers_who_may_reach_it(bound, called, answers):
    assert Socket("tcp", 80, bound).answers(called) is answers


def test_a_port_of_infrastructure_excuses_no_other_program():
    assert [one.status for one in judged(host(("udp", "0.0.0.0", 123, "chronyd")))] == [Status.PASS]
    assert [one.status for one in judged(host(("udp", "0.0.0.0", 123, "panel")))] == [Status.UNKNOWN]
    assert [one.status for one in judged(host(("tcp", "0.0.0.0", 123, "chronyd")))] == [Status.UNKNOWN]


def test_one_finding_for_a_program_at_a_port_on_all_its_addresses():
    found = judged(host(("tcp", "0.0.0.0", 9000, "panel"), ("tcp", "::", 9000, "panel"), ("tcp", "::", 9001, "panel")))
    assert [one.evidence["addresses"] for one in found] == [["0.0.0.0", "::"], ["::"]]


def test_an_open_page_is_a_gap_that_says_who_can_close_it():
    found = said(OPEN)
    assert found.status is Status.GAP and not found.changes
    assert "9000" in found.why and "panel" in found.why and "login_required_fronts" in found.fix


def test_an_open_page_over_either_scheme_is_a_gap():
    assert said({**OPEN, "status": 401}, {**OPEN, "error": ""}).status is Status.GAP


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 401, "asks": "Basic"},
        {"status": 403},
        {"password": True},
        {"status": 302, "to": "https://192.0.2.1/"},
        {"status": 404},
        {"empty": True},
        {"scripts": True},
    ],
    ids=["401", "403", "form", "redirect", "404", "empty", "scripts"],
)
def test_one_page_never_proves_a_login_for_all(answer):
    assert said({**OPEN, **answer}).status is Status.MANUAL


def test_what_is_meant_to_be_public_is_no_gap():
    def declared(*paths):
        exposure = Exposure(Level.PUBLIC_VIEW, "river level", "owner", "2026-01-01", "2026-12-31", paths)
        return Intent(site="k7", host="k7-panel", today="2026-01-10", exposure=exposure)

    assert said(OPEN, intent=declared("/")).status is Status.PASS
    assert said(OPEN, intent=declared("/cam")).status is Status.GAP


def test_only_unjudged_ports_that_take_a_question_without_harm_are_asked():
    rows = [
        ("tcp", "0.0.0.0", 9000, "panel"), ("tcp", "::", 9443, "python3.11"), ("tcp", "0.0.0.0", 9100, "panel"),
        ("tcp", "0.0.0.0", 7777, "ser2net"), ("tcp", "127.0.0.1", 9002, "panel"), ("tcp", "::1", 9003, "panel"),
        ("udp", "0.0.0.0", 9004, "panel"), ("tcp", "0.0.0.0", 502, "modbusd"), ("tcp", "0.0.0.0", 8081, "nginx"),
        ("tcp", "0.0.0.0", 8080, "panel"), ("tcp", "0.0.0.0", 8088, ""),
    ]  # fmt: skip
    assert asked(*rows) == ["9000", "9443", "8080"]
    assert asked() == []


def test_hostile_answers_are_shown_and_never_trusted():
    found = said({**OPEN, "title": "\x1b[2J" + "x" * 5000})
    assert "\x1b" not in found.why and len(found.why) < 400
    for noise in (b"[]", b'{"http": 7}', b"\xff", b'{"http": {"status": "x"}}'):
        raw = host(("tcp", "0.0.0.0", 9000, "panel"))
        with pytest.raises(Unreadable):
            LISTENING.parse(Raw({**raw.outputs, ASKED.name: {"@http 9000": Output(noise)}}))
