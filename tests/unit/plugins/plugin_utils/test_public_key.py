# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public keys of people: what is well-formed is taken as it is, what is mistyped or private is refused unseen."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils import public_key
from ansible_collections.iot_site.checklist.plugins.plugin_utils.problems import Expected
from hypothesis import given
from hypothesis import strategies as st

#: The recipients that the README of age shows.
RECIPIENTS = (
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
)
BLOCK = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZW==\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----"
PRIVATE = BLOCK.replace("PUBLIC", "PRIVATE")

#: ``gpg --with-colons --show-keys`` of GnuPG 2.2.40, of keys made for this.
GOOD = """\
pub:-:3072:1:C9F5C769A22FCB38:1795946996:1859018996::-:::scESC::::::23::0:
fpr:::::::::18C9734A48130CD76414C79FC9F5C769A22FCB38:
uid:-::::1795946996::AFD73490C992BB466BD3037D10005A151467A3D4::a@example.org::::::::::0:
sub:-:3072:1:E600A4E1430A8782:1795946996::::::e::::::23:
fpr:::::::::ECD69B919C7F81140149375AE600A4E1430A8782:
"""
SIGNS_ONLY = """\
pub:-:255:22:44D478FACFF47478:1795946998:1859018998::-:::scSC:::::ed25519:::0:
fpr:::::::::F94CCC1E9A27983EBEFBE7D944D478FACFF47478:
uid:-::::1795946998::460265121CE338A3F42C01789C9DD85D55704D08::s@example.org::::::::::0:
"""
EXPIRED = """\
pub:e:3072:1:AB5E8530BBFBF4B4:1577836800:1577923200::-:::sc::::::23::0:
fpr:::::::::7820A6316D59BEE62D35E4B5AB5E8530BBFBF4B4:
sub:e:3072:1:0794B62E2044D19C:1577836800::::::e::::::23:
fpr:::::::::B083239FBDDFCC6320A61AF90794B62E2044D19C:
"""
PART_EXPIRED = """\
pub:-:255:22:26C4F8F509B84D94:1577836800:::-:::scSC:::::ed25519:::0:
fpr:::::::::85D1E758CFFFA07A2829F36726C4F8F509B84D94:
sub:e:255:18:3835AD674F6894DC:1577836800:1577923200:::::e:::::cv25519::
fpr:::::::::F0035357F984FAE03C07637B3835AD674F6894DC:
"""
REVOKED = """\
pub:r:3072:1:238A057483C68FAA:1795947001:1859019001::-:::sc::::::23::0:
fpr:::::::::56D612FEA1B3F37D641CF088238A057483C68FAA:
"""


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_a_recipient_of_age_is_taken_with_the_space_around_it(recipient: str) -> None:
    assert public_key.age(f" {recipient}\n") == recipient


@given(st.sampled_from(RECIPIENTS), st.integers(4, 61), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_one_mistyped_character_is_found(recipient: str, place: int, char: str) -> None:
    mistyped = recipient[:place] + char + recipient[place + 1 :]
    if mistyped != recipient:
        with pytest.raises(Expected):
            public_key.age(mistyped)


@given(st.sampled_from(RECIPIENTS), st.integers(4, 60))
def test_two_neighbours_that_changed_places_are_found(recipient: str, place: int) -> None:
    swapped = recipient[:place] + recipient[place + 1] + recipient[place] + recipient[place + 2 :]
    if swapped != recipient:
        with pytest.raises(Expected):
            public_key.age(swapped)


@pytest.mark.parametrize(
    "value",
    [
        "", 7, None, [RECIPIENTS[0]], RECIPIENTS[0].upper(), RECIPIENTS[0][:-1], f"{RECIPIENTS[0]} {RECIPIENTS[1]}",
        "AGE-SECRET-KEY-1" + "Q" * 58, "age1yubikey1q", "ssh-ed25519 AAAA", "--recipient", BLOCK,
    ],
)  # fmt: skip
def test_what_is_no_recipient_of_age_is_refused(value: Any) -> None:
    with pytest.raises(Expected, match="age-keygen"):
        public_key.age(value)


def test_a_block_is_taken_whatever_its_line_ends() -> None:
    assert public_key.gpg(BLOCK.replace("\n", "\r\n") + "\r\n\r\n") == BLOCK + "\n"


@pytest.mark.parametrize(
    "value",
    ["", 7, None, "keys/ops.asc", "85D1E758CFFFA07A2829F36726C4F8F509B84D94", PRIVATE, f"{BLOCK}\n{BLOCK}",
     f"{BLOCK}\n{PRIVATE}", BLOCK[:-5], f"x{BLOCK}", BLOCK.replace("\n\n", "\n\n" + "A" * (1 << 16)), RECIPIENTS[0]],
)  # fmt: skip
def test_what_is_not_one_public_block_is_refused(value: Any) -> None:
    with pytest.raises(Expected, match="never a private key"):
        public_key.gpg(value)


def test_the_fingerprint_is_that_of_the_key_not_of_a_part_of_it() -> None:
    assert public_key.fingerprint(GOOD) == "18C9734A48130CD76414C79FC9F5C769A22FCB38"


@pytest.mark.parametrize(
    ("listing", "why"),
    [
        (EXPIRED, "this one has expired"),
        (REVOKED, "this one was revoked"),
        (SIGNS_ONLY, "this one has no part"),
        (PART_EXPIRED, "this one has no part, or none that has not expired"),
        ("", "one public key that this gpg can read"),
        (GOOD + REVOKED, "one public key"),
        ("pub:-\nfpr\n", "one public key"),
    ],
)
def test_a_key_that_nothing_can_be_encrypted_to_is_refused_with_the_reason(listing: str, why: str) -> None:
    with pytest.raises(Expected, match=why):
        public_key.fingerprint(listing)


@given(st.text())
def test_no_listing_is_an_accident(listing: str) -> None:
    with pytest.raises(Expected):
        public_key.fingerprint(listing)
