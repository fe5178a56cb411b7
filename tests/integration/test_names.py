# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real avahi and the real TLS servers of Debian 12: which names a neighbour hears and sees before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.avahi import Avahi
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.avahi_config import CONF
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.certificates import Certificates
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.flows import Machine, flows
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.links import Network
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sockets import Socket

from tests.integration import lab_world, names_world
from tests.integration.names_world import DEVICE, INTENT, SERVICE, TLS, Device, start_avahi, start_tls
from tests.integration.router_world import until

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

AVAHI, CERTIFICATES = Avahi(), Certificates()


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    with names_world.device() as made:
        yield made


def gaps(device: Device, surface: Avahi | Certificates) -> list[str]:
    judged = device.judged(surface, INTENT)
    assert {one.status for one in judged} <= {Status.PASS, Status.GAP}, judged
    return sorted(one.after for one in judged if one.status is Status.GAP)


# --- avahi ----------------------------------------------------------------------------------------------------

_TELLS = ("hirosaki", "弘前", "第一浄水場", "LINUX", "_workstation._tcp")


def test_a_neighbour_hears_names_before_and_the_label_after(device: Device) -> None:
    start_avahi(device, "exposed")
    until(lambda: all(word in device.announces() for word in _TELLS), "everything planted is heard")
    before = device.state
    wanted = ["K-7Q2MXA", "host-name=K-7Q2MXA", "publish-hinfo=no", "publish-workstation=no"]
    assert gaps(device, AVAHI) == wanted
    assert device.state == before, "looking changes nothing"

    device.close(AVAHI)

    until(lambda: "'K-7Q2MXA', '_http._tcp'" in device.announces(), "the service is announced under its label")
    heard = device.announces()
    assert not [word for word in _TELLS if word in heard], heard
    assert "path=/" in heard, "what tells nothing is still announced"
    assert gaps(device, AVAHI) == [], "a second run changes nothing"

    device.sh(f"sed -i 's/^host-name=.*/host-name=hirosaki-pump/' {CONF}; systemctl restart avahi-daemon")
    assert gaps(device, AVAHI) == ["host-name=K-7Q2MXA"]


def test_a_changed_service_file_is_taken_over_without_a_restart(device: Device) -> None:
    start_avahi(device, "compliant")
    until(lambda: "'K-7Q2MXA', '_http._tcp'" in device.announces(), "it has started")
    device.sh(f"sed -i 's|K-7Q2MXA</name>|第一浄水場</name>|' {SERVICE}; systemctl reload avahi-daemon")
    until(lambda: "第一浄水場" in device.announces(), "the name is heard")
    began = device.sh("systemctl show -p ExecMainStartTimestampMonotonic avahi-daemon")
    device.close(AVAHI)
    until(lambda: "'K-7Q2MXA', '_http._tcp'" in device.announces(), "the label is heard")
    assert device.sh("systemctl show -p ExecMainStartTimestampMonotonic avahi-daemon") == began
    assert "第一浄水場" not in device.announces()


def test_our_own_question_never_reaches_the_network(device: Device) -> None:
    start_avahi(device, "compliant")
    device.sh("nft add table inet seen; nft 'add chain inet seen out { type filter hook postrouting priority 300; }';"
              " nft add rule inet seen out oifname lan0 ip ttl != 0 udp sport != 5353 counter")  # fmt: skip
    try:
        assert gaps(device, AVAHI) == []
        assert "packets 0 " in device.sh("nft list table inet seen")
    finally:
        device.sh("nft delete table inet seen")


def test_a_packet_filter_that_hides_the_answer_makes_it_unknown(device: Device) -> None:
    start_avahi(device, "compliant")
    device.sh("nft add table inet deaf; nft 'add chain inet deaf in { type filter hook input priority 0; }';"
              " nft add rule inet deaf in udp dport 5353 drop")  # fmt: skip
    try:
        (one,) = device.judged(AVAHI, INTENT)
        assert one.status is Status.UNKNOWN and "disable-user-service-publishing" in one.fix
        device.sh(
            f"sed -i 's/^#disable-user-.*/disable-user-service-publishing=yes/' {CONF}; systemctl restart avahi-daemon"
        )
        (one,) = device.judged(AVAHI, INTENT)
        assert one.status is Status.PASS
    finally:
        device.sh("nft delete table inet deaf")


def test_our_own_table_does_not_hide_the_answer(device: Device) -> None:
    """A2 comes first in every run, and what is announced must still be known after it."""
    start_avahi(device, "compliant")
    listens = Socket("udp", 5353, "0.0.0.0", "avahi-daemon")
    kept = [each.match for each in flows(Machine(Network((), {}), (listens,), False, None))]
    device.sh("nft add table inet ours; nft 'add chain inet ours in { type filter hook input priority 0; }';"
              "nft add rule inet ours in iifname lo accept;"
              f"nft add rule inet ours in '{kept[0]} accept';"
              "nft add rule inet ours in udp dport 5353 drop")  # fmt: skip
    try:
        (one,) = device.judged(AVAHI, INTENT)
        assert (one.status, len(kept)) == (Status.PASS, 1), one
    finally:
        device.sh("nft delete table inet ours")


# --- certificates ---------------------------------------------------------------------------------------------

_SEEN = {"nginx": (443, ()), "apache2": (8443, ()), "mosquitto": (8883, ()), "vsftpd": (21, ("-starttls ftp",)),
         "another name": (443, ("-servername other.example",))}  # fmt: skip


def seen(device: Device) -> dict[str, str]:
    return {name: device.greets_with(port, *more) for name, (port, more) in _SEEN.items()}


def test_every_server_shows_names_before_and_the_label_after(device: Device) -> None:
    start_tls(device, "exposed")
    assert [name for name, names in seen(device).items() if "hirosaki-pump" not in names] == []
    before, keys = device.state, device.sh(f"sha256sum {TLS}/key.pem; sed -n '/BEGIN PRIV/,/END PRIV/p' {TLS}/both.pem")
    modes = device.sh(f"stat -c '%n %a %U %G' {TLS}/*")
    assert gaps(device, CERTIFICATES) == ["CN=K-7Q2MXA"]
    (kept,) = device.judged(CERTIFICATES, replace(INTENT, consent=frozenset()))
    assert kept.status is Status.MANUAL and "banner_blanking_replace_certificates" in kept.fix
    assert device.state == before, "looking changes nothing"

    device.close(CERTIFICATES)

    for name, names in seen(device).items():
        assert "Subject: CN = K-7Q2MXA" in names and f"DNS:K-7Q2MXA, IP Address:{DEVICE}" in names, (name, names)
        assert "hirosaki" not in names and "Aomori" not in names and "CA:FALSE" in names, (name, names)
    assert device.sh(f"sha256sum {TLS}/key.pem; sed -n '/BEGIN PRIV/,/END PRIV/p' {TLS}/both.pem") == keys
    assert device.sh(f"stat -c '%n %a %U %G' {TLS}/*") == modes
    assert gaps(device, CERTIFICATES) == [], "a second run changes nothing"
    device.sh(f"openssl verify -CAfile {TLS}/certificate.pem {TLS}/certificate.pem")

    device.sh(f"cd {TLS}; openssl req -x509 -key both.pem -subj /CN=hirosaki -days 9 -out c; cat key.pem c > both.pem;"
              " systemctl reload nginx")  # fmt: skip
    assert gaps(device, CERTIFICATES) == ["CN=K-7Q2MXA"]
    (one,) = [one for one in device.judged(CERTIFICATES, INTENT) if one.status is Status.GAP]
    assert f"{TLS}/both.pem" in one.why and "certificate.pem" not in one.why


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (f"cd {TLS}; openssl genpkey -algorithm ed25519 -out key.pem", "do not belong together"),
        (f"echo no > {TLS}/key.pem", "could not be made"),
        ("printf '#!/bin/sh\\necho 19700102\\n' > /usr/local/bin/date; chmod 755 /usr/local/bin/date", "clock"),
    ],
)
def test_what_cannot_be_made_anew_stays_as_it_was(device: Device, spoil: str, reason: str) -> None:
    start_tls(device, "exposed")
    changes = [
        change for one in device.judged(CERTIFICATES, replace(INTENT, today="2026-11-28")) for change in one.changes
    ]
    device.sh(spoil)
    before = device.state
    try:
        assert reason in device.refused(changes)
    finally:
        device.sh("rm -f /usr/local/bin/date")
    assert device.state == before
    assert "hirosaki-pump" in device.greets_with(8443)


def test_a_server_that_nobody_declared_is_found(device: Device) -> None:
    start_tls(device, "compliant")
    device.sh(f"cd {TLS}; openssl req -x509 -key key.pem -utf8 -subj /CN=第一浄水場 -days 9 -out other.pem;"
              " (setsid openssl s_server -accept 9443 -cert other.pem -key key.pem -www >out 2>&1 &)")  # fmt: skip
    try:
        until(lambda: device.listens(9443), "it listens")
        (one,) = [one for one in device.judged(CERTIFICATES, INTENT) if one.status is not Status.PASS]
        assert one.status is Status.MANUAL and "9443" in one.why and "第一浄水場" in one.why and not one.changes
    finally:
        device.sh("pkill -x openssl || true")


def test_a_server_that_was_not_restarted_is_no_pass(device: Device) -> None:
    start_tls(device, "exposed")
    device.sh("systemctl stop nginx apache2 mosquitto")
    until(
        lambda: device.says("test $(ps -o etimes= -C vsftpd | head -1) -ge 4"), "vsftpd runs for longer than rounding"
    )
    device.sh(f"cd {TLS}; openssl req -x509 -key key.pem -subj /CN=K-7Q2MXA -days 9 -out c; cat c > certificate.pem")
    judged = device.judged(CERTIFICATES, INTENT)
    assert [one.status for one in judged] == [Status.PASS, Status.UNKNOWN] and "vsftpd was not restarted" in judged[
        1
    ].why
    assert "hirosaki-pump" in device.greets_with(21, "-starttls ftp")


# --- a real run -----------------------------------------------------------------------------------------------


def test_a_real_run_fixes_both_and_the_next_one_has_nothing_to_do(device: Device, tmp_path: Path) -> None:
    start_avahi(device, "exposed")
    start_tls(device, "exposed")
    with lab_world.world(tmp_path, device._lab) as world:
        world.site |= {
            "iot_site_people": [{"name": "office", "sources": ["192.168.144.128/28"]}],
            "iot_site_management_sources": ["192.168.144.1/32"],
            "iot_site_label": "K-7Q2MXA",
            "iot_site_words": ["弘前", "第一浄水場", "hirosaki"],
            "banner_blanking_replace_certificates": True,
        }
        for playbook, status in (("audit", "gap"), ("remediate", "fixed"), ("remediate", "pass")):
            run = world.play(playbook, "--tags", "B1", "--limit", "device")
            found = world.findings("device")
            got = {control: found[control]["status"] for control in ("B1.mdns_names", "B1.certificate")}
            assert got == dict.fromkeys(got, status), [found[control]["why"] for control in got]
            assert "PRIVATE KEY" not in run.output
    assert "hirosaki" not in device.greets_with(443) + device.announces()
