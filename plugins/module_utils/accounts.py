# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host keeps of its accounts, without what would open them: no hash, no key and no command of a job leaves here.

Runs on the device: Python 3.8, standard library only.
"""

from __future__ import annotations

import os
import re

from ansible_collections.iot_site.checklist.plugins.module_utils import files, kernel
from ansible_collections.iot_site.checklist.plugins.module_utils.outputs import MISSING

PASSWD, SHADOW = "/etc/passwd", "/etc/shadow"

#: Where cron(8) of Debian and busybox, of Red Hat and of SUSE keeps what accounts have it do; a file has their name.
CRONTABS = ("/var/spool/cron/crontabs/*", "/var/spool/cron/*", "/var/spool/cron/tabs/*")
SYSTEM_CRONTABS = ("/etc/crontab", "/etc/cron.d/*")
#: A file belongs to whose job it is: at(1).
AT_JOBS = ("/var/spool/cron/atjobs/*", "/var/spool/at/*", "/var/spool/atjobs/*")
#: Whose services run without a login: loginctl(1), enable-linger.
LINGERS = "/var/lib/systemd/linger"

BYTES = 1 << 20  # of one file that is looked into

#: crypt(5): a hash holds none of these signs, and even the oldest has 13. Whatever else stands there lets nobody in.
_HASH = re.compile(r"[^\s:;*!\\]{13,}")

#: A key's type and the beginning of every key, which is the length of that type: sshd(8), AUTHORIZED_KEYS FILE FORMAT.
_KEY = re.compile(rb"^(?!\s*#).*?\b(?:ssh|ecdsa|sk)-[\w@.-]+\s+\"?AAAA", re.MULTILINE)

_NOT_REGULAR = "not a regular file"  # the words of files.py

_SETTING = re.compile(r"\w+\s*=")


# --- passwords ----------------------------------------------------------------------------------------------


def passwords():
    """``{account: {"state": usable, locked or none, "changed": day, "expires": day}}``; days since 1970, or None.

    ``none`` is no password at all, with which everybody gets in. ValueError tells a line's number, never the line.
    """
    held = {fields[0]: fields for fields in _lines(PASSWD) if not fields[0].startswith(("+", "-"))}
    shadow = {}
    if any(fields[1] == "x" for fields in held.values()) or os.path.exists(SHADOW):
        shadow = {fields[0]: fields for fields in _lines(SHADOW)}
    return {name: _password(fields[1], shadow.get(name)) for name, fields in held.items()}


def _lines(path):
    text = _read(path)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split(":")
        if len(fields) < 2 and not line.startswith(("+", "-")):
            raise ValueError(f"line {number} of {path} is none of an account")
        yield fields


def _read(path):
    found = files.read_file(path, BYTES)
    if found["error"] or found["truncated"]:
        raise ValueError(f"{path}: {found['error'] or 'it is too long'}")
    return found["data"].decode("utf-8", "surrogateescape")


def _password(own, line):
    """Whoever has no line in shadow gets in with no password: pam_unix(8)."""
    text = (line[1] if line else "!") if own == "x" else own
    state = "none" if not text else "usable" if _HASH.fullmatch(text) else "locked"
    return {"state": state, "changed": _day(line, 2), "expires": _day(line, 7)}


def _day(line, place):
    text = line[place] if line and len(line) > place else ""
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else None


# --- keys ---------------------------------------------------------------------------------------------------


def keys(*paths):
    """``{path: {"keys": how many, "own": whether it is in its home}}`` of the files that exist; None: not readable.

    A file that is reached through a link may be anybody's.
    """
    found = {path: files.read_file(path, BYTES) for path in paths}
    return {path: {"keys": _keys(one), "own": _own(path)} for path, one in found.items() if one["error"] != MISSING}


def _keys(one):
    if one["error"] == _NOT_REGULAR:  # sshd reads no keys from it either
        return 0
    return None if one["error"] or one["truncated"] else len(_KEY.findall(one["data"]))


def _own(path):
    folder, name = os.path.split(path)
    home, hidden = os.path.split(folder)
    return os.path.realpath(path) == os.path.join(os.path.realpath(home), hidden, name)


# --- jobs ---------------------------------------------------------------------------------------------------


def jobs():
    """The accounts for whom something is done without a login: by cron, by at, or by services that linger."""
    owned = [path for pattern in CRONTABS for path in _each(pattern) if any(_jobs_in(path))]
    system = [line.split(None, 6) for pattern in SYSTEM_CRONTABS for path in _each(pattern) for line in _jobs_in(path)]
    timed = [kernel.account(os.stat(path).st_uid) for pattern in AT_JOBS for path in _each(pattern)]
    lingers = os.listdir(LINGERS) if os.path.isdir(LINGERS) else []
    return sorted({*map(os.path.basename, owned), *filter(None, map(_user, system)), *timed, *lingers})


def _each(pattern):
    paths, problems = files.expand(pattern)
    if problems:
        raise ValueError(f"{pattern}: not every folder could be looked into")
    return [path for path in paths if os.path.isfile(path)]


def _jobs_in(path):
    for line in _read(path).split("\n"):
        if line.strip() and not line.lstrip().startswith("#") and not _SETTING.match(line.lstrip()):
            yield line


def _user(words):
    """crontab(5): five words of time, or one that begins with @, then the account."""
    place = 1 if words[0].startswith("@") else 5
    return words[place] if len(words) > place else ""


PSEUDO = {"@shadow": passwords, "@keys": keys, "@jobs": jobs}
