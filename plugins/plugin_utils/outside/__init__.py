# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outside view: what a visitor without an account sees of the site's own devices, from a host outside of the site.

wanted.py (inventory) -> targets.py (what may be tried) -> the module exposure_probe on a vantage -> seen.py ->
access.py (A2), content.py (A1), names.py (B1) -> judge.py -> findings; contradiction.py holds them against those
from inside. Pure: no I/O, no clock, no Ansible.
"""
