# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook handover as people run it: real age, gpg and Ansible Vault, two sites, and no secret anywhere else."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultSecret
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import activate, propose
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.sealed_files import embedded
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.store import Store
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.vault import Vault
from ansible_collections.iot_site.checklist.plugins.plugin_utils.label import label
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret

from tests.integration import playbook_run
from tests.integration.playbook_run import Run
from tests.unit.plugins.plugin_utils.handover.holders import MISSING, REASON, Holder, holders

pytestmark = pytest.mark.skipif(bool(MISSING), reason=REASON)

VAULT_PASSWORD = "vault-planted-3Qw"
LABEL_SECRET = "kJ8d0sLw9QmZx2Vb7TnR4pYc"
WORDS = {"k7": ["第一浄水場", "josuijo"], "k8": ["川北ポンプ場", "kawakita"]}
HOSTS = {"k7": ["josuijo-gw", "josuijo-panel"], "k8": ["kawakita-gw"]}

#: Notes what it was called with, in which environment, and every temporary file that there is meanwhile.
_WATCHED = """#!/bin/sh
{{ echo "$0 $*"; tr '\\0' '\\n' < /proc/$$/environ; find {temporary} -type f -exec cat {{}} +; }} >> {noted} 2>/dev/null
exec {real} "$@"
"""


@dataclass
class Desk:
    """Where somebody runs the playbook: an inventory of two sites, their stores, and people with keys."""

    folder: Path
    keys: dict[str, Holder]

    def run(self, *arguments: str, vault: bool = True) -> Run:
        given = ["--vault-password-file", "vault-password"] if vault else []
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "TMPDIR": str(self.folder / "temporary"),
            "ANSIBLE_LOG_PATH": "log", "ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": "cache",
            "ANSIBLE_DISPLAY_TRACEBACK": "always",
        }  # fmt: skip
        done = playbook_run.play(
            self.folder, "-i", "hosts.yml", "-vvvv", *given, "iot_site.checklist.handover", *arguments, **environment
        )
        self.shows_nothing(done)
        return done

    def shows_nothing(self, done: Run) -> None:
        """Neither what was printed nor any file that was made: log, cache, temporary ones, what the programs saw."""
        given = ("vault-password", "hosts.yml")
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name not in given]
        assert "planted" not in done.output
        assert not [path for path in files if b"planted" in path.read_bytes()]
        assert not list((self.folder / "temporary").rglob("handover-*"))

    def change(self, *people: dict[str, Any], **variables: Any) -> None:
        """What the inventory says of k7."""
        inventory = yaml.safe_load((self.folder / "hosts.yml").read_text(encoding="utf-8"))
        said = inventory["all"]["children"]["k7"]["vars"]
        said.update(variables, **({"iot_site_people": list(people)} if people else {}))
        (self.folder / "hosts.yml").write_text(yaml.safe_dump(inventory, allow_unicode=True), encoding="utf-8")

    def file(self, site: str, name: str) -> bytes:
        return (self.folder / "iot_site_secrets" / site / "handover" / name).read_bytes()

    def handed(self) -> dict[str, int]:
        """Every file that was made, and when."""
        return {str(path): path.stat().st_mtime_ns
                for path in self.folder.glob("iot_site_secrets/*/handover/*/*")}  # fmt: skip


@pytest.fixture(scope="module")
def keys() -> Iterator[dict[str, Holder]]:
    with holders(age=1, gpg=1) as (first, second):
        yield {"noc-a": first, "user-b": second}


@pytest.fixture
def desk(tmp_path: Path, keys: dict[str, Holder]) -> Desk:
    for directory in ("bin", "temporary"):
        (tmp_path / directory).mkdir()
    for program in ("age", "gpg"):
        watched = _WATCHED.format(
            temporary=tmp_path / "temporary", noted=tmp_path / "noted", real=shutil.which(program)
        )
        (tmp_path / "bin" / program).write_text(watched)
        (tmp_path / "bin" / program).chmod(0o755)
    (tmp_path / "vault-password").write_text(VAULT_PASSWORD)
    people = [{"name": name, key.kind: key.public} for name, key in keys.items()]
    people[1]["gpg"] = "{{ lookup('ansible.builtin.file', inventory_dir ~ '/user-b.asc') }}"
    (tmp_path / "user-b.asc").write_text(keys["user-b"].public)
    sites = {
        site: {
            "vars": {"iot_site_id": site, "iot_site_secret": LABEL_SECRET, "iot_site_words": WORDS[site],
                     "iot_site_people": people},
            "hosts": {host: {"ansible_host": "192.0.2.1"} for host in hosts},
        }
        for site, hosts in HOSTS.items()
    }  # fmt: skip
    inventory = yaml.safe_dump({"all": {"children": sites}}, allow_unicode=True)
    (tmp_path / "hosts.yml").write_text(inventory, encoding="utf-8")
    vault = Vault([("default", VaultSecret(VAULT_PASSWORD.encode()))])
    for site, hosts in HOSTS.items():
        store = embedded(tmp_path / "iot_site_secrets" / site, site, vault)
        for host in hosts:
            for person in keys:
                _keep(store, host, person)
    return Desk(tmp_path, keys)


def _keep(store: Store, host: str, person: str) -> None:
    with store.changing(host) as keep:
        secret = Secret(f"planted-{store.site}-{host}-{person}")
        keep(person, partial(propose, account="ops", secret=secret, surfaces=("sshd",), made=""))
        keep(person, activate)


def test_each_person_has_a_bundle_of_their_own_and_a_second_run_changes_nothing(desk: Desk) -> None:
    first = desk.run("--check")
    assert first.code == 0 and first.stdout.count("would be written") == 4, first.output
    assert not desk.handed()
    written = desk.run()
    assert written.code == 0 and re.search(r"changed=1 .* failed=0", written.stdout), written.output
    for site, hosts in HOSTS.items():
        for person, key in desk.keys.items():
            data = desk.file(site, f"{person}/bundle.html.{key.kind}")
            clear = (key.opens(data) or b"").decode()
            assert sorted(re.findall("planted-[a-z0-9-]+", clear)) == [f"planted-{site}-{h}-{person}" for h in hosts]
            assert [other for other, their in desk.keys.items() if their.kind == key.kind and their.opens(data)] == [
                person
            ]
            _is_neutral(desk.file(site, f"{person}/sheet.html").decode(), site)
    before = desk.handed()
    again = desk.run()
    assert again.code == 0 and "changed=1" not in again.stdout and again.stdout.count(": unchanged") == 4
    assert desk.handed() == before
    assert "age --encrypt --recipient age1" in (desk.folder / "noted").read_text(errors="replace")


def _is_neutral(sheet: str, site: str) -> None:
    """Labels, and nothing that names the site."""
    for host in HOSTS[site]:
        assert label(LABEL_SECRET, site, host) in sheet
    told = [*WORDS["k7"], *WORDS["k8"], *HOSTS["k7"], *HOSTS["k8"], *WORDS]
    assert not [word for word in told if re.search(rf"\b{word}\b", sheet)]


def test_a_run_on_one_device_hands_over_all_of_its_site_and_nothing_of_others(desk: Desk) -> None:
    done = desk.run("--limit", "josuijo-gw")
    assert done.code == 0 and {path.split("/")[-4] for path in desk.handed()} == {"k7"}
    clear = desk.keys["noc-a"].opens(desk.file("k7", "noc-a/bundle.html.age"))
    assert clear is not None and b"planted-k7-josuijo-panel-noc-a" in clear


def test_who_has_no_key_is_named_with_exit_code_2_and_the_others_have_theirs(desk: Desk) -> None:
    desk.change({"name": "noc-a", "age": desk.keys["noc-a"].public}, {"name": "user-b"}, {"name": "new"})
    for arguments, others in ((["--check"], "would be written"), ([], "written")):
        done = desk.run(*arguments)
        assert done.code == 2 and f"k7 noc-a: {others}" in done.stdout
        assert "k7 user-b: no bundle" in done.stdout and "Add age or gpg to this person" in done.stdout
        assert "k7 new: nothing to hand over" in done.stdout
    assert desk.keys["noc-a"].opens(desk.file("k7", "noc-a/bundle.html.age"))


def test_a_wrong_key_is_named_and_nothing_is_made(desk: Desk) -> None:
    desk.change({"name": "noc-a", "age": "AGE-SECRET-KEY-1planted"})
    done = desk.run()
    assert done.code == 2 and "iot_site_people[noc-a].age; expected the public key" in done.output
    assert not desk.handed()


def test_without_the_vault_secret_nothing_is_made(desk: Desk) -> None:
    done = desk.run(vault=False)
    assert done.code == 2 and "This run has no vault secret" in done.output and not desk.handed()


def test_a_store_that_does_not_open_is_told_and_the_other_site_is_handed_over(desk: Desk) -> None:
    desk.change(iot_site_credential_store="passwordstore")
    done = desk.run()
    assert done.code == 2 and "k7 noc-a: no bundle" in done.stdout
    assert "community.general.passwordstore gives no secret of iot_site/k7/josuijo-gw/noc-a: " in done.stdout
    assert {path.split("/")[-4] for path in desk.handed()} == {"k8"}


def test_a_wrong_variable_of_a_device_that_is_not_in_this_run_refuses_its_site(desk: Desk) -> None:
    host_vars = desk.folder / "host_vars"
    host_vars.mkdir()
    (host_vars / "josuijo-panel.yml").write_text("iot_site_label: '*'\n")
    done = desk.run("--limit", "josuijo-gw,kawakita-gw")
    assert done.code == 2 and "josuijo-panel: iot_site_label" in done.stdout
    assert {path.split("/")[-4] for path in desk.handed()} == {"k8"}
