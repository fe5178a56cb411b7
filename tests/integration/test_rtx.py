# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way on emulated Yamaha routers: audit, remediate, hold, break. Real ``ansible-playbook``, real SSH.

The story is played once; each test looks at one side of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration import router_world
from tests.integration.playbook_run import Run
from tests.integration.router_world import OFFICE, PERSON, STRANGER, Device, Loop, World

ROUTERS = {"k7-rtx": "rtx830_pppoe", "k7-mape": "rtx1210_mape", "k7-nvr": "nvr510_vpn"}

#: What the personalities expose, and nothing else (tests/devices/yamaha_rtx/personalities); and that nobody meant it.
ACCESS = {"A2.forwarded filters", "A2.management management", "P2.exposure declared"}
#: A community of six letters; a key and a password of a VPN with a word that everybody tries; no login password.
#: The passwords that we log in with ourselves are made from the names of the account and of the model.
OURS = "C1.weak_password accounts"
#: One of the people has no login, anybody shares the one without a name, and a login belongs to nobody. The password
#: with which we log in is the same on all three.
LOGINS = {"C2.person_account logins", "C2.shared_account logins", "C2.reused secrets"}
LEFT = {
    "k7-rtx": {"C1.weak_password snmp_users", OURS, *LOGINS, "C2.leftover_account logins"},
    "k7-mape": {"C1.weak_password vpn_users", OURS, *LOGINS},
    "k7-nvr": {"C1.weak_password vpn_users", "C1.default_password accounts", OURS, *LOGINS},
}
PLANTED = {
    "k7-rtx": {*ACCESS, *LEFT["k7-rtx"], "B1.snmp_names names", "B1.ssh_version names"},
    "k7-mape": {*ACCESS, *LEFT["k7-mape"], "B1.ssh_version names"},
    "k7-nvr": {*ACCESS, *LEFT["k7-nvr"], "B1.ssh_version names"},
}
#: The password of another user, of which a router shows nothing.
HIDDEN = {"k7-rtx": {"C1.default_password accounts"}, "k7-mape": set(), "k7-nvr": set()}

#: Somebody tries to make the audit change something.
TRICKS = ("-e", '{"ansible_check_mode": false, "check_mode": false, "iot_site_unsaved": "adopt"}', "--diff")


@dataclass(frozen=True)
class Seen:
    """One run, and what was there right after it."""

    run: Run
    verdicts: dict[str, dict[str, str]]
    findings: list[dict[str, Any]]
    hashes: dict[str, str]
    connections: dict[str, int]


class Story:
    def __init__(self, world: World) -> None:
        self.world = world
        self.first = {host: device.hash for host, device in world.devices.items()}
        self.greeted = {host: device.greeting(STRANGER) for host, device in world.devices.items()}
        self.audited = self._seen("audit", *TRICKS)
        self.remediated = self._seen("remediate", "--diff")
        self.again = self._seen("remediate", "--diff", "--limit", "k7-rtx,k7-mape")
        self.broken_by = "sshd host any"
        world.devices["k7-rtx"].somebody_types(self.broken_by, save=True)
        self.broken = self._seen("audit")

    def _seen(self, playbook: str, *arguments: str) -> Seen:
        run = self.world.play(playbook, *arguments)
        devices = self.world.devices
        return Seen(
            run=run,
            verdicts={host: self.world.verdicts(host) for host in devices},
            findings=self.world.findings(),
            hashes={host: device.hash for host, device in devices.items()},
            connections={host: device.router.connections for host, device in devices.items()},
        )

    def device(self, host: str) -> Device:
        return self.world.devices[host]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Story]:
    with router_world.world(tmp_path_factory.mktemp("site"), loop) as world:
        for host, kind in ROUTERS.items():
            world.add(host, kind)
        yield Story(world)


def with_status(seen: Seen, status: str) -> dict[str, set[str]]:
    return {host: {name for name, is_now in found.items() if is_now == status} for host, found in seen.verdicts.items()}


# --- audit --------------------------------------------------------------------------------------------------


def test_an_audit_finds_exactly_the_planted_gaps(story: Story) -> None:
    assert story.audited.run.code == 2, story.audited.run.output
    assert with_status(story.audited, "gap") == PLANTED
    assert with_status(story.audited, "unknown") == HIDDEN
    for trouble in ("unreachable", "failed"):
        assert not any(with_status(story.audited, trouble).values()), story.audited.run.output


def test_an_audit_changes_nothing_whatever_is_said_on_the_command_line(story: Story) -> None:
    assert story.audited.hashes == story.first
    assert not any(finding["status"] == "fixed" for finding in story.audited.findings)


def test_an_audit_of_every_item_reads_a_device_in_one_session(story: Story) -> None:
    greeted = 1  # by the test itself; it opens no SSH session, and is counted where the router let it in
    assert {host: count - greeted for host, count in story.audited.connections.items()} == dict.fromkeys(ROUTERS, 1)


def test_a_gap_shows_what_is_there_and_what_is_wanted(story: Story) -> None:
    (gap,) = [f for f in story.audited.findings if (f["host"], f["control"]) == ("k7-rtx", "A2.forwarded")]
    assert "pass * 192.168.100.20 tcp * 443" in gap["before"]
    assert "pass 203.0.113.10 192.168.100.20 tcp * 443" in gap["after"]
    assert "+ip filter" in story.audited.run.stdout, "--diff shows the plan"


def test_the_plan_is_written_beside_the_findings_with_the_hash_of_the_state_it_was_made_from(story: Story) -> None:
    runs = sorted((story.world.folder / "iot_site_evidence/k7").glob("2*/plan.json"))
    plan = json.loads(runs[0].read_text())["hosts"]["k7-rtx"]["A2"]
    assert len(plan["state_hash"]) == 64
    assert any(
        edit["line"].startswith("ip pp secure filter in") for change in plan["changes"] for edit in change["edits"]
    )


# --- remediate ----------------------------------------------------------------------------------------------


def test_remediate_closes_every_gap_it_may_close(story: Story) -> None:
    closed = {host: found - LEFT[host] - {"P2.exposure declared"} for host, found in PLANTED.items()}
    fixed = with_status(story.remediated, "fixed")
    assert fixed == {**closed, "k7-nvr": set()}, story.remediated.run.output
    others = {name: one for name, one in story.remediated.verdicts["k7-rtx"].items() if name[0] != "C"}
    assert set(others.values()) <= {"fixed", "pass", "manual", "not_applicable", "not_supported"}


def test_what_was_fixed_is_saved_and_nothing_of_ours_but_the_filters_is_in_it(story: Story) -> None:
    for host in ("k7-rtx", "k7-mape"):
        device = story.device(host)
        assert device.running == device.saved
        assert not [line for line in device.saved if line.startswith("schedule at") and "/sun" not in line]
        assert not [line for line in device.saved if "7700999" in line], "the guard's marker"


def test_the_console_of_the_owner_is_as_it_was(story: Story) -> None:
    prompts = {"k7-rtx": ["console prompt daiichi-josuijo"], "k7-mape": ["console prompt daini-haisui"], "k7-nvr": []}
    for host, prompt in prompts.items():
        for lines in (story.device(host).running, story.device(host).saved):
            assert [line for line in lines if line.startswith("console")] == prompt


def test_what_the_router_needs_and_what_nobody_asked_about_is_still_there(story: Story) -> None:
    saved = "\n".join(story.device("k7-rtx").saved)
    for kept in ("ip route default gateway pp 1", "schedule at 1 */sun", "snmp host 192.168.100.10", "pp enable 1",
                 "nat descriptor masquerade static 1 2 192.168.100.20 tcp 8443=443"):  # fmt: skip
        assert kept in saved


def test_a_fix_is_proved_over_new_connections(story: Story) -> None:
    """Two items were applied: each has one session to change with and another, later one to prove.

    A change may have put other accounts into use (a password file, say), so the items that judge them read once more,
    both together.
    """
    for host in ("k7-rtx", "k7-mape"):
        assert story.remediated.connections[host] - story.audited.connections[host] == 4 + 1


def test_a_device_that_allows_one_session_only_is_refused_before_anything_is_sent(story: Story) -> None:
    assert with_status(story.remediated, "gap")["k7-nvr"] == PLANTED["k7-nvr"]
    assert "multi-session=off" in story.world.finding("k7-nvr", "A2.forwarded")["fix"]
    assert story.device("k7-nvr").edits() == []
    assert story.remediated.hashes["k7-nvr"] == story.first["k7-nvr"]


# --- who gets in, over really new TCP connections -----------------------------------------------------------


def test_before_a_stranger_got_in_and_afterwards_only_the_people_do(story: Story) -> None:
    assert story.greeted["k7-rtx"].startswith("SSH-2.0-OpenSSH_8.4"), "otherwise the next lines prove nothing"
    assert story.greeted["k7-mape"].startswith("SSH-2.0-OpenSSH_8.4")
    rtx, mape = story.device("k7-rtx"), story.device("k7-mape")
    for person in (OFFICE, PERSON):
        assert rtx.greeting(person).strip() == "SSH-2.0-OpenSSH", "the version is hidden as well"
        assert mape.greeting(person).strip() == "SSH-2.0-OpenSSH"
        assert "第一浄水場" in rtx.page(person, "panel")
        assert "第二配水池" in mape.page(person, "panel")
    assert {rtx.greeting(STRANGER), mape.greeting(STRANGER), mape.greeting("127.0.0.7")} == {""}
    assert {rtx.page(STRANGER, service) for service in ("panel", "wan_gui")} == {""}
    assert mape.page(STRANGER, "panel") == ""


# --- hold, break --------------------------------------------------------------------------------------------


def test_a_second_remediate_changes_nothing(story: Story) -> None:
    assert story.again.run.code == 2, "passwords are a person's work"
    assert story.again.hashes == story.remediated.hashes
    assert not any(with_status(story.again, "fixed").values())
    for host in ("k7-rtx", "k7-mape"):
        assert with_status(story.again, "gap")[host] == LEFT[host], story.again.run.output
    assert "changed=0" in story.again.run.stdout and "changed=1" not in story.again.run.stdout


def test_one_broken_setting_is_exactly_that_gap(story: Story) -> None:
    assert with_status(story.broken, "gap") == {
        **PLANTED,
        "k7-rtx": {"A2.management management", "P2.exposure declared", *LEFT["k7-rtx"]},
        "k7-mape": LEFT["k7-mape"],
    }
    gaps = [f for f in story.broken.findings if f["status"] == "gap" and f["host"] == "k7-rtx"]
    (gap,) = [f for f in gaps if f["control"] == "A2.management"]
    assert "sshd" in gap["why"] and "telnetd" not in gap["why"]
