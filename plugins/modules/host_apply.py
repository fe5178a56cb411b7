#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes a host under guard: it comes back by itself unless the change is confirmed in time."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_apply
short_description: Changes a host under guard
version_added: 0.1.0
description:
  - Replaces files, or single lines of them, by given text or by what a command prints, and runs commands on a host so
    that it returns to what it was, by itself, unless the change is confirmed within a time. It survives the loss of
    the connection, the death of the controller and a reboot.
  - The control actions of this collection run it by themselves. There is no reason to call it from a playbook.
  - While a guard is armed, C(/var/lib/iot_site_checklist/guard) exists and is the lock against a second run, and the
    original of every changed file lies beside it under a hidden name.
  - With systemd the unit C(iot-site-checklist-guard.timer) keeps the time, and after a reboot the originals are back
    before any service starts. Without systemd a process of its own keeps the time; after a reboot the changed files
    then stay until the next run finds the guard and puts them back.
  - After the confirmation the originals of the last five runs stay in C(/var/lib/iot_site_checklist/originals), but
    those of password files do not, unless an account was taken out of one.
author:
  - iot_site.checklist contributors (@iot-site)
options:
  payload:
    description: What to do, as base64 of JSON. The action writes it.
    type: str
    required: true
attributes:
  check_mode:
    description: Never runs in check mode.
    support: none
  diff_mode:
    description: The action shows the difference before.
    support: none
"""

EXAMPLES = r"""
- name: The control actions call it with what they have planned
  iot_site.checklist.host_apply:
    payload: "{{ planned }}"
"""

RETURN = r"""
outcome:
  description:
    - V(applied) and waiting for confirmation; V(refused), nothing was changed; V(reverted), everything is as it was;
      V(confirmed); V(late), the guard had already fired; V(persisted); V(gone), there was no guard to fire.
  returned: always
  type: str
  sample: applied
why:
  description: The reason when it was refused or reverted.
  returned: always
  type: str
problems:
  description: What the way back could not put back.
  returned: always
  type: list
  elements: str
"""

import base64
import json
import os
import time
from subprocess import PIPE, TimeoutExpired

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.iot_site.checklist.plugins.module_utils import way_back
from ansible_collections.iot_site.checklist.plugins.module_utils.guard import Guard, Places, Refused, take_after


class Failed(Exception):
    """A step of a change did not work, for this reason."""


def apply(asked, places):
    """Arm, write, check, run. Whatever fails, the device is as it was when we answer."""
    end = time.monotonic() + asked["deadline"]
    guard = Guard(places, asked["token"], asked["seconds"])
    try:
        guard.arm(asked["files"], asked["runs"])
    except PermissionError as reason:
        return answer("refused", f"changing this host needs root, log in with become: {reason}")
    except (Refused, OSError) as reason:
        return answer("refused", str(reason))
    activated = False
    try:
        with guard.working():
            for entry, edits in by_file(guard, [edit for edit in asked["files"] if edit["kind"] != "KeptFile"]):
                replace(entry, wanted(entry, edits, end), edits[-1].get("mode", 0))
            for check in asked["checks"]:
                must(check, end)
            activated = True
            for number, step in enumerate(asked["runs"]):
                guard.mark(number)
                must(step, end)
    except (Failed, OSError) as reason:
        problems = guard.fire() or []
        return answer("reverted" if activated or problems else "refused", str(reason), problems)
    return answer("applied")


def persist(asked, places):
    """What makes a confirmed change survive a reboot, with a way back of its own but no timer: whole or not at all."""
    found = apply(dict(asked, seconds=0, checks=[]), places)
    if found["outcome"] == "applied":
        return answer("persisted") if Guard(places, asked["token"], 0).confirm() else answer("late")
    return found


def confirm(asked, places):
    return answer("confirmed" if Guard(places, asked["token"], 0).confirm() else "late")


def revert(asked, places):
    problems = Guard(places, asked["token"], 0).fire()
    return answer("gone" if problems is None else "reverted", problems=problems or [])


OPERATIONS = {"apply": apply, "persist": persist, "confirm": confirm, "revert": revert}


def answer(outcome, why="", problems=()):
    return {"outcome": outcome, "why": why, "problems": list(problems)}


def must(step, end):
    left = end - time.monotonic()
    if left <= 0:
        raise Failed("the time for applying is over")
    problem = way_back.run(step["argv"], step["stdin"], min(way_back.COMMAND_SECONDS, left))
    if problem:
        raise Failed(problem)


# --- files --------------------------------------------------------------------------------------------------


def by_file(guard, edits):
    """``(what the guard keeps of a file, its edits)``: paths that lead to one file are one file."""
    found = {}
    for edit in edits:
        entry = guard.entry(edit["path"])
        found.setdefault(entry["path"], (entry, []))[1].append(edit)
    return list(found.values())


def wanted(entry, edits, end):
    """The bytes that the file shall have; None: it goes away."""
    if any(edit["kind"] == "MadeFile" for edit in edits):
        return made(entry, edits, end)
    kinds = {edit["kind"] for edit in edits}
    if kinds == {"FileEdit"}:
        content = edits[-1]["content"]
        return None if content is None else as_bytes(content)
    if len(kinds) > 1:
        raise Failed(f"{entry['path']}: one plan changes the whole file, and single lines of it")
    return with_lines(entry, edits) if kinds == {"LineInFile"} else with_accounts(entry, edits)


def made(entry, edits, end):
    """What the command prints, through a pipe: it may hold a key, which no other file gets to hold."""
    if len(edits) > 1 or not entry["existed"]:
        raise Failed(f"{entry['path']} is not there any more, or one plan changes it twice: run again")
    argv, left = edits[0]["argv"], max(0.1, end - time.monotonic())
    try:
        process = way_back.Program(argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=way_back.ENVIRONMENT)
        try:
            printed, said = process.communicate(as_bytes(edits[0]["stdin"]), left)
        finally:
            process.end()
    except (OSError, ValueError, TimeoutExpired) as problem:
        raise Failed(f"{entry['path']} could not be made by {argv[0]}: {problem}") from None
    if process.returncode or not printed:
        words = said.decode("utf-8", "backslashreplace")[-way_back.KEPT_WORDS :].strip()
        raise Failed(f"{entry['path']} could not be made, {argv[0]} ended with status {process.returncode}: {words}")
    return printed


def with_lines(entry, edits):
    """The file's own bytes with other lines. From the last one up, so that a new first line moves no number."""
    if not entry["existed"]:
        raise Failed(f"{entry['path']} is not there any more: run again")
    with open(entry["backup"], "rb") as file:
        lines = file.read().split(b"\n")
    for edit in sorted(edits, key=lambda edit: -edit["number"]):
        number, before, after = edit["number"], as_bytes(edit["before"]), as_bytes(edit["after"])
        if number == 0:
            lines.insert(0, _ended_like(lines[0], after))
        elif lines[number - 1 : number] == [before]:
            lines[number - 1] = _ended_like(before, after)
        else:
            raise Failed(f"{entry['path']}:{number} is not the line that was read any more: run again")
    return b"\n".join(lines)


def with_accounts(entry, edits):
    """The file's own bytes with these accounts' lines in place of whatever lines they had, at the end if none."""
    lines = []
    if entry["existed"]:
        with open(entry["backup"], "rb") as file:
            lines = file.read().splitlines(True)
    for edit in edits:
        account = as_bytes(edit["account"] + ":")
        places = [place for place, line in enumerate(lines) if line.startswith(account)]
        wanted = [as_bytes(edit["text"] + "\n")] if edit["text"] else []
        if lines and not lines[-1].endswith(b"\n"):
            lines[-1] += b"\n"
        first = places[0] if places else len(lines)
        others = [line for place, line in enumerate(lines) if place not in places]
        lines = others[:first] + wanted + others[first:]
    return b"".join(lines)


def _ended_like(line, new):
    """Files of other systems end their lines in CR LF, and keep it."""
    return new + b"\r" if line.endswith(b"\r") and not new.endswith(b"\r") else new


def as_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def replace(entry, content, mode):
    """The new content in one rename, with the owner, mode and attributes of the old file."""
    path = entry["path"]
    if content is None:
        way_back.remove(path)
    else:
        for folder in entry["folders"]:
            if not os.path.isdir(folder):
                os.mkdir(folder, 0o755)
        way_back.remove(entry["temporary"])
        _write(entry, content, mode)
        os.rename(entry["temporary"], path)
    way_back.sync_folder(os.path.dirname(path))


def _write(entry, data, mode):
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(entry["temporary"], flags, 0o600)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        if entry["existed"]:
            take_after(entry["backup"], descriptor)
        else:
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main():
    module = AnsibleModule(
        argument_spec={"payload": {"type": "str", "required": True, "no_log": True}},
        supports_check_mode=False,
    )
    asked = json.loads(base64.b64decode(module.params["payload"]).decode("utf-8", "surrogateescape"))
    found = OPERATIONS[asked["operation"]](asked, Places())
    module.exit_json(changed=found["outcome"] in ("applied", "persisted"), **found)


if __name__ == "__main__":
    main()
