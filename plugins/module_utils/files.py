# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and globs of a host, their contents and their stamps, within bounds.

Runs on the device: Python 3.8, standard library only.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat

from ansible_collections.iot_site.checklist.plugins.module_utils.outputs import ABSENT, failure, left_out, output

EXPANSIONS = 256  # outputs of one glob or one followed read
FOLDERS = 1000  # that one ** looks into


def read_file(path, limit):
    try:
        # A device or a pipe must neither block us nor become our terminal.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as exception:
        return failure(exception)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return output(error="not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError as exception:
        return output(error=exception.strerror)
    finally:
        os.close(descriptor)
    return output(data[:limit], truncated=len(data) > limit)


def expand(pattern):
    """``(paths, problems)`` of a glob. Unlike glob.glob it tells an unreadable directory from an empty one."""
    paths, problems = ["/"], {}
    for part in pattern.strip("/").split("/"):
        if part == "**":
            paths = [folder for path in paths for folder in below(path, problems)]
            continue
        if not _magic(part):
            paths = [os.path.join(path, part) for path in paths]
            continue
        found = []
        for folder in paths:
            try:
                names = sorted(os.listdir(folder))
            except OSError as exception:
                if exception.errno not in ABSENT:
                    problems[folder] = failure(exception)
                continue
            if not part.startswith("."):
                names = [name for name in names if not name.startswith(".")]
            found += [os.path.join(folder, name) for name in fnmatch.filter(names, part)]
        paths = found
    return [path for path in paths if os.path.lexists(path) and not os.path.isdir(path)], problems


def below(top, problems):
    """``top`` and the folders below it, near ones first. What is not looked into becomes a problem."""
    found, waiting = [], [(top, ())]
    while waiting:
        folder, above = waiting.pop(0)
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries if entry.is_dir())
            itself = _identity(folder)
        except OSError as exception:
            if exception.errno not in ABSENT:
                problems[folder] = failure(exception)
            continue
        if itself in above:
            problems[folder] = left_out("it leads back to a folder above it")
        elif len(found) == FOLDERS:
            problems[top] = left_out(f"only {FOLDERS} folders below it were looked into, not {folder} and later ones")
            break
        else:
            found.append(folder)
            waiting += [(os.path.join(folder, name), (*above, itself)) for name in names]
    return found


def _identity(folder):
    seen = os.stat(folder)
    return (seen.st_dev, seen.st_ino)


def _magic(pattern):
    return any(sign in pattern for sign in "*?[")


def read_files(pattern, limit, read):
    """``{path: output}``"""
    if not pattern.startswith("/") or "\0" in pattern:
        return {pattern: output(error="not an absolute path")}
    paths, found = ([pattern], {}) if not _magic(pattern) else expand(pattern)
    if len(paths) > EXPANSIONS:
        found[pattern] = left_out(f"{len(paths)} files match, only {EXPANSIONS} were read")
    for path in paths[:EXPANSIONS]:
        found[path] = read(path, limit)
    return found


#: What a format of C(stat) may ask of a file.
STAMPS = {
    "%Z": lambda path, seen: int(seen.st_ctime),
    "%Y": lambda path, seen: int(seen.st_mtime),
    "%s": lambda path, seen: seen.st_size,
    "%n": lambda path, seen: path,
}


def stamps(form, *patterns):
    """What ``stat -L -c`` says of each file, without starting it; what cannot be looked at is named, and status 1."""
    lines, complaints = [], []
    for pattern in patterns:
        paths, problems = expand(pattern) if _magic(pattern) else ([pattern], {})
        complaints += [f"stat: {folder}: {one['error']}\n" for folder, one in problems.items()]
        for path in paths:
            try:
                seen = os.stat(path)
            except OSError as exception:
                complaints.append(f"stat: {path}: {exception.strerror}\n")
            else:
                words = [STAMPS[part](path, seen) if part in STAMPS else part for part in re.split("(%[A-Za-z])", form)]
                lines.append("".join(map(str, [*words, "\n"])))
    return output("".join(lines + complaints).encode("utf-8", "surrogateescape"), rc=int(bool(complaints)))
