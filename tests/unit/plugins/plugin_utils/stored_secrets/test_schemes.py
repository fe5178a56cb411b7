# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each scheme against vectors that others published, and against text that wants to hurt us."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets import libcrypt, unix
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Store, Stored
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.stores import (
    LONGEST,
    LONGEST_CANDIDATE,
    STORES,
    matches,
    readied,
    scheme_of,
)
from hypothesis import given
from hypothesis import strategies as st

_H = "." * 86

# fmt: off
VECTORS: list[tuple[Store, str, str, str]] = [
    # libxcrypt, test/ka-table.inc; the yescrypt of a shadow file in google/osv-scalibr's tests
    ("shadow", "yescrypt", "abc", "$y$j75$.......$stbr2M6i8w/SU36N/.i6VVEHCMYG2OkDpj/I1wKYZC4"),
    ("shadow", "yescrypt", "Password123", "$y$j9T$huXYrFRxr5.EtlA/GqJQg1$R36Nu5MbY5YM0SzRaWbBPyGpM7KMcWtbUmBq5gDZA9B"),
    # hashcat, the self-test of its module for gost-yescrypt
    ("shadow", "gost-yescrypt", "hashcat",
     "$gy$j9T$HtyOX9cwJ2Dh8LlJV8IJ30$ZCSJt69pE/HLXFfIuxukRc2PlNla.tbqJxUHCp/WHVD"),
    # U. Drepper, SHA-crypt.txt
    ("shadow", "sha512-crypt", "Hello world!",
     "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"),
    ("shadow", "sha512-crypt", "Hello world!",
     "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/"
     "YTBmSK6H9qs/y3RnOaw5v."),
    ("shadow", "sha256-crypt", "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    ("shadow", "sha256-crypt", "the minimum number is still observed",
     "$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC"),
    # passlib's documentation of md5_crypt and des_crypt
    ("shadow", "md5-crypt", "password", "$1$5pZSV9va$azfrPr6af3Fc7dLblQXVa0"),
    ("shadow", "des-crypt", "password", "JQMuyS6H.AGMo"),
    # Openwall, crypt_blowfish, wrapper.c
    ("shadow", "bcrypt", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    # Apache HTTP Server documentation, "Password Formats"
    ("htpasswd", "bcrypt", "myPassword", "$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC"),
    ("htpasswd", "apr1", "myPassword", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"),
    ("htpasswd", "sha", "myPassword", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE="),
    ("htpasswd", "des-crypt", "myPassword", "rqXexS6ZhobKA"),
    # pySSHA-slapd's documentation
    ("nginx", "ssha", "slapdsecret", "{SSHA}w5CJCwNQk44NjTYzcMZNKbE6Bu90viYp"),
    # nginx documentation of auth_basic_user_file: {PLAIN} is followed by the password itself
    ("nginx", "plain", "himawari", "{PLAIN}himawari"),
    # RFC 2617, 3.5: HA1 of its example
    ("htdigest", "htdigest", "Circle Of Life", "Mufasa:testrealm@host.com:939e7578ed9e3c518a452acee763bce9"),
    # mosquitto_passwd 2.0.11
    ("mosquitto", "mosquitto-pbkdf2", "pass",
     "$7$101$H63x9iyS0zYb17zG$skd6MlItwA4FvNzg1H5GFf8ZD2Gr1u2N/KEB9iKhC/nQHlcjPY4eQ6sK1o8GbzifwKfAe/"
     "iN+BlcMm2mTOciOQ=="),
    ("mosquitto", "mosquitto-sha512", "pass",
     "$6$gbcwrsMmwQkHSjog$pYf/R89HQytvO5XfbY18sLMAxL0AUMMOMUzYSvOW2W42oaBAsqmM9E+M9GGQo7+nUxBc2KbuwQO00BDUSCN1vw=="),
    # RFC 3414, A.3.1 and A.3.2
    ("usm", "usm", "maplesyrup", "2:000000000000000000000002:526f5eed9fcce26f8964c2930787d82b"),
    ("usm", "usm", "maplesyrup", "3:000000000000000000000002:6695febc9288e36282235fc7151f128497b38f3f"),
    ("plain", "plain", "ひまわり 2024", "ひまわり 2024"),
]
# fmt: on


@pytest.mark.parametrize(("store", "scheme", "secret", "text"), VECTORS)
def test_a_published_vector_is_verified_and_nothing_else(store: Store, scheme: str, secret: str, text: str) -> None:
    stored = Stored("someone", store, text)
    found = scheme_of(stored)
    assert found and found.name == scheme
    assert matches(stored, secret)
    for other in ("", "x" + secret, secret[1:], secret[:2], "\0", secret + "\0", "x" * 600):
        assert not matches(stored, other)


@pytest.mark.parametrize(("store", "scheme", "secret", "text"), VECTORS)
def test_every_part_of_a_digest_counts(store: Store, scheme: str, secret: str, text: str) -> None:
    changed = text[:-4] + ("b" if text[-4] == "a" else "a") + text[-3:]
    assert not matches(Stored("someone", store, changed), secret)


def test_every_scheme_of_every_store_has_a_vector() -> None:
    named = {scheme.name for schemes in STORES.values() for scheme in schemes}
    assert named - {"empty", "locked"} == {scheme for _store, scheme, _secret, _text in VECTORS}


def test_the_same_text_is_another_scheme_elsewhere() -> None:
    text = next(text for _store, scheme, _secret, text in VECTORS if scheme == "mosquitto-sha512")
    assert scheme_of(Stored("a", "shadow", text)) is None
    assert scheme_of(Stored("a", "htpasswd", "himawari")) is None


def test_des_reads_eight_characters_and_bcrypt_seventy_two_as_on_the_device() -> None:
    assert matches(Stored("a", "shadow", "JQMuyS6H.AGMo"), "password and more")
    kept = unix.bcrypt.hashpw(b"p" * 72, unix.bcrypt.gensalt(4)).decode()
    assert matches(Stored("a", "shadow", kept), "p" * 80)


@pytest.mark.parametrize("text", ["!", "*", "!!", "!*", "!$6$saltstring$svn8", "*LK*"])
def test_a_locked_account_has_no_password(text: str) -> None:
    stored = Stored("a", "shadow", text)
    assert readied(stored).scheme.state == "locked"
    assert not matches(stored, text) and not matches(stored, "")


def test_what_a_careful_administrator_chooses_is_checked() -> None:
    for text in ("$2b$14$" + "." * 53, "$y$jDT$salt$" + "." * 43, f"$6$rounds=656000$salt${_H}"):
        assert readied(Stored("a", "shadow", text)).cost > 100_000


def test_an_empty_entry_is_opened_by_nothing_typed() -> None:
    stored = Stored("a", "shadow", "")
    assert readied(stored).scheme.state == "empty"
    assert matches(stored, "") and not matches(stored, "a")


TOO_COSTLY = [
    ("shadow", f"$6$rounds=999999999$salt${_H}"),
    ("shadow", f"$5$rounds=9999999999$salt${_H[:43]}"),
    ("shadow", "$2b$31$" + "." * 53),
    ("shadow", "$2b$99$" + "." * 53),
    ("shadow", "$y$jjj$salt$" + "." * 43),
    ("shadow", "$y$jFT$salt$" + "." * 43),  # 1.3 s, but 1 GiB
    ("shadow", "$gy$jGT$salt$" + "." * 43),
    ("mosquitto", f"$7$1000000000$c2FsdHNhbHQ=${'A' * 86}=="),
]


@pytest.mark.parametrize(("store", "text"), TOO_COSTLY)
def test_what_would_keep_us_busy_is_told_before_anything_is_tried(store: Store, text: str) -> None:
    with pytest.raises(Unreadable, match="too costly"):
        readied(Stored("a", store, text))


UNKNOWN = [
    ("shadow", "x", ""),
    ("shadow", "$6$" + "a" * 10_000, ""),
    ("shadow", f"$6$salt$\0{_H[1:]}", ""),
    ("shadow", f"$6$salt${_H}\n", ""),
    ("shadow", "\udcff\udcfe", ""),
    ("shadow", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "argon2"),
    ("shadow", "$2x$05$" + "." * 53, "2x"),
    ("shadow", "$y$jD5.7$LdJMENpBABJJ3hIHjB1Bi.$" + "." * 43, "parameters of its own"),
    ("shadow", "$y$j..$salt$" + "." * 43, "refuses"),
    ("shadow", f"$6$rounds=0001000$salt${_H}", "refuses"),
    ("shadow", "$2b$00$" + "." * 53, "refuses"),
    ("shadow", "$2b$04$abcdefghijklmnopqrstuv" + "." * 31, "refuses"),
    ("htpasswd", "{SSHA}AAAA", "refuses"),
    ("htpasswd", "{SSHA}" + "A" * 27 + "=", "refuses"),
    ("htpasswd", "himawari", ""),
    ("mosquitto", f"$6$c2FsdA$aaa${'A' * 86}==", ""),
    ("mosquitto", f"$6$AAAAA${'A' * 86}==", "refuses"),
    ("mosquitto", "", ""),
    ("usm", "3:8000:" + "0" * 40, ""),
    ("usm", f"2:8000000001:{'0' * 64}", "refuses"),
    ("usm", "9:8000000001:" + "0" * 40, ""),
    ("plain", "a" * 10_000, "more than"),
    ("plain", "admin\0padding", "NUL"),
    ("nginx", "{PLAIN}admin\0padding", "NUL"),
    ("htdigest", f"admin:r\0:{'0' * 32}", "NUL"),
]


@pytest.mark.parametrize(("store", "text", "said"), UNKNOWN)
def test_what_we_cannot_check_is_unknown_and_is_not_quoted(store: Store, text: str, said: str) -> None:
    with pytest.raises(Unreadable) as told:
        matches(Stored("a", store, text), "candidate")
    assert said in str(told.value) and told.value.__cause__ is None
    assert not text or text not in str(told.value) or text == "x"


_PIECES = [
    "$1$",
    "$2b$",
    "$5$",
    "$6$",
    "$7$",
    "$y$",
    "$gy$",
    "j9T$",
    "10$",
    "{SHA}",
    "{SSHA}",
    "{PLAIN}",
    "rounds=",
    "=",
]


@given(
    st.sampled_from(sorted(STORES)),
    st.lists(st.sampled_from(_PIECES) | st.text(max_size=90) | st.from_regex(r"[./0-9A-Za-z]{0,90}", fullmatch=True)),
    st.text(max_size=LONGEST_CANDIDATE),
)
def test_no_text_breaks_it(store: Store, pieces: list[str], candidate: str) -> None:
    stored = Stored("a", store, "".join(pieces))
    try:
        assert matches(stored, candidate) in (True, False)
    except Unreadable as told:
        assert len(stored.text) < 12 or stored.text not in str(told)
    assert stored.text not in repr(stored) or len(stored.text) < 12


@given(
    st.one_of(
        *(
            st.from_regex(pattern, fullmatch=True)
            for pattern in (
                r"\$2[aby]\$04\$[./0-9A-Za-z]{53}",
                r"\$6\$rounds=1000\$[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{86}",
                r"\$1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}",
                r"\$y\$j[./0-5][./0-5]\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}",
                r"[./0-9A-Za-z]{13}",
            )
        )
    )
)
def test_what_looks_right_and_is_not_never_matches(text: str) -> None:
    """Also what a native library does with salts that are none: it must not take the whole process with it."""
    try:
        assert not matches(Stored("a", "shadow", text), "candidate")
    except Unreadable as told:
        assert "refuses" in str(told)


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unix, "MISSING", "passlib is missing")
    monkeypatch.setattr(unix, "BCRYPT_MISSING", "bcrypt is missing")
    monkeypatch.setattr(libcrypt, "_NAMES", ("libcrypt.so.of-nobody",))
    libcrypt._crypt_rn.cache_clear()
    try:
        for scheme, why in {
            "yescrypt": "libxcrypt",
            "sha512-crypt": "passlib",
            "bcrypt": "bcrypt",
            "apr1": "passlib",
        }.items():
            store, _scheme, secret, text = next(vector for vector in VECTORS if vector[1] == scheme)
            with pytest.raises(Unreadable, match=f"{scheme}: .*{why}"):
                matches(Stored("a", store, text), secret)
    finally:
        libcrypt._crypt_rn.cache_clear()


def test_the_longest_text_that_is_read_is_read() -> None:
    assert matches(Stored("a", "plain", "a" * LONGEST_CANDIDATE), "a" * LONGEST_CANDIDATE)
    assert not matches(Stored("a", "plain", "a" * LONGEST), "a")
