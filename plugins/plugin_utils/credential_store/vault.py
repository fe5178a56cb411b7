# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seal of the embedded store: Ansible Vault with the secrets of this run. Knows Ansible, as lookups.py does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible import constants as C
from ansible.parsing.vault import VaultLib, VaultSecretsContext, match_encrypt_secret

from .unusable import Sealed

_NONE = (
    "This run has no vault secret, and credentials are never kept in plain text. "
    "Give one with --vault-id or --vault-password-file, or set vault_password_file in ansible.cfg"
)
_PLAIN = "it is not encrypted. Encrypt it with: ansible-vault encrypt FILE"
_WRONG = (
    "no vault secret of this run fits. Give the one that it was encrypted with (--vault-id, --vault-password-file); "
    "if it is the right one, the file is damaged: restore it from a backup"
)
_NOT_TO_WRITE = (
    "No vault secret of this run can be used to encrypt. Does --encrypt-vault-id, or vault_encrypt_identity in "
    "ansible.cfg, name one that was given?"
)


class Vault:
    """Encrypts as ``ansible-vault`` would in this run, decrypts with any secret of it."""

    def __init__(self, secrets: Sequence[tuple[str, Any]]) -> None:
        if not secrets:
            raise Sealed(_NONE)
        self._secrets = list(secrets)
        self._vault = VaultLib(self._secrets)

    def encrypt(self, clear: bytes) -> bytes:
        sealed = self._encrypted(clear)
        if sealed is None:
            raise Sealed(_NOT_TO_WRITE)
        return sealed

    def decrypt(self, sealed: bytes) -> bytes:
        if not VaultLib.is_encrypted(sealed):
            raise Sealed(_PLAIN)
        clear = self._decrypted(sealed)
        if clear is None:
            raise Sealed(_WRONG)
        return clear

    # Whatever goes wrong in there is swallowed whole: its words, or those of what caused it, could quote the file.

    def _encrypted(self, clear: bytes) -> bytes | None:
        try:
            name, secret = match_encrypt_secret(self._secrets, encrypt_vault_id=C.DEFAULT_VAULT_ENCRYPT_IDENTITY)
            return bytes(self._vault.encrypt(clear, secret, vault_id=name))
        except Exception:
            return None

    def _decrypted(self, sealed: bytes) -> bytes | None:
        try:
            return bytes(self._vault.decrypt(sealed))
        except Exception:
            return None


def vault_of_this_run() -> Vault:
    """Raises Sealed where the run was started without a vault secret."""
    context = VaultSecretsContext.current(optional=True)
    return Vault(context.secrets if context else ())
