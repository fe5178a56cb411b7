# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of a secret is opened by it and by nothing else, in the strongest scheme that a device takes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.made_secret import (
    PLACES,
    made_passphrase,
    made_secret,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets import libcrypt, unix, usm
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.making import WAYS, made, usm_key
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Store, Stored
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.stores import (
    STORES,
    opens,
    readied,
    scheme_of,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.once

ALL = [(store, way.scheme) for store, ways in WAYS.items() for way in ways]
ENGINE = bytes.fromhex("80001f88803e7cc15194900b6b00000000")
_TYPED = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=18)  # 72 bytes at most
_SECRETS = st.builds(made_secret, st.sampled_from(list(PLACES.values()))) | st.builds(
    made_passphrase, st.just(PLACES["shadow"])
)


def _near(secret: str) -> set[str]:
    """What is not the secret, and looks like it."""
    return {secret[:-1], secret[1:], secret + "\n", " " + secret, secret.swapcase(), secret[::-1], ""} - {secret}


# --- opened by the secret alone ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("store", "scheme"), ALL)
@settings(max_examples=15, deadline=None)
@given(_SECRETS | _TYPED, _SECRETS | _TYPED)
def test_what_is_made_is_opened_by_its_secret_and_by_nothing_else(
    store: Store, scheme: str, secret: str, other: str
) -> None:
    assume(secret != other)
    ready = readied(Stored("ops", store, made(store, secret, [scheme])))
    assert ready.scheme.name == scheme
    assert opens(ready, secret)
    assert not any(opens(ready, wrong) for wrong in {other, *_near(secret)})


@settings(max_examples=15, deadline=None)
@given(st.binary(min_size=5, max_size=32), st.sampled_from(("authentication", "privacy")), _SECRETS, _SECRETS)
def test_a_key_is_opened_by_its_secret_and_by_nothing_else(
    engine: bytes, part: Literal["authentication", "privacy"], secret: str, other: str
) -> None:
    assume(secret != other)
    key = usm_key(engine, secret, part)
    assert len(key) == {"authentication": 32, "privacy": 16}[part]
    ready = readied(Stored("ops", "usm", f"5:{engine.hex()}:{key.hex()}", part))
    assert opens(ready, secret)
    assert not any(opens(ready, wrong) for wrong in {other, *_near(secret)})


def test_a_key_is_the_one_that_a_real_snmpd_made() -> None:
    written = (Path(__file__).parent / "captures" / "snmpd.conf").read_text(encoding="utf-8")
    ours = {
        part: f"5:{ENGINE.hex()}:{usm_key(ENGINE, 'himawari2024', part).hex()}"
        for part in ("authentication", "privacy")
    }
    assert ours == {one.part: one.text for one in usm.users(written) if one.account == "dave"}


@pytest.mark.parametrize(("store", "scheme"), ALL)
def test_two_accounts_with_one_secret_do_not_look_alike(store: Store, scheme: str) -> None:
    texts = [made(store, "himawari-2024", [scheme]) for _time in range(20)]
    assert len({text[-20:] for text in texts}) == len({text[:30] for text in texts}) == 20  # the digests, the salts


@pytest.mark.parametrize(("store", "scheme"), ALL)
def test_it_costs_what_a_small_device_bears(store: Store, scheme: str) -> None:
    """And no less than what the tools of these places make by themselves, 2 ms or an old mosquitto's 101 rounds."""
    cost = readied(Stored("ops", store, made(store, "himawari-2024", [scheme]))).cost
    assert cost == 20_000 if store == "shadow" else 70 < cost <= 5_000


@pytest.mark.parametrize(("store", "scheme"), ALL)
def test_it_stands_in_a_line_of_its_file(store: Store, scheme: str) -> None:
    text = made(store, "himawari-2024", [scheme])
    assert text.isascii() and text.isprintable() and not set(text) & set(": #,")


# --- the strongest that a device takes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("store", "takes", "scheme"),
    [
        ("shadow", ["md5-crypt", "sha512-crypt", "yescrypt"], "yescrypt"),
        ("shadow", ["des-crypt", "sha512-crypt", "bcrypt"], "sha512-crypt"),
        ("htpasswd", ["sha512-crypt", "bcrypt", "apr1"], "bcrypt"),
        ("htpasswd", ["sha512-crypt", "apr1"], "sha512-crypt"),
        ("nginx", ["plain", "bcrypt"], "bcrypt"),
        ("mosquitto", ["mosquitto-pbkdf2", "mosquitto-sha512"], "mosquitto-pbkdf2"),
    ],
)
def test_the_strongest_scheme_that_a_device_takes_is_made(store: Store, takes: list[str], scheme: str) -> None:
    found = scheme_of(Stored("ops", store, made(store, "himawari-2024", takes)))
    assert found and found.name == scheme


def test_a_device_that_takes_all_of_them_gets_the_first() -> None:
    for store, ways in WAYS.items():
        found = scheme_of(Stored("ops", store, made(store, "himawari-2024", [one.name for one in STORES[store]])))
        assert found and found.name == ways[0].scheme


def test_an_htpasswd_file_names_bcrypt_as_apache_does() -> None:
    assert made("htpasswd", "himawari-2024", ["bcrypt"]).startswith("$2y$05$")


@pytest.mark.parametrize(
    ("store", "takes"),
    [
        ("shadow", []),
        ("shadow", ["md5-crypt"]),
        ("mosquitto", ["mosquitto-sha512"]),
        ("plain", ["plain"]),
        ("usm", ["usm"]),
    ],
)
def test_a_device_that_takes_none_of_ours_is_told(store: Store, takes: list[str]) -> None:
    with pytest.raises(ValueError, match=f"{store}: this device takes no scheme that we make"):
        made(store, "himawari-2024", takes)


# --- a controller that lacks something ----------------------------------------------------------------------------


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A controller with nothing but Python."""
    monkeypatch.setattr(unix, "MISSING", "pip install passlib")
    monkeypatch.setattr(unix, "BCRYPT_MISSING", "pip install bcrypt")
    monkeypatch.setattr(libcrypt, "_crypt_rn", lambda: None)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("store", "takes", "said"),
    [
        ("shadow", ["yescrypt", "sha512-crypt"], "yescrypt: .*libxcrypt.*; or sha512-crypt: pip install passlib"),
        ("shadow", ["sha512-crypt"], "^sha512-crypt: pip install passlib$"),
        ("htpasswd", ["bcrypt", "sha512-crypt"], "bcrypt: pip install bcrypt; or sha512-crypt: pip install passlib"),
    ],
)
def test_what_to_install_is_said(store: Store, takes: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        made(store, "himawari-2024", takes)


@pytest.mark.parametrize("lacks", ["_crypt_rn", "_gensalt_rn"])
def test_the_next_scheme_is_made_where_the_controller_lacks_the_first(
    lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libcrypt, lacks, lambda: None)
    assert made("shadow", "himawari-2024", ["yescrypt", "sha512-crypt"]).startswith("$6$rounds=20000$")


def test_a_libcrypt_without_yescrypt_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libcrypt, "_gensalt_rn", lambda: lambda *_given: None)
    assert "libxcrypt" in libcrypt.missing()


def test_a_scheme_that_libcrypt_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="refuses"):
        libcrypt.made(b"himawari-2024", "$nobody$", 5)
    with pytest.raises(ValueError, match="refuses"):
        libcrypt.made(b"himawari-2024", "$y$", 99)


@pytest.mark.usefixtures("bare")
def test_mosquitto_and_snmpd_need_nothing_but_python() -> None:
    assert made("mosquitto", "himawari-2024", ["mosquitto-pbkdf2"]).startswith("$7$1000$")
    assert usm_key(ENGINE, "himawari-2024", "privacy")


# --- what is no secret --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("store", "scheme"), ALL)
def test_what_a_place_would_cut_or_cannot_hold_is_refused(store: Store, scheme: str) -> None:
    longest = 72 if scheme == "bcrypt" else 511
    assert made(store, "k" * longest, [scheme])
    for wrong in ("", "k" * (longest + 1), "ひ" * (longest // 3 + 1), "himawari\0", "\0"):
        with pytest.raises(ValueError, match=f"{scheme}: a secret has 1 to {longest} bytes"):
            made(store, wrong, [scheme])


@pytest.mark.parametrize("wrong", ["", "7 bytes", "ひま", "k" * 512, "himawari\0" * 2])
def test_a_secret_that_an_agent_refuses_makes_no_key(wrong: str) -> None:
    with pytest.raises(ValueError, match="8 to 511 bytes"):
        usm_key(ENGINE, wrong, "authentication")


@pytest.mark.parametrize("engine", [b"", b"four", b"e" * 33])
def test_an_engine_id_that_is_none_makes_no_key(engine: bytes) -> None:
    with pytest.raises(ValueError, match="engine id"):
        usm_key(engine, "himawari-2024", "authentication")


@given(st.text(min_size=1).map("☃{}\0".format), st.sampled_from(ALL))
def test_no_error_shows_the_secret(secret: str, kind: tuple[Store, str]) -> None:
    for takes in ([kind[1]], []):
        with pytest.raises(ValueError) as told:
            made(kind[0], secret, takes)
        assert "☃" not in repr(told.value) and told.value.__context__ is None
