# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2 on the users of a Debian 12 host (debian_users.py): whose account is whose, and what is done about it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    FileEdit,
    Intent,
    Person,
    RunEdit,
    Status,
    Unreadable,
    as_json,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.unix_users import UnixUsers
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.surfaces.debian_users import PROGRAMS, TODAY, Host

pytestmark = pytest.mark.once

USERS = UnixUsers()
PERSON, LEFTOVER, SHARED, RIGHTS = USERS.controls


def person(name, access="admin", **more):
    return Person(name, access=access, **{"account": name, "variable": "iot_site_people", **more})


ALICE, BOB = person("alice"), person("bob", "operator")
INTENT = Intent(
    site="k7", host="k7-gw", people=(ALICE, BOB), today=TODAY,
    accounts_for={"accounts": frozenset({"admin"})}, service_accounts=frozenset({"root"}),
)  # fmt: skip


def good(**more):
    """Alice administers it and has an account; nobody else gets in."""
    return Host(journal=[accepted("alice", "203.0.113.10")], **more).add("alice", "sudo", keys=1)


def accepted(account, address, day=28):
    seconds = 1_795_824_000 - (28 - day) * 86_400
    return f"{seconds}.0 device sshd[262]: Accepted publickey for {account} from {address} port 58192 ssh2"


def judged(host, intent=INTENT, control=""):
    raw = host if isinstance(host, Raw) else host.raw()
    return [one for one in USERS.judge(USERS.parse(raw), intent) if control in ("", one.control)]


def only(host, control, intent=INTENT):
    (one,) = judged(host, intent, control)
    return one


def runs(one):
    return [edit.argv for change in one.changes for edit in change.edits if isinstance(edit, RunEdit)]


# --- as it should be ----------------------------------------------------------------------------------------


def test_a_host_as_it_should_be_passes_and_nothing_is_planned():
    assert [(one.control, one.status) for one in judged(good())] == [
        (control, Status.PASS) for control in USERS.controls
    ]
    assert not any(one.changes for one in judged(good()))


def test_the_state_is_plain_and_holds_the_facts_of_each_account():
    state = USERS.parse(good().raw())
    assert json.loads(json.dumps(as_json(state))) == as_json(state)
    assert state["accounts"]["alice"] | {"rights": []} == {
        "uid": 1000, "gid": 1000, "shared_group": False, "shell": True,
        "password": "usable", "since": "2024-10-04", "expires": "", "home": "/home/alice",
        "keys": 1, "key_files": ["/home/alice/.ssh/authorized_keys"], "own_keys": True, "rights": [], "work": [],
        "recent": True, "in_use": False, "networks": ["203.0.113.0/24"],
    }  # fmt: skip
    assert (state["administrators_group"], state["new_shell"], state["first_uid"]) == ("sudo", "/bin/bash", 1000)


def test_no_read_has_a_secret_and_every_one_is_known_to_the_platform():
    assert not any(read.secret for read in USERS.reads)
    assert set(USERS.reads) <= set(PLATFORM.all_reads)


@pytest.mark.parametrize(
    "read", ["users.passwd", "users.group", "users.shadow", "users.owners", "users.jobs", "session"]
)
@pytest.mark.parametrize(
    "output",
    [Output(error="permission denied"), Output(error="missing"), Output(b"7"), Output(b"x", truncated=True), Output()],
)
def test_what_cannot_be_read_makes_the_users_unknown(read, output):
    with pytest.raises(Unreadable):
        USERS.parse(good(answers={read: {"it": output}}).raw())


# --- everybody has an account -------------------------------------------------------------------------------


def test_who_has_no_account_gets_one_with_a_secret_that_no_plan_holds():
    host = Host()
    one = only(host, PERSON)
    assert one.status is Status.GAP and "alice has no account alice" in one.why
    assert runs(one) == [("useradd", "-m", "-s", "/bin/bash", "-G", "sudo", "--", "alice"), ("chpasswd", "-e")]
    (given,) = one.changes[0].edits[-1].given
    assert (given.owner, given.account, given.takes) == ("alice", "alice", ("yescrypt", "sha512-crypt"))
    assert not one.changes[0].cuts_access
    host.apply(one.changes)
    assert only(host, PERSON).status is Status.PASS and only(host, LEFTOVER).status is Status.PASS


def test_an_operator_gets_no_account_unless_operators_are_to_have_one_and_no_rights_then():
    assert "bob" not in only(good(), PERSON).why
    everybody = replace(INTENT, accounts_for={"accounts": frozenset({"admin", "operator"})})
    host = good()
    gap = judged(host, everybody, PERSON)[1]
    assert runs(gap)[0] == ("useradd", "-m", "-s", "/bin/bash", "--", "bob")
    host.apply(gap.changes)
    assert {one.status for one in judged(host, everybody)} == {Status.PASS}


@pytest.mark.parametrize(
    ("account", "edits"),
    [
        ({"password": "locked"}, [("chpasswd", "-e")]),
        ({"expires": 20_000}, [("usermod", "-e", "", "--", "alice"), ("chpasswd", "-e")]),
        ({"shell": "/usr/sbin/nologin"}, [("usermod", "-s", "/bin/bash", "--", "alice"), ("chpasswd", "-e")]),
    ],
)
def test_an_account_that_lets_its_person_in_no_more_is_opened_again(account, edits):
    host = Host().add("alice", "sudo", **account)
    one = only(host, PERSON)
    assert one.status is Status.GAP and runs(one) == edits
    host.apply(one.changes)
    assert only(host, PERSON).status is Status.PASS


def test_an_account_that_ends_later_lets_its_person_in_until_then():
    host = Host().add("alice", "sudo", expires=20_786)  # 2026-11-29
    assert only(host, PERSON).status is Status.PASS
    assert only(host, PERSON, replace(INTENT, today="2026-11-29")).status is Status.GAP


def test_an_administrator_without_rights_becomes_one():
    host = Host().add("alice")
    one = only(host, PERSON)
    assert one.status is Status.GAP and "cannot administer" in one.why
    assert runs(one) == [("usermod", "-aG", "sudo", "--", "alice")]
    host.apply(one.changes)
    assert only(host, PERSON).status is Status.PASS


def test_a_locked_administrator_without_rights_gets_both():
    host = Host().add("alice", password="locked")
    host.apply(only(host, PERSON).changes)
    assert {one.status for one in judged(host, control=PERSON)} == {Status.PASS}


@pytest.mark.parametrize(
    ("host", "someone", "words"),
    [
        (Host(), person("山田", account=""), "no name that an account has"),
        (Host(), person("backup"), "account of the system"),
        (Host(programs=("bin/sudo",)), ALICE, "useradd and chpasswd"),
        (Host(programs=("sbin/useradd", "sbin/chpasswd")), ALICE, "no group makes an administrator"),
        (Host(sudoers="netgroup"), ALICE, "not known"),
        (Host(programs=("bin/sudo",)).add("alice", "sudo", password="locked"), ALICE, "usermod and chpasswd"),
    ],
)
def test_what_we_cannot_do_is_left_to_a_person_with_words(host, someone, words):
    (one,) = judged(host, replace(INTENT, people=(someone,)), PERSON)
    assert one.status is Status.MANUAL and words in one.why and one.fix and not one.changes


def test_a_name_that_is_a_group_already_is_left_to_a_person():
    host = Host()
    host.groups["alice"] = (1500, {"postgres"})
    assert only(host, PERSON).status is Status.MANUAL


def test_where_nobody_needs_an_account_the_control_does_not_apply():
    assert only(Host(), PERSON, replace(INTENT, people=())).status is Status.NOT_APPLICABLE
    assert only(Host(), PERSON, replace(INTENT, accounts_for={})).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("defs", "pam", "takes"),
    [
        ("ENCRYPT_METHOD YESCRYPT\n", "", ["yescrypt", "sha512-crypt"]),
        ("ENCRYPT_METHOD SHA512\n# ENCRYPT_METHOD YESCRYPT\n", "", ["sha512-crypt"]),
        ("", "password sufficient pam_unix.so yescrypt\n", ["yescrypt", "sha512-crypt"]),
        ("", "# pam_unix.so yescrypt\n", ["sha512-crypt"]),
    ],
)
def test_yescrypt_is_taken_only_where_the_machine_makes_it_itself(defs, pam, takes):
    answers = {"users.login_defs": {"/x": Output(defs.encode())}, "users.pam": {"/y": Output(pam.encode())}}
    assert USERS.parse(Host(answers=answers).raw())["takes"] == takes


# --- and nobody else ----------------------------------------------------------------------------------------


def test_an_account_of_nobody_is_locked_with_its_keys_and_never_deleted():
    host = good().add("pi", keys=2)
    one = only(host, LEFTOVER)
    assert one.status is Status.GAP and "pi: a password, 2 keys" in one.why
    assert runs(one) == [("usermod", "-L", "-e", "1", "--", "pi")]
    assert FileEdit("/home/pi/.ssh/authorized_keys", None) in one.changes[0].edits and one.changes[0].cuts_access
    host.apply(one.changes)
    assert "pi" in host.passwd and only(host, LEFTOVER).status is Status.PASS


@pytest.mark.parametrize(
    ("account", "lets_in"),
    [
        ({"password": "none"}, True),
        ({"password": "locked", "keys": 1}, True),
        ({"password": "locked"}, False),
        ({"keys": 1, "expires": 1}, False),
        ({"shell": "/usr/sbin/nologin", "keys": 1}, False),
        ({"shell": "/bin/false"}, False),
        ({"shell": ""}, True),
        ({"expires": 0}, True),
        ({"expires": 99_999}, True),
    ],
)
def test_who_lets_somebody_in(account, lets_in):
    assert (only(good().add("guest", **account), LEFTOVER).status is Status.GAP) is lets_in


def test_whoever_is_declared_is_left_alone():
    host = good().add("bob").add("backup-agent", keys=1)
    services = replace(INTENT, service_accounts=frozenset({"root", "backup-agent"}))
    assert only(host, LEFTOVER, services).status is Status.PASS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda host: setattr(host, "session", "pi"), "we are logged in with it"),
        (lambda host: host.work.add(1001), "programs run in its name"),
        (lambda host: host.jobs.add("pi"), "cron, at or a service"),
        (lambda host: host.logins.add(1001), "logged in with it within"),
        (lambda host: host.journal.append(accepted("pi", "198.51.100.7", 1)), "logged in with it within"),
        (lambda host: setattr(host, "programs", ("bin/sudo",)), "usermod cannot be found"),
        (lambda host: host.keys["/home/pi/.ssh/authorized_keys"].update(own=False), "a link"),
        (lambda host: host.add("bob", home="/home/pi"), "also that of another account"),
    ],
)
def test_what_somebody_may_need_is_left_to_a_person(change, words):
    host = good().add("pi", keys=1)
    change(host)
    one = only(host, LEFTOVER)
    assert one.status is Status.MANUAL and words in one.why and not one.changes
    assert "user_credentials_service_accounts" in one.fix and "iot_site_people" in one.fix


def test_a_login_of_long_ago_keeps_no_account():
    host = good().add("pi")
    host.journal.append(accepted("pi", "198.51.100.7", -80))
    assert only(host, LEFTOVER).status is Status.GAP


def test_the_last_administrator_is_not_locked_before_a_declared_one_can_log_in():
    host = Host(sudoers="raspberry").add("pi")
    one = only(host, LEFTOVER)
    assert one.status is Status.MANUAL and "no declared administrator" in one.why
    host.apply(only(host, PERSON).changes)
    again = only(host, LEFTOVER)
    assert again.status is Status.GAP
    host.apply(again.changes)
    assert {one.status for one in judged(host, control=LEFTOVER)} == {Status.PASS}


def test_where_rights_are_not_known_nobody_is_locked_unless_an_administrator_certainly_remains():
    host = good(sudoers="netgroup").add("pi")
    assert only(host, LEFTOVER).status is Status.MANUAL


def test_root_is_never_locked():
    host = good().password("root", "usable")
    one = only(host, LEFTOVER, replace(INTENT, service_accounts=frozenset()))
    assert one.status is Status.MANUAL and "it is root" in one.why and "usermod" not in one.fix
    assert only(host, LEFTOVER).status is Status.PASS


# --- and deleted when it is asked for -----------------------------------------------------------------------

FORMER = replace(INTENT, delete_retired=frozenset({"pi"}))


def retired(**more):
    """A run before has locked pi."""
    return good().add("pi", **{"password": "locked", "expires": 1, **more})


def test_an_account_that_is_asked_for_is_locked_first_and_deleted_by_a_later_run():
    host = good().add("pi", keys=1)
    first = only(host, LEFTOVER, FORMER)
    assert [argv[0] for argv in runs(first)] == ["usermod"]
    host.apply(first.changes)
    gap = only(host, LEFTOVER, FORMER)
    assert gap.status is Status.GAP and "/home/pi" in gap.why and "sudo find / -user pi)" in gap.fix
    subjects = [{change.subject for change in one.changes} for one in (first, gap)]
    assert not subjects[0] & subjects[1], "that it is to be deleted next does not disprove that it is locked"
    host.apply(gap.changes)
    assert "pi" not in host.passwd and "pi" not in host.groups
    assert only(host, LEFTOVER, FORMER).status is Status.PASS and not judged(host, FORMER)[1].changes


def test_what_it_owns_stays_and_its_home_becomes_root_s():
    (change,) = only(retired(), LEFTOVER, FORMER).changes
    _passwd, *_kept, home, deletion = change.edits
    assert deletion.argv == ("userdel", "--", "pi") and not deletion.undo, "the guard keeps the files that it writes"
    assert home.argv[-10:] == ("-path", "/home/pi", "-uid", "1001", "-exec", "chown", "-h", "root:root", "{}", "+")
    assert home.undo[-10:] == ("-path", "/home/pi", "-uid", "0", "-exec", "chown", "-h", "1001:1001", "{}", "+")
    (check,) = change.checks
    assert check.argv[:2] == ("find", "/") and check.argv[-5:-3] == ("-exec", "false")
    assert not change.cuts_access


def test_an_account_that_nobody_asks_for_stays_locked():
    assert only(retired(), LEFTOVER).status is Status.PASS


def test_one_that_is_not_there_is_deleted_already():
    assert only(good(), LEFTOVER, FORMER).status is Status.PASS


@pytest.mark.parametrize(
    ("host", "more", "words"),
    [
        (retired(), {"service_accounts": frozenset({"root", "pi"})}, "it is declared"),
        (retired(), {"people": (ALICE, person("pi", "viewer"))}, "it is declared"),
        (retired(uid=999), {}, "account of the system"),
        (retired(expires=20_000), {}, "no run of ours has locked it"),
        (retired(password="usable"), {}, "no run of ours has locked it"),
        (retired(keys=1), {}, "no run of ours has locked it"),
        (retired(home="/var/backups/pi"), {}, "is in, or holds, that of another"),
        (retired(home="/home"), {}, "is in, or holds, that of another"),
        (retired(home="/home/*"), {}, "no plain name"),
        (retired(home="/home/../root"), {}, "no plain name"),
    ],
)
def test_what_is_not_ours_to_delete_stays(host, more, words):
    one = only(host, LEFTOVER, replace(FORMER, **more))
    assert one.status is Status.MANUAL and words in one.why and one.fix and not one.changes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda host: setattr(host, "session", "pi"), "we are logged in with it"),
        (lambda host: host.work.add(1001), "programs run in its name"),
        (lambda host: host.jobs.add("pi"), "cron, at or a service"),
        (lambda host: host.logins.add(1001), "logged in with it within"),
        (lambda host: host.add("bob", uid=1001, password="locked"), "another account has its number"),
        (lambda host: host.groups["pi"][1].add("alice"), "others are in its group"),
        (lambda host: setattr(host, "sudoers", "raspberry"), "a rule gives rights to its name"),
        (lambda host: setattr(host, "programs", tuple(one for one in PROGRAMS if "find" not in one)), "find cannot be"),
    ],
)
def test_an_account_on_which_something_rests_is_not_deleted(change, words):
    host = retired()
    change(host)
    (one, *_others) = [one for one in judged(host, FORMER, LEFTOVER) if one.status is Status.MANUAL]
    assert words in one.why and not one.changes


NO_KEYS = Output(b"sshd: no hostkeys available -- exiting.\n", rc=1)


@pytest.mark.parametrize(
    "answers",
    [
        {"users.nsswitch": {"/etc/nsswitch.conf": Output(b"passwd: files sss\n")}},
        {"users.keys": {"@keys /home/guest/.ssh/authorized_keys": Output(error="not read within 60 seconds")}},
        {"users.keys": {}},
        {"sshd.effective": {"sshd -T": Output(b"port 22\nauthorizedkeysfile /etc/keys/%u\n")}},
        {"sshd.effective": {"sshd -T": Output(b"port 22\ntrustedusercakeys /etc/ssh/ca.pub\n")}},
        {"sshd.effective": {"sshd -T": NO_KEYS}, "sshd.config": {"x": Output(b"Include /etc/ssh/more\n")}},
        {"sshd.effective": {"sshd -T": NO_KEYS}, "sshd.config": {}},
        {"sshd.config": {"/etc/ssh/sshd_config": Output(b"Match User guest\n AuthorizedKeysCommand /usr/bin/k %u\n")}},
    ],
)
def test_accounts_and_keys_that_are_not_seen_are_unknown(answers):
    host = good(answers=answers).add("guest", password="locked")
    unknown = [one for one in judged(host, control=LEFTOVER) if one.status is Status.UNKNOWN]
    assert unknown and unknown[0].fix
    assert Status.PASS not in {one.status for one in judged(host, control=LEFTOVER)}


@pytest.mark.parametrize(
    "output",
    [Output(b'port 22\nauthorizedkeysfile "%h/.ssh/authorized_keys"\n'), Output(error="missing"), NO_KEYS],
    ids=["usual", "no sshd", "it rests"],
)
def test_the_usual_places_of_keys_are_known(output):
    assert USERS.parse(good(answers={"sshd.effective": {"sshd -T": output}}).raw())["keys_unknown"] == ""


def test_lines_of_nis_are_accounts_from_elsewhere():
    host = good()
    text = host.raw().text("users.passwd") + "+:::::\n"
    host.answers["users.passwd"] = {"cut": Output(text.encode())}
    assert [one.status for one in judged(host, control=LEFTOVER)] == [Status.UNKNOWN]


def test_hostile_names_are_shown_harmless():
    assert only(good().add("a;reboot"), LEFTOVER).fix.endswith(" 'a;reboot'")
    one = only(good().add("evil\x1b]0;x\x07"), LEFTOVER)
    assert "\x1b" not in json.dumps(as_json(one.why)) + one.before + one.fix and "evil\\x1b" in one.why


# --- one person each ----------------------------------------------------------------------------------------


def test_two_persons_with_one_account_are_a_gap_and_nothing_is_made_for_them():
    intent = replace(INTENT, people=(ALICE, person("carol", account="alice")))
    one = only(Host(), SHARED, intent)
    assert one.status is Status.GAP and "alice is the account of alice and carol" in one.why and not one.changes
    assert {each.status for each in judged(Host(), intent, PERSON)} == {Status.MANUAL}


def test_a_service_account_is_nobodys():
    intent = replace(INTENT, service_accounts=frozenset({"root", "alice"}))
    assert "service" in only(good(), SHARED, intent).why


def test_two_names_of_one_number_are_one_account():
    host = good().add("al", uid=1000)
    assert "alice and al are one account" in only(host, SHARED).why


def test_an_account_that_comes_from_several_networks_is_a_question_for_a_person():
    host = good()
    host.journal.append(accepted("alice", "198.51.100.7"))
    one = only(host, SHARED)
    assert one.status is Status.MANUAL and "198.51.100.0/24" in one.why and one.evidence["accounts"]["alice"]


def test_a_person_may_come_from_every_network_that_the_list_has_of_them():
    host = good()
    host.journal.append(accepted("alice", "198.51.100.7"))
    people = (replace(ALICE, sources=("203.0.113.10/32", "198.51.100.0/28")), BOB)
    assert only(host, SHARED, replace(INTENT, people=people)).status is Status.PASS


def test_two_addresses_of_one_network_are_one_person():
    host = good()
    host.journal += [accepted("alice", "203.0.113.99"), accepted("alice", "127.0.0.1")]
    assert only(host, SHARED).status is Status.PASS


def test_without_records_of_logins_nobody_can_say_who_uses_what():
    nothing = {"sources.ssh_journal": {"sh": Output(b"")}}
    assert only(good(answers=nothing), SHARED).status is Status.MANUAL
    unread = {"sources.ssh_journal": {"sh": Output(b"#unread journal\n")}}
    assert only(good(answers=unread), SHARED).status is Status.UNKNOWN


# --- no more rights than needed -----------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["sudo", "docker", "disk", "shadow"])
def test_an_operator_leaves_the_groups_that_make_root(group):
    host = good().add("bob", group)
    one = only(host, RIGHTS)
    assert one.status is Status.GAP and runs(one) == [("gpasswd", "-d", "bob", group)]
    host.apply(one.changes)
    assert {each.status for each in judged(host)} == {Status.PASS}


def test_leaving_several_groups_is_one_change():
    host = good().add("bob", "sudo", "docker")
    assert runs(only(host, RIGHTS)) == [("gpasswd", "-d", "bob", "sudo"), ("gpasswd", "-d", "bob", "docker")]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        (good(sudoers="raspberry").add("pi"), "no matter of groups"),
        (good(session="pi").add("pi", "sudo"), "we are logged in"),
        (Host().add("pi", "sudo"), "no declared administrator"),
        (good(programs=("bin/sudo",)).add("pi", "sudo"), "gpasswd cannot be found"),
    ],
)
def test_rights_that_we_do_not_take_away_are_left_to_a_person(host, words):
    one = only(host, RIGHTS, replace(INTENT, people=(ALICE, person("pi", "operator"))))
    assert one.status is Status.MANUAL and words in one.why and one.fix and not one.changes


def test_some_commands_as_root_are_for_a_person_to_look_at():
    one = only(good(sudoers="many").add("bob"), RIGHTS)
    assert one.status is Status.MANUAL and "do some things as root" in one.why


def test_root_under_another_name_is_a_gap():
    host = good()
    host.passwd["toor"] = ["0", "0", "", "/root", "/bin/sh"]
    host.shadow["toor"] = {"state": "locked", "changed": None, "expires": None}
    one = only(host, RIGHTS)
    assert one.status is Status.GAP and "toor" in one.why and not one.changes


@pytest.mark.parametrize(
    "answers",
    [
        {"users.sudoers": {"cvtsudoers": Output(error="missing")}},
        {"users.sudoers": {"cvtsudoers": Output(b"/etc/sudoers:1:15: syntax error\n", rc=1)}},
        {"users.sudoers": {"cvtsudoers": Output(b"")}},
        {"users.sudoers": {"cvtsudoers": Output(b'{"User_Specs": [{}]}')}},
        {"users.sudoers": {"cvtsudoers": Output(b"[]")}},
        {"users.nsswitch": {"/etc/nsswitch.conf": Output(b"sudoers: files sss\n")}},
        {"users.nsswitch": {"/etc/nsswitch.conf": Output(b"group: files ldap\n")}},
    ],
)
def test_rules_that_are_not_seen_are_unknown(answers):
    one = judged(good(answers=answers), control=RIGHTS)[-1]
    assert one.status is Status.UNKNOWN and one.fix


def test_without_sudo_nobody_is_an_administrator_by_sudo():
    answers = {"users.sudoers": {"cvtsudoers": Output(error="missing")}}
    host = good(programs=("sbin/usermod",), answers=answers)
    assert only(host, RIGHTS).status is Status.PASS and "administrators are root" in only(host, RIGHTS).why


# --- whatever a host holds ----------------------------------------------------------------------------------

NAMES = ("alice", "bob", "carol", "pi", "admin", "agent")
ACCOUNT = st.fixed_dictionaries(
    {
        "groups": st.sets(st.sampled_from(["sudo", "docker", "disk"])),
        "password": st.sampled_from(["usable", "locked", "none"]),
        "keys": st.integers(0, 2),
        "expires": st.sampled_from([None, 1, 20_000, 99_999]),
        "shell": st.sampled_from(["/bin/bash", "/usr/sbin/nologin"]),
    }
)


@st.composite
def hosts(draw):
    host = Host(sudoers=draw(st.sampled_from(["debian", "raspberry", "many", "targetpw", "netgroup"])))
    for name, account in draw(st.dictionaries(st.sampled_from(NAMES), ACCOUNT)).items():
        host.add(name, *account.pop("groups"), **account)
    host.password("root", draw(st.sampled_from(["usable", "locked"])))
    host.session = draw(st.sampled_from(["root", *host.passwd]))
    ids = st.sampled_from([int(rest[0]) for rest in host.passwd.values()])
    host.work |= draw(st.sets(ids, max_size=2))
    host.logins |= draw(st.sets(ids, max_size=2))
    host.jobs |= draw(st.sets(st.sampled_from(NAMES), max_size=2))
    return host


@st.composite
def intents(draw):
    who = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["admin", "operator"]), max_size=4))
    return replace(
        INTENT,
        people=tuple(person(name, access) for name, access in who.items()),
        service_accounts=draw(st.frozensets(st.sampled_from(["root", "agent", "pi"]))),
        delete_retired=draw(st.frozensets(st.sampled_from(NAMES))),
        accounts_for={"accounts": draw(st.frozensets(st.sampled_from(["admin", "operator"])))},
    )


def touched(changes):
    """The accounts that a plan locks, or from which it takes rights; and those that it deletes."""
    edits = [edit for change in changes for edit in change.edits]
    runs_ = [edit.argv for edit in edits if isinstance(edit, RunEdit)]
    locks = {argv[-1] for argv in runs_ if argv[0] == "usermod" and "-L" in argv}
    deletes = {argv[-1] for argv in runs_ if argv[0] == "userdel"}
    return locks, {argv[2] for argv in runs_ if argv[0] == "gpasswd"}, deletes


def administrators(host, intent):
    """Declared administrators who can log in and are root by a group or a rule, by a way of its own."""
    declared = {one.account for one in intent.people if one.access == "admin"}
    root = {"debian": host.groups["sudo"][1], "raspberry": host.groups["sudo"][1] | {"pi"}, "many": {"alice"}}
    return {
        name
        for name in declared & set(host.passwd) & root.get(host.sudoers, set())
        if host.passwd[name][4] == "/bin/bash"
        and host.shadow[name]["expires"] in (None, 99_999)
        and (host.shadow[name]["state"] != "locked" or f"/home/{name}/.ssh/authorized_keys" in host.keys)
    }


@settings(max_examples=300, deadline=None)
@given(host=hosts(), intent=intents())
def test_no_plan_takes_away_a_way_in_that_somebody_needs(host, intent):
    before = administrators(host, intent)
    changes = [change for one in judged(host, intent) for change in one.changes]
    locks, demotions, deletions = touched(changes)
    declared = {one.account for one in intent.people} | intent.service_accounts
    busy = {name for name, rest in host.passwd.items() if int(rest[0]) in host.work | host.logins} | host.jobs
    assert not (locks | deletions) & (declared | busy | {host.session, "root"})
    assert deletions <= intent.delete_retired and not deletions & locks, "what is locked now is not deleted now"
    assert all((host.shadow[name]["state"], host.shadow[name]["expires"]) == ("locked", 1) for name in deletions)
    assert not demotions & ({host.session, "root"} | intent.service_accounts - {one.account for one in intent.people})
    was_root = host.groups["sudo"][1] | ({"pi"} if host.sudoers == "raspberry" else set())
    host.apply(changes)
    assert before <= administrators(host, intent), "whoever administers it still does"
    if (locks | demotions) & was_root and host.sudoers in ("debian", "raspberry"):
        assert before, "the last administrator is never taken"


@settings(max_examples=200, deadline=None)
@given(host=hosts(), intent=intents())
def test_what_was_applied_is_not_planned_again(host, intent):
    """A lock may wait for the administrator who is made in the first run, and what is to be deleted for its lock."""
    for _run in range(3):
        host.apply(change for one in judged(host, intent) for change in one.changes)
    assert not [change.summary for one in judged(host, intent) for change in one.changes]


@settings(max_examples=100, deadline=None)
@given(host=hosts(), intent=intents())
def test_every_verdict_that_is_no_pass_says_what_to_do_and_only_gaps_change(host, intent):
    for one in judged(host, intent):
        assert one.why and (one.fix or one.status in (Status.PASS, Status.NOT_APPLICABLE)), one
        assert bool(one.changes) <= (one.status is Status.GAP)
    assert {one.control for one in judged(host, intent)} == set(USERS.controls)
