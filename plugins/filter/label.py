# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The label filter."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ..plugin_utils.label import label

DOCUMENTATION = r"""
name: label
short_description: The opaque symbol of a device
version_added: 0.1.0
author:
  - iot_site.checklist contributors (@iot-site)
description:
  - Derives a short symbol from the site's secret, its id and the host's name (HMAC-SHA256).
  - The same input gives the same symbol at every run. Without the secret nobody can tell what it stands for.
  - It holds no characters that are mistaken for others on a screen or over the telephone.
positional: site, host
options:
  _input:
    description:
      - The secret, from a vault. At least 20 random characters, 10 of them different.
    type: str
    required: true
  site:
    description: The id of the site.
    type: str
    required: true
  host:
    description: The inventory name of the host.
    type: str
    required: true
seealso:
  - plugin: iot_site.checklist.secret_weakness
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the label of every host to the people who may know it
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }} = {{ iot_site_secret | iot_site.checklist.label(iot_site_id, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: The symbol.
  type: str
  sample: K-7Q3MXAW
"""


def _label(secret: str, site: str, host: str) -> str:
    try:
        return label(str(secret), str(site), str(host))
    except ValueError as error:
        raise AnsibleFilterError(f"iot_site.checklist.label: {error}") from error


class FilterModule:
    """``{{ secret | iot_site.checklist.label(site, host) }}``"""

    def filters(self) -> dict[str, object]:
        return {"label": _label}
