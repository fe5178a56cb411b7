# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How text of a device is shown to a person: bounded, and with nothing in it that acts on a terminal.

Device text is hostile. What a page or a spreadsheet needs beyond this (HTML, CSV) is theirs to add.
"""

from __future__ import annotations

import unicodedata

#: Enough to recognise a login text; findings, tables and pages stay small whatever a device sends.
LIMIT = 400

#: Controls, invisible formatting (bidirectional overrides!), lone surrogates, private and unassigned characters.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def show(text: str, limit: int = LIMIT, *, lines: bool = False) -> str:
    """``text`` safe to print: at most ``limit`` of its characters, control characters as escapes.

    ``lines`` keeps line feeds and tabs, for the two sides of a diff. A line feed is otherwise ``\\x0a`` and not
    ``\\n``, which in /etc/issue means the host name.
    """
    kept = "\n\t" if lines else ""
    head = text[:limit]
    shown = head if head.isprintable() else head.translate({ord(char): _visible(char) for char in {*head} - {*kept}})
    beyond = len(text) - limit
    return f"{shown}… (+{beyond} characters)" if beyond > 0 else shown


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _ESCAPED:
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
