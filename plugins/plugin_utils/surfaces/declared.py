# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory itself declares: the preparation, the people of A2, and the gateway that limits access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..contract import DECLARED, Surface
from ..model import Intent, Json, Judgement, Status, as_json
from ..raw import Raw
from . import preparation

_HOW = (
    "Give each a fixed address, a VPN whose pool is declared in iot_site_vpns, or a closed SIM; never a wider network."
)


class Declared(Surface):
    """No device is asked: the verdicts follow from intent alone."""

    name = DECLARED
    controls = ("A2.people", "A2.enforced", *preparation.CONTROLS)
    reads = ()

    def parse(self, raw: Raw) -> dict[str, Json]:
        return {}

    def judge(self, state: Mapping[str, Json], intent: Intent) -> Iterable[Judgement]:
        yield _people(intent)
        yield _enforced(intent)
        yield from preparation.judgements(intent)


def _people(intent: Intent) -> Judgement:
    nameless = [person.name for person in intent.people if not person.sources]
    if not intent.people:
        return Judgement(
            "A2.people", DECLARED, Status.MANUAL, "nobody is declared as a user of this site",
            fix="List who may use the devices in iot_site_people.",
        )  # fmt: skip
    if nameless:
        why = f"{', '.join(nameless)}: no address is known to allow"
        return Judgement("A2.people", DECLARED, Status.MANUAL, why, fix=_HOW, evidence={"people": len(intent.people)})
    if intent.shared:
        why = f"strangers share {', '.join(intent.shared)}"
        fix = f"Require a login on the same ports (A1). {_HOW}"
        return Judgement("A2.people", DECLARED, Status.MANUAL, why, fix=fix)
    why = "every declared person comes from a known address"
    evidence: dict[str, Json] = {"people": len(intent.people), "allow": as_json((*intent.allow4, *intent.allow6))}
    return Judgement("A2.people", DECLARED, Status.PASS, why, evidence=evidence)


def _enforced(intent: Intent) -> Judgement:
    if not intent.enforced_by:
        return Judgement("A2.enforced", DECLARED, Status.NOT_APPLICABLE, "this device limits access itself")
    return Judgement(
        "A2.enforced",
        DECLARED,
        Status.UNKNOWN,  # the report's join settles it by the gateway's own finding
        f"{intent.enforced_by} gave no finding that covers this device",
        evidence={"published": as_json(intent.published)},
    )
