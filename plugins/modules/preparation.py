#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preparation
short_description: What has to be settled before a device is touched (items P1 to P4)
version_added: 0.2.0
description:
  - Judges what the inventory declares about people, decisions, exposure, guidelines and items. No device is contacted.
  - P1 asks whether owner, builder, operator and user are named in C(iot_site_stakeholders), whether a decision is on
    record about every item, and whether C(iot_site_authorised) holds today.
  - P2 compares C(iot_site_exposure) with what the other items of the same run found listening and published. The
    report does so, when all of it is known; until then, and where A2 was not judged, the finding is V(unknown).
    Without a declaration a device passes only if nothing was found open to everybody.
  - P3 asks which guidelines of the sector were looked up and used, and when. P4 asks which items apply.
options:
  items:
    description: The items to judge.
    type: list
    elements: str
    choices: [P1, P2, P3, P4]
    default: [P1, P2, P3, P4]
  decisions:
    description:
      - What was decided (P1), a list of dictionaries of C(item), C(decision), C(who) and C(when).
      - The C(item) is one of A1 to D3, or one of the viewpoints A to D for all of its items. The day C(when) is not
        later than today.
    type: raw
    default: []
  exposure_max_age_days:
    description: After how many days what C(iot_site_exposure) says must be decided again (P2).
    type: raw
    default: 365
  temporary_until:
    description: The last day of a device that is there for a while only (P2). After it, the finding is a gap.
    type: raw
    default: ""
  sector:
    description:
      - The sector of the site (P3), one of V(water), V(electricity), V(building), V(factory), V(medical),
        V(education), V(local_government), V(other).
    type: raw
    default: ""
  guidelines:
    description: Which guidelines were looked up and used (P3), each with its C(title) and the day C(on).
    type: raw
    default: []
  left_out:
    description:
      - Items that do not apply to this device (P4), a dictionary of item and reason.
      - They are judged all the same. This says why somebody need not act, and is no substitute for a waiver.
    type: raw
    default: {}
extends_documentation_fragment:
  - iot_site.checklist.declared
  - iot_site.checklist.declared.control
seealso:
  - module: iot_site.checklist.preflight
  - module: iot_site.checklist.report
"""

EXAMPLES = r"""
- name: P1 | The people involved are named, and what they decided is on record
  iot_site.checklist.preparation:
    items: [P1]
    decisions:
      - {item: A, decision: 利用者の接続元に限定しログインを必須とする, who: 水道課長, when: "2026-11-20"}

- name: P3 | The guidelines of the sector are used
  iot_site.checklist.preparation:
    items: [P3]
    sector: water
    guidelines:
      - {title: 水道分野における情報セキュリティガイドライン(第4版), "on": "2026-11-20"}
"""

RETURN = r"""
findings:
  description:
    - The verdict on every control of the items, one dictionary each.
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
      sample: k7-panel
    platform:
      description: What kind of device it was judged as.
      type: str
      sample: linux
    item:
      description: The item of the checklist.
      type: str
      sample: P2
    control:
      description: The control of the item.
      type: str
      sample: P2.exposure
    surface:
      description: Where on the device.
      type: str
      sample: declared
    status:
      description:
        - V(pass), V(gap), V(fixed), V(failed), V(manual), V(planned), V(waived), V(not_applicable), V(not_supported),
          V(unknown) or V(unreachable).
      type: str
      sample: unknown
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
