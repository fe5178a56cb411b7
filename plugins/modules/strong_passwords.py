#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: strong_passwords
short_description: No account has a default or guessable password (item C1)
version_added: 0.2.0
description:
  - Judges the passwords of a device by what the device keeps of them, hashes mostly. It logs in nowhere to find out,
    unless O(probe) says so.
    They are read as root, travel encrypted, and are compared on the controller.
  - What is tried is no password at all, what this kind of device is shipped with, the name of the account, what
    everybody tries first, and the site's own words with the digits and signs that people hang on them, the likeliest
    first. A password in the clear is judged by P(iot_site.checklist.password_weakness#filter).
  - A finding names the account and the rule, never the password and never a guess. A scheme that cannot be checked is
    V(unknown).
  - The site's words are C(iot_site_words), its id, the label, the people, the host, and vendor, model and serial.
  - It judges the accounts of the machine, of its web servers, of mosquitto and of snmpd.
  - A person or service account of the machine, a web server or mosquitto with such a password gets a generated one. It
    is stored where C(iot_site_credential_store) says before the device hears of it, set under guard, and counts once a
    new login with it worked, where there is one to try, and the device was seen to keep it. The embedded store needs a
    vault secret of the run. P(iot_site.checklist.credential#lookup) reads it, and the playbook C(handover) gives it to
    its person.
  - So do users of snmpd (SHA-256 and AES) and its communities, whose holders O(service_accounts) names. The agent is
    stopped for that, and was seen to take the keys of a user.
  - So do the logins of a router, its login without a name and its step to administrator, where the password is known
    to be weak, or O(rotate) asks for it, and a new login can prove the new one.
  - For an account of mosquitto, or of a place where nginx, apache2 or lighttpd asks for a login (Basic), the new
    password is tried there, through SSH and only if the host key is known. The service must refuse without a password
    and with a wrong one. C(entered) in the evidence tells where it let in; C(not_entered), where nothing but the file
    could be looked at, and why.
  - A password that was generated and then replaced, and is there again, is made anew like a weak one, and so is one of
    more than O(max_age_days).
  - Only accounts of C(iot_site_people) and of O(service_accounts) are changed. Those of nobody are item C2.
  - An application that can be reached may keep accounts where nobody looks. They are V(manual).
options:
  max_age_days:
    description:
      - From which age on a password that we have made is made anew, in days. V(0) asks for no age.
      - How old it is tells the store. Of a password that somebody else has set nobody knows it.
    type: raw
    default: 0
  budget_seconds:
    description:
      - How long the search may take on one host, in seconds of a small controller. Cheap schemes get through all
        guesses in parts of a second. A guess at a yescrypt hash takes 20 ms, one at a usual bcrypt hash 60 ms.
      - Where it ends before what people set without dressing it up was tried, the finding is V(unknown) and says so.
    type: raw
    default: 30
  probe:
    description:
      - Whether one password may be tried by a login where nobody can read or verify what is kept, once
        C(iot_site_authorised) holds today and its scope includes C(login_test). It is done in check mode, too.
      - Tried are no credential, a random wrong one, and then what the device is shipped with for that account, or else
        the name of the account. That is three tries for an account at most, two accounts of a service, and none of the
        accounts of the run itself. The first sign of a lock ends the tests of the device.
      - SSH is tried, and HTTP with Basic or Digest at the first page of an application. A login on a page is not.
      - The finding has the surface V(login_test).
    type: raw
    default: false
extends_documentation_fragment:
  - iot_site.checklist.declared.credentials
  - iot_site.checklist.declared
  - iot_site.checklist.declared.control
seealso:
  - module: iot_site.checklist.preflight
  - plugin: iot_site.checklist.password_weakness
    plugin_type: filter
"""

EXAMPLES = r"""
- name: C1 | No account has a default or guessable password
  iot_site.checklist.strong_passwords:

- name: C1 | A host with many accounts gets more time
  iot_site.checklist.strong_passwords:
    budget_seconds: 120

- name: C1 | Where a device hides its passwords, one that such devices have is tried
  iot_site.checklist.strong_passwords:
    probe: true

- name: C1 | Somebody's password was seen by others
  iot_site.checklist.strong_passwords:
    rotate: tanaka
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
      sample: C1
    control:
      description: The control of the item.
      type: str
      sample: C1.default_password
    surface:
      description: Where on the device.
      type: str
      sample: accounts
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
