# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup as a playbook calls it: each store and version, and no secret in any word of an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultSecret
from ansible_collections.iot_site.checklist.plugins.lookup import credential as plugin
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.record import (
    activate,
    propose,
    retire,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.sealed_files import embedded
from ansible_collections.iot_site.checklist.plugins.plugin_utils.credential_store.vault import Vault
from ansible_collections.iot_site.checklist.plugins.plugin_utils.other_stores import STORES
from ansible_collections.iot_site.checklist.plugins.plugin_utils.secret import Secret

NAME = "iot_site.checklist.credential"
VAULT_PASSWORD = "vault-planted-3Qw"
#: No template, though it looks like one.
SECRETS = {version: f"{version}-planted-{{{{ 7 * 7 }}}}-秘密" for version in ("previous", "active", "pending")}
INVENTORY = {
    "all": {
        "vars": {"ansible_connection": "local", "iot_site_id": "k7", "ansible_python_interpreter": sys.executable},
        "hosts": {
            "k7-gw": {"ansible_password": "{{ lookup('iot_site.checklist.credential', '佐藤') }}"},
            "k7-panel": {},
        },
    }
}


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test: what a vault makes takes long."""
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inventory with its vault password, and what the store holds: two people of a gateway, one of a panel."""
    tmp_path = tmp_path_factory.mktemp("made")
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(INVENTORY, allow_unicode=True), encoding="utf-8")
    (tmp_path / "vault-password").write_text(VAULT_PASSWORD)
    (tmp_path / "wrong-password").write_text("another")
    store = embedded(
        tmp_path / "iot_site_secrets" / "k7", "k7", Vault([("default", VaultSecret(VAULT_PASSWORD.encode()))])
    )
    for device, person in (("k7-gw", "佐藤"), ("k7-gw", "ops"), ("k7-panel", "ops")):
        with store.changing(device) as keep:
            for version, secret in SECRETS.items():
                keep(person, partial(propose, account="ops", secret=Secret(secret), surfaces=("sshd",), made=""))
                if version != "pending":
                    keep(person, activate)
    with store.changing("k7-gw") as keep:
        keep("new", partial(propose, account="new", secret=Secret("new-planted"), surfaces=("sshd",), made=""))
        keep("gone", partial(propose, account="gone", secret=Secret("gone-planted"), surfaces=("sshd",), made=""))
        keep("gone", partial(retire, at="2026-11-20"))
    return tmp_path


def played(
    home: Path, tasks: list[dict[str, Any]], password: str = "vault-password", **environment: str
) -> subprocess.CompletedProcess[str]:
    play = {"hosts": "k7-gw", "gather_facts": False, "tasks": tasks}
    (home / "play.yml").write_text(yaml.safe_dump([play], allow_unicode=True), encoding="utf-8")
    program = Path(sys.executable).with_name("ansible-playbook")
    vault = ["--vault-password-file", password] if password else []
    return subprocess.run(
        [program, "-i", "hosts.yml", "-vvvv", *vault, "play.yml"],
        cwd=home, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
        env={**os.environ, "ANSIBLE_HOME": str(home), "ANSIBLE_LOCAL_TEMP": str(home / "tmp"), "COLUMNS": "2000",
             "ANSIBLE_REMOTE_TEMP": str(home / "remote"), "ANSIBLE_DISPLAY_TRACEBACK": "always", **environment},
    )  # fmt: skip


def written(home: Path, calls: dict[str, str], **environment: str) -> dict[str, str]:
    """What each call gives, by way of a file that the task writes."""
    tasks = [
        {"name": "Write", "no_log": True,
         "ansible.builtin.copy": {"content": f"{{{{ {call} }}}}", "dest": f"{home}/out-{name}", "mode": "0600"}}
        for name, call in calls.items()
    ]  # fmt: skip
    run = played(home, tasks, **environment)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "planted" not in run.stdout + run.stderr
    return {name: (home / f"out-{name}").read_text(encoding="utf-8") for name in calls}


def refused(home: Path, calls: list[str], **options: Any) -> str:
    """What is said of each call, all of which fail."""
    tasks = [{"name": "Say", "ansible.builtin.debug": {"msg": f"{{{{ {call} }}}}"}, "ignore_errors": True}
             for call in calls]  # fmt: skip
    run = played(home, tasks, **options)
    said = " ".join((run.stdout + run.stderr).split())
    assert f"ignored={len(calls)}" in said and "planted" not in said
    return said


def test_each_version_comes_back_as_it_is(home: Path) -> None:
    calls = {version: f"lookup('{NAME}', '佐藤', version='{version}')" for version in SECRETS}
    calls |= {
        "default": f"lookup('{NAME}', '佐藤')",
        "elsewhere": f"lookup('{NAME}', 'ops', device='k7-panel')",
        "inventory": "ansible_password",
    }
    rest = dict.fromkeys(("default", "elsewhere", "inventory"), SECRETS["active"])
    assert written(home, calls) == {**SECRETS, **rest}


def test_the_site_directory_may_be_told(home: Path) -> None:
    (home / "iot_site_secrets" / "k7").rename(home / "moved-k7")
    host_vars = home / "host_vars" / "k7-gw.yml"
    host_vars.parent.mkdir()
    host_vars.write_text("iot_site_directory: '{{ inventory_dir }}/moved-{{ iot_site_id }}'\n")
    calls = {
        "variable": f"lookup('{NAME}', '佐藤')",
        "option": f"lookup('{NAME}', '佐藤', site_directory=inventory_dir ~ '/moved-k7')",
    }
    assert set(written(home, calls).values()) == {SECRETS["active"]}


def test_the_examples_do_what_they_say(home: Path) -> None:
    run = played(home, yaml.safe_load(plugin.EXAMPLES))
    assert run.returncode == 0, run.stdout
    assert "planted" not in run.stdout + run.stderr


_WRONG = {
    f"lookup('{NAME}', 'nobody')": "There is no active credential of nobody on k7-gw at",
    f"lookup('{NAME}', 'new')": "There is no active credential of new on k7-gw at",
    f"lookup('{NAME}', 'new', version='previous')": "but a pending one: the run that made it was cut short",
    f"lookup('{NAME}', 'gone', version='pending')": "The credential of gone on k7-gw was retired at 2026-11-20",
    f"lookup('{NAME}', ['佐藤'])": "A person is named by a text",
    f"lookup('{NAME}', 8731462)": "A person is named by a text",
    f"lookup('{NAME}', '佐藤', device='')": "Whose device is it?",
    f"lookup('{NAME}', '佐藤', device='../k7-gw')": "There is no active credential of",
    f"lookup('{NAME}', '佐藤', version='oldest')": "Valid values are: active, pending, previous",
}


def test_what_is_not_there_is_said_and_nothing_else(home: Path) -> None:
    said = refused(home, list(_WRONG))
    assert [told for told in _WRONG.values() if told not in said] == []


def test_a_file_of_somebody_else_is_refused(home: Path) -> None:
    folder = home / "iot_site_secrets" / "k7" / "credentials"
    (folder / "k7-panel" / "ops.yml").rename(folder / "k7-gw" / "ops.yml")
    assert "it belongs to ops on k7-panel" in refused(home, [f"lookup('{NAME}', 'ops')"])


@pytest.mark.parametrize(
    ("password", "why"), [("wrong-password", "no vault secret of this run fits"), ("", "This run has no vault secret")]
)
def test_without_the_right_vault_secret_nothing_is_read(home: Path, password: str, why: str) -> None:
    assert why in refused(home, [f"lookup('{NAME}', '佐藤')"], password=password)


# --- other stores -------------------------------------------------------------------------------------------

#: Lookups with the names of the real ones, results of their form, and an error that quotes the secret, as that of pass
#: does when gpg ends badly.
_STAND_IN = """
from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
DOCUMENTATION = '''
name: {name}
short_description: stands in
description: stands in
options: {{}}
'''
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if terms[0].endswith('/bad'):
            raise AnsibleError("exit code 2 while running pass. Error output: wrong-planted")
        if terms[0].endswith('/empty'):
            return [None]
        return [{result} for term in terms]
"""


def collections(home: Path, lookups: dict[str, str]) -> str:
    """A place for collections that holds ours and these lookups; what else those two collections have is hidden."""
    root = home / "collections" / "ansible_collections"
    for store in STORES.values():
        _community, collection, _lookup = store.lookup.split(".")
        (root / "community" / collection / "plugins" / "lookup").mkdir(parents=True)
    for lookup, source in lookups.items():
        _community, collection, name = lookup.split(".")
        (root / "community" / collection / "plugins" / "lookup" / f"{name}.py").write_text(source)
    (root / "iot_site").mkdir()
    (root / "iot_site" / "checklist").symlink_to(Path(__file__).parents[4])
    return str(root.parent)


@pytest.fixture
def stand_ins(home: Path) -> str:
    results = {"passwordstore": "'planted ' + term",
               "hashi_vault": "{'secret': {'password': 'planted ' + term}, 'metadata': {'version': 1}}"}  # fmt: skip
    return collections(home, {
        STORES[store].lookup: _STAND_IN.format(name=STORES[store].lookup.split(".")[-1], result=result)
        for store, result in results.items()
    })  # fmt: skip


def test_another_store_is_asked_for_the_same_person(home: Path, stand_ins: str) -> None:
    calls = {store: f"lookup('{NAME}', 'ops', store='{store}')" for store in STORES}
    calls["two"] = f"query('{NAME}', 'ops', 'noc-a', store='passwordstore') | join(' ')"
    path = "planted iot_site/k7/k7-gw"
    assert written(home, calls, ANSIBLE_COLLECTIONS_PATH=stand_ins) == {
        "passwordstore": f"{path}/ops", "hashi_vault": f"{path}/ops", "two": f"{path}/ops {path}/noc-a",
    }  # fmt: skip


def test_another_store_s_error_is_told_by_what_it_means(home: Path, stand_ins: str) -> None:
    calls = [f"lookup('{NAME}', '{person}', store='{store}')" for person in ("bad", "empty") for store in STORES]
    said = refused(home, calls, ANSIBLE_COLLECTIONS_PATH=stand_ins)
    for store in STORES.values():
        assert f"{store.lookup} gives no secret of iot_site/k7/k7-gw/bad: " in said
        assert f"no active credential of empty on k7-gw at iot_site/k7/k7-gw/empty in {store.lookup}" in said
    assert "pass refused it" in said


def test_a_missing_collection_is_named_with_what_to_install(home: Path) -> None:
    calls = [f"lookup('{NAME}', 'ops', store='{store}')" for store in STORES]
    said = refused(home, calls, ANSIBLE_COLLECTIONS_PATH=collections(home, {}))
    for store in STORES.values():
        assert f"{store.lookup} gives no secret of iot_site/k7/k7-gw/ops: that lookup is not installed. " in said
        assert store.install in said
