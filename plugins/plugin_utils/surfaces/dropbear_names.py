# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on dropbear: its banner, and the version in its greeting."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..disclosure import verdict
from ..display import show
from ..model import Change, FileEdit, Intent, Judgement, RunEdit, Status, Unreadable
from ..raw import Output, Raw, missing
from .login_text import text_of

BANNER, VERSION = "B1.ssh_banner", "B1.ssh_version"

_READS = ("dropbear.banner", "dropbear.banner_next", "dropbear.banner_unit", "dropbear.banner_uci")

_STAYS = "the greeting names dropbear and its version, which no setting hides"
_STAYS_FIX = "Let only the allowlist reach this port (A2), and keep dropbear up to date (D3)."


def banner_texts(raw: Raw, paths: Collection[str]) -> Iterator[tuple[str, str]]:
    """The files that visitors are shown."""
    found: dict[str, Output] = {}
    for name in _READS:
        found.update(raw.all(name))
    for path in sorted(paths):
        output = found.get(path, Output(error="it was not read"))
        if output.error and not missing(output):
            raise Unreadable(f"{path}, which dropbear shows before login: {output.error}")
        yield path, output.text + ("\n(longer than we read)" if output.truncated else "")


def judge(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """Both controls of B1."""
    if not state["banners"]:
        yield Judgement(BANNER, "dropbear", Status.PASS, "dropbear shows no banner")
    for path, text in state["banners"].items():
        yield _banner(path, text, state, intent)
    yield Judgement(VERSION, "dropbear", Status.MANUAL, _STAYS, fix=_STAYS_FIX)


def _banner(path: str, text: str, state: Mapping[str, Any], intent: Intent) -> Judgement:
    told, before, after = verdict(text, intent.words, intent.label), show(text, lines=True), text_of(intent.label)
    why = f"{show(path)}: {told.why}"
    if told.status is not Status.GAP:
        named = f"Replace {show(path)} by the label if it names a place or a device."
        fix = "" if told.status is Status.PASS else named
        return Judgement(BANNER, "dropbear", told.status, why, before, fix=fix)
    restart = state["restart"]
    if restart["refused"]:
        fix = f"Replace {show(path)} by the label and restart dropbear ({restart['refused']}, so we do not)."
        return Judgement(BANNER, "dropbear", Status.GAP, why, before, after, fix)
    change = Change(
        BANNER, "dropbear", f"the label is the whole banner in {show(path)}", before, after,
        edits=(FileEdit(path, after),),
        activate=(RunEdit(tuple(restart["argv"])),) if restart["argv"] else (), cuts_access=bool(restart["argv"]),
    )  # fmt: skip
    return Judgement(BANNER, "dropbear", Status.GAP, why, before, after, changes=(change,))
