# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one host's task takes from the facts of others."""

from __future__ import annotations

from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Vitals
from ansible_collections.iot_site.checklist.plugins.plugin_utils.reading import (
    CONTEXT_FACT,
    STATE_FACT,
    Reading,
    carried,
    fact,
    visitors_behind,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.run import RUN_ID

VISITED = Vitals(visitors={"198.51.100.7": "tanaka over web"}, inside=("192.168.1.0/24",))


def facts(enforced_by, run=RUN_ID):
    context = {"run": run, "enforced_by": enforced_by}
    return {
        "ansible_facts": {CONTEXT_FACT: context, STATE_FACT: fact(Reading("linux", vitals=VISITED, run=run))},
    }


def test_who_comes_to_the_devices_behind_a_gateway_and_to_no_other():
    hostvars = {
        "k7-panel": facts("k7-gw"),
        "k7-other": facts(""),
        "k7-old": facts("k7-gw", run="of yesterday"),
        "k7-silent": {},
    }
    assert visitors_behind({"hostvars": hostvars}, "k7-gw") == {"198.51.100.7": "on k7-panel: tanaka over web"}
    assert visitors_behind({}, "k7-gw") == {}


def test_a_reading_travels_whole_and_one_of_another_run_is_nobodys():
    here = Reading("linux", state={"sshd": {"banner": "第一浄水場 \udcff"}}, vitals=VISITED, seconds=1.5)
    told = {"ansible_facts": {STATE_FACT: fact(here)}}
    found = carried(told)
    assert found is not None and (found.state, found.seconds) == (here.state, here.seconds)
    assert found.vitals.visitors == VISITED.visitors
    assert carried({"ansible_facts": {STATE_FACT: fact(Reading("linux", run="of yesterday"))}}) is None
    assert carried({}) is None
