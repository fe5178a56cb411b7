# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why the store does not do what it was asked for. A message says what, where and what to do, and nothing of a file."""

from __future__ import annotations


class Unusable(Exception):
    """All of them. What was stored before is as it was."""


class OutOfStep(Unusable):
    """The step does not follow the one before it: a second pending credential, an activation of none."""


class Sealed(Unusable):
    """The file cannot be opened: no vault secret, the wrong one, or it is not encrypted."""


class Damaged(Unusable):
    """The file was opened, and is not what we wrote for this person on this device."""


class Unkept(Unusable):
    """The disk did not take or give a file."""


class Busy(Unusable):
    """Another run changes the credentials of this device now."""
