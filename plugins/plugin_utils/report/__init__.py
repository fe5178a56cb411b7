# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of one site: one document (the JSON is the source of truth), and two ways to show it.

document.py -> table.py (terminal), page.py (HTML). Pure: no I/O, no clock, no Ansible.
"""
