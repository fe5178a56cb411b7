# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credential lookup."""

from __future__ import annotations

DOCUMENTATION = r"""
name: credential
short_description: The secret of a person on a device
version_added: 0.2.0
author:
  - iot_site.checklist contributors (@iot-site)
description:
  - Reads the secret that the site's store holds for a person on a device.
  - The store of this collection is one file for each person and device, encrypted with the vault secret of the run
    (C(--vault-id), C(--vault-password-file)). Two other stores are used through the lookups of their collections.
  - No error message holds a secret, nor the words of another program that could hold one.
options:
  _terms:
    description: The people, by the names that C(iot_site_people) gives them.
    type: list
    elements: str
    required: true
  device:
    description: The inventory name of the device. The host itself when not given.
    type: str
    vars:
      - name: inventory_hostname
  site:
    description: The id of the site that the device belongs to. Taken from C(iot_site_id).
    type: str
    default: ""
    vars:
      - name: iot_site_id
  site_directory:
    description:
      - The directory of the site, for O(store=embedded). The files are C(credentials/<device>/<person>.yml) in it.
      - Taken from C(iot_site_directory). By default C(iot_site_secrets/<site>) beside the inventory.
      - A name that does not do as a file's name, such as a Japanese one, is replaced by a digest of it.
    type: str
    default: ""
    vars:
      - name: iot_site_directory
  store:
    description:
      - Where the secret is kept. Taken from C(iot_site_credential_store).
      - V(embedded) is the store of this collection.
      - V(passwordstore) is C(pass), read by P(community.general.passwordstore#lookup). The active secret is the first
        line of an entry. The line that begins with C(iot_site:) is what this collection knows of it, once it has
        generated one.
      - V(hashi_vault) is a KV version 2 engine of HashiCorp Vault or OpenBao, read by
        P(community.hashi_vault.vault_kv2_get#lookup). The active secret is the field C(password), what this collection
        knows of it the field C(iot_site).
      - These two keep it under C(iot_site/<site>/<device>/<person>). Their own variables say where they are. A secret
        that somebody has set there by hand is the active one.
    type: str
    choices:
      - embedded
      - passwordstore
      - hashi_vault
    default: embedded
    vars:
      - name: iot_site_credential_store
  version:
    description:
      - Which of the secrets that the store knows. An entry that was made by hand in another store has only V(active).
      - V(active) is the one that the device was last seen to take.
      - V(pending) was stored before it is set on the device. A run that was cut short leaves one.
      - V(previous) is the one before. A device that goes back to an older configuration takes it again.
    type: str
    choices:
      - active
      - pending
      - previous
    default: active
seealso:
  - plugin: community.general.passwordstore
    plugin_type: lookup
  - plugin: community.hashi_vault.vault_kv2_get
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Log in as the operator whose secret the store holds, whatever it is by now
  ansible.builtin.ping:
  vars:
    ansible_user: ops
    ansible_password: "{{ lookup('iot_site.checklist.credential', 'ops') }}"

- name: Give the secret of another device to a program that needs it
  ansible.builtin.command:
    argv: [cat]
    stdin: "{{ lookup('iot_site.checklist.credential', 'ops', device='k7-panel', version='previous') }}"
  changed_when: false
  no_log: true
"""

RETURN = r"""
_raw:
  description: The secret of each person, in the order of the names. Use C(no_log) where a task would show it.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..plugin_utils.credential_store.lookups import HostLookups
from ..plugin_utils.credential_store.store import Store
from ..plugin_utils.credential_store.unusable import Unusable
from ..plugin_utils.display import show
from ..plugin_utils.site_directory import site_directory
from ..plugin_utils.site_store import site_store

_NAME = 80  # characters of a name in a message
_UNFINISHED = ", but a pending one: the run that made it was cut short, and running it again brings it to its end"


class LookupModule(LookupBase):
    """``lookup('iot_site.checklist.credential', 'ops', device='k7-panel')``"""

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[str]:
        known = variables or {}
        self.set_options(var_options=known, direct=kwargs)
        people = [_name(term) for term in terms]
        try:
            store = self._store(known)
            return [_secret(store, self._device(), person, self._told("version")) for person in people]
        except Unusable as error:
            raise AnsibleLookupError(str(error)) from None

    def _store(self, variables: Mapping[str, Any]) -> Store:
        name, site = self._told("store"), self._told("site")
        sources = [str(source) for source in variables.get("ansible_inventory_sources") or ()]
        directory = site_directory(self._told("site_directory"), sources, site)
        return site_store(name, directory, site, HostLookups(self._loader, self._templar, variables))

    def _device(self) -> str:
        device = self._told("device")
        if not device:
            raise AnsibleLookupError("Whose device is it? Give device, the inventory name of a host")
        return device

    def _told(self, option: str) -> str:
        """An option; one that comes from a variable has its templates still."""
        return str(self._templar.template(self.get_option(option)) or "")


def _name(term: object) -> str:
    if not isinstance(term, str) or not term:
        raise AnsibleLookupError("A person is named by a text, as in iot_site_people")
    return str(term)


def _secret(store: Store, device: str, person: str, version: str) -> str:
    record = store.record(device, person)
    owner = show(str(record.owner), _NAME)
    if record.retired:
        raise AnsibleLookupError(f"The credential of {owner} was retired at {record.retired}")
    credential = {"active": record.active, "pending": record.pending, "previous": record.previous}[version]
    if credential is None:
        more = _UNFINISHED if record.pending else ""
        where = store.where(device, person)
        raise AnsibleLookupError(f"There is no {version} credential of {owner} at {where}{more}")
    return credential.secret.reveal()
