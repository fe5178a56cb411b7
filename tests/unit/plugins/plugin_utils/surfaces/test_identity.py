# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""D2: what a Linux machine says of itself, and what it says when its maker filled nothing in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.identity import Identity

from tests.unit.plugins.plugin_utils.captures import changed, load

EXPOSED = load(Path(__file__).parents[1] / "platforms" / "linux" / "exposed" / "capture.json")
INTENT = Intent(site="k7", host="k7-gw")


def machine(**answers):
    """The captured PC with other answers; ``dmi_*`` and others by read name, as text."""
    return changed(EXPOSED, **{name: {name: answer} for name, answer in answers.items()})


def identified(raw):
    state = Identity().parse(raw)
    (judgement,) = Identity().judge(state, INTENT)
    return state, judgement


def test_a_pc_by_its_dmi():
    state, judgement = identified(EXPOSED)
    assert judgement.status is Status.PASS
    assert {key: judgement.evidence[key] for key in ("vendor", "model", "serial", "kernel")} == {
        "vendor": "Example Industrial", "model": "Box-PC 200", "serial": "X200-0042", "kernel": "6.1.0-28-amd64",
    }  # fmt: skip
    assert state["firmware"] == "Debian GNU/Linux 12.11 (bookworm)", "with the point release that updates count"


def test_a_board_by_its_device_tree():
    state, judgement = identified(
        machine(tree_model="Example Armada-IoT Gateway A6 Board\0", tree_serial="00000000abcd1234\0")
    )
    assert judgement.status is Status.PASS
    assert (state["vendor"], state["model"], state["serial"]) == (
        "Example", "Example Armada-IoT Gateway A6 Board", "00000000abcd1234",
    )  # fmt: skip


@pytest.mark.parametrize(
    "placeholder",
    [
        "To Be Filled By O.E.M.",
        "Default string",
        "System Product Name",
        "Not Specified",
        "None",
        "xxxxxxxx",
        "0000",
        " ",
        "-",
    ],
)
def test_what_a_maker_left_in_identifies_nothing(placeholder):
    state, judgement = identified(
        machine(dmi_product_name=placeholder, dmi_board_name="", dmi_product_serial=placeholder)
    )
    assert (state["model"], state["serial"]) == ("", "")
    assert judgement.status is Status.MANUAL and "model" in judgement.why and judgement.fix


def test_the_board_stands_in_for_an_unnamed_system():
    state, judgement = identified(machine(dmi_product_name="Default string", dmi_board_name="X11SSL-F"))
    assert state["model"] == "X11SSL-F" and judgement.status is Status.PASS


def test_a_machine_without_a_serial_is_identified_and_says_so():
    denied = Output(error="Permission denied (as noc)")
    _state, judgement = identified(machine(dmi_product_serial=denied))
    assert judgement.status is Status.PASS
    assert judgement.evidence["serial"] == "" and judgement.evidence["serial_missing"]


def test_a_container_is_not_its_host():
    root = json.dumps({"fstype": "overlay", "etc_fstype": "overlay", "options": "rw", "container": True})
    state, judgement = identified(machine(root=root))
    assert (state["vendor"], state["model"], state["serial"]) == ("Debian GNU/Linux", "container", "")
    assert judgement.status is Status.PASS


@pytest.mark.parametrize("root", ["", "[]", "null", "{"])
def test_hardware_is_not_guessed_where_it_may_be_a_container(root):
    with pytest.raises(Unreadable):
        Identity().parse(machine(root=root))


def test_without_os_release_a_person_must_look():
    missing = Output(error="missing")
    _state, judgement = identified(machine(os_release=missing, os_release_usr=missing))
    assert judgement.status is Status.MANUAL and "firmware" in judgement.why


def test_hostile_text_is_bounded():
    state, _judgement = identified(
        machine(dmi_product_name="{{ evil }}" * 1000, os_release=f"PRETTY_NAME={'x' * 9999}\n")
    )
    assert len(state["model"]) <= 200 and len(state["firmware"]) <= 200
