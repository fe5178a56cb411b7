# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While an application can be reached, C1 of the whole device is never just a pass."""

from __future__ import annotations

import json

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms.linux import PLATFORM
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw

(APPLICATIONS,) = [surface for surface in PLATFORM.surfaces if surface.name == "applications"]
INTENT = Intent(site="k7", host="k7-panel")


def judged(*listening):
    sockets = [
        {"protocol": protocol, "address": address, "port": port, "program": program}
        for protocol, address, port, program in listening
    ]
    raw = Raw({"listeners": {"@listeners": Output(json.dumps(sockets).encode())}})
    (judgement,) = APPLICATIONS.judge(APPLICATIONS.parse(raw), INTENT)
    return judgement


@pytest.mark.parametrize("program", ["nginx", "apache2", "lighttpd", "scada-hmi", ""])
def test_a_web_server_or_an_unknown_program_is_left_to_a_person(program):
    found = judged(("tcp", "0.0.0.0", 8080, program), ("tcp", "0.0.0.0", 22, "sshd"))
    assert found.status is Status.MANUAL and "8080" in found.why and "sshd" not in found.why and found.fix


@pytest.mark.parametrize(
    "listening",
    [
        [("tcp", "0.0.0.0", 22, "sshd"), ("udp", "0.0.0.0", 161, "snmpd"), ("tcp", "::", 1883, "mosquitto")],
        [("udp", "0.0.0.0", 123, "chronyd")],
        [("tcp", "127.0.0.1", 8080, "scada-hmi")],
        [],
    ],
    ids=["their accounts are read", "nothing to log in to", "loopback", "nothing"],
)
def test_otherwise_there_is_none(listening):
    assert judged(*listening).status is Status.NOT_APPLICABLE


def test_what_listens_must_be_known():
    with pytest.raises(Unreadable):
        APPLICATIONS.parse(Raw())
