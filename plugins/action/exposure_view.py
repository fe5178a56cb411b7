# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the sites' devices from the vantage that this task runs on (plugins/modules/exposure_view.py).

The shell around plugin_utils/outside/: it asks the inventory, lets the module exposure_probe run, once for a site,
and leaves what was seen as facts of the vantage. Whatever goes wrong there becomes a finding, ``unknown``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ..plugin_utils.argspec import argument_spec
from ..plugin_utils.intent import load
from ..plugin_utils.ip import MISSING
from ..plugin_utils.model import Finding, Status, as_json
from ..plugin_utils.other_host import OtherHost
from ..plugin_utils.outside.judge import ITEMS, judged
from ..plugin_utils.outside.progress import since
from ..plugin_utils.outside.seen import Look, look, unseen
from ..plugin_utils.outside.targets import Member, Target, targets
from ..plugin_utils.outside.wanted import Vantage
from ..plugin_utils.outside.wanted import load as load_outside
from ..plugin_utils.reading import (
    FINDINGS_FACT,
    OUTSIDE_FACT,
    carried,
    context,
    is_checked,
    packed,
    unpacked,
    untemplated,
)
from ..plugin_utils.run import RUN_ID
from ..plugin_utils.transports.reasons import unable, unreached

_BEFORE_FACT = "iot_site_before"  # the findings of this run's first look
_PROBE = "iot_site.checklist.exposure_probe"


class ActionModule(ActionBase):
    """One look at every site that declares this host as its vantage."""

    SPEC = argument_spec("exposure_view")

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        self._refuse_misuse()
        if MISSING:
            raise AnsibleActionFail(MISSING)
        _result, arguments = self.validate_argument_spec(argument_spec=self.SPEC)
        name, items = str(variables["inventory_hostname"]), _asked(variables)
        found: list[Finding] = []
        looks: list[dict[str, Any]] = []
        for vantage, everyone, members in _views(name, self._members(variables)):
            wanted, untried = targets(everyone)
            mine = [target for target in wanted if target.host in members]
            seen, at = self._look(vantage, mine, arguments, variables), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
            found += [one for one in judged(seen, members, untried, RUN_ID, at) if one.item in items]
            looks.append(_told(seen, members, len(mine), at))
        return self._result(arguments["moment"], found, looks, variables)

    def _refuse_misuse(self) -> None:
        """Facts on another host than the vantage would say that somebody else has looked."""
        misused = [word for word in ("run_once", "delegate_to", "loop") if getattr(self._task, word, None)]
        if misused:
            raise AnsibleActionFail(
                f"{self._task.action} looks from its own host; it cannot be used with {', '.join(misused)}"
            )

    def _members(self, variables: Mapping[str, Any]) -> Iterator[Member]:
        """Every host that preflight has checked in this run."""
        hostvars, today = variables["hostvars"], f"{datetime.now():%Y-%m-%d}"
        for name in hostvars:
            told = untemplated(hostvars, name)
            if not is_checked(told.get("ansible_facts") or {}):
                continue
            declared = OtherHost(self._templar, hostvars, name).declared()
            intent, problems = load({"declared": declared}, str(name), today)
            outside, more = load_outside(declared, str(name))
            if intent is None or more:
                raise AnsibleActionFail("\n".join(str(problem) for problem in [*problems, *more]))
            reading = carried(told)
            yield Member(intent, outside, tuple(reading.vitals.addresses) if reading else ())

    def _look(
        self, vantage: Vantage, wanted: list[Target], arguments: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> Look:
        """One execution on the vantage for one site."""
        if not wanted:
            return Look(vantage, complete=True)
        asked = {
            "targets": [
                {"host": one.host, "address": one.address, "port": one.port, "transport": one.transport}
                for one in wanted
            ],
            "controls": as_json(vantage.controls),
            "timeout": arguments["timeout"],
            "total_seconds": arguments["seconds"],
            "rate": arguments["rate"],
            "tries": arguments["tries"],
        }
        try:
            told = self._execute_module(module_name=_PROBE, module_args=asked, task_vars=variables)
        except AnsibleConnectionFailure as error:
            return unseen(vantage, wanted, f"the vantage was not reached: {unreached(str(error))}")
        if told.get("failed") or told.get("skipped") or told.get("unreachable") or "endpoints" not in told:
            return unseen(vantage, wanted, f"the vantage could not look: {unable(told)}")
        plain = as_json({name: told.get(name) for name in ("endpoints", "controls", "complete")})
        return look(vantage, wanted, plain if isinstance(plain, dict) else {})

    def _result(
        self, moment: str, found: list[Finding], looks: list[dict[str, Any]], variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        if moment == "before":
            facts[_BEFORE_FACT] = {"run": RUN_ID, "packed": packed(found)}
        else:
            found = since(_before(variables), found)
            statuses = {f"{finding.host} {finding.place}": finding.status.value for finding in found}
            facts[f"{FINDINGS_FACT}outside"] = {"run": RUN_ID, "statuses": statuses, "packed": packed(found)}
            facts[OUTSIDE_FACT] = {"run": RUN_ID, "packed": packed(looks)}
        result: dict[str, Any] = {"changed": False, "ansible_facts": facts}
        if self._task.register or self._display.verbosity:  # for nobody else: Ansible copies every value of a result
            result["findings"] = as_json(found)
        return result


def _asked(variables: Mapping[str, Any]) -> frozenset[str]:
    """The items of this run: with ``--tags A2`` nobody asked for the others, though the same look serves all."""
    run, skipped = (frozenset(variables.get(f"ansible_{which}_tags") or ()) for which in ("run", "skip"))
    items = frozenset(ITEMS)
    return (run & items or items) - skipped


def _views(name: str, members: Iterable[Member]) -> Iterator[tuple[Vantage, dict[str, Member], dict[str, Member]]]:
    """For each site, and each way in which its hosts declare this vantage: all its hosts, and those that declare it."""
    sites: dict[str, dict[str, Member]] = {}
    for member in members:
        sites.setdefault(member.intent.site, {})[member.intent.host] = member
    for everyone in sites.values():
        views: dict[Vantage, dict[str, Member]] = {}
        for host, member in everyone.items():
            for vantage in member.outside.vantages:
                if vantage.host == name:
                    views.setdefault(vantage, {})[host] = member
        for vantage, declaring in views.items():
            yield vantage, everyone, declaring


def _told(seen: Look, members: Mapping[str, Member], count: int, at: str) -> dict[str, Any]:
    """What the report says of this look, and what it must know of devices that nothing else in this run has touched."""
    (site,) = {member.intent.site for member in members.values()}
    return {
        "site": site,
        "vantage": seen.vantage.host,
        "expects": seen.vantage.expects,
        "sources": list(seen.vantage.sources),
        "controls": len(seen.vantage.controls),
        "reached": len(seen.reached),
        "targets": count,
        "complete": seen.complete,
        "why": seen.why,
        "at": at,
        "contexts": {host: context(member.intent, "check", "", at) for host, member in members.items()},
    }


def _before(variables: Mapping[str, Any]) -> Iterator[Finding]:
    """What the first look of this run has found from this vantage."""
    fact = (variables.get("ansible_facts") or {}).get(_BEFORE_FACT)
    if isinstance(fact, Mapping) and fact.get("run") == RUN_ID:
        for told in unpacked(str(fact["packed"])):
            yield Finding(**{**told, "status": Status(told["status"])})
