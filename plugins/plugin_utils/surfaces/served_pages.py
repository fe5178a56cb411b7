# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the pages that were read lie in the places a web server shows without a login, whichever server it is."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from ..display import show
from ..raw import Output, Raw, Read, missing
from . import pages

#: Bytes kept of one page, and how many pages of one server are judged.
BYTES = 1 << 18
_MOST = 40


def below(raw: Raw, reads: Iterable[Read], places: Sequence[str]) -> tuple[dict[str, Output], list[str]]:
    """What was read below these places, and what our own bounds left out there."""
    outputs = {path: out for read in reads if read.files for path, out in raw.all(read.name).items()}
    here = {path: out for path, out in sorted(outputs.items()) if _concerns(path, places) and not missing(out)}
    cut = [f"{show(path)} ({out.error})" for path, out in here.items() if out.error and out.truncated]
    return {path: out for path, out in here.items() if not (out.error and out.truncated)}, cut


def judged(served: Mapping[str, Output], places: Iterable[str]) -> tuple[list[pages.Page], list[str]]:
    """These pages as a visitor reads them, and in words what is left of them."""
    left = [f"{len(served)} pages in {show(', '.join(places))}, of which {_MOST} were judged"]
    return [pages.read(path, out) for path, out in list(served.items())[:_MOST]], left if len(served) > _MOST else []


def _concerns(path: str, places: Iterable[str]) -> bool:
    """Whether this output is of a page of ours, or a word of the transport that could be about one."""
    normal = posixpath.normpath(path.partition("/**")[0])
    return not path.startswith("/") or any(
        f"{normal}/".startswith(posixpath.join(one, "")) or f"{one}/".startswith(posixpath.join(normal, ""))
        for one in places
    )
