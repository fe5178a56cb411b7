# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""D2 from a real capture and from the fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.yamaha.identity import Identity

from .device import INTENT, config, judged

CAPTURES = "shared/corpora/device_facts/yamaha/show_environment/yamaha_show_environment.raw"
CAPTURE = next((up / CAPTURES for up in Path(__file__).resolve().parents if (up / CAPTURES).exists()), None)


def identified(text):
    return Identity().parse(Raw({"show_environment": {"show environment": Output(text.encode())}}))


@pytest.mark.skipif(CAPTURE is None, reason="the corpus of real device captures is not beside this checkout")
def test_a_real_capture_with_its_broken_line():
    found = identified(CAPTURE.read_text(encoding="utf-8"))
    assert found == {
        "vendor": "Yamaha",
        "model": "RTX1200",
        "firmware": "Rev.10.01.71",
        "serial": "D12345678",
        "mac": ["00:a0:de:aa:bb:11", "00:a0:de:aa:bb:22", "00:a0:de:aa:bb:33"],
    }


def test_the_fixture_is_identified():
    found = judged(config(), "D2")["identity D2.identity"]
    assert found.status is Status.PASS
    assert found.evidence["model"] == "RTX830" and found.evidence["firmware"] == "Rev.15.02.30"
    assert found.evidence["mac"] == ["00:a0:de:00:53:01", "00:a0:de:00:53:02"]


def test_a_virtual_router_without_a_serial_number_is_for_a_person():
    state = identified("vRX Rev.19.00.09 (Thu Apr  7 10:00:00 2022)\n")
    (identity, _software) = Identity().judge(state, INTENT)
    assert identity.status is Status.MANUAL


def test_another_device_is_unreadable():
    with pytest.raises(Unreadable):
        identified("Cisco IOS Software, C2900 Software\n")
