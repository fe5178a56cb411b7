# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other collections' stores: where a secret lies in them, and that no word of theirs is passed on."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.iot_site.checklist.plugins.plugin_utils.other_stores import STORES, NotInstalled, OtherStore
from hypothesis import given
from hypothesis import strategies as st

PASS, VAULT = STORES["passwordstore"], STORES["hashi_vault"]
PLANTED = "Qx9-planted-7Zk"


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_any_names_are_four_plain_steps_without_a_space(site: str, device: str, person: str) -> None:
    """The lookup of pass reads what follows a space as an option, such as overwrite=true."""
    steps = PASS.path(site, device, person).split("/")
    assert len(steps) == 4 and steps[0] == "iot_site" and not {"", ".", ".."} & set(steps)
    assert not any(char.isspace() or char in "\\=" for step in steps for char in step)


def test_plain_names_stay_readable() -> None:
    assert VAULT.path("k7", "k7-gw", "ops") == "iot_site/k7/k7-gw/ops"


@pytest.mark.parametrize(
    ("store", "results", "secret"),
    [
        (PASS, [PLANTED], PLANTED),
        (PASS, [None], ""),
        (PASS, [], ""),
        (PASS, [PLANTED, PLANTED], ""),
        (VAULT, [{"secret": {"password": PLANTED}}], PLANTED),
        (VAULT, [{"secret": {"passwort": PLANTED}}], ""),
        (VAULT, [{"secret": {"password": 8731462}}], ""),
    ],
)
def test_the_secret_is_one_text_or_none(store: OtherStore, results: list[Any], secret: str) -> None:
    assert store.secret(results) == secret


@pytest.mark.parametrize(
    ("store", "error", "why"),
    [
        (PASS, FileNotFoundError(2, "No such file or directory: 'pass'"), "pass is not installed"),
        (
            PASS,
            AnsibleError("passwordstore: passname a/b not found and missing=error is set"),
            "there is no such entry",
        ),
        (PASS, AnsibleError("Passwordstore directory '/x' does not exist"), "there is no password store"),
        (PASS, AnsibleError(f"exit code 2 while running ['pass']. Error output: {PLANTED}"), "pass refused it"),
        (PASS, NotInstalled(), "ansible-galaxy collection install community.general"),
        (VAULT, NotInstalled(), "ansible-galaxy collection install community.hashi_vault && pip install hvac"),
        (PASS, IndexError(PLANTED), "it ended with IndexError"),
        (VAULT, AnsibleError("Failed to import the required Python library (hvac) on x"), "pip install hvac"),
        (VAULT, AnsibleError("Invalid or missing path ['a/b'] with secret version 'latest'"), "no such entry"),
        (VAULT, AnsibleError("Forbidden: Permission Denied to path ['a/b']."), "this login may not read it"),
        (VAULT, ConnectionError(f"Max retries exceeded {PLANTED}"), "the server does not answer"),
        (VAULT, type("VaultDown", (Exception,), {})("Vault is sealed"), "the server is sealed or stands by"),
        (VAULT, AnsibleError("No Vault Token specified or discovered."), "the login is not complete"),
        (VAULT, RuntimeError(PLANTED), "it ended with RuntimeError"),
    ],
)
def test_an_error_is_told_by_what_it_means(store: OtherStore, error: Exception, why: str) -> None:
    assert why in store.why(error) and PLANTED not in store.why(error)


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
@given(said=st.text(st.characters()), name=st.sampled_from(["exit code", "hvac", "Forbidden", "not found", ""]))
def test_no_word_of_an_error_is_passed_on(store: OtherStore, said: str, name: str) -> None:
    known = {*store.meanings.values(), store.why(ValueError())}
    assert store.why(ValueError(f"{name} {said}")) in known
