# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers what this run left in the facts, and writes and prints one report per site (plugins/modules/report.py).

The shell around pure code: join.py settles, report/ renders, evidence.py writes. Of another site's devices nothing is
in scope while one is rendered but what reuse.py lets through: the label of one that has the same secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..plugin_utils import readers
from ..plugin_utils.argspec import argument_spec
from ..plugin_utils.evidence import json_text, write
from ..plugin_utils.join import Scope, join
from ..plugin_utils.marks import Marks
from ..plugin_utils.model import as_json
from ..plugin_utils.reading import (
    CONTEXT_FACT,
    FINDINGS_FACT,
    OUTSIDE_FACT,
    findings_in,
    marks_in,
    unpacked,
    untemplated,
)
from ..plugin_utils.report.document import Document, document
from ..plugin_utils.report.page import page
from ..plugin_utils.report.table import table
from ..plugin_utils.reuse import Compared, compared
from ..plugin_utils.run import RUN_ID
from ..plugin_utils.triage import weighed

_PLAN = "iot_site_plan_"
_HOSTS = ("hosts", "all_hosts", "vantages")

_SEEN_OUTSIDE = ("A1", "A2", "B1")
_NOT_SEEN = (
    "nobody looked at it from outside in this run: declare vantages in iot_site_vantages, have them in the group "
    "iot_site_vantage_hosts and in this run (--limit)"
)

_COLOURS = {"title": C.COLOR_HIGHLIGHT, "bad": C.COLOR_ERROR, "doubt": C.COLOR_WARN, "good": C.COLOR_OK}


class ActionModule(ActionBase):
    """Once per run, delegated to localhost."""

    SPEC = argument_spec("report")
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(argument_spec=self.SPEC)
        everyone = dict.fromkeys(map(str, (host for option in _HOSTS for host in arguments[option])))
        known = {host: _known((task_vars or {})["hostvars"], host) for host in everyone}
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        outside = [_facts(known[str(host)]) for host in arguments["vantages"]]
        points = _points(arguments["points"])
        reports, verdicts = {}, {}
        everywhere = list(_marks(known))
        for scope in _scopes(arguments, at):
            facts = {host: _facts(known[host]) for host in scope.hosts}
            among = compared(scope.site, everywhere)
            told = _document(scope, facts, outside, arguments["fail_on"], points, among)
            if arguments["table"]:
                _print(told)
            folder = _written(told, scope, facts, Path(arguments["directory"]))
            reports[scope.site] = str(folder)
            verdicts.update({host: _verdict(told, host, folder) for host in scope.played})
        return {"changed": False, "reports": reports, "verdicts": verdicts}


def _scopes(arguments: Mapping[str, Any], at: str) -> Iterator[Scope]:
    """One for every site that has a host in this play, with all the hosts the inventory gives it."""
    played = frozenset(map(str, arguments["hosts"]))
    everyone = list(dict.fromkeys(map(str, [*arguments["all_hosts"], *arguments["hosts"]])))
    sites = {host: str(arguments["sites"].get(host) or "") for host in everyone}
    for site in sorted({sites[host] for host in played}):
        # A host without a site belongs to nobody's site: it is only reported if it was in this run.
        hosts = tuple(host for host in everyone if sites[host] == site and (site or host in played))
        scope = Scope(run=RUN_ID, site=site, at=at, hosts=hosts, played=played.intersection(hosts))
        yield replace(scope, items=_SEEN_OUTSIDE, silent=_NOT_SEEN) if arguments["outside_only"] else scope


def _known(hostvars: Mapping[str, Any], host: str) -> Mapping[str, Any]:
    """The facts of one host. Ask once: Ansible puts all its variables together anew each time."""
    return (untemplated(hostvars, host).get("ansible_facts") if host in hostvars else None) or {}


def _facts(known: Mapping[str, Any]) -> dict[str, Any]:
    """Those of one host that are ours, as plain JSON without Ansible's tags."""
    ours = (FINDINGS_FACT, _PLAN, CONTEXT_FACT, OUTSIDE_FACT)
    return {str(name): as_json(fact) for name, fact in known.items() if name.startswith(ours)}


def _marks(known: Mapping[str, Mapping[str, Any]]) -> Iterator[Marks]:
    """Of every host of this run, of all sites: what a site may know of others is for compared() to say."""
    for host, facts in known.items():
        told = marks_in(facts)
        if told and told.host == host:
            yield told


def _document(
    scope: Scope,
    facts: Mapping[str, Mapping[str, Any]],
    outside: Sequence[Mapping[str, Any]],
    fail_on: list[str],
    points: Mapping[str, int],
    among: Compared,
) -> Document:
    looks = [one for own in outside for one in _looks(own) if one["site"] == scope.site]
    found = [finding for own in (*facts.values(), *outside) for finding in findings_in(own)]
    contexts = {host: told for one in looks for host, told in one["contexts"].items()}
    contexts |= {host: own[CONTEXT_FACT] for host, own in facts.items() if isinstance(own.get(CONTEXT_FACT), dict)}
    return document(scope, join(scope, found, contexts, among), contexts, fail_on, looks, points)


def _looks(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a vantage looked at in this run."""
    told = facts.get(OUTSIDE_FACT)
    return list(unpacked(told["packed"])) if isinstance(told, dict) and told.get("run") == RUN_ID else []


def _points(changed: Mapping[str, Any]) -> Mapping[str, int]:
    try:
        return weighed({str(rule): readers.whole(0, 1000)(value) for rule, value in changed.items()})
    except ValueError as error:
        raise AnsibleActionFail(f"report_points: expected {error}") from error


def _print(told: Document) -> None:
    """Line by line, so that each has its colour and the log has none."""
    display = Display()
    display.display("")
    for line in table(told):
        display.display(line.text, color=_COLOURS.get(line.tone))
    display.display("")


def _written(told: Document, scope: Scope, facts: Mapping[str, Mapping[str, Any]], root: Path) -> Path:
    files = {
        "findings.json": json_text(as_json(told)),
        "plan.json": json_text({"schema": 1, "run": scope.run, "site": scope.site, "at": scope.at,
                                "hosts": _plans(scope, facts)}),
        "report.html": page(told),
    }  # fmt: skip
    try:
        return write(root, scope.site, scope.run, files)
    except OSError as error:
        raise AnsibleActionFail(
            f"the evidence of site {scope.site} could not be written: {error}. "
            "Set report_directory to a directory that the person who runs this may write."
        ) from error


def _plans(scope: Scope, facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The plans made in this run, by host and item; one from a fact cache belongs to another run."""
    return {
        host: {name.removeprefix(_PLAN): unpacked(fact["packed"]) for name, fact in own.items()
               if name.startswith(_PLAN) and isinstance(fact, dict) and fact.get("run") == scope.run}
        for host, own in facts.items()
    }  # fmt: skip


def _verdict(told: Document, host: str, folder: Path) -> dict[str, Any]:
    statuses: dict[str, list[str]] = {}
    for finding in told.findings:
        if finding.host == host:
            statuses.setdefault(finding.status.value, []).append(finding.control)
    return {"report": str(folder / "report.html"), "statuses": statuses}
