#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: banner_blanking
short_description: Nothing readable before login names facility, region, device or version (item B1)
version_added: 0.1.0
description:
  - Judges every text that a visitor can read without logging in and, outside check mode, replaces what names a
    facility, a region, a device or a version by the label of the host, or deletes it where there is no label.
  - Texts after login, such as the message of the day, are left alone.
options:
  change_hostname:
    description:
      - Consent to renaming the device where its host name is shown before login.
      - Monitoring, licences and certificates may depend on the old name. Without consent the finding is V(manual).
    type: bool
    default: false
  change_application_files:
    description:
      - Consent to editing pages that belong to somebody's application.
      - Without consent the finding is V(manual) and shows the text.
    type: bool
    default: false
  replace_certificates:
    description:
      - Consent to making a self-signed TLS certificate anew without the names that it shows.
      - Whoever has accepted or pinned the old certificate must accept the new one. Without consent the finding is
        V(manual) and shows the names.
    type: bool
    default: false
extends_documentation_fragment:
  - iot_site.checklist.declared
  - iot_site.checklist.declared.control
seealso:
  - module: iot_site.checklist.preflight
"""

EXAMPLES = r"""
- name: B1 | Nothing before login names the facility, region, device or version
  iot_site.checklist.banner_blanking:
    change_hostname: false
    change_application_files: true
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
      sample: B1
    control:
      description: The control of the item.
      type: str
      sample: B1.ssh_banner
    surface:
      description: Where on the device.
      type: str
      sample: sshd
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
