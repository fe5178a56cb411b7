# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2 on configuration texts: who has a login, who shares one, and who may become administrator.

Forms and factory values are those of Yamaha's command reference (4.1 to 4.12, 37.1). Every name is invented.
"""

from __future__ import annotations

import dataclasses
import json

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Person, Status, as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.yamaha_rtx import PLATFORM
from hypothesis import given
from hypothesis import strategies as st

from . import device
from .device import INTENT, after, config, raw

PERSON, LEFTOVER, SHARED, RIGHTS = "C2.person_account", "C2.leftover_account", "C2.shared_account", "C2.rights"
ALL = (PERSON, LEFTOVER, SHARED, RIGHTS)
NOC_A = Person("noc-a", access="admin", account="noc-a")
USER_B = Person("user-b", access="operator", account="user-b")
PEOPLE = dataclasses.replace(INTENT, people=(NOC_A, USER_B))

#: Nothing to say against: an administrator, an operator, nobody without a name.
CLOSED = (
    "login user noc-a *\nuser attribute noc-a connection=ssh administrator=on\n"
    "login user user-b *\nuser attribute user-b connection=ssh administrator=off\n"
    "user attribute connection=serial\n"
)


def declared(*people, **more):
    return dataclasses.replace(PEOPLE, people=people, **more)


def judged(text, intent=PEOPLE, **texts):
    """``{control: judgements}``, but for the one that the report settles (reuse.py)."""
    state = PLATFORM.parse(raw(show_config=text, **texts))
    found = {}
    for one in PLATFORM.judge(state, intent, "C2"):
        if one.surface == "logins":
            found.setdefault(one.control, []).append(one)
    return found


def statuses(text, intent=PEOPLE, **texts):
    return {control: {one.status for one in told} for control, told in judged(text, intent, **texts).items()}


def planned(text, intent=PEOPLE, **texts):
    state = PLATFORM.parse(raw(show_config=text, **texts))
    return PLATFORM.plan(state, intent, PLATFORM.judge(state, intent, "C2"))


def told(plan):
    return [edit.line for change in plan.changes for edit in change.edits]


def lines(text):
    return sorted(after(text, []).splitlines())


def user_in_use(name):
    return f"*+ {name}  ssh1  11/20 09:00  0:00:00  203.0.113.10\n"


# --- exposed and compliant ----------------------------------------------------------------------------------


def test_an_exposed_router_has_a_user_of_nobody_a_login_that_is_shared_and_an_operator_who_may_rise():
    found = judged(config())
    assert {control: {one.status for one in told} for control, told in found.items()} == {
        PERSON: {Status.PASS}, LEFTOVER: {Status.GAP}, SHARED: {Status.GAP}, RIGHTS: {Status.GAP},
    }  # fmt: skip
    assert found[LEFTOVER][0].why == "vendor belongs to nobody on the list"
    assert "open by telnet, http" in found[SHARED][0].why
    assert found[RIGHTS][0].why.startswith("user-b may become administrator")


def test_a_compliant_router_passes_and_nothing_is_planned():
    assert statuses(config("compliant")) == {one: {Status.PASS} for one in ALL}
    assert not planned(config("compliant")).changes


def test_the_plan_applied_to_the_text_complies_and_its_undo_brings_the_text_back():
    plan = planned(config())
    assert told(plan) == ["user attribute user-b connection=ssh,http login-timer=600 administrator=off"]
    text = after(config(), told(plan))
    assert statuses(text)[RIGHTS] == {Status.PASS} and not planned(text).changes
    assert lines(after(text, [edit.undo for change in plan.changes for edit in change.edits])) == lines(config())


# --- every person an account --------------------------------------------------------------------------------


def test_a_missing_account_is_told_with_the_line_that_makes_it():
    intent = declared(NOC_A, USER_B, Person("noc-c", access="admin", account="noc-c"), Person("第一", account=""))
    fixes = [one.fix for one in judged("login user noc-a *\n", intent)[PERSON]]
    assert "login user user-b <a generated password>, user attribute user-b administrator=off" in fixes[0]
    assert fixes[1] == "login user noc-c <a generated password>, then save."
    assert fixes[2].startswith("Set account")
    assert statuses(CLOSED, intent)[PERSON] == {Status.GAP}
    assert told(planned(CLOSED, intent)) == ["login user noc-c"], "of the name that is none nobody makes an account"


@pytest.mark.parametrize(
    ("everybodys", "access", "wanted"),
    [
        ("", "operator", "user attribute user-c administrator=off"),
        ("", "admin", ""),
        ("host=any login-timer=600", "viewer", "user attribute user-c host=any login-timer=600 administrator=off"),
        ("administrator=off connection=ssh,http", "operator", ""),
        ("connection=serial", "operator", "user attribute user-c connection=ssh administrator=off"),
        ("connection=off", "admin", "user attribute user-c connection=ssh"),
    ],
)
def test_a_new_user_comes_in_by_ssh_and_rises_only_as_an_administrator(everybodys, access, wanted):
    text = CLOSED + (f"user attribute * {everybodys}\n" if everybodys else "")
    plan = planned(text, declared(NOC_A, USER_B, Person("third", access=access, account="user-c")))
    assert told(plan) == ["login user user-c", *([wanted] if wanted else [])]
    (change,) = plan.changes
    assert [edit.undo for edit in change.edits] == ["no login user user-c", "no user attribute user-c"][
        : len(told(plan))
    ]
    (given,) = plan.givens
    assert (given.owner, given.account, given.surface, given.session) == ("third", "user-c", "accounts", True)
    assert change.subject == "user-c" and "login user user-c *" in change.after


@pytest.mark.parametrize(
    ("line", "access"),
    [
        ("user attribute * host=192.168.100.1", "operator"),  # from where we are, no login of theirs proves anything
        ("user attribute * administrator=off", "admin"),  # by which word a model lets somebody rise, we do not guess
        ("login radius use on", "operator"),
    ],
)
def test_a_new_user_whom_no_login_would_prove_is_left_to_a_person(line, access):
    intent = declared(NOC_A, USER_B, Person("third", access=access, account="user-c"))
    assert judged(f"{CLOSED}{line}\n", intent)[PERSON] and not planned(f"{CLOSED}{line}\n", intent).changes


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("user attribute user-b connection=off", Status.GAP),
        ("user attribute * connection=off\nuser attribute noc-a connection=ssh", Status.GAP),
        ("user attribute * connection=off\nuser attribute noc-a connection=ssh\nuser attribute user-b host=any",
         Status.UNKNOWN),
        ("user attribute user-b host=any", Status.PASS),
    ],
)  # fmt: skip
def test_an_account_that_cannot_log_in_is_none(lines, status):
    assert statuses(f"login user noc-a *\nlogin user user-b *\n{lines}\n")[PERSON] == {status}


def test_who_needs_no_login_here_has_none():
    only_admins = dataclasses.replace(PEOPLE, accounts_for={"logins": frozenset({"admin"})})
    found = judged(CLOSED, only_admins)
    assert {one.status for one in found[PERSON]} == {Status.PASS}
    assert found[LEFTOVER][0].why == "user-b is of user-b, who is meant to have none here"
    nobody = dataclasses.replace(PEOPLE, accounts_for={"logins": frozenset()})
    assert statuses(CLOSED, nobody)[PERSON] == {Status.NOT_APPLICABLE}


def test_accounts_on_a_radius_server_are_not_known():
    found = statuses(f"login user noc-a *\nlogin radius use on\n{CLOSED.splitlines()[-1]}\n")
    assert found[PERSON] == {Status.UNKNOWN} and found[LEFTOVER] == {Status.UNKNOWN}


def test_where_nobody_is_declared_nothing_is_a_pass():
    assert set().union(*statuses(CLOSED, INTENT).values()) == {Status.UNKNOWN}
    assert statuses(config(), INTENT)[SHARED] == {Status.GAP}, "that anybody may use it is seen all the same"


# --- no account without a person ----------------------------------------------------------------------------


def test_a_user_of_nobody_is_a_gap_that_names_the_commands_and_changes_nothing():
    text = f"{CLOSED}login user vendor *\nuser attribute vendor connection=ssh,http host=any\n"
    (gap,) = judged(text)[LEFTOVER]
    assert gap.status is Status.GAP and not gap.changes
    assert "user attribute vendor host=any connection=off" in gap.fix and "no login user vendor" in gap.fix


@pytest.mark.parametrize(
    ("more", "intent", "users", "status"),
    [
        ("user attribute vendor connection=off", PEOPLE, "noc-a", Status.PASS),
        ("", dataclasses.replace(PEOPLE, service_accounts=frozenset({"vendor"})), "noc-a", Status.PASS),
        ("", PEOPLE, "vendor", Status.MANUAL),
        ("user attribute * connection=off\nuser attribute vendor host=any", PEOPLE, "noc-a", Status.GAP),
    ],
    ids=["shut out", "a service's", "in use", "perhaps shut out"],
)
def test_who_is_shut_out_a_service_or_in_use_is_no_leftover(more, intent, users, status):
    text = f"{CLOSED}login user vendor *\n{more}\n"
    assert statuses(text, intent, show_status_user=user_in_use(users))[LEFTOVER] == {status}


UNWANTED = dataclasses.replace(PEOPLE, delete_retired=frozenset({"vendor", "user-z"}))
SHUT_OUT = f"{CLOSED}login user vendor *\nuser attribute vendor host=any connection=off\n"


def test_a_user_who_is_shut_out_is_deleted_when_it_is_asked_for():
    plan = planned(SHUT_OUT, UNWANTED)
    assert told(plan) == ["no login user vendor", "no user attribute vendor"]
    text = after(SHUT_OUT, told(plan))
    assert statuses(text, UNWANTED)[LEFTOVER] == {Status.PASS} and not planned(text, UNWANTED).changes
    assert not planned(SHUT_OUT).changes, "nobody asks for it"


def test_only_a_restart_brings_a_deleted_user_back():
    for text in SHUT_OUT, f"{CLOSED}user attribute * connection=off\nlogin user vendor *\n":
        plan = planned(text, UNWANTED)
        guard = PLATFORM.guard(plan, "20261120T000000Z-abcdef-12345678", 120)
        assert [line.partition(" * ")[2] for line in guard.arm if line.startswith("schedule")][1:] == ["restart"]
        assert "" not in guard.revert


@pytest.mark.parametrize(
    ("text", "intent", "users", "status"),
    [
        (f"{CLOSED}login user vendor *\n", UNWANTED, "noc-a", Status.GAP),
        (SHUT_OUT, dataclasses.replace(UNWANTED, service_accounts=frozenset({"vendor"})), "noc-a", Status.MANUAL),
        (SHUT_OUT, declared(NOC_A, Person("v", account="vendor"), delete_retired=UNWANTED.delete_retired), "noc-a",
         Status.MANUAL),
        (SHUT_OUT, UNWANTED, "vendor", Status.MANUAL),
        (SHUT_OUT, UNWANTED, "", Status.MANUAL),
    ],
    ids=["comes in still", "a service's", "a person's", "in use", "not known"],
)  # fmt: skip
def test_a_user_who_comes_in_still_or_is_needed_is_not_deleted(text, intent, users, status):
    used = user_in_use(users) if users else "nothing\n"
    assert status in statuses(text, intent, show_status_user=used)[LEFTOVER]
    assert "no login user vendor" not in told(planned(text, intent, show_status_user=used))


# --- one account, several people ----------------------------------------------------------------------------


def test_two_people_with_one_account_share_it():
    found = judged(CLOSED, declared(NOC_A, USER_B, Person("user-c", account="user-b")))
    (gap,) = found[SHARED]
    assert gap.status is Status.GAP and gap.why.startswith("user-b is the account of user-b, user-c")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", Status.GAP),  # as the factory leaves it
        ("user attribute connection=telnet,serial", Status.GAP),
        ("user attribute connection=ssh,sftp", Status.PASS),  # that way nobody comes in without a name
        ("user attribute connection=serial", Status.PASS),
        ("user attribute connection=off", Status.PASS),
        ("user attribute * connection=ssh", Status.PASS),
        ("telnetd service off\nhttpd host none", Status.UNKNOWN),  # a remote setup, over ISDN or NGN
        ("telnetd service off\nhttpd host none\nsecurity class 2 on", Status.PASS),
        ("telnetd service off\nhttpd host lan1\nsecurity class 2 on", Status.GAP),
        ("security class 3 on off", Status.GAP),  # which the web screens do not heed
        ("httpd service off\nsecurity class 3 on off", Status.PASS),
        ("user attribute * connection=off\nuser attribute administrator=off", Status.UNKNOWN),
        ("user attribute noc-a administrator=2", Status.PASS),  # such models have no login without a name
    ],
)
def test_the_login_without_a_name_is_shared_where_a_network_reaches_it(text, status):
    told = "login user noc-a *\nlogin user user-b *\nuser attribute user-b connection=ssh\n"
    assert statuses(f"{told}{text}\n")[SHARED] == {status}


def test_what_to_do_about_it_keeps_what_else_its_line_says():
    (gap,) = judged("login user noc-a *\nuser attribute administrator=off connection=all\n")[SHARED]
    assert "user attribute administrator=off connection=serial" in gap.fix and not gap.changes


# --- rights -------------------------------------------------------------------------------------------------

OPERATOR = "login user noc-a *\nlogin user user-b *\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "administrator=off"),  # the factory's value is on, or 1
        ("user attribute user-b administrator=on connection=ssh", "connection=ssh administrator=off"),
        ("user attribute noc-a administrator=2\nuser attribute user-b administrator=1", "administrator=off"),
        ("user attribute * connection=ssh host=any", "connection=ssh host=any administrator=off"),
    ],
    ids=["default", "said", "a model with levels", "everybody's line"],
)
def test_an_operator_who_may_become_administrator_is_lowered_and_all_else_stays(text, words):
    plan = planned(f"{OPERATOR}{text}\n")
    assert told(plan) == [f"user attribute user-b {words}"]
    (change,) = plan.changes
    assert change.edits[0].undo == next(
        (one for one in text.splitlines() if " user-b " in one), "no user attribute user-b"
    )
    assert not change.cuts_access


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("user attribute user-b administrator=off", Status.PASS),
        ("user attribute * administrator=off\nuser attribute noc-a administrator=on", Status.PASS),
        ("user attribute * administrator=off\nuser attribute user-b connection=ssh", Status.UNKNOWN),
        ("user attribute user-b connection=off", Status.PASS),
    ],
)
def test_where_the_reference_leaves_open_which_line_counts_it_is_unknown(text, status):
    assert statuses(f"{OPERATOR}{text}\n")[RIGHTS] == {status}
    assert not planned(f"{OPERATOR}{text}\n").changes


@pytest.mark.parametrize(
    ("people", "text", "users", "said"),
    [
        ((NOC_A, USER_B), "", user_in_use("user-b"), "the account in use"),
        ((USER_B,), "user attribute noc-a administrator=off", user_in_use("noc-a"), "No other user"),
        ((USER_B,), "user attribute noc-a connection=off", user_in_use("noc-a"), "No other user"),
        ((NOC_A, USER_B), "user attribute user-b administrator=2", user_in_use("noc-a"), "No other user"),
        ((NOC_A, USER_B), "", "nothing\n", "does not tell"),
    ],
    ids=["in use", "the last", "the last who can log in", "the last of the highest level", "not known"],
)
def test_the_account_in_use_and_the_last_administrator_are_left_alone(people, text, users, said):
    (gap,) = judged(f"{OPERATOR}{text}\n", declared(*people), show_status_user=users)[RIGHTS]
    assert gap.status is Status.GAP and not gap.changes and said in gap.fix
    assert "administrator=off" in gap.after


def test_who_is_an_administrator_may_become_one():
    assert statuses(OPERATOR, declared(NOC_A))[RIGHTS] == {Status.PASS}
    both = declared(NOC_A, dataclasses.replace(USER_B, account="noc-a"))
    assert statuses(CLOSED, both)[RIGHTS] == {Status.PASS}, "that they share it is another gap"


# --- the way back, and what is saved ------------------------------------------------------------------------


def test_the_schedule_takes_no_such_line_so_a_restart_is_the_way_back():
    plan = planned(OPERATOR)
    guard = PLATFORM.guard(plan, "20261120T000000Z-abcdef-12345678", 120)
    commands = [line.partition(" * ")[2] for line in guard.arm if line.startswith("schedule")]
    assert commands == ["no ip filter 7700999", "restart"], "a guard that fires takes its own mark first"
    assert guard.revert[0] == "no user attribute user-b", "over a connection that is open, the line itself comes back"
    assert guard.disarm[0] == guard.revert[1], "the restart is called off before anything else"


def test_a_plan_whose_lines_can_be_scheduled_restarts_nothing():
    plan = device.planned(config(), "B1")
    assert not [line for line in PLATFORM.guard(plan, "token", 120).arm if "restart" in line]


def test_while_something_is_unsaved_nothing_is_changed_whose_way_back_is_a_restart():
    found = judged(f"{OPERATOR}snmp sysname K7-01\n", saved_config=OPERATOR)
    (gap,) = found[RIGHTS]
    assert gap.status is Status.GAP and not gap.changes
    assert gap.fix.startswith("Save what is there first") and "user attribute user-b administrator=off" in gap.fix


def test_what_is_lowered_but_not_saved_is_a_gap_that_a_save_closes():
    (gap,) = judged(CLOSED, saved_config=CLOSED.replace("administrator=off", "administrator=on"))[RIGHTS]
    assert gap.status is Status.GAP and "a restart would bring back" in gap.why
    assert [change.edits for change in gap.changes] == [()]


# --- hostile and unusual text -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["user attribute noc-a on", "user attribute noc-a host={{evil}}", "user attribute x=; y"]
)
def test_a_line_that_is_not_understood_is_unknown_and_nothing_is_planned(line):
    text = f"{OPERATOR}{line}\n"
    assert set().union(*statuses(text).values()) == {Status.UNKNOWN} and not planned(text).changes


def test_no_secret_enters_the_state():
    state = PLATFORM.parse(raw(show_config="login user noc-a planted-secret\nlogin password planted-secret\n"))
    assert "planted" not in json.dumps(as_json(state["logins"]))


_NAMES = st.sampled_from(["noc-a", "user-b", "vendor", "*", "*radius", ""])
_VALUES = st.sampled_from(["administrator=on", "administrator=off", "administrator=2", "connection=off", "host=any"])


@given(st.sets(_NAMES), st.dictionaries(_NAMES, st.lists(_VALUES, min_size=1, max_size=3), max_size=4))
def test_whatever_the_lines_say_the_session_keeps_its_rights_and_the_plan_holds(users, attributes):
    text = "timezone +09:00\n" + "".join(f"login user {name} *\n" for name in users if name)
    text += "".join(f"user attribute {name} {' '.join(words)}\n" for name, words in attributes.items())
    assert set(judged(text)) == {PERSON, LEFTOVER, SHARED, RIGHTS}
    plan = planned(text)
    assert not [line for line in told(plan) if " noc-a" in line]
    assert "text" not in json.dumps(as_json(plan)).replace('"text": ""', ""), "no plan holds a secret"
    then = statuses(after(text, [f"{line} *" if line.startswith("login user") else line for line in told(plan)]))
    for change in plan.changes:
        assert change.control == PERSON or then[RIGHTS] == {Status.PASS}
    if [change for change in plan.changes if change.control == PERSON] and "noc-a" in users:
        assert then[PERSON] == {Status.PASS} or "connection=off" in text
