# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform yamaha_rtx is made of: pure readers, evaluators and planners of a Yamaha router's own language.

How sure we are of a fact about the device is marked where the fact is used: (m) measured on a device or in a
capture, (d) documented in public configurations, (a) assumed. A wrong assumption must end in ``unknown``.
"""
