# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credential lookup through community.hashi_vault and hvac, against a server that answers as Vault and OpenBao do.

The server speaks of their HTTP API what a read needs: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
(reading a version) and https://developer.hashicorp.com/vault/api-docs (errors and their statuses).
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

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hvac") is None, reason="the Python library hvac is not installed (pip install hvac)"
)

SECRET, TOKEN = "Qx9-planted-7Zk {{ 7 * 7 }} 秘密", "hvs.planted-token"
PATH = "/v1/secret/data/iot_site/k7/k7-gw/"


def version(data: dict[str, Any]) -> dict[str, Any]:
    """What a read of a version answers."""
    metadata = {"created_time": "2026-11-20T00:00:00.1Z", "custom_metadata": None, "deletion_time": "",
                "destroyed": False, "version": 3}  # fmt: skip
    return {"request_id": "r", "lease_id": "", "renewable": False, "lease_duration": 0, "wrap_info": None,
            "warnings": None, "auth": None, "data": {"data": data, "metadata": metadata}}  # fmt: skip


#: Person: status and answer. Whoever is not here has no entry.
ANSWERS = {
    "ops": (200, version({"password": SECRET, "user": "ops"})),
    "fieldless": (200, version({"passwort": SECRET})),
    "sealed": (503, {"errors": ["Vault is sealed"]}),
    "broken": (500, {"errors": [f"internal error near {SECRET}"]}),
}


@dataclass
class Vault:
    """The server, and what it was asked for."""

    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, token: str | None) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        return ANSWERS.get(path.removeprefix(PATH), (404, {"errors": []}))


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    made = Vault()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, answer = made.answer(self.path.partition("?")[0], self.headers["X-Vault-Token"])
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

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
        "nobody": "there is no such entry. Write it there, with the field password",
        "fieldless": "it has no secret under that name",
        "sealed": "the server is sealed or stands by",
        "broken": "whose words could hold the secret",
    }
    said = play(tmp_path, [{"ansible.builtin.debug": {"msg": lookup(person)}} for person in means], vault.url)
    for person, why in means.items():
        assert f"gives no secret of iot_site/k7/k7-gw/{person}: " in said and why in said, person


def test_a_login_that_may_not_and_a_server_that_is_gone_are_told(vault: Vault, tmp_path: Path) -> None:
    msg = {"msg": lookup("ops")}
    tasks = [
        {"ansible.builtin.debug": msg, "vars": {"ansible_hashi_vault_token": "hvs.another"}},
        {"ansible.builtin.debug": msg, "vars": {"ansible_hashi_vault_url": "http://127.0.0.1:9"}},
    ]
    said = play(tmp_path, tasks, vault.url)
    assert "this login may not read it" in said and "the server does not answer" in said
