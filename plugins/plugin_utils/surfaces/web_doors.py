# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where nginx, apache2 and lighttpd ask for the accounts of which password file, and certainly nobody else answers."""

from __future__ import annotations

from collections.abc import Collection

from ..model import Door, Json
from ..raw import Raw
from . import apache_doors, doors, lighttpd_doors, nginx_doors
from .web_servers import JUDGED

_OF = {"nginx": nginx_doors.of, "apache2": apache_doors.of, "lighttpd": lighttpd_doors.of}


def web_doors(raw: Raw, present: Collection[str]) -> Json:
    """By password file, as far as it is known; ``present`` are the servers that the device has."""
    found: dict[str, list[Door]] = {}
    for server in (one for one in _OF if one in present):
        for path, each in _OF[server](raw).items():
            found.setdefault(path, []).extend(doors.held(raw, JUDGED[server], each))
    return doors.as_state(found)
