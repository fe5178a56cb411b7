# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every platform and surface that discovery finds must keep: nothing here names one of them."""

from __future__ import annotations

import ast
import inspect
import json

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import contract
from ansible_collections.iot_site.checklist.plugins.plugin_utils.checklist import CONTROLS, ITEMS
from ansible_collections.iot_site.checklist.plugins.plugin_utils.discovery import PLATFORMS, platform_for
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, Status, as_json, digest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

INTENT = Intent(site="k7", host="k7-device", allow4=("203.0.113.10/32",), words=("第一浄水場",), label="K-7Q2MXA")
JUDGED_ITEMS = sorted({control.item for control in CONTROLS.values()})


@pytest.fixture(params=PLATFORMS.values(), ids=lambda platform: platform.name)
def platform(request):
    return request.param


def answered(platform, output):
    """Every read of the platform answered with the same output."""
    return Raw({read.name: {read.files or " ".join(read.command): output} for read in platform.all_reads})


def device_verdicts(platform, raw):
    """Judgements on everything a device could say; what the inventory alone declares is left out."""
    state = platform.parse(raw)
    return [
        judgement
        for item in JUDGED_ITEMS
        for judgement in platform.judge(state, INTENT, item)
        if judgement.surface != contract.DECLARED
    ]


def test_discovery_finds_the_platforms_of_the_first_slice():
    assert {"linux", "yamaha_rtx"} <= set(PLATFORMS)
    assert platform_for("iot_site.checklist.yamaha_rtx").name == "yamaha_rtx"
    assert platform_for("").name == "linux"
    assert platform_for("yamaha_rtx") is None, "the short name is not found by network_cli either"


def test_declares_itself(platform):
    assert platform.title and platform.transport in ("host", "cli")
    assert inspect.getmodule(type(platform)).__name__.rpartition(".")[2] == platform.name
    assert platform.controls <= set(CONTROLS)
    names = [surface.name for surface in platform.surfaces]
    assert len(names) == len(set(names)) and contract.DECLARED in names
    assert all(control.partition(".")[0] in ITEMS for control in platform.controls)


def test_nothing_follows_a_search_that_fails_where_there_is_nothing(platform):
    """pgrep ends with 1 where no such process runs, and then what follows it is an error, not an empty answer."""
    reads = platform.all_reads
    followed = {read.follow.of for read in reads if read.follow}
    assert [read.name for read in reads if read.name in followed and read.command[:1] == ("pgrep",)] == []


def test_reads_are_known_beforehand_and_unambiguous(platform):
    names = [read.name for read in platform.all_reads]
    assert len(names) == len(set(names))
    for read in platform.all_reads:
        assert bool(read.files) != bool(read.command), f"{read.name} is a file or a command, not both or none"
        if read.follow:
            assert read.follow.of in names


@pytest.mark.parametrize(
    "output",
    [
        Output(error="missing"),
        Output(error="permission denied"),
        Output(error="no answer within 10 s"),
        Output(rc=1, data=b"% Invalid input"),
        Output(data=b""),
        Output(data=b"\xff"),
        Output(data=b"x" * 4096, truncated=True),
    ],
    ids=["missing", "denied", "timeout", "error", "empty", "one 0xff byte", "truncated"],
)
def test_what_was_not_read_is_never_a_pass(platform, output):
    passed = [j for j in device_verdicts(platform, answered(platform, output)) if j.status is Status.PASS]
    assert not passed, [(j.control, j.surface, j.why) for j in passed]


def test_nothing_read_at_all_is_never_a_pass_and_never_planned(platform):
    for judgement in device_verdicts(platform, Raw()):
        assert judgement.status in (Status.UNKNOWN, Status.NOT_APPLICABLE, Status.MANUAL), judgement
        assert judgement.why and not judgement.changes


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_noise_never_raises_and_never_passes(platform, data):
    verdicts = device_verdicts(platform, answered(platform, Output(data=data)))
    assert not [j for j in verdicts if j.status is Status.PASS and j.control.startswith("A2")]


def test_every_control_is_spoken_about(platform):
    for item in JUDGED_ITEMS:
        judged = {j.control for j in platform.judge(platform.parse(Raw()), INTENT, item)}
        assert judged == {control for control in platform.controls if control.startswith(f"{item}.")}


def test_state_is_plain_stable_json(platform):
    raw = answered(platform, Output(data="第一浄水場\n{{ evil }}\n".encode()))
    state = platform.parse(raw)
    assert json.loads(json.dumps(as_json(state))) == as_json(state)
    assert digest(state) == digest(platform.parse(raw))


def test_a_device_behind_a_gateway_is_settled_there(platform):
    behind = Intent(site="k7", host="k7-device", enforced_by="k7-gateway", allow4=("203.0.113.10/32",))
    verdicts = platform.judge(platform.parse(Raw()), behind, "A2")
    assert {j.status for j in verdicts if j.surface != contract.DECLARED} <= {Status.NOT_APPLICABLE}
    enforced = [j for j in verdicts if j.control == "A2.enforced"]
    assert [j.status for j in enforced] == [Status.UNKNOWN], "only the report's join may settle it"


def test_is_pure(platform):
    """Platforms and surfaces know nothing of Ansible, of transports, of the engine, or of check mode."""
    for kind in (type(platform), *(type(surface) for surface in platform.surfaces)):
        source = inspect.getsource(inspect.getmodule(kind))
        assert "check_mode" not in source
        for node in ast.walk(ast.parse(source)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.partition(".")[0] not in ("ansible", "socket", "subprocess", "time", "random", "os"), name
                assert not {"transports", "engine", "reading", "run"} & set(name.split(".")), name


# --- accounts -----------------------------------------------------------------------------------------------


def secrets_judged(platform, raw, state=None):
    examined = platform.examined(raw, state or {}, INTENT)
    return [one for one in platform.judge(examined, INTENT, "C1") if one.surface in {a.name for a in platform.accounts}]


def test_who_keeps_secrets_has_them_compared_and_only_c1_guesses_them(platform):
    assert ("C2.reused" in platform.controls) is bool(platform.accounts)
    asked = {item for item in ITEMS if platform.asks_secrets(item)}
    assert asked == ({"C1", "C2"} if platform.accounts else set())
    assert {item for item in ITEMS if platform.judges_secrets(item)} == asked - {"C2"}


def test_accounts_declare_themselves(platform):
    names = [surface.name for surface in (*platform.surfaces, *platform.accounts)]
    assert len(names) == len(set(names))
    read = {one.name for one in platform.reads_with_secrets}
    surfaces = {surface.name for surface in platform.surfaces}
    for accounts in platform.accounts:
        assert "{}" in accounts.change or "its file" in accounts.change
        assert set(accounts.of) <= surfaces
        assert all(one.follow is None or one.follow.of in read for one in accounts.reads)
        asked_only_here = [one for one in accounts.reads if one not in platform.all_reads]
        assert all(one.secret for one in asked_only_here), "what only C1 asks may hold secrets"


@pytest.mark.parametrize(
    "output",
    [Output(error="missing"), Output(error="permission denied"), Output(data=b""), Output(data=b"x", truncated=True)],
    ids=["missing", "denied", "empty", "truncated"],
)
def test_secrets_that_were_not_read_are_never_a_pass(platform, output):
    raw = Raw({read.name: {read.files or " ".join(read.command): output} for read in platform.reads_with_secrets})
    assert not [one for one in secrets_judged(platform, raw) if one.status is Status.PASS]
    assert not [one for one in secrets_judged(platform, Raw()) if one.status is Status.PASS]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_noise_in_place_of_secrets_never_raises_and_is_never_shown(platform, data):
    marked = b"alice:~~marked~~" + data + b"~~marked~~\n"
    raw = Raw({read.name: {"/x": Output(data=marked)} for read in platform.reads_with_secrets})
    assert "~~marked" not in json.dumps(as_json(secrets_judged(platform, raw)))


def test_a_device_without_the_service_has_no_accounts_of_it(platform):
    for accounts in platform.accounts:
        if accounts.of:
            state = {name: {"absent": f"no {name} here"} for name in accounts.of}
            told = [one for one in secrets_judged(platform, Raw(), state) if one.surface == accounts.name]
            assert {one.status for one in told} == {Status.NOT_APPLICABLE} and "here" in told[0].why
