# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C1 and C2 set passwords on an emulated Yamaha router: proved by new logins, known to the store, shown to nobody."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.evidence import directory_name

from tests.devices.yamaha_rtx import Personality
from tests.integration import playbook_run
from tests.integration.playbook_run import Run, opened
from tests.integration.router_world import Device, Loop, World, until
from tests.integration.test_rtx_killed import heard
from tests.unit.devices.console_client import terminal

HOST = "k7-rtx"
#: What the personality came with, all of it made from names; user-b's is nobody's business and stays.
OLD = {"noc-a": "noc-a-pass", "administrator password": "rtx830-admin", "login password": "rtx830-login"}
USER_B = "w3fzn8kd5vbq72hp"
SAVED = Personality.load("rtx830_pppoe").config.replace("login user vendor vendor-pass\n", "") + (
    f"login user user-b {USER_B}\nuser attribute user-b connection=ssh administrator=off\n"
)
SHUT_OUT = ("login user vendor r8xk2mvc7qhw4tzd", "user attribute vendor connection=off")
#: From whose store the inventory reads them.
VARIABLES = {
    "noc-a": "ansible_password",
    "administrator password": "ansible_become_password",
    "login password": "iot_site_console_password",
}
OWN = ("login password", "administrator password")
VAULT = "pB7wq2kz"


def made(folder: Path, loop: Loop) -> World:
    world = World(folder, loop)
    world.add(HOST, saved=SAVED)
    (folder / "vault secret").write_text(VAULT)
    return world


def play(world: World, playbook: str, *arguments: str, **environment: str) -> Run:
    return world.play(
        playbook, *arguments, ANSIBLE_VAULT_PASSWORD_FILE=str(world.folder / "vault secret"), **environment
    )


def consented(world: World) -> None:
    world.hosts[HOST]["user_credentials_rotate_own"] = True


def read_from_the_store(world: World) -> None:
    for owner, variable in VARIABLES.items():
        world.hosts[HOST][variable] = f"{{{{ lookup('iot_site.checklist.credential', '{owner}') }}}}"


def stored(world: World, owner: str) -> dict[str, Any]:
    """What the store holds of somebody, opened as a person would."""
    return _opened(world, _folder(world) / f"{directory_name(owner)}.yml")


def active(world: World, owner: str) -> str:
    return str(stored(world, owner)["active"]["secret"])


def every_secret(world: World) -> set[str]:
    """All that the store holds."""
    vault = VaultLib([("default", VaultSecret(VAULT.encode()))])
    records = [yaml.safe_load(vault.decrypt(path.read_bytes())) for path in _folder(world).glob("*.yml")]
    return {one[which]["secret"] for one in records for which in ("active", "pending", "previous") if one[which]}


def _folder(world: World) -> Path:
    return world.folder / "iot_site_secrets" / "k7" / "credentials" / HOST


def _opened(world: World, path: Path) -> dict[str, Any]:
    command = [str(Path(sys.executable).with_name("ansible-vault")), "view", str(path)]
    secret = {"ANSIBLE_VAULT_PASSWORD_FILE": str(world.folder / "vault secret")}
    clear = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **secret}).stdout
    return yaml.safe_load(clear)  # type: ignore[no-any-return]


def rises(device: Device, user: str, password: str, administrator: str) -> bool | None:
    """Whether a new session becomes administrator; None where it does not even open."""

    async def tried() -> bool:
        async with terminal(device.server, "127.0.0.1", user, password) as console:
            shown = await console.raw("administrator")
            if b"Password" in shown:
                shown = await console.raw(administrator)
            return shown.endswith(b"# ")

    try:
        return asyncio.run(asyncio.wait_for(tried(), 20))
    except asyncssh.PermissionDenied:
        return None


def saved_passwords(device: Device) -> list[str]:
    """Of the console and of the administrator, as the router keeps them for its next start."""
    return [(device.router.saved.get(f"{word} password") or ("",))[-1] for word in ("login", "administrator")]


def told(world: World, item: str) -> dict[str, dict[str, Any]]:
    """What the newest report says of the router's own logins."""
    found = [one for one in world.findings() if one["surface"] in ("accounts", "logins")]
    return {one["control"]: one for one in found if one["item"] == item}


@dataclass
class Story:
    """One site from its first audit on: what each run said, and how the router was after it."""

    world: World
    device: Device
    runs: dict[str, Run] = field(default_factory=dict)
    found: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def run(self, name: str, playbook: str, *arguments: str, item: str = "C1", **environment: str) -> Run:
        run = play(self.world, playbook, "--tags", item, *arguments, **environment)
        self.runs[name], self.found[name], self.states[name] = run, told(self.world, item), self.device.hash
        self.known |= every_secret(self.world)
        return run


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, loop: Loop) -> Iterator[Story]:
    world = made(tmp_path_factory.mktemp("passwords"), loop)
    try:
        yield Story(world, world.devices[HOST])
    finally:
        world.close()


def loud(story: Story, name: str) -> dict[str, str]:
    """Everything that Ansible can write, and where."""
    return {
        "ANSIBLE_PERSISTENT_LOG_MESSAGES": "1", "ANSIBLE_LOG_PATH": str(story.world.folder / f"{name}.log"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(story.world.folder / "cache"),
    }  # fmt: skip


def test_an_audit_and_a_run_without_consent_change_nothing(story: Story) -> None:
    before = story.device.hash
    story.run("audit", "audit")
    story.run("refused", "remediate")
    assert story.states["audit"] == story.states["refused"] == before and story.device.edits() == []
    assert "noc-a has a password made from its own name" in story.found["audit"]["C1.weak_password"]["why"]
    refused = story.found["refused"]["C1.weak_password"]
    assert refused["status"] == "gap" and "user_credentials_rotate_own" in refused["fix"]
    assert not (story.world.folder / "iot_site_secrets").exists()


def test_the_passwords_of_this_very_session_are_replaced_proved_and_saved(story: Story) -> None:
    consented(story.world)
    story.run("set", "remediate", "-vvvv", "--diff", **loud(story, "set"))
    weak = story.found["set"]["C1.weak_password"]
    assert weak["status"] in ("fixed", "unknown"), weak
    assert "login user noc-a" in story.device.typed, "and no password behind it"
    assert story.device.router.boots == 1, "no restart was needed"
    assert not [line for line in story.device.saved if "schedule at 6" in line or "7700999" in line]
    new = {owner: active(story.world, owner) for owner in OLD}
    assert len(set(new.values())) == 3 and not set(new.values()) & set(OLD.values())
    assert rises(story.device, "noc-a", new["noc-a"], new["administrator password"])
    assert saved_passwords(story.device) == [new[owner] for owner in OWN]


def test_nobody_gets_in_or_up_with_the_old_ones_and_who_is_not_concerned_keeps_theirs(story: Story) -> None:
    new = {owner: active(story.world, owner) for owner in OLD}
    assert rises(story.device, "noc-a", OLD["noc-a"], new["administrator password"]) is None
    assert rises(story.device, "noc-a", new["noc-a"], OLD["administrator password"]) is False
    assert rises(story.device, "user-b", USER_B, "") is False


def test_once_the_inventory_reads_the_store_another_run_changes_nothing(story: Story) -> None:
    read_from_the_store(story.world)
    before, edits = story.device.hash, len(story.device.edits())
    run = story.run("again", "remediate")
    assert "changed=0" in run.stdout, run.output
    assert story.states["again"] == before and len(story.device.edits()) == edits
    assert {one["status"] for one in story.found["again"].values()} == {"unknown", "pass"}, "user-b's is hidden"
    assert "user-b" in story.found["again"]["C1.weak_password"]["why"]
    assert "noc-a" not in story.found["again"]["C1.weak_password"]["why"], "the store has it, so it was generated"


def test_a_person_whose_password_nobody_knows_gets_a_new_one_when_it_is_asked_for(story: Story) -> None:
    story.run("rotated", "remediate", "-e", "user_credentials_rotate=user-b", "-vvvv", **loud(story, "rotated"))
    weak = story.found["rotated"]["C1.weak_password"]
    assert weak["status"] == "fixed" and weak["evidence"]["logged_in"] == ["user-b"], weak
    assert rises(story.device, "user-b", active(story.world, "user-b"), "") is False
    assert rises(story.device, "user-b", USER_B, "") is None
    attempts = [one for one in story.device.router.auth_attempts if one["user"] == "user-b"]
    assert len(attempts) == 3 + 1, "the proof tried once"


def test_a_person_without_an_account_gets_one_with_no_more_rights_than_theirs(story: Story) -> None:
    story.world.site["iot_site_people"].append({"name": "利用者C", "account": "user-c", "sources": ["203.0.113.30/32"]})
    story.run("created", "remediate", "--diff", "-vvvv", item="C2", **loud(story, "created"))
    found = story.found["created"]["C2.person_account"]
    assert found["status"] == "fixed" and found["evidence"]["logged_in"] == ["user-c"], found
    assert "+user attribute user-c administrator=off" in story.runs["created"].stdout
    assert (
        rises(story.device, "user-c", active(story.world, "利用者C"), active(story.world, "administrator password"))
        is False
    )
    assert "user attribute user-c administrator=off" in story.device.saved
    run = story.run("created again", "remediate", item="C2")
    assert "changed=0" in run.stdout, run.output


def test_the_router_s_own_passwords_are_made_anew_when_it_is_asked_for(story: Story) -> None:
    before = {owner: active(story.world, owner) for owner in OWN}
    rotate = '{"user_credentials_rotate": ["login password", "administrator password"]}'
    story.run("own", "remediate", "-e", rotate, "-vvvv", **loud(story, "own"))
    after = {owner: active(story.world, owner) for owner in OWN}
    assert not set(before.values()) & set(after.values()), story.found["own"]
    assert rises(story.device, "noc-a", active(story.world, "noc-a"), after["administrator password"])
    assert saved_passwords(story.device) == [after[owner] for owner in OWN]
    assert play(story.world, "audit", "--tags", "C1").code == 2
    assert {one["status"] for one in told(story.world, "C1").values()} == {"unknown", "pass"}


def test_a_user_who_is_shut_out_is_deleted_when_it_is_asked_for(story: Story) -> None:
    story.device.somebody_types(*SHUT_OUT, save=True)
    story.run("deleted", "remediate", "-e", "user_credentials_delete_retired=vendor", item="C2")
    assert story.found["deleted"]["C2.leftover_account"]["status"] == "fixed", story.found["deleted"]
    assert not [line for line in story.device.saved if "vendor" in line]
    assert story.device.router.boots == 1, "no restart was needed"


def test_no_secret_is_shown_or_kept_anywhere(story: Story) -> None:
    assert len(story.known) > 6
    folder = story.world.folder
    files = [
        path for path in folder.rglob("*")
        if path.is_file() and path.name not in ("hosts.json", "vault secret") and "iot_site_secrets" not in path.parts
    ]  # fmt: skip
    assert {"set.log", "created.log"} <= {path.name for path in files}
    texts = [run.output for run in story.runs.values()] + [path.read_text("utf-8", "replace") for path in files]
    texts += [*story.device.typed, *story.device.router.log]
    texts += [opened(text) for text in texts]
    for secret in (*story.known, USER_B, *OLD.values()):
        assert not [text[max(0, text.find(secret) - 200) :][:300] for text in texts if secret in text], "one got out"


# --- when it goes wrong -----------------------------------------------------------------------------------------


@pytest.fixture
def fresh(tmp_path: Path, loop: Loop) -> Iterator[World]:
    world = made(tmp_path, loop)
    consented(world)
    try:
        yield world
    finally:
        world.close()


#: After which line the controller dies.
MOMENTS = {
    "console": "^login password",
    "administrator": "^administrator password",
    "user": "^login user noc-a",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_controller_that_dies_before_the_save_leaves_a_router_that_returns_to_a_password_we_know(
    fresh: World, moment: str
) -> None:
    device = fresh.devices[HOST]
    first = device.hash
    device.fault(freeze_after=MOMENTS[moment])
    run = fresh.start("remediate", "--tags", "C1", ANSIBLE_VAULT_PASSWORD_FILE=str(fresh.folder / "vault secret"))
    until(lambda: heard(device, MOMENTS[moment]), "the router has it")
    playbook_run.kill(run)
    until(lambda: not device.router.logins, "the router sees that the controller is gone")
    device.fault(freeze_after="")
    assert device.hash != first
    known = {owner: stored(fresh, owner)["pending"]["secret"] for owner in OLD}
    names, ups = [{one[owner] for one in (known, OLD)} for owner in ("noc-a", "administrator password")]
    assert [1 for name in names for up in ups if rises(device, "noc-a", name, up)], "one of those that we know"
    device.advance(125)
    until(lambda: device.router.boots == 2 and device.router.up, "the router has restarted")
    assert device.hash == first and rises(device, "noc-a", OLD["noc-a"], OLD["administrator password"])

    assert play(fresh, "remediate", "--tags", "C1").stdout
    assert {owner: active(fresh, owner) for owner in OLD} == known, "what was pending was finished, not made anew"
    assert rises(device, "noc-a", known["noc-a"], known["administrator password"])


def test_between_the_proof_and_the_save_what_runs_and_what_is_saved_are_both_known(fresh: World) -> None:
    device = fresh.devices[HOST]
    device.fault(freeze_after="^no ip filter 7700999")
    run = fresh.start("remediate", "--tags", "C1", ANSIBLE_VAULT_PASSWORD_FILE=str(fresh.folder / "vault secret"))
    until(lambda: heard(device, "^no ip filter 7700999"), "the guard is gone")
    playbook_run.kill(run)
    until(lambda: not device.router.logins, "the router sees that the controller is gone")
    device.fault(freeze_after="")
    known = {owner: stored(fresh, owner)["pending"]["secret"] for owner in OLD}
    assert rises(device, "noc-a", known["noc-a"], known["administrator password"])
    assert saved_passwords(device) == [OLD[owner] for owner in OWN]


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"ignore_when": "^login user noc-a"}, "refused the login (tried once)"),
        ({"reject_when": "^login user"}, "the device refused 'login user noc-a'"),
    ],
    ids=["ignored", "refused"],
)
def test_what_does_not_open_the_router_is_taken_back_and_forgotten(
    fresh: World, faults: dict[str, str], said: str
) -> None:
    device = fresh.devices[HOST]
    first = device.hash
    device.fault(**faults)
    play(fresh, "remediate", "--tags", "C1")
    device.fault(**dict.fromkeys(faults, ""))
    finding = told(fresh, "C1")["C1.weak_password"]
    assert finding["status"] == "failed" and said in finding["why"], finding
    assert "the device is as it was" in finding["why"]
    assert device.hash == first and device.router.boots == 1
    assert all(stored(fresh, owner)["pending"] is None for owner in OLD)
    assert rises(device, "noc-a", OLD["noc-a"], OLD["administrator password"])


def test_a_user_who_was_deleted_and_not_confirmed_is_back_after_a_restart(fresh: World) -> None:
    device = fresh.devices[HOST]
    device.somebody_types(*SHUT_OUT, save=True)
    first = device.hash
    device.fault(reject_when="^no schedule at")
    play(fresh, "remediate", "--tags", "C2", "-e", "user_credentials_delete_retired=vendor")
    device.fault(reject_when="")
    finding = told(fresh, "C2")["C2.leftover_account"]
    assert finding["status"] == "failed" and "restores itself within" in finding["why"], finding
    assert device.hash != first
    device.advance(125)
    until(lambda: device.router.boots == 2 and device.router.up, "the router has restarted")
    assert device.hash == first


def test_where_the_old_password_is_nobody_s_the_router_restarts_by_itself(fresh: World) -> None:
    device = fresh.devices[HOST]
    first = device.hash
    device.fault(reject_when="^no schedule at")  # it is set, and proved, but not confirmed
    play(fresh, "remediate", "--tags", "C1", "-e", "user_credentials_rotate=user-b")
    device.fault(reject_when="")
    finding = told(fresh, "C1")["C1.weak_password"]
    assert finding["status"] == "failed" and "restores itself within" in finding["why"], finding
    device.advance(125)
    until(lambda: device.router.boots == 2 and device.router.up, "the router has restarted")
    assert device.hash == first
    assert rises(device, "user-b", USER_B, "") is False
    assert stored(fresh, "user-b")["pending"], "nobody has seen whether the router has it"
