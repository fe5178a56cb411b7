# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes each person's bundle from the store, site by site (plugins/modules/handover.py).

The shell around plugin_utils/handover/: it asks the inventory, prints, and turns what is missing into a failed task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..plugin_utils.argspec import argument_spec
from ..plugin_utils.credential_store.unusable import Sealed, Unusable
from ..plugin_utils.credential_store.vault import Vault, vault_of_this_run
from ..plugin_utils.display import show
from ..plugin_utils.handover.everybody import Device, Refused, handovers
from ..plugin_utils.handover.handing import CHANGED, OPEN, Handed, Outcome
from ..plugin_utils.intent import load
from ..plugin_utils.ip import MISSING
from ..plugin_utils.model import as_json
from ..plugin_utils.other_host import OtherHost
from ..plugin_utils.site_directory import site_directory
from ..plugin_utils.site_store import site_store

_WORDS = {
    Outcome.WRITTEN: ("written 作成", C.COLOR_CHANGED),
    Outcome.TO_WRITE: ("would be written 作成予定", C.COLOR_CHANGED),
    Outcome.UNCHANGED: ("unchanged 変更なし", C.COLOR_OK),
    Outcome.NOTHING: ("nothing to hand over 対象なし", C.COLOR_OK),
    Outcome.NO_KEY: ("no bundle 作成不可", C.COLOR_ERROR),
    Outcome.REFUSED: ("no bundle 作成不可", C.COLOR_ERROR),
}
_TEXT = 1000  # characters of a line that is printed


class ActionModule(ActionBase):
    """Once per run, delegated to localhost."""

    SPEC = argument_spec("handover")
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if MISSING:
            raise AnsibleActionFail(MISSING)
        _result, arguments = self.validate_argument_spec(argument_spec=self.SPEC)
        variables = task_vars or {}
        try:
            told = list(self._told(variables, [str(host) for host in arguments["hosts"]], vault_of_this_run()))
        except Sealed as error:
            raise AnsibleActionFail(str(error)) from None
        _print(told)
        result = {"changed": any(one.outcome in CHANGED for one in told), "handed": as_json(told)}
        left = [one for one in told if one.outcome in OPEN]
        return result | {"failed": True, "msg": _message(left)} if left else result

    def _told(self, variables: Mapping[str, Any], played: Sequence[str], vault: Vault) -> Iterator[Handed]:
        hostvars = variables["hostvars"]
        hosts = {host: OtherHost(self._templar, hostvars, host) for host in dict.fromkeys([*hostvars, *played])}
        sources = [str(source) for source in variables.get("ansible_inventory_sources") or ()]
        day = date.today().isoformat()
        for site in sorted({hosts[host].site for host in played}):
            try:
                devices = [self._device(host, sources) for host in hosts.values() if host.site == site]
            except (AnsibleError, Refused, Unusable) as error:
                yield Handed(site, "", Outcome.REFUSED, str(error))
            else:
                yield from handovers(site, devices, vault, day, check=self._task.check_mode)

    def _device(self, host: OtherHost, sources: Sequence[str]) -> Device:
        intent, problems = load({"declared": host.declared()}, host.name)
        if intent is None:
            raise Refused("; ".join(map(str, problems)))
        directory = site_directory(host.text("iot_site_directory"), sources, host.site)
        name, lookups = host.text("iot_site_credential_store"), host.lookups(self._loader)
        return Device(intent, directory, site_store(name, directory, host.site, lookups))


def _print(told: Sequence[Handed]) -> None:
    display = Display()
    for one in told:
        words, colour = _WORDS[one.outcome]
        more = one.why or f"{one.devices} devices, {one.bundle}"
        display.display(f"{_name(one)}: {words}: {show(more, _TEXT)}", color=colour)


def _message(left: Sequence[Handed]) -> str:
    reasons = [f"{_name(one)}: {show(one.why, _TEXT)}" for one in left]
    return "\n".join(["Not everybody has a bundle. What could be made was made:", *reasons])


def _name(one: Handed) -> str:
    return show(f"{one.site} {one.person}".strip(), _TEXT)
