# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of a host, collected for the actions: in Python, since every worker would have to compile the
templates that say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError

from .label import weakness
from .outside.wanted import GROUP

#: Key of the dictionary: each stands for the variable ``iot_site_<key>``.
_KEYS = (
    "stakeholders", "authorised", "vpns", "management_sources", "source_max_addresses", "exposure", "waivers",
    "published", "enforced_by", "words", "label", "unsaved", "guard_seconds", "vantages", "outside_addresses",
    "outside_names", "ipv6_attested",
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
        "vantage_hosts": [str(name) for name in variables["groups"].get(GROUP, ())],
        "label_problem": weakness(secret) if secret else "",
    }


def _gateways(found: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    """The inventory hosts that this one names; what is no list of services is for preflight to complain about."""
    published = found["published"] if isinstance(found["published"], list) else [found["published"]]
    named = [found["enforced_by"], *(each.get("via") for each in published if isinstance(each, Mapping))]
    known = frozenset(variables["groups"]["all"])
    yield from dict.fromkeys(str(name) for name in named if isinstance(name, str) and name in known)


def rendered(templar: Any, variables: Mapping[str, Any]) -> Callable[[str], Any]:
    """A variable of the host by its name, with its templates rendered; None where the host has none."""

    def said(name: str) -> Any:
        try:
            return templar.template(variables.get(name))
        except AnsibleError as error:
            raise AnsibleError(f"The variable {name} cannot be told: {error}") from error

    return said
