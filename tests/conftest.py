# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook runs started by tests find the checkout as a collection, as under make."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(Path(__file__).parents[1] / ".build" / "collections")

# A rule that holds is not wrong because the machine is busy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
