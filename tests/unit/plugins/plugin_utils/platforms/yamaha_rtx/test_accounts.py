# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 on configuration texts: which secrets are found, what is said of them, and that none is shown.

The forms of the lines are those of ``show config`` of an RTX1500, an RTX1220 and an RTX1300, published on GitHub, and
of Yamaha's command reference. Every name and secret is invented.
"""

from __future__ import annotations

import dataclasses
import json

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.account_passwords import Device
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Absent,
    PasswordEdit,
    Person,
    Status,
    Unreadable,
    as_json,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.yamaha_rtx import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.session_secrets import (
    BECOME,
    SESSION_SECRETS,
    asked,
    login,
    outputs,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha.accounts import RouterAccounts
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha.guard import redacted
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha.snmp_accounts import RouterSnmpAccounts
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha.vpn_accounts import RouterVpnAccounts
from hypothesis import given
from hypothesis import strategies as st

from .device import INTENT, config, raw, with_config
from .test_identity import CAPTURE

STRONG = "tq7gk2mwc94xhr6d"
DEFAULT, WEAK, NAME = "C1.default_password", "C1.weak_password", "C1.default_account_name"
HIDDEN = "yamaha"


def kept(accounts, text):
    """``{account (part) or place: (store, text)}``"""
    found = accounts().kept(with_config(text), ())
    return {f"{one.account or one.at} {one.part}".strip(): (one.store, one.text) for one in found.secrets}


def judged(running, saved=None, intent=INTENT, proved=None):
    """``{(control, surface): judgements}``; ``proved``: the passwords that the device took in this session."""
    texts = raw(show_config=running, saved_config=running if saved is None else saved)
    texts = Raw({**texts.outputs, SESSION_SECRETS.name: outputs(proved or {})})
    state = PLATFORM.examined(texts, PLATFORM.parse(texts), intent)
    found = {}
    for one in PLATFORM.judge(state, intent, "C1"):
        found.setdefault((one.control, one.surface), []).append(one)
    return found


def everywhere(status):
    return {control: {status} for control in (DEFAULT, WEAK, NAME)}


def statuses(found, surface):
    return {control: {one.status for one in told} for (control, place), told in found.items() if place == surface}


# --- the router's own logins --------------------------------------------------------------------------------


def test_as_the_factory_leaves_it_nobody_is_asked_for_a_password():
    assert kept(RouterAccounts, "console character ascii\n") == {
        "the login without a name": (HIDDEN, ""),
        "the step to administrator": (HIDDEN, ""),
    }
    found = judged("console character ascii\n")
    (gap,) = found[DEFAULT, "accounts"]
    assert gap.status is Status.GAP and "the login without a name asks for no password (rule empty)" in gap.why
    assert [one.status for one in found[WEAK, "accounts"]] == [Status.PASS]


@pytest.mark.parametrize("stars", ["*", "encrypted *", "encrypted aBcD0123"])
def test_a_password_that_is_hidden_is_unknown_and_a_person_is_told_what_to_do(stars):
    found = judged(f"login password {stars}\nadministrator password {stars}\nlogin user noc-a {stars}\n")
    for control in (DEFAULT, WEAK):
        (unknown,) = found[control, "accounts"]
        assert unknown.status is Status.UNKNOWN
        assert all(name in unknown.why for name in ("noc-a", "the login without a name", "the step to administrator"))
        assert "aBcD0123" not in str(as_json(unknown))
    (first,), (second,) = found[DEFAULT, "accounts"], found[WEAK, "accounts"]
    assert "login user NAME" in first.fix and "save" in first.fix
    assert second.fix == f"As for {DEFAULT}.", "what to do is said once"
    assert statuses(found, "accounts")[NAME] == {Status.PASS}, "the names are there to be read"


def test_a_password_in_the_clear_is_judged():
    """No ``show config`` has one; a configuration that somebody kept as a file may."""
    found = judged(f"login password {STRONG}\nadministrator password himawari\nlogin user keeper keeper-2026\n")
    (gap,) = found[WEAK, "accounts"]
    assert "the step to administrator has a password made from an ordinary word or name" in gap.why
    assert "keeper has a password made from its own name" in gap.why
    assert "login user" not in gap.why and STRONG not in str(as_json(gap))


def test_a_later_line_replaces_an_earlier_one():
    text = f"login user noc-a {STRONG}\nlogin user noc-a *\nlogin password {STRONG}\nlogin password encrypted *\n"
    assert kept(RouterAccounts, text)["noc-a"] == (HIDDEN, "encrypted *")
    assert kept(RouterAccounts, text)["the login without a name"] == (HIDDEN, "encrypted *")


@pytest.mark.parametrize(
    ("attributes", "asked"),
    [
        ("", {"the login without a name", "the step to administrator", "noc-a"}),
        ("user attribute connection=off administrator=off", {"the step to administrator", "noc-a"}),
        ("user attribute connection=serial", {"the login without a name", "the step to administrator", "noc-a"}),
        ("user attribute noc-a connection=off", {"the login without a name", "the step to administrator"}),
        ("user attribute * connection=off", set()),
        ("user attribute * connection=off\nuser attribute noc-a host=any", {"the step to administrator", "noc-a"}),
        ("user attribute * administrator=off", {"the login without a name", "noc-a"}),
        # a router whose users have levels has no login without a name, and level 2 is asked for nothing more
        ("user attribute noc-a administrator=2", {"noc-a"}),
        ("login user noc-b *\nuser attribute noc-a administrator=2", {"noc-a", "noc-b", "the step to administrator"}),
    ],
)
def test_who_cannot_enter_or_rise_needs_no_password(attributes, asked):
    assert set(kept(RouterAccounts, f"login user noc-a *\n{attributes}\n")) == asked


def test_the_name_with_which_newer_routers_are_shown_is_a_factorys():
    found = judged("login user admin *\nuser attribute admin administrator=2\n")
    (gap,) = found[NAME, "accounts"]
    assert gap.status is Status.GAP and gap.why.startswith("admin ")


@pytest.mark.parametrize("line", ["login radius use on", "administrator radius auth only"])
def test_passwords_on_a_radius_server_are_no_pass(line):
    found = judged(f"login password {STRONG}\nadministrator password {STRONG}\n{line}\n")
    assert statuses(found, "accounts") == everywhere(Status.UNKNOWN)
    assert line.rpartition(" ")[0] in found[WEAK, "accounts"][0].why


# --- the passwords of this session --------------------------------------------------------------------------

ALL_HIDDEN = "login password *\nadministrator password encrypted *\nlogin user noc-a *\n"
STRONG_ONES = {
    login("noc-a"): f"{STRONG}1", BECOME: f"{STRONG}2", asked("console"): f"{STRONG}3", asked(BECOME): f"{STRONG}2",
}  # fmt: skip


def test_what_the_device_took_from_us_is_known_and_judged():
    found = judged(ALL_HIDDEN, proved=STRONG_ONES)
    assert statuses(found, "accounts") == everywhere(Status.PASS)
    assert STRONG not in str(as_json([one for told in found.values() for one in told]))


@pytest.mark.parametrize(
    ("what", "word", "said"),
    [
        (login("noc-a"), "noc-a-2026", "noc-a has a password made from its own name"),
        (BECOME, "himawari", "the step to administrator has a password made from an ordinary word"),
        (asked("console"), "daiichi1", "the login without a name has a password made from the site's own words"),
    ],
)
def test_a_weak_one_is_a_gap_that_names_its_account(what, word, said):
    found = judged(ALL_HIDDEN, proved={**STRONG_ONES, what: word})
    (gap,) = found[WEAK, "accounts"]
    assert gap.status is Status.GAP and said in gap.why and word not in str(as_json(gap))


@pytest.mark.parametrize("what", [login("noc-a"), BECOME, asked("console")])
def test_what_this_session_did_not_prove_stays_unknown(what):
    lacking = {key: text for key, text in STRONG_ONES.items() if key not in (what, asked(what))}
    assert statuses(judged(ALL_HIDDEN, proved=lacking), "accounts")[WEAK] == {Status.UNKNOWN}
    others = judged(f"{ALL_HIDDEN}login user noc-b *\n", proved=STRONG_ONES)
    assert [one.why.partition(":")[0] for one in others[WEAK, "accounts"]] == ["noc-b"]


def test_an_account_without_a_password_is_not_thought_to_have_ours():
    (gap,) = judged("administrator password *\nlogin user noc-a *\n", proved=STRONG_ONES)[DEFAULT, "accounts"]
    assert "the login without a name asks for no password" in gap.why


@pytest.mark.parametrize("line", ["login radius use on", "administrator radius auth on"])
def test_a_password_that_a_radius_server_may_have_taken_is_not_the_routers(line):
    found = judged(f"{ALL_HIDDEN}{line}\n", proved=dict.fromkeys(STRONG_ONES, "himawari"))
    known = {"login": "administrator", "administrator": "noc-a"}[line.split()[0]]
    gaps = [one for one in found[WEAK, "accounts"] if one.status is Status.GAP]
    assert known in gaps[0].why and {"login": "noc-a", "administrator": "step"}[line.split()[0]] not in gaps[0].why


def test_while_something_is_unsaved_each_configuration_has_only_what_was_proved_of_it():
    """What opened the session is of what runs; what was asked for before the saved one was shown is of that."""
    more = f"{ALL_HIDDEN}snmp sysname K7-01\n"
    (unknown,) = judged(more, ALL_HIDDEN, proved=STRONG_ONES)[WEAK, "accounts"]
    assert unknown.status is Status.UNKNOWN and "the login without a name" in unknown.why
    assert "noc-a" not in unknown.why and "the step to administrator" not in unknown.why
    texts = raw(show_config=more, saved_config=ALL_HIDDEN)
    texts = Raw({**texts.outputs, SESSION_SECRETS.name: outputs(STRONG_ONES)})
    restarted = PLATFORM.examined(texts, {}, INTENT)["as_saved"]["accounts"]["accounts"]
    assert {one["account"] or one["at"]: one["outcome"] for one in restarted} == {
        "the login without a name": "not_found", "the step to administrator": "not_found", "noc-a": "unknown",
    }  # fmt: skip


def test_a_saved_configuration_that_was_not_shown_proves_nothing():
    (unknown,) = judged(ALL_HIDDEN, "Error: password mismatch", proved=STRONG_ONES)[WEAK, "accounts"]
    assert unknown.status is Status.UNKNOWN and "the login without a name" in unknown.why
    assert "noc-a" not in unknown.why


# --- SNMP ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "snmp host none\nsnmp community read-only himitsu\n", "snmpv3 host none\n"])
def test_where_nobody_may_use_snmp_no_community_opens_anything(text):
    with pytest.raises(Absent):
        kept(RouterSnmpAccounts, f"ip lan1 address 192.0.2.1/24\n{text}")
    found = judged(f"ip lan1 address 192.0.2.1/24\n{text}")
    assert statuses(found, "snmp_users") == everywhere(Status.NOT_APPLICABLE)


@pytest.mark.parametrize("version", ["snmp", "snmpv2c"])
def test_without_a_line_of_its_own_the_community_is_the_factorys(version):
    text = f"{version} host 192.0.2.5\n"
    assert kept(RouterSnmpAccounts, text) == {f"{version} community read-only": ("plain", "public")}
    (gap,) = judged(text)[DEFAULT, "snmp_users"]
    assert f"{version} community (read-only) has a password that devices are shipped with" in gap.why


def test_communities_are_those_of_the_host_or_else_of_everybody():
    text = (
        "snmp host 192.0.2.5\nsnmp host 192.0.2.6 own-ro\nsnmp host 192.0.2.7 'two words' own-rw\n"
        "snmp community read-only shared-ro\nsnmp community read-write shared-rw\nsnmp trap community sent-away\n"
        "snmp trap host 192.0.2.8 sent-away\nsnmpv2c host any v2-ro\nsnmpv2c community read-write unused\n"
    )
    assert {name: told for name, (_store, told) in kept(RouterSnmpAccounts, text).items()} == {
        "snmp community read-only": "shared-ro",
        "snmp community read-write": "shared-rw",
        "snmp host 192.0.2.6 read-only": "own-ro",
        "snmp host 192.0.2.7 read-only": "two words",
        "snmp host 192.0.2.7 read-write": "own-rw",
        "snmpv2c host any read-only": "v2-ro",
    }


def test_users_of_snmpv3_have_two_passwords_one_or_none():
    text = (
        "snmpv3 host 192.0.2.5 user 1-4\nsnmpv3 usm user 1 poller group 7 sha auth-pass aes128-cfb priv-pass\n"
        "snmpv3 usm user 2 reader md5 auth-only\nsnmpv3 usm user 3 anybody\nsnmpv3 usm user 4\n"
    )
    assert kept(RouterSnmpAccounts, text) == {
        "poller authentication": ("plain", "auth-pass"),
        "poller privacy": ("plain", "priv-pass"),
        "reader authentication": ("plain", "auth-only"),
        "anybody authentication": (HIDDEN, ""),
        "? authentication": (HIDDEN, ""),
    }


# --- VPN ----------------------------------------------------------------------------------------------------

DIAL_IN = """\
pp select 1
 pppoe use lan2
 pp auth myname site-k7@isp.example given-by-the-provider
pp select anonymous
 pp auth request mschap-v2
 pp auth username user-b dial-in myname site-k7 for-the-other-end 192.0.2.9
 pp auth username * "any one"
tunnel select 1
 ipsec ike eap myname 1 site-k7 for-the-other-end
 ipsec ike xauth myname 1 site-k7 for-the-other-end
 ipsec ike pre-shared-key 1 text shared
 l2tp tunnel auth on tunnel-password
tunnel select 2
 ipsec ike pre-shared-key 2 0x68696d61776172692d31
 l2tp tunnel auth on
tunnel select 3
 ipsec ike pre-shared-key 3 0xff0123456789abcdef0123456789abcdef
 ipsec ike pre-shared-key 4 *
 l2tp tunnel auth off unused
auth user 1 user-c xauth-password
auth user group 11 1-20
auth user group attribute 11 xauth=on
"""


def test_what_lets_somebody_in_is_found_and_what_lets_the_router_in_elsewhere_is_not():
    assert kept(RouterVpnAccounts, DIAL_IN) == {
        "user-b": ("plain", "dial-in"),
        "*": ("plain", "any one"),
        "ipsec ike pre-shared-key 1": ("plain", "shared"),
        "l2tp tunnel auth of tunnel 1": ("plain", "tunnel-password"),
        "ipsec ike pre-shared-key 2": ("plain", "himawari-1"),
        "l2tp tunnel auth of tunnel 2": ("plain", "RTX830"),
        "ipsec ike pre-shared-key 3": ("plain", "0xff0123456789abcdef0123456789abcdef"),
        "ipsec ike pre-shared-key 4": (HIDDEN, "encrypted *"),
        "user-c": ("plain", "xauth-password"),
    }


def test_only_the_keys_of_tunnels_have_two_ends():
    """The password of somebody who dials in, which another router may have too, has not."""
    found = RouterVpnAccounts().kept(with_config(DIAL_IN), ()).secrets
    assert {one.account for one in found if not one.tunnel} == {"user-b", "*", "user-c"}
    assert {one.at.split()[0] for one in found if one.tunnel} == {"ipsec", "l2tp"}


def test_a_key_that_stands_where_we_do_not_expect_it_is_unknown_and_not_shown():
    found = judged(f"ipsec ike pre-shared-key himitsu-{STRONG}\n")
    assert statuses(found, "vpn_users")[WEAK] == {Status.UNKNOWN} and STRONG not in str(
        as_json(found[WEAK, "vpn_users"])
    )


def test_without_a_vpn_there_are_no_users_of_it():
    with pytest.raises(Absent):
        kept(RouterVpnAccounts, "pp select 1\n pp auth myname site-k7@isp.example given-by-the-provider\n")
    assert RouterVpnAccounts().kept(with_config("radius auth on\n"), ()).unread


def test_the_sites_own_words_make_a_key_weak():
    intent = dataclasses.replace(INTENT, words=("KKK浄水場",))
    found = judged("tunnel select 1\n ipsec ike pre-shared-key 1 text kkk-jyousui1\n", intent=intent)
    (gap,) = found[WEAK, "vpn_users"]
    assert "(rule site_word)" in gap.why and "ipsec ike pre-shared-key 1" in gap.why and "jyousui" not in gap.why
    sound = judged(f"tunnel select 1\n ipsec ike pre-shared-key 1 text {STRONG}\n", intent=intent)
    assert statuses(sound, "vpn_users") == everywhere(Status.PASS)


# --- the device, and what a restart brings back -------------------------------------------------------------


@pytest.mark.skipif(CAPTURE is None, reason="the corpus of real device captures is not beside this checkout")
def test_a_real_capture_tells_what_guesses_are_made_of():
    state = PLATFORM.parse(raw(show_environment=CAPTURE.read_text(encoding="utf-8")))
    assert PLATFORM.device(state) == Device("Yamaha", "RTX1200", "D12345678")


def test_the_fixtures_are_judged():
    found = judged(config())
    assert {surface: statuses(found, surface)[DEFAULT] for surface in ("accounts", "snmp_users", "vpn_users")} == {
        "accounts": {Status.UNKNOWN},
        "snmp_users": {Status.GAP},  # public
        "vpn_users": {Status.UNKNOWN},
    }


def test_what_is_strong_but_not_saved_is_no_pass():
    strong, weak = (f"snmp host 192.0.2.5\nsnmp community read-only {word}\n" for word in (STRONG, "himawari"))
    (found,) = judged(strong, weak)[WEAK, "snmp_users"]
    assert found.status is Status.GAP and "a restart would bring back" in found.why and not found.changes
    assert "Save" in found.fix
    assert statuses(judged(weak, strong), "snmp_users")[WEAK] == {Status.GAP}
    assert statuses(judged(strong, strong), "snmp_users")[WEAK] == {Status.PASS}


def test_a_saved_configuration_that_cannot_be_read_spoils_nothing():
    text = f"snmp host 192.0.2.5\nsnmp community read-only {STRONG}\n"
    assert statuses(judged(text, "Error: password mismatch"), "snmp_users")[WEAK] == {Status.PASS}


def test_what_is_no_configuration_is_unreadable():
    for accounts in PLATFORM.accounts:
        with pytest.raises(Unreadable):
            accounts.kept(with_config("% Invalid input\n"), ())
    assert {status for told in judged("% Invalid input\n").values() for status in {one.status for one in told}} == {
        Status.UNKNOWN
    }


# --- secrets ------------------------------------------------------------------------------------------------

#: A line of each kind, with the secret at the place of ``{}``.
LINES = (
    "login user noc-a {}", "login user noc-a encrypted {}", "login password {}", "administrator password encrypted {}",
    "snmp host 192.0.2.5 {}", "snmp host 192.0.2.5 a-word {}", "snmp community read-only {}",
    "snmpv2c community read-write {}", "snmpv2c host 192.0.2.5 {}", "snmpv3 usm user 1 poller sha {}",
    "snmpv3 usm user 1 poller group 3 md5 a-word des-cbc {}", "ipsec ike pre-shared-key 1 text {}",
    "ipsec ike pre-shared-key 1 {}", "pp auth username user-b {}", "pp auth username user-b a-word myname k7 {}",
    "pp auth myname k7 {}", "auth user 1 user-c {}", "l2tp tunnel auth on {}", "radius secret {}",
)  # fmt: skip
_JUDGED_BY = {
    "login": "accounts", "administrator": "accounts", "snmp": "snmp_users",
    "ipsec": "vpn_users", "pp": "vpn_users", "auth": "vpn_users", "l2tp": "vpn_users",
}  # fmt: skip
_ALLOWED = "snmp host 192.0.2.9\nsnmpv2c host 192.0.2.9\nsnmpv3 host 192.0.2.9 user 1\n"


@pytest.mark.parametrize("line", LINES)
def test_no_secret_is_in_what_is_judged_or_in_what_is_shown_of_unsaved_work(line):
    secret = f"planted-{STRONG}"
    written = line.format(secret)
    found = judged(f"{_ALLOWED}{written}\n", _ALLOWED)
    assert STRONG not in json.dumps(as_json([one for told in found.values() for one in told]))
    vitals = PLATFORM.vitals(raw(show_config=f"{_ALLOWED}{written}\n", saved_config=_ALLOWED))
    assert STRONG not in str(vitals) and vitals.unsaved
    assert STRONG not in redacted(f"no {written}")


_WORDS = st.sampled_from(
    [
        "encrypted", "text", "group", "noc-a", "user", "*", "1", "0x", "0xzz", "none", "any", "on", "off",
        "connection=off", "administrator=2", "=", "192.0.2.1", '"', "'", '""', '"a b"',
    ]
)  # fmt: skip
_BEGINNINGS = st.sampled_from([line.partition("{}")[0] for line in LINES])


@given(st.lists(st.tuples(_BEGINNINGS, st.lists(_WORDS, max_size=5)), max_size=6))
def test_unusual_lines_never_raise(told):
    text = "".join(f"{beginning}{' '.join(words)}\n" for beginning, words in told)
    found = judged(f"{text}snmp host any\n")
    assert {control for control, _surface in found} == {DEFAULT, WEAK, NAME}


@pytest.mark.parametrize("hidden", ["*", "encrypted *", "encrypted aBcD0123"])
@pytest.mark.parametrize("line", [line for line in LINES if not {"a-word", "myname", "radius"} & set(line.split())])
def test_what_is_hidden_never_passes(line, hidden):
    found = judged(f"{_ALLOWED}{line.format(hidden)}\n")
    (surface,) = [one for word, one in _JUDGED_BY.items() if line.startswith(word)]
    assert Status.UNKNOWN in statuses(found, surface)[WEAK] and Status.PASS not in statuses(found, surface)[WEAK]


# --- what would be set ----------------------------------------------------------------------------------------

PEOPLE = dataclasses.replace(
    INTENT, people=(Person("noc-a", access="admin", account="noc-a"), Person("second", account="user-b"))
)
USERS = "login user noc-a *\nlogin user user-b *\nlogin password *\nadministrator password encrypted *\n"
OURS = {login("noc-a"): "noc-a-2026", BECOME: "himawari", asked("console"): "password1"}


def planned(running, intent=PEOPLE, proved=None):
    texts = raw(show_config=running, saved_config=running)
    texts = Raw({**texts.outputs, SESSION_SECRETS.name: outputs(proved or {})})
    state = PLATFORM.examined(texts, PLATFORM.parse(texts), intent)
    return PLATFORM.plan(state, intent, PLATFORM.judge(state, intent, "C1"))


def edits(plan):
    return {edit.given.owner: edit for change in plan.changes for edit in change.edits}


def test_weak_ones_that_we_know_get_others_and_the_routers_own_need_no_declaration():
    found = edits(planned(USERS, proved=OURS))
    assert {owner: (edit.line, edit.whose, edit.first) for owner, edit in found.items()} == {
        "noc-a": ("login user noc-a", "login", False),
        "login password": ("login password", "console", False),
        "administrator password": ("administrator password encrypted", "become", False),
    }
    assert {owner: edit.given.own for owner, edit in found.items()} == {
        "noc-a": False, "login password": True, "administrator password": True,
    }  # fmt: skip
    assert edits(planned(USERS, proved={**OURS, **dict.fromkeys(OURS, STRONG)})) == {}


def test_where_there_is_none_the_first_one_is_kept_encrypted():
    found = edits(planned("console character ascii\n"))
    assert {owner: (edit.line, edit.first) for owner, edit in found.items()} == {
        "login password": ("login password encrypted", True),
        "administrator password": ("administrator password encrypted", True),
    }


@pytest.mark.parametrize(
    ("whose", "attribute", "set_anew"),
    [
        ("second", "", ["second"]),  # the router asks for no old password of a user's
        ("second", "user attribute user-b connection=telnet,http\n", []),  # no login of ours could prove it
        ("second", "user attribute user-b host=192.168.100.10\n", []),
        ("second", "login radius use on\n", []),  # nor would it
        ("login password", "", []),  # of these two it does
        ("administrator password", "", []),
        ("somebody else", "", []),
    ],
)
def test_a_password_that_nobody_knows_is_made_anew_where_it_can_be(whose, attribute, set_anew):
    intent = dataclasses.replace(PEOPLE, rotate=frozenset({whose}))
    assert list(edits(planned(USERS + attribute, intent))) == set_anew
    told = judged(USERS + attribute, intent=intent)[WEAK, "accounts"]
    assert any(one.status is Status.GAP for one in told) == (whose != "somebody else"), "what cannot be done is told"


def test_the_routers_own_are_made_anew_by_the_names_of_their_commands():
    both = frozenset({"login password", "administrator password"})
    intent = dataclasses.replace(PEOPLE, rotate=both)
    assert set(edits(planned(USERS, intent, {**OURS, **dict.fromkeys(OURS, STRONG)}))) == both


def test_an_account_of_nobody_is_left_alone():
    assert "noc-a" not in edits(planned(USERS, dataclasses.replace(PEOPLE, people=()), OURS))
    service = dataclasses.replace(PEOPLE, people=(), service_accounts=frozenset({"noc-a"}))
    assert "noc-a" in edits(planned(USERS, service, OURS))


def test_what_a_schedule_cannot_take_back_is_taken_back_by_a_restart():
    plan = planned(USERS, proved=OURS)
    lines = PLATFORM.guard(plan, "token", 120)
    assert [line.split("* ", 1)[1] for line in lines.arm if line.startswith("schedule")][1:] == ["restart"]
    assert not [line for line in lines.revert if "password" in line or "login user" in line]


_LINES = st.sampled_from([
    "login user noc-a *", "login user user-b *", "login user user-b {}", "login password *", "login password {}",
    "administrator password encrypted *", "administrator password {}", "user attribute user-b administrator=off",
    "user attribute * connection=ssh", "login radius use on",
])  # fmt: skip


@given(st.lists(_LINES, min_size=1), st.booleans(), st.sets(st.sampled_from(["noc-a", "second", "login password"])))
def test_no_plan_and_no_state_holds_a_secret(lines, weak, rotate):
    planted = "hirosaki-2026" if weak else STRONG
    text = "\n".join(line.format(planted) for line in lines) + "\n"
    intent = dataclasses.replace(PEOPLE, rotate=frozenset(rotate))
    for item in ("C1", "C2"):
        texts = raw(show_config=text, saved_config=text)
        texts = Raw({**texts.outputs, SESSION_SECRETS.name: outputs(dict.fromkeys(OURS, planted))})
        state = PLATFORM.examined(texts, PLATFORM.parse(texts), intent)
        plan = PLATFORM.plan(state, intent, PLATFORM.judge(state, intent, item))
        assert planted not in json.dumps(as_json(plan)) and planted not in json.dumps(as_json(state))
        typed = [edit for change in plan.changes for edit in change.edits if isinstance(edit, PasswordEdit)]
        assert not [edit for edit in typed if edit.text]
