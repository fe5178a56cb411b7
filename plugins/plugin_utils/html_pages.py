# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every page of ours has in common: no text in it is ever a template, all of it is escaped, and its one style is
all that its content policy lets in, by digest.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import jinja2


def templates(folder: Path) -> jinja2.Environment:
    """The templates of a folder. A name that nobody gave is an error, not an empty text."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style_hash(style: str) -> str:
    """As a content policy names it (CSP Level 3, hash-source)."""
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
