# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real telnetd of Debian 12, from inetd and from systemd: what a stranger gets before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.listening import Listening
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.telnet import Telnet

from tests.integration import lab_world, login_world
from tests.integration.login_world import DEVICE, TELNETD, Device, start_telnet
from tests.integration.router_world import until
from tests.integration.telemetry_world import INTENT

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

STRANGER = "192.168.127.66"


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    with login_world.device() as made:
        yield made


def greeted(device: Device, port: int = 23, say: str = "") -> str:
    """What telnetd tells a stranger, who says one line and listens."""
    script = f"(echo '{say}'; tail -f /dev/null) | timeout 4 telnet {DEVICE} {port}"
    return device.from_outside("sh", "-c", script)


def statuses(device: Device, control: str) -> list[Status]:
    return [one.status for one in device.judged(Telnet()) if one.control == control]


def reload(device: Device, port: int, serves: bool) -> None:
    device.sh("systemctl reload inetutils-inetd")
    until(lambda: device.listens(port) is serves, f"inetd has read its files, port {port}")


def test_telnet_is_served_and_found_before_and_closed_after(device: Device) -> None:
    start_telnet(device, "exposed")
    assert "login:" in greeted(device) and "Linux" in greeted(device)
    before = device.state
    assert statuses(device, "A1.telnet") == [Status.GAP, Status.GAP], "telnet and rsh"
    assert device.state == before, "looking changes nothing"

    device.close(Telnet(), "B1.login_text")

    def silenced() -> bool:
        told = greeted(device)
        return "login:" in told and "Linux" not in told

    until(silenced, "telnetd asks for a login and names no system")
    assert statuses(device, "B1.login_text") == [Status.PASS]

    device.close(Telnet(), "A1.telnet")

    until(lambda: not device.listens(23) and not device.listens(514), "inetd has closed them")
    assert "refused" in greeted(device)
    assert statuses(device, "A1.telnet") == [Status.PASS]

    device.sh("sed -i 's/^#<off># telnet/telnet/' /etc/inetd.d/site")
    reload(device, 23, serves=True)
    (gap,) = [one for one in device.judged(Telnet()) if one.status is Status.GAP]
    assert (gap.control, gap.evidence["service"]) == ("A1.telnet", "telnet")


@pytest.mark.parametrize(("case", "port"), [("overridden", 23), ("port", 2323)])
def test_a_shell_without_a_login_is_found_and_closed(device: Device, case: str, port: int) -> None:
    start_telnet(device, case)
    assert "uid=0" in greeted(device, port, "id")
    (found,) = [one for one in device.judged(Telnet()) if one.control == "A1.telnet"]
    assert "no login is asked" in found.why
    assert port not in [one["port"] for one in Listening([Telnet()]).parse(device.read(Telnet()))["sockets"]]

    device.close(Telnet(), "A1.telnet")

    until(lambda: not device.listens(port), "inetd has closed it")
    assert "refused" in greeted(device, port)


def test_a_socket_of_systemd_is_closed_and_stays_so(device: Device) -> None:
    start_telnet(device, "socket")
    assert "login:" in greeted(device)

    device.close(Telnet(), "A1.telnet")

    assert "refused" in greeted(device)
    assert device.says("systemctl is-enabled telnet.socket | grep -qx disabled")
    assert statuses(device, "A1.telnet") == [Status.PASS]


def test_who_is_connected_stays_so(device: Device) -> None:
    start_telnet(device, "port")
    device.sh("rm -f /tmp/go /tmp/was_there")
    waits = "until test -e /tmp/go; do sleep 0.1; done; touch /tmp/was_there; exit"
    visit = f"(echo '{waits}'; tail -f /dev/null) | timeout 60 telnet {DEVICE} 2323"
    device.stranger.sh(f"{{ {visit}; }} >/dev/null 2>&1 &")
    until(lambda: device.says("pgrep -x telnetd"), "the session stands")

    device.close(Telnet(), "A1.telnet")

    until(lambda: not device.listens(2323), "inetd has closed it")
    device.sh("touch /tmp/go")
    until(lambda: device.says("test -e /tmp/was_there"), "the session goes on")


@pytest.mark.parametrize(("allowed", "status", "told"), [(STRANGER, Status.PASS, True), (DEVICE, Status.GAP, False)])
def test_tcp_wrappers_let_in_whom_they_name(device: Device, allowed: str, status: Status, told: bool) -> None:
    start_telnet(device, "exposed")
    device.write("/etc/inetd.d/site", f"telnet stream tcp {TELNETD}\n")
    reload(device, 514, serves=False)
    try:
        device.sh(f"echo 'telnetd: {allowed}' > /etc/hosts.allow; echo 'telnetd: ALL' > /etc/hosts.deny")
        assert ("login:" in greeted(device)) is told
        intent = replace(INTENT, enforce_with="web_server", allow4=(f"{STRANGER}/32",))
        assert [one.status for one in device.judged(Telnet(), intent) if one.control == "A2.service"] == [status]
    finally:
        device.sh(": > /etc/hosts.allow; : > /etc/hosts.deny")


def test_a_file_that_inetd_does_not_understand_stays_untouched(device: Device) -> None:
    start_telnet(device, "broken")
    with pytest.raises(Unreadable):
        device.judged(Telnet())
