# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of a host other than a task's own.

The roles' defaults belong to the task's host, so here there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .credential_store.lookups import HostLookups
from .declared import declared, rendered
from .label import label, weakness
from .reading import untemplated


class OtherHost:
    """One inventory host, seen from the task of another; ``hostvars`` are the task's."""

    def __init__(self, templar: Any, hostvars: Any, host: str) -> None:
        self.variables: Mapping[str, Any] = {**untemplated(hostvars, host), "hostvars": hostvars}
        self._templar = templar.copy_with_new_env(available_variables=self.variables)
        self._said = rendered(self._templar, self.variables)
        self.name = host
        self.site = self.text("iot_site_id")

    def declared(self) -> dict[str, Any]:
        """Its variables as intent.py and outside/wanted.py take them."""
        told = declared(self.variables, self._said)
        told["label"] = told["label"] or self._label()
        return told

    def text(self, name: str) -> str:
        """A variable as text; "" where there is none."""
        return str(self._said(name) or "")

    def lookups(self, loader: Any) -> HostLookups:
        """As a template of this host would call them."""
        return HostLookups(loader, self._templar, self.variables)

    def _label(self) -> str:
        """As the default of iot_site_label is: derived where it can be."""
        secret = self._said("iot_site_secret")
        return "" if not self.site or weakness(secret) else label(secret, self.site, self.name)
