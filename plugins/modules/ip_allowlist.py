#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ip_allowlist
short_description: Only the people's networks reach a device (item A2)
version_added: 0.1.0
description:
  - Judges and, outside check mode, closes what lets anybody but the people of the site, and the controller, reach
    this device or what it publishes.
  - Every change is made under a guard. The device returns to what it was by itself unless a new connection proves
    that it can still be reached and that what worked before still works.
options:
  enforce_with:
    description:
      - What limits access on this host, when the host does it itself.
      - V(packet_filter) is the filter of the router, firewall or kernel. V(web_server) is the web server's own list.
    type: str
    choices: [packet_filter, web_server]
    default: packet_filter
  unguarded:
    description:
      - Consent to changes that can cut access on a device that has no way back by itself.
      - A mistake then needs somebody on site.
    type: bool
    default: false
  cut_active_sources:
    description:
      - Consent to keeping out an address that comes in today with a login and is on nobody's list.
      - Without consent such an address is shown, and the allowlist is not applied.
      - A login is one that SSH, FTP, MQTT, wtmp or a web server's own log shows as accepted within the last 92 days.
        Failed logins, and pages that are served to everybody, make nobody such an address.
    type: bool
    default: false
extends_documentation_fragment:
  - iot_site.checklist.declared
  - iot_site.checklist.declared.control
seealso:
  - module: iot_site.checklist.preflight
"""

EXAMPLES = r"""
- name: A2 | Only the allowlist reaches the management plane
  iot_site.checklist.ip_allowlist:
    enforce_with: packet_filter

- name: A2 | The same without the inventory, one person and the controller
  iot_site.checklist.ip_allowlist:
    declared:
      site: k7
      people:
        iot_site_people:
          - {name: noc-a, sources: [203.0.113.10/32]}
      management_sources: [198.51.100.5]
  check_mode: true
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
      sample: A2
    control:
      description: The control of the item.
      type: str
      sample: A2.management
    surface:
      description: Where on the device.
      type: str
      sample: nftables
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
