# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many keys open an account over SSH. The keys themselves stay on the device (module_utils/accounts.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..display import show
from ..model import Unreadable
from ..raw import Follow, Raw, Read, missing
from .sshd import Sshd
from .sshd_config import FOLDER, config_lines, effective

_FILES = (".ssh/authorized_keys", ".ssh/authorized_keys2")

#: Without the password's field, which in old files holds a hash.
PASSWD = Read("users.passwd", command=("cut", "-d:", "-f1,3-", "/etc/passwd"))
_KEYS = Read(
    "users.keys", command=("@keys", *(f"{{}}/{name}" for name in _FILES)),
    follow=Follow(PASSWD.name, r"^(?:[^:\n]*:){4}(/[^:\n]*):"),
)  # fmt: skip
_SSHD = tuple(read for read in Sshd.reads if read.name in ("sshd.effective", "sshd.config", "sshd.config_d"))
READS = (PASSWD, _KEYS, *_SSHD)

#: The settings by which other files, programs or certificates open accounts, and what they usually are.
_USUAL = {
    "authorizedkeysfile": frozenset({*_FILES, "none"}),
    "authorizedkeyscommand": frozenset({"none"}),
    "trustedusercakeys": frozenset({"none"}),
}

_READ = frozenset({f"{FOLDER}/*.conf", f"{FOLDER.removeprefix('/etc/ssh/')}/*.conf"})  # of what sshd_config includes


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens one account. ``number`` is None where it is not known."""

    number: int | None
    files: tuple[str, ...] = ()
    own: bool = True  # no file is reached through a link: such a one may be anybody's


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The files of keys of a whole machine."""

    found: dict[str, Keys]
    unknown: str  # why they may not be all that opens accounts

    def of(self, home: str) -> Keys:
        here = [self.found[path] for name in _FILES if (path := f"{home}/{name}") in self.found]
        numbers = [one.number for one in here if one.number is not None]
        whole = not self.unknown and len(numbers) == len(here) and home.startswith("/")
        files = tuple(path for one in here for path in one.files)
        return Keys(sum(numbers) if whole else None, files, all(one.own for one in here))


def key_files(raw: Raw) -> KeyFiles:
    found: dict[str, Keys] = {}
    unknown = list(_elsewhere(raw))
    outputs = raw.all(_KEYS.name).values()
    for output in outputs:
        try:
            told = json.loads("" if output.error or output.truncated else output.text)
            found |= {path: Keys(one["keys"], (path,), bool(one["own"])) for path, one in told.items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            unknown.append(f"not every file of keys could be read ({show(output.error, 80) or 'not understood'})")
    if not outputs:
        unknown.append("no file of keys was read")
    return KeyFiles(found, "; ".join(dict.fromkeys(unknown)))


def _elsewhere(raw: Raw) -> Iterator[str]:
    """What sshd -T and its files say; of a sshd that rests, which may tell nothing, the files alone."""
    told = raw.has("sshd.effective")
    try:
        general = effective(raw.text("sshd.effective")) if told else {}
        lines = [(line.key, line.value) for line in config_lines(raw)]
    except Unreadable as reason:
        yield f"it is not known where sshd looks for keys: {reason}"
        return
    if not told and not lines and not all(map(missing, raw.all("sshd.effective").values())):
        yield "it is not known where sshd looks for keys: sshd -T failed"
    for key, value in [*((key, one) for key, values in general.items() for one in values), *lines]:
        words = [word.removeprefix("%h/") for word in value.partition("#")[0].replace('"', "").split()]
        if key in _USUAL and not _USUAL[key].issuperset(words):
            yield f"sshd takes keys from elsewhere too ({key} {show(' '.join(words), 80)})"
        if key == "include" and not _READ.issuperset(words) and not told:
            yield f"sshd -T failed, and {show(' '.join(words), 80)}, which it includes, is not read"
