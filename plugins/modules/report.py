#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the report action: plugins/action/report.py does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Writes the evidence of this run and prints its table, site by site
version_added: 0.1.0
description:
  - Joins the findings that the control actions left as facts in this run, settles those that depend on another host,
    and writes them for each site into that site's own directory.
  - Hosts that failed, were lost or gave no verdict are in the report as V(unknown). Hosts outside C(--limit) are listed
    as not in this run.
  - Findings of an earlier run, from a fact cache say, are never used.
  - Runs on the controller alone and contacts no device. It also writes in check mode, because evidence is no change
    of a device, and it never reports a change.
author:
  - iot_site.checklist contributors (@iot-site)
options:
  hosts:
    description: The hosts of this play, those that failed included.
    type: list
    elements: str
    required: true
  all_hosts:
    description:
      - Every host of the inventory. Those of a reported site that are not in O(hosts) are shown as not in this run.
    type: list
    elements: str
    required: true
  sites:
    description: The C(iot_site_id) of each host.
    type: dict
    required: true
  vantages:
    description: The hosts that may have looked at the sites from outside, whose findings are about others.
    type: list
    elements: str
    default: []
  outside_only:
    description:
      - Whether this run was to look from outside and nothing else. A host of O(hosts) that nobody looked at is then
        V(unknown) in A1, A2 and B1 only.
    type: bool
    default: false
  points:
    description:
      - Points of the triage that differ from the usual ones, by rule, such as C(facility_water).
    type: dict
    default: {}
  directory:
    description:
      - Where the evidence is kept. Every site has a directory of its own in it, named after its C(iot_site_id), with
        mode 0700.
      - In it every run has a directory, and C(latest) points to the newest.
    type: path
    required: true
  fail_on:
    description: The statuses that end the run with exit code 2, as the M(iot_site.checklist.gate) task will apply them.
    type: list
    elements: str
    choices: [pass, gap, fixed, failed, manual, planned, waived, not_applicable, not_supported, unknown, unreachable]
    default: [gap, failed, unknown, unreachable]
  table:
    description: Whether to print the table. Turn it off where standard output must stay machine-readable.
    type: bool
    default: true
attributes:
  check_mode:
    support: full
    description: Evidence is written in check mode too.
seealso:
  - module: iot_site.checklist.gate
"""

EXAMPLES = r"""
- name: Report | Write the evidence and print the table
  iot_site.checklist.report:
    hosts: "{{ ansible_play_hosts_all }}"
    all_hosts: "{{ groups['all'] }}"
    sites: "{{ report_sites }}"
    directory: "{{ inventory_dir }}/iot_site_evidence"
  run_once: true
  delegate_to: localhost
  register: written
"""

RETURN = r"""
reports:
  description: The directory of this run's evidence for each site.
  returned: success
  type: dict
  sample: {k7: /srv/inventory/iot_site_evidence/k7/20261122T221500Z-1a2b3c}
verdicts:
  description: For each host of the play, where its report is and its controls by status, for the gate.
  returned: success
  type: dict
  sample:
    k7-panel:
      report: /srv/inventory/iot_site_evidence/k7/20261122T221500Z-1a2b3c/report.html
      statuses: {gap: [B1.http_title], pass: [D2.identity]}
"""
