#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: personal_accounts
short_description: Every person has an account of their own, and nobody else has one (item C2)
version_added: 0.2.0
description:
  - Compares the accounts of a device with the people who may use it, C(iot_site_people).
  - A person who is missing gets an account, with the rights of their C(access) and a generated password, which is
    stored where C(iot_site_credential_store) says before the device hears of it. The embedded store needs a vault
    secret of the run.
  - An account that belongs to nobody is locked, not deleted, and its SSH keys no longer open it; on a router it is
    told with the lines that do so. The account in use,
    the last administrator, and accounts that do work on the device are never touched.
  - People get accounts in the password file of a web server, too. What is nobody's there is taken out, and the file as
    it was is kept, once a person on the list has an account in it and nobody uses the other one. The users of mosquitto
    are told only.
  - What a run has locked, a later one deletes where O(delete_retired) names it. Of its files none is deleted.
  - Whoever has more rights than their C(access) says loses them.
  - A secret that another device, of this or of another site, or another person has too is a V(gap). The report compares
    the devices of a run, by a digest that only this run can make, and tells of others by their label. Secrets are
    compared that stand in the clear, that opened the session, or that a guess of item C1 has opened. Of others only the
    salted hash is there, which is the same on a cloned device alone. What is hidden is V(unknown).
  - Two people with one account, a second account with the id of root, and what else only a person can decide is
    V(manual) or a V(gap) that says what to do.
options:
  delete_retired:
    description:
      - The accounts to delete, a name or a list of names. Each must have been locked by a run before this one, so that
        whoever misses it could say so; on a router, be shut out (C(connection=off)).
      - Its files stay, and its home becomes root's, for its number may be given to somebody else. An account that owns
        files outside its home is not deleted; they are named.
      - Neither is the account in use, one of the system or of a person, one with programs, jobs or recent logins, and
        one that shares its number, group or home.
    type: raw
extends_documentation_fragment:
  - iot_site.checklist.declared.credentials
  - iot_site.checklist.declared
  - iot_site.checklist.declared.control
seealso:
  - module: iot_site.checklist.strong_passwords
  - plugin: iot_site.checklist.credential
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: C2 | Every person has an account of their own
  iot_site.checklist.personal_accounts:

- name: C2 | An account of a program stays, and operators need a shell here
  iot_site.checklist.personal_accounts:
    service_accounts: [root, backup]
    accounts_for:
      accounts: [admin, operator]

- name: C2 | The account that was locked last month is not needed any more
  iot_site.checklist.personal_accounts:
    delete_retired: former
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
      sample: k7-panel
    platform:
      description: What kind of device it was judged as.
      type: str
      sample: linux
    item:
      description: The item of the checklist.
      type: str
      sample: C2
    control:
      description: The control of the item.
      type: str
      sample: C2.leftover_account
    surface:
      description: Where on the device.
      type: str
      sample: users
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
