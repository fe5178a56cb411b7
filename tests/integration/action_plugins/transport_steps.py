# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the host transport step by step, as an action plugin, so that everything around it is real Ansible.

``steps`` is a list of ``{do: read | apply | fresh | enters | confirm | revert | persist | kill, …}``; the result is one
answer for each step: what it returned, or ``{"raised": kind, "why": words}``.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible_collections.iot_site.checklist.plugins.plugin_utils.door_logins import Login
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Change, Door, FileEdit, Plan, RunEdit
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Read
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.base import (
    Arming,
    Refused,
    Reverted,
    Unable,
    Unreachable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports.host import HostTransport


class ActionModule(ActionBase):
    _requires_connection = False  # as the control actions have it

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        transport = HostTransport(self, task_vars)
        walk = Walk(transport)
        answers = [walk.step(dict(step)) for step in self._task.args["steps"]]
        transport.close()
        return {"answers": answers, "blind": transport.blind, "learned": dict(transport.learned)}


class Walk:
    def __init__(self, old):
        self.old = old
        self.new = None

    def step(self, step):
        try:
            return getattr(self, step.pop("do"))(**step)
        except (Unreachable, Unable, Refused, Reverted) as reason:
            return {"raised": type(reason).__name__, "why": str(reason)}

    def through(self, over):
        return self.new if over == "new" else self.old

    def read(self, over="old", reads=(), secret=False):
        wanted = [Read(name, command=tuple(words.split()), secret=secret) for name, words in dict(reads).items()]
        raw = self.through(over).read(wanted)
        return {name: {"text": out.text, "error": out.error} for name in raw.outputs for out in raw.all(name).values()}

    def apply(self, token, seconds=35, files=None, runs=(), checks=()):
        change = Change(
            control="test", surface="test", summary="", before="", after="",
            edits=(*(FileEdit(path, content) for path, content in (files or {}).items()), *map(_run, runs)),
            checks=tuple(map(_run, checks)),
        )  # fmt: skip
        self.old.apply(Plan("device", "", (change,)), Arming(token, seconds))
        return "applied"

    def fresh(self):
        self.new = self.old.fresh()
        return "connected"

    def enters(self, port, account, password_file, seconds=30):
        """At a broker; the password comes from a file, for a task's arguments are printed."""
        secret = Secret(Path(password_file).read_text())
        (entry,) = self.new.enters([Login(Door("mqtt", "127.0.0.1", port), account, secret)], seconds)
        return [entry.proved, entry.why]

    def confirm(self, token, over="new"):
        return self.through(over).confirm(Arming(token, 35))

    def revert(self, token):
        return self.old.revert(Arming(token, 35))

    def persist(self, token, files):
        return self.old.persist([FileEdit(path, content) for path, content in files.items()], Arming(token, 35))

    def kill(self):
        """The controller dies here: the worker and the process that started it."""
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def _run(words):
    return RunEdit(tuple(words["argv"].split()), words.get("stdin", ""), tuple(words.get("undo", "").split()))
