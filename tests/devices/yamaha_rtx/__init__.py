# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stateful emulator of Yamaha RTX/NVR routers. ../README.md says what is documented, captured or assumed.

In a test::

    router = Router(Personality.load("rtx830_pppoe"))
    async with Server(router) as server:
        ...  # ssh to 127.0.0.1:server.port; router.clock.advance(600); router.faults.mute = True
"""

from __future__ import annotations

from .clock import Clock
from .config import Config
from .control import Control, ask
from .personality import Faults, Options, Personality, Seen
from .router import Router
from .server import Server

__all__ = ["Clock", "Config", "Control", "Faults", "Options", "Personality", "Router", "Seen", "Server", "ask"]
