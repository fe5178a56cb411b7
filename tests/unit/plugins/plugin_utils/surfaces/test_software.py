# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""D2: the versions of the programs that another machine can reach."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.software import Software

from tests.unit.plugins.plugin_utils.captures import changed, load

EXPOSED = load(Path(__file__).parents[1] / "platforms" / "linux" / "exposed" / "capture.json")
INTENT = Intent(site="k7", host="k7-gw")
MISSING = {"it": Output(error="missing")}


def judged(*programs, **databases):
    """Programs that listen on every address, on a machine with these package databases."""
    sockets = [{"protocol": "tcp", "address": "::", "port": 1000 + i, "program": p} for i, p in enumerate(programs)]
    answers = {name: {"it": text} for name, text in databases.items()}
    state = Software().parse(changed(EXPOSED, listeners={"@listeners": json.dumps(sockets)}, **answers))
    (judgement,) = Software().judge(state, INTENT)
    return judgement


def test_the_gateway_of_the_capture():
    (judgement,) = Software().judge(Software().parse(EXPOSED), INTENT)
    assert judgement.status is Status.PASS
    assert list(judgement.evidence["software"]) == ["openssh-server"], "chronyd listens to itself only"


def test_packages_in_three_kinds_of_database():
    expected = {"nginx": "1.24.0-r15"}
    assert judged("nginx", dpkg="installed nginx 1.24.0-r15\n").evidence["software"] == expected
    rpm = changed(EXPOSED, dpkg=MISSING, rpm={"it": "installed nginx 1.24.0-r15\n"}, listeners=listening("nginx"))
    assert Software().parse(rpm)["software"] == expected
    database = "C:Q1\nP:musl\nV:1.2.5-r0\n\nC:Q2\nP:nginx\nV:1.24.0-r15\nT:a server: small\n\n"
    apk = changed(EXPOSED, dpkg=MISSING, rpm=MISSING, apk={"it": database}, listeners=listening("nginx"))
    assert Software().parse(apk)["software"] == expected


def listening(program):
    return {"@listeners": json.dumps([{"protocol": "tcp", "address": "0.0.0.0", "port": 80, "program": program}])}


def test_a_package_that_was_removed_is_not_there():
    judgement = judged("nginx", dpkg="config-files nginx 1.22.1-9\n")
    assert judgement.status is Status.MANUAL and "nginx on tcp 1000" in judgement.why


@pytest.mark.parametrize("program", ["panel-server", "python3.11", "java", "busybox", ""])
def test_an_application_of_somebody_s_own_is_a_person_s_to_record(program):
    judgement = judged("sshd", program, dpkg="installed openssh-server 1:9.2\ninstalled python3.11 3.11.2\n")
    assert judgement.status is Status.MANUAL
    assert judgement.evidence["software"] == {"openssh-server": "1:9.2"}
    assert (program or "(kernel)") in judgement.why


def test_where_nothing_listens_there_is_nothing_to_know():
    assert judged().status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("output", [Output(b"dpkg-query: error\n", rc=2), Output(b"\xff noise and more noise")])
def test_a_database_that_cannot_be_read_is_unreadable(output):
    with pytest.raises(Unreadable):
        Software().parse(changed(EXPOSED, dpkg={"it": output}))


@pytest.mark.parametrize(
    "listed",
    [
        "",
        "{}",
        "[1]",
        '[{"protocol": "tcp"}]',
        '[{"protocol": "tcp", "port": "x", "address": "::"}]',
        '[{"protocol": "tcp", "port": 1, "address": "everywhere"}]',
    ],
)
def test_sockets_that_are_not_understood_are_unreadable(listed):
    with pytest.raises(Unreadable):
        Software().parse(changed(EXPOSED, listeners={"@listeners": listed}))
