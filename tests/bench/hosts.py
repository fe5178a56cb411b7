# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit of ten Linux hosts against gathering their facts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.lab.lab import Lab

from .judged import require
from .timing import SCRATCH, Ratio, ansible, interleaved

SITE = Path(__file__).parent / "hosts.yml"
GOAL = 1.5


def measure() -> list[Ratio]:
    """The lab's ten hosts, each with a web server of its own; started and removed here."""
    lab = Lab("ten_hosts")
    lab.down()
    lab.up()
    try:
        for host in lab.layout.hosts:
            lab.run(host.name, "systemctl", "start", "nginx")
        return _compare(str(lab.inventory))
    finally:
        lab.down()


def _compare(inventory: str) -> list[Ratio]:
    evidence = SCRATCH / "hosts"
    audit = partial(
        ansible,
        "ansible-playbook",
        *("-i", inventory, "-i", str(SITE), "iot_site.checklist.audit", "-e", f"report_directory={evidence}"),
        expect=(2,),  # these hosts have gaps
    )
    facts = partial(ansible, "ansible", "-i", inventory, "all", "-m", "ansible.builtin.setup")
    audit()
    require(evidence / "bench" / "latest" / "findings.json", hosts=10, items={"A2", "B1", "D2"})
    times = interleaved({"audit": audit, "facts": facts})
    return [Ratio("audit, ten Linux hosts", "ansible -m setup", times["audit"], times["facts"], GOAL)]
