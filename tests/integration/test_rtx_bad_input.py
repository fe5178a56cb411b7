# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routers that do not answer as they should: slow, mute, hostile, with wrong passwords and keys, and with secrets.

One audit over all of them, at the highest verbosity, with a fact cache and a log; each test looks at one router.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.devices.yamaha_rtx import Options, Personality
from tests.integration import router_world
from tests.integration.playbook_run import Run, opened
from tests.integration.router_world import PASSWORDS, SITE, Device, Loop, World

RTX830 = Personality.load("rtx830_pppoe").config

#: Texts of an owner or an intruder in places that are shown.
HOSTILE = RTX830.replace("daiichi-josuijo-rtx", '"{{ 7 * 7 }}<script>alert(1)</script>"').replace(
    '"Suido-ka"', '"=cmd|calc!A1"'
)


@dataclass(frozen=True)
class Case:
    """What is odd about one router."""

    faults: dict[str, Any] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    kind: str = "rtx830_pppoe"
    saved: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


CASES = {
    "good": Case(),
    "slow": Case(options=Options(bytes_per_second=4000)),
    "narrow": Case({"reject_when": "^console columns"}),
    "narrow-slow": Case({"reject_when": "^console columns"}, Options(bytes_per_second=4000)),
    "mute": Case({"mute": True}),
    "stalled": Case(options=Options(answer_delay=600)),
    "texts": Case(saved=HOSTILE),
    "bytes": Case({"garble_when": "show environment", "garble_bytes": "ff1b5b324a001b5d303b6f776e656407fe82"}),
    "flooded": Case({"flood_when": "^show environment"}),
    "stranger-key": Case(),
    "wrong-login": Case(variables={"ansible_password": "wrong-login-pass"}),
    "wrong-administrator": Case(variables={"ansible_become_password": "wrong-administrator-pass"}),
    "wrong-console": Case(variables={"iot_site_console_password": "wrong-console-pass"}),
    "new-syntax": Case(saved=RTX830.replace("200037 pass * ", "200037 pass noc.example.com ")),
}  # fmt: skip

#: Everything a person would not want to read anywhere.
SECRETS = (
    *(word for words in PASSWORDS.values() for word in words if word),
    "wrong-login-pass", "wrong-administrator-pass", "wrong-console-pass",
    "kanshi-rw", "pppoe-secret-k7", SITE["iot_site_secret"],
)  # fmt: skip


@dataclass(frozen=True)
class Audited:
    world: World
    run: Run
    seconds: float
    first: dict[str, str]

    def device(self, host: str) -> Device:
        return self.world.devices[host]

    def verdicts(self, host: str) -> dict[str, str]:
        return self.world.verdicts(host, host)

    def statuses(self, host: str) -> set[str]:
        return set(self.verdicts(host).values())

    def finding(self, host: str, control: str) -> dict[str, Any]:
        return self.world.finding(host, control, host)

    def why(self, host: str) -> str:
        """Why this router was not judged: every item says the same."""
        (why,) = {finding["why"] for finding in self.world.findings(host) if finding["status"] == "unreachable"}
        return str(why)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Audited]:
    with router_world.world(tmp_path_factory.mktemp("odd"), loop) as world:
        for host, case in CASES.items():
            saved = (case.saved or RTX830).replace("community read-only kanshi", "community read-only kanshi-rw")
            device = world.add(host, case.kind, case.options, saved, iot_site_id=host, **case.variables)
            device.fault(**case.faults)
        world.devices["stranger-key"].change_host_key()
        first = {host: device.hash for host, device in world.devices.items()}
        began = time.monotonic()
        run = world.play(
            "audit", "-vvvv", "--diff", "--forks", str(len(CASES)),
            ANSIBLE_CACHE_PLUGIN="jsonfile", ANSIBLE_CACHE_PLUGIN_CONNECTION=str(world.folder / "cache"),
            ANSIBLE_LOG_PATH=str(world.folder / "ansible.log"),
        )  # fmt: skip
        yield Audited(world, run, time.monotonic() - began, first)


# --- the same verdicts, however it is said -------------------------------------------------------------------


@pytest.mark.parametrize("host", ["slow", "narrow", "narrow-slow", "bytes"])
def test_a_slow_narrow_or_noisy_console_changes_no_verdict(audited: Audited, host: str) -> None:
    good = audited.verdicts("good")
    assert good["A2.forwarded filters"] == "gap"
    assert audited.verdicts(host) == good


def test_nothing_was_changed_anywhere(audited: Audited) -> None:
    for host, device in audited.world.devices.items():
        assert device.edits() == [], host
        assert device.hash == audited.first[host] or host == "flooded", host
    flooded = audited.device("flooded")
    assert flooded.without_leftovers() == flooded.saved, "the session was broken off; only its console settings stay"


def test_good_hosts_are_judged_whatever_the_others_do(audited: Audited) -> None:
    assert audited.run.code == 2
    verdicts = audited.verdicts("good")
    unknown = {name for name, status in verdicts.items() if status == "unknown"}
    assert unknown == {"C1.default_password accounts"}, "it shows no password of the login that we do not use"
    assert set(verdicts.values()) == {"gap", "pass", "manual", "not_applicable", "not_supported", "unknown"}


# --- no answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["mute", "stalled"])
def test_a_mute_device_is_unreachable_within_a_bound(audited: Audited, host: str) -> None:
    assert "unreachable" in audited.statuses(host) and not audited.statuses(host) & {"pass", "gap"} - {"pass"}
    assert audited.why(host)
    assert audited.seconds < 90


def test_a_wrong_password_is_tried_once(audited: Audited) -> None:
    assert "unreachable" in audited.statuses("wrong-login")
    assert "refused the login" in audited.why("wrong-login"), audited.why("wrong-login")
    assert len(audited.device("wrong-login").router.auth_attempts) == 1


def test_a_wrong_administrator_password_is_tried_once_and_named(audited: Audited) -> None:
    assert "the device refused the administrator password" in audited.why("wrong-administrator")
    assert audited.device("wrong-administrator").typed.count("administrator") == 1


def test_a_changed_host_key_is_unreachable_and_no_password_is_sent(audited: Audited) -> None:
    assert "another host key than the one we know" in audited.why("stranger-key")
    assert audited.device("stranger-key").router.auth_attempts == []


# --- hostile texts ------------------------------------------------------------------------------------------


def everything_written(audited: Audited) -> dict[str, str]:
    """What the run printed, logged, cached and reported, by place."""
    folder = audited.world.folder
    written = {"stdout": opened(audited.run.stdout), "stderr": audited.run.stderr}
    kept = [folder / "ansible.log", *(folder / "cache").iterdir(), *(folder / "iot_site_evidence").glob("*/latest/*")]
    return written | {
        str(path.relative_to(folder)): opened(path.read_text("utf-8", "replace")) for path in kept if path.is_file()
    }


def test_device_text_is_shown_but_never_evaluated(audited: Audited) -> None:
    told = json.dumps(audited.finding("texts", "B1.snmp_names"))
    assert "{{ 7 * 7 }}<script>" in told
    for place, text in everything_written(audited).items():
        assert "49<script>" not in text, place
        if place.endswith(".html"):
            assert "<script>alert" not in text, place


def test_no_control_character_reaches_a_terminal_or_a_report(audited: Audited) -> None:
    for place, text in everything_written(audited).items():
        assert "\x1b" not in text and "\x07" not in text and "\x00" not in text, place


def test_ten_megabytes_are_bounded(audited: Audited) -> None:
    assert "more than 2 MB in answer" in audited.why("flooded")
    report = audited.world.folder / "iot_site_evidence/flooded/latest/report.html"
    assert report.stat().st_size < 500_000
    assert not any("A" * 1000 in text for place, text in everything_written(audited).items())


# --- one part not understood --------------------------------------------------------------------------------


def test_an_unknown_filter_syntax_is_unknown_there_and_judged_elsewhere(audited: Audited) -> None:
    found, good = audited.verdicts("new-syntax"), audited.verdicts("good")
    assert found.pop("A2.forwarded filters") == "unknown"
    del good["A2.forwarded filters"]
    assert found == good


def test_without_the_console_password_the_audit_works_and_a_change_is_refused_with_the_reason(audited: Audited) -> None:
    finding = audited.finding("wrong-console", "A2.forwarded")
    assert finding["status"] == "gap"
    assert "the saved configuration cannot be compared" in finding["fix"]
    assert "iot_site_console_password" in finding["fix"]


# --- secrets ------------------------------------------------------------------------------------------------


def test_no_secret_is_written_anywhere(audited: Audited) -> None:
    places = everything_written(audited)
    assert {"ansible.log", "iot_site_evidence/good/latest/plan.json"} <= places.keys(), sorted(places)
    assert any(place.startswith("cache/") and place.endswith("good") for place in places)
    assert "ESTABLISH LIBSSH CONNECTION" in places["stdout"], "it was as verbose as can be"
    found = {(place, secret) for place, text in places.items() for secret in SECRETS if secret in text}
    assert not found


# --- what is missing on the controller, or misspelt ------------------------------------------------------------


def test_without_netcommon_the_message_says_what_to_install(world: World) -> None:
    """As with ansible-core alone: the collections that the ansible package brings are not looked for."""
    device = world.add("k7-rtx")
    run = world.play("audit", ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false")
    assert run.code == 2
    assert "k7-rtx: ansible_connection is 'ansible.netcommon.network_cli'" in run.output
    assert "ansible-galaxy collection install ansible.netcommon" in run.output
    assert device.router.connections == 0


def test_a_platform_without_its_full_name_and_a_store_of_another_name_are_said(world: World) -> None:
    device = world.add("k7-rtx", ansible_network_os="yamaha_rtx", iot_site_credential_store="pass")
    run = world.play("audit")
    assert run.code == 2
    assert "iot_site_credential_store is 'pass'; expected one of embedded, passwordstore, hashi_vault" in run.output
    assert "ansible_network_os is 'yamaha_rtx'; expected its full name, iot_site.checklist.yamaha_rtx" in run.output
    assert device.router.connections == 0
