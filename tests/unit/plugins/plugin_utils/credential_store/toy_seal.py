# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A seal for tests that is quick, and fails as a real one does: on another password, and on anything altered."""

from __future__ import annotations

import hashlib
import hmac

from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import Sealed


class ToySeal:
    """Hides nothing from anybody who means it."""

    def __init__(self, password: str = "right") -> None:
        self._key = hashlib.sha256(password.encode()).digest()

    def encrypt(self, clear: bytes) -> bytes:
        hidden = self._turned(clear)
        return hmac.digest(self._key, hidden, "sha256") + hidden

    def decrypt(self, sealed: bytes) -> bytes:
        mark, hidden = sealed[:32], sealed[32:]
        if not hmac.compare_digest(mark, hmac.digest(self._key, hidden, "sha256")):
            raise Sealed("the toy seal does not open it")
        return self._turned(hidden)

    def _turned(self, data: bytes) -> bytes:
        key = (self._key * (len(data) // 32 + 1))[: len(data)]
        return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(len(data), "big")
