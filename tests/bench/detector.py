# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disclosure detector: processor time for a text, and what its import and its first text cost a run."""

from __future__ import annotations

import subprocess
import sys
import time

from ansible_collections.iot_site.checklist.plugins.plugin_utils import read_words
from ansible_collections.iot_site.checklist.plugins.plugin_utils.disclosure import disclosures

from tests.tools.disclosure_figures import Labelled, labelled

from .timing import ROUNDS, Ratio

#: Seconds for a text.
GOAL = 150e-6

_ONCE = (
    "import time; began = time.process_time();"
    "from ansible_collections.iot_site.checklist.plugins.plugin_utils import disclosure;"
    "imported = time.process_time(); disclosure.disclosures('弘前市立病院', ());"
    "print(1000 * (imported - began), 1000 * (time.process_time() - imported))"
)


def measure() -> list[Ratio]:
    """Texts of every surface, none of which was seen before: the words of earlier ones are forgotten first."""
    texts = [*labelled("dev"), *labelled("test")]
    disclosures("", ())
    seconds = tuple(_seconds(texts) for _round in range(ROUNDS))
    imported, first = map(float, subprocess.check_output([sys.executable, "-c", _ONCE], text=True).split())
    each = min(seconds) / len(texts) * 1e6
    print(f"bench: detector: {each:.0f} us a text, import {imported:.0f} ms, first text {first:.0f} ms")
    return [Ratio(f"detector, {len(texts)} texts", f"{GOAL * 1e6:.0f} us each", seconds, (GOAL * len(texts),), 1.0)]


def _seconds(texts: list[Labelled]) -> float:
    read_words.read.cache_clear()
    began = time.process_time()
    for one in texts:
        disclosures(one.text, (), one.surface)
    return time.process_time() - began
