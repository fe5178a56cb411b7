# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action exposure_view: which sites it looks at, what it lets the vantage do, and what it leaves as facts.

The module that runs on a vantage is replaced by what it would have returned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.iot_site.checklist.plugins.action.exposure_view import ActionModule
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Vitals
from ansible_collections.iot_site.checklist.plugins.plugin_utils.reading import (
    CHECKED_FACT,
    OUTSIDE_FACT,
    STATE_FACT,
    Reading,
    fact,
    findings_in,
    unpacked,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.run import RUN_ID

SECRET = "a-secret-of-the-site-20"
CHECKED = {CHECKED_FACT: RUN_ID}
ALLOWED = {"by": "owner", "on": "2020-01-01", "until": "2099-12-31", "scope": ["read", "probe"]}
VANTAGE = {"host": "outside-a", "sources": ["198.51.100.7"], "controls": [{"address": "192.0.2.80", "port": 8443}]}
ABOUT = {"inventory_hostname": "outside-a"}
WAY = {"via": "k7-gw", "port": 8443, "to": 443}

Told = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def site(name: str, address: str) -> dict[str, dict[str, Any]]:
    """A gateway with a panel behind it, both checked in this run."""
    common = {
        "iot_site_id": name, "iot_site_authorised": ALLOWED, "iot_site_vantages": [VANTAGE], "iot_site_secret": SECRET,
        "iot_site_people": [{"name": "noc", "sources": ["203.0.113.10"]}], "ansible_facts": dict(CHECKED),
    }  # fmt: skip
    return {
        f"{name}-gw": {**common, "iot_site_outside_addresses": [address]},
        f"{name}-panel": {**common, "iot_site_published": [{**WAY, "via": f"{name}-gw"}]},
    }


def refused(asked: Mapping[str, Any]) -> dict[str, Any]:
    """As the module answers when nothing but the controls does."""
    return {
        "changed": False, "complete": True, "controls": [{**one, "reached": True} for one in asked["controls"]],
        "endpoints": [
            {**one, "state": "filtered", "kind": "tcp", "source": "198.51.100.7", "tries": 2, "why": "", "texts": [],
             "facts": {}} for one in asked["targets"]
        ],
    }  # fmt: skip


def opened(asked: Mapping[str, Any]) -> dict[str, Any]:
    told = refused(asked)
    return {**told, "endpoints": [{**one, "state": "open_without_login", "kind": "http"} for one in told["endpoints"]]}


def made(variables: dict[str, Any], **words: Any) -> ActionModule:
    """The action of a task with these words."""
    task, loader = Task(), DataLoader()
    for word, value in {"action": "iot_site.checklist.exposure_view", **words}.items():
        setattr(task, word, value)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    return ActionModule(task, connection, None, loader, Templar(loader=loader, variables=variables), None)


def play(
    hosts: dict[str, dict[str, Any]],
    told: Told,
    args: dict[str, Any] | None = None,
    about: Mapping[str, Any] = MappingProxyType({}),
    **facts: Any,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The task's result on the vantage, and what the module was asked."""
    hostvars = {name: {**own, "groups": _groups(hosts)} for name, own in hosts.items()}
    variables = {**ABOUT, **about, "hostvars": hostvars, "groups": _groups(hosts), "ansible_facts": facts}
    action = made(variables, args=args or {}, register="seen")
    asked: list[dict[str, Any]] = []

    def execute(module_name: str, module_args: dict[str, Any], task_vars: Any) -> Mapping[str, Any]:
        assert module_name == "iot_site.checklist.exposure_probe"
        asked.append(module_args)
        return told(module_args)

    action._execute_module = execute
    return action.run(task_vars=variables), asked


def _groups(hosts: Mapping[str, Any]) -> dict[str, list[str]]:
    return {"all": [*hosts, "outside-a"], "iot_site_vantage_hosts": ["outside-a"]}


def statuses(result: Mapping[str, Any], control: str = "A2.outside") -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for finding in findings_in(result["ansible_facts"]):
        if finding["control"] == control:
            found.setdefault(str(finding["host"]), set()).add(str(finding["status"]))
    return found


def test_a_site_is_looked_at_once_and_only_where_it_is_declared() -> None:
    result, asked = play(site("k7", "203.0.113.5"), refused, {"seconds": 300, "tries": 3})
    (one,) = asked
    assert {(each["host"], each["address"]) for each in one["targets"]} == {
        ("k7-gw", "203.0.113.5"), ("k7-panel", "203.0.113.5"),
    }  # fmt: skip
    assert (one["total_seconds"], one["tries"], one["controls"]) == (300, 3, VANTAGE["controls"])
    assert result["changed"] is False
    assert statuses(result)["k7-panel"] == {"pass"}
    assert {finding["seen_from"] for finding in result["findings"]} == {"outside-a"}


def test_two_sites_are_two_looks_and_nothing_of_one_is_asked_with_the_other() -> None:
    result, asked = play({**site("k7", "203.0.113.5"), **site("m3", "198.51.100.5")}, refused)
    assert [{each["host"].partition("-")[0] for each in one["targets"]} for one in asked] == [{"k7"}, {"m3"}]
    looks = unpacked(result["ansible_facts"][OUTSIDE_FACT]["packed"])
    assert [(one["site"], sorted(one["contexts"])) for one in looks] == [
        ("k7", ["k7-gw", "k7-panel"]), ("m3", ["m3-gw", "m3-panel"]),
    ]  # fmt: skip


def test_a_host_that_preflight_did_not_check_in_this_run_is_never_looked_at() -> None:
    hosts = site("k7", "203.0.113.5")
    hosts["k7-gw"]["ansible_facts"] = {CHECKED_FACT: "of yesterday"}
    result, asked = play(hosts, refused)
    assert asked == [] and statuses(result) == {"k7-panel": {"unknown"}}


def test_nothing_is_asked_of_a_vantage_that_nobody_has_allowed() -> None:
    hosts = {name: {**own, "iot_site_authorised": {}} for name, own in site("k7", "203.0.113.5").items()}
    result, asked = play(hosts, refused)
    assert asked == [] and statuses(result) == {"k7-gw": {"unknown"}, "k7-panel": {"unknown"}}


def test_a_changing_address_is_the_one_that_the_gateway_reported_in_this_run() -> None:
    hosts = site("k7", "reported")
    result, asked = play(hosts, refused)
    assert asked == [] and statuses(result)["k7-panel"] == {"unknown"}
    for run, known in (("of yesterday", []), (RUN_ID, ["198.51.100.77"])):
        reading = Reading("linux", vitals=Vitals(addresses=("192.168.1.1", "198.51.100.77")), run=run)
        hosts["k7-gw"]["ansible_facts"] = {**CHECKED, STATE_FACT: fact(reading)}
        _result, asked = play(hosts, refused)
        assert sorted({each["address"] for one in asked for each in one["targets"]}) == known


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"failed": True, "msg": "python3: not found", "rc": 127}, "could not look"),
        ({"skipped": True, "msg": "no check mode"}, "could not look"),
        ({"changed": False}, "could not look"),
        (AnsibleConnectionFailure("ssh: connect to host outside-a: Connection timed out"), "does not answer"),
    ],
)
def test_a_vantage_that_cannot_be_used_makes_everything_unknown_and_fails_no_task(told: Any, why: str) -> None:
    def broken(_asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if isinstance(told, Exception):
            raise told
        return told

    result, _asked = play(site("k7", "203.0.113.5"), broken)
    assert "failed" not in result and "unreachable" not in result
    for control in ("A1.outside", "A2.outside", "B1.outside"):
        assert statuses(result, control)["k7-panel"] == {"unknown"}
    assert any(why in finding["why"] for finding in result["findings"]), [f["why"] for f in result["findings"]]


def test_the_last_look_tells_what_the_first_has_seen() -> None:
    first, _asked = play(site("k7", "203.0.113.5"), opened, {"moment": "before"})
    assert list(findings_in(first["ansible_facts"])) == [], "what was before is not what counts"
    last, _asked = play(site("k7", "203.0.113.5"), refused, **first["ansible_facts"])
    panel = [one for one in last["findings"] if one["host"] == "k7-panel" and one["control"] == "A2.outside"]
    assert [(one["status"], one["evidence"]["was"]["status"]) for one in panel] == [("pass", "gap")]
    old = {name: {**told, "run": "of yesterday"} for name, told in first["ansible_facts"].items()}
    last, _asked = play(site("k7", "203.0.113.5"), refused, **old)
    assert not [one for one in last["findings"] if "was" in one["evidence"]]


@pytest.mark.parametrize(
    ("run", "skipped", "items"),
    [
        (["all"], [], {"A1", "A2", "B1"}),
        (["exposure_view"], [], {"A1", "A2", "B1"}),
        (["A2"], [], {"A2"}),
        (["A2", "B1"], ["B1"], {"A2"}),
        (["all"], ["A1"], {"A2", "B1"}),
    ],
)
def test_only_the_items_that_the_tags_name_are_judged(run: list[str], skipped: list[str], items: set[str]) -> None:
    tags = {"ansible_run_tags": run, "ansible_skip_tags": skipped}
    result, _asked = play(site("k7", "203.0.113.5"), refused, about=tags)
    assert {finding["item"] for finding in result["findings"]} == items


def test_the_secret_of_a_site_goes_nowhere() -> None:
    result, asked = play(site("k7", "203.0.113.5"), opened)
    packed = [unpacked(told["packed"]) for told in result["ansible_facts"].values()]
    assert SECRET not in str((result, asked, packed))


@pytest.mark.parametrize("word", [{"run_once": True}, {"delegate_to": "localhost"}, {"loop": [1]}])
def test_it_looks_from_its_own_host_only(word: dict[str, Any]) -> None:
    with pytest.raises(AnsibleActionFail, match="from its own host"):
        made(ABOUT, **word).run(task_vars=ABOUT)
