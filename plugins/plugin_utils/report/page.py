# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML page: Japanese and English, no script, nothing fetched, every foreign text escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from ..checklist import CONTROLS, ITEMS
from ..display import show
from ..html_pages import style_hash, templates
from ..model import Finding, Json, Status
from .document import Document
from .steps import access_steps
from .table import next_step, note, waived
from .words import MODES, NOT_IN_RUN, STATUSES, TRIED, UNSEEN

_FOLDER = Path(__file__).parent

#: Characters of one text on the page, and of each side of a gap; findings.json beside it has more.
_TEXT, _SIDE = 600, 4_000

#: The segments of a viewpoint's bar, best first; their colours are in page.css.
SEGMENTS = (
    ("done", "対策済", "done"),
    ("planned", "対策予定", "planned"),
    ("manual", "要作業", "manual"),
    ("waived", "受容", "waived"),
    ("open", "未対策", "open"),
    ("unknown", "判定不能", "not judged"),
    ("not_in_run", "対象外", "not in this run"),
)


def page(document: Document) -> str:
    """The whole page. Autoescape is on and no text of a device is ever a template."""
    return _template().render(
        d=document,
        style=_style(),
        style_hash=style_hash(_style()),
        mode=MODES[document.mode],
        statuses=STATUSES,
        absent=NOT_IN_RUN,
        items=ITEMS,
        segments=SEGMENTS,
        tried=[finding for finding in document.findings if finding.status in TRIED],
        steps=access_steps(document),
        next_step=next_step(document),
        unseen=UNSEEN,
    )


@cache
def _template() -> jinja2.Template:
    environment = templates(_FOLDER)
    environment.filters |= {"text": _text, "side": _side, "note": note, "waived": waived}
    environment.globals |= {"title": _title, "bar": _bar, "outage": _outage, "was_status": _was}
    return environment.get_template("page.html.j2")


@cache
def _style() -> str:
    return (_FOLDER / "page.css").read_text(encoding="utf-8")


def _text(value: object) -> str:
    return show(str(value), _TEXT)


def _side(value: str) -> str:
    return show(value.strip("\n"), _SIDE, lines=True)


def _title(finding: Finding) -> Mapping[str, str]:
    control = CONTROLS.get(finding.control)
    item = ITEMS[finding.item]
    return {"ja": control.ja if control else item.ja, "en": control.en if control else item.en}


def _bar(viewpoint: Any, full: int = 240) -> list[tuple[str, float, float]]:
    """(segment, x, width) of a viewpoint's bar, ``full`` wide."""
    pieces, x = [], 0.0
    for name, _ja, _en in SEGMENTS:
        share = round(full * getattr(viewpoint, name) / viewpoint.devices, 2) if viewpoint.devices else 0.0
        if share:
            pieces.append((name, round(x, 2), share))
            x += share
    return pieces


def _was(finding: Finding) -> Status | None:
    """How it stood at the first look of this run."""
    was = finding.evidence.get("was")
    status = was.get("status") if isinstance(was, dict) else None
    return Status(status) if isinstance(status, str) and status in {*Status} else None


def _outage(finding: Finding) -> Json:
    return finding.evidence.get("outage_seconds_at_most") if finding.status is Status.FIXED else None
