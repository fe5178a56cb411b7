# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookups of other collections for tests: what pass and a KV engine do with what they are told, and how they die."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.unusable import Sealed

from tests.unit.plugins.plugin_utils.credential_store.toy_seal import ToySeal


@dataclass
class PretendPass:
    """Writes over an entry as it goes and syncs nothing, as gpg does; a half does not open."""

    home: Path
    seal: ToySeal = field(default_factory=ToySeal)
    backend: str = "pass"

    def option(self, lookup: str, name: str) -> str:
        assert lookup == "community.general.passwordstore"
        return {"directory": str(self.home), "backend": self.backend}[name]

    def ask(self, lookup: str, term: str, **options: Any) -> Any:
        assert lookup == "community.general.passwordstore" and " " not in term
        known = self._shown(term)
        if "userpass" not in options:
            assert options == {"returnall": True, "missing": "empty"}
            return known
        self._insert(term, options["userpass"])
        return options["userpass"]

    def move(self, home: Path, old: str, new: str) -> None:
        assert home == self.home
        self._file(old).replace(self._file(new))

    def _shown(self, term: str) -> str | None:
        if not self._file(term).exists():
            return None
        try:
            text = self.seal.decrypt(self._file(term).read_bytes()).decode()
        except Sealed:
            raise AnsibleError("exit code 2 while running ['pass', 'show']. Error output: planted") from None
        return "\n".join(text.splitlines())

    def _insert(self, term: str, text: str) -> None:
        path = self._file(term)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(handle, self.seal.encrypt(text.encode()))
        os.close(handle)

    def _file(self, term: str) -> Path:
        return self.home / f"{term}.gpg"


@dataclass
class PretendKv:
    """Takes an entry whole, and only from somebody who has read the one that it replaces."""

    entries: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    point: Callable[[str], None] = lambda _name: None
    mount: str = "kv/site"

    def option(self, lookup: str, name: str) -> str:
        assert (lookup, name) == ("community.hashi_vault.vault_kv2_get", "engine_mount_point")
        return self.mount

    def ask(self, lookup: str, term: str, **options: Any) -> Any:
        return getattr(self, f"_{lookup.rpartition('.')[2]}")(term, **options)

    def _vault_kv2_get(self, path: str) -> dict[str, Any]:
        self.point("read")
        if path not in self.entries:
            raise AnsibleError(f"Invalid or missing path ['{path}'] with secret version 'latest'.")
        version, data = self.entries[path]
        return {"secret": dict(data), "metadata": {"version": version}}

    def _vault_write(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        path = path.removeprefix(f"{self.mount}/data/")
        version, _data = self.entries.get(path, (0, {}))
        if data["options"] != {"cas": version}:
            raise AnsibleError("check-and-set parameter did not match the current version, planted")
        self.point("write")
        self.entries[path] = (version + 1, dict(data["data"]))
        self.point("written")
        return {"data": {"version": version + 1}}

    def _vault_list(self, path: str) -> dict[str, Any]:
        folder = path.removeprefix(f"{self.mount}/metadata/") + "/"
        keys = [known.removeprefix(folder) for known in self.entries if known.startswith(folder)]
        if not keys:
            raise AnsibleError(f"The path '{path}' doesn't seem to exist.")
        return {"data": {"keys": sorted({key if "/" not in key else key.split("/")[0] + "/" for key in keys})}}
