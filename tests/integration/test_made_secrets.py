# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers on loopback let in who has the secret that was made, by what was made of it, and nobody else."""

from __future__ import annotations

import base64
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.iot_site.checklist.plugins.plugin_utils.made_secret import (
    PLACES,
    made_passphrase,
    made_secret,
)
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.making import WAYS, made, usm_key
from ansible_collections.iot_site.checklist.plugins.plugin_utils.stored_secrets.scheme import Store

from tests.integration.router_world import until

HOST, USER = "127.0.0.1", "ops"
ENGINE = bytes.fromhex("80001f888059dc486145a26322")

# --- visitors: None while nobody answers ------------------------------------------------------------------------


def _web(port: int, _folder: Path, secret: str) -> bool | None:
    proof = base64.b64encode(f"{USER}:{secret}".encode()).decode()
    visit = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        visit.request("GET", "/", headers={"Authorization": f"Basic {proof}"})
        return {200: True, 401: False}[visit.getresponse().status]
    except ConnectionError:
        return None
    finally:
        visit.close()


def _broker(port: int, _folder: Path, secret: str) -> bool | None:
    """MQTT 3.1.1: CONNECT, and the code in the CONNACK."""
    texts = (b"MQTT", b"visitor", USER.encode(), secret.encode())
    name, *rest = (len(text).to_bytes(2, "big") + text for text in texts)
    asked = name + b"\x04\xc2\x00\x3c" + b"".join(rest)
    try:
        with socket.create_connection((HOST, port), timeout=10) as visit:
            visit.sendall(b"\x10" + bytes([len(asked)]) + asked)
            return {0: True, 5: False}[visit.recv(4)[3]]
    except ConnectionError:
        return None


def _agent(port: int, folder: Path, secret: str) -> bool | None:
    """The secret stands in a file: arguments are seen by everybody."""
    lines = ("defVersion 3", f"defSecurityName {USER}", "defSecurityLevel authPriv", "defAuthType SHA-256",
             "defPrivType AES", f"defAuthPassphrase {secret}", f"defPrivPassphrase {secret}")  # fmt: skip
    (folder / "snmp.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    argv = ["snmpget", "-t", "1", "-r", "0", "-Oqv", f"{HOST}:{port}", ".1.3.6.1.2.1.1.5.0"]
    environ = {**_environ(folder), "SNMPCONFPATH": str(folder)}
    done = subprocess.run(argv, capture_output=True, check=False, text=True, env=environ)
    if "imeout" in done.stderr:
        return None
    assert done.returncode == 0 or "uthentication failure" in done.stderr, done.stderr
    return done.returncode == 0 and "the panel" in done.stdout


# --- servers ----------------------------------------------------------------------------------------------------


_MODULES = ("mpm_event", "dir", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic")


@dataclass(frozen=True)
class Server:
    store: Store
    argv: str
    config: str
    let_in: Callable[[int, Path, str], bool | None]


SERVERS = {
    "nginx": Server(
        "nginx",
        "nginx -p {folder} -e stderr -c {folder}/config",
        "daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off;"
        " server {{ listen {host}:{port}; root {folder}; index page;"
        " auth_basic login; auth_basic_user_file {folder}/kept; }} }}",
        _web,
    ),
    "lighttpd": Server(
        "htpasswd",
        "lighttpd -D -f {folder}/config",
        'server.bind = "{host}"\nserver.port = {port}\nserver.document-root = "{folder}"\n'
        'server.modules = ( "mod_auth", "mod_authn_file" )\nindex-file.names = ( "page" )\n'
        'auth.backend = "htpasswd"\nauth.backend.htpasswd.userfile = "{folder}/kept"\n'
        'auth.require = ( "/" => ( "method" => "basic", "realm" => "login", "require" => "valid-user" ) )\n',
        _web,
    ),
    "apache2": Server(
        "htpasswd",
        "apache2 -X -d /usr/lib/apache2 -f {folder}/config",
        "".join(f"LoadModule {one}_module modules/mod_{one}.so\n" for one in _MODULES)
        + "User www-data\nGroup www-data\nServerName panel\nListen {host}:{port}\nPidFile {folder}/pid\n"
        "DefaultRuntimeDir {folder}\nErrorLog /dev/stderr\nDocumentRoot {folder}\nDirectoryIndex page\n"
        "<Location />\nAuthType Basic\nAuthName login\nAuthUserFile {folder}/kept\nRequire valid-user\n</Location>\n",
        _web,
    ),
    "mosquitto": Server(
        "mosquitto",
        "mosquitto -c {folder}/config",
        "listener {port} {host}\nallow_anonymous false\npassword_file {folder}/kept\n",
        _broker,
    ),
    "snmpd": Server(
        "usm",
        "snmpd -f -Le -C -c {folder}/config,{folder}/kept -I system_mib,usmUser,usmConf,vacm_conf udp:{host}:{port}",
        "sysName the panel\nrouser " + USER + " priv\n",
        _agent,
    ),
}


@contextmanager
def running(server: Server, kept: str) -> Iterator[Callable[[str], bool]]:
    """Whether a secret lets one in."""
    with tempfile.TemporaryDirectory() as made_folder, socket.create_server((HOST, 0)) as free:
        folder, port = Path(made_folder), free.getsockname()[1]
        folder.chmod(0o755)  # servers give up their rights before they read
        (folder / "kept").write_text(kept, encoding="utf-8")
        (folder / "page").write_text("the panel", encoding="utf-8")
        config = server.config.format(folder=folder, host=HOST, port=port)
        (folder / "config").write_text(config, encoding="utf-8")
        free.close()
        argv = server.argv.format(folder=folder, host=HOST, port=port).split()
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(argv, stderr=log, stdout=log, env=_environ(folder)) as process,
        ):
            try:
                until(lambda: _up(server, port, folder, process), f"{argv[0]} answers")
                yield lambda secret: bool(server.let_in(port, folder, secret))
            finally:
                process.terminate()


def _up(server: Server, port: int, folder: Path, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
    return server.let_in(port, folder, "not-the-secret") is not None


def _environ(folder: Path) -> dict[str, str]:
    """Nothing of net-snmp's outside the folder, and none of the MIBs that Debian has not."""
    return {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "own"), "MIBS": ""}


def _needs(*programs: str) -> None:
    lacking = [one for one in programs if not shutil.which(one, path=f"{os.environ['PATH']}:/usr/sbin")]
    if lacking:
        pytest.skip(f"not installed: {', '.join(lacking)}")


# --- the rule ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "scheme"),
    [(name, way.scheme) for name, server in SERVERS.items() for way in WAYS.get(server.store, ())],
)
def test_a_server_lets_in_who_has_the_secret_and_nobody_else(name: str, scheme: str) -> None:
    _needs(name)
    server = SERVERS[name]
    shape = PLACES["mosquitto" if name == "mosquitto" else "htpasswd"]
    secret, other = made_passphrase(shape), made_secret(shape)
    with running(server, f"{USER}:{made(server.store, secret, [scheme])}\n") as lets_in:
        assert lets_in(secret)
        assert not lets_in(other) and not lets_in(secret[:-1])


def test_an_snmp_agent_answers_who_has_the_secret_and_nobody_else() -> None:
    _needs("snmpd", "snmpget")
    secret, other = made_secret(PLACES["usm"]), made_passphrase(PLACES["usm"])
    login, cipher = (f"0x{usm_key(ENGINE, secret, part).hex()}" for part in ("authentication", "privacy"))
    kept = f"exactEngineID 0x{ENGINE.hex()}\ncreateUser {USER} SHA-256 -l {login} AES -l {cipher}\n"
    with running(SERVERS["snmpd"], kept) as lets_in:
        assert lets_in(secret)
        assert not lets_in(other) and not lets_in(secret[:-1])
