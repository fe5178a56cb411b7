# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""read -> judge -> (check mode: say so | apply under guard) -> findings.

The only place that joins platforms with transports, and the only one that knows check mode. A control action never
fails a task and never returns unreachable: whatever goes wrong on a device becomes a finding.
"""

from __future__ import annotations

import gc
import secrets
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from .account_passwords import Known
from .contract import DECLARED, Platform
from .credential_store.store import Store
from .credential_store.unusable import Unusable
from .credential_store.vault import vault_of_this_run
from .declared import declared, rendered
from .discovery import PLATFORMS, platform_for
from .findings import Stamp, findings, restated, some_findings
from .guarded import Guarded, Outcome, seconds_needed
from .intent import load
from .ip import MISSING
from .issuing import activate, issue, recognised, withdraw
from .login_tests import SURFACE, Subject, Told, forbidden, not_allowed, probed
from .login_tests import judge as judge_tests
from .model import Change, Consent, Finding, Intent, Json, Judgement, Plan, State, Status, as_json
from .reading import (
    CONTEXT_FACT,
    FINDINGS_FACT,
    MARKS_FACT,
    STATE_FACT,
    Reading,
    carried,
    context,
    examined,
    fact,
    failed_hosts,
    findings_fact,
    findings_of,
    kept,
    marks_fact,
    packed,
    read,
    visitors_behind,
)
from .refusal import Circumstances, refusals
from .run import RUN_ID
from .sealed import MISSING as UNSEALABLE
from .secret import Secret
from .site_directory import site_directory
from .transports.base import Transport
from .transports.cli import CliTransport
from .transports.host import HostTransport
from .transports.peers import peers
from .waivers import decided

# Every worker is a copy of this process, and the collector would copy all its memory by looking at it. What is loaded
# by now is no garbage, and a worker ends with its task.
gc.freeze()
gc.set_threshold(50_000, 50, 50)

_CREDENTIALS = "user_credentials"  # the role whose items need secrets, and its tag
_NEEDING = ("C1", "C2")

_TRANSPORTS: dict[str, Callable[[Any, Mapping[str, Any]], Transport]] = {"host": HostTransport, "cli": CliTransport}


class ControlAction(ActionBase):  # type: ignore[misc]
    """Items of the checklist on one device. A control module's action plugin names its ITEM and SPEC."""

    ITEM: ClassVar[str] = ""  # "": the task names several, in its argument items
    SPEC: ClassVar[dict[str, Any]]
    ONLY_JUDGES: ClassVar[bool] = False  # whatever the task's mode is
    _requires_connection = False  # the cli transport opens its own; no helper process per task
    _carried: Reading | None = None  # what an earlier item has read, and the next ones have already
    _tested: Sequence[Finding] = ()  # what logins have told, once in a run

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        self._refuse_misuse()
        if MISSING or UNSEALABLE:
            raise AnsibleActionFail(MISSING or UNSEALABLE)
        _result, given = self.validate_argument_spec(argument_spec=self.SPEC)
        arguments = self._arguments(given, variables, rendered(self._templar, variables))
        intent, problems = load(arguments, str(variables["inventory_hostname"]), f"{datetime.now():%Y-%m-%d}")
        if intent is None:
            raise AnsibleActionFail("\n".join(str(problem) for problem in problems))
        self._items = [self.ITEM] if self.ITEM else [str(item) for item in arguments["items"]]
        dry = self.ONLY_JUDGES or bool(self._task.check_mode)  # the one look at check mode
        return self._one_device(intent, dry, variables)

    @staticmethod
    def _arguments(given: dict[str, Any], variables: Mapping[str, Any], said: Callable[[str], Any]) -> dict[str, Any]:
        """What the intent is made of: what the task says, and what the inventory declares."""
        return {**given, "declared": given["declared"] or declared(variables, said)}

    def _refuse_misuse(self) -> None:
        """One host's facts handed to another would be a false verdict, so this fails loudly."""
        misused = [word for word in ("run_once", "delegate_to", "loop") if getattr(self._task, word, None)]
        if misused:
            raise AnsibleActionFail(
                f"{self._task.action} judges its own host; it cannot be used with {', '.join(misused)}"
            )

    def _one_device(self, intent: Intent, dry: bool, variables: Mapping[str, Any]) -> dict[str, Any]:
        network_os = str(self._templar.template(variables.get("ansible_network_os") or ""))
        platform = platform_for(network_os)
        if platform is None:
            known = ", ".join(sorted(p.network_os for p in PLATFORMS.values() if p.network_os))
            why, fix = f"no platform is called {network_os}", f"Set ansible_network_os to one of: {known}"
            return self._result(intent, dry, self._blank(self._items, intent, Status.NOT_SUPPORTED, why, fix))
        self._carried = carried(variables)
        asking = [item for item in self._items if platform.asks_device(item)]
        results = [self._declared(platform, intent, dry, item) for item in self._items if item not in asking]
        if asking:
            results += self._asked(platform, intent, dry, variables, asking)
        return _together(results)

    def _declared(self, platform: Platform, intent: Intent, dry: bool, item: str) -> dict[str, Any]:
        """An item that the inventory alone answers."""
        found = findings(self._stamp(platform.name, item), intent, _judged(platform, {}, intent, item))
        return self._result(intent, dry, found)

    def _asked(
        self, platform: Platform, intent: Intent, dry: bool, variables: Mapping[str, Any], items: Sequence[str]
    ) -> list[dict[str, Any]]:
        transport = _TRANSPORTS[platform.transport](self, variables)
        try:
            return [self._one_item(platform, transport, intent, dry, variables, item) for item in items]
        finally:
            transport.close()

    def _one_item(
        self, platform: Platform, transport: Transport, intent: Intent, dry: bool, variables: Mapping[str, Any],
        item: str,
    ) -> dict[str, Any]:  # fmt: skip
        try:
            reading = self._read(platform, transport, intent, dry, variables, item)
            self._tested = self._login_tests(platform, transport, reading, intent, variables, item)
            result = self._settled(intent, dry, platform, transport, reading, variables, item)
            result["ansible_facts"].update(transport.learned)
        except Exception as error:  # one item's error stops neither the device's other items nor the report
            result = self._result(intent, dry, self._blank([item], intent, Status.UNKNOWN, _our_fault(error)))
        return result

    def _read(
        self, platform: Platform, transport: Transport, intent: Intent, dry: bool, variables: Mapping[str, Any],
        item: str,
    ) -> Reading:  # fmt: skip
        """What this run knows of the device already, if that will do; else all of it anew."""
        secrets = platform.asks_secrets(item)
        reading = self._carried
        if reading is None or (secrets and reading.readable and not reading.sealed):
            asked = any(platform.asks_secrets(one) for one in self._items) or _secrets_will_be_asked(variables)
            reading = read(platform, transport, asked)
        elif not dry and _plan(platform, reading, intent, item).changes:
            reading = read(platform, transport, secrets)  # what we are about to change we have just seen
        if self.ONLY_JUDGES:
            self._carried = reading  # no task follows, only items
        if not platform.judges_secrets(item):
            return reading
        known = examined(platform, reading, intent, self._recognised(platform, reading, intent, variables))
        if reading is self._carried:
            self._carried = known  # the next ones have what they need
        return known

    def _login_tests(
        self, platform: Platform, transport: Transport, reading: Reading, intent: Intent, variables: Mapping[str, Any],
        item: str,
    ) -> list[Finding]:  # fmt: skip
        """Passwords that nobody can read, tried where it is asked for and allowed: once in a run, whatever plays."""
        if not (Consent.LOGIN_TEST in intent.consent and platform.judges_secrets(item) and reading.readable):
            return []
        earlier = [one for one in findings_of(variables) if one.surface == SURFACE]
        if earlier:
            return earlier
        subjects, why = platform.login_subjects(reading.state), forbidden(intent)
        judged = [not_allowed(why)] if subjects and why else judge_tests(_logins(subjects, transport, reading))
        stamp = self._stamp(platform.name, item)
        return some_findings(stamp, intent, [decided(one, intent) for one in judged])

    def _settled(
        self, intent: Intent, dry: bool, platform: Platform, transport: Transport, reading: Reading,
        variables: Mapping[str, Any], item: str,
    ) -> dict[str, Any]:  # fmt: skip
        stamp = self._stamp(platform.name, item)
        if not reading.readable:
            return self._result(intent, dry, _unread(stamp, intent, platform, reading), reading)
        judged = _judged(platform, reading.state, intent, item)
        found, plan = findings(stamp, intent, judged), platform.plan(reading.state, intent, judged)
        closing = {change.control for change in plan.changes}
        refused = refusals(plan, intent, reading.vitals, Circumstances(
            today=intent.today,
            way_back=platform.transport == "host" or platform.guard(plan, RUN_ID, intent.guard_seconds) is not None,
            blind=transport.blind,
            password_login=transport.password_login,
            seconds_needed=seconds_needed(reading),
            # Other hosts' facts are costly to ask for: nothing fails in a rehearsal, and few hosts forward.
            failed_hosts=() if dry else failed_hosts(variables, intent.site),
            visitors_behind=visitors_behind(variables, intent.host) if "A2.forwarded" in closing else {},
        )) if plan.changes else []  # fmt: skip
        if refused:
            found = restated(
                found, plan, evidence={"refused": as_json(refused)}, fix="To let us close it: " + "; ".join(refused)
            )
        if dry or refused or not plan.changes:
            return self._result(intent, dry, found, reading, plan)
        try:
            outcome = self._apply(plan, reading, platform, transport, intent, variables, item)
        except Unusable as reason:
            why = f"not changed, for its credentials cannot be kept: {reason}"
            return self._result(intent, dry, restated(found, plan, why=why), reading, plan)
        found = self._applied(found, stamp, intent, platform, plan, outcome)
        return self._result(intent, dry, found, outcome.reading, plan, applied=outcome.proved)

    def _apply(
        self, plan: Plan, reading: Reading, platform: Platform, transport: Transport, intent: Intent,
        variables: Mapping[str, Any], item: str,
    ) -> Outcome:  # fmt: skip
        """Under guard. A credential that the plan sets is stored before, and active once the device has it."""
        if not plan.givens:
            return Guarded(platform, transport, intent, item).apply(plan, reading)
        with self._store(intent, variables).changing(intent.host) as keep:
            issued = issue(plan, keep, intent, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            outcome = Guarded(platform, transport, intent, item, issued).apply(plan, reading)
            if outcome.proved:
                activate(issued, keep)
            elif outcome.restored:
                withdraw(issued, keep)
        return outcome

    def _recognised(self, platform: Platform, reading: Reading, intent: Intent, variables: Mapping[str, Any]) -> Known:
        """The secrets of the device that our store holds; without a vault secret we cannot know, and search."""
        try:
            return recognised(kept(platform, reading), self._store(intent, variables).records(intent.host))
        except Unusable:
            return {}

    def _store(self, intent: Intent, variables: Mapping[str, Any]) -> Store:
        told = str(self._templar.template(variables.get("iot_site_directory") or ""))
        sources = [str(source) for source in variables.get("ansible_inventory_sources") or ()]
        return Store(site_directory(told, sources, intent.site), intent.site, vault_of_this_run())

    def _applied(
        self, found: list[Finding], stamp: Stamp, intent: Intent, platform: Platform, plan: Plan, outcome: Outcome
    ) -> list[Finding]:
        """What the findings say once the plan was tried: ``fixed`` is what a new reading calls a pass."""
        if not outcome.proved:
            status = Status.FAILED if outcome.touched else None  # it stays what it was
            return restated(found, plan, status=status, why=outcome.why, evidence=outcome.evidence)
        was = {finding.place: finding for finding in found}
        planned = {(change.control, change.surface) for change in plan.changes}
        return [
            replace(
                finding,
                status=Status.FIXED if finding.status is Status.PASS else finding.status,
                before=was[finding.place].before if finding.place in was else finding.before,
                after=was[finding.place].after if finding.place in was else finding.after,
                evidence={**finding.evidence, **outcome.evidence},
            )
            if (finding.control, finding.surface) in planned
            else finding
            for finding in findings(stamp, intent, _judged(platform, outcome.reading.state, intent, stamp.item))
        ]

    # --- results --------------------------------------------------------------------------------------------

    @staticmethod
    def _stamp(platform: str, item: str) -> Stamp:
        return Stamp(run=RUN_ID, item=item, platform=platform, at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")

    def _blank(self, items: Sequence[str], intent: Intent, status: Status, why: str, fix: str = "") -> list[Finding]:
        return [one for item in items for one in self._stamp("", item).blank(intent, status, why, fix)]

    def _result(
        self,
        intent: Intent,
        dry: bool,
        found: Sequence[Finding],
        reading: Reading | None = None,
        plan: Plan | None = None,
        applied: bool = False,
    ) -> dict[str, Any]:
        found = [*found, *self._tested]
        to_do = any(finding.status is Status.GAP for finding in found) or bool(plan and plan.changes)
        facts: dict[str, Json] = {
            FINDINGS_FACT + item: findings_fact([finding for finding in found if finding.item == item])
            for item in dict.fromkeys(finding.item for finding in found)
        }
        facts[CONTEXT_FACT] = context(
            intent, "check" if dry else "apply", found[0].platform if found else "", found[0].at if found else ""
        )
        if reading is not None and reading is not self._carried:
            facts[STATE_FACT] = fact(reading)
        if reading is not None and reading.sealed and PLATFORMS[reading.platform].asks_secrets(found[0].item):
            facts[MARKS_FACT] = marks_fact(PLATFORMS[reading.platform], reading, intent)
        if plan is not None:
            item = found[0].item
            facts[f"iot_site_plan_{item}"] = {"run": RUN_ID, "item": item, "packed": packed(plan)}
        result: dict[str, Any] = {
            "changed": to_do if dry else applied,
            "ansible_facts": facts,
        }
        if self._task.register or self._display.verbosity:  # for nobody else: Ansible copies every value of a result
            result["findings"] = as_json(found)
        if plan is not None and result["changed"]:
            result["diff"] = [_diff(intent.host, change) for change in plan.changes]
        return result


def _together(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One task's result for several items, each of which has facts of its own."""
    lists = {key for result in results for key in result if key in ("findings", "diff")}
    return {
        "changed": any(result["changed"] for result in results),
        "ansible_facts": {name: told for result in results for name, told in result["ansible_facts"].items()},
        **{key: [one for result in results for one in result.get(key, ())] for key in sorted(lists)},
    }


def _logins(subjects: Sequence[Subject], transport: Transport, reading: Reading) -> list[Told]:
    if not subjects:
        return []
    return probed(
        subjects, peers(transport), lambda: Secret(secrets.token_hex(12)), {transport.account, reading.vitals.account}
    )


def _secrets_will_be_asked(variables: Mapping[str, Any]) -> bool:
    """By a later task of this play: then they travel with everything else, in the same execution."""
    run, skipped = (frozenset(variables.get(f"ansible_{which}_tags") or ()) for which in ("run", "skip"))
    roles = {str(name).rpartition(".")[2] for name in variables.get("ansible_role_names") or ()}
    tags = ({"all", "tagged", item, _CREDENTIALS} for item in _NEEDING)
    return _CREDENTIALS in roles and any(not run.isdisjoint(each) and skipped.isdisjoint(each) for each in tags)


def _judged(platform: Platform, state: State, intent: Intent, item: str) -> list[Judgement]:
    """What the platform says of the device, as the site's people have decided it."""
    return [decided(judgement, intent) for judgement in platform.judge(state, intent, item)]


def _plan(platform: Platform, reading: Reading, intent: Intent, item: str) -> Plan:
    if not reading.readable:
        return Plan(intent.host, "", ())
    return platform.plan(reading.state, intent, _judged(platform, reading.state, intent, item))


def _unread(stamp: Stamp, intent: Intent, platform: Platform, reading: Reading) -> list[Finding]:
    """A device that said nothing: what the inventory alone decides stands, and each other control tells why, once.

    Which web server or FTP server it would have been, nobody knows.
    """
    found = findings(stamp, intent, _judged(platform, {}, intent, stamp.item))
    silent = {finding.control for finding in found if finding.status is Status.UNKNOWN and finding.surface != DECLARED}
    told = [finding for finding in found if finding.control not in silent or finding.surface == DECLARED]
    return told + [one for one in stamp.blank(intent, reading.status, reading.why) if one.control in silent]


def _diff(host: str, change: Change) -> dict[str, str]:
    header = f"{host} {change.control} {change.surface}: {change.summary}"
    return {
        "before": change.before.rstrip("\n") + "\n" if change.before else "",
        "after": change.after.rstrip("\n") + "\n" if change.after else "",
        "before_header": header,
        "after_header": header,
    }


def _our_fault(error: Exception) -> str:
    """Type and place only: the message of an unexpected error may quote a device's text."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = where.filename.rpartition("plugin_utils/")[2]
    return f"an error of this collection, please report it: {type(error).__name__} in {place} line {where.lineno}"
