#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: every_item
short_description: Judges every item of a device in one task (items P1 to D2)
version_added: 0.2.0
description:
  - Reads a device once and judges on that reading what the roles of this collection judge, each as its own control
    module does in check mode. The playbook C(iot_site.checklist.audit) is made of it.
  - It never changes anything, in whatever mode it runs. What closes the gaps is the roles.
  - The variables of the site and of the roles are taken from the inventory, those that are not set have the roles'
    defaults.
options:
  items:
    description:
      - The items to judge.
      - Without it those that C(--tags) and C(--skip-tags) leave, as if each item were a task with its id and the name
        of its role for tags.
    type: list
    elements: str
    choices: [P1, P2, P3, P4, A2, A1, B1, C2, C1, D2]
    default: []
author:
  - iot_site.checklist contributors (@iot-site)
attributes:
  check_mode:
    description: Judges, and changes nothing, in every mode.
    support: full
  diff_mode:
    description: Shows what would close the gaps.
    support: full
seealso:
  - module: iot_site.checklist.preflight
  - module: iot_site.checklist.report
"""

EXAMPLES = r"""
- name: Every item | The device is read once, and all of it is judged
  iot_site.checklist.every_item:

- name: Every item | Whoever may come in needs a login
  iot_site.checklist.every_item:
    items: [A2, A1]
"""

RETURN = r"""
findings:
  description:
    - The verdict on every control of the items, one dictionary each, with the keys that
      RV(iot_site.checklist.ip_allowlist#module:findings) of the control modules has.
    - The fact C(iot_site_findings_) with an item, such as C(ansible_facts.iot_site_findings_A2), always has its own
      verdicts. Its C(statuses) say how each control and surface ended, and the rest is packed for the report.
  returned: when the task is registered, or with -v
  type: list
  elements: dict
  sample:
    - {item: A2, control: A2.management, surface: nftables, status: gap, why: everybody reaches port 22}
"""
