# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one read of a host gave: bytes, an exit status, whether they are cut off, and why they are not there.

Runs on the device: Python 3.8, standard library only.
"""

from __future__ import annotations

import errno

from ansible_collections.iot_site.checklist.plugins.module_utils.kernel import account

MISSING = "missing"  # the word plugin_utils/raw.py knows
ABSENT = (errno.ENOENT, errno.ENOTDIR)


def output(data=b"", rc=0, truncated=False, error=""):
    return {"data": data, "rc": rc, "truncated": truncated, "error": error}


def left_out(why):
    """What our own bounds leave out, and nothing on the host is to blame for."""
    return output(truncated=True, error=why)


def failure(exception):
    """An operating system error in words; the one word ``missing`` for what is not there."""
    if exception.errno in ABSENT:
        return output(error=MISSING)
    return output(error=f"{exception.strerror} (as {account()})")
