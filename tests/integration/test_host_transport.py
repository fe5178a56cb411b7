# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host transport and its guard on a real Debian host: real SSH, sudo, systemd, nftables and reboots."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.lab.lab import Lab, LabError

ROOT = Path(__file__).resolve().parents[2]
GUARD = "/var/lib/iot_site_checklist/guard"
FILE = "/etc/issue.net"
GUARD_SECONDS = 35  # the shortest the transport allows


@pytest.fixture(scope="module")
def lab():
    if os.geteuid() != 0 or not shutil.which("podman"):
        pytest.skip("needs root and podman for the lab's containers (tests/lab/README.md)")
    site = Lab("pair")
    site.up()
    yield site
    site.down()


@pytest.fixture
def device(lab, tmp_path):
    """A device with a text on it that a test may change; afterwards no guard stands."""
    with tempfile.TemporaryDirectory(prefix="s") as sockets:  # a socket's path must be short
        yield from _device(Device(lab, tmp_path, sockets))


def _device(device):
    device.must("sh", "-c", f"printf 'first text\\n' > {FILE}; chown ops {FILE}; chmod 640 {FILE}")
    yield device
    device.must("sh", "-c", f"test ! -e {GUARD}")
    assert not device.must("sh", "-c", "ls /etc/systemd/system | grep iot-site || true")


class Device:
    def __init__(self, lab, folder, sockets):
        self.lab = lab
        self.folder = folder
        self.sockets = sockets
        self.options = {}
        self.began = int(self.must("date", "+%s"))
        self.token = f"20261120T000000Z-{secrets.token_hex(4)}"

    def must(self, *argv):
        """Beside the network, so it works on a host that is locked out too."""
        done = self.lab.run("device", *argv)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def identity(self):
        return self.must("stat", "-c", "%i %U %G %a %h", FILE) + self.must("cat", FILE)

    def logins(self):
        """How many connections have logged in over the network since the test began."""
        return self.must("journalctl", "-b", "--no-pager", "-u", "ssh", f"--since=@{self.began}").count("Accepted ")

    def wait_until(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not within {seconds} s"
            time.sleep(0.2)

    def run(self, *steps, check=False, verbosity="", **variables):
        """One Ansible run with these steps; ``(answers, everything it printed)``, answers None when it was killed."""
        inventory = json.loads(self.lab.inventory.read_text())
        inventory["lab"]["vars"].update(self.options, **variables)
        source = self.folder / "inventory.json"
        source.write_text(json.dumps(inventory))
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": f"{ROOT}/.build/collections",
            "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).parent / "action_plugins"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.sockets),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_NOCOLOR": "1",
        }
        command = [Path(sys.executable).with_name("ansible"), "-i", source, "device", "-m", "transport_steps"]
        command += ["-a", json.dumps({"steps": steps}), *(["-C"] if check else []), *([verbosity] if verbosity else [])]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=self.folder)
        found = re.search(r"^device \| SUCCESS => (\{.*^\})", done.stdout, re.MULTILINE | re.DOTALL)
        return (json.loads(found.group(1))["answers"] if found else None), done.stdout + done.stderr

    def apply(self, **more):
        return {"do": "apply", "token": self.token, "files": {FILE: "second text\n"}, **more}

    def confirm(self, **more):
        return {"do": "confirm", "token": self.token, **more}

    def revert(self):
        return {"do": "revert", "token": self.token}


SESSION = {"do": "read", "reads": {"session": "@session"}}
FRESH = {"do": "fresh"}


# --- reading ------------------------------------------------------------------------------------------------


def test_the_device_tells_the_address_and_the_account_it_sees(device):
    (answer,), _said = device.run(SESSION)
    seen = json.loads(answer["session"]["text"])
    assert seen["ssh_connection"].split()[0] == "192.168.102.1"
    assert (seen["user"], seen["sudo_user"], seen["uid"]) == ("root", "ops", 0)


def test_the_session_is_found_although_su_forgets_everything(device):
    (answer,), _said = device.run(SESSION, ansible_become_flags="-H -S -n -i")
    assert json.loads(answer["session"]["text"])["ssh_connection"].split()[0] == "192.168.102.1"


def test_the_listeners_and_their_programs_are_seen(device):
    (answer,), _said = device.run({"do": "read", "reads": {"sockets": "@listeners"}})
    assert {"protocol": "tcp", "address": "0.0.0.0", "port": 22, "program": "sshd"} in json.loads(
        answer["sockets"]["text"]
    )


def test_a_secret_read_shows_nothing_even_at_vvvv(device):
    device.must("sh", "-c", "echo planted-hash-4711 > /root/planted")
    (answer,), printed = device.run(
        {"do": "read", "reads": {"planted": "cat /root/planted"}, "secret": True}, verbosity="-vvvv"
    )
    shown, _found, _result = printed.partition('"answers"')
    assert answer["planted"]["text"] == "planted-hash-4711\n"
    assert "rc=0, stdout and stderr censored" in shown
    assert "eJ" not in "".join(re.findall(r'"data": "(.*?)"', shown))
    assert "planted-hash-4711" not in shown
    journal = device.must("journalctl", "-b", "--no-pager")
    assert "planted-hash-4711" not in journal


# --- a really new connection --------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args"])
def test_a_fresh_connection_is_new_whatever_the_user_configured(device, where):
    inventory = json.loads(device.lab.inventory.read_text())["lab"]["vars"]
    sticky = f"-o ControlMaster=auto -o ControlPersist=20s -o ControlPath={device.sockets}/%C"
    options = {where: f"{inventory.get(where, '')} {sticky}".strip()}
    device.run(SESSION, SESSION, **options)
    shared = device.logins()
    answers, _said = device.run(SESSION, FRESH, {**SESSION, "over": "new"}, SESSION, **options)
    assert answers[1] == "connected"
    assert (shared, device.logins()) == (1, 3)  # one to reach it, one to read: not even a fresh one is shared


# --- apply, prove, confirm ----------------------------------------------------------------------------------


def test_a_confirmed_change_stays(device):
    answers, _said = device.run(
        device.apply(), FRESH, device.confirm(), {"do": "persist", "token": device.token, "files": {"/etc/kept": "x"}}
    )
    assert answers == ["applied", "connected", True, None]
    assert device.must("cat", FILE) == "second text\n"
    assert device.must("stat", "-c", "%U %a", FILE) == "ops 640\n"
    assert device.must("cat", "/etc/kept") == "x"
    assert device.must("sh", "-c", "cat /var/lib/iot_site_checklist/originals/*/*issue.net | head -1") == "first text\n"


def test_the_armed_timer_is_a_real_unit_and_ends_with_the_guard(device):
    before = device.identity()
    (applied,), _said = device.run(device.apply())
    assert applied == "applied"
    timers = device.must("systemctl", "list-timers", "--no-pager", "iot-site-checklist-guard.timer")
    assert "iot-site-checklist-guard.service" in timers
    (_reverted,), _said = device.run(device.revert())
    assert device.identity() == before
    assert "0 timers" in device.must(
        "systemctl", "list-timers", "--all", "--no-pager", "iot-site-checklist-guard.timer"
    )


def test_a_failed_check_changes_nothing(device):
    before = device.identity()
    (answer,), _said = device.run(device.apply(checks=[{"argv": "nft -c -f -", "stdin": "add nonsense\n"}]))
    assert answer["raised"] == "Refused"
    assert "syntax error" in answer["why"]
    assert device.identity() == before


def test_a_failed_activation_is_rolled_back_at_once(device):
    before = device.identity()
    (answer,), _said = device.run(device.apply(runs=[{"argv": "systemctl reload no-such"}]))
    assert answer["raised"] == "Reverted"
    assert device.identity() == before


def test_a_second_run_is_refused_with_the_age_of_the_first(device):
    other = {**device.apply(), "token": "20261120T000009Z-other"}
    answers, _said = device.run(device.apply(), other, device.revert())
    assert answers[1]["raised"] == "Refused"
    assert device.token in answers[1]["why"]
    assert "s ago" in answers[1]["why"]
    assert answers[2] is None


def test_check_mode_cannot_apply(device):
    before = device.identity()
    (answer,), _said = device.run(device.apply(), check=True)
    assert (answer["raised"], "check mode" in answer["why"]) == ("Refused", True)
    assert device.identity() == before


def test_a_guard_shorter_than_a_proof_is_refused(device):
    (answer,), _said = device.run(device.apply(seconds=GUARD_SECONDS - 1))
    assert answer["raised"] == "Refused"


def test_without_root_nothing_is_changed(device):
    (answer,), _said = device.run(device.apply(), ansible_become=False)
    assert (answer["raised"], "become" in answer["why"]) == ("Refused", True)


# --- lockouts -----------------------------------------------------------------------------------------------

DROP_NEW = "table inet lockout { chain in { type filter hook input priority -10; tcp dport 22 ct state new drop; }; }\n"


def test_an_established_session_hides_no_lockout(device):
    """The old connection still works, so only the new one tells, and the old one rolls back."""
    cut = {"argv": "nft -f -", "stdin": DROP_NEW, "undo": "nft delete table inet lockout"}
    applied, fresh, session, reverted = device.run(device.apply(runs=[cut]), FRESH, SESSION, device.revert())[0]
    assert applied == "applied"
    assert fresh["raised"] == "Unreachable"
    assert "does not answer" in fresh["why"]
    assert "error" in session["session"]
    assert reverted is None
    assert device.run(FRESH)[0] == ["connected"]


def test_without_sshd_the_old_connection_brings_it_back(device):
    stop = {"argv": "systemctl stop ssh", "undo": "systemctl start ssh"}
    applied, fresh, reverted, again = device.run(device.apply(runs=[stop]), FRESH, device.revert(), FRESH)[0]
    assert applied == "applied"
    assert (fresh["raised"], "nothing listens" in fresh["why"]) == ("Unreachable", True)
    assert (reverted, again) == (None, "connected")


def test_a_change_that_cuts_even_the_old_session_ends_with_the_guard(device):
    """Our answer may arrive before the cut or only after the guard; nobody can confirm, and the device returns."""
    before = device.identity()
    wall = DROP_NEW.replace(" ct state new", "")
    cut = {"argv": "nft -f -", "stdin": wall, "undo": "nft delete table inet lockout"}
    answers, _said = device.run(device.apply(runs=[cut]), FRESH, device.confirm(over="old"))
    assert answers[2] is not True
    device.wait_until(lambda: device.lab.run("device", "test", "-e", GUARD).returncode, GUARD_SECONDS + 10)
    assert device.identity() == before
    assert device.run(FRESH)[0] == ["connected"]


def test_a_controller_killed_after_applying_leaves_a_device_that_returns_by_itself(device):
    before = device.identity()
    cut = {"argv": "nft -f -", "stdin": DROP_NEW, "undo": "nft delete table inet lockout"}
    started = time.monotonic()
    answers, _said = device.run(device.apply(runs=[cut]), {"do": "kill"})
    assert answers is None
    assert device.must("cat", FILE) == "second text\n"
    device.wait_until(lambda: device.lab.run("device", "test", "-e", GUARD).returncode, GUARD_SECONDS + 10)
    assert time.monotonic() - started >= GUARD_SECONDS - 5
    assert device.identity() == before
    (late,) = device.run(device.confirm(over="old"))[0]
    assert late is False


def test_a_reboot_in_the_guards_time_brings_the_old_files_before_any_service_starts(device):
    before = device.identity()
    bad = {"/etc/ssh/sshd_config.d/bad.conf": "ThisWord isUnknown\n", FILE: "second text\n"}
    (applied,), _said = device.run(device.apply(files=bad, seconds=300))
    assert applied == "applied"
    try:
        device.lab.reboot("device")  # waits for sshd, which would not start with the bad file
    except LabError as error:
        pytest.fail(f"the device did not come back: {error}")
    assert device.identity() == before
    assert device.lab.run("device", "test", "-e", "/etc/ssh/sshd_config.d/bad.conf").returncode
    assert json.loads(device.must("cat", "/var/lib/iot_site_checklist/restored.json"))["token"] == device.token


# --- a device that cannot be reached, or cannot answer ------------------------------------------------------


def test_a_device_without_python_is_told_so(device):
    (answer,), _said = device.run(SESSION, ansible_python_interpreter="/usr/bin/python9")
    assert (answer["raised"], "No Python" in answer["why"]) == ("Unable", True)


def test_a_sudo_that_wants_a_password_is_told_so(device):
    device.must("sh", "-c", "echo 'ops ALL=(ALL) ALL' > /etc/sudoers.d/ops")
    try:
        (answer,), _said = device.run(SESSION)
    finally:
        device.must("sh", "-c", "echo 'ops ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ops")
    assert (answer["raised"], "sudo asks for a password" in answer["why"]) == ("Unable", True)


def test_a_device_without_sudo_is_told_so(device):
    device.must("mv", "/usr/bin/sudo", "/usr/bin/sudo.away")
    try:
        (answer,), _said = device.run(SESSION)
    finally:
        device.must("mv", "/usr/bin/sudo.away", "/usr/bin/sudo")
    assert (answer["raised"], "no such program for becoming root" in answer["why"]) == ("Unable", True)


def test_a_changed_host_key_is_told_so(device):
    key = (device.lab.key.with_suffix(".pub")).read_text().split()
    (device.folder / "known").write_text(f"192.168.102.11 {key[0]} {key[1]}\n")
    options = f"-o UserKnownHostsFile={device.folder}/known -o StrictHostKeyChecking=yes"
    (answer,), _said = device.run(SESSION, ansible_ssh_common_args=options)
    assert (answer["raised"], "not the one we know" in answer["why"]) == ("Unreachable", True)


def test_nothing_at_the_address_is_told_so(device):
    (answer,), _said = device.run(SESSION, ansible_port=2)
    assert (answer["raised"], "nothing listens" in answer["why"]) == ("Unreachable", True)


@pytest.mark.parametrize("mechanism", ["ssh_askpass", "sshpass"])
def test_a_wrong_password_is_tried_once(device, mechanism):
    device.must("sh", "-c", "echo ops:right | chpasswd; journalctl --rotate; journalctl --vacuum-time=1s")
    if mechanism == "sshpass" and not shutil.which("sshpass"):
        pytest.skip("sshpass is not installed on the controller")
    options = {"ansible_ssh_password_mechanism": mechanism, "ansible_ssh_retries": 3}
    options |= {"ansible_password": "wrong", "ansible_ssh_private_key_file": "/dev/null"}
    options |= {"ansible_ssh_timeout": 60}  # the answer to a wrong password takes its time, also on a busy machine
    (answer,), _said = device.run(SESSION, **options)
    assert (answer["raised"], "tried once" in answer["why"]) == ("Unreachable", True), answer
    journal = device.must("journalctl", "-b", "--no-pager", "-u", "ssh")
    assert len(re.findall(r"Failed (?:password|keyboard)", journal)) == 1, journal
