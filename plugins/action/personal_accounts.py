# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Item C2 on one device. Documentation: plugins/modules/personal_accounts.py; the way: plugin_utils/engine.py."""

from __future__ import annotations

from ..plugin_utils.argspec import argument_spec
from ..plugin_utils.engine import ControlAction


class ActionModule(ControlAction):
    """The controls of item C2."""

    ITEM = "C2"
    SPEC = argument_spec("personal_accounts")
