# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password_weakness filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleFilterError

from ..plugin_utils.password_weakness import weaknesses

DOCUMENTATION = r"""
name: password_weakness
short_description: Why somebody who knows the site would guess a password
version_added: 0.2.0
author:
  - iot_site.checklist contributors (@iot-site)
description:
  - Judges a password as somebody would guess it who knows the site.
  - A word is found in any case, from behind, with digits, years, signs or separators around it or in it, in leet,
    in kana, in full width, and in romaji however it is spelt (C(jousui), C(josui), C(jyousui), C(zyousui)).
  - The password is judged by its first 128 characters. No part of it is in the result, nor in an error message.
options:
  _input:
    description:
      - The password, as a text. In YAML, put one that looks like a number between quotes.
    type: str
    required: true
  words:
    description:
      - The site's own words, such as its facility, town, label, vendors, models, serials and people, in any script.
      - Parts of a name are found, too, and its initials. Kanji are read only where they name a kind of facility
        or a direction, so give proper names in kana or romaji as well.
    type: list
    elements: str
    default: []
  user:
    description: The name of the account that the password is for.
    type: str
    default: ""
seealso:
  - plugin: iot_site.checklist.secret_weakness
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Stop before a password is set that the neighbours would guess
  ansible.builtin.assert:
    that: panel_password | iot_site.checklist.password_weakness(words=iot_site_words, user='operator') | length == 0
    quiet: true
  no_log: true

- name: Say what is wrong with it, without showing it
  ansible.builtin.debug:
    msg: "{{ 'kkk-jyousui2024' | iot_site.checklist.password_weakness(words=['KKK浄水場', 'RTX1210']) }}"
"""

RETURN = r"""
_value:
  description:
    - The reasons why the password is weak, always in this order. Empty when it is strong.
    - V(empty), there is none, or only spaces.
    - V(short), it has fewer than 8 characters.
    - V(user), it is made from the name of its own account.
    - V(factory), it is made from a password that devices are shipped with, or a hardware address.
    - V(common), it is made from a password that everybody tries first.
    - V(site_word), it is made from one of O(words).
    - V(word), it is made from an ordinary word or name, or from any word in romaji.
    - V(number), it is made from a year, a date or a telephone number.
    - V(pattern), it is made from keys in a row or a repetition.
    - V(guessable), nothing of this, but it has too few characters for what they are.
  type: list
  elements: str
  sample: ["site_word", "number"]
"""


_CALLED = ((str, "a text"), (bool, "true or false"), (int | float, "a number (put it between quotes)"),
           (type(None), "nothing"), (Mapping, "a mapping"), (Sequence, "a list"))  # fmt: skip


def _refused(what: str, expected: str, value: object) -> AnsibleFilterError:
    """What is wrong, by its kind only: the value may be a password."""
    got = next((name for kind, name in _CALLED if isinstance(value, kind)), "something else")
    return AnsibleFilterError(f"iot_site.checklist.password_weakness: {what} must be {expected}, not {got}")


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise _refused(what, "a text", value)
    return value


def _password_weakness(password: object, words: object = (), user: object = "") -> list[str]:
    if not isinstance(words, Sequence) or isinstance(words, str | bytes):
        raise _refused("words", "a list of texts", words)
    site = [_text(word, f"word {number} of words") for number, word in enumerate(words, 1)]
    return list(weaknesses(_text(password, "the password"), site, _text(user, "user")))


class FilterModule:
    """``{{ password | iot_site.checklist.password_weakness(words=[...], user='x') }}``"""

    def filters(self) -> dict[str, object]:
        return {"password_weakness": _password_weakness}
