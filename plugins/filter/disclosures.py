# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disclosures filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils.disclosure import disclosures

DOCUMENTATION = r"""
name: disclosures
short_description: What a text gives away of a facility, a region, a device or a version
version_added: 0.2.0
author:
  - iot_site.checklist contributors (@iot-site)
description:
  - Finds what item B1 of the IoT device checklist wants hidden from whoever has not logged in.
  - Names are found in Japanese, English, romaji however it is spelt, kana of any width, host names,
    percent-encoding, entities and punycode.
  - An empty list says that nothing known was found, and not that the text names nothing.
  - The first 20,000 characters are read.
options:
  _input:
    description: The text, as a visitor sees it.
    type: str
    required: true
  surface:
    description:
      - Where the text is met, such as V(html_title).
      - In V(hostname) and V(sysname) short forms such as C(sw) and C(gw) are devices; elsewhere this changes nothing.
    type: str
    default: ""
  known:
    description: The owner's own words, such as the names of the site and its facilities, in any script.
    type: list
    elements: str
    default: []
seealso:
  - plugin: iot_site.checklist.password_weakness
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what a title gives away
  ansible.builtin.debug:
    msg: "{{ 'KKK浄水場 RTX830 Rev.15.02' | iot_site.checklist.disclosures(surface='html_title', known=['KKK']) }}"

- name: Stop before a host gets a name that tells where it stands
  ansible.builtin.assert:
    that: new_name | iot_site.checklist.disclosures(surface='hostname', known=iot_site_words) | length == 0
    quiet: true
"""

RETURN = r"""
_value:
  description: What was found, in the order of the text.
  type: list
  elements: dict
  contains:
    category:
      description: V(facility), V(region), V(device) or V(version).
      type: str
      sample: facility
    kind:
      description:
        - Of a facility V(own) for one of O(known), or which kind of site it is, such as V(water) or V(medical).
        - Of a region V(prefecture), V(municipality), V(area) or V(address).
        - Of a device V(vendor), V(model), V(class) or V(software).
        - Of a version V(number).
      type: str
      sample: water
    match:
      description: The characters of the text.
      type: str
      sample: 浄水場
    span:
      description: Where they begin, and the place after them, counted in characters from 0.
      type: list
      elements: int
      sample: [3, 6]
    confidence:
      description: How sure the rule is, from 0 to 1. The owner's own words have 1.
      type: float
      sample: 0.9
"""


def _disclosures(text: object, surface: object = "", known: object = ()) -> list[dict[str, Any]]:
    if isinstance(known, str | bytes) or not isinstance(known, Sequence):
        raise _refused("known", "a list of texts", known)
    words = [_text(word, f"word {number} of known") for number, word in enumerate(known, 1)]
    return [one.as_json() for one in disclosures(_text(text, "the text"), words, _text(surface, "surface"))]


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise _refused(what, "a text", value)
    return value


def _refused(what: str, expected: str, value: object) -> AnsibleFilterError:
    return AnsibleFilterError(f"iot_site.checklist.disclosures: {what} must be {expected}, not {type(value).__name__}")


class FilterModule:
    """``{{ title | iot_site.checklist.disclosures(surface='html_title', known=[...]) }}``"""

    def filters(self) -> dict[str, object]:
        return {"disclosures": _disclosures}
