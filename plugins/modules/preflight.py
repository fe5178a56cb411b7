#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Every wrong inventory variable of a host is named before anything is contacted
version_added: 0.1.0
description:
  - Computes the intent of the host from its inventory variables and contacts nothing. What is not given as an argument
    is taken from the variable that the argument names.
  - Fails when a variable is wrong, and names every wrong one with its host, its value and the expected form.
    Values that may be secret are not shown.
  - Every playbook of this collection begins with it, over all hosts, with C(any_errors_fatal).
options:
  fail_on:
    description: C(iot_site_fail_on), the statuses of findings that decide the exit code.
    type: raw
  enforce_with:
    description: C(ip_allowlist_enforce_with), V(packet_filter) or V(web_server).
    type: raw
  unguarded:
    description: C(ip_allowlist_unguarded), V(true) or V(false).
    type: raw
  cut_active_sources:
    description: C(ip_allowlist_cut_active_sources), V(true) or V(false).
    type: raw
  user_file:
    description: C(login_required_user_file), a path on the device.
    type: raw
  fronts:
    description: C(login_required_fronts), a list of dictionaries of C(listen) and C(to).
    type: raw
  refuse_anonymous:
    description: C(login_required_refuse_anonymous), V(true) or V(false).
    type: raw
  plaintext_needed:
    description: C(login_required_plaintext_needed), a list of some of V(telnet) and V(ftp).
    type: raw
  accounts_for:
    description: C(user_credentials_accounts_for), a dictionary of places and lists of access.
    type: raw
  service_accounts:
    description: C(user_credentials_service_accounts), a list of accounts.
    type: raw
  delete_retired:
    description: C(user_credentials_delete_retired), an account or a list of accounts.
    type: raw
  form:
    description: C(user_credentials_form), V(random), V(unambiguous) or V(passphrase).
    type: raw
  rotate:
    description: C(user_credentials_rotate), a name or a list of names.
    type: raw
  rotate_own:
    description: C(user_credentials_rotate_own), V(true) or V(false).
    type: raw
  max_age_days:
    description: C(user_credentials_max_age_days), a number of days.
    type: raw
  budget_seconds:
    description: C(user_credentials_budget_seconds), a number of seconds.
    type: raw
  probe:
    description: C(user_credentials_probe), V(true) or V(false).
    type: raw
  decisions:
    description: C(preparation_decisions), a list of dictionaries of C(item), C(decision), C(who) and C(when).
    type: raw
  exposure_max_age_days:
    description: C(preparation_exposure_max_age_days), a number of days.
    type: raw
  temporary_until:
    description: C(preparation_temporary_until), a day.
    type: raw
  sector:
    description: C(preparation_sector), the name of a sector.
    type: raw
  guidelines:
    description: C(preparation_guidelines), a list of dictionaries of C(title) and C(on).
    type: raw
  left_out:
    description: C(preparation_left_out), a dictionary of items and reasons.
    type: raw
  change_hostname:
    description: C(banner_blanking_change_hostname), V(true) or V(false).
    type: raw
  change_application_files:
    description: C(banner_blanking_change_application_files), V(true) or V(false).
    type: raw
  replace_certificates:
    description: C(banner_blanking_replace_certificates), V(true) or V(false).
    type: raw
extends_documentation_fragment:
  - iot_site.checklist.declared
attributes:
  check_mode:
    description: Does the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
author:
  - iot_site.checklist contributors (@iot-site)
seealso:
  - module: iot_site.checklist.preparation
  - module: iot_site.checklist.login_required
  - module: iot_site.checklist.ip_allowlist
  - module: iot_site.checklist.banner_blanking
  - module: iot_site.checklist.device_inventory
"""

EXAMPLES = r"""
- name: Every variable of every host is right, or nothing is contacted
  hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - name: Preflight | The inventory says what is wanted
      iot_site.checklist.preflight:

    - name: Preflight | What a playbook says itself is right, too
      iot_site.checklist.preflight:
        declared:
          site: k7
          people:
            iot_site_people:
              - {name: noc-a, sources: [203.0.113.10/32]}
"""

RETURN = r"""
problems:
  description: Every wrong variable of this host.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: The inventory host.
      type: str
      sample: k7-panel
    variable:
      description: The variable, with the place inside it.
      type: str
      sample: iot_site_people[noc-a].sources
    value:
      description: The wrong value, escaped and shortened. Empty where it must not be shown.
      type: str
      sample: "'192.0.2.5/24'"
    expected:
      description: What it should look like.
      type: str
      sample: "a network without host bits: 192.0.2.0/24; or the one address 192.0.2.5"
"""
