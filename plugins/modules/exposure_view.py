#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exposure_view
short_description: What strangers and people see of the sites' devices from this host (items A1, A2, B1)
version_added: 0.2.0
description:
  - Runs on a vantage, a host outside of all sites. It looks once at every site whose C(iot_site_vantages) names this
    host, and judges what a visitor who comes from there meets.
  - Only what is declared is tried. That is C(iot_site_published) of the devices and the usual management ports of hosts
    with C(iot_site_outside_addresses), never a range, and only where C(iot_site_authorised) holds today with C(probe)
    in its scope. An address that is V(reported) is tried only if its device reported it in this run.
  - A2 passes only if this host is on no allowlist and reached one of its C(controls) in this run. Silence alone is
    V(unknown). A host that C(expects) to be V(served) must be.
  - Only hosts that M(iot_site.checklist.preflight) has checked in this run are looked at.
  - A task of this module never fails because of a vantage or a device. An error is a finding, V(unknown). What was
    found is about the devices; it is kept as facts of the vantage, for M(iot_site.checklist.report).
  - It looks from its own host. C(run_once), C(delegate_to) and loops are refused.
options:
  moment:
    description:
      - V(before) for a first look of a run that will change something, V(after) for the one that counts. Its findings
        tell how each stood before.
    type: str
    choices: [before, after]
    default: after
  timeout:
    description: Seconds for one connection.
    type: int
    default: 5
  seconds:
    description: Seconds for one site altogether. What was not tried by then is V(unknown).
    type: int
    default: 120
  rate:
    description: New connections in a second.
    type: int
    default: 50
  tries:
    description: How often is tried what does not answer. With fewer than 2, silence is V(unknown).
    type: int
    default: 2
attributes:
  check_mode:
    description: Looks in check mode too, since it changes nothing.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
author:
  - iot_site.checklist contributors (@iot-site)
seealso:
  - module: iot_site.checklist.exposure_probe
  - module: iot_site.checklist.report
"""

EXAMPLES = r"""
- name: A | What visitors see from here
  iot_site.checklist.exposure_view:
    seconds: 300
"""

RETURN = r"""
findings:
  description:
    - The verdicts on the devices, in the form of the control modules, with the vantage in C(seen_from).
  returned: when the task is registered, or with -v
  type: list
  elements: dict
  contains:
    host:
      description: The inventory host the finding is about.
      type: str
      sample: k7-panel
    control:
      description: V(A1.outside), V(A2.outside) or V(B1.outside).
      type: str
      sample: A2.outside
    surface:
      description: The endpoint, and what was read there.
      type: str
      sample: 203.0.113.5:8443/tcp https html_title
    status:
      description: The verdict.
      type: str
      sample: gap
    seen_from:
      description: The vantage.
      type: str
      sample: outside-a
    why:
      description: The reason for the verdict, for a person.
      type: str
"""
