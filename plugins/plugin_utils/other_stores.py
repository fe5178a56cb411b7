# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores that other collections read for us: what they are called, how they name a secret, what their errors mean.

Their own words are never passed on: some of them quote all that the program printed, which could be the secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .evidence import directory_name


class NotInstalled(Exception):
    """The collection of a store is not there."""


@dataclass(frozen=True, slots=True)
class OtherStore:
    """One store: one row of a table."""

    lookup: str
    install: str
    value: Callable[[Any], object]  # of one result of the lookup
    meanings: Mapping[str, str]  # {what its error says: what that means}

    def path(self, site: str, device: str, person: str) -> str:
        """Where a secret lies. Names are made harmless: one of these lookups reads options behind a space."""
        return "/".join(["iot_site", *map(directory_name, (site, device, person))])

    def secret(self, results: Sequence[Any]) -> str:
        """The one secret that was asked for; "" when there is none, or it is no text."""
        found = self.value(results[0]) if len(results) == 1 else None
        return str(found) if isinstance(found, str) else ""

    def why(self, error: Exception) -> str:
        """What the lookup's error means, in words of ours."""
        if isinstance(error, NotInstalled):
            return f"that lookup is not installed. {self.install}"
        said = f"{type(error).__name__}: {error}"
        known = (meaning for pattern, meaning in self.meanings.items() if re.search(pattern, said))
        other = f"it ended with {type(error).__name__}, whose words could hold the secret. Call {self.lookup} yourself"
        return next(known, other)


def _password(result: Any) -> object:
    return result["secret"].get("password")


STORES = {
    "passwordstore": OtherStore(
        lookup="community.general.passwordstore",
        install="Install it with: ansible-galaxy collection install community.general",
        value=lambda result: result,
        meanings={
            r"^FileNotFoundError": "pass is not installed on this controller",
            r"passname \S+ not found": "there is no such entry. Make it with: pass insert",
            r"Passwordstore directory .* does not exist": "there is no password store where passwordstore says",
            r"exit code": "pass refused it. See why with: pass show",
        },
    ),
    "hashi_vault": OtherStore(
        lookup="community.hashi_vault.vault_kv2_get",
        install="Install it with: ansible-galaxy collection install community.hashi_vault && pip install hvac",
        value=_password,
        meanings={
            r"hvac": "the Python library hvac is missing. Install it with: pip install hvac",
            r"Invalid or missing path": "there is no such entry. Write it there, with the field password",
            r"Forbidden|Permission Denied": "this login may not read it",
            r"^VaultDown": "the server is sealed or stands by. Unseal it, or ask the one that is active",
            r"^ConnectionError|Max retries": "the server does not answer. Is ansible_hashi_vault_url right?",
            r"[Tt]oken|auth_method": "the login is not complete. See ansible_hashi_vault_auth_method and its variables",
        },
    ),
}  # fmt: skip
