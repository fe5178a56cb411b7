# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two pages of a hand-over, Japanese and English, no script, nothing fetched, every foreign text escaped.

``inside`` is what is encrypted: passwords, and which device a label stands for. ``sheet`` is for paper, and for
everybody who comes by: it is made from rows that have no secret, and names neither site nor device.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from ..display import show
from ..html_pages import style_hash, templates
from .bundle import Bundle

_FOLDER = Path(__file__).parent
_TEXT = 200  # characters of one text on a page; a password is never cut
_GROUP = 4  # characters of a key that are compared at a glance


@dataclass(frozen=True, slots=True)
class Receipt:
    """What ties a sheet to its bundle."""

    day: str  # ISO 8601
    program: str  # that opens it
    key: str  # the public key it was made for: the age recipient, or the fingerprint
    file: str
    sha256: str  # of the encrypted file


def inside(bundle: Bundle, day: str) -> str:
    """With every password in clear: only for the program that encrypts."""
    return _rendered("inside.html.j2", bundle=bundle, day=day)


def sheet(bundle: Bundle, receipt: Receipt) -> str:
    """For printing. Whoever finds it learns which accounts a person has, and nothing that opens a device."""
    return _rendered("sheet.html.j2", person=bundle.outside(bundle.person), rows=bundle.rows, receipt=receipt)


def _rendered(template: str, **words: Any) -> str:
    style = _style()
    return _templates().get_template(template).render(style=style, style_hash=style_hash(style), **words)


@cache
def _templates() -> jinja2.Environment:
    environment = templates(_FOLDER)
    environment.filters |= {"text": _text, "groups": _groups}
    return environment


@cache
def _style() -> str:
    return (_FOLDER / "handover.css").read_text(encoding="utf-8")


def _text(value: object) -> str:
    return show(str(value), _TEXT)


def _groups(text: str) -> str:
    return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
