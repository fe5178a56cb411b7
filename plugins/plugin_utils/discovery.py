# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds every platform file, once, at import: a platform is added by adding its file and nothing else.

Imported inside an action's ``run()`` the same work would be done again for every task and host.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from . import platforms
from .contract import Platform


def _discover() -> Mapping[str, Platform]:
    found = {}
    for module in pkgutil.iter_modules(platforms.__path__):
        platform = importlib.import_module(f"{platforms.__name__}.{module.name}").PLATFORM
        found[platform.name] = platform
    return found


#: Every platform by its name; each file defines one ``PLATFORM``.
PLATFORMS: Mapping[str, Platform] = _discover()


def platform_for(network_os: str) -> Platform | None:
    """The platform that ``ansible_network_os`` names in full; the plain SSH host platform for the empty name."""
    return next((platform for platform in PLATFORMS.values() if platform.network_os == network_os), None)
