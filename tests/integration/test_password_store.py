# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials in the real pass, with gpg: read whole, made and rotated on a router, and shown by nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.iot_site.checklist.plugins.plugin_utils.evidence import directory_name

from tests.integration import router_world
from tests.integration.playbook_run import Run, opened
from tests.integration.router_world import Loop, World
from tests.integration.test_rtx_passwords import (
    HOST,
    OLD,
    SAVED,
    consented,
    read_from_the_store,
    rises,
    saved_passwords,
    told,
)

SECRET = "Qx9-planted-7Zk {{ 7 * 7 }} 秘密"
CALL = "lookup('iot_site.checklist.credential', '{}', store='passwordstore', device='k7-gw', site='k7')"

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("pass", "gpg", "gpgconf"))), reason="pass and gpg are not installed"
)


@dataclass
class PasswordStore:
    """A store with a key of its own, and a place for playbooks."""

    home: Path
    environment: dict[str, str]

    def run(self, *command: str | Path, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, input=said, env=self.environment, cwd=self.home, capture_output=True, text=True,
                              encoding="utf-8", timeout=120, check=False)  # fmt: skip

    def play(self, task: dict[str, object]) -> subprocess.CompletedProcess[str]:
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [{"name": "Read", **task}]}
        (self.home / "play.yml").write_text(yaml.safe_dump([play], allow_unicode=True), encoding="utf-8")
        program = Path(sys.executable).with_name("ansible-playbook")
        return self.run(
            program, "-i", "localhost,", "-e", f"ansible_python_interpreter={sys.executable}", "-vvvv", "play.yml"
        )


@pytest.fixture
def store() -> Iterator[PasswordStore]:
    """Below /tmp itself: the path of an agent's socket must be short."""
    with tempfile.TemporaryDirectory(prefix="pass-", dir="/tmp", ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        (home / "gpg").mkdir(mode=0o700)
        environment = {**os.environ, "HOME": directory, "GNUPGHOME": str(home / "gpg"), "ANSIBLE_HOME": directory,
                       "PASSWORD_STORE_DIR": str(home / "store"), "COLUMNS": "2000"}  # fmt: skip
        made = PasswordStore(home, environment)
        try:
            for command in (
                ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", "k7@example.org", "default", "default"],
                ["pass", "init", "k7@example.org"],
            ):
                done = made.run(*command)
                assert done.returncode == 0, done.stderr
            done = made.run("pass", "insert", "--multiline", "iot_site/k7/k7-gw/ops", said=f"{SECRET}\nuser: ops\n")
            assert done.returncode == 0, done.stderr
            yield made
        finally:
            made.run("gpgconf", "--kill", "all")


def test_the_first_line_is_the_secret(store: PasswordStore) -> None:
    out = store.home / "out"
    read = store.play({"ansible.builtin.copy": {"content": f"{{{{ {CALL.format('ops')} }}}}", "dest": str(out),
                                                "mode": "0600"}, "no_log": True})  # fmt: skip
    assert read.returncode == 0, read.stdout
    assert out.read_text(encoding="utf-8") == SECRET and "planted" not in read.stdout + read.stderr


def test_an_entry_that_is_not_there_is_named(store: PasswordStore) -> None:
    read = store.play({"ansible.builtin.debug": {"msg": f"{{{{ {CALL.format('noc-a')} }}}}"}})
    assert read.returncode == 2
    assert "There is no active credential of noc-a on k7-gw at iot_site/k7/k7-gw/noc-a in community" in read.stdout


def test_a_key_that_is_gone_is_told_without_a_word_of_gpg(store: PasswordStore) -> None:
    store.run("gpgconf", "--kill", "all")
    shutil.rmtree(store.home / "gpg" / "private-keys-v1.d")
    read = store.play({"ansible.builtin.debug": {"msg": f"{{{{ {CALL.format('ops')} }}}}"}})
    assert read.returncode == 2 and "pass refused it. See why by hand, with pass show" in read.stdout
    assert "planted" not in read.stdout + read.stderr and "decryption failed" not in read.stdout + read.stderr


# --- made and rotated -------------------------------------------------------------------------------------------

#: Who commits where git keeps a store.
_IDENTITY = {f"GIT_{who}_{what}": "k7@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
#: Notes what pass was called with, in which environment.
_WATCHED = """#!/bin/sh
{{ echo "$0 $*"; tr '\\0' '\\n' < /proc/$$/environ; }} >> {noted}
exec {real} "$@"
"""
FOLDER = f"iot_site/k7/{HOST}"


@dataclass
class Site:
    """A router whose passwords pass keeps."""

    world: World
    store: PasswordStore
    runs: list[Run]

    def run(self, *arguments: str, **environment: str) -> Run:
        ours = {name: self.store.environment[name] for name in ("GNUPGHOME", "PASSWORD_STORE_DIR", *_IDENTITY)}
        path = f"{self.store.home / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.runs.append(
            self.world.play("remediate", "--tags", "C1", "-vvvv", "--diff", *arguments, PATH=path,
                            ANSIBLE_LOG_PATH="log", **{**ours, **environment})
        )  # fmt: skip
        return self.runs[-1]

    def shown(self, person: str) -> list[str]:
        """The lines of an entry, as a person would see them."""
        return self.store.run("pass", "show", f"{FOLDER}/{directory_name(person)}").stdout.splitlines()

    def record(self, person: str) -> dict[str, Any]:
        (line,) = [line for line in self.shown(person) if line.startswith("iot_site: ")]
        return json.loads(line.removeprefix("iot_site: "))  # type: ignore[no-any-return]

    def active(self, person: str) -> str:
        assert self.shown(person)[0] == self.record(person)["active"]["secret"]
        return self.shown(person)[0]


@pytest.fixture
def site(store: PasswordStore, loop: Loop) -> Iterator[Site]:
    store.environment.update(_IDENTITY)
    assert store.run("pass", "git", "init").returncode == 0
    (store.home / "bin").mkdir()
    watched = store.home / "bin" / "pass"
    watched.write_text(_WATCHED.format(noted=store.home / "noted", real=shutil.which("pass")))
    watched.chmod(0o755)
    (store.home / "site").mkdir()
    with router_world.world(store.home / "site", loop) as world:
        world.add(HOST, saved=SAVED, iot_site_credential_store="passwordstore")
        consented(world)
        yield Site(world, store, [])


def test_passwords_are_made_and_rotated_in_pass_and_lie_nowhere_else(site: Site) -> None:
    device, first = site.world.devices[HOST], site.world.devices[HOST].hash
    site.run(PASSWORD_STORE_DIR=str(site.store.home / "nowhere"))
    why = told(site.world, "C1")["C1.weak_password"]["why"]
    assert "cannot be kept" in why and "there is no password store where passwordstore says" in why
    assert device.hash == first and device.edits() == []

    entry = f"{FOLDER}/noc-a"
    assert site.store.run("pass", "insert", "-m", entry, said=f"{OLD['noc-a']}\nnote: ours\n").returncode == 0
    site.run()
    made = {owner: site.active(owner) for owner in OLD}
    assert rises(device, "noc-a", made["noc-a"], made["administrator password"])
    assert saved_passwords(device) == [made[owner] for owner in ("login password", "administrator password")]
    assert site.shown("noc-a")[1] == "note: ours"
    assert site.record("noc-a")["previous"]["secret"] == OLD["noc-a"] and site.record("noc-a")["pending"] is None

    read_from_the_store(site.world)
    site.run("-e", "user_credentials_rotate=noc-a")
    rotated = site.active("noc-a")
    assert rotated != made["noc-a"] == site.record("noc-a")["previous"]["secret"]
    assert rises(device, "noc-a", rotated, site.active("administrator password"))
    assert rises(device, "noc-a", made["noc-a"], made["administrator password"]) is None
    _lie_nowhere_else(site, {*made.values(), rotated})


def _lie_nowhere_else(site: Site, secrets: set[str]) -> None:
    assert len(secrets) == 4
    assert site.store.run("pass", "git", "status", "--porcelain").stdout == "", "git knows of everything"
    home = site.store.home
    files = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".gpg"]
    assert {"log", "noted", ".lock"} <= {path.name for path in files}
    assert not [path for path in (home / "store").rglob("*") if ".new" in path.name]
    texts = [run.output for run in site.runs] + [path.read_text("utf-8", "replace") for path in files]
    texts += [opened(text) for text in texts]
    assert not [secret for secret in secrets for text in texts if secret in text]
