# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on vsftpd: the greeting, which names product and version unless somebody has set another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..disclosure import verdict
from ..display import show
from ..model import Change, FileEdit, Intent, Judgement, Status, Unreadable
from ..raw import Raw, missing
from .login_text import text_of
from .vsftpd_access import check, edited
from .vsftpd_config import Instance, at, value

BANNER = "B1.ftp_banner"

#: An empty ftpd_banner brings vsftpd's own greeting back.
_NEUTRAL = "Welcome"


def banner_texts(raw: Raw, found: Sequence[Instance]) -> Iterator[tuple[str, str]]:
    """The files that are shown as a greeting."""
    outputs = {**raw.all("vsftpd.banner"), **raw.all("vsftpd.banner_d")}
    for path in sorted({value(one, "banner_file") for one in found} - {""}):
        output = outputs.get(path)
        if output is None or (output.error and not missing(output)):
            raise Unreadable(f"{path}, which vsftpd shows as its greeting, was not read")
        yield path, output.text + ("\n(longer than we read)" if output.truncated else "")


def judge(state: Mapping[str, Any], intent: Intent) -> Iterator[Judgement]:
    """One judgement for each vsftpd."""
    for one in state["instances"]:
        path = value(one, "banner_file")
        yield _of_file(path, state["banners"][path], intent, one) if path else _of_line(one, state, intent)


def _of_file(path: str, text: str, intent: Intent, one: Instance) -> Judgement:
    told, before, after = verdict(text, intent.words, intent.label), show(text, lines=True), text_of(intent.label)
    why = f"{show(path)}: {told.why}"
    if told.status is not Status.GAP:
        fix = (
            "" if told.status is Status.PASS else f"Replace {show(path)} by the label if it names a place or a device."
        )
        return Judgement(BANNER, "vsftpd", told.status, why, before, fix=fix)
    change = Change(
        BANNER, "vsftpd", f"the label is the whole greeting in {show(path)}", before, after,
        edits=(FileEdit(path, after),), checks=(check(one["files"]),),
    )  # fmt: skip
    return Judgement(BANNER, "vsftpd", Status.GAP, why, before, after, changes=(change,))


def _of_line(one: Instance, state: Mapping[str, Any], intent: Intent) -> Judgement:
    text, where = value(one, "ftpd_banner"), at(one, "ftpd_banner")
    after = f"ftpd_banner={intent.label or _NEUTRAL}"
    before = f"ftpd_banner={show(text)}" if text else ""
    if text:
        told = verdict(text, intent.words, intent.label)
        status, why = told.status, f"{where}: {told.why}"
    else:
        status, why = Status.GAP, f"{where}: no ftpd_banner is set, so the greeting names vsFTPd and its version"
    fix = "" if status is Status.PASS else f"Write {show(after)} into {where} and reload vsftpd."
    changes = edited(BANNER, one, "ftpd_banner", after, state) if status is Status.GAP else ()
    return Judgement(BANNER, "vsftpd", status, why, before, after, "" if changes else fix, changes=changes)
