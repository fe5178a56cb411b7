#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: login_required
short_description: No screen is viewable without a login (item A1)
version_added: 0.2.0
description:
  - Judges every service of a device by whether it shows or does anything for a visitor who has not logged in, and,
    outside check mode, closes what it can close without breaking what somebody needs.
  - Web servers ask for a login where the inventory names a password file. Brokers, FTP servers and SNMP agents stop
    serving clients without a login only with consent, since sensors and pollers may be such clients.
  - What the inventory declares public in C(iot_site_exposure) is exempt, path by path and until its last day.
  - Every change is made under a guard. The device returns to what it was by itself unless a new connection proves
    that it can still be reached and that what worked before still works.
options:
  user_file:
    description:
      - A password file on the device, in the form of Apache's htpasswd, with which its web servers ask for a login.
      - Without it, an open page is a gap that a person closes.
    type: path
    default: ""
  fronts:
    description:
      - Applications that have no login of their own and get one in front of them.
      - nginx of this device listens on C(listen), asks for a login of O(user_file), and passes on to C(to) on loopback.
        The application's own port is closed to others.
    type: list
    elements: dict
    default: []
    suboptions:
      listen:
        description: The port on which people log in.
        type: raw
        required: true
      to:
        description: The application's own port.
        type: raw
        required: true
  refuse_anonymous:
    description:
      - Consent to turning away clients that come in today without a login (MQTT, FTP, SNMP).
      - Without consent the finding is V(manual) and shows what is open.
    type: bool
    default: false
  plaintext_needed:
    description:
      - Services whose plain-text login somebody still needs, V(telnet) or V(ftp). They are V(manual) instead of closed.
    type: list
    elements: str
    choices: [telnet, ftp]
    default: []
extends_documentation_fragment:
  - iot_site.checklist.declared
  - iot_site.checklist.declared.control
seealso:
  - module: iot_site.checklist.preflight
"""

EXAMPLES = r"""
- name: A1 | Nothing is viewable without a login
  iot_site.checklist.login_required:
    user_file: /etc/nginx/panel.users

- name: A1 | A closed application on port 8080 gets a login in front of it
  iot_site.checklist.login_required:
    user_file: /etc/nginx/panel.users
    fronts:
      - {listen: 8443, to: 8080}
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
      sample: A1
    control:
      description: The control of the item.
      type: str
      sample: A1.web
    surface:
      description: Where on the device.
      type: str
      sample: nginx
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
