# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""read -> judge -> (check mode: say so | apply under guard) -> findings.

The only place that joins platforms with transports, and the only one that knows check mode. A control action never
fails a task and never returns unreachable: whatever goes wrong on a device becomes a finding.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from . import collector
from .account_passwords import Known
from .contract import DECLARED, Platform
from .credential_store import record as records
from .credential_store.lookups import HostLookups
from .credential_store.record import Record
from .credential_store.store import Store
from .credential_store.unusable import Unusable
from .declared import declared, rendered
from .discovery import PLATFORMS, platform_for
from .findings import Stamp, findings, restated, some_findings
from .guarded import Guarded, Outcome, seconds_needed
from .intent import load
from .ip import MISSING
from .issuing import Issued, Keep, activate, issue, recognised, taken, withdraw
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
from .site_store import site_store
from .stored_secrets.scheme import Kept
from .transports.base import Transport
from .transports.cli import CliTransport
from .transports.host import HostTransport
from .transports.peers import peers
from .waivers import decided

collector.loaded()

_CREDENTIALS = "user_credentials"  # the role whose items need secrets, and its tag
_NEEDING = ("C1", "C2")
_READ_PENDING = (
    "Run again; for that run, what the inventory reads by lookup('iot_site.checklist.credential', ...) needs "
    "version='pending'"
)

_TRANSPORTS: dict[str, Callable[[Any, Mapping[str, Any]], Transport]] = {"host": HostTransport, "cli": CliTransport}


class ControlAction(ActionBase):  # type: ignore[misc]
    """Items of the checklist on one device. A control module's action plugin names its ITEM and SPEC."""

    ITEM: ClassVar[str] = ""  # "": the task names several, in its argument items
    SPEC: ClassVar[dict[str, Any]]
    ONLY_JUDGES: ClassVar[bool] = False  # whatever the task's mode is
    _requires_connection = False  # the cli transport opens its own; no helper process per task
    _intent: Intent
    _variables: Mapping[str, Any]
    _items: Sequence[str]
    _dry: bool
    _platform: Platform
    _transport: Transport
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
        self._intent, self._variables = intent, variables
        self._items = [self.ITEM] if self.ITEM else [str(item) for item in arguments["items"]]
        self._dry = self.ONLY_JUDGES or bool(self._task.check_mode)  # the one look at check mode
        try:
            return self._one_device()
        except Exception as error:  # a control action never fails a task
            return self._result(self._blank(self._items, Status.UNKNOWN, _our_fault(error)))

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

    def _one_device(self) -> dict[str, Any]:
        network_os = str(self._templar.template(self._variables.get("ansible_network_os") or ""))
        platform = platform_for(network_os)
        if platform is None:
            known = ", ".join(sorted(p.network_os for p in PLATFORMS.values() if p.network_os))
            why, fix = f"no platform is called {network_os}", f"Set ansible_network_os to one of: {known}"
            return self._result(self._blank(self._items, Status.NOT_SUPPORTED, why, fix))
        self._platform, self._carried = platform, carried(self._variables)
        asking = [item for item in self._items if platform.asks_device(item)]
        results = [self._declared(item) for item in self._items if item not in asking]
        return _together([*results, *(self._asked(asking) if asking else ())])

    def _declared(self, item: str) -> dict[str, Any]:
        """An item that the inventory alone answers."""
        return self._result(findings(self._stamp(item), self._intent, self._judged({}, item)))

    def _asked(self, items: Sequence[str]) -> list[dict[str, Any]]:
        self._transport = _TRANSPORTS[self._platform.transport](self, self._variables)
        try:
            return [self._one_item(item) for item in items]
        finally:
            self._transport.close()

    def _one_item(self, item: str) -> dict[str, Any]:
        self._tested = ()
        try:
            reading = self._read(item)
            self._tested = self._login_tests(reading, item)
            result = self._settled(reading, item)
            result["ansible_facts"].update(self._transport.learned)
        except Exception as error:  # one item's error stops neither the device's other items nor the report
            result = self._result(self._blank([item], Status.UNKNOWN, _our_fault(error)))
        return result

    def _read(self, item: str) -> Reading:
        """What this run knows of the device already, if that will do; else all of it anew."""
        platform, reading, secrets = self._platform, self._carried, self._platform.asks_secrets(item)
        if reading is None or (secrets and reading.readable and not reading.sealed):
            reading = read(
                platform, self._transport, bool(self._secret_items) or _secrets_will_be_asked(self._variables)
            )
        elif not self._dry and self._plan(reading, item).changes:
            reading = read(platform, self._transport, secrets)  # what we are about to change we have just seen
        if self.ONLY_JUDGES:
            self._carried = reading  # no task follows, only items
        if not platform.judges_secrets(item):
            return reading
        known = examined(platform, reading, self._intent, self._recognised(reading))
        if reading is self._carried:
            self._carried = known  # the next ones have what they need
        return known

    @property
    def _secret_items(self) -> list[str]:
        """Those of this task for which what accounts keep is read."""
        return [item for item in self._items if self._platform.asks_secrets(item)]

    def _judged(self, state: State, item: str) -> list[Judgement]:
        """What the platform says of the device, as the site's people have decided it."""
        return [decided(judgement, self._intent) for judgement in self._platform.judge(state, self._intent, item)]

    def _plan(self, reading: Reading, item: str) -> Plan:
        if not reading.readable:
            return Plan(self._intent.host, "", ())
        return self._platform.plan(reading.state, self._intent, self._judged(reading.state, item))

    def _login_tests(self, reading: Reading, item: str) -> list[Finding]:
        """Passwords that nobody can read, tried where it is asked for and allowed: once in a run, whatever plays."""
        intent, platform = self._intent, self._platform
        if not (Consent.LOGIN_TEST in intent.consent and platform.judges_secrets(item) and reading.readable):
            return []
        earlier = [one for one in findings_of(self._variables) if one.surface == SURFACE]
        if earlier:
            return earlier
        subjects, why = platform.login_subjects(reading.state), forbidden(intent)
        judged = [not_allowed(why)] if subjects and why else judge_tests(_logins(subjects, self._transport, reading))
        return some_findings(self._stamp(item), intent, [decided(one, intent) for one in judged])

    def _settled(self, reading: Reading, item: str) -> dict[str, Any]:
        intent, platform, transport = self._intent, self._platform, self._transport
        if not reading.readable:
            return self._result(self._unread(reading, item), reading)
        judged = self._judged(reading.state, item)
        found, plan = findings(self._stamp(item), intent, judged), platform.plan(reading.state, intent, judged)
        closing = {change.control for change in plan.changes}
        refused = refusals(plan, intent, reading.vitals, Circumstances(
            today=intent.today,
            way_back=platform.transport == "host" or platform.guard(plan, RUN_ID, intent.guard_seconds) is not None,
            blind=transport.blind,
            password_login=transport.password_login,
            seconds_needed=seconds_needed(reading),
            # Other hosts' facts are costly to ask for: nothing fails in a rehearsal, and few hosts forward.
            failed_hosts=() if self._dry else failed_hosts(self._variables, intent.site),
            visitors_behind=visitors_behind(self._variables, intent.host) if "A2.forwarded" in closing else {},
        )) if plan.changes else []  # fmt: skip
        if refused:
            found = restated(
                found, plan, evidence={"refused": as_json(refused)}, fix="To let us close it: " + "; ".join(refused)
            )
        if self._dry or refused or not plan.changes:
            return self._result(found, reading, plan)
        try:
            outcome = self._apply(plan, reading, item)
        except Unusable as reason:
            why = f"not changed, for its credentials cannot be kept: {reason}"
            return self._result(restated(found, plan, why=why), reading, plan)
        return self._result(self._applied(found, plan, outcome, item), outcome.reading, plan, applied=outcome.proved)

    def _apply(self, plan: Plan, reading: Reading, item: str) -> Outcome:
        """Under guard. A credential that the plan sets is stored before, and active once the device has it."""
        intent, parts = self._intent, (self._platform, self._transport, self._intent, item)
        if not plan.givens:
            return Guarded(*parts).apply(plan, reading)
        with self._store().changing(intent.host) as keep:
            issued = issue(plan, keep, intent, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            return _noted(Guarded(*parts, issued).apply(plan, reading), issued, keep)

    def _recognised(self, reading: Reading) -> Known:
        """The secrets of the device that our store holds; where it does not open we cannot know, and search."""
        found = kept(self._platform, reading)
        try:
            store = self._store()
            stored = store.records(self._intent.host)
            lasts = not (self._dry or reading.vitals.unsaved or reading.vitals.unsafe)  # no guard takes it back
            return recognised(found, self._finished(store, found, stored) if lasts else stored)
        except Unusable:
            return {}

    def _finished(self, store: Store, found: Mapping[str, Kept], stored: Sequence[Record]) -> Sequence[Record]:
        """A run that died, or whose store did, may not have come to say that the device has a credential.

        Whom a rotation names gets that very one set again, and no second one.
        """
        theirs = {record.owner.person for record in stored if taken(found, record)} - self._intent.rotate
        if not theirs:
            return stored
        with suppress(Unusable), store.changing(self._intent.host) as keep:
            for person in sorted(theirs):
                keep(person, lambda now: records.activate(now) if taken(found, now) else now)
            return store.records(self._intent.host)
        return stored

    def _store(self) -> Store:
        said = rendered(self._templar, self._variables)
        name, told = (str(said(f"iot_site_{which}") or "") for which in ("credential_store", "directory"))
        sources = [str(source) for source in self._variables.get("ansible_inventory_sources") or ()]
        site, lookups = self._intent.site, HostLookups(self._loader, self._templar, self._variables)
        return site_store(name, site_directory(told, sources, site), site, lookups)

    def _applied(self, found: list[Finding], plan: Plan, outcome: Outcome, item: str) -> list[Finding]:
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
            for finding in findings(self._stamp(item), self._intent, self._judged(outcome.reading.state, item))
        ]

    # --- results --------------------------------------------------------------------------------------------

    def _stamp(self, item: str) -> Stamp:
        return Stamp(run=RUN_ID, item=item, platform=self._platform.name, at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")

    def _blank(self, items: Sequence[str], status: Status, why: str, fix: str = "") -> list[Finding]:
        """The same of every control, where it is not told what kind of device it is."""
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        stamps = [Stamp(run=RUN_ID, item=item, platform="", at=at) for item in items]
        return [one for stamp in stamps for one in stamp.blank(self._intent, status, why, fix)]

    def _unread(self, reading: Reading, item: str) -> list[Finding]:
        """A device that said nothing: what the inventory alone decides stands, and each other control tells why, once.

        Which web server or FTP server it would have been, nobody knows.
        """
        found = findings(self._stamp(item), self._intent, self._judged({}, item))
        silent = {one.control for one in found if one.status is Status.UNKNOWN and one.surface != DECLARED}
        told = [one for one in found if one.control not in silent or one.surface == DECLARED]
        blank = self._stamp(item).blank(self._intent, reading.status, reading.why)
        return told + [one for one in blank if one.control in silent]

    def _result(
        self, found: Sequence[Finding], reading: Reading | None = None, plan: Plan | None = None, applied: bool = False
    ) -> dict[str, Any]:
        intent, found = self._intent, [*found, *self._tested]
        item, platform, at = (found[0].item, found[0].platform, found[0].at) if found else ("", "", "")
        to_do = any(finding.status is Status.GAP for finding in found) or bool(plan and plan.changes)
        facts: dict[str, Json] = {
            FINDINGS_FACT + one: findings_fact([finding for finding in found if finding.item == one])
            for one in dict.fromkeys(finding.item for finding in found)
        }
        facts[CONTEXT_FACT] = context(intent, "check" if self._dry else "apply", platform, at)
        if reading is not None and reading is not self._carried:
            facts[STATE_FACT] = fact(reading)
        if reading is not None and reading.sealed and [item] == self._secret_items[-1:]:  # which knows the most of them
            facts[MARKS_FACT] = marks_fact(self._platform, reading, intent)
        if plan is not None:
            facts[f"iot_site_plan_{item}"] = {"run": RUN_ID, "item": item, "packed": packed(plan)}
        result: dict[str, Any] = {"changed": to_do if self._dry else applied, "ansible_facts": facts}
        if self._task.register or self._display.verbosity:  # for nobody else: Ansible copies every value of a result
            result["findings"] = as_json(found)
        if self._task.diff and plan is not None and result["changed"]:
            result["diff"] = [_diff(intent.host, change) for change in plan.changes]
        return result


def _noted(outcome: Outcome, issued: Sequence[Issued], keep: Keep) -> Outcome:
    """The store is told what became of the credentials. Where it does not listen, they are known as pending ones."""
    try:
        if outcome.proved:
            activate(issued, keep)
        elif outcome.restored:
            withdraw(issued, keep)
    except Unusable as reason:
        todo = _READ_PENDING if outcome.proved else "Run again"
        why = f"{outcome.why}; but the store has the new credentials as pending ones still: {reason}. {todo}"
        return replace(outcome, proved=False, why=why)
    return outcome


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
