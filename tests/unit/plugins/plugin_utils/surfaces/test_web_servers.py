# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every web server that others can reach is judged by its own surface, or reported by exactly one."""

from __future__ import annotations

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.web_servers import JUDGED, others

from .test_nginx import listening

PORTS = frozenset({("*", 80)})


def test_a_program_counts_as_judged_only_by_a_surface_of_the_platform():
    surfaces = {surface.name: surface for surface in PLATFORM.surfaces}
    assert set(JUDGED) <= set(surfaces)
    assert all({"A1.web", "A2.web"} <= set(surfaces[name].controls) for name in JUDGED)
    programs = [program for row in JUDGED.values() for program in row]
    assert len(programs) == len(set(programs)), "one program, one surface"


@pytest.mark.parametrize("surface", JUDGED)
def test_each_surface_knows_its_own_programs_on_its_own_ports_and_no_others(surface):
    for program in JUDGED[surface]:
        raw = Raw(listening(("0.0.0.0", 80, program), ("::", 8080, program), ("127.0.0.1", 81, program)))
        assert others(raw, surface, PORTS) == [f":: port 8080 ({program})"]
        assert all(others(raw, other, PORTS) == [] for other in JUDGED if other != surface)


def test_what_no_surface_judges_is_said_once():
    raw = Raw(listening(("0.0.0.0", 8443, "caddy"), ("0.0.0.0", 8080, "")))
    assert sorted(one for surface in JUDGED for one in others(raw, surface, PORTS)) == [
        "0.0.0.0 port 8080 (a program we may not look into)", "0.0.0.0 port 8443 (caddy)",
    ]  # fmt: skip
