# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a KV version 2 engine of HashiCorp Vault or OpenBao, by way of lookups of community.hashi_vault.

The field ``password`` is the secret, the field ``iot_site`` is the record, and every other one is left alone. The
module that writes such an entry is not used: its arguments, the secret among them, would lie in a temporary file. The
server takes an entry only if nobody has written one since we read it (check-and-set), whichever controller it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..secret import Secret
from .entries import Entry
from .lookups import Lookups
from .unusable import Damaged, Unkept

LOOKUP = "community.hashi_vault.vault_kv2_get"
_WRITE = "community.hashi_vault.vault_write"
_LIST = "community.hashi_vault.vault_list"

_PASSWORD, _OURS = "password", "iot_site"
_ABSENT = re.compile("Invalid or missing path|doesn't seem to exist")


@dataclass(frozen=True, slots=True)
class KvEntries:
    """A manager (entries.py)."""

    lookups: Lookups

    def get(self, path: str) -> Entry | None:
        found = self._found(LOOKUP, path)
        return None if found is None else _read(found, path)

    def put(self, path: str, entry: Entry) -> None:
        fields = {_PASSWORD: entry.password.reveal(), _OURS: entry.told}
        rest = entry.rest if isinstance(entry.rest, Mapping) else {}
        data = {**rest, **{name: text for name, text in fields.items() if text}}
        body = {"data": data, "options": {"cas": entry.version}}
        answer = self.lookups.ask(_WRITE, f"{self._engine}/data/{path}", data=body)
        if not (answer.get("data") or {}).get("version"):  # an engine of version 1 takes it for something else
            why = "does not answer as a KV engine of version 2. Is it one? If not: vault kv enable-versioning"
            raise Unkept(f"{self._engine} in Vault {why}")

    def names(self, folder: str) -> Sequence[str]:
        found = self._found(_LIST, f"{self._engine}/metadata/{folder}")
        keys = found["data"]["keys"] if found else ()
        return [str(key) for key in keys if not str(key).endswith("/")]

    def _found(self, lookup: str, path: str) -> Any:
        """What a lookup answers; None where there is nothing."""
        try:
            return self.lookups.ask(lookup, path)
        except Exception as error:
            if not _ABSENT.search(str(error)):
                raise
        return None

    @property
    def _engine(self) -> str:
        return self.lookups.option(LOOKUP, "engine_mount_point").strip("/")


def _read(found: Mapping[str, Any], path: str) -> Entry:
    fields = dict(found["secret"])
    password, told = fields.pop(_PASSWORD, ""), fields.pop(_OURS, "")
    if not isinstance(password, str) or not isinstance(told, str):
        raise Damaged(f"{path} in Vault cannot be used: its fields {_PASSWORD} and {_OURS} must be texts")
    return Entry(Secret(password), str(told), fields, int(found["metadata"]["version"]))
