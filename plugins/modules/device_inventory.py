#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: device_inventory
short_description: Vendor, model, serial and firmware of a device are known (item D2)
version_added: 0.1.0
description:
  - Judges whether the device says what it is, and which versions of the services it exposes. It changes nothing.
extends_documentation_fragment:
  - iot_site.checklist.declared
  - iot_site.checklist.declared.control
seealso:
  - module: iot_site.checklist.preflight
"""

EXAMPLES = r"""
- name: D2 | Vendor, model, serial and firmware are known
  iot_site.checklist.device_inventory:
"""

RETURN = r"""
findings:
  description:
    - The verdict on every control of the item, one dictionary each.
    - The fact C(iot_site_findings_) with the item, such as C(ansible_facts.iot_site_findings_A2), always has them. Its
      C(statuses) say how each control and surface ended, and the rest is packed for the report.
  returned: when the task is registered, or with -v
  type: list
  elements: dict
  contains:
    schema:
      description: The version of this form.
      type: int
      sample: 1
    run:
      description: The id of this run. Findings of another run mean nothing.
      type: str
    site:
      description: The id of the site.
      type: str
      sample: k7
    host:
      description: The inventory host the finding is about.
      type: str
      sample: k7-rtx
    platform:
      description: What kind of device it was judged as.
      type: str
      sample: yamaha_rtx
    item:
      description: The item of the checklist.
      type: str
      sample: D2
    control:
      description: The control of the item.
      type: str
      sample: D2.identity
    surface:
      description: Where on the device.
      type: str
      sample: identity
    status:
      description:
        - V(pass), V(gap), V(fixed), V(failed), V(manual), V(planned), V(waived), V(not_applicable), V(not_supported),
          V(unknown) or V(unreachable).
      type: str
      sample: gap
    why:
      description: The reason for the verdict, for a person.
      type: str
    before:
      description: What was found, in the language of the device, without secrets.
      type: str
    after:
      description: What is wanted, or what is there now.
      type: str
    fix:
      description: What a person does when we cannot or must not.
      type: str
    evidence:
      description: What the verdict rests on.
      type: dict
    enforced_by:
      description: The host that limits access for this one, if another does.
      type: str
    seen_from:
      description: V(inside), or the vantage.
      type: str
      sample: inside
    at:
      description: When, in UTC.
      type: str
      sample: "2026-11-20T01:02:03Z"
"""
