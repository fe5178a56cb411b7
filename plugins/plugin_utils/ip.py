# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netaddr, for the whole house; where it is not installed, one clear message instead of a traceback.

A plugin must import without its libraries (ansible-doc, ansible-test sanity), so the absence is told when a task runs.
"""

from __future__ import annotations

from typing import Any

try:
    from netaddr import AddrFormatError, IPAddress, IPNetwork, IPRange, IPSet

    MISSING = ""
except ImportError:
    MISSING = "the Python library netaddr is missing on the controller: pip install netaddr, then run again"

    class _Absent:
        """Lets module-level tables be made; no task gets as far as using them."""

        def __init__(self, *_given: Any) -> None:
            pass

        def __sub__(self, _other: object) -> _Absent:
            return self

    AddrFormatError = ValueError  # type: ignore[assignment,misc]
    IPAddress = IPNetwork = IPRange = IPSet = _Absent  # type: ignore[assignment,misc]

__all__ = ["MISSING", "AddrFormatError", "IPAddress", "IPNetwork", "IPRange", "IPSet"]
