# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the rules of sudo and doas make root. What cvtsudoers said is recorded (users/README.md); the files of doas are
written after doas.conf(5)."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.root_rules import Grant, grants
from hypothesis import given
from hypothesis import strategies as st

RECORDED = Path(__file__).parent / "users"


def by_sudo(name):
    text = (RECORDED / f"{name}.json").read_bytes()
    return {
        (one.kind, one.whom): one.everything for one in grants(Raw({"users.sudoers": {"x": Output(text)}}), ["sudo"])
    }


def by_doas(*texts):
    files = {f"/etc/doas.d/{number}.conf": Output(text.encode()) for number, text in enumerate(texts)}
    return [(one.kind, one.whom, one.everything) for one in grants(Raw({"users.doas_d": files}), ["doas"])]


def test_debian_makes_root_and_the_group_sudo_administrators():
    assert by_sudo("debian") == {("account", "root"): True, ("group", "sudo"): True}


def test_an_included_file_counts():
    assert by_sudo("raspberry")[("account", "pi")] is True


def test_every_way_to_name_somebody_and_to_limit_what_they_do():
    assert by_sudo("many") == {
        ("account", "root"): True,
        ("account", "alice"): True,
        ("group", "ops"): True,
        ("account", "bob"): False,
        ("account", "dan"): False,
        ("account", "erin"): False,
        ("uid", "1002"): True,
        ("gid", "1003"): True,
        ("account", "gina"): False,
        ("account", "ALL"): False,
        ("account", "kate"): True,
    }, "carol is www-data, fred is in another group, hans is left out: none of them is root"


def test_who_needs_the_password_of_root_is_no_administrator_by_the_rule():
    assert by_sudo("targetpw") == {("account", "ALL"): False}


def test_the_members_of_a_netgroup_are_not_seen():
    with pytest.raises(Unreadable, match="netgroup"):
        by_sudo("netgroup")


def test_rules_of_programs_that_are_not_installed_favour_nobody():
    raw = Raw({"users.doas": {"/etc/doas.conf": Output(b"permit :wheel\n")}})
    assert grants(raw, ["sudo"][1:]) == []
    with pytest.raises(Unreadable):
        grants(raw, ["sudo"])
    assert grants(raw, ["doas"]) == [Grant("doas", "group", "wheel", True)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("permit persist :wheel\n", [("group", "wheel", True)]),
        ("# permit bob\npermit nopass keepenv alice as root\n", [("account", "alice", True)]),
        ("permit setenv { PS1=$DOAS_PS1 SSH_AUTH_SOCK } alice\n", [("account", "alice", True)]),
        ("permit setenv {PATH} nopass \\\n alice\n", [("account", "alice", True)]),
        ("permit bob cmd /sbin/reboot args\n", [("account", "bob", False)]),
        ("permit bob as www-data\n", []),
        ('permit "alice"\ndeny bob\n', [("account", "alice", False)]),
        ("", []),
    ],
)
def test_the_rules_of_doas(text, found):
    assert by_doas(text) == found


@pytest.mark.parametrize("text", ["allow alice\n", "permit\n", "permit nopass persist\n", 'permit "alice\n', "deny\n"])
def test_rules_of_doas_that_are_not_understood_are_unknown(text):
    with pytest.raises(Unreadable):
        by_doas("permit root\n", text)


@given(data=st.binary(max_size=200))
def test_noise_is_unreadable_or_favours_somebody_and_nothing_else_happens(data):
    for program in ("sudo", "doas"):
        try:
            found = grants(Raw({"users.sudoers": {"x": Output(data)}, "users.doas": {"x": Output(data)}}), [program])
        except Unreadable:
            continue
        assert all(isinstance(one, Grant) for one in found)
