# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's order on a device made of three fields, with every fault that can come between the steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import guarded
from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Platform, Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.door_logins import Entry
from ansible_collections.iot_site.checklist.plugins.plugin_utils.issuing import Issued
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Change,
    Given,
    Intent,
    Judgement,
    LineEdit,
    Status,
    Vitals,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Door as DoorAt
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw, Read
from ansible_collections.iot_site.checklist.plugins.plugin_utils.reading import read
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.base import Refused, Reverted, Unreachable

INTENT = Intent("k7", "k7-gw", allow4=("203.0.113.10/32",))


class Door(Surface):
    """Open or closed, and remembered as such over a reboot or not."""

    name = "door"
    controls = ("A2.management",)
    reads = (Read("door", command=("show door",)),)

    def parse(self, raw):
        now, saved = raw.text("door").split()
        return {"now": now, "saved": saved}

    def judge(self, state, intent):
        if state == {"now": "closed", "saved": "closed"}:
            yield Judgement("A2.management", "door", Status.PASS, "closed")
            return
        edits = () if state["now"] == "closed" else (LineEdit("close", "open"),)
        persist = (LineEdit("remember", "forget"),)
        change = Change(
            "A2.management", "door", "close the door", "open", "closed", edits, persist=persist, cuts_access=True
        )
        yield Judgement("A2.management", "door", Status.GAP, "open", changes=(change,))


class House(Platform):
    name, title, transport, surfaces = "house", "a house", "cli", (Door(),)
    reads = (Read("vitals", command=("show vitals",)),)

    def vitals(self, raw):
        return Vitals(source="203.0.113.10", canaries={"route": raw.text("vitals")})


@dataclass
class Device:
    """What the transports reach; faults are named by the step they strike."""

    now: str = "open"
    saved: str = "open"
    route: str = "via 192.0.2.1"
    armed: bool = False
    faults: set[str] = field(default_factory=set)
    steps: list[str] = field(default_factory=list)


class Line:
    """A transport to the device; ``new`` marks the connection made after the change."""

    blind = ""

    def __init__(self, device, new=False):
        self.device, self.new = device, new

    def _step(self, name):
        self.device.steps.append(name)
        if name in self.device.faults:
            raise Unreachable(name)

    def read(self, reads):
        self._step("proof read" if self.new else "read")
        device = self.device
        texts = {"door": f"{device.now} {device.saved}", "vitals": device.route}
        if self.new and "our own error" in device.faults:
            texts["door"] = "closed"  # the parser above breaks on it instead of refusing it
        return Raw({r.name: {r.command[0]: Output(texts[r.name].encode())} for r in reads})

    def apply(self, plan, arming):
        if "locked" in self.device.faults:
            raise Refused("another run holds the guard")
        self.device.armed = True
        self._step("apply")
        if "edit" in self.device.faults:
            self.device.armed = False
            raise Reverted("the device refused a line; everything was taken back")
        if plan.changes[0].edits:
            self.device.now = "closed"
        if "ignored" in self.device.faults:
            self.device.now = "open"
        if "route lost" in self.device.faults:
            self.device.route = "gone"

    def fresh(self, password=None):
        self._step("fresh")
        return Line(self.device, new=True)

    def confirm(self, arming):
        self._step("confirm")
        if "fired" in self.device.faults:
            self.device.now, self.device.armed = "open", False
        was, self.device.armed = self.device.armed, False
        return was

    def revert(self, arming):
        self._step("revert")
        self.device.now, self.device.route, self.device.armed = "open", "via 192.0.2.1", False

    def persist(self, edits, arming):
        self._step("persist")
        if "not saved" not in self.device.faults:
            self.device.saved = self.device.now

    def close(self):
        self.device.steps.append("close")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(guarded.time, "sleep", lambda _seconds: None)


def apply(*faults, device=None):
    device = device or Device()
    transport = Line(device)
    before = read(House(), transport)
    plan = House().plan(before.state, INTENT, House().judge(before.state, INTENT, "A2"))
    device.faults = set(faults)
    return device, guarded.Guarded(House(), transport, INTENT, "A2").apply(plan, before)


def test_a_good_change_is_proved_over_a_new_connection_before_it_is_confirmed_and_saved():
    device, outcome = apply()
    assert outcome.proved and (device.now, device.saved, device.armed) == ("closed", "closed", False)
    order = [step for step in device.steps if step in ("apply", "fresh", "proof read", "confirm", "persist")]
    assert order == ["apply", "fresh", "proof read", "confirm", "persist", "proof read"]
    assert outcome.evidence["outage_seconds_at_most"] >= 0


def test_what_only_persists_is_applied_without_an_edit():
    device, outcome = apply(device=Device(now="closed"))
    assert outcome.proved and device.saved == "closed"


@pytest.mark.parametrize("fault", ["fresh", "proof read", "ignored", "route lost", "our own error"])
def test_a_change_that_does_not_prove_is_rolled_back_at_once(fault):
    device, outcome = apply(fault)
    assert not outcome.proved and outcome.touched
    assert (device.now, device.route, device.saved) == ("open", "via 192.0.2.1", "open")
    assert "revert" in device.steps and "persist" not in device.steps and "confirm" not in device.steps
    assert "the device is as it was" in outcome.why


def test_a_refused_arm_changes_nothing():
    device, outcome = apply("locked")
    assert not outcome.proved and not outcome.touched and device.now == "open" and "another run" in outcome.why


def test_a_refused_edit_was_taken_back():
    _device, outcome = apply("edit")
    assert not outcome.proved and outcome.touched and "the device is as it was" in outcome.why


def test_a_guard_that_fired_first_is_failed_whatever_the_re_read_says():
    device, outcome = apply("fired")
    assert not outcome.proved and "already fired" in outcome.why and "persist" not in device.steps


def test_a_confirmation_that_is_lost_is_rolled_back():
    device, outcome = apply("confirm")
    assert not outcome.proved and (device.now, device.saved, device.armed) == ("open", "open", False)
    assert "not confirmed" in outcome.why and "persist" not in device.steps


def test_a_change_that_is_not_saved_is_not_fixed():
    _device, outcome = apply("not saved")
    assert not outcome.proved and "did not last" in outcome.why


def test_lost_while_applying_leaves_it_to_the_device():
    device, outcome = apply("apply")
    assert not outcome.proved and outcome.touched and device.armed
    assert "restores itself within 120 s" in outcome.why and outcome.reading.status is Status.UNREACHABLE


def test_a_rollback_that_cannot_reach_the_device_leaves_it_to_the_device():
    device, outcome = apply("fresh", "revert")
    assert device.armed and "restores itself" in outcome.why


def test_proof_connections_are_closed_again():
    device, _outcome = apply()
    assert device.steps.count("close") == 1


def test_a_password_that_does_not_open_the_device_is_tried_once():
    """Devices lock accounts."""
    device = Device()
    before = read(House(), Line(device))
    plan = House().plan(before.state, INTENT, House().judge(before.state, INTENT, "A2"))
    device.faults = {"fresh"}
    given = Given("administrator password", "the step", "door", "plain", ("plain",), session=True, own=True)
    issued = (Issued(given, Secret("generated"), "generated", anew=True),)
    outcome = guarded.Guarded(House(), Line(device), INTENT, "A2", issued).apply(plan, before)
    assert device.steps.count("fresh") == 1 and not outcome.proved and "tries: 1" in outcome.why


# --- logins at the doors of services ------------------------------------------------------------------------

BROKER = DoorAt("mqtt", "127.0.0.1", 1883)


class Served(Line):
    """A device with services; what comes of a login there is given by ``entry``."""

    entry = Entry(True)

    def fresh(self, password=None):
        self._step("fresh")
        other = Served(self.device, new=True)
        other.entry = self.entry
        return other

    def enters(self, logins, seconds):
        assert 0 < seconds <= INTENT.guard_seconds - guarded.CONFIRM_SECONDS
        self._step(f"login at {len(logins)}")
        return [self.entry for _login in logins]


def entering(entry, *doors, kept=True, monkeypatch):
    monkeypatch.setattr(guarded, "missing", lambda _issued, _kept: () if kept else ("it is not kept",))
    device = Device()
    transport = Served(device)
    transport.entry = entry
    before = read(House(), transport)
    plan = House().plan(before.state, INTENT, House().judge(before.state, INTENT, "A2"))
    given = Given("pump", "pump", "door", "mosquitto", ("mosquitto-pbkdf2",), doors=doors)
    issued = (Issued(given, Secret("generated"), "$7$hash", anew=True),)
    return device, guarded.Guarded(House(), transport, INTENT, "A2", issued).apply(plan, before)


def test_a_login_at_every_door_is_evidence(monkeypatch):
    _device, outcome = entering(Entry(True), BROKER, monkeypatch=monkeypatch)
    assert outcome.proved and outcome.evidence["entered"] == ["pump at mqtt port 1883"]
    assert "not_entered" not in outcome.evidence and "generated" not in repr(outcome)


def test_a_new_password_that_a_service_refuses_is_taken_back(monkeypatch):
    device, outcome = entering(Entry(False, "it answers with code 5"), BROKER, monkeypatch=monkeypatch)
    assert not outcome.proved and outcome.restored and device.now == "open"
    assert "does not let in pump at mqtt port 1883 (it answers with code 5); rolled back" in outcome.why


def test_where_nothing_is_proved_the_evidence_says_why_and_the_file_counts(monkeypatch):
    _device, outcome = entering(Entry(None, "nobody answers there"), BROKER, monkeypatch=monkeypatch)
    told = outcome.evidence["not_entered"]["pump at mqtt port 1883"]
    assert outcome.proved and outcome.evidence["entered"] == []
    assert told.startswith("nobody answers there; ") and "read back" in told
    _device, outcome = entering(Entry(None, "nobody"), BROKER, kept=False, monkeypatch=monkeypatch)
    assert not outcome.proved and outcome.restored


def test_a_credential_without_a_door_is_said_to_have_none(monkeypatch):
    device, outcome = entering(Entry(True), monkeypatch=monkeypatch)
    assert outcome.proved and not [step for step in device.steps if step.startswith("login")]
    assert "no place is known" in outcome.evidence["not_entered"]["pump (door)"] and "entered" not in outcome.evidence
