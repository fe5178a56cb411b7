# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs against real Linux machines that get into trouble: what is told, and what the machine looks like after.

The order matters once: the controller of ``cut_off`` dies first, and while its guard runs down the other machines
have their tests.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import lab_world, playbook_run
from tests.integration.lab_world import CONTROLLER, GUARD_SECONDS, NOBODY, Host, World
from tests.integration.playbook_run import Run
from tests.integration.router_world import until
from tests.lab.lab import Lab

pytestmark = pytest.mark.skipif(bool(lab_world.unavailable()), reason=lab_world.unavailable())

#: A mistake in the filter as people make it: from now on nobody is allowed in, and who is in stays in.
NOBODY_ALLOWED = "nft flush set inet iot_site_checklist allow4"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with lab_world.lab() as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, lab: Lab) -> Iterator[World]:
    with lab_world.world(tmp_path, lab) as made:
        yield made


@pytest.fixture
def device(lab: Lab) -> Iterator[Host]:
    """A machine without a filter, which no test may change in the end."""
    host = Host(lab, "device")
    before = host.state
    assert not host.filtered
    yield host
    assert host.state == before


def recap(run: Run, host: str) -> dict[str, int]:
    """What Ansible counts for a host in the end."""
    (line,) = re.findall(rf"^{host}\s+: (.*)$", run.stdout, re.MULTILINE)
    return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", line)}


# --- the controller dies, the policy cuts it off ---------------------------------------------------------------


class Dead:
    """A run on a machine that was killed as soon as the filter was loaded, which lets nobody in."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.host = world.host("cut_off")
        self.before = self.host.state
        with self.host.hooked(NOBODY_ALLOWED):
            process = world.start("remediate", "--tags", "A2", "--limit", "cut_off")
            until(lambda: self.host.filtered, "the filter is loaded")
            playbook_run.kill(process)
        self.at = time.monotonic()
        self.guarded, self.reachable = self.host.guarded, lab_world.new_connection(world.lab, self.host)


@pytest.fixture(scope="module")
def dead(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dead]:
    with lab_world.world(tmp_path_factory.mktemp("dead"), lab) as world:
        yield Dead(world)


def test_the_killed_run_has_really_cut_us_off(dead: Dead) -> None:
    """Or its return, further down, would prove nothing. Its guard runs down from now on."""
    assert (dead.guarded, dead.reachable) == (True, False)


# --- refused before anything -----------------------------------------------------------------------------------


def test_an_allowlist_without_the_address_that_the_device_sees_is_refused_before_any_edit(
    world: World, device: Host
) -> None:
    world.site["iot_site_management_sources"] = ["192.168.103.2/32"]
    run = world.play("remediate", "--tags", "A2", "--limit", "device")
    finding = world.findings("device")["A2.management"]
    assert (run.code, finding["status"], recap(run, "device")["changed"]) == (2, "gap", 0)
    assert f"the allowlist does not hold {CONTROLLER}" in finding["fix"]
    assert "iot_site_management_sources" in finding["fix"]
    assert not device.says("ls -d /var/lib/iot_site_checklist/originals")


# --- rolled back ------------------------------------------------------------------------------------------------


def test_a_lockout_is_rolled_back_though_the_old_session_goes_on(world: World, device: Host) -> None:
    """A master connection of ssh stays open over the whole run: through it everything would look well."""
    before = device.state
    began = time.monotonic()
    with device.hooked(NOBODY_ALLOWED):
        run = world.play(
            "remediate", "--tags", "A2", "--limit", "device",
            ANSIBLE_SSH_ARGS="-o ControlMaster=auto -o ControlPersist=120s",
        )  # fmt: skip
        took = time.monotonic() - began
        finding = world.findings("device")["A2.management"]
    assert (run.code, finding["status"]) == (2, "failed")
    assert "no new connection after the change" in finding["why"]
    assert "rolled back; the device is as it was" in finding["why"]
    assert took < GUARD_SECONDS, "rolled back by us over the old session, not by the guard"
    assert device.state == before


def test_a_lost_default_route_is_rolled_back(world: World, device: Host) -> None:
    """Our own way in needs no route, so nothing but the canary can see it."""
    before = device.state
    with device.hooked("ip route del default"):
        run = world.play("remediate", "--tags", "A2", "--limit", "device")
    finding = world.findings("device")["A2.management"]
    device.sh(f"ip route add default via {CONTROLLER}")
    assert (run.code, finding["status"]) == (2, "failed")
    assert "something that worked before the change does not now: default route" in finding["why"]
    assert device.state == before


def test_a_configuration_that_its_program_refuses_changes_nothing(world: World, device: Host) -> None:
    """The owner includes conf.d twice: harmless while it is empty, and what we would put there is there twice."""
    device.write("/etc/nginx/modules-enabled/none.conf", "")
    whole = device.sh("cat /etc/nginx/nginx.conf")
    twice = whole.replace("include /etc/nginx/conf.d/*.conf;", 2 * "include /etc/nginx/conf.d/*.conf;\n")
    assert twice != whole
    try:
        device.write("/etc/nginx/nginx.conf", twice)
        device.sh("nginx -t && systemctl start nginx")
        before = device.state
        run = world.play("remediate", "--tags", "B1", "--limit", "device")
        assert device.state == before
        found = world.findings("device")
        device.sh("systemctl is-active nginx && nginx -t")
    finally:
        device.sh("systemctl stop nginx; rm /etc/nginx/modules-enabled/none.conf")
        device.write("/etc/nginx/nginx.conf", whole)
    assert run.code == 2
    assert found["B1.http_header"]["status"] == "gap"
    assert "not changed" in found["B1.http_header"]["why"]
    assert "directive is duplicate" in found["B1.http_header"]["why"]


# --- two at once ------------------------------------------------------------------------------------------------


def test_of_two_runs_at_once_with_different_allowlists_one_is_whole(world: World, lab: Lab, tmp_path: Path) -> None:
    """They come from two controllers, whose lock files and memories are their own."""
    host = Host(lab, "contended")
    networks = {"first": "192.168.103.32/28", "second": "192.168.103.64/28"}
    worlds, runs = {}, {}
    with contextlib.ExitStack() as stack:
        for name, network in networks.items():
            (tmp_path / name).mkdir()
            worlds[name] = stack.enter_context(lab_world.world(tmp_path / name, lab))
            worlds[name].site["iot_site_people"] = [{"name": name, "sources": [network]}]
            runs[name] = worlds[name].start("remediate", "--tags", "A2", "--limit", "contended")
        for run in runs.values():
            run.communicate(timeout=playbook_run.SECONDS)
        found = {name: each.findings("contended")["A2.management"] for name, each in worlds.items()}
    fixed = [name for name, finding in found.items() if finding["status"] == "fixed"]
    assert fixed, found
    for name in set(found) - set(fixed):
        assert found[name]["status"] == "gap"
        assert "run again" in (found[name]["why"] + found[name]["fix"]).lower()
    loaded = host.sh("nft list table inet iot_site_checklist")
    kept = host.sh("cat /etc/iot_site_checklist/nftables.nft")
    (winner,) = (name for name, network in networks.items() if network in loaded)
    assert winner in fixed
    assert [name for name, network in networks.items() if network in kept] == [winner]
    assert not host.guarded


# --- nothing changes twice, an audit nothing at all -------------------------------------------------------------


def test_an_audit_changes_nothing_and_the_second_fix_neither(world: World) -> None:
    host = world.host("contended")
    kept = host.sh("printf k2hvz8qn4tdw7cgx | openssl dgst -sha1 -binary | base64").strip()
    host.sh(f"echo 'office:{{SHA}}{kept}' > /etc/nginx/site.users; systemctl start nginx")
    world.hosts["contended"]["login_required_user_file"] = "/etc/nginx/site.users"  # A1 is closed with these accounts
    before = host.state
    audit = world.play("audit", "--limit", "contended")
    assert audit.code == 2, audit.output
    assert host.state == before
    first = world.play("remediate", "--limit", "contended")
    assert recap(first, "contended")["changed"] > 0, first.output
    assert not world.statuses("contended") & {"gap", "failed", "unknown"}, world.findings("contended")
    assert world.findings("contended")["A1.web"]["status"] == "fixed"
    assert "401" in host.sh("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/")
    after = host.state
    second = world.play("remediate", "--limit", "contended")
    assert (second.code, recap(second, "contended")["changed"]) == (0, 0), second.output
    assert host.state == after
    assert "fixed" not in world.statuses("contended")


# --- dead, without Python, without sudo, good: all in one run ---------------------------------------------------


@pytest.fixture
def mixed(world: World) -> World:
    """Every host that can be wrong, and a good one."""
    world.host("pythonless").sh(
        "for one in /usr/bin/python3*; do mv $one /root; done 2>/dev/null; ! command -v python3"
    )
    world.host("unprivileged").sh("rm -f /etc/sudoers.d/ops")
    world.hosts["dead"] = {"ansible_host": NOBODY, "ansible_ssh_timeout": 5}
    return world


LIMITS = {"linear": ("device", "pythonless", "unprivileged", "dead"), "free": ("device", "unprivileged", "dead")}


@pytest.mark.parametrize("strategy", LIMITS)
def test_every_host_is_in_the_report_whatever_is_wrong_with_it(mixed: World, device: Host, strategy: str) -> None:
    limit = LIMITS[strategy]
    run = mixed.play("audit", "--tags", "A2,B1", "--limit", ",".join(limit), ANSIBLE_STRATEGY=strategy)
    assert run.code == 2
    found = {host: mixed.findings(host)["A2.management"] for host in limit}
    wanted = {"device": "gap", "pythonless": "unknown", "unprivileged": "unknown", "dead": "unreachable"}
    assert {host: finding["status"] for host, finding in found.items()} == {host: wanted[host] for host in limit}
    for host, word in (("pythonless", "python"), ("unprivileged", "sudo")):
        assert host not in limit or word in found[host]["why"].lower()
    assert mixed.statuses("device") > {"gap"}, "its other items are judged"
    outside = set(mixed.hosts) - set(limit)
    assert not any(mixed.statuses(host) for host in outside)
    assert "not in this run" in run.output


# --- secrets ----------------------------------------------------------------------------------------------------

PLANTED = {
    "htpasswd": "$apr1$plantedh$Qx7vPlantedHashOfTheWebPage",
    "header": "Basic cGxhbnRlZDp1cHN0cmVhbS1zZWNyZXQ=",
    "become password": "pL4nted-become-W7q",
    "site secret": "Zq8-planted-W4v7-xK3n-secret-of-labels",
}

SECRET_SITE = f"""\
server {{
    listen 80 default_server;
    listen 443 ssl;
    ssl_certificate /etc/nginx/panel.crt;
    ssl_certificate_key /etc/nginx/panel.key;
    auth_basic "panel";
    auth_basic_user_file /etc/nginx/htpasswd;
    location / {{
        proxy_pass http://127.0.0.1:8099;
        proxy_set_header Authorization "{PLANTED["header"]}";
    }}
}}
"""


def secrets_of(host: Host) -> dict[str, str]:
    """What was planted, and what the machine made itself of it."""
    key = host.sh("cat /etc/nginx/panel.key").splitlines()[3]
    shadow = host.sh("getent shadow ops").split(":")[1]
    own = host.sh("cat /etc/ssh/ssh_host_ed25519_key").splitlines()[2]
    assert min(map(len, (key, shadow, own))) > 20
    return {**PLANTED, "private key": key, "shadow": shadow, "host key": own}


@pytest.fixture
def secretive(world: World) -> Host:
    host = world.host("secretive")
    host.write("/etc/nginx/htpasswd", f"operator:{PLANTED['htpasswd']}\n")
    host.write("/etc/nginx/sites-enabled/default", SECRET_SITE)
    make = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=panel -days 9"
    host.sh(f"{make} -keyout /etc/nginx/panel.key -out /etc/nginx/panel.crt && nginx -t && systemctl restart nginx")
    host.sh(f"echo 'ops:{PLANTED['become password']}' | chpasswd; echo 'ops ALL=(ALL) ALL' > /etc/sudoers.d/ops")
    world.hosts["secretive"]["ansible_become_password"] = PLANTED["become password"]
    world.site["iot_site_secret"] = PLANTED["site secret"]
    return host


def test_no_secret_leaves_by_any_door(world: World, secretive: Host) -> None:
    secrets = secrets_of(secretive)
    run = world.play(
        "remediate", "--limit", "secretive", "--diff", "-vvvv",
        ANSIBLE_LOG_PATH=str(world.folder / "ansible.log"), ANSIBLE_CACHE_PLUGIN="ansible.builtin.jsonfile",
        ANSIBLE_CACHE_PLUGIN_CONNECTION=str(world.folder / "cache"), ANSIBLE_INJECT_FACT_VARS="true",
    )  # fmt: skip
    assert "fixed" in world.statuses("secretive"), "the whole way was gone"
    assert world.findings("secretive")["A2.management"]["status"] == "fixed", run.output[-4000:]
    doors = {str(path.relative_to(world.folder)): path.read_text("utf-8", "replace") for path in _written(world)}
    for name in ("ansible.log", "findings.json", "plan.json"):
        assert [door for door in doors if door.endswith(name) and doors[door]], f"{name} was not written"
    assert [door for door in doors if door.startswith("cache/")]
    doors |= {"stdout": run.stdout, "stderr": run.stderr}
    doors["journal"] = secretive.sh("journalctl -b --no-pager -a")
    doors = {door: playbook_run.opened(text) for door, text in doors.items()}
    assert '"vitals"' in doors["stdout"], "the states in there were laid open"
    assert "host_apply" in doors["journal"], "the journal tells of our modules"
    assert [(name, door) for name, secret in secrets.items() for door, text in doors.items() if secret in text] == []


def _written(world: World) -> list[Path]:
    """Everything a run has left, without what a person wrote."""
    return [path for path in world.folder.rglob("*") if path.is_file() and path.name != "hosts.json"]


# --- the controller that died at the beginning ------------------------------------------------------------------


def test_the_device_returns_by_itself_and_the_next_run_works(dead: Dead) -> None:
    host = dead.host
    until(lambda: not host.guarded, "the guard has fired", GUARD_SECONDS + 15)
    until(lambda: lab_world.new_connection(dead.world.lab, host), "a new connection gets in", 10)
    assert host.state == dead.before
    run = dead.world.play("remediate", "--tags", "A2", "--limit", "cut_off")
    finding = dead.world.findings("cut_off")["A2.management"]
    assert (run.code, finding["status"]) == (0, "fixed"), finding["why"]
    assert lab_world.new_connection(dead.world.lab, host)
    dead.world.lab.reboot("cut_off")
    assert host.filtered, "it survives a reboot"
