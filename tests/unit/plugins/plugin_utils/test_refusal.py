# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every circumstance that must stop a plan before its first edit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Authorisation
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Change,
    Consent,
    Intent,
    LineEdit,
    Plan,
    Vitals,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.refusal import Circumstances, lost, refusals

CHANGE = Change("A2.management", "filter", "limit", "", "", (LineEdit("deny", "no deny"),), cuts_access=True)
PLAN = Plan("k7-gw", "0" * 64, (CHANGE,))
GENTLE = Plan("k7-gw", "0" * 64, (replace(CHANGE, cuts_access=False),))
ALLOWED = Authorisation("水道課長", "2026-11-20", "2027-03-31", frozenset({"read", "change"}))
INTENT = Intent("k7", "k7-gw", allow4=("203.0.113.10/32",), authorised=ALLOWED)
VITALS = Vitals(source="203.0.113.10", account="noc-a")
NOW = Circumstances(today="2026-11-22", way_back=True, seconds_needed=40)


def test_a_sound_plan_is_not_refused():
    assert refusals(PLAN, INTENT, VITALS, NOW) == []


@pytest.mark.parametrize(
    ("intent", "vitals", "now", "says"),
    [
        ({"authorised": None}, {}, {}, "iot_site_authorised"),
        ({"authorised": replace(ALLOWED, until="2026-11-21")}, {}, {}, "2026-11-21"),
        ({"authorised": replace(ALLOWED, on="2026-11-23")}, {}, {}, "2026-11-23"),
        ({"authorised": replace(ALLOWED, scope=frozenset({"read"}))}, {}, {}, "scope read"),
        ({}, {"unsafe": "the root file system is volatile"}, {}, "volatile"),
        ({}, {"unsaved": "-a\n+b"}, {}, "adopt"),
        ({}, {}, {"failed_hosts": ("k7-panel",)}, "k7-panel"),
        ({}, {}, {"failed_hosts": ("k7-gw",)}, "rolled back"),
        ({}, {}, {"blind": "a local connection proves nothing"}, "proves nothing"),
        ({}, {"source": ""}, {}, "locked out"),
        ({}, {"source": "198.51.100.7"}, {}, "198.51.100.7"),
        ({"allow4": ()}, {}, {}, "203.0.113.10"),
        ({}, {"visitors": {"198.51.100.7": "tanaka over ssh"}}, {}, "198.51.100.7 (tanaka over ssh)"),
        ({}, {"visitors": {"office.example": "tanaka over web"}}, {}, "office.example"),
        ({}, {"visitors_unknown": "the journal was not read"}, {}, "the journal was not read"),
        ({"enforce_with": "web_server"}, {"visitors": {"192.168.1.9": ""}, "inside": ("192.168.1.0/24",)}, {}, "1.9"),
        ({}, {}, {"way_back": False}, "ip_allowlist_unguarded"),
        ({}, {}, {"seconds_needed": 121}, "guard would fire"),
    ],
)
def test_is_refused_and_says_why(intent, vitals, now, says):
    reasons = refusals(PLAN, replace(INTENT, **intent), replace(VITALS, **vitals), replace(NOW, **now))
    assert len(reasons) == 1 and says in reasons[0], reasons


def test_who_is_on_the_list_inside_or_let_go_by_consent_stops_nothing():
    inside = replace(VITALS, visitors={"203.0.113.10": "", "192.168.1.9": ""}, inside=("192.168.1.0/24",))
    assert not refusals(PLAN, INTENT, inside, NOW)
    stranger = replace(VITALS, visitors={"198.51.100.7": "tanaka over ssh"}, visitors_unknown="a log was not read")
    assert not refusals(PLAN, replace(INTENT, consent=frozenset({Consent.ACTIVE_SOURCES})), stranger, NOW)
    login = replace(PLAN, changes=(replace(CHANGE, control="A1.ssh"),))
    assert not refusals(login, INTENT, stranger, NOW)


def test_who_comes_to_a_device_behind_this_gateway_counts_where_its_inner_networks_are_known():
    behind = replace(NOW, visitors_behind={"198.51.100.7": "on k7-panel: tanaka over web", "192.168.1.9": "inside"})
    (reason,) = refusals(PLAN, INTENT, replace(VITALS, inside=("192.168.1.0/24",)), behind)
    assert "198.51.100.7 (on k7-panel: tanaka over web)" in reason and "192.168.1.9" not in reason
    assert not refusals(PLAN, INTENT, VITALS, behind), "who passes it, and who is beside it, cannot be told"


def test_many_visitors_are_counted():
    visitors = {f"198.51.100.{number}": "tanaka over ssh" for number in range(14)}
    (reason,) = refusals(PLAN, INTENT, replace(VITALS, visitors=visitors), NOW)
    assert "and 4 more" in reason and "198.51.100.9" in reason and "198.51.100.10" not in reason


def test_a_person_may_consent_to_the_two_that_are_theirs_to_take():
    assert not refusals(PLAN, replace(INTENT, unsaved="adopt"), replace(VITALS, unsaved="-a"), NOW)
    assert not refusals(
        PLAN, replace(INTENT, consent=frozenset({Consent.UNGUARDED})), VITALS, replace(NOW, way_back=False)
    )


def test_a_change_that_cannot_cut_access_needs_no_known_source():
    assert not refusals(GENTLE, INTENT, Vitals(), replace(NOW, blind="local", way_back=False))


@pytest.mark.parametrize("source", ["192.0.2.9", "2001:db8:0:ff::1%eth0"])
def test_ranges_ipv6_and_zones_are_understood_where_the_session_comes_from(source):
    intent = replace(INTENT, allow4=("192.0.2.5-192.0.2.9",), allow6=("2001:db8::/56",))
    assert not refusals(PLAN, intent, Vitals(source=source), NOW)


def test_a_canary_that_changed_or_vanished_is_lost_and_a_new_one_is_not():
    before = {"default route": "via 192.0.2.1", "DNS": "192.0.2.53"}
    after = {"default route": "via 192.0.2.254", "VPN": "up"}
    assert [text.partition(" (")[0] for text in lost(before, after)] == ["default route", "DNS"]
    assert lost(before, before) == []
