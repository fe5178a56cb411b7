# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other collections' stores: what their errors mean, and that no word of theirs is passed on."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleError
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.lookups import NotInstalled
from ansible_collections.iot_site.checklist.plugins.plugin_utils.other_stores import STORES, OtherStore
from hypothesis import given
from hypothesis import strategies as st

PASS, VAULT = STORES["passwordstore"], STORES["hashi_vault"]
PLANTED = "Qx9-planted-7Zk"


@pytest.mark.parametrize(
    ("store", "error", "why"),
    [
        (PASS, FileNotFoundError(2, "No such file or directory: 'pass'"), "pass is not installed"),
        (PASS, AnsibleError("Passwordstore directory '/x' does not exist"), "there is no password store"),
        (PASS, AnsibleError(f"exit code 2 while running ['pass']. Error output: {PLANTED}"), "pass refused it"),
        (PASS, NotInstalled(), "ansible-galaxy collection install community.general"),
        (VAULT, NotInstalled(), "ansible-galaxy collection install community.hashi_vault && pip install hvac"),
        (PASS, IndexError(PLANTED), "the entry is empty"),
        (PASS, KeyError(PLANTED), "it ended with KeyError"),
        (VAULT, AnsibleError("Failed to import the required Python library (hvac) on x"), "pip install hvac"),
        (VAULT, AnsibleError("The path 'secret/data/a/b' doesn't seem to exist."), "there is no KV engine"),
        (VAULT, AnsibleError(f"check-and-set parameter did not match {PLANTED}"), "somebody has changed it"),
        (VAULT, AnsibleError("Forbidden: Permission Denied to path ['a/b']."), "this login may not do that"),
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
