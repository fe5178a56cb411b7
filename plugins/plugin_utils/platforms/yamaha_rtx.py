# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Yamaha RTX, NVR, FWX and vRX routers, over their console."""

from __future__ import annotations

from ..contract import Platform
from ..surfaces.declared import Declared
from ..yamaha.identity import Identity


class YamahaRtx(Platform):
    """A router: it limits access to itself and to what lies behind it."""

    name = "yamaha_rtx"
    title = "Yamaha RTX"
    network_os = "iot_site.checklist.yamaha_rtx"
    transport = "cli"
    surfaces = (Declared(), Identity())


PLATFORM = YamahaRtx()
