# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys that a real snmpd wrote, by the passwords that it was given."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets import usm
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.stores import matches, readied

WRITTEN = (Path(__file__).parent / "captures" / "snmpd.conf").read_text(encoding="utf-8")
PRIVACY = {"bob": "otherpass1", "frank": "priv secret", "gina smith": "privsecret"}
USERS = usm.users(WRITTEN)


def test_every_user_and_every_key_is_seen() -> None:
    both = ["alice", "bob", "carol", "dave", "frank", "gina smith", "hana", "ivan"]
    assert sorted((user.account, user.part) for user in USERS) == sorted(
        [
            *((name, part) for name in both for part in ("authentication", "privacy")),
            ("erin", "authentication"),
            ("nobody2", "authentication"),
        ]
    )


@pytest.mark.parametrize("stored", [one for one in USERS if one.account != "nobody2"], ids=str)
def test_a_key_is_opened_by_its_password(stored: usm.Stored) -> None:
    secret = PRIVACY.get(stored.account, "himawari2024") if stored.part == "privacy" else "himawari2024"
    assert matches(stored, secret)
    assert not any(matches(stored, other) for other in ("himawari2025", "private1", "", "privsecre"))


def test_a_user_without_authentication_has_no_secret() -> None:
    (stored,) = (one for one in USERS if one.account == "nobody2")
    assert readied(stored).scheme.state == "empty"


def test_a_name_in_hexadecimal_is_read() -> None:
    line = next(line for line in WRITTEN.split("\n") if '"alice"' in line)
    assert {one.account for one in usm.users(line.replace('"alice"', "0x616c696365"))} == {"alice"}
    assert {one.account for one in usm.users(line.replace('"alice"', '"a\\"b"'))} == {'a"b'}


@pytest.mark.parametrize(
    "line",
    [
        "usmUser 1 3",
        'usmUser 1 3 0x8000 "a" "a" NULL .1.3.6.1.6.3.10.1.1.3 0x00 .1.3.6.1.6.3.10.1.2.1 "" ""',
        'usmUser 1 3 0x80001f8880 "a" "a" NULL .1.3.6.1.4.1.1 0x' + "0" * 40 + ' .1.3.6.1.6.3.10.1.2.1 "" ""',
        'usmUser 1 3 0x80001f8880 "a" "a" NULL .1.3.6.1.6.3.10.1.1.3 "" .1.3.6.1.6.3.10.1.2.1 "" ""',
        'usmUser 1 3 0x80001f8880 "' + "a" * 5000 + '" "a" NULL .1.3.6.1.6.3.10.1.1.1 "" .1.3.6.1.6.3.10.1.2.1 "" ""',
    ],
    ids=["cut", "engine", "protocol", "no key", "long"],
)
def test_a_line_that_is_not_understood_is_an_unknown(line: str) -> None:
    (stored,) = usm.users(line)
    with pytest.raises(Unreadable):
        matches(stored, "himawari2024")
