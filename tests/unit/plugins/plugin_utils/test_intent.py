# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Intent: every wrong variable is named at once, and what is right means exactly what was written."""

from __future__ import annotations

import datetime
import ipaddress
from random import Random
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Front, Published
from ansible_collections.iot_site.checklist.plugins.plugin_utils.intent import load
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Consent, Intent
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.plugin_utils.test_public_key import BLOCK, RECIPIENTS

HOST = "k7-panel"
AGE = RECIPIENTS[0]

#: The panel of the example site in the README.
DECLARED: dict[str, Any] = {
    "site": "k7",
    "people": {
        "iot_site_people": [
            {"name": "noc-a", "sources": ["203.0.113.10/32"], "access": "admin"},
            {"name": "user-b", "via": "vpn"},
        ]
    },
    "vpns": {"vpn": ["192.168.200.0/28"]},
    "management_sources": ["2001:db8:5::1"],
    "published": [{"via": "k7-rtx", "port": 8443, "to": 443}],
    "enforced_by": "k7-rtx",
    "gateway_sites": {"k7-rtx": "k7"},
    "gateway_enforcers": {"k7-rtx": ""},
    "authorised": {"by": "水道課長", "on": "2026-11-20", "until": "2027-03-31", "scope": ["read", "probe", "change"]},
    "words": ["弘前", "第一浄水場"],
    "label": "K7-02",
    "stakeholders": {"owner": "水道課", "builder": "当社", "operator": "NOC", "user": "水道課"},
}


def wanted(declared: dict[str, Any] | None = None, **options: Any) -> Intent:
    intent, problems = load({"declared": {**DECLARED, **(declared or {})}, **options}, HOST)
    assert intent is not None, [str(problem) for problem in problems]
    assert problems == []
    return intent


def problems_of(declared: dict[str, Any], **options: Any) -> dict[str, str]:
    """Every problem by its variable."""
    intent, problems = load({"declared": {**DECLARED, **declared}, **options}, HOST)
    assert intent is None, "a host with a wrong variable has no intent at all"
    assert all(problem.host == HOST for problem in problems)
    return {problem.variable: str(problem) for problem in problems}


def people(*entries: Any) -> dict[str, Any]:
    return {"people": {"iot_site_people": list(entries)}}


def test_the_example_site_means_what_it_says() -> None:
    intent = wanted()
    assert (intent.site, intent.host, intent.label, intent.enforced_by) == ("k7", HOST, "K7-02", "k7-rtx")
    assert intent.allow4 == ("192.168.200.0/28", "203.0.113.10/32")
    assert intent.allow6 == ("2001:db8:5::1/128",)
    assert [(person.name, person.sources, person.access) for person in intent.people] == [
        ("noc-a", ("203.0.113.10/32",), "admin"),
        ("user-b", ("192.168.200.0/28",), "operator"),
    ]
    assert intent.published == (Published(via="k7-rtx", port=8443, to=443),)
    assert intent.authorised is not None
    assert intent.authorised.allows("change", "2027-03-31")
    assert not intent.authorised.allows("change", "2027-04-01")
    assert not intent.authorised.allows("login_test", "2026-12-01")


def test_an_inventory_that_says_nothing_but_the_site_is_safe() -> None:
    intent, problems = load({"declared": {"site": "k7"}}, HOST)
    assert problems == []
    every = frozenset({"admin", "operator", "viewer"})
    wanted = {"accounts": frozenset({"admin"}), "web_users": every, "logins": every}
    assert intent == Intent(site="k7", host=HOST, accounts_for=wanted)
    assert intent.authorised is None
    assert intent.consent == frozenset()


def test_absent_options_are_the_same_as_options_not_given() -> None:
    """The argument specification fills what was not given with None."""
    absent = dict.fromkeys(DECLARED, None) | {"site": "k7"}
    options = {"enforce_with": None, "unguarded": None, "change_hostname": None, "change_application_files": None}
    assert load({"declared": absent, **options}, HOST) == load({"declared": {"site": "k7"}}, HOST)


# --- people -------------------------------------------------------------------------------------------------


def test_people_are_the_union_of_every_variable_and_a_repeated_entry_counts_once() -> None:
    noc = {"name": "noc-a", "sources": ["203.0.113.10", "203.0.113.11"]}
    same = {"name": "noc-a", "sources": ["203.0.113.10/31"], "access": "operator"}
    intent = wanted({"people": {"iot_site_people": [noc], "iot_site_people_west": [same, {"name": "user-c"}]}})
    assert [person.name for person in intent.people] == ["noc-a", "user-c"]
    assert intent.people[0].sources == ("203.0.113.10/31",)


def test_one_name_with_two_contents_names_both_variables() -> None:
    first = {"name": "noc-a", "sources": ["203.0.113.10"]}
    other = {"name": "noc-a", "sources": ["203.0.113.12"]}
    found = problems_of({"people": {"iot_site_people": [first], "iot_site_people_west": [other]}})
    assert list(found) == ["iot_site_people_west[noc-a]"]
    assert "iot_site_people[noc-a]" in found["iot_site_people_west[noc-a]"]


def test_a_vpn_that_is_not_declared_leaves_its_user_without_an_address() -> None:
    intent = wanted({**people({"name": "user-b", "via": "vpn-2"}), "management_sources": []})
    assert intent.people[0].sources == ()
    assert intent.allow4 == intent.allow6 == ()


def test_a_person_has_one_public_key_of_either_kind() -> None:
    (first, second) = wanted(people({"name": "a", "age": AGE}, {"name": "b", "gpg": BLOCK})).people
    assert (first.age, first.gpg, second.age, second.gpg) == (AGE, "", "", BLOCK + "\n")
    found = problems_of(people({"name": "a", "age": AGE, "gpg": BLOCK}))
    assert "either age or gpg" in found["iot_site_people[a].gpg"]


@pytest.mark.parametrize("kind", ["age", "gpg"])
def test_a_private_key_in_the_place_of_a_public_one_is_named_and_not_shown(kind: str) -> None:
    private = "AGE-SECRET-KEY-1PLANTED"
    found = problems_of(people({"name": "a", kind: private}))
    assert "expected" in found[f"iot_site_people[a].{kind}"]
    assert not [told for told in found.values() if "PLANTED" in told]


@pytest.mark.parametrize(
    ("entry", "variable"),
    [
        ({"name": "noc-a", "sources": ["any"]}, "iot_site_people[noc-a].sources"),
        ({"name": "noc-a", "sources": ["192.0.2.5/24"]}, "iot_site_people[noc-a].sources"),
        ({"name": "noc-a", "sources": "192.0.2.5"}, "iot_site_people[noc-a].sources"),
        ({"name": "noc-a", "sources": ["127.0.0.1"]}, "iot_site_people[noc-a].sources"),
        ({"name": "noc-a", "sources": ["192.0.2.5"], "via": "vpn"}, "iot_site_people[noc-a].via"),
        ({"name": "noc-a", "source": ["192.0.2.5"]}, "iot_site_people[noc-a]['source']"),
        ({"name": "noc-a", "access": "root"}, "iot_site_people[noc-a].access"),
        ({"name": "noc-a", "shared": "maybe"}, "iot_site_people[noc-a].shared"),
        ({"sources": ["192.0.2.5"]}, "iot_site_people[0].name"),
        ({"name": "a\nb"}, "iot_site_people[0].name"),
        ("noc-a", "iot_site_people[0]"),
    ],
)
def test_a_wrong_person_is_named_with_the_variable(entry: Any, variable: str) -> None:
    assert list(problems_of(people(entry))) == [variable]


def test_every_wrong_variable_is_named_not_only_the_first() -> None:
    found = problems_of(
        {
            **people({"name": "a", "sources": ["0.0.0.0/0", "192.0.2.300", "192.0.2.1"]}, {"name": "b", "via": 7}),
            "site": "K 7",
            "vpns": {"vpn": ["10.1"]},
            "management_sources": ["controller.example.org"],
            "source_max_addresses": 0,
            "published": [{"via": "k7-rtx", "port": 99999, "to": "https", "protocol": "icmp"}, 8443],
            "enforced_by": "k7-rtz",
            "authorised": {"by": "", "on": "2026-02-30", "until": "soon", "scope": ["read", "everything"]},
            "unsaved": "ignore",
            "guard_seconds": 5,
            "words": ["北"],
            "label": 'K7"; drop',
            "stakeholders": {"owner": ["水道課"], "boss": "x"},
        },
        enforce_with="prayer",
        unguarded="perhaps",
    )
    assert set(found) == {
        "iot_site_people[a].sources",
        "iot_site_people[b].via",
        "iot_site_id",
        "iot_site_vpns[vpn]",
        "iot_site_management_sources",
        "iot_site_source_max_addresses",
        "iot_site_published[0].port",
        "iot_site_published[0].to",
        "iot_site_published[0].protocol",
        "iot_site_published[1]",
        "iot_site_enforced_by",
        "iot_site_published[0].via",
        "iot_site_authorised.by",
        "iot_site_authorised.on",
        "iot_site_authorised.until",
        "iot_site_authorised.scope",
        "iot_site_unsaved",
        "iot_site_guard_seconds",
        "iot_site_words[0]",
        "iot_site_label",
        "iot_site_stakeholders.owner",
        "iot_site_stakeholders['boss']",
        "ip_allowlist_enforce_with",
        "ip_allowlist_unguarded",
    }
    assert found["iot_site_guard_seconds"].startswith("k7-panel: iot_site_guard_seconds is 5; expected a whole number")


def test_values_are_shown_escaped_and_bounded_and_strange_keys_without_theirs() -> None:
    found = problems_of(people({"name": "a", "sources": ["\x1b[31m" + "x" * 5000], "password": "hunter2-hunter2"}))
    assert "\x1b" not in found["iot_site_people[a].sources"]
    assert len(found["iot_site_people[a].sources"]) < 700
    assert "hunter2" not in "".join(found.values())


# --- the world, and what strangers share --------------------------------------------------------------------


def test_the_world_in_pieces_is_refused_wherever_the_halves_stand() -> None:
    """Quarters are refused alone; eighths pass alone and are refused together, naming who holds them."""
    eighths = [f"{number * 32}.0.0.0/3" for number in (1, 2, 4, 5)]
    found = problems_of(
        {
            "people": {
                "iot_site_people": [{"name": "a", "sources": [eighths[0]]}],
                "iot_site_people_b": [{"name": "b", "sources": [eighths[1]]}, {"name": "c", "sources": ["192.0.2.1"]}],
            },
            "management_sources": eighths[2:],
        }
    )
    (variable,) = found
    assert variable == "iot_site_people[a].sources + iot_site_people_b[b].sources + iot_site_management_sources"


@given(st.randoms(use_true_random=False), st.integers(0, 6), st.integers(1, 4))
def test_no_spelling_of_the_world_is_accepted(random: Random, depth: int, holders: int) -> None:
    """All of IPv4, cut into random pieces and dealt out to several people, management and VPNs."""
    pieces = [ipaddress.ip_network("0.0.0.0/0")]
    for _cut in range(depth * 4):
        piece = pieces.pop(random.randrange(len(pieces)))
        pieces += piece.subnets() if piece.prefixlen < 24 else [piece]
    spelt = [random.choice([str(piece), f"{piece[0]}-{piece[-1]}"]) for piece in pieces]
    dealt: list[list[str]] = [[] for _holder in range(holders + 2)]
    for text in spelt:
        random.choice(dealt).append(text)
    entries = [{"name": f"p{number}", "sources": hand} for number, hand in enumerate(dealt[2:])]
    everybody = {"vpns": {"v": dealt[1]}, **people(*entries, {"name": "q", "via": "v"}), "management_sources": dealt[0]}
    assert problems_of(everybody)


@given(st.permutations(["198.51.100.0/25", "198.51.100.128/25", "203.0.113.7", "2001:db8::/56"]), st.integers(0, 4))
def test_the_allowlist_does_not_depend_on_who_or_where_or_in_which_order(sources: list[str], cut: int) -> None:
    declared = people({"name": "b", "sources": sources[cut:]}, {"name": "a", "sources": sources[:cut]})
    intent = wanted({**declared, "management_sources": []})
    assert intent.allow4 == ("198.51.100.0/24", "203.0.113.7/32")
    assert intent.allow6 == ("2001:db8::/56",)
    assert [person.name for person in intent.people] == ["a", "b"]


@pytest.mark.parametrize(
    ("entry", "shared"),
    [
        ({"name": "a", "sources": ["203.0.113.7"], "shared": True}, ("203.0.113.7/32",)),
        ({"name": "a", "sources": ["198.51.100.0/23"]}, ("198.51.100.0/23",)),
        ({"name": "a", "sources": ["198.51.100.0/24"]}, ()),
        ({"name": "a", "sources": ["2001:db8::/48", "203.0.113.7"]}, ("2001:db8::/48",)),
        ({"name": "a", "via": "wide"}, ("10.8.0.0/22",)),
        ({"name": "a", "sources": ["128.0.0.0/3"]}, ("128.0.0.0/3",)),
    ],
)
def test_what_strangers_share_is_accepted_but_listed(entry: dict[str, Any], shared: tuple[str, ...]) -> None:
    assert wanted({**people(entry), "vpns": {"wide": ["10.8.0.0/22"]}}).shared == shared


def test_a_wide_management_network_is_shared_too() -> None:
    assert wanted({"management_sources": ["10.0.0.0/8", "127.0.0.1"]}).shared == ("10.0.0.0/8",)


# --- other hosts, approval, options -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"enforced_by": HOST}, "another host than this one"),
        ({"enforced_by": "k9-rtx"}, "the name of an inventory host"),
        ({"gateway_sites": {"k7-rtx": "k8"}}, "a host of the same site (k7)"),
        ({"gateway_enforcers": {"k7-rtx": "k7-fw"}}, "for k7-rtx that is k7-fw"),
        ({"enforced_by": ["k7-rtx"]}, "the name of an inventory host"),
    ],
)
def test_access_is_limited_by_a_host_of_the_same_site_that_does_so_itself(declared: dict[str, Any], said: str) -> None:
    assert said in problems_of(declared)["iot_site_enforced_by"]


def test_one_port_of_a_gateway_leads_to_one_place() -> None:
    twice = [{"via": "k7-rtx", "port": 8443, "to": 443}, {"via": "k7-rtx", "port": 8443, "to": 80}]
    assert "one target" in problems_of({"published": twice})["iot_site_published[1].port"]
    assert len(wanted({"published": [twice[0], dict(twice[0])]}).published) == 1
    both = [twice[0], {**twice[1], "protocol": "udp"}]
    assert [service.protocol for service in wanted({"published": both}).published] == ["tcp", "udp"]


@pytest.mark.parametrize("missing", ["by", "on", "until", "scope"])
def test_half_an_approval_is_a_mistake_not_an_approval(missing: str) -> None:
    half = {key: value for key, value in DECLARED["authorised"].items() if key != missing}
    assert list(problems_of({"authorised": half})) == [f"iot_site_authorised.{missing}"]
    assert list(problems_of({"authorised": {**half, missing: None}})) == [f"iot_site_authorised.{missing}"]


def test_an_approval_in_yaml_dates_reads_the_same() -> None:
    dates = {"on": datetime.date(2026, 11, 20), "until": datetime.date(2027, 3, 31)}
    assert wanted({"authorised": {**DECLARED["authorised"], **dates}}) == wanted()


def test_an_unquoted_on_which_yaml_reads_as_true_is_the_day_it_was_meant_to_be() -> None:
    unquoted = {True if key == "on" else key: value for key, value in DECLARED["authorised"].items()}
    assert wanted({"authorised": unquoted}) == wanted()


def test_an_approval_that_ends_before_it_begins_is_named() -> None:
    backwards = {**DECLARED["authorised"], "until": "2026-11-19"}
    assert "a day not before 2026-11-20" in problems_of({"authorised": backwards})["iot_site_authorised.until"]


def test_a_label_that_shows_an_owners_word_is_refused_and_without_one_names_are_deleted() -> None:
    assert (
        "holds none of iot_site_words" in problems_of({"label": "HIROSAKI-1", "words": ["hirosaki"]})["iot_site_label"]
    )
    assert wanted({"label": ""}).label == ""


def test_a_weak_secret_is_a_problem_of_its_variable_and_is_not_shown() -> None:
    found = problems_of({"label": "", "label_problem": "a random text of at least 20 characters"})
    assert found == {"iot_site_secret": "k7-panel: iot_site_secret; expected a random text of at least 20 characters"}


def test_consent_is_given_option_by_option() -> None:
    assert wanted(change_hostname=True).consent == {Consent.HOSTNAME}
    assert wanted(change_application_files="yes", unguarded="False").consent == {Consent.APPLICATION_FILES}
    assert wanted(unguarded=True, enforce_with="web_server").enforce_with == "web_server"


def test_logins_are_tried_only_within_what_somebody_has_allowed() -> None:
    allowed = {**DECLARED["authorised"], "scope": ["read", "login_test"]}
    assert wanted({"authorised": allowed}, probe="true").consent == {Consent.LOGIN_TEST}
    assert wanted(probe=False).consent == set()
    for authorised in (DECLARED["authorised"], None):
        (problem,) = problems_of({"authorised": authorised}, probe=True).items()
        assert problem[0] == "user_credentials_probe" and "login_test in the scope of iot_site_authorised" in problem[1]


@pytest.mark.parametrize(
    ("seconds", "right"), [(59, False), (60, True), ("300", True), (3600, True), (3601, False), (True, False)]
)
def test_a_guard_has_time_to_prove_the_change_and_does_not_leave_a_site_waiting(seconds: object, right: bool) -> None:
    intent, problems = load({"declared": {**DECLARED, "guard_seconds": seconds}}, HOST)
    assert (intent is not None) is right
    assert right or [problem.variable for problem in problems] == ["iot_site_guard_seconds"]


_KEYS = st.text(max_size=8) | st.sampled_from(["name", "sources", "via", "by"])
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(set(DECLARED) - {"gateway_sites", "gateway_enforcers"})), _JUNK)
def test_whatever_is_written_gives_an_intent_or_problems_never_a_crash(key: str, junk: Any) -> None:
    intent, problems = load({"declared": {**DECLARED, key: junk}}, HOST)
    assert (intent is None) == bool(problems)
    assert all(str(problem) for problem in problems)


# --- a login in front of what has none --------------------------------------------------------------------------


def test_fronts_are_ports_of_their_own():
    fronts = wanted(fronts=[{"listen": 9443, "to": 9090}, {"listen": 8443, "to": 8080}]).fronts
    assert fronts == (Front(8443, 8080), Front(9443, 9090))
    assert wanted().fronts == ()


@pytest.mark.parametrize(
    ("fronts", "place"),
    [
        ([{"listen": 8080, "to": 8080}], "login_required_fronts[0].listen"),
        ([{"listen": 8443, "to": 8080}, {"listen": 8443, "to": 9090}], "login_required_fronts[1].listen"),
        ([{"listen": 8443, "to": 8080}, {"listen": 9443, "to": 8443}], "login_required_fronts"),
        ([{"listen": 0, "to": 8080}], "login_required_fronts[0].listen"),
        ([{"listen": 8443}], "login_required_fronts[0].to"),
        ([8443], "login_required_fronts[0]"),
        ([{"listen": 8443, "to": 8080, "user": "x"}], "login_required_fronts[0]"),
    ],
)
def test_a_wrong_front_is_named(fronts, place):
    assert any(variable.startswith(place) for variable in problems_of({}, fronts=fronts))


@pytest.mark.parametrize(
    ("days", "most"),
    [(None, 0), (0, 0), ("365", 365), (3651, None), (-1, None), (True, None), ("a year", None)],
)
def test_the_greatest_age_of_a_password_is_a_number_of_days(days: object, most: int | None) -> None:
    intent, problems = load({"declared": DECLARED, "max_age_days": days}, HOST)
    assert (intent.max_age_days if intent else None) == most
    assert [problem.variable for problem in problems] == ([] if intent else ["user_credentials_max_age_days"])
