# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: puts a device back to what it was before an unconfirmed change.

host_apply writes this very file into the guard's folder, where a timer, the next boot, or host_apply itself runs it:
``python3 -I way_back.py TOKEN [SECONDS]``. So it needs nothing but Python 3.8 and the folder it lies in:

    armed.TOKEN      the arm token. Whoever renames it decides: to confirmed.TOKEN, or to fired.TOKEN as we do
    manifest.json    every file to put back and every command with its undo
    started/N        command N was (perhaps) run
    holder.json      who armed, when and for how long

It may be killed anywhere and run again: what is already back stays.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "LC_ALL": "C", "HOME": "/"}
COMMAND_SECONDS = 30
LOCK_SECONDS = 30
KEPT_WORDS = 2000
NAMED_WORDS = 100

TIMER = "iot-site-checklist-guard.timer"


def fire(guard, token):
    """Takes the token and puts everything back. ``None``: there was nothing to take; else what did not work."""
    try:
        with locked(guard):
            if not _take(guard, token):
                return None
            manifest = load(guard, "manifest.json")
            stuck = put_back(manifest)
            unsure = [] if boot() != manifest["boot"] else undo(guard, manifest)
            _leave(guard, manifest, stuck, unsure)
            return stuck + unsure
    except FileNotFoundError:  # no guard, or it ended while we waited for it
        return None


def _take(guard, token):
    """The atomic test-and-clear that confirming uses too. A token already fired is one of ours, killed on its way."""
    try:
        os.rename(os.path.join(guard, "armed." + token), os.path.join(guard, "fired." + token))
    except FileNotFoundError:
        return os.path.exists(os.path.join(guard, "fired." + token))
    return True


@contextlib.contextmanager
def locked(guard, seconds=LOCK_SECONDS):
    """One process at a time works in the guard's folder; the kernel frees the lock of one that was killed."""
    descriptor = os.open(guard, os.O_RDONLY | os.O_DIRECTORY)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(0.05)
        yield  # after all that waiting the other one hangs, and a device locked out counts more
    finally:
        os.close(descriptor)


# --- files --------------------------------------------------------------------------------------------------


def put_back(manifest):
    """Every file as it was: the very same one, with its owner, mode, context and inode."""
    stuck = []
    for entry in reversed(manifest["files"]):
        try:
            _put_back(entry)
        except OSError as problem:
            stuck.append(f"{entry['path']} could not be put back: {problem.strerror} (kept as {entry['backup']})")
    return stuck


def _put_back(entry):
    path, backup = entry["path"], entry["backup"]
    remove(entry["temporary"])
    if not entry["existed"]:
        remove(path)
    elif os.path.lexists(backup):
        if os.path.lexists(path) and os.path.samestat(os.lstat(path), os.lstat(backup)):
            os.unlink(backup)  # the original was never replaced, and renaming a file to itself does nothing
        else:
            os.rename(backup, path)
    for folder in reversed(entry["folders"]):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    sync_folder(os.path.dirname(path))


def remove(path):
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.lstat(path)  # a read-only file system refuses to remove what is not there, too
        os.unlink(path)


def sync_folder(folder):
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def load(guard, name):
    with open(os.path.join(guard, name), encoding="utf-8", errors="surrogateescape") as file:
        return json.load(file)


# --- commands -----------------------------------------------------------------------------------------------


def undo(guard, manifest):
    """Undoes every command that was started, last one first; one that fails does not stop the others."""
    unsure = []
    for number, step in reversed(list(enumerate(manifest["runs"]))):
        if step["undo"] and os.path.exists(os.path.join(guard, "started", str(number))):
            problem = run(step["undo"], step["undo_stdin"])
            if problem:
                unsure.append(problem)
    return unsure


class Program(subprocess.Popen):
    """A program in a session of its own: nothing that happens to ours reaches it, and all of it can be ended."""

    def __init__(self, argv, **options):
        super().__init__(argv, cwd="/", start_new_session=True, **options)

    def end(self):
        with contextlib.suppress(OSError):
            os.killpg(self.pid, 9)
        self.wait()


def run(argv, stdin="", seconds=COMMAND_SECONDS):
    """Runs one command without a shell; "" when it succeeded, else its last words.

    Files instead of pipes: a daemon that the command starts keeps them open, and nobody must wait for it.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(stdin.encode("utf-8", "surrogateescape"))
        given.seek(0)
        try:
            process = Program(argv, stdin=given, stdout=said, stderr=said, env=ENVIRONMENT)
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.end()
            return f"{_named(argv)} did not end within {seconds:.0f} s"
        except (OSError, ValueError) as problem:
            return f"{_named(argv)} could not be run: {problem}"
        if status == 0:
            return ""
        said.seek(max(0, said.seek(0, os.SEEK_END) - KEPT_WORDS))
        words = said.read().decode("utf-8", "backslashreplace").strip()
        return f"{_named(argv)} ended with status {status}: {words}"


def _named(argv):
    """Of a long command the beginning: what it said matters more."""
    text = " ".join(argv)
    return text if len(text) <= NAMED_WORDS else text[:NAMED_WORDS] + "..."


def boot():
    """Which start of the machine this is: after another one no command has to be undone, only files.

    A container keeps its host's boot id over a restart, but not the start time of its process 1.
    """
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            kernel = file.read().strip()
        with open("/proc/1/stat", "rb") as file:
            return kernel + "/" + file.read().rpartition(b")")[2].split()[19].decode()
    except (OSError, IndexError):
        return ""


# --- the end ------------------------------------------------------------------------------------------------


def _leave(guard, manifest, stuck, unsure):
    """Says what happened where the next run looks. A guard that still holds somebody's only original stays."""
    record = {"token": manifest["token"], "at": time.time(), "stuck": stuck, "unsure": unsure}
    write(os.path.join(os.path.dirname(guard), "restored.json"), json.dumps(record))
    if not stuck:
        end(guard, manifest)


def end(guard, manifest):
    """Removes the timer, then the guard itself, in one rename, so that nobody meets half of one."""
    for path in manifest["units"]:
        remove(path)
    if manifest["units"] and manifest["boot"] == boot():
        run(["systemctl", "stop", TIMER])
        run(["systemctl", "daemon-reload"])
    done = f"{guard}.done.{os.getpid()}"
    os.rename(guard, done)
    shutil.rmtree(done, ignore_errors=True)


def main(token, seconds=0.0):
    guard = os.path.dirname(os.path.abspath(__file__))
    end_of_wait = time.monotonic() + float(seconds)
    while time.monotonic() < end_of_wait:  # only where no systemd keeps the time
        if not os.path.exists(os.path.join(guard, "armed." + token)):
            return 0
        time.sleep(min(1.0, max(0.0, end_of_wait - time.monotonic())))
    problems = fire(guard, token)
    for problem in problems or ():
        sys.stderr.write(problem + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:3]))
