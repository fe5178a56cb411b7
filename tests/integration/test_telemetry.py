# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real snmpd of Debian 12: what a stranger gets before and after, and that no verdict is better than that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Absent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.snmpd import Snmpd

from tests.integration import lab_world, telemetry_world
from tests.integration.router_world import until
from tests.integration.telemetry_world import AGENTS, FOLDER, INTENT, Device, asking, changes_of, start_agent

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

SNMPD = Snmpd()
NO_CONSENT = replace(INTENT, consent=frozenset())
NAMES = ("弘前", "hirosaki", "水道課", "Linux")


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    with telemetry_world.device() as made:
        yield made


def answers(device: Device, community: str, what: str = ".1.3.6.1.2.1.1") -> str:
    """What a stranger gets, the text of it: other languages travel as hexadecimal."""
    said = device.from_outside(*asking(community, what)).replace('"', "")
    return "" if "Timeout" in said or "No more variables" in said else said


def names(device: Device, community: str) -> str:
    lines = answers(device, community).splitlines()
    return "\n".join(
        line for line in lines if any(f"mib-2.{n}.0" in line or f".1.1.{n}.0" in line for n in (1, 4, 5, 6))
    )


def statuses(device: Device, control: str) -> set[Status]:
    return {one.status for one in device.judged(SNMPD) if one.control == control}


def test_as_debian_installs_it_it_is_nobody_elses_concern(device: Device) -> None:
    start_agent(device, AGENTS["stock"])
    with pytest.raises(Absent):
        device.judged(SNMPD)
    assert not answers(device, "public")


def test_a_stranger_reads_names_before_and_labels_after(device: Device) -> None:
    start_agent(device, AGENTS["exposed"])
    until(lambda: "Linux device" in names(device, "public"), "the agent answers a stranger")
    assert "E5 BC 98 E5 89 8D" in names(device, "public"), "the place, in UTF-8"
    found = [one for one in device.judged(SNMPD, NO_CONSENT) if one.control == "B1.snmp_names"]
    device.apply(changes_of(found))
    until(lambda: "Linux" not in names(device, "public"), "the agent has taken it over")
    assert [line.partition("STRING: ")[2] for line in names(device, "public").splitlines()] == [INTENT.label] * 4
    after = device.judged(SNMPD, NO_CONSENT)
    assert not changes_of(after), "a second run changes nothing"
    assert {one.status for one in after if one.control == "B1.snmp_names"} == {Status.MANUAL}


def test_a_stranger_is_refused_after_consent(device: Device) -> None:
    start_agent(device, AGENTS["exposed"])
    until(lambda: bool(answers(device, "public")), "the agent answers a stranger")
    assert not changes_of(one for one in device.judged(SNMPD, NO_CONSENT) if one.control == "A1.snmp")
    device.apply(changes_of(device.judged(SNMPD)))
    until(lambda: not answers(device, "public"), "the agent has taken it over")
    after = device.judged(SNMPD)
    assert not changes_of(after)
    assert {one.status for one in after if one.control == "B1.snmp_names"} == {Status.PASS}
    # the community that is a secret and counts from everywhere is for a person, and is told without naming it
    (left,) = [one for one in after if one.control == "A1.snmp" and one.status is not Status.PASS]
    assert left.status is Status.GAP and answers(device, "planted-secret-b") and "planted" not in str(after)


@pytest.mark.parametrize(
    ("text", "community"),
    [
        ("rocommunity planted-secret-a", "planted-secret-a"),
        ("rwcommunity6 s3cret6\nrocommunity private 192.168.114.64/28", "private"),
        ("com2sec r default s3cret\ngroup g v2c r\nview all included .1\naccess g '' any noauth exact all none none",
         "s3cret"),
        ("authcommunity read,write s3cret default", "s3cret"),
        ("[snmpd] rocommunity s3cret 128.0.0.0/1", "s3cret"),
        ("  RoCommunity   \"s3cret\"", "s3cret"),
    ],
)  # fmt: skip
def test_where_a_stranger_is_answered_there_is_a_gap(device: Device, text: str, community: str) -> None:
    start_agent(device, {**AGENTS["port"], "50-site.conf": f"{text}\n", "10-listen.conf": "agentaddress udp:161\n"})
    device.sh("sed -i 's/^rocommunity/#rocommunity/' /etc/snmp/snmpd.conf; systemctl restart snmpd")
    until(lambda: bool(answers(device, community)), "the agent answers a stranger")
    assert Status.GAP in statuses(device, "A1.snmp")


@pytest.mark.parametrize(
    "text",
    [
        "rocommunity s3cret 192.168.114.0/28",
        "rocommunity s3cret !192.168.114.66\nrocommunity s3cret 192.168.114.0/28",
        "[snmp]\nrocommunity s3cret",
        "com2sec r default s3cret",
        "# rocommunity s3cret",
    ],
)
def test_what_passes_answers_no_stranger(device: Device, text: str) -> None:
    start_agent(device, {"10-listen.conf": "agentaddress udp:161\n", "50-site.conf": f"{text}\n"})
    device.sh("sed -i 's/^rocommunity/#rocommunity/' /etc/snmp/snmpd.conf; systemctl restart snmpd")
    assert statuses(device, "A1.snmp") == {Status.PASS} and not answers(device, "s3cret")


def test_what_the_agent_skips_is_unknown_and_stops_a_change(device: Device) -> None:
    start_agent(device, AGENTS["exposed"])
    planned = changes_of(device.judged(SNMPD))
    device.write(f"{FOLDER}/60-broken.conf", "rouser monitor sometimes\n")
    with pytest.raises(Unreadable, match="60-broken"):
        device.judged(SNMPD)
    before = device.sh(f"cat /etc/snmp/snmpd.conf {FOLDER}/*")
    assert "snmpd -H" in device.refused(planned)
    assert device.sh(f"cat /etc/snmp/snmpd.conf {FOLDER}/*") == before


def test_an_audit_changes_nothing(device: Device) -> None:
    start_agent(device, AGENTS["exposed"])
    before = device.sh("find /etc/snmp /var/lib/snmp -printf '%p %m %u %T@\\n' | sort")
    device.judged(SNMPD)
    assert device.sh("find /etc/snmp /var/lib/snmp -printf '%p %m %u %T@\\n' | sort") == before


def test_what_was_edited_and_not_reloaded_is_unknown_until_it_is(device: Device) -> None:
    start_agent(device, AGENTS["exposed"])
    assert Status.UNKNOWN not in statuses(device, "A1.snmp")

    def noticed() -> bool:
        device.write(f"{FOLDER}/70-more.conf", "sysServices 72\n")
        return Status.UNKNOWN in statuses(device, "A1.snmp")

    until(noticed, "the file is younger than the agent, to the second")
    device.sh("systemctl reload snmpd")
    until(lambda: Status.UNKNOWN not in statuses(device, "A1.snmp"), "it was reloaded")
