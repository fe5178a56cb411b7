# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credential lookup against the real pass and gpg: the secret comes back whole, and no error shows any of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

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
    assert "no secret of iot_site/k7/k7-gw/noc-a: there is no such entry. Make it with: pass insert" in read.stdout


def test_a_key_that_is_gone_is_told_without_a_word_of_gpg(store: PasswordStore) -> None:
    store.run("gpgconf", "--kill", "all")
    shutil.rmtree(store.home / "gpg" / "private-keys-v1.d")
    read = store.play({"ansible.builtin.debug": {"msg": f"{{{{ {CALL.format('ops')} }}}}"}})
    assert read.returncode == 2 and "pass refused it. See why with: pass show" in read.stdout
    assert "planted" not in read.stdout + read.stderr and "decryption failed" not in read.stdout + read.stderr
