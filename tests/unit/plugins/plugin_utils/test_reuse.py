# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C2.reused in the join: a secret that two devices or two people have is a gap, told by label and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.join import Scope, join
from ansible_collections.iot_site.checklist.plugins.plugin_utils.marks import Mark, Marks
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Finding, Status, as_json
from ansible_collections.iot_site.checklist.plugins.plugin_utils.reuse import compared
from hypothesis import given
from hypothesis import strategies as st

RUN, AT = "20261122T221500Z-1a2b3c", "2026-11-22T22:16:00Z"


def mark(secret: str, account: str = "tanaka", *, surface: str = "accounts", whose: str | None = None,
         known: bool = True, tunnel: bool = False) -> Mark:  # fmt: skip
    digests = tuple(f"digest-{one}" for one in secret.split())
    return Mark(digests, account, surface, account if whose is None else whose, known, tunnel)


def device(host: str, *marks: Mark, site: str = "k7", label: str = "", hidden: tuple[str, ...] = ()) -> Marks:
    return Marks(site, host, label, marks, hidden)


def reused(*devices: Marks, host: str = "gw", site: str = "k7", **context: Any) -> Finding:
    hosts = tuple(one.host for one in devices if one.site == site)
    facts = [fact(one, site) for one in hosts]
    told = {host: {"run": RUN, "site": site, "host": host, **context}}
    found = join(Scope(RUN, site, AT, hosts, frozenset(hosts)), facts, told, compared(site, devices))
    return next(finding for finding in found if finding.host == host)


def fact(host: str, site: str = "k7", /, **more: Any) -> dict[str, Any]:
    return {
        "run": RUN, "site": site, "host": host, "platform": "linux", "item": "C2", "control": "C2.reused",
        "surface": "secrets", "status": "unknown", "why": "not compared", "at": AT, "before": "", "after": "",
        "fix": "", "evidence": {}, "enforced_by": "", "seen_from": "inside", "schema": 1, **more,
    }  # fmt: skip


def test_a_secret_that_another_device_has_too_is_a_gap_of_both_told_by_label() -> None:
    both = device("gw", mark("a"), label="K-1"), device("panel", mark("b"), mark("a", "admin"), label="K-2")
    one, other = reused(*both), reused(*both, host="panel")
    assert (one.status, one.why) == (Status.GAP, "tanaka (accounts) has the secret of K-2")
    assert (other.status, other.why) == (Status.GAP, "admin (accounts) has the secret of K-1")
    assert "user_credentials_rotate" in one.fix


def test_a_device_of_the_site_without_a_label_is_called_as_the_inventory_calls_it() -> None:
    assert reused(device("gw", mark("a")), device("panel", mark("a"))).why.endswith("has the secret of panel")


@pytest.mark.parametrize(
    ("label", "named"), [("K-9", "has the secret of K-9 of another site"), ("", "of a device of another site")]
)
def test_of_another_site_nothing_is_said_but_the_label(label: str, named: str) -> None:
    other = device("bravo-hospital", mark("a", "bravo-admin", surface="bravo-web"), mark("c", "bravo-2"),
                   site="bravo", label=label, hidden=("bravo: hidden",))  # fmt: skip
    for devices in ((device("gw", mark("a")), other), (other, device("gw", mark("a")))):
        one = reused(*devices)
        assert one.status is Status.GAP and one.why.endswith(named)
        assert "bravo" not in json.dumps(as_json(one)) and "bravo" not in repr(compared("k7", devices))
    assert reused(*devices, host="bravo-hospital", site="bravo").why.endswith(
        "has the secret of a device of another site"
    )


def test_no_digest_leaves_the_join() -> None:
    for found in (reused(device("gw", mark("a")), device("panel", mark("a"))), reused(device("gw", mark("a")))):
        assert "digest" not in json.dumps(as_json(found))


def test_two_people_on_one_device_have_secrets_of_their_own() -> None:
    one = reused(device("gw", mark("a"), mark("a", "sato"), mark("b", "root")))
    assert (one.status, one.why) == (Status.GAP, "tanaka (accounts) and sato (accounts) have one secret")


def test_a_community_is_nobody_s_password() -> None:
    one = reused(device("gw", mark("a"), mark("a", "the community of /etc/snmp/snmpd.conf:3", whose="")))
    assert one.status is Status.GAP


@pytest.mark.parametrize(
    "marks",
    [
        (mark("a"), mark("a", surface="web_users")),
        (mark("a", "tanaka", whose="田中"), mark("a", "tanaka2", whose="田中")),
        (mark("a", "poller (authentication)", whose="poller"), mark("a", "poller (privacy)", whose="poller")),
        (mark("a", "the community of 1", whose=""), mark("a", "the community of 2", whose="")),
    ],
)
def test_one_person_may_have_one_secret_at_several_places_of_a_device(marks: tuple[Mark, ...]) -> None:
    assert reused(device("gw", *marks)).status is Status.PASS


def test_two_ends_of_a_tunnel_have_one_key_and_a_third_device_has_not() -> None:
    key = mark("a", "ipsec ike pre-shared-key 1", surface="vpn_users", whose="", tunnel=True)
    ends = device("gw", key), device("far", key, site="k8", label="K-8")
    assert (reused(*ends).status, "two ends of one tunnel" in reused(*ends).fix) == (Status.MANUAL, True)
    assert reused(*ends, device("third", key)).status is Status.GAP
    assert reused(device("gw", key), device("far", mark("a"))).status is Status.GAP, "there it is somebody's password"


def test_what_cannot_be_compared_is_unknown_unless_something_is_the_same() -> None:
    hidden = device("gw", mark("a"), hidden=("vendor is hidden",))
    one = reused(hidden)
    assert (one.status, one.why) == (Status.UNKNOWN, "vendor is hidden")
    assert reused(hidden, device("panel", mark("a"))).status is Status.GAP
    assert reused(device("gw"), device("panel", hidden=("x",))).status is Status.NOT_APPLICABLE


def test_a_pass_says_what_was_compared_and_how() -> None:
    one = reused(device("gw", mark("a"), mark("b", known=False)), device("panel", mark("c")))
    assert one.status is Status.PASS and one.fix == ""
    assert "2 of this device, 2 devices of this site" in one.why
    assert one.why.endswith("salted hashes that no guess opened are only compared byte for byte: 1")
    assert one.evidence == {"secrets": 2, "byte_for_byte": 1, "devices": 2}
    assert "byte" not in reused(device("gw", mark("a"))).why


@pytest.mark.parametrize("status", ["unreachable", "not_supported", "gap", "waived"])
def test_what_was_not_left_to_the_join_stays(status: str) -> None:
    scope = Scope(RUN, "k7", AT, ("gw",), frozenset({"gw"}))
    among = compared("k7", [device("gw", mark("a"))])
    (found,) = join(scope, [fact("gw", status=status, surface="")], {}, among)
    assert (found.status.value, found.why) == (status, "not compared")


def test_a_device_whose_secrets_were_not_read_stays_unknown() -> None:
    scope = Scope(RUN, "k7", AT, ("gw",), frozenset({"gw"}))
    for among in (compared("k7", []), compared("k7", [device("gw", mark("a"), site="k8")])):
        (found,) = join(scope, [fact("gw")], {}, among)
        assert (found.status, found.why) == (Status.UNKNOWN, "not compared")


def test_its_owner_may_accept_it() -> None:
    waiver = {"hosts": "gw", "control": "C2.reused", "surface": "", "decision": "waived", "owner": "水道課長",
              "reason": "監視装置と共通", "until": "2027-03-31"}  # fmt: skip
    both = device("gw", mark("a")), device("panel", mark("a"))
    one = reused(*both, today="2026-11-22", waivers=[waiver])
    assert one.status is Status.WAIVED and "水道課長" in one.why
    assert reused(*both, today="2027-04-01", waivers=[waiver]).status is Status.GAP


TEXTS, WHOSE = st.sampled_from(["a", "b", "c", "a b", "c d"]), st.sampled_from(["tanaka", "sato", "root"])
SECRETS = st.builds(mark, TEXTS, WHOSE, tunnel=st.booleans())
DEVICES = st.lists(st.tuples(st.sampled_from(["k7", "secret-of-b"]), st.lists(SECRETS, max_size=3)), max_size=4)


@given(st.lists(SECRETS, max_size=3), DEVICES)
def test_nobody_passes_who_shares_a_secret_and_nobody_else_is_accused(mine: list[Mark], others: list[Any]) -> None:
    devices = [device("gw", *mine)]
    devices += [device(f"{site}-host-{at}", *marks, site=site) for at, (site, marks) in enumerate(others)]
    one = reused(*devices)
    digests = {digest for each in mine for digest in each.digests}
    shared = any(not digests.isdisjoint(each.digests) for _site, marks in others for each in marks)
    within = any(a.whose != b.whose and not set(a.digests).isdisjoint(b.digests) for a in mine for b in mine)
    assert (one.status in (Status.GAP, Status.MANUAL)) is (shared or within)
    assert "secret-of-b" not in json.dumps(as_json(one))
