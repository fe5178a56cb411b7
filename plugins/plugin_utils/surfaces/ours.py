# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files on a host that are wholly ours: what they begin with, so that whoever finds one knows what it is."""

from __future__ import annotations

#: What the names of our files hold, whichever server reads them.
NAME = "zz-iot-site-checklist-"


def own_file(item: str, service: str, lines: str) -> str:
    """The content of a file of ours that ``service`` includes."""
    return f"""\
# Written by iot_site.checklist (IoT device checklist {item}). It is replaced at the next run:
# change the inventory instead. To take it back, delete this file and reload {service}.
{lines}"""
