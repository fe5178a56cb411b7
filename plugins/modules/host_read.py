#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads everything that is asked of a host in one execution."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_read
short_description: Reads files and command outputs of a host in one execution
version_added: 0.1.0
description:
  - Reads files, globs and the outputs of commands, all in one remote execution, and changes nothing.
  - The control actions of this collection run it by themselves. There is rarely a reason to call it from a playbook.
  - Every output travels compressed and as base64, so one byte that is no UTF-8 cannot spoil the other outputs.
  - Nothing passes through a shell. Commands run with C(LC_ALL=C), with an empty standard input, away from the
    connection's terminal, and with C(/usr/sbin) and C(/sbin) in their search path.
author:
  - iot_site.checklist contributors (@iot-site)
options:
  reads:
    description: What to read. Results are returned under the same names.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name under which the outputs are returned.
        type: str
        required: true
      files:
        description:
          - A file or a glob. V(*) and V(?) do not match a leading dot, and no glob matches a folder.
          - V(**) stands for a folder and all below it, also hidden ones and through links. Where there are more of them
            than may be looked into, the folders left out say so.
        type: str
        default: ""
      command:
        description:
          - A program and its arguments, when it is not a file that is wanted.
          - V(@session) gives the addresses and the account the host sees for this connection, V(@listeners) its open
            sockets, V(@sessions) who is connected to them, V(@processes) with a program's name the ids of its
            processes, V(@holders) with names the ids of those that hold a listening socket, V(@started) with a name
            how they were started, V(@owners) whose programs run, V(@root) what its root file system is, and V(@http)
            with a port what the host itself answers there to a visitor who asks for the start page. V(@shadow) tells
            whether the accounts have a password and until when, V(@keys) with files how many keys each holds, and
            V(@jobs) whose work cron and at do; no hash, key or command is in their answers. These need no program on
            the host and answer in JSON.
          - V(@stat) with a format (of V(%Z), V(%Y), V(%s) and V(%n)) and files or globs answers as C(stat -L -c) does.
            V(@having) with a program and a command runs the command where that program is installed, and answers as
            one that is missing where it is not.
            V(@units) with properties and units answers as C(systemctl show -p) does. All reads together start it once.
        type: list
        elements: str
        default: []
      follow:
        description: Repeats this read for everything found in the output of another read.
        type: dict
        suboptions:
          of:
            description: The name of the other read.
            type: str
            required: true
          pattern:
            description: A Python regular expression (multi-line). What its group 1 matches takes the place of C({}).
            type: str
            required: true
      limit:
        description: Bytes kept of each output.
        type: int
        default: 1048576
  seconds:
    description: How long the whole run may take. What was not read by then says so.
    type: int
    default: 60
attributes:
  check_mode:
    description: Reads the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
"""

EXAMPLES = r"""
- name: Read the kernel's view of the open sockets and every nginx site
  iot_site.checklist.host_read:
    reads:
      - name: sockets
        command: ["@listeners"]
      - name: sites
        files: /etc/nginx/sites-enabled/*
"""

RETURN = r"""
outputs:
  description:
    - The outputs by the name of the read, then by the path or the command.
    - A glob that matches nothing has no output. A file or program that does not exist has the error V(missing).
  returned: success
  type: dict
  sample:
    name:
      /etc/hostname: {"data": "eJzLNtc1MOICAAVNATw=", "length": 6, "rc": 0, "truncated": false, "error": ""}
"""

import base64
import contextlib
import json
import os
import re
import selectors
import shlex
import signal
import stat
import time
import zlib
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.iot_site.checklist.plugins.module_utils import (
    accounts,
    files,
    kernel,
    own_http,
    own_mdns,
    own_tls,
)
from ansible_collections.iot_site.checklist.plugins.module_utils.outputs import (
    ABSENT,
    MISSING,
    failure,
    left_out,
    output,
)

COMMAND_SECONDS = 20
READ_BYTES = 16 << 20  # of all outputs of one glob or one followed read
TOTAL_BYTES = 32 << 20
PSEUDO = {
    **kernel.PSEUDO,
    **accounts.PSEUDO,
    "@http": own_http.ask,
    "@mdns": own_mdns.ask,
    "@certificate": own_tls.greet,
    "@certificate_file": own_tls.in_file,
}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


# --- commands -----------------------------------------------------------------------------------------------


def find_program(name):
    """``(path, problem)``: only what is nowhere is missing; what we may not run or look for is an error."""
    for folder in PATH.split(":") if "/" not in name else [""]:
        candidate = os.path.join(folder, name)
        try:
            mode = os.stat(candidate).st_mode
        except OSError as exception:
            if exception.errno in ABSENT:
                continue
            return "", failure(exception)
        if stat.S_ISREG(mode):
            runs = os.access(candidate, os.X_OK)
            return candidate, None if runs else output(error=f"{candidate} is not executable")
    return "", output(error=MISSING)


class Program(Popen):
    """A program in a session of its own: it is ended together with all it started. run_command knows no limits."""

    def __init__(self, argv, environment):
        super().__init__(
            argv, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd="/", env=environment, start_new_session=True
        )

    def end(self):
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        self.stdout.close()
        self.stderr.close()
        self.wait()


def run(argv, limit, seconds):
    program, problem = find_program(argv[0])
    if problem:
        return problem
    environment = {"PATH": PATH, "LC_ALL": "C", "HOME": "/", "TERM": "dumb"}
    try:
        process = Program([program, *argv[1:]], environment)
    except (OSError, ValueError) as exception:
        return output(error=f"cannot be run: {exception}")
    return _collect(process, limit, seconds)


def _collect(process, limit, seconds):
    """Reads both pipes up to the limit and the deadline; a program that says more, or goes on, is ended."""
    kept = {process.stdout: bytearray(), process.stderr: bytearray()}
    end = time.monotonic() + seconds
    error = ""
    try:
        with selectors.DefaultSelector() as selector:
            for pipe in kept:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map() and len(kept[process.stdout]) <= limit:
                ready = selector.select(max(0.0, end - time.monotonic()))
                if not ready:
                    error = f"no end after {seconds} seconds"
                    break
                for key, _events in ready:
                    chunk = os.read(key.fd, 1 << 16)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    elif len(kept[key.fileobj]) <= limit:
                        kept[key.fileobj] += chunk
        truncated = len(kept[process.stdout]) > limit
        if error or truncated:
            process.end()
        rc = process.wait(max(0.1, end - time.monotonic()))
    except TimeoutExpired:
        rc, truncated, error = 0, False, f"no end after {seconds} seconds"
    finally:
        process.end()
    data = bytes(kept[process.stdout])
    if rc and not truncated and not error:
        data += bytes(kept[process.stderr])  # the program's own words on why it failed
    return output(data[:limit], 0 if truncated or error else rc, truncated, error)


# --- reads --------------------------------------------------------------------------------------------------


class Reader:
    """All reads of one run: their outputs, and how much room and time are left."""

    def __init__(self, reads, seconds):
        self.reads = {read["name"]: read for read in reads}
        self.end = time.monotonic() + seconds
        self.seconds = seconds
        self.bytes = 0  # of all reads, and before the present one
        self.bytes_before = 0
        self.outputs = {}
        self.units = {}  # what systemd says of each that a read names

    def all(self):
        """Reads what others follow first; a ring of follows has no first."""
        waiting = list(self.reads)
        while waiting:
            ready = [name for name in waiting if self._of(name) not in waiting]
            if not ready:
                ring = output(error="these reads follow each other in a ring")
                return {**self.outputs, **{name: {name: ring} for name in waiting}}
            for name in ready:
                self.bytes_before = self.bytes
                self.outputs[name] = self._read(self.reads[name])
            waiting = [name for name in waiting if name not in ready]
        return self.outputs

    def _of(self, name):
        return (self.reads[name].get("follow") or {}).get("of")

    def room(self):
        """The answer in place of a read that may not start any more; None while there is time and room."""
        if time.monotonic() >= self.end:
            return left_out(f"not read within the {self.seconds} seconds of the whole run")
        if self.bytes >= TOTAL_BYTES:
            return left_out(f"not read: the outputs before it fill the {TOTAL_BYTES} bytes of one run")
        if self.bytes - self.bytes_before >= READ_BYTES:
            return left_out(f"not read: the outputs before it fill the {READ_BYTES} bytes of one read")
        return None

    def _read(self, read):
        if not read.get("follow"):
            return self._one(read["files"], read["command"], read["limit"])
        words, found = self._matches(read["follow"])
        for word in words[: files.EXPANSIONS]:
            path = read["files"].replace("{}", word)
            found.update(self._one(path, [part.replace("{}", word) for part in read["command"]], read["limit"]))
        if len(words) > files.EXPANSIONS:
            found[read["name"]] = left_out(f"{len(words)} matches, only {files.EXPANSIONS} were followed")
        return found

    def _matches(self, follow):
        """``(words, problems)``: what cannot be followed in full says so, or an empty result would look complete."""
        of = follow["of"]
        if of not in self.outputs:
            return [], {of: output(error=f"there is no read called {of}")}
        words, problems = {}, {}
        for key, one in self.outputs[of].items():
            if one["error"] == MISSING:
                continue
            reason = incomplete(one)
            if reason:
                problems[key] = output(error=f"cannot be followed: {reason}")
            text = one["data"].decode("utf-8", "surrogateescape")
            words.update((word, None) for word in matched(follow["pattern"], text))
        return list(words), problems

    def _one(self, path, command, limit):
        if not command:
            return files.read_files(path, limit, lambda each, limit: self._counted(files.read_file, each, limit))
        key = " ".join(shlex.quote(part) for part in command)
        return {key: self._counted(self._command, command, limit)}

    def _counted(self, read, what, limit):
        found = self.room() or read(what, limit)
        if len(found["data"]) > limit:  # what is answered here, without a program or a file
            found = dict(found, data=found["data"][:limit], truncated=True)
        self.bytes += len(found["data"])
        return found

    def _command(self, command, limit):
        if command[0] == "@stat":
            return files.stamps(*command[1:])
        if command[0] == "@units":
            return self._units(command[1].split(","), command[2:])
        if command[0] == "@having":
            return find_program(command[1])[1] or self._run(command[2:], limit)
        if command[0] in PSEUDO:
            try:
                return output(json.dumps(PSEUDO[command[0]](*command[1:]), sort_keys=True).encode())
            except (OSError, ValueError, IndexError) as exception:
                return output(error=f"the kernel's answer was not understood: {exception}")
        return self._run(command, limit)

    def _run(self, command, limit):
        return run(command, limit, max(1, min(COMMAND_SECONDS, int(self.end - time.monotonic()))))

    def _units(self, properties, names):
        """What ``systemctl show -p`` says of these units. Starting it takes longer than its answer about many."""
        if not self.units:
            asked = [read["command"] for read in self.reads.values() if read["command"][:1] == ["@units"]]
            known = dict.fromkeys(name for command in asked for name in command[2:] if "{}" not in name)
            every = {word for command in asked for word in command[1].split(",")}
            self.units = self._show(sorted(every), list(known)) if known else {}
        if any(name not in self.units for name in names):
            self.units.update(self._show(properties, names))
        problems = [self.units[name] for name in names if isinstance(self.units[name], dict)]
        if problems:
            return problems[0]
        blocks = [[one for one in self.units[name] if one.partition("=")[0] in properties] for name in names]
        return output("\n".join("".join(f"{line}\n" for line in block) for block in blocks).encode())

    def _show(self, properties, names):
        """``{unit: its lines}``, or ``{unit: the output that says why not}``."""
        found = self._run(["systemctl", "show", "-p", ",".join(properties), *names], READ_BYTES)
        blocks = found["data"].decode("utf-8", "backslashreplace").rstrip("\n").split("\n\n")
        if incomplete(found):
            return dict.fromkeys(names, found)
        if len(blocks) != len(names):
            return dict.fromkeys(names, output(error=f"systemctl told of {len(blocks)} units, not {len(names)}"))
        return {name: blocks[place].split("\n") for place, name in enumerate(names)}


def incomplete(one):
    """Why an output does not tell everything; "" when it does."""
    if one["truncated"]:
        return "it was cut off"
    return one["error"] or (f"it ended with status {one['rc']}" if one["rc"] else "")


def matched(pattern, text):
    """What group 1 matches; a NUL can be in no path and no argument."""
    words = (match.group(1) for match in re.finditer(pattern, text, re.MULTILINE))
    return [word for word in words if word and "\0" not in word]


def packed(one):
    data = one["data"]
    return dict(one, data=base64.b64encode(zlib.compress(data, 6)).decode("ascii"), length=len(data))


def shown(key):
    """A path or command as text: bytes that are no UTF-8 become escapes."""
    return key.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def main():
    follow = {"of": {"type": "str", "required": True}, "pattern": {"type": "str", "required": True}}
    read = {
        "name": {"type": "str", "required": True},
        "files": {"type": "str", "default": ""},
        "command": {"type": "list", "elements": "str", "default": []},
        "follow": {"type": "dict", "options": follow},
        "limit": {"type": "int", "default": 1 << 20},
    }
    module = AnsibleModule(
        argument_spec={
            "reads": {"type": "list", "elements": "dict", "required": True, "options": read},
            "seconds": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    with kernel.one_look():
        found = Reader(module.params["reads"], module.params["seconds"]).all()
    packs = {name: {shown(key): packed(one) for key, one in outputs.items()} for name, outputs in found.items()}
    module.exit_json(changed=False, outputs=packs, invocation={})  # else all that was asked would travel back, too


if __name__ == "__main__":
    main()
