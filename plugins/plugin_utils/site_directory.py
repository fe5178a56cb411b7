# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a site keeps what must outlive every run, such as its credentials."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .evidence import directory_name

_BESIDE = "iot_site_secrets"  # not with the evidence, which people hand over and delete


def site_directory(told: str, sources: Sequence[str], site: str) -> Path:
    """What ``iot_site_directory`` told; otherwise a directory of the site's own beside the inventory.

    Beside, never inside an inventory directory: Ansible would read it as inventory. ``sources`` are the inventories of
    the run, as ``ansible_inventory_sources`` has them; without one it is the working directory.
    """
    if told:
        return Path(told).expanduser().absolute()
    beside = Path(sources[0]).resolve().parent if sources else Path.cwd()
    return beside / _BESIDE / directory_name(site)
