# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A2 beside the managers of packet filters that owners use: who gets in before, under guard, and after a restart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status

from tests.integration import firewall_world, lab_world
from tests.integration.firewall_world import DOORS, FIREWALLD, INTENT, PUBLISH, UFW, Device, Site
from tests.integration.router_world import until

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

#: What a manager and the kernel hold, without counters and the time of day.
_FILTER = "iptables-save; ip6tables-save; nft -s list ruleset; cd /etc; find ufw firewalld -type f | xargs sha256sum"

#: Only iptables' own rules: as a machine that somebody once set up by hand.
PLAIN = "iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -A INPUT -s 192.0.2.9 -j DROP\n"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with firewall_world.site() as made:
        yield made


def filter_of(device: Device) -> str:
    return re.sub(r"(?m)^#.*\n|\[\d+:\d+\]", "", device.sh(_FILTER))


@pytest.fixture(scope="module", params=[("ufw", UFW), ("firewalld", FIREWALLD)], ids=["ufw", "firewalld"])
def managed(request: pytest.FixtureRequest, site: Site) -> Device:
    name, script = request.param
    device = site.device(name)
    device.sh(script)
    return device


# The tests of one manager follow each other: open, rehearsed, closed, restarted, opened again by its owner.


def test_what_the_owner_allows_to_everybody_is_the_gap(site: Site, managed: Device) -> None:
    assert site.open_to(site.stranger, managed) == set(DOORS), "it is open before, or the test would prove nothing"
    verdicts = managed.judged()
    assert {surface for _control, surface in verdicts} == {managed.name}, "one surface speaks, and no other"
    assert {one.status for one in verdicts.values()} == {Status.GAP}
    covered = verdicts["A2.forwarded", managed.name].evidence["covers"]
    assert covered == [{"port": 8080, "protocol": "tcp", "to": "192.168.142.20:80"}]


def test_an_audit_changes_nothing(managed: Device) -> None:
    before = filter_of(managed)
    managed.judged()
    assert filter_of(managed) == before


def test_under_guard_only_the_office_gets_in_and_the_way_back_is_exact(site: Site, managed: Device) -> None:
    before = filter_of(managed)
    managed.apply(managed.planned())
    assert site.open_to(site.stranger, managed) == set()
    assert site.open_to(site.office, managed) == set(DOORS)
    assert managed.operate("revert") == {"outcome": "reverted", "why": "", "problems": []}
    assert filter_of(managed) == before
    assert site.open_to(site.stranger, managed) == set(DOORS)


def test_a_restart_before_the_confirmation_brings_the_old_filter_back(site: Site, managed: Device) -> None:
    managed.apply(managed.planned())
    assert site.open_to(site.stranger, managed) == set()
    site.lab.reboot(managed.name)
    until(lambda: not managed.guarded, "the way back was taken at boot")
    until(lambda: site.open_to(site.stranger, managed) >= {"itself over IPv4", "itself over IPv6"}, "it is open again")


def test_confirmed_it_passes_and_survives_reloads_and_a_restart(site: Site, managed: Device) -> None:
    changes = managed.planned()
    managed.apply(changes)
    managed.confirm(changes)
    reload = {"ufw": "ufw reload", "firewalld": "firewall-cmd -q --reload"}[managed.name]
    for again in (lambda: None, lambda: managed.sh(reload), lambda: site.lab.reboot(managed.name)):
        again()
        passes = {Status.PASS}  # a restarted machine may load its filter after we get in
        until(lambda: {one.status for one in managed.judged().values()} == passes, "the filter is there")  # noqa: B023
        assert not managed.planned(), "a second run changes nothing"
        assert site.open_to(site.stranger, managed) == set()
        assert site.open_to(site.office, managed) == set(DOORS)


def test_another_person_is_let_in_by_the_same_means(site: Site, managed: Device) -> None:
    more = replace(
        INTENT, allow4=(*INTENT.allow4, "192.168.141.66/32"), allow6=(*INTENT.allow6, "fd00:db8:141::66/128")
    )
    assert {one.status for one in managed.judged(more).values()} == {Status.GAP}
    managed.apply(managed.planned(more))
    assert site.open_to(site.stranger, managed) == set(DOORS)
    assert managed.operate("revert")["outcome"] == "reverted"
    assert site.open_to(site.stranger, managed) == set()


def test_what_the_owner_opens_behind_our_limit_stays_closed_to_strangers(site: Site, managed: Device) -> None:
    opened = {"ufw": "ufw allow 443/tcp", "firewalld": "firewall-cmd -q --zone=public --add-port=443/tcp"}
    managed.sh(opened[managed.name])
    assert {one.status for one in managed.judged().values()} == {Status.PASS}
    assert site.open_to(site.stranger, managed) == set()


def test_a_hole_in_the_running_filter_is_found(site: Site, managed: Device) -> None:
    """In the kernel alone: the files still say what they should."""
    hole = {
        "ufw": "iptables -I ufw-before-input 1 -s 192.168.141.66 -j ACCEPT",
        "firewalld": "nft add element inet firewalld iot-site-allow4 { 192.168.141.66 }",
    }
    managed.sh(hole[managed.name])
    assert "itself over IPv4" in site.open_to(site.stranger, managed)
    found = managed.judged()
    assert found["A2.management", managed.name].status is Status.GAP
    assert found["A2.forwarded", managed.name].status is Status.PASS, "exactly that gap"
    reload = {"ufw": "ufw reload", "firewalld": "firewall-cmd -q --reload"}[managed.name]
    managed.sh(reload)
    assert managed.judged()["A2.management", managed.name].status is Status.PASS


def test_two_managers_at_once_are_judged_by_nobody(managed: Device) -> None:
    managed.sh("systemctl enable -q nftables")
    try:
        for (_control, surface), verdict in managed.judged().items():
            assert surface == "nftables" and verdict.status is Status.UNKNOWN and not verdict.changes
            assert managed.name in verdict.why and "nftables starts at boot" in verdict.why.replace(
                "is not loaded and ", ""
            )
            assert "systemctl disable nftables" in verdict.fix
    finally:
        managed.sh("systemctl disable -q nftables")


def test_containers_beside_firewalld_are_spared_its_reload(site: Site) -> None:
    """A reload sweeps every rule of iptables away: where there is one, our own table limits the input."""
    device = site.device("iptables")
    device.sh(FIREWALLD + PUBLISH)
    rules = device.sh("iptables-save -t nat | grep -c DNAT")
    assert not any(edit.argv[0] == "firewall-cmd" for change in device.planned() for edit in change.activate)
    because = device.judged()["A2.management", "firewalld"].evidence["by_our_table_because"]
    assert "sweep away" in str(because)
    device.apply(device.planned())
    assert site.open_to(site.stranger, device) == set() and "published over IPv4" in site.open_to(site.office, device)
    assert device.sh("iptables-save -t nat | grep -c DNAT") == rules
    assert device.operate("revert")["outcome"] == "reverted"
    device.sh("firewall-cmd -q --reload; iptables-save | grep -c DNAT || true")
    assert device.sh("iptables-save | grep -c DNAT || true").strip() == "0", "it would really have swept them away"
    device.sh("systemctl disable -q --now firewalld")


def test_beside_plain_iptables_our_own_table_drops_finally(site: Site) -> None:
    device = site.device("nftables")
    device.sh(PLAIN + PUBLISH)
    before = device.sh("iptables-save | grep ^-A")
    assert {surface for _control, surface in device.judged()} == {"nftables"}
    device.apply(device.planned())
    assert site.open_to(site.stranger, device) == set() and site.open_to(site.office, device) == set(DOORS)
    assert device.sh("iptables-save | grep ^-A") == before
    assert device.operate("revert")["outcome"] == "reverted"
    assert site.open_to(site.stranger, device) == set(DOORS)
