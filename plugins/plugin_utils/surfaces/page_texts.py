# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""B1 on static pages that open without a login, whichever web server shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..disclosure import TextVerdict, verdict
from ..display import show
from ..model import Change, Consent, Intent, Judgement, LineInFile, Status
from .pages import LONGEST_TEXT, Page, Text, replaced

CONTROL = "B1.http_title"


def judge(state: Mapping[str, Any], surface: str, intent: Intent) -> Iterator[Judgement]:
    """The judgements on what was read (``pages``) and what was not (``pages_unread``); none when all is well."""
    for where in state["pages_unread"]:
        why = f"{where}: pages lie where we did not look"
        yield Judgement(CONTROL, surface, Status.MANUAL, why, fix="Look at these pages without logging in.")
    for page in cast(list[Page], state["pages"]):
        yield from _page(page, surface, intent)


def _page(page: Page, surface: str, intent: Intent) -> Iterator[Judgement]:
    if page["unread"]:
        yield Judgement(CONTROL, surface, Status.UNKNOWN, f"{page['path']}: {page['unread']}")
        return
    told = [(text, _told(text, intent)) for text in page["texts"]]
    gaps = [text for text, said in told if said.status is Status.GAP]
    if gaps:
        yield _telling_page(page, gaps, [said for _text, said in told if said.status is Status.GAP], surface, intent)
    unclear = [text["text"] for text, said in told if said.status is Status.MANUAL]
    if unclear or page["beyond"]:
        texts = f"judge by eye: {' / '.join(show(text, 60) for text in unclear[:5])}" if unclear else ""
        more = f"and {len(unclear) - 5} texts more" if len(unclear) > 5 else ""
        why = f"{page['path']}: {'; '.join(filter(None, (texts, more, *page['beyond'])))}"
        yield Judgement(CONTROL, surface, Status.MANUAL, why, fix="Look at the page without logging in.")


def _told(text: Text, intent: Intent) -> TextVerdict:
    said = verdict(text["text"], intent.words, intent.label)
    if text["kind"] == "comment" and said.status is Status.MANUAL:
        return TextVerdict(Status.PASS, "a comment that names nothing known")
    if len(text["text"]) > LONGEST_TEXT and said.status is Status.PASS:
        return TextVerdict(Status.MANUAL, "longer than we read")
    return said


def _telling_page(page: Page, gaps: list[Text], said: list[TextVerdict], surface: str, intent: Intent) -> Judgement:
    why = f"{page['path']}: " + "; ".join(
        f"{text['kind']} {one.why}" for text, one in zip(gaps[:5], said, strict=False)
    )
    before = "\n".join(f"{page['path']}:{text['line']} {text['kind']}: {show(text['text'])}" for text in gaps)
    label = intent.label
    after = "\n".join(f"{page['path']}:{text['line']} {text['kind']}: {label}" for text in gaps)
    if Consent.APPLICATION_FILES not in intent.consent:
        fix = (
            "The page belongs to an application: change it yourself, or set "
            "banner_blanking_change_application_files: true for this host."
        )
        return Judgement(CONTROL, surface, Status.MANUAL, why, before, after, fix)
    lines: dict[int, tuple[str, str]] = {}
    for text in gaps:
        if text["source"]:
            source, now = lines.get(text["line"], (text["source"], text["source"]))
            lines[text["line"]] = (source, replaced(now, text["text"], label))
    edits = tuple(
        LineInFile(page["path"], number, *line) for number, line in sorted(lines.items()) if line[0] != line[1]
    )
    stuck = [f"{page['path']}:{text['line']}" for text in gaps if not text["source"]]
    fix = f"Replace these yourself, they are not one short line of UTF-8: {', '.join(stuck)}" if stuck else ""
    if not edits:
        return Judgement(CONTROL, surface, Status.MANUAL, why, before, after, fix)
    change = Change(
        CONTROL, surface, f"the label takes the place of names in {page['path']}", before, after, edits=edits
    )
    return Judgement(CONTROL, surface, Status.GAP, why, before, after, fix, changes=(change,))
