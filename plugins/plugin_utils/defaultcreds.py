# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""More candidates from DefaultCreds-cheat-sheet (PyPI: defaultcreds-cheat-sheet, MIT), where somebody installed it.

Its list is long and names no sources: it gives candidates, and says nothing about accounts. Its file is read as data,
none of its code is run, and nothing of it is copied here. Known from version 0.5.3: a TinyDB file with one table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .shipped_defaults import LONGEST, plain, runs, vendors
from .shipped_table import SPELLINGS

LARGEST = 4 << 20  # bytes; version 0.5.3 has 300 KB
MOST = 100  # of one vendor: the list has 62 of Cisco

_PACKAGE, _FILE, _TABLE = "DefaultCreds", "DefaultCreds_db.json", "_default"
_BLANK = "<blank>"


def listed(vendor: str) -> tuple[str, ...]:
    """Candidates for this vendor's devices, at most MOST, each once; none where the package or its file is missing."""
    found = runs(vendor).union(*(map(plain, SPELLINGS[one]) for one in vendors(vendor)))
    texts = (text for product, text in _pairs() if product in found)
    return tuple(dict.fromkeys(texts))[:MOST]


@cache
def _pairs() -> tuple[tuple[str, str], ...]:
    """Product, as :func:`plain` leaves it, and password."""
    try:
        spec = find_spec(_PACKAGE)
        places = spec.submodule_search_locations if spec else None
        return tuple(_read(Path(places[0]) / _FILE)) if places else ()
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return ()  # another version, or no list at all


def _read(file: Path) -> Iterator[tuple[str, str]]:
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        return
    for row in json.loads(content)[_TABLE].values():
        product, text = row.get("product"), row.get("password")
        if isinstance(product, str) and isinstance(text, str) and _is_password(text):
            yield plain(product.partition("(")[0]), "" if text == _BLANK else text


def _is_password(text: str) -> bool:
    """The list has remarks, too: ``(serial number)``, ``<create by default>``."""
    return text == _BLANK or (len(text) <= LONGEST and not set(text) & set("<(\0"))
