# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store that a host's variables name."""

from __future__ import annotations

from pathlib import Path

from .credential_store.lookups import Lookups
from .credential_store.sealed_files import embedded
from .credential_store.store import Store
from .credential_store.unusable import Unkept
from .credential_store.vault import vault_of_this_run
from .other_stores import STORES

_EMBEDDED = "embedded"
SITE_STORES = (_EMBEDDED, *STORES)


def site_store(name: str, directory: Path, site: str, lookups: Lookups) -> Store:
    """``name`` is what iot_site_credential_store says. Raises Unusable; no other store is asked for anything yet."""
    if name in ("", _EMBEDDED):
        return embedded(directory, site, vault_of_this_run())
    if name not in STORES:
        raise Unkept(f"iot_site_credential_store names no store. Set it to one of: {', '.join(SITE_STORES)}")
    return Store(directory, site, STORES[name].keeper(lookups))
