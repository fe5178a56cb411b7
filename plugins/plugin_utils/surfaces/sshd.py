# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sshd tells before login: the banner, and the version in its greeting."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..contract import Surface
from ..disclosure import verdict
from ..display import show
from ..model import Absent, Change, FileEdit, Intent, Json, Judgement, LineInFile, RunEdit, Status, Unreadable
from ..raw import Follow, Output, Raw, Read, missing
from . import taken_over
from .login_text import text_of
from .nginx_config import matches
from .ours import own_file

_BANNER, _VERSION = "B1.ssh_banner", "B1.ssh_version"

_MAIN = "/etc/ssh/sshd_config"
_FOLDER = "/etc/ssh/sshd_config.d"

#: sshd keeps the first value it meets, so our file sorts before the others.
_OURS = f"{_FOLDER}/00-iot-site-checklist.conf"

_CHECK = RunEdit(("sshd", "-t"))
_WANTED = "DebianBanner no"

_BANNER_LINE = r"(?i)^[ \t]*banner[ \t=]+\"?(/[^\s\"]+)"

_PIDFILE = r"^pidfile (/.+)$"

_STAYS = "the greeting names OpenSSH's version, which the protocol needs and no setting hides"
_STAYS_FIX = "Let only the allowlist reach this port (A2), and keep OpenSSH up to date (D3)."


class Sshd(Surface):
    """OpenSSH's server."""

    name = "sshd"
    controls = (_BANNER, _VERSION)
    reads = (
        Read("sshd.effective", command=("sshd", "-T")),
        # sshd -T keeps silent about DebianBanner; only a sshd with Debian's patch knows the word
        Read("sshd.debian", command=("sshd", "-t", "-o", _WANTED.replace(" ", "="))),
        Read("sshd.config", files=_MAIN),
        Read("sshd.config_d", files=f"{_FOLDER}/*.conf"),
        Read("sshd.banner", files="{}", follow=Follow("sshd.effective", r"^banner (/.+)$"), limit=1 << 16),
        Read("sshd.match_banner", files="{}", follow=Follow("sshd.config", _BANNER_LINE), limit=1 << 16),
        Read("sshd.match_banner_d", files="{}", follow=Follow("sshd.config_d", _BANNER_LINE), limit=1 << 16),
        Read("sshd.changed", command=("sh", "-c", f"exec {shlex.join(taken_over.CHANGED)} {_MAIN} {_FOLDER}/*.conf")),
        # it is written at every start and every reload; a sshd that systemd starts for each visitor writes none
        Read("sshd.taken_over", command=("stat", "-L", "-c", "%Y", "{}"), follow=Follow("sshd.effective", _PIDFILE)),
        Read("sshd.unit", command=("systemctl", "show", "-p", "Id,ActiveState", "ssh.service", "sshd.service")),
    )

    def parse(self, raw: Raw) -> dict[str, Json]:
        outputs = list(raw.all("sshd.effective").values())
        if outputs and missing(outputs[0]):
            raise Absent("OpenSSH's server is not installed")
        effective = _settings(raw.text("sshd.effective"))
        lines = list(_config_lines(raw))
        banner = effective.get("banner", "none")
        taken_over_at = taken_over.seconds(raw, "sshd.taken_over")
        return {
            "banner": banner,
            "texts": cast(Json, {path: _text_of_file(path, out) for path, out in _banner_files(raw, banner, lines)}),
            "matched": cast(Json, [line.at for line in lines if line.key == "banner" and line.match]),
            "distribution": _shows_distribution(raw, lines),
            "addendum": effective.get("versionaddendum", "none"),
            "place": cast(Json, _place(lines)),
            "reload": cast(Json, list(_reload(raw, effective))),
            "not_taken_over": cast(Json, taken_over.younger(raw.all("sshd.changed"), taken_over_at)),
        }

    def judge(self, state: Mapping[str, Any], intent: Intent) -> Iterable[Judgement]:
        yield from _banners(state, intent)
        yield _version(state)
        yield from taken_over.judge(state, self.controls, self.name, state["reload"])


# --- the configuration --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """One setting where it stands. ``text`` is kept for the two keywords we judge and no other."""

    key: str
    value: str
    file: str
    number: int
    text: str
    match: bool  # inside a Match block

    @property
    def at(self) -> str:
        return f"{self.file}:{self.number}"


def _settings(text: str) -> dict[str, str]:
    """``sshd -T``: one keyword and its value per line."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, _space, value = line.strip().partition(" ")
        if key:
            found.setdefault(key.lower(), value.strip())
    if "port" not in found and "listenaddress" not in found:
        raise Unreadable("this is no output of sshd -T")
    return found


def _config_lines(raw: Raw) -> Iterator[_Line]:
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


def _lines(path: str, text: str, match: bool) -> Iterator[_Line]:
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r"\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*$", line)
        if not found:
            continue
        key = found[1].lower()
        if key == "match":
            match = found[2].strip().lower() != "all"
        yield _Line(key, found[2].strip('"'), path, number, line if key in ("banner", "debianbanner") else "", match)


def _shows_distribution(raw: Raw, lines: list[_Line]) -> bool:
    """Whether the greeting carries the distribution's name: the first DebianBanner counts, and it is on by default."""
    if not raw.has("sshd.debian"):
        said = "".join(output.error or output.text for output in raw.all("sshd.debian").values())
        if "Bad configuration option" in said:
            return False
        raise Unreadable(f"whether this sshd knows DebianBanner could not be found out: {said.strip()[-200:]}")
    values = [line.value.lower() for line in lines if line.key == "debianbanner" and not line.match]
    return not values or values[0] != "no"


def _place(lines: list[_Line]) -> dict[str, Json]:
    """Where ``DebianBanner no`` counts: in the line that is there, in a file of ours, or at the very top."""
    for line in lines:
        if line.key == "debianbanner" and not line.match and line.file != _OURS:
            return {"file": line.file, "number": line.number, "text": line.text}
        if line.key == "include" and not line.match and _includes_ours(line):
            return {"file": _OURS, "number": 0, "text": ""}
    return {"file": _MAIN, "number": 0, "text": ""}


def _includes_ours(line: _Line) -> bool:
    return any(matches(_OURS, one if one.startswith("/") else f"/etc/ssh/{one}") for one in line.value.split())


def _reload(raw: Raw, effective: Mapping[str, str]) -> tuple[str, ...]:
    for output in raw.all("sshd.unit").values():
        for unit in output.text.split("\n\n"):
            values = dict(line.partition("=")[::2] for line in unit.splitlines())
            if values.get("ActiveState") == "active" and values.get("Id"):
                return ("systemctl", "reload", values["Id"])
    return ("pkill", "-HUP", "-F", effective.get("pidfile", "/run/sshd.pid"))


# --- banners ------------------------------------------------------------------------------------------------


def _banner_files(raw: Raw, banner: str, lines: list[_Line]) -> Iterator[tuple[str, Output]]:
    """The files that some visitor is shown: the effective one, and those of Match blocks."""
    wanted = {banner, *(line.value for line in lines if line.key == "banner" and line.match)} - {"none"}
    found: dict[str, Output] = {}
    for name in ("sshd.banner", "sshd.match_banner", "sshd.match_banner_d"):
        found.update(raw.all(name))
    for path in sorted(wanted):
        yield path, found.get(path, Output(error="it was not read"))


def _text_of_file(path: str, output: Output) -> str:
    if missing(output):
        return ""  # sshd then shows nothing
    if output.error:
        raise Unreadable(f"{path}: {output.error}")
    return output.text + ("\n(longer than we read)" if output.truncated else "")


def _banners(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    if not state["texts"]:
        yield Judgement(_BANNER, "sshd", Status.PASS, "sshd shows no banner")
    for path, text in state["texts"].items():
        told = verdict(text, intent.words, intent.label)
        why, before = f"{path}: {told.why}", show(text, lines=True)
        if told.status is Status.GAP:
            after = text_of(intent.label)
            change = Change(
                _BANNER, "sshd", f"the label is the whole banner in {path}", before, after,
                edits=(FileEdit(path, after),), checks=(_CHECK,),
            )  # fmt: skip
            yield Judgement(_BANNER, "sshd", Status.GAP, why, before, after, changes=(change,))
        else:
            fix = "" if told.status is Status.PASS else f"Replace {path} by the label if it names a place or a device."
            yield Judgement(_BANNER, "sshd", told.status, why, before, fix=fix)


# --- the version --------------------------------------------------------------------------------------------


def _version(state: Mapping[str, Any]) -> Judgement:
    if state["addendum"] not in ("", "none"):
        why = f"the greeting names more than OpenSSH: VersionAddendum {show(state['addendum'])}"
        return Judgement(_VERSION, "sshd", Status.GAP, why, fix=f"Set VersionAddendum none in {_MAIN}.")
    if not state["distribution"]:
        return Judgement(_VERSION, "sshd", Status.MANUAL, _STAYS, fix=_STAYS_FIX)
    why = "the greeting names the distribution and its patch level (DebianBanner is yes)"
    place, reload = state["place"], RunEdit(tuple(state["reload"]))
    before = "DebianBanner yes"
    if place["file"] == _OURS:
        content = own_file("B1", "sshd", f"{_WANTED}\n")
        change = Change(
            _VERSION, "sshd", "the greeting without the distribution", before, _WANTED,
            edits=(FileEdit(_OURS, content),), checks=(_CHECK,), activate=(reload,),
        )  # fmt: skip
        return Judgement(_VERSION, "sshd", Status.GAP, why, before, _WANTED, _STAYS_FIX, changes=(change,))
    change = Change(
        _VERSION, "sshd", f"one line in {place['file']}", before, _WANTED,
        edits=(LineInFile(place["file"], place["number"], place["text"], _WANTED),),
        checks=(_CHECK,), activate=(reload,),
    )  # fmt: skip
    return Judgement(_VERSION, "sshd", Status.GAP, why, before, _WANTED, _STAYS_FIX, changes=(change,))
