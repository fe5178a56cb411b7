# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard on a host: a lock, the originals, and something that runs the way back unless we confirm in time.

Order is everything here. The folder appears complete, by one rename, and is the lock; the timer runs before the
first file changes; every original has a second name before the first file changes; every command leaves its mark
before it runs. So whoever kills us, wherever, :mod:`way_back` knows what to do. Runs on the device: Python 3.8.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time

from ansible_collections.iot_site.checklist.plugins.module_utils import way_back

SERVICE = "iot-site-checklist-guard.service"
GRACE_SECONDS = 40  # how long a way back may itself take before we call it dead
TOKEN = re.compile(r"^[A-Za-z0-9-]{8,80}\Z")  # it becomes part of file names and of a unit
RUNS_KEPT = 5  # of confirmed runs, whose originals stay on the device

SERVICE_UNIT = """\
[Unit]
Description=iot_site.checklist: put an unconfirmed change back
DefaultDependencies=no
RequiresMountsFor={folders}
After=local-fs.target
Before=sysinit.target shutdown.target
Conflicts=shutdown.target
ConditionPathExists={guard}

[Service]
Type=oneshot
ExecStart={python} -I {guard}/way_back.py {token}
"""

TIMER_UNIT = """\
[Unit]
Description=iot_site.checklist: wait for the confirmation of a change

[Timer]
OnActiveSec={seconds}s
AccuracySec=100ms
Unit={service}
"""


class Refused(Exception):
    """Nothing on the device was changed, for this reason."""


class Places:
    """Where things lie. Tests pass a folder of their own; no argument of a module reaches this."""

    def __init__(self, root="/var/lib/iot_site_checklist", units="/etc/systemd/system", systemd="/run/systemd/system"):
        self.root = root
        self.guard = os.path.join(root, "guard")
        self.originals = os.path.join(root, "originals")
        self.units = units
        self.has_systemd = os.path.isdir(systemd)


class Guard:
    """One armed way back. ``seconds`` 0: no timer, only the lock and the originals (after a confirmation)."""

    def __init__(self, places, token, seconds):
        self.places = places
        self.token = token
        self.seconds = seconds
        self.manifest = {}

    # --- arm ------------------------------------------------------------------------------------------------

    def arm(self, edits, runs):
        """Everything that must be true before the first edit. Raises Refused, and then nothing has changed."""
        places = self.places
        if not TOKEN.match(self.token):
            raise Refused("the token is not one of ours")
        self.manifest = {
            "token": self.token,
            "boot": way_back.boot(),
            "files": _entries(edits, self.token),
            "runs": [{"undo": step["undo"], "undo_stdin": step["undo_stdin"]} for step in runs],
            "units": self._unit_paths() if self.seconds else [],
        }
        os.makedirs(places.root, mode=0o700, exist_ok=True)
        _refuse_another(places)
        self._take_lock()
        try:
            if self.seconds:
                self._start_timer()
            for entry in self.manifest["files"]:
                _keep_original(entry)
        except (OSError, Refused) as problem:
            self.fire()
            raise Refused(str(problem)) from problem

    def _take_lock(self):
        """The folder appears whole or not at all; a folder that is not empty cannot be replaced by a rename."""
        places = self.places
        new = f"{places.guard}.new.{os.getpid()}"
        os.mkdir(new, 0o700)
        os.mkdir(os.path.join(new, "started"), 0o700)
        holder = {"token": self.token, "boot": self.manifest["boot"], "uptime": _uptime(), "seconds": self.seconds}
        way_back.write(os.path.join(new, "holder.json"), json.dumps(holder))
        way_back.write(os.path.join(new, "manifest.json"), json.dumps(self.manifest))
        way_back.write(os.path.join(new, "way_back.py"), way_back.__loader__.get_source(way_back.__name__), 0o700)
        way_back.write(os.path.join(new, "armed." + self.token), "")
        way_back.sync_folder(new)
        try:
            os.rename(new, places.guard)
        except OSError:
            shutil.rmtree(new, ignore_errors=True)
            raise Refused("another run has just begun to change this device; run again when it is done") from None
        way_back.sync_folder(places.root)

    # --- the timer ------------------------------------------------------------------------------------------

    def _unit_paths(self):
        if not self.places.has_systemd:
            return []
        boots = os.path.join("sysinit.target.wants", SERVICE)
        return [os.path.join(self.places.units, name) for name in (SERVICE, way_back.TIMER, boots)]

    def _start_timer(self):
        """systemd: fires in time, and at the next boot before any service starts. Without: a process of its own."""
        if not self.manifest["units"]:
            arguments = [
                sys.executable,
                "-I",
                os.path.join(self.places.guard, "way_back.py"),
                self.token,
                str(self.seconds),
            ]
            null = subprocess.DEVNULL
            way_back.Program(arguments, stdin=null, stdout=null, stderr=null)
            return
        service, timer, boots = self.manifest["units"]
        folders = {os.path.dirname(entry["path"]) for entry in self.manifest["files"]}
        folders.add(self.places.root)
        way_back.write(service, SERVICE_UNIT.format(
            folders=" ".join(sorted(_quoted(folder) for folder in folders)),
            guard=self.places.guard, python=sys.executable, token=self.token,
        ), 0o644)  # fmt: skip
        way_back.write(timer, TIMER_UNIT.format(seconds=self.seconds, service=SERVICE), 0o644)
        os.makedirs(os.path.dirname(boots), exist_ok=True)
        way_back.remove(boots)
        os.symlink(service, boots)
        for folder in {os.path.dirname(path) for path in self.manifest["units"]}:
            way_back.sync_folder(folder)
        for arguments in (["daemon-reload"], ["start", way_back.TIMER], ["is-active", way_back.TIMER]):
            problem = way_back.run(["systemctl", *arguments])
            if problem:
                raise Refused(f"the guard's timer did not start, so nothing was changed: {problem}")

    # --- after arming ---------------------------------------------------------------------------------------

    def mark(self, number):
        """Command ``number`` is about to run."""
        folder = os.path.join(self.places.guard, "started")
        way_back.write(os.path.join(folder, str(number)), "")
        way_back.sync_folder(folder)

    def entry(self, path):
        real = os.path.realpath(path)
        return next(entry for entry in self.manifest["files"] if entry["path"] == real)

    @contextlib.contextmanager
    def working(self):
        """While we work, the way back waits for us, but not longer than we live."""
        with way_back.locked(self.places.guard):
            yield

    def fire(self):
        """The way back, now. ``None``: it was already taken, or confirmed."""
        return way_back.fire(self.places.guard, self.token)

    def confirm(self):
        """Atomic test-and-clear: False when the way back took the token first."""
        guard = self.places.guard
        try:
            os.rename(os.path.join(guard, "armed." + self.token), os.path.join(guard, "confirmed." + self.token))
        except (FileNotFoundError, NotADirectoryError):
            return False
        way_back.sync_folder(guard)
        finish(self.places)
        return True


def finish(places):
    """Ends a confirmed guard: the originals move to a folder of their run, of which the last few stay."""
    manifest = way_back.load(places.guard, "manifest.json")
    folder = os.path.join(places.originals, manifest["token"])
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for entry in manifest["files"]:
        way_back.remove(entry["temporary"])
        if entry["secret"] and not entry["lost"]:
            way_back.remove(entry["backup"])
        elif os.path.lexists(entry["backup"]):
            _move(entry["backup"], os.path.join(folder, entry["path"].replace("%", "%25").replace("/", "%2F")))
    kept = sorted(os.scandir(places.originals), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in kept[RUNS_KEPT:]:
        shutil.rmtree(old.path, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.rmdir(folder)  # a run that replaced no file
    way_back.end(places.guard, manifest)


def _move(source, target):
    """Like rename, also from one file system to another; the first original of a run is the one to keep."""
    if os.path.lexists(target):
        os.unlink(source)
        return
    try:
        os.rename(source, target)
    except OSError:
        shutil.copy2(source, target + ".part")
        os.rename(target + ".part", target)
        os.unlink(source)


# --- what stood here before us ------------------------------------------------------------------------------


def _refuse_another(places):
    """Ends what a dead run left behind. A living guard is the lock between two runs: Refused."""
    for name in os.listdir(places.root):
        if name.startswith(("guard.new.", "guard.done.")) and not os.path.exists(f"/proc/{name.rpartition('.')[2]}"):
            shutil.rmtree(os.path.join(places.root, name), ignore_errors=True)
    try:
        holder = way_back.load(places.guard, "holder.json")
        names = os.listdir(places.guard)
    except FileNotFoundError:
        return
    token = holder["token"]
    if "confirmed." + token in names:
        finish(places)
        return
    age = _uptime() - holder["uptime"]
    if holder["boot"] == way_back.boot() and age < holder["seconds"] + GRACE_SECONDS:
        raise Refused(
            f"the run {token} is changing this device: it armed the guard {age:.0f} s ago and has at most "
            f"{max(0, holder['seconds'] - age):.0f} s left. Run again when it is done"
        )
    problems = way_back.fire(places.guard, token)
    if os.path.exists(places.guard):
        why = "; ".join(problems or ["reason unknown"])
        raise Refused(f"the way back of the dead run {token} did not work, look at the device: {why}")
    raise Refused(f"a dead run ({token}) had left changes here; they were put back just now. Run again")


def _uptime():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


# --- files before their change ------------------------------------------------------------------------------


def _entries(edits, token):
    """By the file that is really changed, however many edits and paths lead to it."""
    found = {}
    for edit in edits:
        entry = _entry(edit["path"], token)
        entry = found.setdefault(entry["path"], entry)
        entry["copied"] |= edit["kind"] == "KeptFile"
        entry["secret"] |= edit["kind"] in ("KeptFile", "AccountLine")
        entry["lost"] |= edit["kind"] == "AccountLine" and not edit["text"]
    return list(found.values())


def _entry(path, token):
    """What the way back must know of one file. Symbolic links stay; what they point to is changed."""
    real = os.path.realpath(path)
    folder, name = os.path.split(real)
    if not os.path.isabs(path) or not name:
        raise Refused(f"{path!r} is not the absolute path of a file")
    _refuse_open_folders(real)
    existed = os.path.lexists(real)
    if existed and not stat.S_ISREG(os.lstat(real).st_mode):
        raise Refused(f"{real} is not a regular file")
    hidden = os.path.join(folder, f".{name}.{token}")
    return {
        "path": real,
        "backup": hidden + ".original",  # beside it: only so can one rename bring the very same file back
        "temporary": hidden + ".new",
        "existed": existed,
        "folders": _missing_folders(folder),
        "copied": False,  # a program of the device changes it, perhaps in its place: a second name would not do
        "secret": False,  # nobody's old passwords stay behind
        "lost": False,  # but where an account goes, for only so can it come back
    }


def _refuse_open_folders(path):
    """Where anybody may put another file in the place of ours, somebody can make us write elsewhere."""
    while path != "/":
        folder = os.path.dirname(path)
        with contextlib.suppress(FileNotFoundError):
            mode = os.stat(folder).st_mode
            if mode & stat.S_IWOTH and not (mode & stat.S_ISVTX and _ours(path)):
                raise Refused(f"everybody may write in {folder}; nothing is changed below it")
        path = folder


def _ours(path):
    """In a folder like /tmp nobody else can move what belongs to us."""
    return os.path.lexists(path) and os.lstat(path).st_uid in (0, os.geteuid())


def _missing_folders(folder):
    missing = []
    while not os.path.isdir(folder):
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    return missing


def _keep_original(entry):
    if not entry["existed"]:
        return
    try:
        os.link(entry["path"], entry["backup"], follow_symlinks=False)
        if entry["copied"]:  # the link has shown that it can be replaced, by a program and by the way back
            _copy(entry)
    except OSError as problem:
        raise Refused(
            f"{entry['path']}: its original cannot be kept beside it ({problem.strerror}: is it immutable, "
            "a mount point, or on a file system without hard links?)"
        ) from None
    way_back.sync_folder(os.path.dirname(entry["path"]))


def _copy(entry):
    """The same file once more, whole when it has its name."""
    with open(entry["path"], "rb") as file:
        content = file.read()
    descriptor = os.open(entry["temporary"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        take_after(entry["path"], descriptor)
        os.fsync(descriptor)
    os.rename(entry["temporary"], entry["backup"])


def take_after(original, descriptor):
    """Owner first, since changing it clears bits of the mode; then the attributes (SELinux context, ACL)."""
    like = os.stat(original)
    os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, like.st_mode & 0o7777)
    for name in os.listxattr(original):
        os.setxattr(descriptor, name, os.getxattr(original, name))


def _quoted(folder):
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'
