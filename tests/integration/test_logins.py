# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real servers of Debian 12 that people log in to: what a stranger gets before and after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Absent, Status, Unreadable
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.dropbear import Dropbear
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sshd import Sshd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.vsftpd import Vsftpd

from tests.integration import lab_world, login_world
from tests.integration.login_world import (
    DEVICE,
    DEVICE6,
    DROPBEAR_PORT,
    SSHD,
    Device,
    start_dropbear,
    start_ftp,
    start_sshd,
)
from tests.integration.router_world import until

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())


@pytest.fixture(scope="module")
def device() -> Iterator[Device]:
    with login_world.device() as made:
        yield made


def statuses(device: Device, surface: Surface, control: str) -> set[Status]:
    return {one.status for one in device.judged(surface) if one.control == control}


# --- OpenSSH's server -----------------------------------------------------------------------------------------

_OPTIONS = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "PubkeyAuthentication=no")


def logged_in(device: Device, user: str, password: str, port: int = 22, address: str = DEVICE) -> bool:
    """Whether a stranger gets a session."""
    return "let-in" in device.from_outside(
        "sshpass", "-p", password, "ssh", *_OPTIONS, "-p", str(port), f"{user}@{address}", "echo let-in"
    )


@pytest.fixture
def accounts(device: Device) -> None:
    device.sh("id guest 2>/dev/null || useradd -m guest; passwd -d guest; echo root:planted-secret | chpasswd")


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("case", ["exposed", "overridden"])
def test_a_stranger_comes_in_without_proof_before_and_not_after(device: Device, case: str) -> None:
    start_sshd(device, case)
    assert logged_in(device, "guest", "") and logged_in(device, "root", "planted-secret")
    assert statuses(device, Sshd(), "A1.ssh") == {Status.GAP}

    device.close(Sshd(), "A1.ssh", "B1.ssh_version")

    assert not logged_in(device, "guest", "") and not logged_in(device, "root", "planted-secret")
    device.sh("echo guest:planted-secret | chpasswd")
    assert logged_in(device, "guest", "planted-secret"), "whoever has a password still comes in"
    assert statuses(device, Sshd(), "A1.ssh") == {Status.PASS}
    assert statuses(device, Sshd(), "B1.ssh_version") == {Status.MANUAL}, "what B1 wrote is still there"


@pytest.mark.usefixtures("accounts")
def test_a_sshd_that_systemd_starts_when_somebody_comes_is_closed_too(device: Device) -> None:
    start_sshd(device, "exposed")
    device.sh("systemctl stop ssh.service; mkdir -p /run/sshd; systemctl start ssh.socket")
    try:
        assert statuses(device, Sshd(), "A1.ssh") == {Status.GAP}
        assert "tcp 22 systemd" in Sshd().parse(device.read(Sshd()))["speaks_of"], "nobody else speaks of it"

        device.close(Sshd(), "A1.ssh")

        assert not logged_in(device, "root", "planted-secret") and not logged_in(device, "guest", "")
        assert statuses(device, Sshd(), "A1.ssh") == {Status.PASS}
    finally:
        device.sh("systemctl stop ssh.socket ssh.service; systemctl start ssh.service")


def test_a_sshd_that_is_switched_off_is_absent(device: Device) -> None:
    device.sh("systemctl disable --now ssh.service")
    try:
        with pytest.raises(Absent):
            device.judged(Sshd())
        device.sh("systemctl enable ssh.service")
        with pytest.raises(Unreadable):
            device.judged(Sshd())
    finally:
        device.sh("systemctl enable --now ssh.service")


def test_words_of_its_own_leave_the_greeting_with_the_distribution(device: Device) -> None:
    start_sshd(device, "stock")
    device.write(f"{SSHD}/50-site.conf", "VersionAddendum hirosaki-panel\n")
    device.sh("systemctl reload ssh")
    until(lambda: "hirosaki-panel" in device.from_outside("ssh-keyscan", "-p", "22", DEVICE), "sshd says so")
    device.close(Sshd(), "B1.ssh_version")
    told = device.from_outside("ssh-keyscan", "-p", "22", DEVICE)
    assert "SSH-2.0-OpenSSH" in told and "hirosaki" not in told and "Debian" not in told


def test_a_configuration_that_sshd_refuses_stays_untouched(device: Device) -> None:
    start_sshd(device, "broken")
    with pytest.raises(Unreadable):
        device.judged(Sshd())


# --- dropbear -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("case", ["exposed", "overridden"])
def test_dropbear_lets_a_stranger_in_before_and_not_after(device: Device, case: str) -> None:
    start_dropbear(device, case)
    for user, password in (("guest", ""), ("root", "planted-secret")):
        assert logged_in(device, user, password, DROPBEAR_PORT), user
    before = device.state
    assert statuses(device, Dropbear(), "A1.ssh") == statuses(device, Dropbear(), "B1.ssh_banner") == {Status.GAP}
    assert device.state == before, "looking changes nothing"

    device.close(Dropbear(), "A1.ssh", "B1.ssh_banner")

    for address in (DEVICE, DEVICE6):
        assert not logged_in(device, "guest", "", DROPBEAR_PORT, address)
        assert not logged_in(device, "root", "planted-secret", DROPBEAR_PORT, address)
    device.sh("echo guest:planted-secret | chpasswd")
    assert logged_in(device, "guest", "planted-secret", DROPBEAR_PORT), "whoever has a password still comes in"
    assert not [one for one in device.judged(Dropbear()) if one.changes], "a second run changes nothing"
    told = device.from_outside("ssh", *_OPTIONS, "-o", "BatchMode=yes", "-p", str(DROPBEAR_PORT), f"guest@{DEVICE}")
    assert "K-7Q2MXA" in told and "浄水場" not in told


@pytest.mark.usefixtures("accounts")
def test_a_restart_of_dropbear_ends_nobodys_session(device: Device) -> None:
    start_dropbear(device, "exposed")
    device.sh("echo guest:planted-secret | chpasswd; rm -f /tmp/go /tmp/was_there")
    device.stranger.sh(
        f"sshpass -p planted-secret ssh {' '.join(_OPTIONS)} -p {DROPBEAR_PORT} guest@{DEVICE} "
        "'until test -e /tmp/go; do sleep 0.1; done; touch /tmp/was_there' </dev/null >/dev/null 2>&1 &"
    )
    until(lambda: device.says("pgrep -u guest -f was_there"), "the session stands")

    device.close(Dropbear(), "A1.ssh")

    assert statuses(device, Dropbear(), "A1.ssh") == {Status.PASS}, "who serves that session counts no more"
    device.sh("touch /tmp/go")
    until(lambda: device.says("test -e /tmp/was_there"), "the session goes on")


def test_options_that_dropbear_does_not_take_stay_untouched(device: Device) -> None:
    start_dropbear(device, "broken")
    with pytest.raises(Unreadable):
        device.judged(Dropbear())


def test_a_dropbear_that_was_started_otherwise_is_exactly_that_gap(device: Device) -> None:
    start_dropbear(device, "compliant")
    device.sh("dropbear -B -p 2224 -P /run/dropbear-other.pid")
    try:
        (found,) = [one for one in device.judged(Dropbear()) if one.status is Status.GAP]
        assert found.control == "A1.ssh" and "-B" in found.why and not found.changes
    finally:
        device.sh("kill $(cat /run/dropbear-other.pid)")
    until(lambda: not device.listens(2224), "it is gone")
    assert statuses(device, Dropbear(), "A1.ssh") == {Status.PASS}


# --- vsftpd ---------------------------------------------------------------------------------------------------


def fetched(device: Device, port: int = 21) -> str:
    """What an anonymous stranger reads, after the server's greeting."""
    return device.from_outside("curl", "-sv", "-m", "8", f"ftp://{DEVICE}:{port}/list")


@pytest.mark.parametrize(("case", "port"), [("exposed", 21), ("overridden", 21), ("port", 2121)])
def test_anonymous_is_served_before_and_refused_after(device: Device, case: str, port: int) -> None:
    start_ftp(device, case)
    assert "public" in fetched(device, port)
    assert statuses(device, Vsftpd(), "A1.ftp") == {Status.GAP}

    device.close(Vsftpd(), "A1.ftp", "B1.ftp_banner")

    refused = fetched(device, port)
    assert "public" not in refused and "530" in refused
    assert statuses(device, Vsftpd(), "A1.ftp") == {Status.PASS}
    assert not [one for one in device.judged(Vsftpd()) if one.changes], "a second run changes nothing"


def test_the_greeting_names_the_version_before_and_the_label_after(device: Device) -> None:
    start_ftp(device, "stock")
    assert "vsFTPd 3" in fetched(device)
    device.close(Vsftpd(), "B1.ftp_banner")
    assert "220 K-7Q2MXA" in fetched(device) and "vsFTPd" not in fetched(device)


def test_a_configuration_that_vsftpd_refuses_stays_untouched(device: Device) -> None:
    start_ftp(device, "broken")
    with pytest.raises(Unreadable):
        device.judged(Vsftpd())


def test_a_configuration_for_some_visitors_only_is_no_pass(device: Device) -> None:
    start_ftp(device, "stock")
    device.sh("echo tcp_wrappers=YES >> /etc/vsftpd.conf; systemctl restart vsftpd")
    assert "530" in fetched(device) and statuses(device, Vsftpd(), "A1.ftp") == {Status.PASS}
    device.write("/etc/vsftpd_open", "anonymous_enable=YES\n")
    device.write("/etc/hosts.allow", "vsftpd: ALL : setenv VSFTPD_LOAD_CONF /etc/vsftpd_open\n")
    assert "public" in fetched(device), "otherwise this proves nothing"
    assert Status.UNKNOWN in statuses(device, Vsftpd(), "A1.ftp")
    device.sh(": > /etc/hosts.allow")
