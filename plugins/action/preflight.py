# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first task of every playbook: see plugins/modules/preflight.py for the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader

from ..plugin_utils import collector
from ..plugin_utils.argspec import argument_spec
from ..plugin_utils.declared import declared, rendered
from ..plugin_utils.discovery import PLATFORMS
from ..plugin_utils.intent import load
from ..plugin_utils.ip import MISSING
from ..plugin_utils.judges import ROLE_VARIABLES
from ..plugin_utils.model import as_json
from ..plugin_utils.outside.wanted import load as load_outside
from ..plugin_utils.problems import Problem, shown
from ..plugin_utils.reading import CHECKED_FACT
from ..plugin_utils.run import RUN_ID
from ..plugin_utils.site_store import SITE_STORES

collector.loaded()

_SPEC = argument_spec("preflight")

#: option -> the inventory variable that gives it
_VARIABLES = {"fail_on": "iot_site_fail_on"} | {
    option: variable for option, variable in ROLE_VARIABLES.items() if option in _SPEC
}


class ActionModule(ActionBase):
    """Names every wrong variable of one host; contacts nothing."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if MISSING:
            raise AnsibleActionFail(MISSING)
        _result, arguments = self.validate_argument_spec(argument_spec=_SPEC)
        variables = task_vars or {}
        host = str(variables["inventory_hostname"])
        said = rendered(self._templar, variables)
        arguments["declared"] = arguments["declared"] or declared(variables, said)
        for option, variable in _VARIABLES.items():
            if arguments[option] is None:
                arguments[option] = said(variable)
        _intent, problems = load(arguments, host)
        _outside, outer = load_outside(arguments["declared"], host)
        problems = [*problems, *outer, *_store_problems(host, said("iot_site_credential_store"))]
        problems += _connection_problems(host, variables["hostvars"][host])
        result.update(changed=False, problems=as_json(problems))
        if problems:
            result.update(failed=True, msg=_message(problems))
        else:
            result["ansible_facts"] = {CHECKED_FACT: RUN_ID}
        return result


def _store_problems(host: str, name: Any) -> Iterator[Problem]:
    """A run without it would end at the first password that is to be made."""
    if name and name not in SITE_STORES:
        yield Problem(host, "iot_site_credential_store", shown(name), f"one of {', '.join(SITE_STORES)}")


def _connection_problems(host: str, inventory: Mapping[str, Any]) -> Iterator[Problem]:
    """What Ansible itself would end the run for, without saying how to mend it."""
    connection = str(inventory.get("ansible_connection") or "")
    if connection.count(".") == 2 and not connection_loader.has_plugin(connection):
        collection = connection.rpartition(".")[0]
        wanted = f"a connection plugin that is installed: ansible-galaxy collection install {collection}"
        yield Problem(host, "ansible_connection", shown(connection), wanted)
    network_os = str(inventory.get("ansible_network_os") or "")
    for platform in PLATFORMS.values():
        if "." not in network_os and platform.network_os.rpartition(".")[2] == network_os != "":
            yield Problem(host, "ansible_network_os", shown(network_os), f"its full name, {platform.network_os}")


def _message(problems: list[Problem]) -> str:
    count = "1 variable is" if len(problems) == 1 else f"{len(problems)} variables are"
    return "\n".join([f"{count} wrong, so nothing was contacted. Correct the inventory:", *map(str, problems)])
