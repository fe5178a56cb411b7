# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device would store of any password is opened by that password and by no other."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import passlib.hash
import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets import libcrypt, unix, usm
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Store, Stored
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.stores import matches
from hypothesis import assume, given, settings
from hypothesis import strategies as st

_CRYPT = libcrypt._crypt_rn()
_PASSWORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)


def _by_libcrypt(setting: str) -> Callable[[str], str]:
    def make(password: str) -> str:
        assert _CRYPT, libcrypt.missing()
        room = libcrypt.ctypes.create_string_buffer(1 << 16)
        made = _CRYPT(password.encode(), setting.encode(), room, 1 << 16)
        assert made
        return made.decode()

    return make


def _bcrypt(password: str) -> str:
    return unix.bcrypt.hashpw(password.encode()[:72], unix.bcrypt.gensalt(4)).decode()


def _mosquitto(password: str) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), b"salt of 12 b", 101)
    return f"$7$101${base64.b64encode(b'salt of 12 b').decode()}${base64.b64encode(digest).decode()}"


def _digest(password: str) -> str:
    return "user:a realm: with a colon:" + hashlib.sha256(f"user:a realm: with a colon:{password}".encode()).hexdigest()


def _usm(password: str) -> str:
    """As RFC 3414 A.2.1 has it: 64 bytes at a time."""
    typed, engine = password.encode(), bytes.fromhex("80001f8880")
    hashed = hashlib.sha256()
    for start in range(0, 1 << 20, 64):
        hashed.update(bytes(typed[place % len(typed)] for place in range(start, start + 64)))
    master = hashed.digest()
    return f"5:{engine.hex()}:{hashlib.sha256(master + engine + master).hexdigest()}"


#: By scheme: the place, how it is made, how many bytes of the password it reads.
_MAKERS: dict[str, tuple[Store, Callable[[str], str], int]] = {
    "yescrypt": ("shadow", _by_libcrypt("$y$j75$salt"), 511),
    "gost-yescrypt": ("shadow", _by_libcrypt("$gy$j75$salt"), 511),
    "sha512-crypt": ("shadow", _by_libcrypt("$6$rounds=1000$salt"), 511),
    "sha256-crypt": ("shadow", _by_libcrypt("$5$rounds=1000$salt"), 511),
    "md5-crypt": ("shadow", _by_libcrypt("$1$salt"), 511),
    "bcrypt": ("htpasswd", _bcrypt, 72),
    "bcrypt of libcrypt": ("shadow", _by_libcrypt("$2a$04$abcdefghijklmnopqrstuu"), 72),
    "apr1": ("htpasswd", passlib.hash.apr_md5_crypt.hash, 511),
    "sha": ("htpasswd", passlib.hash.ldap_sha1.hash, 511),
    "ssha": ("nginx", passlib.hash.ldap_salted_sha1.hash, 511),
    "plain": ("nginx", "{{PLAIN}}{}".format, 511),
    "htdigest": ("htdigest", _digest, 511),
    "mosquitto-pbkdf2": ("mosquitto", _mosquitto, 511),
}


@pytest.mark.parametrize("maker", _MAKERS)
@settings(max_examples=25)
@given(_PASSWORDS, _PASSWORDS)
def test_it_opens_what_was_made_of_it_and_nothing_else(maker: str, password: str, other: str) -> None:
    store, make, reads = _MAKERS[maker]
    assume(password.encode()[:reads] != other.encode()[:reads])
    stored = Stored("a", store, make(password))
    assert matches(stored, password)
    assert not matches(stored, other)


@settings(max_examples=25)
@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=12))
def test_des_reads_no_more_than_eight_characters(password: str) -> None:
    stored = Stored("a", "shadow", _by_libcrypt("ab")(password))
    assert matches(stored, password[:8] + "whatever" if len(password) >= 8 else password)
    assert not matches(stored, "?" + password) or password[:8] == ("?" + password)[:8]


@settings(max_examples=5, deadline=None)
@given(_PASSWORDS, _PASSWORDS)
def test_a_localized_key_is_made_as_the_rfc_says(password: str, other: str) -> None:
    assume(password.encode() not in other.encode() and other.encode() not in password.encode())
    stored = Stored("a", "usm", _usm(password))
    assert matches(stored, password) and not matches(stored, other)


@given(
    st.text(max_size=200), st.lists(st.sampled_from(['"', "usmUser ", "\\", " ", "0x", "\n", ".1.3.6.1.6.3.10.1.1.3"]))
)
def test_no_file_of_snmpd_breaks_the_reading_of_users(text: str, pieces: list[str]) -> None:
    for line in (text, "usmUser " + text, "usmUser " + "".join(pieces) + text):
        lines = [one for one in line.split("\n") if one.startswith("usmUser ")]
        assert len(usm.users(line)) >= len(lines), "a user that is not understood must not vanish"
