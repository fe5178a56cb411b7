# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's garbage collector, set for how Ansible works: import this before everything that is large.

What is imported is no garbage, and looking through it again and again takes long. Every worker is a copy of the process
that imports, and the collector would copy all its memory by looking at it; a worker ends with its task.
"""

from __future__ import annotations

import gc

gc.set_threshold(200_000, 50, 50)


def loaded() -> None:
    """What is loaded by now is never looked at again."""
    gc.freeze()
