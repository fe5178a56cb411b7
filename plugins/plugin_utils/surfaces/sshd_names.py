# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on sshd: what it tells before login, its banner and the version in its greeting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..disclosure import verdict
from ..display import show
from ..model import Change, FileEdit, Intent, Judgement, RunEdit, Status, Unreadable
from ..raw import Output, Raw, missing
from .login_text import text_of
from .sshd_config import CHECK, Line, Place, setting

BANNER, VERSION = "B1.ssh_banner", "B1.ssh_version"

#: What the greeting needs not tell.
WANTED = {"debianbanner": "DebianBanner no", "versionaddendum": "VersionAddendum none"}

_STAYS = "the greeting names OpenSSH's version, which the protocol needs and no setting hides"
_STAYS_FIX = "Let only the allowlist reach this port (A2), and keep OpenSSH up to date (D3)."


# --- reading --------------------------------------------------------------------------------------------------


def banner_texts(raw: Raw, banner: str, lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """The texts that some visitor is shown: the effective one, and those of Match blocks."""
    wanted = {banner, *(line.value for line in lines if line.key == "banner" and line.match)} - {"none"}
    found: dict[str, Output] = {}
    for name in ("sshd.banner", "sshd.match_banner", "sshd.match_banner_d"):
        found.update(raw.all(name))
    for path in sorted(wanted):
        yield path, _text_of_file(path, found.get(path, Output(error="it was not read")))


def _text_of_file(path: str, output: Output) -> str:
    if missing(output):
        return ""  # sshd then shows nothing
    if output.error:
        raise Unreadable(f"{path}: {output.error}")
    return output.text + ("\n(longer than we read)" if output.truncated else "")


def shows_distribution(raw: Raw, lines: Sequence[Line]) -> bool:
    """Whether the greeting carries the distribution's name: the first DebianBanner counts, and it is on by default."""
    if not raw.has("sshd.debian"):
        said = "".join(output.error or output.text for output in raw.all("sshd.debian").values())
        if "Bad configuration option" in said:
            return False
        raise Unreadable(f"whether this sshd knows DebianBanner could not be found out: {said.strip()[-200:]}")
    values = [line.value.lower() for line in lines if line.key == "debianbanner" and not line.match]
    return not values or values[0] != "no"


# --- judging --------------------------------------------------------------------------------------------------


def judge(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """Both controls of B1."""
    yield from _banners(state, intent)
    yield _version(state)


def _banners(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    if not state["texts"]:
        yield Judgement(BANNER, "sshd", Status.PASS, "sshd shows no banner")
    for path, text in state["texts"].items():
        told = verdict(text, intent.words, intent.label)
        why, before = f"{path}: {told.why}", show(text, lines=True)
        if told.status is Status.GAP:
            after = text_of(intent.label)
            change = Change(
                BANNER, "sshd", f"the label is the whole banner in {path}", before, after,
                edits=(FileEdit(path, after),), checks=(CHECK,),
            )  # fmt: skip
            yield Judgement(BANNER, "sshd", Status.GAP, why, before, after, changes=(change,))
        else:
            fix = "" if told.status is Status.PASS else f"Replace {path} by the label if it names a place or a device."
            yield Judgement(BANNER, "sshd", told.status, why, before, fix=fix)


# --- the version --------------------------------------------------------------------------------------------


def _version(state: Mapping[str, Any]) -> Judgement:
    told = {}
    if state["addendum"] not in ("", "none"):
        told["versionaddendum"] = (f"VersionAddendum {show(state['addendum'])}", "the greeting has words of its own")
    if state["distribution"]:
        told["debianbanner"] = ("DebianBanner yes", "the greeting names the distribution and its patch level")
    if not told:
        return Judgement(VERSION, "sshd", Status.MANUAL, _STAYS, fix=_STAYS_FIX)
    why = "; ".join(f"{words} ({line})" for line, words in told.values())
    changes = tuple(_setting(keys, told, state) for keys in _by_place(told, state["places"]))
    before, after = "\n".join(line for line, _words in told.values()), "\n".join(WANTED[key] for key in told)
    return Judgement(VERSION, "sshd", Status.GAP, why, before, after, _STAYS_FIX, changes=changes)


def _by_place(keys: Iterable[str], places: Mapping[str, Place]) -> Iterable[list[str]]:
    together: dict[tuple[str, int], list[str]] = {}
    for key in keys:
        together.setdefault((places[key]["file"], places[key]["number"]), []).append(key)
    return together.values()


def _setting(keys: Sequence[str], told: Mapping[str, tuple[str, str]], state: Mapping[str, Any]) -> Change:
    where: Place = state["places"][keys[0]]
    return setting(
        VERSION, f"the greeting without more than it needs, in {where['file']}", [told[key][0] for key in keys],
        [WANTED[key] for key in keys], where, state["ours"], RunEdit(tuple(state["reload"])),
    )  # fmt: skip
