#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the gate action: plugins/action/gate.py does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: gate
short_description: Fails where a host has findings that must not pass unnoticed
version_added: 0.1.0
description:
  - The last task of a run, and the only one that fails because of what was found, so that C(ansible-playbook) ends with
    exit code 2.
  - A host without any verdict counts as V(unknown).
  - Runs on the controller alone and contacts no device.
author:
  - iot_site.checklist contributors (@iot-site)
options:
  verdict:
    description: What the report task returned for this host in RV(iot_site.checklist.report#module:verdicts).
    type: dict
    default: {}
  fail_on:
    description: The statuses that end the run with exit code 2.
    type: list
    elements: str
    choices: [pass, gap, fixed, failed, manual, planned, waived, not_applicable, not_supported, unknown, unreachable]
    default: [gap, failed, unknown, unreachable]
attributes:
  check_mode:
    support: full
    description: The same in check mode.
seealso:
  - module: iot_site.checklist.report
"""

EXAMPLES = r"""
- name: Report | End with exit code 2 where something is open
  iot_site.checklist.gate:
    verdict: "{{ written.verdicts[inventory_hostname] | default({}) }}"
"""

RETURN = r"""
open:
  description: The controls of this host that made it fail, by status.
  returned: always
  type: dict
  sample: {gap: [B1.http_title]}
"""
