# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Password managers that other collections' lookups speak with: how they are called, and what their errors mean.

Their own words are never passed on: some of them quote all that the program printed, which could be the secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .credential_store import kv_entries, pass_entries
from .credential_store.entries import Entries, Manager
from .credential_store.kv_entries import KvEntries
from .credential_store.lookups import Lookups, NotInstalled
from .credential_store.pass_entries import PassEntries


@dataclass(frozen=True, slots=True)
class OtherStore:
    """One manager: one row of a table."""

    lookup: str
    install: str
    manager: Callable[[Lookups], Manager]
    meanings: Mapping[str, str]  # {what its error says: what that means}

    def keeper(self, lookups: Lookups) -> Entries:
        """Keeps the records of a site (credential_store/store.py)."""
        return Entries(self.lookup, self.manager(lookups), self.why)

    def why(self, error: Exception) -> str:
        """What the lookup's error means, in words of ours."""
        if isinstance(error, NotInstalled):
            return f"that lookup is not installed. {self.install}"
        said = f"{type(error).__name__}: {error}"
        known = (meaning for pattern, meaning in self.meanings.items() if re.search(pattern, said))
        other = f"it ended with {type(error).__name__}, whose words could hold the secret. Call {self.lookup} yourself"
        return next(known, other)


STORES = {
    "passwordstore": OtherStore(
        lookup=pass_entries.LOOKUP,
        install="Install it with: ansible-galaxy collection install community.general",
        manager=PassEntries,
        meanings={
            r"^FileNotFoundError": "pass is not installed on this controller",
            r"Passwordstore directory .* does not exist": "there is no password store where passwordstore says",
            r"^IndexError": "the entry is empty. Remove it with: pass rm",
            r"exit code": "pass refused it. See why by hand, with pass show or pass insert",
        },
    ),
    "hashi_vault": OtherStore(
        lookup=kv_entries.LOOKUP,
        install="Install it with: ansible-galaxy collection install community.hashi_vault && pip install hvac",
        manager=KvEntries,
        meanings={
            r"hvac\)": "the Python library hvac is missing. Install it with: pip install hvac",
            r"check-and-set": "somebody has changed it since it was read, or deleted it. Run again. A deleted one "
            "comes back with vault kv undelete, or is forgotten with vault kv metadata delete",
            r"doesn't seem to exist": "there is no KV engine where ansible_hashi_vault_engine_mount_point says",
            r"Forbidden|Permission Denied": "this login may not do that. It needs read, list, create and update",
            r"^VaultDown": "the server is sealed or stands by. Unseal it, or ask the one that is active",
            r"^ConnectionError|Max retries": "the server does not answer. Is ansible_hashi_vault_url right?",
            r"[Tt]oken|auth_method": "the login is not complete. See ansible_hashi_vault_auth_method and its variables",
        },
    ),
}  # fmt: skip
