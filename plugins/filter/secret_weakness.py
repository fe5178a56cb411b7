# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secret_weakness filter."""

from __future__ import annotations

from ..plugin_utils.label import weakness

DOCUMENTATION = r"""
name: secret_weakness
short_description: Why a secret could be guessed
version_added: 0.1.0
author:
  - iot_site.checklist contributors (@iot-site)
description:
  - Says what a secret for P(iot_site.checklist.label#filter) should look like, if it does not, without showing it.
options:
  _input:
    description: The secret.
    type: raw
    required: true
seealso:
  - plugin: iot_site.checklist.password_weakness
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Stop before a secret is used that could be guessed
  ansible.builtin.assert:
    that: not (iot_site_secret | iot_site.checklist.secret_weakness)
"""

RETURN = r"""
_value:
  description: What was expected instead, or an empty text when the secret is good.
  type: str
  sample: "a random text of at least 20 characters, e.g. from: openssl rand -base64 24"
"""


class FilterModule:
    """``{{ secret | iot_site.checklist.secret_weakness }}``"""

    def filters(self) -> dict[str, object]:
        return {"secret_weakness": weakness}
