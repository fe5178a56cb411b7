# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: two emulated sites on loopback, audited, fixed and audited again, with the real playbooks.

Everything happens in one directory of its own and in this process: the routers are emulated here, so they are gone when
it is gone, however it ends.
"""
