# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks, services and power that fail on a real host: what is said, and whether the host is as it was before.

Changes go through the modules that run on devices; which ones, the surfaces have planned from what they read there.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.contract import Surface
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import (
    Change,
    FileEdit,
    Judgement,
    LineInFile,
    Plan,
    RunEdit,
    Status,
    Unreadable,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.platforms import linux
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.apache import Apache
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.lighttpd import Lighttpd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.mosquitto import Mosquitto
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.nginx import Nginx
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.snmpd import Snmpd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.sshd import Sshd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.surfaces.vsftpd import Vsftpd
from ansible_collections.iot_site.checklist.plugins.plugin_utils.transports import host as transport

from tests.integration import lab_world, telemetry_world
from tests.integration.router_world import until
from tests.lab.lab import Lab
from tests.lab.programs import podman

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

INTENT = replace(
    telemetry_world.INTENT, allow4=("192.168.149.1/32",), enforce_with="web_server", user_file="/etc/panel.users"
)
CONF = "/etc/nginx/conf.d"


class Device(telemetry_world.Device):
    """The one host of the site ``trouble``."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        lab_world.Host.__init__(self, lab, "device")
        self._bring_tools()

    def _bring_tools(self) -> None:
        unpack = "import tarfile, sys; tarfile.open(fileobj=sys.stdin.buffer, mode='r|').extractall(sys.argv[1])"
        self._python(unpack, telemetry_world._tools())

    def _python(self, script: str, stdin: bytes) -> bytes:
        tools = telemetry_world._TOOLS
        return self.python(script, tools, stdin=stdin, path=tools)

    def found(self, surface: Surface, control: str) -> list[Judgement]:
        return [one for one in self.judged(surface, INTENT) if one.control == control]

    def try_(self, changes: Iterable[Change]) -> dict[str, object]:
        """What the device answers when it is asked to change."""
        work = transport._work(Plan("k7-panel", "", tuple(changes)))
        return self._change("apply", **work, seconds=600, deadline=20)

    @contextmanager
    def applying(self, changes: Iterable[Change]) -> Iterator[None]:
        """While the device works on it; nobody waits for its answer."""
        asked = {"operation": "apply", "token": "20261120T000000Z-aaaaaa", "seconds": 600, "deadline": 90,
                 **transport._work(Plan("k7-panel", "", tuple(changes)))}  # fmt: skip
        inside = self.lab.inside(self.name, PYTHONPATH=telemetry_world._TOOLS)
        command = (*inside, "python3", "-c", telemetry_world._CHANGE)
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            process.stdin.write(json.dumps(asked).encode())
            process.stdin.close()
            yield

    def beside(self, *argv: str) -> str:
        """With the rights that nobody inside the container has: to mount."""
        pid = podman("inspect", "-f", "{{.State.Pid}}", self.lab.container(self.name)).strip()
        done = subprocess.run(["nsenter", "-t", pid, "-m", "-p", "--", *argv], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def power_cut(self) -> None:
        """Nobody is told, and nothing is stopped in order."""
        podman("kill", "--signal", "KILL", self.lab.container(self.name))
        podman("start", self.lab.container(self.name))
        self.lab._ready(self.lab.layout.host(self.name))
        until(lambda: self.says('test "$(systemctl is-system-running)" != starting'), "the host has started", 60)


@pytest.fixture(scope="module")
def running() -> Iterator[Device]:
    with lab_world.lab("trouble") as lab:
        yield Device(lab)


@pytest.fixture
def device(running: Device) -> Iterator[Device]:
    """With a running nginx, which no test may leave changed."""
    running.sh("echo 'noc-a:!' > /etc/panel.users; systemctl reset-failed; systemctl start nginx")
    before = running.state
    yield running
    settled(running, before)


def settled(device: Device, before: str) -> None:
    """As it was: systemd takes a moment to forget a unit that is gone."""
    try:
        until(lambda: device.state == before, "the host is as it was", 10)
    except AssertionError:
        assert device.state == before  # shows the difference


def wanted(device: Device, surface: Surface, control: str) -> list[Change]:
    """What is planned there; a test about a change needs one."""
    planned = [change for one in device.found(surface, control) for change in one.changes]
    assert planned, device.found(surface, control)
    return planned


@contextmanager
def mounted(device: Device, *options: str, over: str = CONF) -> Iterator[None]:
    """A file system of its own over a folder of the configuration."""
    device.beside("mount", *options, over)
    try:
        yield
    finally:
        device.beside("umount", over)


# --- the disk ---------------------------------------------------------------------------------------------------


def test_a_disk_that_fills_up_while_we_write_leaves_every_file_as_it_was(device: Device) -> None:
    """Room for a name of the original, and not for the new content."""
    changes = wanted(device, Nginx(), "A2.web")
    with mounted(device, "-t", "tmpfs", "-o", "size=16k,mode=755", "none"):
        device.sh(f"head -c 9000 /dev/zero > {CONF}/other.conf; cat /dev/zero > {CONF}/full 2>/dev/null || true")
        before = device.sh(f"ls -lA --time-style=full-iso {CONF}")
        answer = device.try_(changes)
        assert answer["outcome"] == "refused" and "No space left" in str(answer["why"]), answer
        assert device.sh(f"ls -lA --time-style=full-iso {CONF}") == before
        assert not device.guarded


def test_a_disk_full_of_files_of_ours_to_be_replaced_keeps_the_old_one_whole(device: Device) -> None:
    ours = wanted(device, Nginx(), "A2.web")[0].edits[0]
    assert isinstance(ours, FileEdit)
    with mounted(device, "-t", "tmpfs", "-o", "size=16k,mode=755", "none"):
        device.write(ours.path, "# the owner's\n")
        device.sh(f"cat /dev/zero > {CONF}/full 2>/dev/null || true")
        before = device.sh(f"ls -lAi --time-style=full-iso {CONF}; cat {ours.path}")
        answer = device.try_(wanted_here(device, ours))
        assert answer["outcome"] == "refused" and "No space left" in str(answer["why"]), answer
        assert device.sh(f"ls -lAi --time-style=full-iso {CONF}; cat {ours.path}") == before


def wanted_here(device: Device, edit: FileEdit) -> list[Change]:
    return [Change("A2.web", "nginx", "the same file", "", "", (edit,), (RunEdit(("nginx", "-t")),))]


def test_no_room_for_the_guard_means_no_change(device: Device) -> None:
    changes = wanted(device, Nginx(), "A2.web")
    device.sh("mkdir -p /var/lib/iot_site_checklist")
    with mounted(device, "-t", "tmpfs", "-o", "size=4k,mode=755", "none", over="/var/lib/iot_site_checklist"):
        device.sh("echo > /var/lib/iot_site_checklist/full")
        answer = device.try_(changes)
        assert answer["outcome"] == "refused" and "No space left" in str(answer["why"]), answer


@pytest.mark.parametrize("way", ["read-only", "bound"])
def test_a_file_that_cannot_be_written_is_refused_with_its_reason(device: Device, way: str) -> None:
    """A folder that is mounted read-only, and a single file that is a mount point and cannot be replaced."""
    if way == "read-only":
        changes = wanted(device, Nginx(), "A2.web")
        with mounted(device, "-t", "tmpfs", "-o", "ro,mode=755", "none"):
            answer = device.try_(changes)
        assert "Read-only file system" in str(answer["why"])
    else:
        edit = LineInFile("/etc/hostname", 1, device.sh("cat /etc/hostname").strip(), "K-7Q2MXA")
        answer = device.try_([Change("B1.hostname", "login_text", "another name", "", "", (edit,))])
        assert "mount point" in str(answer["why"]), answer
    assert answer["outcome"] == "refused", answer


# --- attributes -------------------------------------------------------------------------------------------------


def test_owner_mode_and_attributes_stay_with_a_whole_file_and_with_a_line(device: Device) -> None:
    """security.* is what SELinux uses; the attribute is kept by its bytes, whatever it means."""
    attributes = "import os, sys; p = sys.argv[1]; print([(n, os.getxattr(p, n)) for n in sorted(os.listxattr(p))])"
    look = f"stat -c '%U:%G %a' {{0}}; python3 -c '{attributes}' {{0}}"
    edits = (FileEdit("/etc/odd/whole", "new\n"), LineInFile("/etc/odd/line", 1, "old", "new"))
    device.sh("mkdir /etc/odd")
    try:
        for path in ("/etc/odd/whole", "/etc/odd/line"):
            device.sh(f"echo old > {path}; chown www-data:adm {path}; chmod 2640 {path}; python3 -c "
                      f"'import os; os.setxattr(\"{path}\", \"user.context\", b\"httpd_config_t\")'")  # fmt: skip
        before = {edit.path: device.sh(look.format(edit.path)) for edit in edits}
        assert all("httpd_config_t" in text and "www-data:adm 2640" in text for text in before.values()), before
        device.apply([Change("B1.x", "x", "both", "", "", edits)])
        assert {edit.path: device.sh(look.format(edit.path)) for edit in edits} == before
        assert device.sh("cat /etc/odd/whole /etc/odd/line") == "new\nnew\n"
    finally:
        device.sh("rm -rf /etc/odd")


# --- a root that forgets ----------------------------------------------------------------------------------------


def test_a_folder_of_configuration_that_forgets_is_seen_before_any_edit(device: Device) -> None:
    """The kernel's own word on a real overlay over /etc, as a host that is no container would hear it."""
    device.sh("mkdir -p /run/over/up /run/over/work")
    where = "lowerdir=/etc,upperdir=/run/over/up,workdir=/run/over/work"
    ask = (
        "import json; from ansible_collections.iot_site.checklist.plugins.module_utils import kernel; "
        "print(json.dumps(kernel.root()))"
    )
    script = f"mount -t overlay -o {where} none /etc && PYTHONPATH={telemetry_world._TOOLS} python3 -c '{ask}'"
    try:
        told = json.loads(device.beside("unshare", "-m", "sh", "-c", script))  # gone with its namespace
    finally:
        device.sh("rm -r /run/over")
    assert told["etc_fstype"] == "overlay"
    as_no_container = Raw(
        {"root": {"@root": Output(json.dumps({**told, "fstype": "ext4", "container": False}).encode())}}
    )
    assert "/etc is on overlay" in "; ".join(linux._unsafe(as_no_container))


# --- services ---------------------------------------------------------------------------------------------------

#: What some need before they serve anybody but themselves.
REACHABLE = {
    "mosquitto": ("/etc/mosquitto/conf.d/broken.conf", "listener 1883\n"),
    "snmpd": ("/etc/snmp/snmpd.conf", "agentaddress udp:1161\n"),
}

#: A server, its unit, the file that breaks it and how.
BROKEN: dict[str, tuple[Surface, str, str, str]] = {
    "nginx": (Nginx(), "nginx", f"{CONF}/broken.conf", "no_such_directive on;\n"),
    "apache2": (Apache(), "apache2", "/etc/apache2/conf-enabled/broken.conf", "NoSuchDirective on\n"),
    "lighttpd": (Lighttpd(), "lighttpd", "/etc/lighttpd/conf-enabled/99-broken.conf", 'server.tag = "open\n'),
    "sshd": (Sshd(), "ssh", "/etc/ssh/sshd_config.d/broken.conf", "PermitRootLogin sometimes\n"),
    "mosquitto": (Mosquitto(), "mosquitto", "/etc/mosquitto/conf.d/broken.conf", "allow_anonymous maybe\n"),
    "snmpd": (Snmpd(), "snmpd", "/etc/snmp/snmpd.conf.d/broken.conf", "rouser monitor sometimes\n"),
    "vsftpd": (Vsftpd(), "vsftpd", "/etc/vsftpd.conf", "anonymous_enable=MAYBE\n"),
}


@contextmanager
def serving(device: Device, unit: str) -> Iterator[None]:
    """This server alone, since two web servers want the same port."""
    try:
        device.sh(f"systemctl stop nginx; systemctl start {unit}")
        yield
    finally:
        device.sh(f"systemctl stop {unit if unit != 'ssh' else 'snmpd'}; systemctl reset-failed; systemctl start nginx")


@contextmanager
def saying(device: Device, path: str, text: str) -> Iterator[None]:
    """While this lasts, a file says something more."""
    kept = device.sh(
        f"mkdir -p $(dirname {path}); kept=$(mktemp -d); test ! -e {path} || cp -p {path} $kept/one; echo $kept"
    )
    kept = kept.strip()
    device.sh(f"cat >> {path} <<'END OF FILE'\n{text}END OF FILE\n")
    try:
        yield
    finally:
        device.sh(f"rm {path}; test ! -e {kept}/one || cp -p {kept}/one {path}; rm -r {kept}")


@pytest.mark.parametrize("name", BROKEN)
def test_what_was_broken_before_we_came_is_unknown_and_left_alone(device: Device, name: str) -> None:
    surface, unit, path, text = BROKEN[name]
    with ExitStack() as stack:
        if name in REACHABLE:
            stack.enter_context(saying(device, *REACHABLE[name]))
        stack.enter_context(serving(device, unit))
        stack.enter_context(saying(device, path, text))
        raw = device.read(surface)
        with pytest.raises(Unreadable):  # which is unknown for every control, and nothing is planned from it
            surface.parse(raw)


def test_a_service_that_is_dead_is_judged_by_what_the_next_boot_starts(device: Device) -> None:
    """Enabled and not running: nobody is served now, and that is no pass."""
    device.sh("systemctl enable nginx; systemctl stop nginx")
    try:
        found = device.found(Nginx(), "A1.web")
        assert found and not {one.status for one in found} & {Status.PASS, Status.NOT_APPLICABLE}, found
        answer = device.try_(wanted(device, Nginx(), "A2.web"))
        assert answer["outcome"] == "applied", answer
        assert not device.says("systemctl is-active nginx"), "what its owner has stopped is not started"
        assert device._change("revert")["outcome"] == "reverted"
    finally:
        device.sh("systemctl disable nginx; systemctl start nginx")


def test_a_unit_that_cannot_reload_is_put_back_when_its_reload_fails(device: Device) -> None:
    """Its owner has taken ExecReload away: what we ask for fails, and whole."""
    device.write("/etc/systemd/system/nginx.service.d/none.conf", "[Service]\nExecReload=\n")
    device.sh("systemctl daemon-reload")
    try:
        before = device.state
        answer = device.try_(wanted(device, Nginx(), "A2.web"))
        assert answer["outcome"] == "reverted" and "reload is not applicable" in str(answer["why"]), answer
        settled(device, before)
        assert device.says("systemctl is-active nginx")
    finally:
        device.sh("rm -r /etc/systemd/system/nginx.service.d; systemctl daemon-reload")


# --- power ------------------------------------------------------------------------------------------------------


def test_a_power_cut_between_writing_and_reloading_ends_in_the_old_state(device: Device) -> None:
    """The way back runs at the next boot, before any service starts, and leaves no file of itself.

    systemd still remembers the unit that it ran, until it next reads its files.
    """
    (change,) = wanted(device, Nginx(), "A2.web")
    before = device.state
    slow = replace(change, activate=(RunEdit(("sh", "-c", "touch /run/reached; exec sleep 60")),))
    with device.applying([slow]):
        until(lambda: device.says("test -e /run/reached"), "the new file is written, and nothing reloaded", 30)
        assert device.says(f"test -e {slow.edits[0].path}") and device.guarded
        device.power_cut()
    assert not device.says(f"test -e {slow.edits[0].path}") and not device.guarded
    assert device.sh("find /etc /var/lib/iot_site_checklist -name '*iot-site*' -o -name 'guard*'") == ""
    device.sh("systemctl daemon-reload; systemctl start nginx")
    settled(device, before)


def test_a_power_cut_after_the_confirmation_leaves_the_new_state(device: Device) -> None:
    changes = wanted(device, Nginx(), "A2.web")
    device.apply(changes)
    device.power_cut()
    device.sh("systemctl start nginx")
    assert not device.guarded
    assert {one.status for one in device.found(Nginx(), "A2.web")} == {Status.PASS}
    device.sh(f"rm {changes[0].edits[0].path}; systemctl reload nginx")
