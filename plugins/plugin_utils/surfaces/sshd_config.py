# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sshd's configuration: its settings where they stand, and the one place where a setting of ours counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from ..model import Change, FileEdit, LineInFile, RunEdit, Unreadable
from ..raw import Raw
from .nginx_config import matches
from .ours import own_file

MAIN = "/etc/ssh/sshd_config"
FOLDER = "/etc/ssh/sshd_config.d"

#: sshd keeps the first value it meets, so our file sorts before the others.
OURS = f"{FOLDER}/00-iot-site-checklist.conf"

CHECK = RunEdit(("sshd", "-t"))

#: A keyword may stand in quotes, and then needs nothing between it and its value.
_LINE = re.compile(r"\s*(\"[A-Za-z0-9]+\"(?=[^\s=])|[A-Za-z0-9\"]+(?=[\s=]))(?:\s*=\s*|\s*)(.*?)\s*$")

#: What our one file may hold, and for which item: what one item wrote there stays when another writes.
_ITEMS = {
    "permitemptypasswords": "A1",
    "permitrootlogin": "A1",
    "authenticationmethods": "A1",
    "debianbanner": "B1",
    "versionaddendum": "B1",
}

_KEPT = frozenset({"banner", *_ITEMS})


@dataclass(frozen=True, slots=True)
class Line:
    """One setting where it stands. ``text`` is kept for the keywords we may edit and no other."""

    key: str
    value: str
    file: str
    number: int
    text: str
    match: bool  # inside a Match block; one for all goes before what stands outside too

    @property
    def at(self) -> str:
        return f"{self.file}:{self.number}"


class Place(TypedDict):
    """Where a setting counts: in the line that is there, in a file of ours, or at the very top (no number)."""

    file: str
    number: int
    text: str


def effective(text: str) -> dict[str, list[str]]:
    """``sshd -T``: one keyword and its value per line; some keywords come once for each value."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _space, value = line.strip().partition(" ")
        if key:
            found.setdefault(key.lower(), []).append(value.strip())
    if "port" not in found and "listenaddress" not in found:
        raise Unreadable("this is no output of sshd -T")
    return found


def config_lines(raw: Raw) -> Iterator[Line]:
    """All settings in the order in which sshd meets them, included files in their place."""
    files = raw.files("sshd.config_d")
    for path, text in raw.files("sshd.config").items():
        for line in _lines(path, text, False):
            yield line
            if line.key == "include":
                for pattern in line.value.split():
                    wanted = pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"
                    for name in sorted(name for name in files if matches(name, wanted)):
                        yield from _lines(name, files[name], line.match)


def _lines(path: str, text: str, match: bool) -> Iterator[Line]:
    for number, line in enumerate(text.split("\n"), 1):
        found = _LINE.match(line)
        if not found:
            continue
        key = found[1].replace('"', "").lower()
        match = match or key == "match"
        yield Line(key, found[2].strip('"'), path, number, line if key in _KEPT else "", match)


# --- our setting ----------------------------------------------------------------------------------------------


def place(lines: Sequence[Line], key: str) -> Place:
    """Where a setting of ours comes before every other value of this keyword."""
    included = False
    for line in lines:
        if line.match:
            continue
        before_ours = line.file.startswith(f"{FOLDER}/") and line.file < OURS
        if included and not before_ours:
            break
        if line.key == key and line.file != OURS:
            return {"file": line.file, "number": line.number, "text": line.text}
        included = included or (line.key == "include" and _includes_ours(line))
    return {"file": OURS if included else MAIN, "number": 0, "text": ""}


def _includes_ours(line: Line) -> bool:
    return any(matches(OURS, one if one.startswith("/") else f"/etc/ssh/{one}") for one in line.value.split())


def in_our_file(lines: Sequence[Line]) -> list[str]:
    """The settings that our file holds already."""
    return [line.text.strip() for line in lines if line.file == OURS and line.key in _ITEMS]


def setting(
    control: str, summary: str, before: Sequence[str], wanted: Sequence[str], where: Place, ours: Sequence[str],
    activate: RunEdit, cuts_access: bool = False,
) -> Change:  # fmt: skip
    """These settings, in the one place where they count."""
    edits: tuple[FileEdit | LineInFile, ...]
    if where["file"] == OURS:
        edits = (FileEdit(OURS, _our_file(ours, wanted)),)
    else:
        edits = tuple(LineInFile(where["file"], where["number"], where["text"], line) for line in wanted)
    return Change(
        control, "sshd", summary, "\n".join(before), "\n".join(wanted),
        edits=edits, checks=(CHECK,), activate=(activate,) if activate.argv else (), cuts_access=cuts_access,
    )  # fmt: skip


def _our_file(ours: Sequence[str], wanted: Sequence[str]) -> str:
    settings = {_key(line): line for line in (*ours, *wanted)}
    items = sorted({_ITEMS[key] for key in settings})
    return own_file(", ".join(items), "sshd", "".join(f"{line}\n" for line in settings.values()))


def _key(line: str) -> str:
    return re.split(r"[\s=]", line, maxsplit=1)[0].lower()


def reload(raw: Raw, settings: Mapping[str, Sequence[str]], by_systemd: bool) -> tuple[str, ...]:
    """How the sshd that runs takes its files over; the one that systemd starts for a visitor reads them anyway."""
    for output in raw.all("sshd.unit").values():
        for unit in output.text.split("\n\n"):
            values = dict(line.partition("=")[::2] for line in unit.splitlines())
            if values.get("ActiveState") == "active" and values.get("Id"):
                return ("systemctl", "reload", values["Id"])
    return () if by_systemd else ("pkill", "-HUP", "-F", settings.get("pidfile", ["/run/sshd.pid"])[0])
