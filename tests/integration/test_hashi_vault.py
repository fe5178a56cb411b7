# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials through community.hashi_vault and hvac, in a server that answers as Vault and OpenBao do.

The server speaks of their HTTP API what we need: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
(reading, writing with check-and-set, listing) and https://developer.hashicorp.com/vault/api-docs (errors and statuses).
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.iot_site.checklist.plugins.plugin_utils.evidence import directory_name

from tests.integration import router_world
from tests.integration.playbook_run import Run, opened
from tests.integration.router_world import Loop
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

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hvac") is None, reason="the Python library hvac is not installed (pip install hvac)"
)

SECRET, TOKEN = "Qx9-planted-7Zk {{ 7 * 7 }} 秘密", "hvs.planted-token"
KV, PATH = "/v1/secret/data/", "/v1/secret/data/iot_site/k7/k7-gw/"


def answered(data: dict[str, Any]) -> dict[str, Any]:
    """What goes with every answer."""
    return {"request_id": "r", "lease_id": "", "renewable": False, "lease_duration": 0, "wrap_info": None,
            "warnings": None, "auth": None, "data": data}  # fmt: skip


def metadata(number: int) -> dict[str, Any]:
    return {"created_time": "2026-11-20T00:00:00.1Z", "custom_metadata": None, "deletion_time": "",
            "destroyed": False, "version": number}  # fmt: skip


def version(data: dict[str, Any], number: int = 3) -> dict[str, Any]:
    """What a read of a version answers."""
    return answered({"data": data, "metadata": metadata(number)})


#: Person: status and answer. Whoever is not here has no entry.
ANSWERS = {
    "ops": (200, version({"password": SECRET, "user": "ops"})),
    "fieldless": (200, version({"passwort": SECRET})),
    "sealed": (503, {"errors": ["Vault is sealed"]}),
    "broken": (500, {"errors": [f"internal error near {SECRET}"]}),
}


@dataclass
class Vault:
    """The server, what it was asked for, and what it keeps."""

    asked: list[str] = field(default_factory=list)
    kept: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    url: str = ""
    seals: bool = False  # when a pending credential is to become active

    def answer(self, path: str, query: str, token: str | None, body: bytes) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        if body:
            return self._written(path.removeprefix(KV), json.loads(body))
        if "list=" in query:
            return self._listed(path.removeprefix("/v1/secret/metadata/") + "/")
        if path.removeprefix(KV) in self.kept:
            number, data = self.kept[path.removeprefix(KV)]
            return 200, version(data, number)
        return ANSWERS.get(path.removeprefix(PATH), (404, {"errors": []}))

    def _written(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        number, _data = self.kept.get(path, (0, {}))
        if body["options"]["cas"] != number:
            return 400, {"errors": ["check-and-set parameter did not match the current version"]}
        if self.seals and json.loads(body["data"]["iot_site"])["pending"] is None:
            return ANSWERS["sealed"]
        self.kept[path] = (number + 1, body["data"])
        return 200, answered(metadata(number + 1))

    def _listed(self, folder: str) -> tuple[int, dict[str, Any]]:
        keys = [path.removeprefix(folder) for path in self.kept if path.startswith(folder)]
        return (200, answered({"keys": sorted(keys)})) if keys else (404, {"errors": []})


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    made = Vault()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            path, _mark, query = self.path.partition("?")
            status, answer = made.answer(path, query, self.headers["X-Vault-Token"], body)
            told = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:
            """Not into the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


def play(folder: Path, tasks: list[dict[str, Any]], url: str) -> str:
    """All that a run of these tasks prints, each of which may fail."""
    variables = {"ansible_hashi_vault_url": url, "ansible_hashi_vault_token": TOKEN, "ansible_hashi_vault_retries": 0,
                 "ansible_python_interpreter": sys.executable}  # fmt: skip
    tasks = [{"name": "Read", "ignore_errors": True, **task} for task in tasks]
    plays = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks}]
    (folder / "play.yml").write_text(yaml.safe_dump(plays, allow_unicode=True), encoding="utf-8")
    home = {"HOME": str(folder), "ANSIBLE_HOME": str(folder), "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "COLUMNS": "2000"}  # fmt: skip
    base = {name: value for name, value in os.environ.items() if not name.startswith("VAULT_")}
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-vvvv", "play.yml"],
        cwd=folder, env={**base, **home}, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "[DEPRECATION WARNING]" not in said, said
    assert "planted" not in said and "秘密" not in said, "a secret got out"
    return " ".join(said.split())


def lookup(person: str) -> str:
    where = "store='hashi_vault', device='k7-gw', site='k7'"
    return f"{{{{ lookup('iot_site.checklist.credential', '{person}', {where}) }}}}"


def test_the_field_password_is_the_secret(vault: Vault, tmp_path: Path) -> None:
    out = tmp_path / "out"
    copy = {"content": lookup("ops"), "dest": str(out), "mode": "0600"}
    play(tmp_path, [{"ansible.builtin.copy": copy, "no_log": True}], vault.url)
    assert out.read_text(encoding="utf-8") == SECRET
    assert vault.asked[-1] == f"{PATH}ops"


def test_why_there_is_none_is_told_without_a_word_of_the_server(vault: Vault, tmp_path: Path) -> None:
    means = {
        "nobody": "There is no active credential of nobody on k7-gw at iot_site/k7/k7-gw/nobody in community",
        "fieldless": "There is no active credential of fieldless on k7-gw at iot_site/k7/k7-gw/fieldless in community",
        "sealed": "gives no secret of iot_site/k7/k7-gw/sealed: the server is sealed or stands by",
        "broken": "gives no secret of iot_site/k7/k7-gw/broken: it ended with",
    }
    said = play(tmp_path, [{"ansible.builtin.debug": {"msg": lookup(person)}} for person in means], vault.url)
    assert [why for why in means.values() if why not in said] == []


def test_a_login_that_may_not_and_a_server_that_is_gone_are_told(vault: Vault, tmp_path: Path) -> None:
    msg = {"msg": lookup("ops")}
    tasks = [
        {"ansible.builtin.debug": msg, "vars": {"ansible_hashi_vault_token": "hvs.another"}},
        {"ansible.builtin.debug": msg, "vars": {"ansible_hashi_vault_url": "http://127.0.0.1:9"}},
    ]
    said = play(tmp_path, tasks, vault.url)
    assert "this login may not do that" in said and "the server does not answer" in said


# --- made and rotated -------------------------------------------------------------------------------------------


#: A variable of the lookup may be a template.
_TEMPLATE = "{{ ['hvs', 'planted-token'] | join('.') }}"


def test_passwords_are_made_and_rotated_in_vault_and_lie_nowhere_else(vault: Vault, tmp_path: Path, loop: Loop) -> None:
    def kept(owner: str) -> dict[str, Any]:
        return vault.kept[f"iot_site/k7/{HOST}/{directory_name(owner)}"][1]

    def record(owner: str) -> dict[str, Any]:
        return json.loads(kept(owner)["iot_site"])  # type: ignore[no-any-return]

    def active(owner: str) -> str:
        assert kept(owner)["password"] == record(owner)["active"]["secret"]
        return str(kept(owner)["password"])

    with router_world.world(tmp_path, loop) as world:
        device = world.add(HOST, saved=SAVED, iot_site_credential_store="hashi_vault", ansible_hashi_vault_retries=0,
                           ansible_hashi_vault_url=vault.url, ansible_hashi_vault_token=_TEMPLATE)  # fmt: skip
        consented(world)
        runs: list[Run] = []

        def run(*arguments: str) -> None:
            runs.append(world.play("remediate", "--tags", "C1", "-vvvv", "--diff", *arguments, ANSIBLE_LOG_PATH="log"))

        vault.kept[f"iot_site/k7/{HOST}/noc-a"] = (1, {"password": OLD["noc-a"], "note": "ours"})
        run()
        made = {owner: active(owner) for owner in OLD}
        assert rises(device, "noc-a", made["noc-a"], made["administrator password"])
        assert saved_passwords(device) == [made[owner] for owner in ("login password", "administrator password")]
        assert kept("noc-a")["note"] == "ours"

        read_from_the_store(world)
        vault.seals = True
        run("-e", "user_credentials_rotate=noc-a")
        failed, rotated = told(world, "C1")["C1.weak_password"], record("noc-a")["pending"]["secret"]
        assert failed["status"] == "failed" and "the server is sealed" in failed["why"], failed
        assert active("noc-a") == made["noc-a"]
        assert rises(device, "noc-a", rotated, made["administrator password"])
        assert rises(device, "noc-a", made["noc-a"], made["administrator password"]) is None

        vault.seals = False
        world.hosts[HOST]["ansible_password"] = (
            "{{ lookup('iot_site.checklist.credential', 'noc-a', version='pending') }}"
        )
        run()
        assert active("noc-a") == rotated and record("noc-a")["previous"]["secret"] == made["noc-a"]
        assert record("noc-a")["pending"] is None and len(set(made.values()) | {rotated}) == 4
    files = [path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()]
    texts = [*files, *(run.output for run in runs)]
    texts += [opened(text) for text in texts]
    assert not [secret for secret in {*made.values(), rotated} for text in texts if secret in text]
