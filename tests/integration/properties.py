# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How properties are tried against a real server: few examples in every run, more where IOT_SITE_EXAMPLES says so."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings


def examples(usually: int) -> settings:
    """Few are always the same ones. None is shrunk: that would take as many starts of the server."""
    number = int(os.environ.get("IOT_SITE_EXAMPLES", usually))
    return settings(
        max_examples=number, deadline=None, suppress_health_check=list(HealthCheck), derandomize=number < 10,
        phases=[Phase.generate],
    )  # fmt: skip
