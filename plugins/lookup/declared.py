# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declared lookup: in Python, since every worker would have to compile the templates that say the same."""

from __future__ import annotations

DOCUMENTATION = r"""
name: declared
short_description: What the inventory wants of a host, as the one argument of the control modules
version_added: 0.2.0
author:
  - iot_site.checklist contributors (@iot-site)
description:
  - Collects the C(iot_site_*) variables of the host into the dictionary that the control modules take, such as
    O(iot_site.checklist.ip_allowlist#module:declared). The role P(iot_site.checklist.iot_site#role) calls it for
    C(iot_site_declared), so there is rarely a reason to call it elsewhere.
  - Every variable whose name begins with C(iot_site_people) is a part of it.
  - The secret itself is left behind. Only what is wrong with it is told.
"""

EXAMPLES = r"""
- name: Show what the inventory wants of this host
  ansible.builtin.debug:
    msg: "{{ lookup('iot_site.checklist.declared') }}"
"""

RETURN = r"""
_raw:
  description: One dictionary. Its keys are the suboptions of O(iot_site.checklist.ip_allowlist#module:declared).
  type: list
  elements: dict
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.plugins.lookup import LookupBase

from ..plugin_utils.label import weakness

#: Key of the dictionary: each stands for the variable ``iot_site_<key>``.
_KEYS = (
    "stakeholders", "authorised", "vpns", "management_sources", "source_max_addresses", "exposure", "waivers",
    "published", "enforced_by", "words", "label", "unsaved", "guard_seconds",
)  # fmt: skip
_PEOPLE = "iot_site_people"


def declared(variables: Mapping[str, Any], said: Callable[[str], Any]) -> dict[str, Any]:
    """``said`` gives a variable of the host with its templates rendered."""
    found = {key: said(f"iot_site_{key}") for key in _KEYS}
    gateways = list(_gateways(found, variables))
    secret = said("iot_site_secret")
    return {
        **found,
        "site": said("iot_site_id"),
        "people": {name: said(name) for name in sorted(variables) if name.startswith(_PEOPLE)},
        "gateway_sites": {name: variables["hostvars"][name].get("iot_site_id", "") for name in gateways},
        "gateway_enforcers": {name: variables["hostvars"][name].get("iot_site_enforced_by", "") for name in gateways},
        "label_problem": weakness(secret) if secret else "",
    }


def _gateways(found: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    """The inventory hosts that this one names; what is no list of services is for preflight to complain about."""
    published = found["published"] if isinstance(found["published"], list) else [found["published"]]
    named = [found["enforced_by"], *(each.get("via") for each in published if isinstance(each, Mapping))]
    known = frozenset(variables["groups"]["all"])
    yield from dict.fromkeys(str(name) for name in named if isinstance(name, str) and name in known)


class LookupModule(LookupBase):
    """``{{ lookup('iot_site.checklist.declared') }}``"""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        given = variables or {}
        return [declared(given, lambda name: self._templar.template(given.get(name)))]
