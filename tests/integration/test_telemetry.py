# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real snmpd and mosquitto of Debian 12: what a stranger gets before and after; no verdict is better than that."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Absent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.mosquitto import Mosquitto
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.snmpd import Snmpd

from tests.integration import lab_world, telemetry_world
from tests.integration.router_world import until
from tests.integration.telemetry_world import (
    ACCOUNT,
    ACCOUNTS,
    AGENTS,
    BROKER_FOLDER,
    BROKERS,
    FOLDER,
    INTENT,
    OPEN,
    PASSWORD,
    Device,
    asking,
    changes_of,
    listening,
    start_agent,
    start_broker,
)

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

SNMPD, MOSQUITTO = Snmpd(), Mosquitto()
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


def statuses(device: Device, control: str, surface: Surface = SNMPD) -> set[Status]:
    return {one.status for one in device.judged(surface) if one.control == control}


# --- net-snmp's agent ---------------------------------------------------------------------------------------


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


def test_what_a_stranger_reads_of_the_agents_commands_is_a_gap_where_it_names_something(device: Device) -> None:
    names_of_system = "sysName K-7Q2MXA\nsysDescr K-7Q2MXA\nsysLocation K-7Q2MXA\nsysContact K-7Q2MXA\n"
    text = f"rocommunity public\n{names_of_system}extend hirosaki /usr/bin/uptime -s\n"
    start_agent(device, {"10-listen.conf": "agentaddress udp:161\n", "50-site.conf": text})
    device.sh("sed -i -E 's/^(rocommunity|sys)/#\\1/' /etc/snmp/snmpd.conf; systemctl restart snmpd")
    extends = ".1.3.6.1.4.1.8072.1.3.2"
    until(lambda: "/usr/bin/uptime" in answers(device, "public", extends), "the agent shows its commands")
    assert "104.105.114.111.115.97.107.105" in answers(device, "public", extends), "its name, letter by letter"
    assert Status.GAP in statuses(device, "B1.snmp_names")
    device.sh(f"sed -i s/hirosaki/level/ {FOLDER}/50-site.conf; systemctl restart snmpd")
    assert statuses(device, "B1.snmp_names") == {Status.MANUAL}


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


# --- mosquitto ----------------------------------------------------------------------------------------------

VERSION = "$SYS/broker/version"
LOGGED_IN = ("-u", ACCOUNT, "-P", PASSWORD)
TLS = "cafile /etc/mosquitto/site.pem\ncertfile /etc/mosquitto/site.pem\nkeyfile /etc/mosquitto/site.pem\n"


def heard(device: Device, topic: str, *more: str, port: int = 1883) -> bool:
    """Whether a stranger hears something of a topic."""
    return topic.rpartition("/")[0] in device.from_outside(*listening(topic, "-C", "1", *more, port=port))


def test_as_debian_installs_it_the_broker_is_nobody_elses_concern(device: Device) -> None:
    start_broker(device, BROKERS["stock"])
    with pytest.raises(Absent):
        device.judged(MOSQUITTO)
    assert not heard(device, VERSION)


def test_a_stranger_hears_the_version_before_and_not_after(device: Device) -> None:
    start_broker(device, BROKERS["exposed"])
    until(lambda: heard(device, VERSION), "the broker serves a stranger")
    assert heard(device, "$SYS/broker/connection/#"), "the bridge is announced by its name"
    found = device.judged(MOSQUITTO, NO_CONSENT)
    assert {one.status for one in found if one.control == "A1.mqtt"} == {Status.MANUAL}
    device.apply(changes_of(found))
    until(lambda: device.says("systemctl is-active -q mosquitto"), "it runs again")
    assert not heard(device, VERSION) and heard(device, "$SYS/broker/connection/#")
    after = device.judged(MOSQUITTO, NO_CONSENT)
    assert not changes_of(after), "a second run changes nothing"
    (bridge,) = [one for one in after if one.control == "B1.mqtt_names" and one.status is Status.GAP]
    assert "hirosaki.device" in bridge.why and "planted" not in str(after)


def test_a_stranger_is_sent_away_after_consent_and_accounts_stay(device: Device) -> None:
    start_broker(device, {"10-listen.conf": OPEN})
    until(lambda: heard(device, VERSION), "the broker serves a stranger")
    device.apply(one for one in changes_of(device.judged(MOSQUITTO)) if one.control == "A1.mqtt")
    until(lambda: not heard(device, VERSION), "it has taken that over")
    assert heard(device, VERSION, *LOGGED_IN) and not heard(device, VERSION, "-u", ACCOUNT, "-P", "wrong")
    after = device.judged(MOSQUITTO)
    assert not changes_of(after) and {one.status for one in after} == {Status.PASS, Status.NOT_APPLICABLE}


def test_accounts_that_the_broker_could_not_read_stop_a_change(device: Device) -> None:
    start_broker(device, {"10-listen.conf": OPEN})
    planned = [one for one in changes_of(device.judged(MOSQUITTO)) if one.control == "A1.mqtt"]
    device.sh("chown root:root /etc/mosquitto/passwd; chmod 600 /etc/mosquitto/passwd")
    assert "/etc/mosquitto/passwd" in device.refused(planned) and heard(device, VERSION)


def test_what_the_broker_would_not_start_with_is_unknown_and_stops_a_change(device: Device) -> None:
    start_broker(device, {"10-listen.conf": OPEN})
    planned = changes_of(device.judged(MOSQUITTO))
    device.write(f"{BROKER_FOLDER}/60-broken.conf", "allow_anonymous maybe\n")
    with pytest.raises(Unreadable, match=r"60-broken\.conf:1"):
        device.judged(MOSQUITTO)
    before = device.sh("cat /etc/mosquitto/*.conf /etc/mosquitto/conf.d/*")
    assert "mosquitto" in device.refused(planned)
    assert device.sh("cat /etc/mosquitto/*.conf /etc/mosquitto/conf.d/*") == before and heard(device, VERSION)


@pytest.mark.parametrize(
    ("files", "port"),
    [
        (BROKERS["deeper"], 1883),
        ({".a.conf": f"listener 1883\nallow_anonymous true\n{ACCOUNTS}"}, 1883),
        ({"a.conf": "  allow_anonymous  1\nlistener   1883 0.0.0.0\n"}, 1883),
        ({"a.conf": "port 11883\nallow_anonymous true\n"}, 11883),
        ({"a.conf": f"listener 1883\nallow_anonymous true\npassword_file /etc/mosquitto/passwd\n{TLS}listener 1885\n"},
         1885),
        ({"a.conf": "allow_anonymous true\nlistener 1883\nacl_file /etc/mosquitto/acl\nconnection up\n"
          "address 192.0.2.7\ntopic # out\n"}, 1883),
        (BROKERS["listeners"], 1885),
    ],
)  # fmt: skip
def test_where_a_stranger_is_served_there_is_a_gap(device: Device, files: dict[str, str], port: int) -> None:
    certificate(device)
    start_broker(device, files)
    assert Status.GAP in statuses(device, "A1.mqtt", MOSQUITTO)
    said = device.from_outside(*listening(VERSION, port=port))
    assert "not authorised" not in said and "refused" not in said, "a stranger is let in"


@pytest.mark.parametrize(
    "text",
    [
        "listener 1883\n",
        f"allow_anonymous true\nlistener 1883\n{ACCOUNTS}allow_anonymous false\n",
        "per_listener_settings true\nallow_anonymous true\nlistener 1883\n",
        f"listener 1883\nallow_anonymous true\n{TLS}require_certificate true\n",
    ],
)
def test_what_passes_serves_no_stranger(device: Device, text: str) -> None:
    certificate(device)
    start_broker(device, {"10-listen.conf": text})
    assert statuses(device, "A1.mqtt", MOSQUITTO) == {Status.PASS}
    encrypted = ("--cafile", "/root/site.pem", "--insecure") if TLS in text else ()
    assert not heard(device, VERSION, *encrypted) and not heard(device, "weather/#", *encrypted)
    if encrypted:
        start_broker(device, {"10-listen.conf": text.replace("require_certificate true", "")})
        assert heard(device, VERSION, *encrypted), "otherwise this proves nothing"
        assert statuses(device, "A1.mqtt", MOSQUITTO) == {Status.GAP}


def test_an_audit_of_the_broker_changes_nothing(device: Device) -> None:
    start_broker(device, BROKERS["exposed"])
    before = device.sh("find /etc/mosquitto /run/mosquitto -printf '%p %m %u %T@\\n' | sort; pgrep -x mosquitto")
    device.judged(MOSQUITTO)
    assert (
        device.sh("find /etc/mosquitto /run/mosquitto -printf '%p %m %u %T@\\n' | sort; pgrep -x mosquitto") == before
    )


def certificate(device: Device) -> None:
    device.sh(
        "test -e /etc/mosquitto/site.pem || { cd /etc/mosquitto; openssl req -x509 -newkey rsa:2048 -nodes -days 2"
        " -subj /CN=device -keyout key -out site.pem 2>&1; cp site.pem ca.pem; cat key >> site.pem; chmod 644 *.pem; }"
    )
    device.stranger.write("/root/site.pem", device.sh("cat /etc/mosquitto/ca.pem"))


# --- what is asked once for all -----------------------------------------------------------------------------


def test_one_systemctl_for_all_units_tells_each_read_what_one_of_its_own_would(device: Device) -> None:
    told = {key: out for each in device.read(*PLATFORM.surfaces).outputs.values() for key, out in each.items()}
    asked = {key: shlex.split(key)[1:] for key in told if key.startswith("@units ")}
    assert len(asked) > 5
    for key, words in asked.items():
        assert told[key].text == device.sh(shlex.join(["systemctl", "show", "-p", *words])), key
