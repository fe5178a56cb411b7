# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a device in this run, and how it travels between tasks as facts."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from .account_passwords import Known
from .contract import Platform
from .marks import Mark, Marks, marks
from .model import Finding, Intent, Json, State, Status, Vitals, as_json
from .run import RUN_ID
from .sealed import opened, opened_json, sealed, sealed_json
from .stored_secrets.scheme import Kept
from .transports.base import Transport, Unable, Unreachable

STATE_FACT = "iot_site_state"
CONTEXT_FACT = "iot_site_context"
FINDINGS_FACT = "iot_site_findings_"  # and the item
MARKS_FACT = "iot_site_marks"
CHECKED_FACT = "iot_site_checked"  # the run in which preflight found nothing wrong with this host
OUTSIDE_FACT = "iot_site_outside"  # on a vantage: what it looked at, by site


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of one device: redacted state and vitals, or the reason why there are none."""

    platform: str
    state: State = field(default_factory=dict)
    vitals: Vitals = field(default_factory=Vitals)
    status: Status = Status.PASS  # or unreachable, unknown: nothing could be read, and ``why``
    why: str = ""
    seconds: float = 0.0  # how long the read took
    run: str = RUN_ID
    sealed: str = ""  # what its accounts keep, for the tasks that judge it; "" where nobody asked

    @property
    def readable(self) -> bool:
        return self.status is Status.PASS


def read(platform: Platform, transport: Transport, secrets: bool = False) -> Reading:
    """All reads of all surfaces, and of the accounts too if ``secrets``, in one remote execution or one session."""
    started = time.monotonic()
    try:
        raw = transport.read(platform.reads_with_secrets if secrets else platform.all_reads)
    except Unreachable as reason:
        return Reading(platform.name, status=Status.UNREACHABLE, why=str(reason))
    except Unable as reason:
        return Reading(platform.name, status=Status.UNKNOWN, why=str(reason))
    kept = sealed(raw, {read.name for read in platform.secret_reads}) if secrets else ""
    seconds = time.monotonic() - started
    return Reading(platform.name, platform.parse(raw), platform.vitals(raw), seconds=seconds, sealed=kept)


def examined(platform: Platform, reading: Reading, intent: Intent, known: Known | None = None) -> Reading:
    """The same reading with what its accounts' secrets say; without them, their controls are ``unknown``."""
    raw = opened(reading.sealed) if reading.readable else None
    return replace(reading, state=platform.examined(raw, reading.state, intent, known)) if raw else reading


def kept(platform: Platform, reading: Reading) -> dict[str, Kept]:
    """The secrets of a reading, by surface; none where it was made without them."""
    raw = opened(reading.sealed) if reading.readable else None
    return platform.kept(raw, reading.state)[0] if raw else {}


def marks_fact(platform: Platform, reading: Reading, intent: Intent) -> Json:
    """By what the report tells which secrets of the device others have too; sealed, for nobody else needs to know."""
    raw = opened(reading.sealed)
    if raw is None:
        return {"run": RUN_ID, "sealed": ""}
    kept, told = platform.kept(raw, reading.state)
    return {
        "run": RUN_ID,
        "sealed": sealed_json(marks(kept, told, reading.state, platform.device(reading.state), intent)),
    }


def marks_in(facts: Mapping[str, Any]) -> Marks | None:
    """Of the host of these facts; those of an earlier run do not open."""
    found = facts.get(MARKS_FACT)
    told = opened_json(str(found["sealed"])) if isinstance(found, Mapping) and found.get("run") == RUN_ID else None
    return Marks(**{**told, "marks": tuple(Mark(**one) for one in told["marks"])}) if told else None


def fact(reading: Reading) -> Json:
    """How a reading travels to the next tasks: packed, for Ansible looks into everything else at every step."""
    return {"run": reading.run, "packed": packed(reading)}


def context(intent: Intent, mode: str, platform: str, at: str) -> Json:
    """What the report must know of a host beside its findings. ``mode`` is check or apply."""
    return as_json(
        {
            "run": RUN_ID,
            "site": intent.site,
            "host": intent.host,
            "platform": platform,
            "label": intent.label,
            "enforced_by": intent.enforced_by,
            "published": intent.published,
            "authorised": intent.authorised,
            "waivers": intent.waivers,
            "today": intent.today,
            "mode": mode,
            "at": at,
        }
    )


def findings_fact(found: Sequence[Finding]) -> Json:
    """The findings of one item: how each ended, for playbooks, and the rest of them packed."""
    statuses: dict[str, Json] = {finding.place: finding.status.value for finding in found}
    return {"run": RUN_ID, "statuses": statuses, "packed": packed(found)}


def findings_in(facts: Mapping[str, Any]) -> Iterator[Mapping[str, Json]]:
    """What this run found on the host of these facts; those of an earlier run are nobody's."""
    for name, told in facts.items():
        if name.startswith(FINDINGS_FACT) and isinstance(told, Mapping) and told.get("run") == RUN_ID:
            yield from unpacked(told["packed"])


def findings_of(task_vars: Mapping[str, Any]) -> list[Finding]:
    """What earlier tasks of this run have found on this host."""
    told = findings_in(_facts(task_vars))
    return [Finding(**{**cast(Any, one), "status": Status(str(one["status"]))}) for one in told]


def is_checked(facts: Mapping[str, Any]) -> bool:
    """Whether the host of these facts is in this run."""
    return facts.get(CHECKED_FACT) == RUN_ID


def packed(value: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(value, default=as_json).encode(), 1)).decode("ascii")


def carried(task_vars: Mapping[str, Any]) -> Reading | None:
    """The reading an earlier task of this run left; a fact of another run (a fact cache on disk) is nobody's."""
    found = _facts(task_vars).get(STATE_FACT)
    if not isinstance(found, Mapping) or found.get("run") != RUN_ID:
        return None
    told = unpacked(found["packed"])
    return Reading(**{**told, "vitals": Vitals(**told["vitals"]), "status": Status(told["status"])})


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


def failed_hosts(task_vars: Mapping[str, Any], site: str) -> tuple[str, ...]:
    """The hosts of a site on which a change failed in this run: it stops the site."""
    return tuple(sorted(host for host, told in _of_all_hosts(task_vars) if _has_failed(_facts(told), site)))


def visitors_behind(task_vars: Mapping[str, Any], gateway: str) -> dict[str, str]:
    """Who comes in today to the devices for which ``gateway`` limits access, as those read in this run have seen it."""
    found: dict[str, str] = {}
    for host, told in sorted(_of_all_hosts(task_vars)):
        context = _facts(told).get(CONTEXT_FACT)
        if isinstance(context, Mapping) and context.get("run") == RUN_ID and context.get("enforced_by") == gateway:
            reading = carried(told)
            for visitor, how in reading.vitals.visitors.items() if reading else ():
                found.setdefault(visitor, f"on {host}: {how}")
    return found


def _of_all_hosts(task_vars: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    hostvars = task_vars.get("hostvars", {})
    yield from ((host, untemplated(hostvars, host)) for host in hostvars)


def untemplated(hostvars: Any, host: str) -> Mapping[str, Any]:
    """A host's variables as they are: facts are no templates, and to look for some in them takes long."""
    found: Mapping[str, Any] = hostvars.raw_get(host) if hasattr(hostvars, "raw_get") else hostvars[host]
    return found


def _has_failed(facts: Mapping[str, Any], site: str) -> bool:
    return any(finding["site"] == site and finding["status"] == Status.FAILED.value for finding in findings_in(facts))


def _facts(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    facts = variables.get("ansible_facts")
    return facts if isinstance(facts, Mapping) else {}
