# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong while a router is changed: whatever it is, the router is as it was, and the finding says so.

One run over a site for each fault, all at once; each test looks at its own router.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.devices.yamaha_rtx import Options, Personality
from tests.integration import router_world
from tests.integration.playbook_run import Run
from tests.integration.router_world import OFFICE, STRANGER, Device, Loop, World

#: The line that closes the way in, and the one that closes the router's own SSH.
SWAP, CLOSE = "^ *ip pp secure filter in .* 77", "^sshd host 203"
#: The same NVR510 whose user may have several sessions.
NVR510 = Personality.load("nvr510_vpn").config.replace(" multi-session=off", "")


@dataclass(frozen=True)
class Case:
    """What is wrong with one router."""

    faults: dict[str, Any] = field(default_factory=dict)
    options: Options = field(default_factory=lambda: Options(boot_seconds=0.05))
    unsaved: tuple[str, ...] = ()
    kind: str = "rtx830_pppoe"
    saved: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


CASES = {
    "refused": Case({"refuse_new_when": CLOSE}),
    "silent": Case({"refuse_new_when": CLOSE}, Options(boot_seconds=0.05, refusal="silent")),
    "hidden": Case({"ignore_when": "^ip filter 77000.* pass "}),
    "route": Case({"drop_default_route_when": SWAP}),
    "rejected": Case({"reject_when": SWAP}),
    "killed": Case({"kill_after": SWAP}),
    "arming": Case({"kill_after": "^schedule at .* sshd host"}),
    "disarming": Case({"kill_after": "^no schedule at .*[4]$"}),
    "stuck": Case({"ignore_when": "^no schedule at"}),
    "unsaveable": Case({"fail_save": True}),
    "liar": Case({"lie_on_save": True}),
    "ignored": Case({"ignore_when": "^httpd host"}),
    "crowded": Case({"other_administrator": "vendor"}),
    "unsaved": Case(unsaved=('description lan1 "work in progress"',)),
    "adopted": Case(unsaved=('description lan1 "work in progress"',), variables={"iot_site_unsaved": "adopt"}),
    "absent": Case(variables={"iot_site_people": [{"name": "user-b", "sources": ["203.0.113.20"]}]}),
    "hasty": Case(options=Options(answer_delay=2.0), variables={"iot_site_guard_seconds": 60}),
    "unauthorised": Case(variables={"iot_site_authorised": {
        "by": "owner", "on": "2020-01-01", "until": "2020-12-31", "scope": ["read", "change"]}}),
    "timerless": Case(kind="nvr510_vpn", saved=NVR510),
}  # fmt: skip


@dataclass(frozen=True)
class Done:
    world: World
    run: Run
    first: dict[str, str]
    last: dict[str, str]

    def device(self, host: str) -> Device:
        return self.world.devices[host]

    def verdicts(self, host: str) -> set[str]:
        return {status for name, status in self.world.verdicts(host, host).items() if name in CONTROLS}

    def said(self, host: str) -> str:
        """What the person reads about this router's filters."""
        finding = self.world.finding(host, "A2.forwarded", host)
        return f"{finding['why']} {finding['fix']}"

    def as_it_was(self, host: str) -> bool:
        return self.device(host).hash == self.first[host]


CONTROLS = {"A2.forwarded filters", "A2.management management"}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Done]:
    with router_world.world(tmp_path_factory.mktemp("sites"), loop) as world:
        for host, case in CASES.items():
            device = world.add(host, case.kind, case.options, case.saved, iot_site_id=host, **case.variables)
            device.fault(**case.faults)
            device.somebody_types(*case.unsaved)
        first = {host: device.hash for host, device in world.devices.items()}
        run = world.all_at_once()
        yield Done(world, run, first, {host: device.hash for host, device in world.devices.items()})


# --- the proof fails ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["refused", "silent"])
def test_a_new_connection_that_is_refused_takes_everything_back(done: Done, host: str) -> None:
    assert done.verdicts(host) == {"failed"}, done.said(host)
    assert "no new connection after the change" in done.said(host)
    assert "rolled back; the device is as it was" in done.said(host)
    assert done.as_it_was(host)
    assert done.device(host).router.saves == 0


def test_an_established_session_does_not_hide_a_lockout(done: Done) -> None:
    """The router forgot the filters that let people in, so new sessions are lost while the old one works on."""
    assert done.verdicts("hidden") == {"failed"}
    assert "no new connection" in done.said("hidden")
    assert done.as_it_was("hidden")
    device = done.device("hidden")
    assert [refused for refused in device.router.refused if refused["address"] == "203.0.113.10"], "it was a lockout"
    assert device.greeting(OFFICE)


def test_a_lost_default_route_takes_everything_back(done: Done) -> None:
    assert done.verdicts("route") == {"failed"}
    assert "default route" in done.said("route") and "rolled back" in done.said("route")
    assert done.as_it_was("route")


def test_a_line_that_the_router_ignored_takes_everything_back(done: Done) -> None:
    assert done.verdicts("ignored") == {"failed"}
    assert "read back, the change is not there" in done.said("ignored")
    assert done.as_it_was("ignored")


# --- applying breaks off ------------------------------------------------------------------------------------


def test_a_refused_command_takes_everything_back(done: Done) -> None:
    assert done.verdicts("rejected") == {"failed"}
    assert "the device refused 'ip pp secure filter in" in done.said("rejected")
    assert "everything was taken back" in done.said("rejected")
    assert done.as_it_was("rejected")


def test_a_session_that_dies_midway_leaves_it_to_the_guard(done: Done) -> None:
    assert done.verdicts("killed") == {"failed"}
    assert "the device restores itself within 120 s" in done.said("killed")
    device = done.device("killed")
    assert device.hash != done.first["killed"], "it died in the middle of the change"
    device.advance(125)
    assert device.without_leftovers() == device.saved, "only the spent schedule is left, and that is not saved"
    assert device.greeting(OFFICE) and device.greeting(STRANGER), "as open as it was before"


def test_a_session_that_dies_while_arming_has_changed_nothing(done: Done) -> None:
    device = done.device("arming")
    assert done.verdicts("arming") == {"failed"}
    assert not any("secure filter in" in line and not line.startswith("schedule") for line in device.edits())
    device.advance(125)
    assert device.without_leftovers() == device.saved


def test_sessions_that_die_while_disarming_leave_nothing_of_the_change(done: Done) -> None:
    """The proving session dies, then the old one that takes the change back: what is armed still leads home."""
    assert done.verdicts("disarming") == {"failed"}
    assert "not confirmed" in done.said("disarming") and "restores itself" in done.said("disarming")
    device = done.device("disarming")
    device.advance(125)
    assert device.without_leftovers() == device.saved
    assert device.router.saves == 0


def test_the_guards_lines_are_never_saved(done: Done) -> None:
    """Here they cannot even be removed."""
    assert done.verdicts("stuck") == {"failed"}
    assert "lines of the guard could not be removed" in done.said("stuck")
    for host in CASES:
        assert not [line for line in done.device(host).saved if "schedule at 6" in line or "7700999" in line], host


# --- applied, but not saved ---------------------------------------------------------------------------------


def test_a_save_that_fails_is_said(done: Done) -> None:
    assert done.verdicts("unsaveable") == {"failed"}
    assert "not made permanent: the device refused 'save'" in done.said("unsaveable")
    assert done.device("unsaveable").router.saves == 0


def test_a_save_that_only_says_so_is_found_out(done: Done) -> None:
    assert done.verdicts("liar") == {"failed"}
    assert "running and saved configuration differ after our save" in done.said("liar")


# --- refused before any edit --------------------------------------------------------------------------------

REFUSED = {
    "crowded": "another administrator is logged in (vendor)",
    "unsaved": 'description lan1 "work in progress"',
    "absent": "the allowlist does not hold 203.0.113.10",
    "hasty": "the guard would fire on success",
    "unauthorised": "does not allow a change on",
    "timerless": "schedule at",
}


@pytest.mark.parametrize("host", REFUSED)
def test_what_is_not_safe_is_refused_before_any_edit(done: Done, host: str) -> None:
    assert done.verdicts(host) == {"gap"}, done.said(host)
    assert REFUSED[host] in done.said(host)
    assert done.as_it_was(host)


@pytest.mark.parametrize("host", sorted(REFUSED.keys() - {"timerless"}))
def test_a_refused_device_has_heard_no_configuration_command(done: Done, host: str) -> None:
    assert done.device(host).edits() == []


def test_a_device_without_relative_timers_hears_the_guard_and_nothing_else(done: Done) -> None:
    """Only trying shows that this revision has none; the marker goes away again."""
    assert not any("secure filter" in line or " host " in line for line in done.device("timerless").edits())


def test_unsaved_work_may_be_adopted(done: Done) -> None:
    assert done.verdicts("adopted") == {"fixed"}, done.said("adopted")
    device = done.device("adopted")
    assert 'description lan1 "work in progress"' in device.saved
    assert device.running == device.saved
