# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guessing a password by a login: never more than three tries, never without a clean refusal, never past a lock."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.account_passwords import Device
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Authorisation
from ansible_collections.iot_site.checklist.plugins.plugin_utils.discovery import PLATFORMS
from ansible_collections.iot_site.checklist.plugins.plugin_utils.login_tests import (
    MOST_ACCOUNTS,
    Answer,
    Heard,
    Outcome,
    Step,
    Subject,
    by_http,
    by_ssh,
    forbidden,
    hidden,
    judge,
    offer,
    probed,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Consent, Intent, Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from hypothesis import given
from hypothesis import strategies as st

GUESS, WRONG = "planted-guess", "planted-wrong"
SIGNS = {Answer.LOCKED, Answer.LOST}
INTENT = Intent("k7", "k7-gw", today="2026-11-22")
ALLOWED = Authorisation("水道課長", "2026-11-20", "2027-03-31", frozenset({"read", "login_test"}))


def subject(account="vendor", service="ssh", port=0):
    return Subject(service, account, "factory", Secret(GUESS), f"change {account}", port)


class Device7:
    """A device with its answers; it writes down what it was asked."""

    def __init__(self, answers):
        self.answers = iter(answers)
        self.asked = []
        self.open = 0

    def knock(self, subject):
        return _Peer(self, subject)

    def test(self, *subjects, ours=()):
        return probed(subjects, self.knock, lambda: Secret(WRONG), ours)


class _Peer:
    def __init__(self, device, subject):
        self.device, self.subject = device, subject
        device.open += 1

    def ask(self, secret):
        heard = next(self.device.answers, Heard(Answer.REFUSED))
        self.device.asked.append((self.subject, secret.reveal() if secret else None, heard))
        return heard

    def close(self):
        self.device.open -= 1


def heard(*answers):
    return [Heard(answer) for answer in answers]


ANSWERS = st.lists(
    st.builds(Heard, st.sampled_from(Answer), st.floats(0, 60), st.sampled_from(["", "it answers 429"])), max_size=30
)
SUBJECTS = st.lists(
    st.builds(
        subject, st.sampled_from(["a", "b", "c", "noc-a", "{}"]), st.sampled_from(["ssh", "http"]),
        st.sampled_from([0, 80, 8080]),
    ),
    max_size=10,
)  # fmt: skip


@given(ANSWERS, SUBJECTS)
def test_an_account_is_tried_three_times_at_most_whatever_the_device_answers(answers, subjects):
    device = Device7(answers)
    told = device.test(*subjects)
    for name in {one.account for one in subjects}:
        by_name = [secret for one, secret, _heard in device.asked if one.account == name]
        named = [
            one for one, secret, _heard in device.asked if one.account == name and (secret or one.service == "ssh")
        ]
        assert len(named) <= 3 and by_name.count(GUESS) <= 1 and by_name.count(WRONG) <= 1
    for service in ("ssh", "http"):
        assert (
            len({one.account for one, secret, _ in device.asked if one.service == service and secret}) <= MOST_ACCOUNTS
        )
    assert len(told) == len(subjects) and device.open == 0


@given(ANSWERS, SUBJECTS)
def test_nothing_is_tried_after_the_first_sign_of_a_lock(answers, subjects):
    device = Device7(answers)
    told = device.test(*subjects)
    sent = [place for place, (_one, secret, _heard) in enumerate(device.asked) if secret]
    signs = [
        place for place, (_one, _secret, said) in enumerate(device.asked)
        if said.answer is Answer.LOCKED or (said.answer is Answer.LOST and sent and sent[0] <= place)
    ]  # fmt: skip
    assert not signs or signs[0] == len(device.asked) - 1
    stopped = [place for place, one in enumerate(told) if one.outcome is Outcome.STOPPED]
    assert not stopped or all(one.outcome is Outcome.LEFT for one in told[stopped[0] + 1 :])


@given(ANSWERS, SUBJECTS)
def test_no_guess_without_a_refusal_of_nothing_and_of_a_wrong_one(answers, subjects):
    device = Device7(answers)
    told = device.test(*subjects)
    for place, (one, secret, _heard) in enumerate(device.asked):
        if secret == GUESS:
            before = device.asked[place - 2 : place]
            assert [(asked, said, last.answer) for asked, said, last in before] == [
                (one, None, Answer.REFUSED), (one, WRONG, Answer.REFUSED),
            ]  # fmt: skip
    for one in told:
        assert (one.outcome is Outcome.FOUND) <= (one.steps == tuple(Step))


@given(ANSWERS, SUBJECTS)
def test_the_accounts_of_the_run_are_left_alone(answers, subjects):
    device = Device7(answers)
    told = device.test(*subjects, ours={"noc-a"})
    assert not [one for one, _secret, _heard in device.asked if one.account == "noc-a"]
    assert all(one.outcome is Outcome.LEFT for one in told if one.subject.account == "noc-a")


@given(ANSWERS, SUBJECTS)
def test_no_password_is_in_what_is_told_and_nothing_passes(answers, subjects):
    told = Device7(answers).test(*subjects)
    judged = list(judge(told))
    assert judged and GUESS not in repr((told, judged)) and WRONG not in repr((told, judged))
    assert all(one.status is not Status.PASS and not one.changes for one in judged)
    assert bool(subjects) == all(one.status is not Status.NOT_APPLICABLE for one in judged)


R, IN = Answer.REFUSED, Answer.IN


@pytest.mark.parametrize(
    ("answers", "outcome", "status", "says"),
    [
        ((R, R, IN), Outcome.FOUND, Status.GAP, "has a password that devices are shipped with (rule factory)"),
        ((R, R, R), Outcome.REFUSED, Status.MANUAL, "says nothing of others"),
        ((IN,), Outcome.OPEN, Status.MANUAL, "that is A1"),
        ((R, IN), Outcome.OPEN, Status.MANUAL, "that is A1"),
        ((Answer.OTHER,), Outcome.OTHER, Status.MANUAL, "was not tried"),
        ((Answer.LOST,), Outcome.UNREACHED, Status.UNKNOWN, "was not tried"),
        ((R, Answer.OTHER), Outcome.STOPPED, Status.UNKNOWN, "first sign of a lock"),
        ((R, Answer.LOST), Outcome.STOPPED, Status.UNKNOWN, "first sign of a lock"),
        ((R, R, Answer.LOCKED), Outcome.STOPPED, Status.UNKNOWN, "first sign of a lock"),
        ((Answer.LOCKED,), Outcome.STOPPED, Status.UNKNOWN, "first sign of a lock"),
    ],
)  # fmt: skip
def test_what_each_answer_means(answers, outcome, status, says):
    device = Device7(heard(*answers))
    (told,) = device.test(subject())
    (judged,) = judge([told])
    assert (told.outcome, judged.status, len(device.asked)) == (outcome, status, len(answers))
    assert says in judged.why and "vendor (ssh)" in judged.why and judged.fix
    assert judged.evidence == {"tries of vendor (ssh)": f"{len(answers)}: {', '.join(list(Step)[: len(answers)])}"}


def test_a_growing_delay_is_a_sign_of_a_lock():
    slow = Device7([Heard(R, 1), Heard(R, 2.0), Heard(R, 6.1)])
    assert [one.outcome for one in slow.test(subject("a"), subject("b"))] == [Outcome.STOPPED, Outcome.LEFT]
    usual = Device7([Heard(R, 0.1), Heard(R, 2.0), Heard(R, 3.9)])
    assert [one.outcome for one in usual.test(subject())] == [Outcome.REFUSED], "a refusal may take its time"


def test_what_is_not_reached_ends_no_other_test():
    device = Device7(heard(Answer.LOST, R, R, IN))
    told = device.test(subject("a", "http", 80), subject("b", "http", 81))
    assert [one.outcome for one in told] == [Outcome.UNREACHED, Outcome.FOUND]


def test_a_guess_from_the_name_of_the_account_is_a_weak_password():
    told = Device7(heard(R, R, IN)).test(replace(subject(), rule="user"))
    assert [one.control for one in judge(told)] == ["C1.weak_password"]
    assert [one.control for one in judge(Device7(heard(R, R, IN)).test(subject()))] == ["C1.default_password"]


def test_what_is_published_for_the_account_is_guessed_first_and_else_its_name():
    told = [{"account": name, "outcome": "unknown", "shipped_name": ""} for name in ("manager", "vendor", "seen")]
    told[2]["outcome"] = "not_found"
    found = hidden({"accounts": told}, {"manager", "vendor", "seen"})
    guessed = list(by_ssh(found, Device("Allied Telesis", "x510-28GTX"), "username {} password"))
    assert [(one.account, one.rule, one.guess.reveal()) for one in guessed] == [
        ("manager", "factory", "friend"), ("vendor", "user", "vendor"),
    ]  # fmt: skip
    assert guessed[0].change == "username manager password"


def test_what_a_factory_names_is_tried_before_others():
    told = [
        {"account": name, "outcome": "unknown", "shipped_name": named} for name, named in (("x", ""), ("admin", "s"))
    ]
    assert [one["account"] for one in hidden({"accounts": told}, {"x", "admin"})] == ["admin", "x"]
    assert hidden({"unreadable": "not understood"}, {"x"}) == []


@pytest.mark.parametrize(
    ("device", "account", "guess", "rule"),
    [
        (Device(), "admin", "admin", "factory"),
        (Device("Axis", "2100"), "root", "pass", "factory"),
        (Device("MikroTik", "RB750"), "admin", "", "empty"),
        (Device("VIVOTEK", "IP2121", "0002D1A7"), "root", "0002D1A7", "factory"),
    ],
)
def test_a_panel_is_asked_for_the_account_that_it_is_shipped_with(device, account, guess, rule):
    (one,) = by_http([8080], device)
    assert (one.service, one.port, one.account, one.rule) == ("http", 8080, account, rule)
    assert one.guess.reveal() == guess


def test_a_router_is_asked_by_ssh_for_those_whom_ssh_lets_in_and_a_host_for_its_panels():
    accounts = [{"account": name, "outcome": "unknown", "shipped_name": ""} for name in ("vendor", "outsider")]
    router = PLATFORMS["yamaha_rtx"].login_subjects({"accounts": {"accounts": accounts, "users": ["vendor"]}})
    assert [(one.service, one.account, one.guess.reveal()) for one in router] == [("ssh", "vendor", "vendor")]
    panels = {"applications": {"reached": ["tcp 8080 panel", "udp 5000 panel", "tcp 80 nginx"]}}
    host = PLATFORMS["linux"].login_subjects(panels)
    assert [(one.service, one.port) for one in host] == [("http", 8080), ("http", 80)], "a maker's own program first"
    for platform in PLATFORMS.values():
        for state in ({}, {"accounts": {"unreadable": "no"}}, {"applications": {"absent": "no"}}):
            assert platform.login_subjects(state) == []


@pytest.mark.parametrize(
    ("authorised", "says"),
    [
        (None, "not set"),
        (replace(ALLOWED, scope=frozenset({"read", "probe", "change"})), "no login_test"),
        (replace(ALLOWED, until="2026-11-21"), "2026-11-21"),
        (replace(ALLOWED, on="2026-11-23"), "2026-11-23"),
    ],
)
def test_nobody_is_tried_without_leave_that_holds_today(authorised, says):
    assert says in forbidden(replace(INTENT, authorised=authorised))


def test_with_leave_it_is_allowed_and_a_finding_says_what_would_be_needed():
    assert forbidden(replace(INTENT, authorised=ALLOWED)) == ""
    assert "user_credentials_probe: true" in offer(INTENT) and "login_test" in offer(INTENT)
    assert offer(replace(INTENT, consent=frozenset({Consent.LOGIN_TEST}))) == ""
