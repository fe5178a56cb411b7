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
from ..plugin_utils.credential_store.unusable import Sealed
from ..plugin_utils.credential_store.vault import Vault, vault_of_this_run
from ..plugin_utils.declared import declared, rendered
from ..plugin_utils.display import show
from ..plugin_utils.handover.everybody import Device, Refused, handovers
from ..plugin_utils.handover.handing import CHANGED, OPEN, Handed, Outcome
from ..plugin_utils.intent import load
from ..plugin_utils.ip import MISSING
from ..plugin_utils.label import label, weakness
from ..plugin_utils.model import as_json
from ..plugin_utils.reading import untemplated
from ..plugin_utils.site_directory import site_directory

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
        hosts = {host: _Host(self._templar, hostvars, host) for host in dict.fromkeys([*hostvars, *played])}
        sources = [str(source) for source in variables.get("ansible_inventory_sources") or ()]
        day = date.today().isoformat()
        for site in sorted({hosts[host].site for host in played}):
            try:
                devices = [host.device(sources) for host in hosts.values() if host.site == site]
            except (AnsibleError, Refused) as error:
                yield Handed(site, "", Outcome.REFUSED, str(error))
            else:
                yield from handovers(site, devices, vault, day, check=self._task.check_mode)


class _Host:
    """What the inventory says of one host; the roles' defaults are those of another one."""

    def __init__(self, templar: Any, hostvars: Any, host: str) -> None:
        self._variables = {**untemplated(hostvars, host), "hostvars": hostvars}
        self._said = rendered(templar.copy_with_new_env(available_variables=self._variables), self._variables)
        self._host = host
        self.site = self._text("iot_site_id")

    def device(self, sources: Sequence[str]) -> Device:
        told = declared(self._variables, self._said)
        told["label"] = told["label"] or self._label()
        intent, problems = load({"declared": told}, self._host)
        if intent is None:
            raise Refused("; ".join(map(str, problems)))
        directory = site_directory(self._text("iot_site_directory"), sources, self.site)
        return Device(intent, directory, self._text("iot_site_credential_store") or "embedded")

    def _label(self) -> str:
        """As the default of iot_site_label is: derived where it can be."""
        secret = self._said("iot_site_secret")
        return "" if not self.site or weakness(secret) else label(secret, self.site, self._host)

    def _text(self, name: str) -> str:
        return str(self._said(name) or "")


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
