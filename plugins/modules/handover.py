#!/usr/bin/python
# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the handover action: plugins/action/handover.py does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: handover
short_description: Encrypts each person's credentials to that person's public key
version_added: 0.2.0
description:
  - Makes one bundle for each person of a site, with that person's active credentials on all devices of the site, and
    encrypts it to the public key that C(iot_site_people) gives (C(age) or C(gpg)). Nobody else can open it.
  - Beside it lies a sheet to print and sign. It shows labels instead of devices and sites, account names, the digest of
    the bundle and the key that it was made for, and no password.
  - Both lie in C(handover/<person>/) in the directory of the site, mode 0700, and are written anew only when the
    credentials, the labels, the words of the site or the key have changed, or when one of them is missing or altered.
  - A credential that is being changed is in the bundle with the password that the device was last seen to take, and
    named. One that no device was seen to take yet is named without its password.
  - The programs C(age) and C(gpg) on the controller encrypt. The clear text reaches them by a pipe and is in no file.
    Nothing of the user's own keyring and settings is read or changed.
  - Who has credentials and no public key gets no bundle. The others do, and then the task fails and says who is left.
  - Runs on the controller alone and contacts no device. It reads the store that C(iot_site_credential_store) names. The
    run needs the vault secret of the site, with which it seals what each bundle was made from.
author:
  - iot_site.checklist contributors (@iot-site)
options:
  hosts:
    description: The hosts of this play. A bundle holds all devices that the inventory gives to one of their sites.
    type: list
    elements: str
    required: true
attributes:
  check_mode:
    support: full
    description: Writes nothing, and says which bundles would be written.
  diff_mode:
    support: none
    description: What changes is secret.
seealso:
  - plugin: iot_site.checklist.credential
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Handover | Each person gets what only that person can open
  iot_site.checklist.handover:
    hosts: "{{ ansible_play_hosts_all }}"
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
handed:
  description: What became of the bundle of each person, site by site.
  returned: always
  type: list
  elements: dict
  contains:
    site:
      description: The id of the site.
      type: str
      sample: k7
    person:
      description: The person, by the name in C(iot_site_people). Empty where the whole site is refused.
      type: str
      sample: noc-a
    outcome:
      description:
        - V(written), V(to_write) in check mode, or V(unchanged).
        - V(nothing) where this person has no active credential, V(no_key) where there is no public key.
        - V(refused) where the bundle could not be made. With this and V(no_key) the task fails.
      type: str
      sample: written
    why:
      description: Why there is no bundle, and what to do.
      type: str
      sample: ""
    devices:
      description: How many passwords are in the bundle.
      type: int
      sample: 2
    changing:
      description: The devices where a new credential is on its way.
      type: list
      elements: str
      sample: []
    key:
      description: The age recipient, or the fingerprint of the OpenPGP key.
      type: str
      sample: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
    bundle:
      description: The path of the encrypted bundle. It may be sent by mail.
      type: str
      sample: /srv/inventory/iot_site_secrets/k7/handover/noc-a/bundle.html.age
    sheet:
      description: The path of the sheet.
      type: str
      sample: /srv/inventory/iot_site_secrets/k7/handover/noc-a/sheet.html
"""
