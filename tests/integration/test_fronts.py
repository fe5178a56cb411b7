# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login in front of a closed application, on real nginx and nftables: what office and stranger get, at every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.declarations import Front
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status

from tests.integration import front_world, lab_world, playbook_run
from tests.integration.front_world import ACCOUNT, DEVICE, DEVICE6, FILE, INTENT, LISTEN, PASSWORD, TO, USERS, Device
from tests.integration.lab_world import Host
from tests.integration.router_world import until

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

#: Refused at once or dropped.
NOTHING = "000"


@pytest.fixture(scope="module")
def machine() -> Iterator[Device]:
    with front_world.device() as made:
        yield made


@pytest.fixture
def device(machine: Device) -> Device:
    machine.bare()
    return machine


def status(visitor: Host, port: int, *more: str, address: str = DEVICE) -> str:
    """The HTTP status that a visitor gets there."""
    return visitor.sh(
        f"curl -s -m 3 -o /dev/null -w '%{{http_code}}' {' '.join(more)} 'http://{address}:{port}/' || true"
    )


def body(visitor: Host, path: str, *more: str) -> str:
    login = f"-u {ACCOUNT}:{PASSWORD}"
    return visitor.sh(f"curl -s -m 20 {login} {' '.join(more)} http://{DEVICE}:{LISTEN}{path} || true")


#: The inventory of this host, as a person would write it.
INVENTORY = {
    "iot_site_id": "k7",
    "iot_site_label": INTENT.label,
    "iot_site_guard_seconds": 600,  # nobody waits for it here, and on a busy machine a read takes its time
    "iot_site_people": [{"name": "office", "sources": ["192.168.146.128/28"]}],
    "iot_site_management_sources": ["192.168.146.1/32"],
    "ip_allowlist_cut_active_sources": True,  # the tests before this one have logged in from everywhere
    "login_required_user_file": USERS,
    "login_required_fronts": [{"listen": LISTEN, "to": TO}],
}

LOGIN = ("-u", f"{ACCOUNT}:{PASSWORD}")


def test_planted_found_exactly_closed_and_stays_so(device: Device) -> None:
    assert status(device.stranger, TO) == "200" and status(device.stranger, LISTEN) == NOTHING
    before = device.state
    assert device.verdicts() == {"A1.front": {"gap"}, "A1.listening": {"gap"}, "A1.web": {"unknown"}}
    assert device.state == before, "looking changes nothing"

    device.close()

    for visitor in (device.office, device.stranger):
        assert status(visitor, LISTEN) == "401"
        assert status(visitor, LISTEN, *LOGIN) == "200"
        assert status(visitor, TO) == NOTHING and status(visitor, TO, address=f"[{DEVICE6}]") == NOTHING
    assert status(device.office, LISTEN, "-u", "operator:wrong") == "401"
    assert status(device.office, LISTEN, address=f"[{DEVICE6}]") == "401"
    assert device.verdicts() == {}
    (passed,) = device.fronts()
    assert passed.status is Status.PASS and not passed.changes and "without TLS" in passed.why


def test_a_whole_run_leaves_the_allowlist_a_login_and_strangers_nothing(device: Device, tmp_path: Path) -> None:
    with lab_world.world(tmp_path, device.lab) as world:
        world.site |= INVENTORY
        world.hosts = {"device": world.hosts["device"]}
        before = device.state
        world.play("audit", "--tags", "A1,A2")
        assert world.findings("device")["A1.front"]["status"] == "gap" and device.state == before

        done = world.play("remediate", "--tags", "A1,A2", "--diff")

        assert "+    auth_basic_user_file" in done.output and "dport { 8080 } drop" in done.output
        found = playbook_run.findings(tmp_path, INVENTORY["iot_site_id"])
        told = {(one["control"], one["surface"]): one for one in found}
        wanted = {
            ("A1.front", "fronts"): "fixed",
            ("A1.listening", "listening"): "pass",
            ("A1.web", "nginx"): "pass",
            ("A2.management", "nftables"): "fixed",  # several packet filters speak of it
        }
        assert {one: told[one]["status"] for one in wanted} == wanted, [
            (told[one]["why"], told[one]["fix"]) for one in wanted
        ]
        assert status(device.office, LISTEN) == "401" and status(device.office, LISTEN, *LOGIN) == "200"
        assert status(device.office, TO) == NOTHING
        assert status(device.stranger, LISTEN) == NOTHING and status(device.stranger, TO) == NOTHING
        closed = device.state
        world.play("remediate", "--tags", "A1,A2")
        assert world.findings("device")["A1.front"]["status"] == "pass" and device.state == closed


def test_what_the_application_does_goes_through(device: Device) -> None:
    device.close()
    assert "pump 1 runs" in body(device.office, "/"), "it never sees the password"
    assert "pump 1 runs" in body(device.office, "/poll")
    device.office.sh("head -c 3000000 /dev/zero > /tmp/big")
    assert body(device.office, "/", "--data-binary", "@/tmp/big") == "took 3000000"
    upgrade = (
        "-i --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13'"
        " -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -m 5"
    )
    answer = body(device.office, "/", upgrade, "--output -")
    assert "101 Switching Protocols" in answer and "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer and "level" in answer
    refused = device.office.sh(f"curl -s {upgrade} http://{DEVICE}:{LISTEN}/ || true")
    assert "401 Unauthorized" in refused and "nginx/" not in refused and "K-7Q2MXA" in refused


@pytest.mark.parametrize(
    "broken",
    [
        f"sed -i '/auth_basic/d' {FILE} && systemctl reload nginx",
        f"sed -i 's/auth_basic \".*\";/auth_basic off;/' {FILE} && systemctl reload nginx",
        "nft delete table inet iot_site_checklist_fronts",
        "nft insert rule inet iot_site_checklist_fronts input tcp dport 8080 accept",
        "systemctl disable iot-site-checklist-fronts.service",
        f"rm {FILE} && systemctl reload nginx",
    ],
    ids=["no login", "login off", "not closed", "closed with a hole", "open after a reboot", "no front"],
)
def test_broken_again_is_exactly_that_gap_and_closed_again(device: Device, broken: str) -> None:
    device.close()
    device.sh(broken)
    until(lambda: [one.status for one in device.fronts()] == [Status.GAP], "the gap is seen")
    assert device.verdicts()["A1.front"] == {"gap"}
    device.close()
    assert [one.status for one in device.fronts()] == [Status.PASS]
    assert status(device.stranger, LISTEN) == "401" and status(device.stranger, TO) == NOTHING


def test_an_application_that_is_down_is_still_judged(device: Device) -> None:
    device.close()
    device.sh("systemctl stop panel")
    assert device.verdicts() == {}
    assert status(device.office, LISTEN) == "401" and status(device.office, LISTEN, *LOGIN) == "502"
    device.sh("nft delete table inet iot_site_checklist_fronts")
    assert [one.status for one in device.fronts()] == [Status.GAP], "it may come up open"


def test_what_cannot_be_is_refused_before_any_edit(device: Device) -> None:
    before = device.state
    other = replace(INTENT, fronts=(Front(22, TO),))
    assert [(one.status, bool(one.changes)) for one in device.fronts(other)] == [(Status.GAP, False)]
    for path, spoil in {
        "/etc/nginx/none": "true",
        "/etc/nginx/empty": "touch /etc/nginx/empty",
        "/root/users": f"cp {USERS} /root/users",
    }.items():
        device.sh(spoil)
        before = device.state
        (gap,) = device.fronts(replace(INTENT, user_file=path))
        assert path in device.refused(gap.changes) and device.state == before
    assert status(device.office, TO) == "200"


def test_a_reboot_and_a_flush_of_all_tables_leave_it_closed(device: Device) -> None:
    device.sh("systemctl enable panel 2>/dev/null; systemctl enable nginx 2>/dev/null || true")
    device.close()
    device.sh("systemctl start nftables; systemctl restart nftables")
    assert status(device.stranger, TO) == NOTHING
    device.sh("systemctl stop iot-site-checklist-fronts; nft delete table inet iot_site_checklist_fronts")
    device.sh("systemctl start iot-site-checklist-fronts")
    assert status(device.stranger, TO) == NOTHING and device.verdicts() == {}
    device.sh("systemctl stop nftables")


def test_with_a_certificate_the_password_travels_in_tls(device: Device) -> None:
    device.sh(
        "mkdir -p /etc/iot_site_checklist; cd /etc/iot_site_checklist; openssl req -x509 -newkey rsa:2048 -nodes"
        " -subj /CN=K-7Q2MXA -days 9 -keyout front.key -out front.crt 2>/dev/null"
    )
    device.close()
    seen = device.office.sh(f"curl -sk -o /dev/null -w '%{{http_code}}' https://{DEVICE}:{LISTEN}/")
    assert seen == "401" and status(device.office, LISTEN) == "400"
    (passed,) = device.fronts()
    assert passed.status is Status.PASS and "without TLS" not in passed.why


def test_the_way_back_leaves_everything_as_it_was(device: Device) -> None:
    before = device.state
    changes = [change for one in device.fronts() for change in one.changes]
    with device.trying(changes):
        assert status(device.stranger, LISTEN) == "401" and status(device.stranger, TO) == NOTHING
    assert device.state == before
    until(lambda: status(device.stranger, LISTEN) == NOTHING, "the front is gone")
    assert status(device.stranger, TO) == "200"
