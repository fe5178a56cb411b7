# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookups of other collections, called as a template of this host would. Knows Ansible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ansible.plugins.loader import lookup_loader


class NotInstalled(Exception):
    """The collection of a lookup is not there."""


class Lookups(Protocol):
    """What the managers (entries.py) ask by."""

    def ask(self, lookup: str, term: str, **options: Any) -> Any:
        """The one answer. Raises NotInstalled, and whatever the lookup raises."""

    def option(self, lookup: str, name: str) -> str:
        """What the user has set; "" for nothing."""


class HostLookups:
    """With the variables of one host, their templates rendered."""

    def __init__(self, loader: Any, templar: Any, variables: Mapping[str, Any]) -> None:
        self._loader, self._templar, self._variables = loader, templar, variables

    def ask(self, lookup: str, term: str, **options: Any) -> Any:
        plugin = self._plugin(lookup)
        (answer,) = plugin.run([term], variables=self._said(plugin), **options)
        return answer

    def option(self, lookup: str, name: str) -> str:
        plugin = self._plugin(lookup)
        plugin.set_options(var_options=self._said(plugin))
        return str(plugin.get_option(name) or "")

    def _plugin(self, lookup: str) -> Any:
        plugin = lookup_loader.get(lookup, loader=self._loader, templar=self._templar)
        if plugin is None:
            raise NotInstalled
        return plugin

    def _said(self, plugin: Any) -> dict[str, Any]:
        """The lookup itself would take a template for the value."""
        names = {each["name"] for option in plugin.option_definitions.values() for each in option.get("vars") or ()}
        told = {name: self._templar.template(self._variables[name]) for name in names & self._variables.keys()}
        return {**self._variables, **told}
