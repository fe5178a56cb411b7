# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seal of Ansible: as the run's vault secrets say, refused clearly without one, nothing of a file in any word."""

from __future__ import annotations

import io
import traceback
from contextlib import redirect_stderr, redirect_stdout

import pytest
from ansible import constants as C
from ansible.parsing.vault import VaultLib, VaultSecret, VaultSecretsContext
from ansible.utils.display import Display
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import Sealed
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.vault import Vault, vault_of_this_run

CLEAR = '{"secret": "Qx9-planted-7Zk", "person": "佐藤"}'.encode()
RIGHT, OTHER = ("k7", VaultSecret(b"vault-planted-3Qw")), ("k8", VaultSecret(b"other"))


def test_what_it_seals_ansible_vault_opens_and_the_other_way_round() -> None:
    assert VaultLib([RIGHT]).decrypt(Vault([RIGHT]).encrypt(CLEAR)) == CLEAR
    assert Vault([RIGHT]).decrypt(VaultLib([RIGHT]).encrypt(CLEAR)) == CLEAR


def test_it_is_sealed_for_the_first_vault_id_and_says_so() -> None:
    sealed = Vault([RIGHT, OTHER]).encrypt(CLEAR)
    assert sealed.splitlines()[0] == b"$ANSIBLE_VAULT;1.2;AES256;k7"
    assert Vault([OTHER, RIGHT]).decrypt(sealed) == CLEAR


def test_the_vault_id_that_encrypts_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(C, "DEFAULT_VAULT_ENCRYPT_IDENTITY", "k8")
    assert Vault([RIGHT, OTHER]).encrypt(CLEAR).splitlines()[0].endswith(b";k8")
    with pytest.raises(Sealed, match="vault_encrypt_identity"):
        Vault([RIGHT]).encrypt(CLEAR)


def test_an_id_that_must_match_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(C, "DEFAULT_VAULT_ID_MATCH", True)
    vault = Vault([RIGHT, OTHER])
    assert vault.decrypt(vault.encrypt(CLEAR)) == CLEAR


@pytest.mark.parametrize("context", [None, VaultSecretsContext([])])
def test_without_a_vault_secret_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, context: VaultSecretsContext | None
) -> None:
    monkeypatch.setattr(VaultSecretsContext, "_current", context)
    with pytest.raises(Sealed, match=r"no vault secret, and credentials are never kept in plain text.* --vault-id"):
        vault_of_this_run()


def test_the_secrets_of_the_run_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VaultSecretsContext, "_current", VaultSecretsContext([RIGHT]))
    assert Vault([RIGHT]).decrypt(vault_of_this_run().encrypt(CLEAR)) == CLEAR


_SEALED = Vault([RIGHT]).encrypt(CLEAR)
_HEAD, *_REST = _SEALED.splitlines()


@pytest.mark.parametrize(
    ("sealed", "why"),
    [
        (Vault([OTHER]).encrypt(CLEAR), "no vault secret of this run fits"),
        (_SEALED[:-10], "no vault secret of this run fits"),
        (_SEALED[:-2] + b"zz", "no vault secret of this run fits"),
        (_HEAD, "no vault secret of this run fits"),
        (b"$ANSIBLE_VAULT", "no vault secret of this run fits"),
        (b"$ANSIBLE_VAULT;1.1;ROT13\n" + b"\n".join(_REST), "no vault secret of this run fits"),
        (CLEAR, "not encrypted. Encrypt it with: ansible-vault encrypt"),
        (b"", "not encrypted"),
    ],
)
def test_what_does_not_open_says_why_and_shows_nothing(
    sealed: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Display(), "verbosity", 6)
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said), pytest.raises(Sealed, match=why) as refused:
        Vault([RIGHT]).decrypt(sealed)
    shown = said.getvalue() + "".join(traceback.format_exception(refused.value))
    assert refused.value.__context__ is None
    for piece in (b"planted", *(line[:40] for line in sealed.splitlines()[1:])):
        assert piece.decode() not in shown
